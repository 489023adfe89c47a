"""Energy: feedstock declared as fuel, discharge called generation, tonnes of steam that say nothing of their heat."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zerofactory_engine.dossier.checks.common import finding
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.problems import Problem

_DIVISION = re.compile(r"[A-T]?(\d{2})\d{0,2}", re.ASCII)
#: Kinds of document that show burning rather than conversion.
_FUEL_EVIDENCE = frozenset({"fuel_analysis"})
#: Kinds of document that show conversion rather than burning.
_FEEDSTOCK_EVIDENCE = frozenset({"material_analysis", "process_diagram"})


def feedstock(dossier: Dossier) -> Iterator[Problem]:
    """Carriers that are feedstock, anywhere or in the facility's sector, but stated as fuel; contrary evidence."""
    match = _DIVISION.fullmatch(dossier.facility.get("gb_t_4754") or "")
    division = match[1] if match is not None else None
    codes = code_list("carriers").codes
    for row in dossier.rows.get("energy", ()):
        carrier, use = row.values.get("carrier"), row.values.get("use")
        entry = codes.get(carrier or "", {})
        sectors = entry.get("feedstock_in", ())
        usual = entry.get("usually") == "feedstock" or (division is not None and division in sectors)
        kinds = {d.kind for e in row.documents if (d := dossier.documents.get(e.document)) is not None}
        if use == "fuel" and (usual or kinds & _FEEDSTOCK_EVIDENCE):
            yield finding("dossier.feedstock-as-fuel", row, "use", found=carrier, accepted="feedstock, reductant")
        elif use in ("feedstock", "reductant") and kinds & _FUEL_EVIDENCE:
            yield finding("dossier.fuel-as-feedstock", row, "use", found=use, accepted="fuel")


def storage_discharge(dossier: Dossier) -> Iterator[Problem]:
    """Discharge of a storage that is stated as generation, and more discharge than charge and stock allow."""
    for row in dossier.rows.get("electricity", ()):
        from_storage = row.values.get("technology") == "storage" or row.values.get("source") == "storage"
        if row.values.get("flow") == "generated" and from_storage:
            yield finding("dossier.discharge-as-generation", row, "flow", found="generated")
    for row in dossier.rows.get("storage", ()):
        charged, discharged = row.values.get("charged_MWh"), row.values.get("discharged_MWh")
        capacity = row.values.get("capacity_MWh") or 0
        if charged is not None and discharged is not None and discharged > charged + capacity:
            yield finding("dossier.discharge-above-charge", row, "discharged_MWh", found=discharged, accepted=charged)


def steam_state(dossier: Dossier) -> Iterator[Problem]:
    """Tonnes of steam without pressure and temperature, enthalpy or heat."""
    for row in dossier.rows.get("heat", ()):
        values = row.values
        if values.get("t") is None or values.get("GJ") is not None or values.get("enthalpy_GJ_per_t") is not None:
            continue
        if values.get("medium") != "steam":
            continue
        saturated = values.get("state") == "saturated"
        pressure, temperature = values.get("pressure_MPa"), values.get("temperature_degC")
        known = (pressure is not None or temperature is not None) if saturated else (
            pressure is not None and temperature is not None)
        if not known:
            yield finding("dossier.steam-without-state", row, "t", accepted="pressure_MPa, temperature_degC")
        elif pressure is not None and values.get("pressure_kind") is None:
            yield finding("dossier.pressure-kind-missing", row, "pressure_kind", accepted="gauge, absolute")
