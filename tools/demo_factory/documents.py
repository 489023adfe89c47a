"""The documents behind the demo dossier: small CSV ledgers and PDF papers, the same bytes every time.

What each document is, and the lines of the papers, stand in ``documents.yaml``; the ledgers are made from the figures.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tools.demo_factory.figures import (
    CANTEEN_NM3,
    DIESEL_T,
    GAS_ESTIMATED_MONTH,
    GAS_NM3,
    GASOLINE_T,
    GATEWAY_1,
    GATEWAY_2,
    GEC_EXPIRED,
    GEC_LOTS,
    GREEN_MWH,
    MONTHS,
    NMP_BOUGHT,
    NMP_IN_PRODUCT,
    NMP_RECOVERED,
    NMP_TO_OXIDISER,
    OUTPUT_VALUE,
    PV_EXPORTED,
    PV_GENERATED,
    REVENUE,
    SCOPE_3,
    STEAM_C,
    STEAM_MPA,
    STEAM_T,
    TENANT_MWH,
    TOP_UPS,
    VALUE_ADDED,
    Gateway,
)
from tools.demo_factory.ledgers import EQUIPMENT, METERS
from tools.demo_factory.pdf import pdf

SITE = "Yibin Chuanrui Example Battery Co., Ltd., Plant 1 (a factory that does not exist)"


@dataclass(frozen=True)
class Doc:
    """One document: its row in the dossier and its bytes."""

    id: str
    kind: str
    title: Mapping[str, str]
    file: str
    issued: str
    issuer: str
    covers: tuple[str, str]
    language: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def documents() -> tuple[Doc, ...]:
    """Every document, in the order of ``documents.yaml``."""
    text = Path(__file__).with_name("documents.yaml").read_text(encoding="utf-8")
    listed: list[dict[str, Any]] = yaml.load(text, Loader=yaml.BaseLoader)["documents"]  # noqa: S506 - texts only
    ledgers = _ledgers()
    return tuple(_document(entry, ledgers) for entry in listed)


def _document(entry: Mapping[str, Any], ledgers: Mapping[str, bytes]) -> Doc:
    if "lines" in entry:
        heading = entry.get("heading", entry["title"]["en"])
        data = pdf(heading, [[heading, SITE, "", *entry["lines"], "", "Sample data, made for demonstration"]])
    else:
        data = ledgers[entry["file"]]
    first, last = entry["covers"]
    return Doc(entry["id"], entry["kind"], entry["title"], entry["file"], entry["issued"], entry["issuer"],
               (first, last), entry.get("language", "en"), data)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV of UTF-8 with line feeds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def months() -> list[str]:
    """``2025-01`` and so on."""
    return [f"{start:%Y-%m}" for start, _ in MONTHS]


def _monthly(header: Sequence[str], *columns: Sequence[object]) -> bytes:
    return table(["month", *header], zip(months(), *columns, strict=True))


def _gateway(gateway: Gateway) -> bytes:
    opening, closing = zip(*gateway.readings, strict=True)
    return _monthly(["user number", "opening reading", "closing reading", "ratio", "kWh"],
                    [gateway.number] * 12, opening, closing, [gateway.ratio] * 12, gateway.kwh)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _ledgers() -> dict[str, bytes]:
    """File → bytes of every CSV."""
    used = [generated - exported for generated, exported in zip(PV_GENERATED, PV_EXPORTED, strict=True)]
    remarks = [""] * 12
    remarks[GAS_ESTIMATED_MONTH - 1] = "estimated: flow computer failed, average of the neighbouring months"
    quarters = [f"2025-Q{q}" for q in range(1, 5)]
    lots = [(f"{code}-{first:015d}", f"{code}-{last:015d}", last - first + 1, month, issued, retired, reason)
            for code, month, first, last, issued, retired, reason in (*GEC_LOTS, GEC_EXPIRED)]
    return {
        "electricity/gateway-1.csv": _gateway(GATEWAY_1),
        "electricity/gateway-2.csv": _gateway(GATEWAY_2),
        "electricity/green-power-settlement.csv": _monthly(
            ["contract", "settled MWh", "certificates"], ["GP-2025-0417"] * 12, GREEN_MWH, GREEN_MWH),
        "electricity/roof-pv.csv": _monthly(["generated MWh", "exported MWh", "used on site MWh"], PV_GENERATED,
                                            PV_EXPORTED, used),
        "electricity/tenant.csv": _monthly(["MWh"], TENANT_MWH),
        "fuels/gas-production.csv": _monthly(["Nm3", "remark"], GAS_NM3, remarks),
        "fuels/gas-canteen.csv": _monthly(["Nm3"], CANTEEN_NM3),
        "fuels/steam.csv": _monthly(["t", "MPa gauge", "degC"], STEAM_T, [STEAM_MPA] * 12, [STEAM_C] * 12),
        "fuels/vehicles.csv": table(["quarter", "diesel t", "gasoline t"],
                                    zip(quarters, DIESEL_T, GASOLINE_T, strict=True)),
        "gases/refrigerants.csv": table(["refrigerant", "date", "equipment", "charge kg", "topped up kg"],
                                        [(name, day, unit, charge, kg) for name, _, day, unit, charge, kg in TOP_UPS]),
        "gases/nmp-balance.csv": table(["item", "t"], [
            ("bought", NMP_BOUGHT), ("recovered and returned", NMP_RECOVERED), ("left in cathodes", NMP_IN_PRODUCT),
            ("sent to the thermal oxidiser", NMP_TO_OXIDISER)]),
        "certificates/gec-unbundled.csv": table(
            ["first", "last", "pieces", "generated", "issued", "retired", "reason"], lots),
        "ledgers/equipment.csv": table(
            ["id", "设备", "equipment", "number", "rated kW each", "rated kW", "grade", "energy-saving level"],
            [(m.id, m.zh, m.en, m.number, m.kw, m.rated_kw, m.grade, _yes(m.saving)) for m in EQUIPMENT]),
        "ledgers/meters.csv": table(
            ["id", "计量点", "measures", "GB 17167 class", "accuracy", "automatic", "effective"],
            [(m.id, m.zh, m.en, m.level, m.accuracy, _yes(m.automatic), _yes(m.effective)) for m in METERS]),
        "ledgers/b204-1.csv": table(["指标", "figure", "10 000 CNY"], [
            ("工业增加值", "industrial value added", VALUE_ADDED), ("工业总产值", "gross output value", OUTPUT_VALUE),
            ("营业收入", "revenue", REVENUE)]),
        "scope3/activities.csv": table(
            ["row", "活动", "activity", "amount", "unit", "factor kgCO2e per unit", "source of the factor"],
            [(a.id, a.zh, a.en, a.amount, a.unit, a.factor, a.source) for a in SCOPE_3]),
    }
