"""How the items of a GB/T 32150 report stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.messages import LANGUAGES, render_reason
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Completeness, Result, Said, items_of, judged
from zerofactory_mappings.gb_t_32150.build import STANDARD
from zerofactory_mappings.gb_t_32150.model import PLUS, Gbt32150

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
    lacking = _open_tables(model, [table for row in model.classes if row.sign == PLUS for table in row.tables])
    return ("present" if not lacking else "partly"), ("sources",), lacking


def _open_tables(model: Gbt32150, tables: Iterable[str]) -> tuple[Said, ...]:
    """The tables that the dossier does not declare complete, each once."""
    complete = model.subject.alone.dossier.complete
    return tuple(Said("gbt.table-open", {"table": table}) for table in dict.fromkeys(tables) if table not in complete)


def _applies(model: Gbt32150) -> Finding:
    """Enterprises inside the trading scheme follow its technical specifications instead."""
    covered = model.subject.alone.dossier.facility.get("ets_covered")
    if covered is None:
        return "missing", (), (Said("gbt.lacks-ets"),)
    return ("partly", ("entity",), (Said("gbt.inside-ets"),)) if covered else ("present", ("entity",), ())


def _gases(model: Gbt32150) -> Finding:
    """Whether the inventory was told to leave gases out."""
    if model.inventory.options.get("gases") == "all":
        return "present", ("sources",), ()
    return "partly", ("sources",), (Said("gbt.co2-alone"),)


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
    """Known sums are present. An empty class does not occur once its tables are complete; before that nobody knows."""
    def of(model: Gbt32150) -> Finding:
        rows = [model.row(i) for i in ids]
        found = _figure("total", *(r.total.value for r in rows), lines=any(r.lines for r in rows))
        if found[0] != "present" or any(r.lines for r in rows):
            return found
        lacking = _open_tables(model, [table for r in rows for table in r.tables])
        return ("missing", (), lacking) if lacking else ("NO", ("total",), ())
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
    "applicability": _applies, "recovered": _class("recovered"), "gases": _gases,
    "activity-data": _activity, "factors": _factors, "quality": _quality, "other": _other, "truth": _truth,
}
