"""What a report in accordance with the GHG Protocol has to hold, and what is missing of it here.

Items come from ``standards/ghg-protocol/completeness.yaml``; this module knows for each of them where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Completeness, Result, Said, items_of, judged
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.ghg_protocol.tables import STANDARD

PRESENT, PARTLY, MISSING = "present", "partly", "missing"
NOT_APPLICABLE, NOT_OCCURRING, NOT_ESTIMATED = "NA", "NO", "NE"
#: Notation keys that account for a category that has no figure, once they have a reason.
_EXPLAINED = frozenset({"NO", "IE", "NA"})


@dataclass(frozen=True)
class Finding:
    """What was found for one item: a key, where it stands, what is missing, a note."""

    key: str
    where: tuple[str, ...] = ()
    missing: tuple[Said, ...] = ()
    note: Said | None = None


def check(model: GhgModel) -> Completeness:
    """The completeness of *model* by every item of the list."""
    found = items_of(STANDARD)
    results = []
    for item in found.items:
        finding = CHECKS[item.id](model)
        results.append(Result(item, finding.key, finding.where, finding.missing, finding.note))
    return judged(found, results)


def _graded(where: tuple[str, ...], missing: list[Said], some: bool = True) -> Finding:
    """Present without anything missing; partly when something is there, missing when nothing is."""
    if not missing:
        return Finding(PRESENT, where)
    return Finding(PARTLY if some and where else MISSING, where if some else (), tuple(missing))


def _unknown(what: str, *totals: Total) -> list[Said]:
    """One sentence for a total that is not known, with the number of its reasons."""
    count = sum(len(t.value.reasons) for t in totals if isinstance(t.value, Unknown))
    return [Said("ghgp.miss.unknown", {"what": what, "count": str(count)})] if count else []


def _boundary(model: GhgModel) -> Finding:
    approach = model.consolidated.approach or model.subject.members[0].dossier.boundary.get("approach")
    missing = [] if approach else [Said("ghgp.miss.approach", {})]
    return _graded(("boundary",), missing)


def _operations(model: GhgModel) -> Finding:
    silent = [str(c.category.number) for c in model.categories if c.key == MISSING]
    missing = [Said("ghgp.miss.categories", {"numbers": ", ".join(silent)})] if silent else []
    return _graded(("totals", "scope3"), missing)


def _period(model: GhgModel) -> Finding:
    return Finding(PRESENT, ("boundary",))


def _total(model: GhgModel) -> Finding:
    missing = [*_unknown("1+2 location", model.scopes_1_2.location), *_unknown("1+2 market", model.scopes_1_2.market)]
    return _graded(("totals",), missing)


def _scopes(model: GhgModel) -> Finding:
    missing = [*_unknown("1", model.scope_1), *_unknown("2 location", model.scope_2.location),
               *_unknown("2 market", model.scope_2.market)]
    return _graded(("totals",), missing)


def _gases(model: GhgModel) -> Finding:
    open_gases = [g.gas for g in model.gases if isinstance(g.tonnes, Unknown)]
    missing = [Said("ghgp.miss.gases", {"gases": ", ".join(open_gases)})] if open_gases else []
    if any(g.gas == "CO2e" for g in model.gases):
        missing.append(Said("ghgp.miss.not-split", {}))
    return _graded(("gases",), missing)


def _biogenic(model: GhgModel) -> Finding:
    if model.biogenic_by_scope:
        return _graded(("outside",), _unknown("biogenic CO2", model.outside["biogenic_co2"].location))
    if _stated(model, "biogenic"):
        return Finding(PRESENT, ("statement",))
    if any(isinstance(line.location.value, Unknown) and line.table == "energy" for line in model.consolidated.inside):
        return Finding(MISSING, (), (Said("ghgp.miss.biogenic", {}),))
    return Finding(NOT_OCCURRING, ("outside",), (), Said("ghgp.note.no-biogenic", {}))


def _base_year(model: GhgModel) -> Finding:
    subject, missing, where = model.subject, [], []
    own = subject.members[0].dossier.base_year if len(subject.members) == 1 else {}
    for name in ("year", "reason", "policy", "threshold_percent"):
        if _stated(model, f"base_year/{name}") or own.get(name):
            where.append("statement" if _stated(model, f"base_year/{name}") else "base_year")
        else:
            missing.append(Said("ghgp.miss.stated", {"path": f"base_year/{name}"}))
    if not (_stated(model, "base_year/figures") or own.get("figures") or subject.bases):
        missing.append(Said("ghgp.miss.stated", {"path": "base_year/figures"}))
    return _graded(tuple(dict.fromkeys(where)), missing)


def _changes(model: GhgModel) -> Finding:
    """The statement says which changes there were, or the dossier's boundary lists them (an empty list: none)."""
    if _said_at_all(model, "changes"):
        return Finding(PRESENT, ("statement",))
    if all(m.dossier.boundary.get("changes") is not None for m in model.subject.members):
        return Finding(PRESENT, ("boundary",))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": "changes"}),))


def _methods(model: GhgModel) -> Finding:
    return _graded(("methods",), _without_factor(model, lambda line: line.scope in (1, 2)))


def _exclusions(model: GhgModel) -> Finding:
    if _said_at_all(model, "excluded"):
        return Finding(PRESENT, ("statement",))
    if all(m.dossier.boundary.get("exclusions") is not None for m in model.subject.members):
        return Finding(PRESENT, ("boundary",))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": "excluded"}),))


def _other_gases(model: GhgModel) -> Finding:
    if model.other_gases:
        return Finding(PRESENT, ("outside",))
    return Finding(NOT_OCCURRING, ("outside",), (), Said("ghgp.note.no-other-gas", {}))


def _intensity(model: GhgModel) -> Finding:
    return _by_statement(model, "indicators")


def _offsets(model: GhgModel) -> Finding:
    if model.offsets:
        return Finding(PRESENT, ("outside",))
    complete = all("credits" in m.dossier.complete for m in model.subject.members)
    return Finding(NOT_OCCURRING if complete else NOT_APPLICABLE, (), (), Said("ghgp.note.no-credits", {}))


def _assurance(model: GhgModel) -> Finding:
    if _stated(model, "verification/verified") is False:
        return Finding(PRESENT, ("statement",))
    paths = ("verification/verified", "verification/assurance", "verification/body")
    missing = [Said("ghgp.miss.stated", {"path": p}) for p in paths if not _stated(model, p)]
    return _graded(("statement",), missing, len(missing) < len(paths))


def _two_totals(model: GhgModel) -> Finding:
    missing = [*_unknown("2 location", model.scope_2.location), *_unknown("2 market", model.scope_2.market)]
    return _graded(("totals",), missing)


def _target_method(model: GhgModel) -> Finding:
    return _by_statement(model, "scope_2/basis")


def _instruments(model: GhgModel) -> Finding:
    if not model.instruments:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-instruments", {}))
    return Finding(PRESENT, ("instruments",))


def _quality(model: GhgModel) -> Finding:
    if not model.instruments:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-instruments", {}))
    missing = [Said("ghgp.miss.criteria", {"row": f"{i.dossier_id} {i.row}", "numbers": ", ".join(
        str(n) for n, answer in i.answers.items() if answer == "unknown")})
        for i in model.instruments if "unknown" in i.answers.values()]
    return _graded(("instruments",), missing)


def _order(model: GhgModel) -> Finding:
    rows = next((s.rows for s in model.steps if s.id == "undetermined"), ())
    missing = [Said("ghgp.miss.undetermined", {"rows": ", ".join(rows[:10]), "count": str(len(rows))})] if rows else []
    return _graded(("scope2",), missing)


def _residual(model: GhgModel) -> Finding:
    average = next((s for s in model.steps if s.id == "other_average"), None)
    if average is None or not average.rows:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.residual-used", {}))
    return Finding(PRESENT, ("scope2",), (), Said("ghgp.note.average-disclosed", {}))


def _consumption(model: GhgModel) -> Finding:
    open_steps = [s.id for s in model.steps if isinstance(s.mwh, Unknown)]
    missing = [Said("ghgp.miss.unknown", {"what": "MWh", "count": str(len(open_steps))})] if open_steps else []
    return _graded(("scope2",), missing)


def _hourly(model: GhgModel) -> Finding:
    taken = sum(1 for h in model.consolidated.held if h.share != 0)
    if not model.hourly:
        return Finding(MISSING, (), (Said("ghgp.miss.hourly", {}),))
    missing = [Said("ghgp.miss.hours", {"dossier": v.dossier_id, "hours": str(v.expected - v.hours)})
               for v in model.hourly if not v.complete]
    if len(model.hourly) < taken:
        missing.append(Said("ghgp.miss.hourly-of-some", {"count": str(taken - len(model.hourly))}))
    return _graded(("hourly",), missing)


def _categories(model: GhgModel) -> Finding:
    missing, where = [], []
    for row in model.categories:
        number = {"number": str(row.category.number)}
        if row.total is not None:
            where.append(f"scope3/{row.category.number}")
            missing += _unknown(f"3.{row.category.number}", row.total)
        elif row.key not in _EXPLAINED:
            code = "ghgp.miss.not-estimated" if row.key == NOT_ESTIMATED else "ghgp.miss.category"
            missing.append(Said(code, number))
        elif not row.reason and not row.where:
            missing.append(Said("ghgp.miss.category-reason", number))
    return _graded(("scope3",), missing, bool(where))


def _excluded_categories(model: GhgModel) -> Finding:
    rows = [c for c in model.categories if c.total is None]
    missing = [Said("ghgp.miss.category-reason", {"number": str(c.category.number)})
               for c in rows if c.key == MISSING or not (c.reason or c.where)]
    return _graded(("scope3",), missing, len(missing) < len(rows))


def _category_biogenic(model: GhgModel) -> Finding:
    rows = [c for c in model.categories if c.total is not None]
    if any(c.biogenic != 0 for c in rows):
        return Finding(PRESENT, ("scope3",))
    if _stated(model, "biogenic"):
        return Finding(PRESENT, ("statement",))
    if not rows:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-scope3", {}))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": "biogenic"}),))


def _scope3_methods(model: GhgModel) -> Finding:
    if not model.scope_3.lines:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-scope3", {}))
    return _graded(("scope3", "methods"), _without_source(model))


def _supplier_data(model: GhgModel) -> Finding:
    rows = [c for c in model.categories if c.total is not None]
    if not rows:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-scope3", {}))
    missing = [Said("ghgp.miss.supplier-share", {"number": str(c.category.number)})
               for c in rows if isinstance(c.supplier_share, Unknown)]
    return _graded(("scope3",), missing)


def _scope3_base_year(model: GhgModel) -> Finding:
    if not model.scope_3.lines:
        return Finding(NOT_APPLICABLE, (), (), Said("ghgp.note.no-scope3", {}))
    return _base_year(model)


# -- looking ----------------------------------------------------------------------------------------------------------


def _stated(model: GhgModel, path: str) -> Any:
    return model.subject.statement.get(path)


def _said_at_all(model: GhgModel, path: str) -> bool:
    """Whether the statement says something of *path*; an empty list says that there is none."""
    return model.subject.statement.get(path) is not None


def _by_statement(model: GhgModel, path: str) -> Finding:
    if _stated(model, path):
        return Finding(PRESENT, ("statement",))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": path}),))


def _without_factor(model: GhgModel, wanted: Callable[[Line], bool]) -> list[Said]:
    """Lines whose figure is not known, so that nobody can say by what factor they were computed."""
    rows = list(dict.fromkeys(f"{line.table}/{line.row}".rstrip("/") for line in model.consolidated.inside
                              if wanted(line) and isinstance(line.location.value, Unknown)))
    return [Said("ghgp.miss.method", {"rows": ", ".join(rows[:10]), "count": str(len(rows))})] if rows else []


def _without_source(model: GhgModel) -> list[Said]:
    """Scope 3 rows that do not say where their factor comes from."""
    rows = []
    for held in model.consolidated.held:
        for line in held.lines:
            row = held.member.dossier.row(line.table, line.row) if line.scope == 3 and line.row else None
            if line.scope == 3 and (row is None or not row.values.get("factor_source")):
                rows.append(f"{held.dossier_id} {line.table}/{line.row}".rstrip("/"))
    found = list(dict.fromkeys(rows))
    return [Said("ghgp.miss.factor-source", {"rows": ", ".join(found[:10]), "count": str(len(found))})] if found else []


#: Where to look for each item of the list.
CHECKS: Mapping[str, Callable[[GhgModel], Finding]] = {
    "CS-boundary": _boundary, "CS-operations": _operations, "CS-period": _period, "CS-total": _total,
    "CS-scopes": _scopes, "CS-gases": _gases, "CS-biogenic": _biogenic, "CS-base-year": _base_year,
    "CS-changes": _changes, "CS-methods": _methods, "CS-exclusions": _exclusions, "CS-other-gases": _other_gases,
    "CS-intensity": _intensity, "CS-offsets": _offsets, "CS-assurance": _assurance, "S2-two-totals": _two_totals,
    "S2-target-method": _target_method, "S2-instruments": _instruments, "S2-quality": _quality, "S2-hierarchy": _order,
    "S2-residual": _residual, "S2-consumption": _consumption, "S2-hourly": _hourly, "S3-total": _categories,
    "S3-excluded": _excluded_categories, "S3-biogenic": _category_biogenic, "S3-methods": _scope3_methods,
    "S3-supplier-data": _supplier_data, "S3-base-year": _scope3_base_year,
}
