"""How the items of a GB/T 32150 report stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.messages import LANGUAGES, render_reason
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Completeness, Result, Said, items_of, judged
from zerofactory_mappings.gb_t_32150.build import STANDARD
from zerofactory_mappings.gb_t_32150.model import Gbt32150

Finding = tuple[str, tuple[str, ...], tuple[Said, ...]]

#: Reasons of an unknown figure that are told in full.
_TOLD = 3


def check(model: Gbt32150) -> Completeness:
    """Every item of the list, judged on what the report holds."""
    items = items_of(STANDARD)
    results = []
    for item in items.items:
        key, where, missing = CHECKS[item.id](model)
        results.append(Result(item, key, where, missing))
    return judged(items, results)


def _stated(where: str, **parts: object) -> Finding:
    """Present when every part is there, partly when some are; a part is named by its message ``gbt.part-NAME``."""
    lacking = tuple(Said(f"gbt.lacks-{name.replace('_', '-')}") for name, value in parts.items() if not value)
    key = "present" if not lacking else "missing" if len(lacking) == len(parts) else "partly"
    return key, (where,) if key != "missing" else (), lacking


def _entity(model: Gbt32150) -> Finding:
    dossier = model.subject.alone.dossier
    address = dossier.facility.get("address") or dossier.organisation.get("address")
    return _stated("entity", name=model.subject.name["zh"],
                   credit_code=dossier.organisation.get("unified_social_credit_code"), address=address,
                   sector=dossier.facility.get("sector") or dossier.facility.get("gb_t_4754"))


def _responsible(model: Gbt32150) -> Finding:
    said = model.subject.statement
    return _stated("entity", responsible=said.get("responsible/name"), contact=said.get("responsible/contact"))


def _boundary(model: Gbt32150) -> Finding:
    boundary = model.subject.alone.dossier.boundary
    return _stated("boundary", approach=boundary.get("approach"), parts=boundary.get("parts"))


def _sources(model: Gbt32150) -> Finding:
    lacking = []
    for table in ("energy", "electricity", "heat", "processes", "fugitive"):
        if table not in model.subject.alone.dossier.complete:
            lacking.append(Said("gbt.table-open", {"table": table}))
    return ("present" if not lacking else "partly"), ("sources",), tuple(lacking)


def _figure(where: str, *amounts: Amount, lines: bool = True) -> Finding:
    """Known figures are present; of unknown ones the first reasons are told."""
    reasons = [r for a in amounts if isinstance(a, Unknown) for r in a.reasons]
    if not reasons:
        return "present", (where,), ()
    told = tuple(Said("gbt.because", {"reason": {lang: render_reason(r, lang) for lang in LANGUAGES}})
                 for r in reasons[:_TOLD])
    more = (Said("gbt.more-reasons", {"count": len(reasons) - _TOLD}),) if len(reasons) > _TOLD else ()
    return ("partly" if lines else "missing"), (where,) if lines else (), (*told, *more)


def _class(*ids: str) -> Callable[[Gbt32150], Finding]:
    def of(model: Gbt32150) -> Finding:
        rows = [model.row(i) for i in ids]
        found = _figure("total", *(r.total.value for r in rows), lines=any(r.lines for r in rows))
        if found[0] == "present" and not any(r.lines for r in rows):
            return "NO", ("total",), ()          # the tables are complete and hold nothing: it does not occur
        return found
    return of


def _total(model: Gbt32150) -> Finding:
    return _figure("total", model.total)


def _activity(model: Gbt32150) -> Finding:
    without = [a.row for a in model.activities if not a.obtained]
    if not model.activities:
        return "missing", (), (Said("gbt.no-activity"),)
    if without:
        return "partly", ("activity",), (Said("gbt.not-obtained", {"count": len(without), "rows": ", ".join(
            without[:_TOLD])}),)
    return "present", ("activity",), ()


def _factors(model: Gbt32150) -> Finding:
    return ("present", ("factors",), ()) if model.factors else ("missing", (), (Said("gbt.no-factors"),))


def _quality(model: Gbt32150) -> Finding:
    return _stated("other", monitoring=model.subject.statement.get("monitoring"))


def _other(model: Gbt32150) -> Finding:
    boundary = model.subject.alone.dossier.boundary
    told = boundary.get("exclusions") is not None or model.subject.statement.get("excluded") is not None
    return _stated("other", exclusions=told)


def _truth(model: Gbt32150) -> Finding:
    return _stated("other", conformity=model.subject.statement.get("report/conformity"))


CHECKS: Mapping[str, Callable[[Gbt32150], Finding]] = {
    "entity": _entity, "period": lambda model: ("present", ("entity",), ()), "responsible": _responsible,
    "boundary": _boundary, "sources": _sources, "total": _total, "combustion": _class("combustion"),
    "process": _class("process"), "purchased": _class("purchased_electricity", "purchased_heat"),
    "exported": _class("exported_electricity", "exported_heat"), "biomass": _class("biomass"),
    "activity-data": _activity, "factors": _factors, "quality": _quality, "other": _other, "truth": _truth,
}


def known(value: Amount) -> Decimal | None:
    """The figure, None when it is not known."""
    return value if isinstance(value, Decimal) else None
