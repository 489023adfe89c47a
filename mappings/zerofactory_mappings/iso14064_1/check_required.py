"""The twenty required items (9.3.1), each judged on what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.iso14064_1.model import SILENT
from zerofactory_mappings.iso14064_1.sections import at
from zerofactory_mappings.iso14064_1.tables import DIRECT, latest_gwp, named

if TYPE_CHECKING:
    from zerofactory_engine.accounting.totals import Total
    from zerofactory_mappings.iso14064_1.model import Category, IsoModel, Subcategory

#: Notation keys that account for a category without figures.
ACCOUNTED = frozenset({"NO", "IE", "NA"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for an item: key, places, what is missing, a note."""

    key: str
    where: tuple[str, ...] = ()
    missing: tuple[Said, ...] = ()
    note: Said | None = None


def graded(where: Sequence[str], missing: Sequence[Said], *, some: bool = True, note: Said | None = None) -> Finding:
    """Present when nothing is missing, *partly* when *some* of it is there, else missing."""
    if not missing:
        return Finding("present", tuple(where), (), note)
    return Finding("partly" if some else "missing", tuple(where) if some else (), tuple(missing), note)


def lacks(found: Mapping[str, object]) -> list[Said]:
    """A sentence for each named thing that is not there."""
    return [Said(f"iso14064.lacks.{name}") for name, value in found.items() if not value]


def not_known(found: Total, name: str) -> list[Said]:
    """That a total is not known, and for how many reasons."""
    if not isinstance(found.value, Unknown):
        return []
    return [Said("iso14064.lacks.total", {"category": name, "count": str(len(found.value.reasons))})]


def listed(codes: Iterable[str]) -> str:
    """Codes in a sentence."""
    return ", ".join(codes)


# -- a to d: who, whom to ask, when, where ----------------------------------------------------------------------------

def _organisation(model: IsoModel) -> Finding:
    own, facility = model.dossier.organisation, model.dossier.facility
    address = own.get("address") or facility.get("address")
    missing = lacks({"name": own.get("name"), "address": address, "activity": activity(model)})
    return graded((at("organisation"), "organisation.name", "facility.sector"), missing, some=len(missing) < 3)


def activity(model: IsoModel) -> Any:
    """What the organisation does: as the statement says, else the facility's sector."""
    facility = model.dossier.facility
    return model.statement.get("activity") or facility.get("sector") or facility.get("gb_t_4754")


def _responsible(model: IsoModel) -> Finding:
    said = model.statement.get("responsible") or {}
    who = said.get("name") or said.get("unit")
    missing = lacks({"responsible": who, "role": said.get("role") or (who if said.get("unit") else None)})
    return graded((at("organisation"), "responsible"), missing, some=bool(who))


def _period(model: IsoModel) -> Finding:
    return Finding("present", (at("organisation"), f"{model.subject.start} – {model.subject.end}"))


def _organisational_boundary(model: IsoModel) -> Finding:
    boundary = model.dossier.boundary
    parts = boundary.get("parts") or ()
    silent = [str(p.get("name") or p.get("id")) for p in parts if p.get("inside") is False and not p.get("reason")]
    missing = lacks({"approach": boundary.get("approach"),
                     "parts": parts or model.statement.get("organisation_boundary")})
    if silent:
        missing.append(Said("iso14064.lacks.part-reason", {"parts": listed(silent)}))
    some = bool(boundary.get("approach") or parts or model.statement.get("organisation_boundary"))
    return graded((at("organisation"), "boundary.parts"), missing, some=some)


# -- e, i, j: reporting boundary, exclusions, categories --------------------------------------------------------------

def needs_decision(found: Subcategory) -> bool:
    """Whether nobody decided about its significance, nor said that it does not occur."""
    return found.decision is None and found.state not in ACCOUNTED and not found.code.startswith(f"{DIRECT}.")


def _reporting_boundary(model: IsoModel) -> Finding:
    criteria = model.statement.rows("significance.criteria")
    text = model.dossier.boundary.get("significance")
    open_ones = [s.code for s in model.subcategories if needs_decision(s)]
    missing = lacks({"criteria": criteria or text})
    if open_ones:
        missing.append(Said("iso14064.lacks.decision", {"codes": listed(open_ones)}))
    note = Said("iso14064.criteria-as-text") if text and not criteria else None
    some = bool(criteria or text or model.decisions)
    return graded((at("boundary"), "significance"), missing, some=some, note=note)


def _exclusions(model: IsoModel) -> Finding:
    silent = [e.id for e in model.exclusions if not e.reason]
    missing = [Said("iso14064.lacks.exclusion-reason", {"ids": listed(silent)})] if silent else []
    alone = {code for d in model.decisions if d.significant and len(named(d.subject)) == 1 for code in named(d.subject)}
    left = [s.code for c in model.categories for s in c.subcategories
            if s.decision is not None and s.decision.significant and s.state in (SILENT, "NE")
            and (s.code in alone or not c.quantified)]
    if left:
        missing.append(Said("iso14064.lacks.significant-left-out", {"codes": listed(left)}))
    if not model.exclusions and model.statement.get("excluded") is None:
        missing.append(Said("iso14064.lacks.exclusions"))
    return graded((at("boundary"), "boundary.exclusions"), missing, some=bool(model.exclusions))


def _indirect(model: IsoModel) -> Finding:
    missing: list[Said] = []
    where = [at("results")]
    for category in model.categories[1:]:
        missing += _category(category)
    missing += [Said("iso14064.departs", {"clause": r.clause, "what": dict(r.title)}) for r in model.departures
                if "j" in r.items]
    return graded(where, missing, some=any(c.quantified for c in model.categories[1:]))


def _category(category: Category) -> list[Said]:
    """What is missing of one category: its total, or a word about each subcategory without figures."""
    if category.quantified:
        return not_known(category.total, category.code)
    silent = [s.code for s in category.subcategories if s.state in (SILENT, "NE")]
    return [Said("iso14064.lacks.category", {"category": category.code, "codes": listed(silent)})] if silent else []


# -- f, g, h: gases, biogenic CO2, removals ---------------------------------------------------------------------------

def _gases(model: IsoModel) -> Finding:
    unknown = [g.gas for g in model.gases if isinstance(g.tonnes, Unknown) or isinstance(g.equivalent, Unknown)]
    unsplit = [g for g in model.gases if g.gas == "CO2e"]
    missing = [Said("iso14064.lacks.gases", {"gases": listed(unknown)})] if unknown else []
    if unsplit:
        missing.append(Said("iso14064.lacks.split", {"lines": str(unsplit[0].lines)}))
    missing += [Said("iso14064.departs", {"clause": r.clause, "what": dict(r.title)}) for r in model.departures
                if "f" in r.items]
    return graded((at("gases"),), missing, some=len(unknown) < len(model.gases))


def _biogenic(model: IsoModel) -> Finding:
    unknown = [a for a in model.biogenic if isinstance(a.total.value, Unknown)]
    missing = [Said("iso14064.lacks.biogenic-total", {"count": str(len(unknown))})] if unknown else []
    missing += [Said("iso14064.departs", {"clause": r.clause, "what": dict(r.title)}) for r in model.departures
                if "g" in r.items]
    if not model.statement.get("biogenic"):
        missing.append(Said("iso14064.lacks.biogenic-text"))
    some = bool(model.biogenic or model.statement.get("biogenic"))
    return graded((at("apart"), "biogenic"), missing, some=some)


def _removals(model: IsoModel) -> Finding:
    found = [a for a in (*model.removals, *model.biogenic) if a.kind in ("stored", "removal")]
    unknown = [a for a in found if isinstance(a.total.value, Unknown)]
    if unknown:
        return Finding("partly", (at("apart"),), (Said("iso14064.lacks.removal-total", {"count": str(len(unknown))}),))
    if found or model.statement.get("removals"):
        return Finding("present", (at("apart"), "removals"))
    return Finding("missing", (), (Said("iso14064.lacks.removals"),))


# -- k, l: base year --------------------------------------------------------------------------------------------------

def _base_year(model: IsoModel) -> Finding:
    found = model.base_year
    if found.year is None:
        return Finding("missing", (), (Said("iso14064.lacks.base-year"),))
    missing = [Said("iso14064.lacks.base-conflict")] if found.conflict else []
    if not found.has_inventory:
        missing.append(Said("iso14064.lacks.base-inventory", {"year": str(found.year)}))
    return graded((at("base_year"),), missing)


def _recalculation(model: IsoModel) -> Finding:
    found = model.base_year
    log = model.statement.get("base_year.recalculations")
    said = bool(found.stated_recalculations) or log is not None or found.recalculation is not None
    missing = lacks({"policy": found.policy, "threshold": found.threshold is not None, "change-log": said,
                     "comparability": found.recalculation is not None or found.limits
                     or model.statement.get("base_year.comparability")})
    note = None
    if found.recalculation is not None:
        triggered = found.recalculation.triggered
        if isinstance(triggered, Unknown):
            missing.append(Said("iso14064.lacks.trigger"))
        elif triggered:
            note = Said("iso14064.note.triggered")
    return graded((at("base_year"), "base_year.policy"), missing, some=len(missing) < 4, note=note)


# -- m, n, o, t: approaches and factors -------------------------------------------------------------------------------

def _approaches(model: IsoModel) -> Finding:
    silent = list(dict.fromkeys(a.subcategory for a in model.approaches if not a.reason))
    missing = [Said("iso14064.lacks.approach-reason", {"codes": listed(silent)})] if silent else []
    if not model.approaches:
        missing.append(Said("iso14064.lacks.approaches"))
    return graded((at("methods"), "approaches"), missing, some=bool(model.approaches))


def _changes(model: IsoModel) -> Finding:
    if model.statement.get("changes") is None:
        return Finding("missing", (), (Said("iso14064.lacks.changes"),))
    return Finding("present", (at("methods"), "changes"))


def _factors(model: IsoModel) -> Finding:
    unsourced = [f.first_row for f in model.row_factors if not f.source]
    undated = [f.first_row for f in model.row_factors if f.source and not f.year]
    missing = [Said("iso14064.lacks.factor-source", {"rows": listed(unsourced[:8]), "count": str(len(unsourced))})] \
        if unsourced else []
    if not model.factors and not model.row_factors:
        missing.append(Said("iso14064.lacks.factors"))
    note = Said("iso14064.note.factor-year", {"count": str(len(undated))}) if undated else None
    return graded((at("factors"),), missing, some=bool(model.factors or model.row_factors), note=note)


def _potentials(model: IsoModel) -> Finding:
    used = model.inventory.sets.get("gwp")
    if used is None:
        return Finding("missing", (), (Said("iso14064.lacks.gwp"),))
    note = None if used.id == latest_gwp() else Said("iso14064.note.gwp-older",
                                                     {"set": used.id, "latest": latest_gwp()})
    return Finding("present", (at("factors"), f"{used.id} {used.pin.version}"), (), note)


# -- p, q: uncertainty ------------------------------------------------------------------------------------------------

def _accuracy(model: IsoModel) -> Finding:
    told = {str(e["category"]) for e in model.statement.rows("uncertainty.by_category")}
    silent, some = [], False
    for category in model.categories:
        if not category.quantified:
            continue
        found = model.uncertainty.get(f"iso_category/{category.code}")
        if category.code in told or (found is not None and found.correlated is not None):
            some = True
        else:
            silent.append(category.code)
    missing = [Said("iso14064.lacks.accuracy", {"codes": listed(silent)})] if silent else []
    return graded((at("uncertainty"), "uncertainty.by_category"), missing, some=some)


def _assessment(model: IsoModel) -> Finding:
    found = model.uncertainty.get("all")
    computed = found is not None and found.correlated is not None
    said = model.statement.get("uncertainty.text")
    missing = lacks({"uncertainty-method": computed or model.statement.get("uncertainty.method"),
                     "uncertainty-result": computed or said})
    part = found.not_stated if found is not None else None
    note = Said("iso14064.note.not-stated", {"share": _percent(part)}) if computed and part else None
    return graded((at("uncertainty"),), missing, some=bool(computed or said), note=note)


def _percent(share: Decimal) -> str:
    from zerofactory_mappings.publishing.numbers import percent

    return percent(share)


# -- r, s: conformity and verification --------------------------------------------------------------------------------

def _conformity(model: IsoModel) -> Finding:
    stated = (model.statement.get("report") or {}).get("conformity")
    if stated is None:
        return Finding("missing", (), (Said("iso14064.lacks.conformity"),))
    note = Said("iso14064.note.departures", {"count": str(len(model.departures))}) if model.departures else None
    if stated is False:
        return Finding("present", (at("conformity"), "report/conformity"), (), Said("iso14064.note.not-conform"))
    return Finding("present", (at("conformity"), "report/conformity"), (), note)


def _verification(model: IsoModel) -> Finding:
    said = model.statement.get("verification")
    if said is None:
        return Finding("missing", (), (Said("iso14064.lacks.verification"),))
    if not said["verified"]:
        return Finding("present", (at("conformity"), "verification"), (), Said("iso14064.note.not-verified"))
    wanted = {"verification-kind": said.get("kind"), "verification-body": said.get("body")}
    if said.get("kind") in (None, "verification"):
        wanted["verification-assurance"] = said.get("assurance")
    return graded((at("conformity"), "verification"), lacks(wanted))


REQUIRED: Mapping[str, Callable[[IsoModel], Finding]] = {
    "a": _organisation, "b": _responsible, "c": _period, "d": _organisational_boundary, "e": _reporting_boundary,
    "f": _gases, "g": _biogenic, "h": _removals, "i": _exclusions, "j": _indirect, "k": _base_year,
    "l": _recalculation, "m": _approaches, "n": _changes, "o": _factors, "p": _accuracy, "q": _assessment,
    "r": _conformity, "s": _verification, "t": _potentials}
