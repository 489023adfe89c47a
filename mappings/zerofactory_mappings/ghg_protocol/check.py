"""What a report in accordance with the GHG Protocol has to hold, and what is missing of it here.

Items come from ``standards/ghg-protocol/completeness.yaml``; this module knows for each of them where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.messages import render
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


def _unknown(what: str, total: Total, **args: str) -> list[Said]:
    """One sentence for a total that is not known, called as the message *what* says, with the number of its reasons."""
    if not isinstance(total.value, Unknown):
        return []
    named = {language: render(what, language, args) for language in ("zh", "en")}
    return [Said("ghgp.miss.unknown", {"what": named, "count": str(len(total.value.reasons))})]


def _both_of_scope_2(model: GhgModel) -> list[Said]:
    return [*_unknown("ghgp.figure.scope_2_location", model.scope_2.location),
            *_unknown("ghgp.figure.scope_2_market", model.scope_2.market)]


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
    missing = [*_unknown("ghgp.figure.scopes_1_2_location", model.scopes_1_2.location),
               *_unknown("ghgp.figure.scopes_1_2_market", model.scopes_1_2.market)]
    return _graded(("totals",), missing)


def _scopes(model: GhgModel) -> Finding:
    return _graded(("totals",), [*_unknown("ghgp.figure.scope_1", model.scope_1), *_both_of_scope_2(model)])


def _gases(model: GhgModel) -> Finding:
    open_gases = [g.gas for g in model.gases if isinstance(g.tonnes, Unknown)]
    missing = [Said("ghgp.miss.gases", {"gases": ", ".join(open_gases)})] if open_gases else []
    if any(g.gas == "CO2e" for g in model.gases):
        missing.append(Said("ghgp.miss.not-split", {}))
    return _graded(("gases",), missing)


def _biogenic(model: GhgModel) -> Finding:
    if model.biogenic_by_scope:
        return _graded(("outside",), _unknown("ghgp.grid.biogenic", model.outside["biogenic_co2"].location))
    if _stated(model, "biogenic"):
        return Finding(PRESENT, ("outside",))
    if any(isinstance(line.location.value, Unknown) and line.table == "energy" for line in model.consolidated.inside):
        return Finding(MISSING, (), (Said("ghgp.miss.biogenic", {}),))
    return Finding(NOT_OCCURRING, ("outside",), (), Said("ghgp.note.no-biogenic", {}))


def _base_year(model: GhgModel) -> Finding:
    base = model.base_year
    there = {"year": base.year, "reason": base.reason, "policy": base.policy, "threshold_percent": base.threshold}
    missing = [Said("ghgp.miss.stated", {"path": f"base_year/{name}"}) for name, value in there.items()
               if value is None or value == ""]
    if not base.has_figures:
        missing.append(Said("ghgp.miss.base-figures", {}))
    if base.conflict:
        missing.append(Said("ghgp.miss.base-conflict", {}))
    return _graded(("base_year",), missing, any(there.values()) or base.has_figures)


def _changes(model: GhgModel) -> Finding:
    """The statement says which changes there were, or the dossiers' boundaries list them (an empty list: none)."""
    if _said_at_all(model, "changes") or _in_every_boundary(model, "changes"):
        return Finding(PRESENT, ("boundary",))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": "changes"}),))


def _methods(model: GhgModel) -> Finding:
    return _graded(("methods",), _without_factor(model, lambda line: line.scope in (1, 2)))


def _exclusions(model: GhgModel) -> Finding:
    if _said_at_all(model, "excluded") or _in_every_boundary(model, "exclusions"):
        return Finding(PRESENT, ("boundary",))
    return Finding(MISSING, (), (Said("ghgp.miss.stated", {"path": "excluded"}),))


def _other_gases(model: GhgModel) -> Finding:
    if model.other_gases:
        return Finding(PRESENT, ("outside",))
    return Finding(NOT_OCCURRING, ("outside",), (), Said("ghgp.note.no-other-gas", {}))


def _intensity(model: GhgModel) -> Finding:
    return _by_statement(model, "indicators", "statement")


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
    return _graded(("totals",), _both_of_scope_2(model))


def _target_method(model: GhgModel) -> Finding:
    return _by_statement(model, "scope_2/basis", "totals")


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
    found: dict[str, list[str]] = {}
    missing: list[Said] = []
    for row in model.categories:
        if row.total is not None:
            missing += _unknown("ghgp.figure.category", row.total, number=str(row.category.number))
        elif row.key not in _EXPLAINED:
            code = "ghgp.miss.not-estimated" if row.key == NOT_ESTIMATED else "ghgp.miss.category"
            found.setdefault(code, []).append(str(row.category.number))
        elif not row.reason and not row.where:
            found.setdefault("ghgp.miss.category-reason", []).append(str(row.category.number))
    missing += [Said(code, {"numbers": ", ".join(numbers)}) for code, numbers in found.items()]
    return _graded(("scope3",), missing, any(row.total is not None for row in model.categories))


def _excluded_categories(model: GhgModel) -> Finding:
    rows = [c for c in model.categories if c.total is None]
    silent = [str(c.category.number) for c in rows if c.key == MISSING or not (c.reason or c.where)]
    missing = [Said("ghgp.miss.category-reason", {"numbers": ", ".join(silent)})] if silent else []
    return _graded(("scope3",), missing, len(silent) < len(rows))


def _category_biogenic(model: GhgModel) -> Finding:
    rows = [c for c in model.categories if c.total is not None]
    if any(c.biogenic != 0 for c in rows):
        return Finding(PRESENT, ("scope3",))
    if _stated(model, "biogenic"):
        return Finding(PRESENT, ("outside",))
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
    found, base = _base_year(model), model.base_year
    if any(s.figure == "scope_3" and s.year == base.year for s in base.stated) or any(
            e.totals["scope_3"].lines and e.year == base.year for e in base.earlier):
        return found
    return Finding(MISSING if found.key == MISSING else PARTLY, found.where,
                   (*found.missing, Said("ghgp.miss.base-scope3", {})))


# -- looking ----------------------------------------------------------------------------------------------------------


def _stated(model: GhgModel, path: str) -> Any:
    return model.subject.statement.get(path)


def _said_at_all(model: GhgModel, path: str) -> bool:
    """Whether the statement says something of *path*; an empty list says that there is none."""
    return model.subject.statement.get(path) is not None


def _in_every_boundary(model: GhgModel, name: str) -> bool:
    """Whether the boundary of every dossier has a list of that *name*, be it empty."""
    return all(m.dossier.boundary.get(name) is not None for m in model.subject.members)


def _by_statement(model: GhgModel, path: str, where: str) -> Finding:
    if _stated(model, path):
        return Finding(PRESENT, (where,))
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
