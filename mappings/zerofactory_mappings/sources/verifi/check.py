"""What a VERIFI account comes to: which record goes into which dossier, which is only kept, which is refused, and why.

A bill needs the interval that it covers. Readings applied ``backward`` cover the days after the reading before up to
their own date, so the first one of a meter has no known start and is kept. With a calendar year asked for, a bill
across its ends is apportioned by days and says so; its stated amount stands in the report.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Context, Decimal

from zerofactory_engine.decimals import CONTEXT, DOSSIER_DIGITS, plain, significant_digits
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.units import dimension, is_unit, unit
from zerofactory_mappings.sources.report import Entry, State
from zerofactory_mappings.sources.verifi.read import Account, Bill, Facility, Meter, Production, Refusal, decimal_of
from zerofactory_mappings.sources.verifi.write import (
    OUTPUT_COLUMNS,
    bill_cells,
    equipment_cells,
    meter_cells,
    production_cells,
    table_of,
)
from zerofactory_mappings.sources.yaml_rows import Cell

#: The file's spelling of a unit → ours (``standards/units.yaml``).
UNITS: Mapping[str, str] = {
    "kWh": "kWh", "MWh": "MWh", "GJ": "GJ", "MJ": "MJ", "MMBtu": "MMBtu", "kBtu": "kBtu", "Therms": "therm",
    "therms": "therm", "Therm": "therm", "hp": "hp", "kW": "kW", "W": "W", "MMBtuhr": "MMBtu/h", "t": "t", "kg": "kg",
    "lb": "lb", "tonne": "t", "CCF": "CCF", "gal": "gal", "SCF": "ft3",
}
#: Agreement type of an electricity meter → the dossier's source; virtual agreements and certificates deliver nothing.
AGREEMENTS: Mapping[str, str] = {"": "grid", "1": "grid", "2": "on-site", "3": "grid", "5": "grid"}
_RENEWABLE = re.compile(r"\b(solar|pv|photovoltaic|wind)\b", re.IGNORECASE)
_DOSSIER = Context(prec=DOSSIER_DIGITS)


@dataclass(frozen=True, slots=True)
class Row:
    """One row for a dossier: its table and cells as text, in the order in which they are written."""

    table: str
    cells: Mapping[str, Cell]


@dataclass(slots=True)
class Plan:
    """What one facility's dossier will hold."""

    facility: Facility
    name: str
    start: date
    end: date
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decision:
    """The plans of all facilities, an entry for every record, and what the user should know."""

    plans: tuple[Plan, ...]
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def decide(account: Account, file: str, facility: str | None = None, year: int | None = None) -> Decision:
    """Decide on every record of *account*.

    Raises:
        ProblemsError: *facility* is not in the account, or nothing of it can be stated in a dossier.
    """
    chosen = _chosen(account, file, facility)
    names = _file_names(account)
    decider = _Decider(account, file, {f.id for f in chosen}, year)
    bills = decider.bills()
    plans: dict[str, Plan] = {}
    for site in chosen:
        spans = [span for bill, span in bills if account.meters[bill.meter].facility == site.id]
        if not spans:
            decider.problems.append(Problem("import.verifi-no-bills", Place(file=file, path=site.path),
                                            Severity.WARNING, found=site.name))
            continue
        start = date(year, 1, 1) if year else min(s.start for s in spans)
        end = date(year, 12, 31) if year else max(s.end for s in spans)
        plans[site.id] = Plan(site, names[site.id], start, end)
    if not plans:
        raise ProblemsError([*decider.problems, Problem("import.nothing", Place(file=file))])
    decider.write_bills(bills, plans)
    decider.production(plans)
    decider.equipment(plans)
    for refusal in account.refusals:
        decider.refuse(refusal)
    return Decision(tuple(plans.values()), tuple(decider.entries), tuple(decider.problems))


def _chosen(account: Account, file: str, wanted: str | None) -> list[Facility]:
    sites = list(account.facilities.values())
    if wanted is None:
        return sites
    found = [s for s in sites if wanted in (s.id, s.name)]
    if not found:
        raise ProblemsError([Problem("import.unknown-facility", Place(file=file), found=wanted,
                                     accepted=", ".join(s.name for s in sites))])
    return found


def _file_names(account: Account) -> dict[str, str]:
    """A safe and unique file name for each facility, from its name."""
    names: dict[str, str] = {}
    for site in account.facilities.values():
        base = re.sub(r"[^a-z0-9]+", "-", site.name.lower()).strip("-")[:60] or "facility"
        name, number = base, 2
        while name in names.values():
            name, number = f"{base}-{number}", number + 1
        names[site.id] = name
    return names


def exact(stated: str) -> str:
    """The amount as a dossier holds it: at most 15 significant digits, which drops the noise of a binary float."""
    value = decimal_of(stated)
    if significant_digits(value) > DOSSIER_DIGITS:
        value = _DOSSIER.plus(value)
    return plain(value)


class _Decider:
    def __init__(self, account: Account, file: str, sites: set[str], year: int | None) -> None:
        self.account, self.file, self.sites, self.year = account, file, sites, year
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []

    def warn(self, code: str, path: str, found: str) -> None:
        self.problems.append(Problem(code, Place(file=self.file, path=path), Severity.WARNING, found=found))

    # --- bills ---------------------------------------------------------------------------------------------------

    def bills(self) -> list[tuple[Bill, _Span]]:
        """The bills that a dossier will state, with the days that they cover; an entry for every other one."""
        by_meter: dict[str, list[Bill]] = {}
        for bill in self.account.bills:
            if bill.meter in self.account.meters:
                by_meter.setdefault(bill.meter, []).append(bill)
            else:
                self._bill(bill, State.REFUSED, "import.verifi-unknown-meter", meter=bill.meter)
        usable: list[tuple[Bill, _Span]] = []
        for name, bills in by_meter.items():
            meter = self.account.meters[name]
            reason = self._unfit(meter)
            if reason:
                for bill in bills:
                    self._bill(bill, State.KEPT, reason, found=meter.source)
                continue
            usable.extend(self._placed(meter, sorted(bills, key=lambda b: (b.day, b.path))))
        return usable

    def _unfit(self, meter: Meter) -> str:
        """Why no bill of *meter* can stand in a dossier; empty when they can."""
        if meter.facility not in self.account.facilities:
            return "import.verifi-unknown-facility"
        if meter.facility not in self.sites:
            return "import.other-facility"
        if meter.source not in {"Electricity", "Natural Gas"}:
            return "import.verifi-source"
        if UNITS.get(meter.unit, "") == "" or not is_unit(UNITS[meter.unit]):
            return "import.no-unit"
        if meter.source == "Electricity" and unit(UNITS[meter.unit]).dimension != dimension("electricity"):
            return "import.no-unit"
        if meter.source == "Electricity" and meter.agreement not in AGREEMENTS:
            return "import.verifi-instrument"
        self._advise(meter)
        return ""

    def _advise(self, meter: Meter) -> None:
        if meter.source == "Natural Gas":
            self.warn("import.verifi-gross-heat", meter.path, meter.name)
        elif _RENEWABLE.search(meter.name) and AGREEMENTS[meter.agreement] == "grid":
            self.warn("import.verifi-agreement", meter.path, meter.name)

    def _placed(self, meter: Meter, bills: list[Bill]) -> Iterator[tuple[Bill, _Span]]:
        for bill, span in _spans(meter, bills):
            if isinstance(span, str):
                self._bill(bill, State.KEPT, span)
            elif self.year is not None and (span.end.year < self.year or span.start.year > self.year):
                self._bill(bill, State.KEPT, "import.outside-period", start=str(span.start), end=str(span.end))
            else:
                yield bill, span

    def _bill(self, bill: Bill, state: State, reason: str, **args: str) -> None:
        meter = self.account.meters.get(bill.meter)
        self.entries.append(Entry("meterData", bill.path, bill.id, state, reason, args, bill.meter, bill.energy,
                                  meter.unit if meter else "?"))

    def write_bills(self, bills: Iterable[tuple[Bill, _Span]], plans: Mapping[str, Plan]) -> None:
        """A row and an entry for each bill, a meter row for each meter that has one."""
        seen: set[str] = set()
        for bill, span in bills:
            meter = self.account.meters[bill.meter]
            plan = plans[meter.facility]
            if meter.id not in seen:
                seen.add(meter.id)
                plan.rows.append(Row("meters", meter_cells(meter)))
            days = _Span(max(span.start, plan.start), min(span.end, plan.end))
            amount, reason, args = exact(bill.energy), "", {}
            share = (days.days, span.days) if days.days != span.days else None
            if share is not None:
                part = CONTEXT.divide(CONTEXT.multiply(decimal_of(bill.energy), share[0]), Decimal(share[1]))
                amount, reason = plain(_DOSSIER.plus(part)), "import.apportioned"
                args = {"days": str(share[0]), "of": str(share[1])}
            elif decimal_of(amount) != decimal_of(bill.energy):
                reason = "import.rounded"
            plan.rows.append(Row(table_of(meter), bill_cells(
                row_id(bill.path), meter, bill, (days.start, days.end), amount, UNITS[meter.unit],
                AGREEMENTS.get(meter.agreement, "grid"), share)))
            self.entries.append(Entry(
                "meterData", bill.path, bill.id, State.USED, reason, args, bill.meter, bill.energy, meter.unit,
                amount if reason else None, f"{plan.name}.yaml {table_of(meter)}/{row_id(bill.path)}"))

    # --- production ----------------------------------------------------------------------------------------------

    def production(self, plans: Mapping[str, Plan]) -> None:
        """Monthly production: a figure of the dossier where the account states a unit that we know."""
        for record in self.account.production:
            predictor = self.account.predictors.get(record.predictor)
            series = predictor.id if predictor else record.predictor
            unit = predictor.unit if predictor and predictor.unit else "?"
            plan = plans.get(predictor.facility) if predictor else None
            state, reason = self._production_fate(record, plan)
            target = None
            if state is State.USED and plan is not None and predictor is not None:
                month = _month(record.year, record.month)
                plan.rows.append(Row("products", production_cells(
                    row_id(record.path), record, predictor.name, UNITS.get(unit, unit), (month.start, month.end),
                    exact(record.amount))))
                target = f"{plan.name}.yaml products/{row_id(record.path)}"
            amount = exact(record.amount)
            changed = amount if decimal_of(amount) != decimal_of(record.amount) else None
            self.entries.append(Entry("predictorDataV2", record.path, record.id, state, reason, {}, series,
                                      record.amount, unit, changed, target))

    def _production_fate(self, record: Production, plan: Plan | None) -> tuple[State, str]:
        predictor = self.account.predictors.get(record.predictor)
        if predictor is None:
            return State.REFUSED, "import.verifi-unknown-predictor"
        if predictor.kind == "Weather":
            return State.KEPT, "import.verifi-weather"
        if not predictor.production:
            return State.KEPT, "import.verifi-no-production"
        if plan is None:
            return State.KEPT, "import.other-facility"
        if UNITS.get(predictor.unit, predictor.unit) not in OUTPUT_COLUMNS:
            return State.KEPT, "import.no-unit"
        month = _month(record.year, record.month)
        if month.end < plan.start or month.start > plan.end:
            return State.KEPT, "import.outside-period"
        return State.USED, ""

    # --- equipment -----------------------------------------------------------------------------------------------

    def equipment(self, plans: Mapping[str, Plan]) -> None:
        """Equipment with a rated power in a unit that is a finite number of kW; one row for all equal pieces."""
        for item in self.account.equipment:
            plan = plans.get(item.facility)
            unit = UNITS.get(item.unit, item.unit)
            if item.facility not in self.account.facilities:
                state, reason = State.REFUSED, "import.verifi-unknown-facility"
            elif plan is None:
                state, reason = State.KEPT, "import.other-facility"
            elif item.retired:
                state, reason = State.KEPT, "import.verifi-retired"
            elif unit == "MMBtu/h":
                state, reason = State.KEPT, "import.verifi-firing-rate"
            elif not is_unit(unit):
                state, reason = State.KEPT, "import.no-unit"
            else:
                state, reason = State.USED, ""
            target = None
            if state is State.USED and plan is not None:
                plan.rows.append(Row("equipment", equipment_cells(row_id(item.path), item, unit)))
                target = f"{plan.name}.yaml equipment/{row_id(item.path)}"
            total = CONTEXT.multiply(decimal_of(item.size), decimal_of(item.number))
            self.entries.append(Entry("facilityEnergyUseEquipment", item.path, item.id, state, reason, {}, "equipment",
                                      plain(total), item.unit, None, target))

    def refuse(self, refusal: Refusal) -> None:
        """The entry of a record that could not be read."""
        meter = self.account.meters.get(refusal.series or "")
        predictor = self.account.predictors.get(refusal.series or "")
        unit = meter.unit if meter else predictor.unit if predictor else ""
        self.entries.append(Entry(refusal.collection, refusal.path, refusal.id, State.REFUSED, refusal.reason,
                                  refusal.args, refusal.series, refusal.stated,
                                  (unit or "?") if refusal.stated is not None else None))


def row_id(path: str) -> str:
    """Identifier of a row: where its record stands in the file, so that both can be laid side by side."""
    collection, number, *deeper = path.split("/")
    letter = {"meterData": "B", "predictorDataV2": "P", "facilityEnergyUseEquipment": "Q"}.get(collection, "R")
    return letter + number + "".join(f".{part}" for part in deeper if part.isdigit())


def _spans(meter: Meter, bills: list[Bill]) -> Iterator[tuple[Bill, _Span | str]]:
    """The days that each bill covers, or why that is not known. *bills* are in the order of their dates."""
    before: date | None = None
    taken: set[tuple[int, int]] = set()
    for bill in bills:
        if meter.application == "fullYear":
            key, span = (bill.day.year, 0), _Span(date(bill.day.year, 1, 1), date(bill.day.year, 12, 31))
        elif meter.application == "backward":
            if before is None:
                yield bill, "import.verifi-no-start"
            elif bill.day == before:
                yield bill, "import.verifi-same-interval"
            else:
                yield bill, _Span(before + timedelta(days=1), bill.day)
            before = bill.day
            continue
        else:
            key, span = (bill.day.year, bill.day.month), _month(bill.day.year, bill.day.month)
        if key in taken:
            yield bill, "import.verifi-same-interval"
        else:
            taken.add(key)
            yield bill, span


def _month(year: int, month: int) -> _Span:
    return _Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
