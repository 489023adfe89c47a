"""The recommended (9.3.2) and conditional (9.3.3) items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.iso14064_1.check_required import Finding, graded, not_known
from zerofactory_mappings.iso14064_1.sections import at

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel


def _text(name: str) -> Callable[[IsoModel], Finding]:
    """An item that is a text of the statement."""
    def look(model: IsoModel) -> Finding:
        if model.statement.get(name):
            return Finding("present", (at("more"), name))
        return Finding("missing", (), (Said("iso14064.lacks.text", {"name": name}),))
    return look


def _list(name: str) -> Callable[[IsoModel], Finding]:
    """An item that is a list of the statement; an empty one says that there is nothing."""
    def look(model: IsoModel) -> Finding:
        found = model.statement.get(name)
        if found is None:
            return Finding("missing", (), (Said("iso14064.lacks.text", {"name": name}),))
        return Finding("present" if found else "NO", (at("more"), name))
    return look


def _policies(model: IsoModel) -> Finding:
    if model.statement.get("policies"):
        return Finding("present", (at("more"), "policies"))
    if model.dossier.plan.get("pathway"):
        return Finding("partly", (at("more"), "plan.pathway"), (Said("iso14064.lacks.text", {"name": "policies"}),))
    return _text("policies")(model)


def _initiatives(model: IsoModel) -> Finding:
    rows = model.statement.rows("initiatives")
    silent = [r for r in rows if r.get("effect_tCO2e") is None]
    if silent:
        return Finding("partly", (at("more"), "initiatives"),
                       (Said("iso14064.lacks.effect", {"count": str(len(silent))}),))
    if not rows and model.statement.get("initiatives") is None and model.dossier.plan.get("projects"):
        return Finding("partly", (at("more"), "plan.projects"), (Said("iso14064.lacks.measured-effect"),))
    return _list("initiatives")(model)


def _facilities(model: IsoModel) -> Finding:
    return Finding("present", (at("results"),), (), Said("iso14064.note.one-facility"))


def _indirect_total(model: IsoModel) -> Finding:
    return graded((at("results"),), not_known(model.indirect, "2–6"), some=model.indirect.lines > 0)


def _previous(model: IsoModel) -> Finding:
    if model.earlier or model.statement.rows("previous"):
        return Finding("present", (at("base_year"), "previous"))
    return Finding("missing", (), (Said("iso14064.lacks.previous"),))


def _instruments(model: IsoModel) -> Finding:
    if not model.instruments:
        return Finding("NA", (), (), Said("iso14064.note.no-instruments"))
    unknown = [i.row for i in model.instruments if isinstance(i.MWh, Unknown) or isinstance(i.equivalent, Unknown)]
    missing = [Said("iso14064.lacks.instrument", {"count": str(len(unknown)), "first": unknown[0]})] if unknown else []
    return graded((at("electricity"),), missing)


def _credits(model: IsoModel) -> Finding:
    found = model.inventory.offsets
    if not found:
        return Finding("NA", (), (), Said("iso14064.note.no-credits"))
    silent = [o.row for o in found if not o.programme or isinstance(o.quantity, Unknown)]
    missing = [Said("iso14064.lacks.credit", {"rows": ", ".join(silent)})] if silent else []
    return graded((at("electricity"), "credits"), missing)


def _stored(model: IsoModel) -> Finding:
    found = [a for a in (*model.removals, *model.biogenic) if a.kind in ("stored", "removal")]
    if not found:
        return Finding("NA", (), (), Said("iso14064.note.nothing-stored"))
    return Finding("present", (at("apart"), "carbon_capture"))


MORE: Mapping[str, Callable[[IsoModel], Finding]] = {
    "policies": _policies, "initiatives": _initiatives, "projects": _list("projects"),
    "programmes": _list("programmes"), "facility-split": _facilities, "indirect-total": _indirect_total,
    "indicators": _list("indicators"), "benchmarks": _text("benchmarks"), "monitoring": _text("monitoring"),
    "previous": _previous, "year-on-year": _text("year_on_year"), "instruments": _instruments, "credits": _credits,
    "stored-carbon": _stored}
