"""What is wrong in substance with an input that can be read: names that lead nowhere, codes out of scope, wrong sums.

Works on the model, so it serves an installation of any origin. What the calculation itself notices (a balance that does
not close, a missing factor) is said there and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Protocol

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.input.build import document_ids
from zerofactory_mappings.cbam.input.figures import Notes, Row, at
from zerofactory_mappings.cbam.input.plausible import unlikely
from zerofactory_mappings.cbam.model import (
    Attribution,
    AttributionRule,
    Given,
    Installation,
    MeasuredSource,
    Method,
    PfcSource,
    Precursor,
    Process,
    Product,
    RouteAmount,
    SourceStream,
)
from zerofactory_mappings.cbam.obligation.readings import reading_problems

ONE, ZERO = Decimal(1), Decimal(0)
#: Shares may miss 1 by this much: thirds cannot be written out.
TOLERANCE = Decimal("0.000001")
#: Days of the longest calendar year.
LONGEST_DAYS = 366
#: Units of amounts and of what is stated per amount that go together.
PER = {"t": "/t", "1000Nm3": "/1000Nm3"}
Source = SourceStream | PfcSource | MeasuredSource


class Named(Protocol):
    """A row of the model with an id."""

    @property
    def id(self) -> str:
        """What other rows call it."""

    @property
    def place(self) -> Place:
        """Where it stands."""


def check(installation: Installation) -> tuple[Problem, ...]:
    """Everything that is wrong in substance, in the order of the input."""
    found: list[Problem] = []
    for problem in _Check(installation).run():
        if problem not in found:
            found.append(problem)
    return tuple(found)


class _Check:
    def __init__(self, installation: Installation) -> None:
        self.given = installation
        self.processes = dict.fromkeys(p.id for p in installation.processes)
        self.units = {u.id for u in installation.units}
        self.documents = document_ids(installation.details)
        self.sources: tuple[Source, ...] = (*installation.streams, *installation.pfc, *installation.measured)

    def run(self) -> Iterator[Problem]:
        yield from self._header()
        yield from self._period()
        yield from _twice(self.sources)
        yield from _twice(self.given.units)
        yield from _twice(self.given.processes)
        yield from _twice(self.given.precursors)
        for stream in self.given.streams:
            yield from self._stream(stream)
        for source in self.sources:
            yield from self._attribution(source)
        for process in self.given.processes:
            yield from self._process(process)
        for precursor in self.given.precursors:
            yield from self._precursor(precursor)
        for product in self.given.products:
            yield from self._product(product)
        yield from self._products_twice()
        yield from unlikely(self.given)
        yield from reading_problems([(question, answer, at(self.given.place, f"readings/{question}"))
                                     for question, answer in self.given.readings.items()])
        yield from self._documents()

    # --- installation and period ------------------------------------------------------------------------------------

    def _header(self) -> Iterator[Problem]:
        country, where = self.given.country, at(self.given.place, "installation/country")
        if country is None:
            yield _problem("country-missing", where, Severity.WARNING, example="CN")
        elif scope.find_country(country) is None:
            yield from _caught(scope.country, country, where)
        if not self.given.processes:
            yield _problem("nothing-made", self.given.place, accepted="processes")

    def _period(self) -> Iterator[Problem]:
        start, end, where = self.given.period_start, self.given.period_end, at(self.given.place, "period")
        if start is None or end is None:
            yield _problem("period-missing", where, example="{start: 2026-01-01, end: 2026-12-31}")
        elif start > end:
            yield _problem("dates-backwards", where, found=f"{start} … {end}")
        elif (end - start).days + 1 > LONGEST_DAYS:
            yield _problem("period-too-long", where, found=f"{start} … {end}")
        elif (start.month, start.day, end.month, end.day) != (1, 1, 12, 31) or start.year != end.year:
            months = int(tables.constant("alternative_period_months").value)
            short = _months_after(start, months) > end + timedelta(days=1)
            yield _problem("period-too-short" if short else "period-not-calendar-year", where,
                           Severity.WARNING if short else Severity.NOTE, found=f"{start} … {end}",
                           example="2026-01-01 … 2026-12-31")

    # --- sources ----------------------------------------------------------------------------------------------------

    def _stream(self, stream: SourceStream) -> Iterator[Problem]:
        amount = stream.amount
        behind = PER.get(amount.unit) if amount is not None else None
        for name, given in (("ncv", stream.ncv), ("carbon_content", stream.carbon_content)):
            if given is not None and behind is not None and "/" in given.unit and not given.unit.endswith(behind):
                yield _problem("units-apart", given.place, found=f"{given.unit} ≠ {amount.unit if amount else ''}",
                               accepted=given.unit.partition("/")[0] + behind, stream=stream.id, field=name)
        if amount is not None and amount.value < 0 and stream.method is not Method.MASS_BALANCE:
            yield _problem("negative", amount.place, found=plain(amount.value), stream=stream.id)
        if stream.factor is not None and not _known_factor(stream.factor):
            yield _problem("factor-unknown", _field(stream.place, "factor"), found=stream.factor,
                           accepted=", ".join([f.id for f in tables.fuels()][:12]) + " …", stream=stream.id)
        both = [n for n, x in (("oxidation", stream.oxidation), ("ash_carbon", stream.ash_carbon)) if x is not None]
        if len(both) > 1:
            yield _problem("prevails", stream.place, Severity.WARNING, found="ash_carbon", accepted="oxidation")

    def _attribution(self, source: Source) -> Iterator[Problem]:
        attributed = source.attributed
        for process in attributed.ids:
            if process not in self.processes:
                yield _unknown_process(process, _place_of(attributed, process, source.place), self.processes)
        if attributed.rule is AttributionRule.SHARES and attributed.shares:
            with localcontext(CONTEXT):
                total = sum((g.value for g in attributed.shares.values()), ZERO)
            if abs(total - ONE) > TOLERANCE:
                over = total > ONE
                yield _problem("shares-over-one" if over else "shares-below-one",
                               next(iter(attributed.shares.values())).place,
                               Severity.ERROR if over else Severity.WARNING, found=f"{plain(total.scaleb(2))} %",
                               accepted="100 %", stream=source.id)
        if not attributed.ids and not self.given.units and any(p.direct is None for p in self.given.processes):
            yield _problem("attributed-nowhere", source.place, Severity.WARNING, found=source.name, stream=source.id)
        stated = [p.id for p in self.given.processes if p.id in attributed.ids and p.direct is not None]
        if stated:
            yield _problem("direct-prevails", source.place, Severity.WARNING, found=", ".join(stated), stream=source.id)

    # --- processes --------------------------------------------------------------------------------------------------

    def _process(self, process: Process) -> Iterator[Problem]:
        category = scope.find_category(process.category) if process.category else None
        for text in process.included:
            if scope.find_category(text) is None:
                yield from _caught(scope.category, text, _field(process.place, "included"))
        yield from _routes(process.production, category, process.place)
        for good in process.goods:
            yield from scope.read_cn(good.cn, place=good.amount.place).problems
        yield from self._goods(process)
        for taker, amount in process.to_processes.items():
            if taker not in self.processes:
                yield _unknown_process(taker, amount.place, self.processes)
        heat = process.heat
        named = [] if heat is None else [("imported_from", heat.imported_from), ("exported_from", heat.exported_from)]
        named += [("unit", u.unit) for u in process.electricity]
        named += [("exported_electricity_from", process.exported_electricity_from)]
        for field, unit in named:
            if unit is not None and unit not in self.units:
                yield _problem("unit-unknown", _field(process.place, field), found=unit,
                               accepted=", ".join(sorted(self.units)) or None, process=process.id)
        for given in _amounts(process):
            if given.value < 0:
                yield _problem("negative", given.place, found=plain(given.value), stream=process.id)

    def _goods(self, process: Process) -> Iterator[Problem]:
        """Goods by code against the production by route."""
        if not process.goods or not process.production:
            return
        with localcontext(CONTEXT):
            goods = sum((g.amount.value for g in process.goods), ZERO)
            made = sum((r.amount.value for r in process.production), ZERO)
        if goods != made:
            yield _problem("goods-differ", process.place, Severity.WARNING, found=plain(goods), accepted=plain(made),
                           process=process.id)

    # --- precursors -------------------------------------------------------------------------------------------------

    def _precursor(self, precursor: Precursor) -> Iterator[Problem]:
        place = precursor.place
        category = scope.find_category(precursor.category) if precursor.category else None
        if precursor.category and category is None:
            yield from _caught(scope.category, precursor.category, _field(place, "category"))
        if precursor.cn:
            reading = scope.read_cn(precursor.cn, place=place)
            yield from reading.problems
            if reading.good is not None and category is not None and reading.good.category.id != category.id:
                yield _problem("precursor-category", place, Severity.WARNING,
                               found=f"{precursor.cn}: {reading.good.category.id}",
                               accepted=category.id, precursor=precursor.id)
            category = category or (reading.good.category if reading.good is not None else None)
        elif category is None and not precursor.category:
            yield _problem("precursor-unnamed", place, accepted="cn, category", precursor=precursor.id)
        if precursor.country is not None and scope.find_country(precursor.country) is None:
            yield from _caught(scope.country, precursor.country, place)
        yield from _routes(precursor.bought, category, place)
        for taker, amount in precursor.used_in.items():
            if taker not in self.processes:
                yield _unknown_process(taker, amount.place, self.processes)
        yield from self._times(precursor)
        for given in (*(r.amount for r in precursor.bought), *precursor.used_in.values(), precursor.other_use,
                      precursor.direct, precursor.indirect, precursor.electricity, precursor.electricity_ef):
            if given is not None and given.value < 0:
                yield _problem("negative", given.place, found=plain(given.value), stream=precursor.id)

    def _times(self, precursor: Precursor) -> Iterator[Problem]:
        report = precursor.report
        pairs = [(precursor.period_start, precursor.period_end, precursor.place)]
        if report is not None:
            pairs.append((report.period_start, report.period_end, report.place))
            for text in report.cn_codes:
                yield from scope.read_cn(text, place=_field(report.place, "cn_codes")).problems
        for start, end, place in pairs:
            if start is not None and end is not None and start > end:
                yield _problem("dates-backwards", place, found=f"{start} … {end}")

    # --- products ---------------------------------------------------------------------------------------------------

    def _product(self, product: Product) -> Iterator[Problem]:
        process = self.given.process(product.process)
        if process is None:
            yield _unknown_process(product.process, product.place, self.processes)
        if product.cn is not None:
            yield from scope.read_cn(product.cn, place=product.place).problems
        category = scope.find_category(process.category) if process is not None and process.category else None
        known = {} if category is None else {p.id: p for p in category.parameters}
        for name, text in product.parameters.items():
            place = _field(product.place, f"parameters/{name}")
            if category is not None and name not in known:
                yield _problem("parameter-not-asked", place, Severity.NOTE, found=name,
                               accepted=", ".join(known) or None,
                               category=category.id)
            elif category is not None:
                yield from _parameter(text, known[name].unit, place)

    def _products_twice(self) -> Iterator[Problem]:
        seen: set[tuple[str, str | None, str]] = set()
        for product in self.given.products:
            key = (product.process, product.cn, product.name)
            if key in seen:
                yield _problem("product-twice", product.place, Severity.WARNING,
                               found=f"{product.cn} {product.name}".strip())
            seen.add(key)

    # --- documents --------------------------------------------------------------------------------------------------

    def _documents(self) -> Iterator[Problem]:
        for document, place in _referred(self.given):
            name = document.partition("#")[0]
            if self.documents and name not in self.documents:
                yield _problem("document-unknown", place, Severity.WARNING, found=name,
                               accepted=", ".join(sorted(self.documents)))


def _problem(code: str, place: Place, severity: Severity = Severity.ERROR, *, found: str | None = None,
             accepted: str | None = None, example: str | None = None, **args: str) -> Problem:
    return Problem(f"cbam-input.{code}", place, severity, found, accepted or None, example, args)


def _unknown_process(name: str, place: Place, known: Iterable[str]) -> Problem:
    """As the calculation says it, so that it is said once."""
    return Problem("cbam.unknown-process", place, found=name, accepted=", ".join(known))


def _caught(look: Callable[..., object], *what: object) -> Iterator[Problem]:
    """The problems that a look-up raises."""
    try:
        look(*what)
    except ProblemsError as error:
        yield from error.problems


def _twice(rows: Sequence[Named]) -> Iterator[Problem]:
    """Ids that two rows have; sources of emissions share theirs."""
    seen: dict[str, Place] = {}
    for row in rows:
        if row.id in seen:
            yield _problem("id-twice", row.place, found=row.id, first=str(seen[row.id]))
        seen.setdefault(row.id, row.place)


def _field(place: Place, name: str) -> Place:
    """The place of a field of the row at *place*."""
    return at(place, f"{place.path}/{name}" if place.path else name)


def _known_factor(name: str) -> bool:
    for find in (tables.fuel, tables.process_factor):
        try:
            find(name)
        except ProblemsError:
            continue
        return True
    return False


def _place_of(attributed: Attribution, process: str, otherwise: Place) -> Place:
    given = attributed.shares.get(process) or attributed.molar.get(process, (None, ""))[0]
    return otherwise if given is None else given.place


def _routes(amounts: Sequence[RouteAmount], category: scope.Category | None, place: Place) -> Iterator[Problem]:
    for entry in amounts:
        if category is not None and scope.find_route(category, entry.route) is None:
            where = entry.amount.place if entry.amount.place != Place() else place
            yield from _caught(scope.route, category, entry.route, where)


def _parameter(text: str, unit: str, place: Place) -> Iterator[Problem]:
    """A sector parameter that is a share has to be one."""
    if unit != "1":
        return
    notes = Notes()
    Row({}, None, {}, "", notes).share(text, place)
    yield from (*notes.refused, *notes.substance)


def _amounts(process: Process) -> Iterator[Given]:
    """Figures of a process that cannot be below zero."""
    yield from (r.amount for r in process.production)
    yield from (g.amount for g in process.goods)
    yield from process.to_processes.values()
    for given in (process.content, process.to_market, process.to_other, process.exported_electricity):
        if given is not None:
            yield given
    yield from (u.consumed for u in process.electricity if u.consumed is not None)


def _referred(installation: Installation) -> Iterator[tuple[str, Place]]:
    """Every document that a row or figure refers to."""
    for stream in installation.streams:
        yield from ((d, stream.place) for d in stream.evidence)
    for measured in installation.measured:
        yield from ((d, measured.place) for d in measured.evidence)
    for unit in installation.units:
        yield from ((d, unit.place) for d in unit.documents)
    for process in installation.processes:
        if process.waste_gas is not None:
            yield from ((d, process.place) for d in process.waste_gas.evidence)
        for use in process.electricity:
            yield from ((d, use.place) for d in use.documents)
        yield from ((d, g.place) for g in _amounts(process) for d in g.documents)
    for stream in installation.streams:
        yield from ((d, g.place) for g in (stream.amount, stream.ncv, stream.ef, stream.carbon_content) if g is not None
                    for d in g.documents)
    for precursor in installation.precursors:
        if precursor.report is not None and precursor.report.document:
            yield precursor.report.document, precursor.report.place
        yield from ((d, g.place) for g in (precursor.direct, precursor.electricity, *precursor.used_in.values())
                    if g is not None for d in g.documents)


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last one of it."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))
