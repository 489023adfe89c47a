"""The rows of the demo dossier, table by table, in the columns of ``standards/schemas/dossier.schema.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tools.demo_factory.figures import (
    CANTEEN_NM3,
    CREDITS,
    DIESEL_T,
    GAS_ESTIMATED_MONTH,
    GAS_NM3,
    GASOLINE_T,
    GATEWAY_1,
    GATEWAY_2,
    GEC_BUNDLED,
    GEC_EXPIRED,
    GEC_LOTS,
    GREEN_MWH,
    MONTHS,
    NMP_TO_OXIDISER,
    OUTPUT_VALUE,
    OXIDISER_EFFICIENCY,
    PV_EXPORTED,
    PV_GENERATED,
    REVENUE,
    SCOPE_3,
    SF6_CHARGE,
    SF6_TOP_UP,
    STEAM_C,
    STEAM_ENTHALPY,
    STEAM_MPA,
    STEAM_T,
    TENANT_MWH,
    TOP_UPS,
    VALUE_ADDED,
)
from tools.demo_factory.ledgers import EQUIPMENT, METERS, Instrument

from zerofactory_engine.decimals import plain
from zerofactory_mappings.sources.yaml_rows import Cell

Row = Mapping[str, Cell]
QUARTERS = (("2025-01-01", "2025-03-31"), ("2025-04-01", "2025-06-30"), ("2025-07-01", "2025-09-30"),
            ("2025-10-01", "2025-12-31"))


def _month(prefix: str, index: int) -> dict[str, Cell]:
    start, end = MONTHS[index]
    return {"id": f"{prefix}-{index + 1:02d}", "from": str(start), "to": str(end)}


def _half_width(percent: str, basis: str) -> dict[str, str]:
    return {"half_width_percent": percent, "coverage_factor": "2", "basis": basis}


def electricity() -> Iterator[Row]:
    """Both gateways net of green trade and tenant, the trade, the roof, and the tenant, who is outside."""
    error = _half_width("0.5", "class 0.2S with transformers")
    for i in range(12):
        net = GATEWAY_1.kwh[i] / 1000 - GREEN_MWH[i]
        yield {**_month("E1", i), "flow": "consumed", "source": "grid", "meter": "M-E1", "MWh": plain(net),
               "obtained": "metered", "user_number": GATEWAY_1.number, "supplier": "State Grid Sichuan (example)",
               "uncertainty": error, "documents": [f"D-E1#row={i + 2}", f"D-E4#row={i + 2}"]}
    for i in range(12):
        net = GATEWAY_2.kwh[i] / 1000 - TENANT_MWH[i]
        yield {**_month("E2", i), "flow": "consumed", "source": "grid", "meter": "M-E2", "MWh": plain(net),
               "obtained": "metered", "user_number": GATEWAY_2.number, "supplier": "State Grid Sichuan (example)",
               "uncertainty": error, "documents": [f"D-E2#row={i + 2}", f"D-E7#row={i + 2}"]}
    for i in range(12):
        yield {**_month("GP", i), "flow": "consumed", "source": "green trade", "technology": "wind",
               "MWh": plain(GREEN_MWH[i]), "obtained": "invoiced", "contract": "GP-2025-0417",
               "registration_code": "51343423000117", "commissioned": "2023-06-30", "market_boundary": "CN",
               "attribute_owner": "applicant", "attributes_claimed_elsewhere": "no",
               "documents": [f"D-E4#row={i + 2}", "D-E3"]}
    for i in range(12):
        used = PV_GENERATED[i] - PV_EXPORTED[i]
        yield {**_month("PV", i), "flow": "consumed", "source": "on-site", "technology": "solar", "meter": "M-PV",
               "MWh": plain(used), "gross_MWh": plain(PV_GENERATED[i]), "export_MWh": plain(PV_EXPORTED[i]),
               "obtained": "metered", "asset_owner": "third party", "attribute_owner": "applicant",
               "attributes_claimed_elsewhere": "no", "registration_code": "51150023000468",
               "commissioned": "2023-03-01", "physical_path": "roof A to D, 0.4 kV, behind gateway 2",
               "documents": [f"D-E5#row={i + 2}", "D-E6", "D-B4"]}
    for i in range(12):
        yield {**_month("PX", i), "flow": "exported", "source": "on-site", "technology": "solar", "meter": "M-PX",
               "MWh": plain(PV_EXPORTED[i]), "obtained": "metered", "asset_owner": "third party",
               "attribute_owner": "third party", "documents": [f"D-E5#row={i + 2}", "D-B4"]}
    for i in range(12):
        yield {**_month("T1", i), "flow": "consumed", "source": "grid", "part": "B-T", "meter": "M-T1",
               "MWh": plain(TENANT_MWH[i]), "obtained": "metered", "documents": [f"D-E7#row={i + 2}"]}


def energy() -> Iterator[Row]:
    """Gas of production and canteen, fuels of vehicles."""
    fuel = {"carrier": "natural_gas", "use": "fuel", "direction": "consumed", "origin": "purchased", "mobile": "no"}
    for i in range(12):
        estimated = i + 1 == GAS_ESTIMATED_MONTH
        how: dict[str, Cell] = {"obtained": "metered", "uncertainty": _half_width("2", "class 1.0 with conversion")}
        if estimated:
            how = {"obtained": "estimated", "uncertainty": _half_width("8", "spread of neighbouring months"),
            "estimate": {
                "method": "average of July and September; the flow computer failed", "conservative": "no"}}
        yield {**_month("G1", i), **fuel, "meter": "M-G1", "Nm3": plain(GAS_NM3[i]), **how,
               "documents": [f"D-G1#row={i + 2}", *(["D-G3"] if estimated else [])]}
    for i in range(12):
        yield {**_month("G2", i), **fuel, "meter": "M-G2", "Nm3": plain(CANTEEN_NM3[i]), "obtained": "metered",
               "documents": [f"D-G2#row={i + 2}"]}
    for q, (first, last) in enumerate(QUARTERS):
        vehicle: dict[str, Cell] = {"direction": "consumed", "origin": "purchased", "mobile": "yes", "from": first,
                                    "to": last, "obtained": "stock_balance", "documents": [f"D-F1#row={q + 2}"]}
        yield {"id": f"DI-Q{q + 1}", "carrier": "diesel", "use": "fuel", "t": plain(DIESEL_T[q]), **vehicle}
        yield {"id": f"GA-Q{q + 1}", "carrier": "gasoline", "use": "off-site vehicle",
               "t": plain(GASOLINE_T[q]), **vehicle}


def heat() -> Iterator[Row]:
    """Purchased steam with its state."""
    for i in range(12):
        yield {**_month("H1", i), "medium": "steam", "flow": "consumed", "source": "purchased", "meter": "M-H1",
               "t": plain(STEAM_T[i]), "pressure_MPa": plain(STEAM_MPA), "pressure_kind": "gauge",
               "temperature_degC": plain(STEAM_C), "state": "superheated", "enthalpy_GJ_per_t": plain(STEAM_ENTHALPY),
               "obtained": "metered", "supplier": "Yibin park heat supply (example)",
               "uncertainty": _half_width("3", "class 1.5"), "documents": [f"D-H1#row={i + 2}"]}


def processes() -> Iterator[Row]:
    """NMP burnt in the regenerative thermal oxidiser of the coating hall."""
    yield {"id": "N1", "activity": "voc oxidation", "material": "nmp", "t": plain(NMP_TO_OXIDISER),
           "abatement_unit": "RTO-1", "destruction_percent": plain(OXIDISER_EFFICIENCY), "from": "2025-01-01",
           "to": "2025-12-31", "obtained": "stock_balance", "documents": ["D-N1#row=5", "D-N2"]}


def fugitive() -> Iterator[Row]:
    """Refrigerants and SF6, by what was topped up."""
    for i, (name, gas, day, unit, charge, kg) in enumerate(TOP_UPS):
        yield {"id": f"R{i + 1}", "category": "refrigeration" if name == "R-134a" else "air conditioning",
               "equipment_name": unit, "method": "top-up", "gas": gas, "charge_kg": plain(charge),
               "top_up_kg": plain(kg),
               "from": day, "to": day, "obtained": "metered", "documents": [f"D-R1#row={i + 2}"]}
    yield {"id": "S1", "category": "switchgear", "equipment_name": "110 kV GIS", "method": "top-up", "gas": "SF6",
           "charge_kg": plain(SF6_CHARGE), "top_up_kg": plain(SF6_TOP_UP), "from": "2025-06-03", "to": "2025-06-03",
           "obtained": "metered", "documents": ["D-R2"]}


def certificates() -> Iterator[Row]:
    """Two lots bought apart, the lot that came with the trade, and a lot that was cancelled because it expired."""
    for i, (code, month, first, last, issued, retired, reason) in enumerate((*GEC_LOTS, GEC_EXPIRED)):
        year, number = month.split("-")
        end = {"03": "31", "06": "30", "02": "28"}[number]
        serial = code + year + number
        yield {"id": f"C{i + 1}", "system": "GEC", "technology": ("wind", "solar", "wind")[i], "bundled": "no",
               "MWh": str(last - first + 1), "serials": {"first": f"{serial}{first:09d}",
               "last": f"{serial}{last:09d}"},
               "registration_code": code, "commissioned": "2022-11-30", "market_boundary": "CN",
               "generated_from": f"{month}-01", "generated_to": f"{month}-{end}", "issued_on": issued,
               "retired_on": retired,
               "cancellation_reason": "expired" if reason == "expired" else "consumption claim", "beneficiary": "F1",
               **({} if reason == "expired" else {"consumption_year": "2025"}), "claimed_elsewhere": "no",
               "documents": [f"D-C1#row={i + 2}"]}
    code = "13051015123000345202501"
    yield {"id": "C4", "system": "GEC", "technology": "wind", "bundled": "yes", "contract": "GP-2025-0417",
           "MWh": str(GEC_BUNDLED), "serials": {"first": f"{code}{1:09d}", "last": f"{code}{GEC_BUNDLED:09d}"},
           "registration_code": code[:17], "commissioned": "2023-06-30", "market_boundary": "CN",
           "generated_from": "2025-01-01", "generated_to": "2025-12-31", "issued_on": "2026-01-10",
           "retired_on": "2026-01-15",
           "cancellation_reason": "consumption claim", "beneficiary": "F1", "consumption_year": "2025",
           "claimed_elsewhere": "no", "documents": ["D-C2"]}


def voluntary_credits() -> Iterator[Row]:
    """Certified emission reductions cancelled for the residual; shown apart."""
    yield {"id": "K1", "programme": "CCER", "methodology": "CCER-14-001-V01 afforestation",
           "project": "afforestation (example)",
           "host": "CN", "serials": {"first": "CCER-2024-000001", "last": f"CCER-2024-{CREDITS:06d}"},
           "quantity": str(CREDITS),
           "vintage_from": "2024-01-01", "vintage_to": "2024-12-31", "kind": "removal", "retired_on": "2026-01-20",
           "purpose": "voluntary offsetting", "beneficiary": "F1", "claim_year": "2025", "claimed_elsewhere": "no",
           "documents": ["D-C3"]}


def economics() -> Iterator[Row]:
    """Figures of the statistical form."""
    for i, (figure, amount) in enumerate((("industrial_value_added", VALUE_ADDED), ("gross_output_value", OUTPUT_VALUE),
                                          ("revenue", REVENUE))):
        yield {"id": f"V{i + 1}", "figure": figure, "amount": plain(amount), "unit": "10kCNY", "from": "2025-01-01",
               "to": "2025-12-31", "statistical_form": "B204-1", "documents": [f"D-A1#row={i + 2}"]}


def products() -> Iterator[Row]:
    """Three main categories, two of them with a footprint."""
    made = (("P1", "磷酸铁锂电芯 280 Ah", "LFP cell", "910000", "62.4", "D-P1"),
            ("P2", "三元电芯 58 Ah", "NMC cell", "468000", "74.9", "D-P2"),
            ("P3", "电池包", "pack", "386000", None, None))
    for name, title, category, output, footprint, report in made:
        row: dict[str, Cell] = {"id": name, "name": title, "category": category, "main": "yes",
                                "declared_unit": "1 kWh",
                                "output_MWh": plain(Decimal(output) / 1000)}
        if footprint and report:
            row |= {"footprint_kgCO2e": footprint, "footprint_report": report, "footprint_boundary": "cradle to gate",
                    "footprint_from": "2025-01-01", "footprint_to": "2025-12-31", "gwp_set": "AR6",
                    "documents": [report]}
        yield row


def equipment() -> Iterator[Row]:
    """Equipment in scope of the efficiency standards."""
    for i, m in enumerate(EQUIPMENT):
        yield {"id": m.id, "name": m.zh, "category": m.kind, "units": str(m.number), "rated_kW": plain(m.rated_kw),
               "in_scope": "yes", "efficiency_grade": str(m.grade), "energy_saving_level": "yes" if m.saving else "no",
               "catalogue_level": "energy saving" if m.saving else "access", "documents": [f"D-Q1#row={i + 2}"]}


#: Meters whose rows have to cover the whole period, and the table in which these rows stand.
MEASURES = {"M-E1": "electricity", "M-E2": "electricity", "M-PV": "electricity", "M-PX": "electricity",
"M-G1": "energy",
            "M-G2": "energy", "M-H1": "heat"}


def meters() -> Iterator[Row]:
    """Meters with calibration; that of M-G3 ran out in September."""
    for i, m in enumerate(METERS):
        row: dict[str, Cell] = {"id": m.id, "name": m.zh, "carrier": "heat" if m.carrier == "steam" else m.carrier,
                                "place": _place(m), "level": str(m.level), "accuracy": m.accuracy}
        if m.id in MEASURES:
            row["measures"] = MEASURES[m.id]
        until = "2025-09-30" if m.id == "M-G3" else "2026-06-30"
        yield {**row, "required": "yes", "automatic": "yes" if m.automatic else "no",
               "effective": "yes" if m.effective else "no",
               "in_service_from": "2023-01-01", "calibrated_on": "2024-07-01", "calibrated_until": until,
               "laboratory": m.laboratory, "documents": [f"D-M1#row={i + 2}", "D-M2", "D-M3"]}


def _place(meter: Instrument) -> str:
    return {1: "site", 2: "sub-unit", 3: "equipment"}[meter.level]


def scope_3() -> dict[str, list[Row]]:
    """Activity rows of scope 3 by table, each with its factor."""
    tables: dict[str, list[Row]] = {}
    for i, a in enumerate(SCOPE_3):
        head: dict[str, Cell] = {"id": a.id}
        if a.table == "waste":
            head |= {"treatment": a.kind[0], "hazardous": "yes" if "hazardous" in a.kind else "no"}
        else:
            head |= {"category": a.kind[0]} | ({"mode": a.kind[1]} if len(a.kind) > 1 else {})
        tables.setdefault(a.table, []).append({
            **head, "what": a.zh, "method": a.method, a.unit: plain(a.amount),
            "factor": f"{plain(a.factor)} kgCO2e/{a.unit}", "factor_source": a.source,
            "primary_data": "yes" if a.method == "supplier-specific" else "no", "from": "2025-01-01",
            "to": "2025-12-31", "documents": [f"D-Z1#row={i + 2}"]})
    return tables
