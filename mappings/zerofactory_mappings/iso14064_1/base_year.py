"""The base year: what is stated of it, its dossier computed again, and whether it has to be recalculated (6.4).

A recalculation runs when a dossier of the base year is given. What differs between then and now is: the factor sets and
options that the statement says the base year was reported with (or, without a word, the GWP set that the dossier names
for it), parts that were sold or are taken in otherwise now, facilities that were bought (a further dossier of the base
year), and errors found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.options import Options
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.disclosures.statement import picked
from zerofactory_mappings.iso14064_1.model import BaseYear, Earlier, Figure
from zerofactory_mappings.iso14064_1.tables import sold_kinds
from zerofactory_mappings.years.build import label_of
from zerofactory_mappings.years.changes import Acquired, Change, Correction, Sold
from zerofactory_mappings.years.recalculate import Recalculation, recalculate

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier
    from zerofactory_mappings.disclosures.subject import Subject

UNIT = "tCO2e"
#: Figures of a dossier's base year, and the group of the inventory that computes the same thing, location-based.
GROUPS = {"total_emissions": "all", "scope_1_emissions": "scope/1", "scope_2_location_emissions": "scope/2",
          "scope_3_emissions": "scope/3"}
_HUNDRED = Decimal(100)


def earlier_of(subject: Subject) -> tuple[Earlier, ...]:
    """Dossiers of earlier periods of the same facility, oldest first."""
    mine = subject.alone.dossier.facility.get("id")
    return tuple(Earlier(label_of(m.dossier), m.dossier, m.inventory)
                 for m in sorted(subject.bases, key=lambda m: (m.dossier.period.start, m.dossier.id))
                 if m.dossier.facility.get("id") == mine)


def base_year_of(subject: Subject, earlier: Sequence[Earlier]) -> BaseYear:
    """Everything about the base year.

    Raises:
        ProblemsError: options, sets or corrections that cannot be applied.
    """
    statement, dossier = subject.statement, subject.alone.dossier
    own, said = dossier.base_year, statement.get("base_year") or {}
    year = said.get("year") or own.get("year")
    year = None if year is None else int(year)
    base = next((e for e in earlier if year is not None and e.dossier.period.start.year == year),
                earlier[0] if earlier and year is None else None)
    threshold = _threshold(said, own)
    reported = tuple(_reported(subject, year))
    found, limits = (None, _not_used(subject, year)) if base is None else _recalculated(subject, base, threshold)
    compared = tuple((f.name, f.value, base.inventory.total(f.name).value) for f in reported
                     if base is not None and f.unit == UNIT and _is_group(f.name))
    stated = (*(own.get("recalculations") or ()), *statement.rows("base_year.recalculations"))
    conflict = bool(said.get("year") and own.get("year") and int(said["year"]) != int(own["year"]))
    return BaseYear(year, said.get("reason"), said.get("policy") or own.get("policy"), threshold, own.get("method"),
                    own.get("gwp_set"), reported, base, found, compared, stated, limits, conflict)


def _not_used(subject: Subject, year: int | None) -> tuple[Said, ...]:
    """That dossiers were given and none is of the base year of this facility."""
    ids = ", ".join(m.dossier.id for m in subject.bases)
    return (Said("iso14064.base-not-given", {"year": str(year or "—"), "dossiers": ids}),) if ids else ()


def _threshold(said: Mapping[str, Any], own: Mapping[str, Any]) -> Decimal | None:
    """The share from which effects lead to a recalculation; a statement writes per cent, a dossier keeps a share."""
    if isinstance(said.get("threshold_percent"), Decimal):
        return CONTEXT.divide(said["threshold_percent"], _HUNDRED)
    stated = own.get("threshold_percent")
    return stated if isinstance(stated, Decimal) else None


def _reported(subject: Subject, year: int | None) -> Iterator[Figure]:
    """Figures of the base year as they were reported."""
    if year is None:
        return
    dossier = subject.alone.dossier
    for entry in dossier.base_year.get("figures") or ():
        if isinstance(entry.get("amount"), Decimal) and entry.get("figure"):
            name = str(entry["figure"])
            yield Figure(year, GROUPS.get(name, name), entry["amount"], str(entry.get("unit") or ""),
                         entry.get("verification"))
    for entry in subject.statement.rows("previous"):
        if int(entry["year"]) == year:
            yield Figure(year, str(entry["figure"]), entry["value"], str(entry["unit"]))


def _is_group(name: str) -> bool:
    return name in ("all", "scopes_1_2") or name.partition("/")[0] in ("scope", "iso_category", "iso_subcategory")


# -- recalculation ----------------------------------------------------------------------------------------------------

def _recalculated(subject: Subject, base: Earlier, threshold: Decimal | None
                  ) -> tuple[Recalculation, tuple[Said, ...]]:
    changes, limits = _changes(subject, base)
    then = _then(subject, base.dossier)
    found = recalculate(base.dossier, then, subject.options, changes, latest=subject.alone.dossier,
                        threshold=threshold, library=subject.library)
    return found, (*limits, *found.limits)


def _then(subject: Subject, base: Dossier) -> Options:
    """What the base year was reported with: as stated, else the GWP set that a dossier names for it."""
    said = subject.statement.get("base_year.reported_with") or {}
    now = subject.options
    sets, options = dict(said.get("factor_sets") or {}), dict(said.get("options") or {})
    if "gwp" not in sets:
        named = str(subject.alone.dossier.base_year.get("gwp_set") or base.base_year.get("gwp_set") or "")
        candidate = f"ipcc-{named.lower().removeprefix('ipcc').strip(' -_')}"
        if candidate in subject.library.ids:
            sets["gwp"] = candidate
    return replace(now, factor_sets={**now.factor_sets, **sets}, options={**now.options, **options},
                   known_on=said.get("known_on") or now.known_on)


def _changes(subject: Subject, base: Earlier) -> tuple[tuple[Change, ...], tuple[Said, ...]]:
    """Sold parts, bought facilities and corrections; what cannot be carried out limits the comparability."""
    out: list[Change] = []
    limits: list[Said] = []
    parts = {p.get("id") for p in base.dossier.boundary.get("parts") or ()}
    for entry in subject.alone.dossier.boundary.get("changes") or ():
        if entry.get("kind") not in sold_kinds():
            continue
        if entry.get("part") in parts:
            out.append(Sold.of(str(entry["part"]), str(entry.get("what") or "")))
        else:
            part = str(entry.get("part") or entry.get("what") or "—")
            limits.append(Said("iso14064.sold-not-in-base", {"part": part}))
    mine = base.dossier.facility.get("id")
    out += [Acquired.of(m.dossier, m.dossier.id) for m in subject.bases if m.dossier.facility.get("id") != mine]
    problems: list[Problem] = []
    for number, entry in enumerate(subject.statement.rows("base_year.corrections")):
        table, _, row = str(entry["row"]).partition("/")
        if base.dossier.row(table, row) is None:
            problems.append(Problem("iso14064.no-such-row", subject.statement.place("base_year", "corrections", number),
                                    found=str(entry["row"])))
            continue
        out.append(Correction.of(table, row, str(entry["column"]), str(entry["value"]), _both(entry["reason"])))
    if problems:
        raise ProblemsError(problems)
    return tuple(out), tuple(limits)


def _both(text: object) -> str:
    """A text that is kept without a language: in both where they differ."""
    return " / ".join(dict.fromkeys(picked(text, language) for language in ("zh", "en")))


def difference(stated: Decimal, computed: Amount) -> tuple[Decimal, Decimal | None] | None:
    """Computed minus stated in tonnes, and as a share of what was stated; None where the computed figure is unknown."""
    if not isinstance(computed, Decimal):
        return None
    effect = CONTEXT.subtract(computed, stated)
    return effect, CONTEXT.divide(effect, stated.copy_abs()) if stated else None
