"""What the builders of documents share: figures of the input as quantities, names, sentences in English."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import catalogue, render
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.documents.model import Case, Quantity
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.model import Given, Process

#: Language of the law: documents are in English.
LANGUAGE = "en"


def say(code: str, **args: object) -> str:
    """The English sentence of ``cbam-documents.<code>``."""
    return render(f"cbam-documents.{code}", LANGUAGE, args)


def word(area: str, code: str | None) -> str | None:
    """What *code* of a closed list is called; one without a name stands as itself; None is None."""
    if code is None:
        return None
    name = f"cbam-documents.{area}.{code}"
    return render(name, LANGUAGE) if name in catalogue(LANGUAGE) else code


def given(value: Given | None) -> Quantity | None:
    """A figure of the input."""
    return None if value is None else Quantity(value.value, value.unit)


def stated(row: Row, name: str) -> Quantity | None:
    """A figure with unit of the plan."""
    amount = row.amount(name)
    return None if amount is None else Quantity(*amount)


def figure(value: Decimal | None, unit: str) -> Quantity | None:
    """A computed figure; None when it is not known."""
    return None if value is None else Quantity(value, unit)


def total(parts: Iterable[Given]) -> Quantity | None:
    """The sum of figures of one unit; None of none."""
    known = tuple(parts)
    if not known:
        return None
    with localcontext(CONTEXT):
        return Quantity(sum((p.value for p in known), Decimal(0)), known[0].unit)


def produced(process: Process) -> Quantity | None:
    """What a process made in the period, in the unit of its category."""
    return total([r.amount for r in process.production] or [g.amount for g in process.goods])


def category(name: str | None) -> str | None:
    """The name of a category of goods."""
    found = scope.find_category(name) if name else None
    return found.en if found is not None else name


def routes(process: Process) -> tuple[str, ...]:
    """The names of the routes by which a process makes its goods."""
    owner = scope.find_category(process.category) if process.category else None
    names = []
    for made in process.production:
        found = scope.find_route(owner, made.route) if owner is not None else None
        names.append(found.en if found is not None else made.route)
    if not names and owner is not None and len(owner.routes) == 1:
        names = [owner.routes[0].en]
    return tuple(dict.fromkeys(names))


def process_name(case: Case, ident: str | None) -> str | None:
    """The name of a process by its id; None when there is no such process."""
    found = case.installation.process(ident) if ident is not None else None
    return None if found is None else found.name or ident


def country(code: str | None) -> str | None:
    """The name of a country."""
    found = scope.find_country(code) if code else None
    return found.en if found is not None else code


def codes_of(case: Case, process: Process) -> tuple[str, ...]:
    """The CN codes of a process, as they are written (``7318 15 42``)."""
    found = [g.cn for g in process.goods] or [p.cn for p in case.installation.products
                                              if p.process == process.id and p.cn]
    return tuple(dict.fromkeys(spaced(c) for c in found))


def spaced(cn: str | None) -> str:
    """``73181542`` as ``7318 15 42``."""
    bare = "".join((cn or "").split())
    return " ".join(x for x in (bare[:4], bare[4:6], bare[6:8], bare[8:]) if x)


def unit_of_goods(functional_unit: str | None) -> str:
    """The functional unit as it is printed."""
    return word("unit", functional_unit) or ""


def period(start: object, end: object) -> str | None:
    """``2026-01-01 – 2026-12-31``; None when either is not known."""
    return None if start is None or end is None else f"{start} – {end}"


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems in their order, each once."""
    found: list[Problem] = []
    for problem in problems:
        if problem not in found:
            found.append(problem)
    return tuple(found)
