"""The mapping file of a table of meter data: ``zerofactory/meter-mapping/1``, read and checked."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.typed import Typed, read_typed, shipped_schema
from zerofactory_engine.units import Unit, UnitError, dimension, unit
from zerofactory_engine.yaml_text import read_yaml

FORMAT = "zerofactory/meter-mapping/1"
ZONE = "Asia/Shanghai"
#: A mapping as it may look, for messages.
EXAMPLE = ("format: zerofactory/meter-mapping/1; table: electricity; columns: {meter: 表号, month: 月份, "
           "quantity: 电量}; unit: kWh")
_BYTES = 100_000

#: Quantities that a table of a dossier takes, as dimensions.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {"electricity": ("electricity",), "heat": ("energy", "mass"),
                                             "energy": ("mass", "normal_volume", "volume", "energy")}
FLOWS: Mapping[str, tuple[str, ...]] = {"electricity": ("consumed", "exported", "generated"),
                                        "heat": ("consumed", "exported", "generated"),
                                        "energy": ("consumed", "exported", "produced")}


@dataclass(frozen=True, slots=True)
class MeterMapping:
    """What the columns of a table hold, and what holds for all rows; see ``meter-mapping.schema.json``."""

    file: str
    table: str
    columns: Mapping[str, str]
    sheet: str | None = None
    meter: str | None = None
    unit: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    multiplier: Decimal | None = None
    digits: int | None = None
    flow: str = "consumed"
    flows: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    carrier: str | None = None
    medium: str | None = None
    time_zone: str = ZONE
    interval_minutes: int | None = None
    stamp: str = "start"
    end_is: str = "included"
    decimal_sign: str | None = None
    thousands_sign: str | None = None
    date_format: str | None = None
    corrections: bool = False

    @property
    def zone(self) -> tzinfo:
        """The time zone of the stamps."""
        return zone_of(self.time_zone)

    @property
    def hourly(self) -> bool:
        """Whether rows bear a time instead of a period."""
        return "time" in self.columns


def zone_of(name: str) -> tzinfo:
    """A time zone by its name or offset; ``zoneinfo.ZoneInfoNotFoundError`` when there is none."""
    offset = re.fullmatch(r"([+-])(\d\d):(\d\d)", name)
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    return zoneinfo.ZoneInfo(name)


def read_mapping(data: bytes, file: str) -> MeterMapping:
    """The mapping in *data*.

    Raises:
        ProblemsError: with everything that is wrong in it.
    """
    if len(data) > _BYTES:
        raise ProblemsError([Problem("text.too-large", Place(file=file), found=f"{len(data):,} bytes",
                                     accepted=f"{_BYTES:,} bytes")])
    typed = read_typed(read_yaml(data, file), shipped_schema("meter-mapping"))
    values: dict[str, Any] = typed.unwrap()
    problems = list(_problems(values, typed, file))
    if problems:
        raise ProblemsError(problems)
    known = {n: v for n, v in values.items() if n not in ("format", "corrections") and v is not None}
    return MeterMapping(file, corrections=values.get("corrections") == "yes", **known)


def _problems(values: Mapping[str, Any], typed: Typed, file: str) -> list[Problem]:
    """What the schema does not say."""
    out: list[Problem] = []

    def add(code: str, *path: str, found: str | None = None, accepted: str | None = None) -> None:
        at = typed.place(*path)
        out.append(Problem(code, Place(file, at.line, at.column, "/".join(path)), found=found, accepted=accepted))

    columns, table = values["columns"], values["table"]
    if not {"quantity"} & set(columns) and not {"reading_from", "reading_to"} <= set(columns):
        add("meter.mapping-quantity", "columns", accepted="quantity; reading_from + reading_to")
    if len([1 for way in (("month",), ("time",), ("start", "end")) if set(way) & set(columns)]) != 1 or (
            ("start" in columns) != ("end" in columns)):
        add("meter.mapping-period", "columns", accepted="month; time; start + end")
    if "meter" not in columns and "meter" not in values:
        add("meter.mapping-meter", "columns", accepted="columns/meter; meter")
    flows = [("flow", values.get("flow")), *((f"flows/{k}", v) for k, v in values.get("flows", {}).items())]
    for path, flow in flows:
        if flow is not None and flow not in FLOWS[table]:
            add("meter.mapping-flow", *path.split("/", 1), found=flow, accepted=", ".join(FLOWS[table]))
    if "flow" in columns and not values.get("flows"):
        add("meter.mapping-flows", "columns", "flow")
    for path, text in (("unit", values.get("unit")), *((f"units/{k}", v) for k, v in values.get("units", {}).items())):
        if text is not None and unit_for(table, text) is None:
            add("meter.mapping-unit", *path.split("/", 1), found=text, accepted=", ".join(_examples(table)))
    if table == "energy" and values.get("carrier") not in code_list("carriers").codes:
        add("meter.mapping-carrier", "carrier", found=values.get("carrier"), accepted="natural_gas, diesel …")
    terms = {"electricity": "electricity_source", "heat": "heat_source"}.get(table)
    if values.get("source") is not None and (terms is None or values["source"] not in code_list(terms).codes):
        add("meter.mapping-source", "source", found=values["source"],
            accepted=", ".join(code_list(terms).codes) if terms else None)
    if values.get("decimal_sign", ".") == values.get("thousands_sign"):
        add("meter.mapping-signs", "thousands_sign", found=values["thousands_sign"])
    try:
        zone_of(values.get("time_zone", ZONE))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        add("meter.mapping-zone", "time_zone", found=values["time_zone"], accepted=f"{ZONE}, +08:00")
    minutes = values.get("interval_minutes")
    if minutes is not None and 1440 % minutes:
        add("meter.mapping-interval", "interval_minutes", found=str(minutes), accepted="15, 30, 60, 1440")
    return out


def unit_for(table: str, text: str) -> Unit | None:
    """The unit that *text* names when *table* takes it; None otherwise (a power is no amount of electricity)."""
    try:
        found = unit(text)
    except UnitError:
        return None
    return found if found.dimension in [dimension(name) for name in DIMENSIONS[table]] else None


def _examples(table: str) -> tuple[str, ...]:
    return {"electricity": ("kWh", "MWh"), "heat": ("GJ", "t"), "energy": ("Nm3", "t", "GJ")}[table]
