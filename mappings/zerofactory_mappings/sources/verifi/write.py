"""The dossier of one facility of a VERIFI account, as YAML. Every row points at its record in the copied account."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_mappings.sources.verifi.read import Account, Bill, Equipment, Meter, Production, decimal_of
from zerofactory_mappings.sources.yaml_rows import Cell, cell, table

if TYPE_CHECKING:
    from zerofactory_mappings.sources.verifi.check import Plan

#: The account travels beside the dossiers under this name, because every row refers to it.
COPY = "account.json"
_DOCUMENT = "D1"

#: Equipment types of VERIFI → ours; the others are `other`.
EQUIPMENT: Mapping[str, str] = {
    "Motor": "motor", "Pump": "pump", "Fan": "fan", "Compressed Air": "compressor", "Process Cooling": "chiller",
    "HVAC": "air_conditioner", "Lighting": "lighting", "Process Heating": "furnace"}
#: Our unit of an output → the column of the table of products.
OUTPUT_COLUMNS: Mapping[str, str] = {"t": "output_t", "kg": "output_t", "lb": "output_t", "kt": "output_t",
                                     "item": "output_items", "MWh": "output_MWh", "kWh": "output_MWh",
                                     "m2": "output_m2", "m3": "output_m3", "gal": "output_m3", "L": "output_m3"}
_TABLES = ("meters", "electricity", "energy", "products", "equipment")


def record(path: str) -> str:
    """Reference to a record of the account: ``D1#path=meterData/3``."""
    return f"{_DOCUMENT}#path={path}"


def meter_id(meter: Meter) -> str:
    """``M3`` for the third meter of the account."""
    return "M" + meter.path.split("/")[1]


def table_of(meter: Meter) -> str:
    """The table in which the bills of *meter* stand."""
    return "electricity" if meter.source == "Electricity" else "energy"


def meter_cells(meter: Meter) -> Mapping[str, Cell]:
    """Row of the table of meters."""
    carrier = "electricity" if meter.source == "Electricity" else "natural_gas"
    return {"id": meter_id(meter), "name": meter.name, "carrier": carrier, "measures": table_of(meter),
            "serial_number": meter.number or meter.id, "documents": record(meter.path),
            "note": f"VERIFI meter {meter.id}"}


def bill_cells(identifier: str, meter: Meter, bill: Bill, days: tuple[date, date], amount: str, unit: str,
               source: str, share: tuple[int, int] | None) -> Mapping[str, Cell]:
    """Row of the table of electricity or energy. *share*: days inside the period and of the bill, if apportioned."""
    head: dict[str, Cell] = {"id": identifier}
    if table_of(meter) == "electricity":
        head |= {"flow": "consumed", "source": source} | ({"technology": "solar"} if source == "on-site" else {})
    else:
        head |= {"carrier": "natural_gas", "use": "fuel", "direction": "consumed", "origin": "purchased"}
    head |= {"meter": meter_id(meter), "from": str(days[0]), "to": str(days[1]), "amount": amount, "unit": unit}
    if share is not None:
        head |= {"obtained": "apportioned",
                 "estimate": {"method": f"by days, {share[0]} of {share[1]}, of {bill.energy} {meter.unit} billed"}}
    elif bill.estimated:
        head |= {"obtained": "estimated", "estimate": {"method": "marked as estimated in the account"}}
    else:
        head |= {"obtained": "invoiced"}
    head["documents"] = record(bill.path)
    if table_of(meter) == "energy":
        volume = f"; metered {bill.volume} {meter.volume_unit}" if bill.volume and decimal_of(bill.volume) else ""
        head["note"] = f"gross calorific value as billed{volume}"
    return head


def production_cells(identifier: str, item: Production, name: str, unit: str, days: tuple[date, date],
                     amount: str) -> Mapping[str, Cell]:
    """Row of the table of products: the output of one month."""
    return {"id": identifier, "name": name, "category": name, "from": str(days[0]), "to": str(days[1]),
            OUTPUT_COLUMNS[unit]: f"{amount} {unit}", "documents": record(item.path)}


def equipment_cells(identifier: str, item: Equipment, unit: str) -> Mapping[str, Cell]:
    """Row of the ledger of equipment: all equal pieces together."""
    total = CONTEXT.multiply(decimal_of(item.size), decimal_of(item.number))
    cells: dict[str, Cell] = {"id": identifier, "name": item.name, "category": EQUIPMENT.get(item.kind, "other"),
                              "units": item.number, "rated_kW": f"{plain(total)} {unit}",
                              "documents": record(item.path)}
    return cells | ({"note": item.note} if item.note else {})


def dossier_yaml(account: Account, plan: Plan, data: bytes) -> bytes:
    """The whole dossier: facility, period, rows, and the account as its one document."""
    site = plan.facility
    country = site.country or account.country            # sites of an account may leave it out
    where = {k: v for k, v in (("city", site.city), ("sector", site.naics and f"NAICS {site.naics}")) if v}
    lines = [
        "# Made from an account of VERIFI. Nothing is declared complete here: that is the applicant's to declare.",
        "format: zerofactory/dossier/1",
        f"id: verifi-{plan.name}",
        f"organisation: {{name: {cell({'en': account.name or site.name})}}}",
        "facility:",
        f"  id: F{site.path.split('/')[1]}",
        f"  name: {cell({'en': site.name})}",
        "  kind: factory",
        *([f"  country: {country}"] if re.fullmatch("[A-Z]{2}", country) else []),
        *([f"  address: {cell({'en': site.address})}"] if site.address else []),
        *(f"  {key}: {cell(value)}" for key, value in where.items()),
        f"period: {{from: {plan.start}, to: {plan.end}, time_zone: {cell(ZONE)}}}",
    ]
    for name in _TABLES:
        lines += table(name, (r.cells for r in plan.rows if r.table == name))
    digest = hashlib.sha256(data).hexdigest()
    lines += table("documents", [{"id": _DOCUMENT, "kind": "erp_extract", "title": "VERIFI account", "file": COPY,
                                  "sha256": digest}])
    return ("\n".join(lines) + "\n").encode()


#: The account states no time zone; all its dates are civil dates, so none is assumed but the neutral one.
ZONE = "UTC"
