"""Identities of the forms: what does not add up is a warning with both sides, and nothing is lost for it.

Consumption = industrial + non-industrial; closing = opening + purchase - consumption - transfers ± stocktake; the year
is the sum of its months; the total in standard coal is the sum of quantity × coefficient; a coefficient lies in a
plausible band around that of GB/T 2589-2020 (NBS reporting system, tables 205-1 and ledger).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.units import unit
from zerofactory_mappings.sources.cn_energy_tables import vocabulary
from zerofactory_mappings.sources.cn_energy_tables.read import Line, Sheet
from zerofactory_mappings.sources.cn_energy_tables.vocabulary import ELECTRICITY, MIXED, TOTAL

ZERO = Decimal(0)
_COLUMN = "tce"


def check(sheets: Sequence[Sheet], file: str) -> tuple[Problem, ...]:
    """Every identity that does not hold, in the order of the sheets."""
    out: list[Problem] = []
    for sheet in sheets:
        for line in sheet.lines:
            out += _line(line, file)
        out += _months(sheet, file)
        out += _coal(sheet, file)
    return (*out, *_year_of_form(sheets, file))


def consumption_of(line: Line) -> Decimal | None:
    """Consumption as stated, else the sum of its parts when both stand there."""
    figures = line.figures
    if "consumption" in figures:
        return figures["consumption"]
    if "industrial" in figures and "non_industrial" in figures:
        return CONTEXT.add(figures["industrial"], figures["non_industrial"])
    return figures.get("industrial")


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for value in values:
        total = CONTEXT.add(total, value)
    return total


def differs(a: Decimal, b: Decimal, tolerance: Decimal) -> bool:
    """Whether two sides differ by more than *tolerance* of the larger one."""
    gap = CONTEXT.subtract(a, b).copy_abs()
    return gap > CONTEXT.multiply(max(a.copy_abs(), b.copy_abs()), tolerance)


def _problem(code: str, place: Place, found: Decimal, accepted: Decimal, **args: str) -> Problem:
    return Problem(code, place, Severity.WARNING, found=plain(found), accepted=plain(accepted), args=args)


def _at(line: Line, file: str, column: str) -> Place:
    return line.grid.place(file, line.cells.get(column), line.row)


# --- one line -----------------------------------------------------------------------------------------------------


def _line(line: Line, file: str) -> Iterator[Problem]:
    figures, tolerance = line.figures, vocabulary.tolerance("sum")
    if line.carrier != TOTAL:
        yield from _split(line, file, "", tolerance)
        yield from _split(line, file, "_to_date", tolerance)
    opening = "month_opening" if "month_opening" in figures else "opening" if line.shape == "form" else ""
    used = consumption_of(line)
    if opening in figures and "closing" in figures and used is not None and "purchase" in figures and not line.total:
        expected = CONTEXT.subtract(CONTEXT.add(figures[opening], figures["purchase"]), used)
        expected = CONTEXT.subtract(expected, figures.get("transfers_out", ZERO))
        expected = CONTEXT.add(expected, figures.get("stocktake", ZERO))
        scale = max((figures[c].copy_abs() for c in (opening, "purchase", "closing")), default=ZERO)
        gap = CONTEXT.subtract(expected, figures["closing"]).copy_abs()
        if gap > CONTEXT.multiply(scale, tolerance):
            yield _problem("cn-energy.stock-balance", _at(line, file, "closing"), figures["closing"], expected,
                           carrier=line.name, unit=line.unit_text)
    if not line.total and (line.shape == "form" or "coefficient" in figures):
        yield from _coefficient(line, file)


def _split(line: Line, file: str, suffix: str, tolerance: Decimal) -> Iterator[Problem]:
    """Consumption = industrial + non-industrial; parts of it are no larger than it."""
    figures = line.figures
    whole, first, second = (figures.get(n + suffix) for n in ("consumption", "industrial", "non_industrial"))
    if whole is not None and first is not None and second is not None:
        parts = CONTEXT.add(first, second)
        if differs(whole, parts, tolerance):
            yield _problem("cn-energy.consumption-split", _at(line, file, "consumption" + suffix), whole, parts,
                           carrier=line.name, unit=line.unit_text)


def reference(carrier: str, unit_name: str) -> Decimal | None:
    """The coefficient of GB/T 2589-2020 in tce per *unit_name*; None where the set has none in that kind of unit."""
    for entry in _entries(carrier):
        value = entry.values.get(_COLUMN)
        if value is None or value.above is None:
            continue
        per = unit(value.unit)
        stated = unit(unit_name)
        if per.dimension != unit("tce").dimension / stated.dimension:
            continue
        return CONTEXT.multiply(CONTEXT.divide(value.above, value.below), stated.factor)
    return None


@cache
def _entries(carrier: str) -> tuple[Entry, ...]:
    from zerofactory_engine.accounting import FactorLibrary

    key = "heat" if carrier == "hot_water" else "steam_low_pressure" if carrier == "steam" else carrier
    factors = FactorLibrary.shipped().set("gbt2589-2020")
    return tuple(factors.all(key))


def _coefficient(line: Line, file: str) -> Iterator[Problem]:
    """A coefficient in the band of its carrier, and near the reference that the form itself prints."""
    used = line.figures.get("coefficient")
    if used is None or line.unit is None or line.carrier in (None, MIXED, TOTAL):
        return
    assert line.carrier is not None
    expected, band = reference(line.carrier, line.unit), vocabulary.band(line.carrier)
    if expected is not None and band is not None:
        low, high = (CONTEXT.multiply(expected, share) for share in band)
        if not low <= used <= high:
            code = "cn-energy.coefficient-electricity" if line.carrier == ELECTRICITY else "cn-energy.coefficient-band"
            yield Problem(code, _at(line, file, "coefficient"), Severity.WARNING, found=plain(used),
                          accepted=f"{plain(low)} – {plain(high)}",
                          args={"carrier": line.name, "reference": plain(expected), "unit": line.unit_text})
    own = line.figures.get("reference_coefficient")
    if own is not None and band is not None and not (
            CONTEXT.multiply(own, band[0]) <= used <= CONTEXT.multiply(own, band[1])):
        yield _problem("cn-energy.coefficient-own-reference", _at(line, file, "coefficient"), used, own,
                       carrier=line.name)


# --- sums of months -----------------------------------------------------------------------------------------------


def _by_carrier(lines: Iterable[Line]) -> Mapping[tuple[str, int], list[Line]]:
    """Monthly lines by carrier and year, in the order of the months."""
    out: dict[tuple[str, int], list[Line]] = {}
    for line in lines:
        if line.period is not None and not line.total:
            out.setdefault((line.carrier or line.name, line.period[0].year), []).append(line)
    return {key: sorted(found, key=lambda of: (of.period or ((), ()))[0]) for key, found in out.items()}


def _months(sheet: Sheet, file: str) -> Iterator[Problem]:
    """Of a ledger: totals and figures to date are sums of the months; stock follows from that at the year's start."""
    if sheet.shape not in ("months", "wide"):
        return
    tolerance = vocabulary.tolerance("sum")
    months = _by_carrier(sheet.lines)
    for (carrier, year), lines in months.items():
        yield from _to_date(lines, file, tolerance)
        for total in (of for of in sheet.lines if of.total and (of.carrier or of.name) == carrier and (
                of.period is None or of.period[0].year == year)):
            for column in ("consumption", "industrial", "non_industrial", "purchase"):
                stated = total.figures.get(column)
                parts = [m.figures[column] for m in lines if column in m.figures]
                if stated is not None and parts and differs(stated, _sum(parts), tolerance):
                    yield _problem("cn-energy.months-sum", _at(total, file, column), stated, _sum(parts),
                                   carrier=total.name, unit=total.unit_text, months=str(len(parts)))


def _to_date(lines: Sequence[Line], file: str, tolerance: Decimal) -> Iterator[Problem]:
    """Figures to date, stocks and the weighted coefficient along the months of one carrier."""
    if not lines or lines[0].period is None or lines[0].period[0].month != 1:
        return                                         # without January no figure to date can be checked
    for count in range(1, len(lines) + 1):
        line, so_far = lines[count - 1], lines[:count]
        if line.period is None or line.period[0].month != count:
            return                                     # a month is missing: what follows cannot be checked
        for column in ("consumption", "industrial", "non_industrial"):
            stated = line.figures.get(column + "_to_date")
            if stated is not None and all(column in m.figures for m in so_far):
                total = _sum(m.figures[column] for m in so_far)
                if differs(stated, total, tolerance):
                    yield _problem("cn-energy.months-sum", _at(line, file, column + "_to_date"), stated, total,
                                   carrier=line.name, unit=line.unit_text, months=str(count))
        yield from _weighted(line, so_far, file)
        opening = lines[0].figures.get("opening")
        if opening is not None and "closing" in line.figures and all(
                "purchase" in m.figures and consumption_of(m) is not None for m in so_far):
            expected = CONTEXT.add(opening, _sum(CONTEXT.subtract(CONTEXT.add(
                CONTEXT.subtract(m.figures["purchase"], consumption_of(m) or ZERO), m.figures.get("stocktake", ZERO)),
                m.figures.get("transfers_out", ZERO)) for m in so_far))
            bought = _sum(m.figures["purchase"] for m in so_far)
            gap = CONTEXT.subtract(expected, line.figures["closing"]).copy_abs()
            if gap > CONTEXT.multiply(max(opening.copy_abs(), bought.copy_abs()), tolerance):
                yield _problem("cn-energy.stock-balance", _at(line, file, "closing"), line.figures["closing"], expected,
                               carrier=line.name, unit=line.unit_text)


def _weighted(line: Line, so_far: Sequence[Line], file: str) -> Iterator[Problem]:
    """The cumulative coefficient is the average of the monthly ones, weighted with consumption."""
    stated = line.figures.get("coefficient_to_date")
    if stated is None or not all("consumption" in m.figures and "coefficient" in m.figures for m in so_far):
        return
    quantity = _sum(m.figures["consumption"] for m in so_far)
    if not quantity:
        return
    average = CONTEXT.divide(_sum(CONTEXT.multiply(m.figures["consumption"], m.figures["coefficient"])
                                  for m in so_far), quantity)
    if differs(stated, average, vocabulary.tolerance("coal")):
        yield _problem("cn-energy.coefficient-average", _at(line, file, "coefficient_to_date"), stated, average,
                       carrier=line.name)


# --- standard coal ------------------------------------------------------------------------------------------------


def _coal(sheet: Sheet, file: str) -> Iterator[Problem]:
    """The total of a form in tce is Σ quantity × coefficient; what is stated in standard coal counts as it stands."""
    if sheet.shape != "form":
        return
    total = next((of for of in sheet.lines if of.carrier == TOTAL), None)
    lines = [of for of in sheet.lines if of.carrier != TOTAL]
    for line in lines:
        yield from _own_coal(line, file)
    stated = None if total is None else total.figures.get("coal", total.figures.get("consumption"))
    if total is None or stated is None:
        return
    products: list[Decimal] = []
    for line in lines:
        used = consumption_of(line)
        if used is None or not used:
            continue
        coal = _in_coal(line, used)
        if coal is None:
            yield Problem("cn-energy.total-not-checked", _at(total, file, "consumption"), Severity.NOTE,
                          found=line.name)
            return
        products.append(coal)
    if differs(stated, _sum(products), vocabulary.tolerance("coal")):
        column = "coal" if "coal" in total.figures else "consumption"
        yield _problem("cn-energy.total-coal", _at(total, file, column), stated, _sum(products), carrier=total.name)


def _in_coal(line: Line, used: Decimal) -> Decimal | None:
    if line.unit in ("tce", "10ktce"):
        return unit(line.unit).to_base(used)
    coefficient = line.figures.get("coefficient")
    return None if coefficient is None else CONTEXT.multiply(used, coefficient)


def _own_coal(line: Line, file: str) -> Iterator[Problem]:
    """A row's own standard coal = consumption × coefficient, where both stand in it."""
    used, stated, coefficient = consumption_of(line), line.figures.get("coal"), line.figures.get("coefficient")
    if used is None or stated is None or coefficient is None:
        return
    product = CONTEXT.multiply(used, coefficient)
    if differs(stated, product, vocabulary.tolerance("coal")):
        yield _problem("cn-energy.row-coal", _at(line, file, "coal"), stated, product, carrier=line.name)


# --- form against ledger ------------------------------------------------------------------------------------------


def _year_of_form(sheets: Sequence[Sheet], file: str) -> Iterator[Problem]:
    """The cumulative form equals the sum of the ledger's months, where both are in the file for the same months."""
    ledger = _by_carrier(of for s in sheets if s.shape in ("months", "wide") for of in s.lines)
    for sheet in (s for s in sheets if s.shape == "form"):
        for line in sheet.lines:
            used = consumption_of(line)
            if line.period is None or used is None or line.unit is None or line.carrier is None or line.total:
                continue
            start, end = line.period
            months = [m for m in ledger.get((line.carrier, start.year), []) if m.period and m.period[1] <= end]
            amounts = [unit(m.unit).to_base(c) for m in months if m.unit and (c := consumption_of(m)) is not None and
                       unit(m.unit).dimension == unit(line.unit).dimension]
            if len(amounts) != end.month - start.month + 1:
                continue
            total = unit(line.unit).from_base(_sum(amounts))
            if differs(used, total, vocabulary.tolerance("sum")):
                yield _problem("cn-energy.months-sum", _at(line, file, "consumption"), used, total, carrier=line.name,
                               unit=line.unit_text, months=str(len(amounts)))
