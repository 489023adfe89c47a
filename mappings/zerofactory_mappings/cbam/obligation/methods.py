"""Embedded emissions and free allocation of a good by default and by actual data, per tonne, for a year of import.

Default: published total with the mark-up of the year of import; free allocation by column B of the benchmarks
(2025/2620 Annex point 4). Actual: as typed or computed; free allocation by column A of the own process plus that of
precursors (points 3.1 to 3.3). What a figure needs and is not there makes it unknown, with the reason; nothing is
guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.obligation.check import first_year
from zerofactory_mappings.cbam.obligation.computed import Computations, ProductValues
from zerofactory_mappings.cbam.obligation.model import Actual, Consignment, Data, UsedPrecursor
from zerofactory_mappings.cbam.table_reader import Cited, Source, Unknown

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.benchmarks import BenchmarkChoice
    from zerofactory_mappings.cbam.defaults.model import DefaultSet, DefaultValue
    from zerofactory_mappings.cbam.scope import CnGood, Country

ZERO, ONE = Decimal(0), Decimal(1)
CLINKER_UNIT = "t_clinker"


@dataclass(slots=True)
class Figures:
    """A good under one method. *direct* and *indirect* where they are known apart; *before_markup* of a default value;
    *reasons*: why something is not known, and what else a reader has to know."""

    data: Data
    see: Figure
    sefa: Figure
    direct: Figure | None = None
    indirect: Figure | None = None
    before_markup: Figure | None = None
    value: DefaultValue | None = None
    benchmark: BenchmarkChoice | None = None
    reasons: list[Problem] = field(default_factory=list)


class Methods:
    """Computes both methods under one choice of readings; *used* gathers the sources of every figure of the law."""

    def __init__(self, book: Book, readings: Mapping[str, str], sets: Sequence[DefaultSet] | None,
                 computations: Computations) -> None:
        self.book, self.readings, self.sets, self.computations = book, readings, sets, computations
        self.used: dict[tuple[str, str], Source] = {}
        self.versions: dict[str, None] = {}
        self.notes: dict[str, Problem] = {}
        self.computed: dict[str, dict[str, None]] = {}      # file → what in its calculation is provisional

    # --- default ----------------------------------------------------------------------------------------------------

    def default(self, c: Consignment, year: int, step: str) -> Figures:
        """By default values, for goods imported in *year* (2025/2621; 2025/2620 Annex point 4)."""
        unit = _unit(c)
        if c.good.sector == "electricity":
            return self._electricity(c, step)
        reasons: list[Problem] = []
        value = self._look_up(c.code, c.produced_in, year, c.variant, c.place, reasons)
        if value is None:
            unknown = self.book.unknown(f"{step}/see", unit, "cbam-obligation.missing.default")
            before, see, letters = None, unknown, c.route
        else:
            before = self.cited(value.total)
            see = self.book.apply("MARKUP", f"{step}/see", unit, before, self.cited(value.markup), table=value.table,
                                  matched=value.matched, version=value.version, fallback=value.fallback)
            letters = self._letters(value, c.route)
        produced = production_year(c, year)
        sefa, choice = self._allocation(f"{step}/sefa", c.good, "B", letters, self._factor_year(produced, year),
                                        produced, reasons, c.place)
        figures = Figures(Data.DEFAULT, see, sefa, before_markup=before, value=value, benchmark=choice, reasons=reasons)
        self._per_tonne_of_cement(c, figures, step)
        return figures

    def _electricity(self, c: Consignment, step: str) -> Figures:
        """2025/2621 Annex III, without mark-up and without free allocation (Commission Q&A 3.8)."""
        from zerofactory_mappings.cbam.defaults.store import grid_factor

        unit, reasons = _unit(c), list[Problem]()
        found = grid_factor(c.produced_in.id, "import")
        if isinstance(found, Unknown):
            reasons.append(_reason(found, c.place))
            see = self.book.unknown(f"{step}/see", unit, "cbam-obligation.missing.default")
        else:
            see = self.cited(found)
        return Figures(Data.DEFAULT, see, self._no_allocation(f"{step}/sefa", unit, "electricity"), before_markup=see,
                       reasons=reasons)

    def _look_up(self, code: str, country: Country | None, year: int, variant: str | None, place: Place,
                 reasons: list[Problem]) -> DefaultValue | None:
        try:
            value = self.computations.default_value(code, country, year, variant, self.sets)
        except ProblemsError as error:
            reasons.extend(_softened(p, place) for p in error.problems)
            return None
        self.versions.setdefault(f"{value.act}, {value.version}")
        for note in value.reasons:
            if note.args.keys() == {"version"}:         # of the whole edition: said once, not with every good
                self.notes.setdefault(f"{note.code}/{value.version}", note)
            else:
                reasons.append(_softened(note, place))
        return value

    def _letters(self, value: DefaultValue, stated: str | None) -> str | None:
        """Letters of the benchmark: of the default row; those stated by the reading ``alloy_grade``, or where the row
        has none."""
        if stated is not None and (self.readings["alloy_grade"] == "as_stated" or not value.routes):
            return stated
        return " ".join(value.routes) or None

    def _per_tonne_of_cement(self, c: Consignment, figures: Figures, step: str) -> None:
        """By the reading ``cement_tonne``: values per tonne of clinker, times clinker per tonne of cement (Eq 64)."""
        if c.good.functional_unit_definitive != CLINKER_UNIT or self.readings["cement_tonne"] != "clinker":
            return
        if c.clinker_share is None:
            figures.reasons.append(Problem("cbam-obligation.clinker-share-missing", c.place, Severity.WARNING,
                                           found=c.code, accepted="clinker_share"))
            share = self.book.unknown(f"{step}/clinker", "t/t", "cbam-obligation.missing.clinker")
        else:
            share = self.book.given(f"{step}/clinker", c.clinker_share)
        figures.see = self.book.apply("E64", f"{step}/see-per-t", "tCO2e/t", figures.see, share)
        figures.sefa = self.book.apply("E64", f"{step}/sefa-per-t", "tCO2e/t", figures.sefa, share)
        if figures.before_markup is not None:
            before = self.book.apply("E64", f"{step}/before-per-t", "tCO2e/t", figures.before_markup, share)
            figures.before_markup = before

    # --- actual -----------------------------------------------------------------------------------------------------

    def actual(self, c: Consignment, year: int, step: str) -> Figures | None:
        """By actual data, for goods imported in *year*; None where there are none."""
        actual = c.actual
        if actual is None:
            return None
        produced = production_year(c, year)
        if actual.computed is not None:
            return self._computed(c, actual, year, produced, step)
        reasons: list[Problem] = []
        if actual.see_direct is not None:
            direct = self.book.given(f"{step}/direct", actual.see_direct)
            indirect = self._indirect(c, actual, step)
        else:
            direct = self._given(actual.own_direct, f"{step}/own-direct")
            indirect = self._given(actual.own_indirect, f"{step}/own-indirect") if c.good.indirect_definitive \
                else self._not_counted(f"{step}/own-indirect")
        used = [self._precursor(p, i, year, produced, step, reasons) for i, p in enumerate(actual.precursors, 1)]
        own = self.book.apply("sum", f"{step}/own", _unit(c), direct, indirect)
        taken = [f for amount, see, _ in used for f in (amount, see)]
        see = self.book.apply("E62", f"{step}/see", _unit(c), own, *taken) if used else own
        sefa, choice = self._actual_allocation(c, actual, used, year, produced, step, reasons)
        figures = Figures(Data.ACTUAL, see, sefa, benchmark=choice, reasons=reasons)
        if not used:                                    # with precursors the parts are not kept apart
            figures.direct, figures.indirect = direct, indirect
        return figures

    def _computed(self, c: Consignment, actual: Actual, year: int, produced: int, step: str) -> Figures:
        assert actual.computed is not None
        found = self.computations.product(actual.computed, year, produced, self.readings, self.sets)
        place, unit = actual.computed.place, _unit(c)
        about = {"file": actual.computed.file, "product": actual.computed.product, "year": produced}
        direct = self._carried(f"{step}/direct", found.see_direct, unit, place, about)
        indirect = self._carried(f"{step}/indirect", found.see_indirect, unit, place, about)
        see = self.book.apply("sum", f"{step}/see", unit, direct, indirect)
        reasons = list(found.reasons)
        self.computed.setdefault(actual.computed.file, {}).update(dict.fromkeys(found.provisional))
        if c.good.sector == "electricity":
            sefa = self._no_allocation(f"{step}/sefa", unit, "electricity")
        else:
            factor_year = self._factor_year(produced, year)
            sefa = self._computed_allocation(c, found, factor_year, produced, step, reasons, about)
        return Figures(Data.ACTUAL, see, sefa, direct, indirect, reasons=reasons)

    def _computed_allocation(self, c: Consignment, found: ProductValues, factor_year: int, produced: int, step: str,
                             reasons: list[Problem], about: Mapping[str, object]) -> Figure:
        """The allocation that was computed, unless a reading says that what it rests on is not known."""
        unit, phase = "tCO2e/t", tables.phase_in(factor_year)
        if isinstance(phase.factor, Cited) and phase.factor.value == ZERO:
            return self._no_allocation(f"{step}/sefa", unit, "phased-out")
        if phase.preliminary and self.readings["cscf_after_2030"] == "unknown":
            reasons.append(Problem("cbam-obligation.cscf-unknown", c.place, Severity.WARNING, found=str(factor_year)))
            return self.book.unknown(f"{step}/sefa", unit, "cbam-obligation.missing.cscf")
        choice = tables.benchmarks(c.good.cn, "A", c.route, produced)
        if _AFTER_LAST in choice.reasons and self.readings["benchmarks_after_2030"] == "unknown":
            return self._benchmark(choice, f"{step}/sefa", reasons, c.place)
        return self._carried(f"{step}/sefa", found.sefa, unit, c.place, about)

    def _carried(self, step: str, value: Decimal | None, unit: str, place: Place,
                 about: Mapping[str, object]) -> Figure:
        from zerofactory_mappings.cbam.model import Given

        if value is None:
            return self.book.unknown(step, unit, "cbam-obligation.missing.computed")
        return self.book.given(step, Given(value, unit, place), **about)

    def _indirect(self, c: Consignment, actual: Actual, step: str) -> Figure:
        """Indirect emissions that count: of the good where the law counts them, of its precursors otherwise."""
        if c.good.indirect_definitive:
            return self._given(actual.see_indirect, f"{step}/indirect")
        if actual.see_indirect_of_precursors is not None:
            return self.book.given(f"{step}/indirect", actual.see_indirect_of_precursors)
        return self._not_counted(f"{step}/indirect")

    def _not_counted(self, step: str) -> Figure:
        return self.book.constant(step, ZERO, "tCO2e/t", "cbam-obligation.rule.indirect-not-counted")

    def _given(self, given: object, step: str) -> Figure:
        from zerofactory_mappings.cbam.model import Given

        if isinstance(given, Given):
            return self.book.given(step, given)
        return self.book.unknown(step, "tCO2e/t", "cbam-obligation.missing.actual")

    # --- precursors -------------------------------------------------------------------------------------------------

    def _precursor(self, p: UsedPrecursor, number: int, year: int, produced: int, step: str,
                   reasons: list[Problem]) -> tuple[Figure, Figure, Figure]:
        """Amount, embedded emissions and free allocation of a precursor, per tonne of the good and of the precursor."""
        base = f"{step}/precursor:{number}"
        amount = self.book.given(f"{base}/amount", p.amount)
        if p.country is not None and p.country.outside:
            return amount, *(self.book.constant(f"{base}/{n}", ZERO, "tCO2e/t", "cbam-obligation.rule.exempt-precursor")
                             for n in ("see", "sefa"))      # type: ignore[return-value]
        factor_year = self._factor_year(produced, year)
        if p.data is Data.ACTUAL:
            direct = self._given(p.see_direct, f"{base}/direct")
            indirect = self._given(p.see_indirect, f"{base}/indirect") if p.good.indirect_definitive \
                else self._not_counted(f"{base}/indirect")
            see = self.book.apply("sum", f"{base}/see", "tCO2e/t", direct, indirect)
            return amount, see, self._precursor_allocation(p, base, factor_year, produced, reasons)
        marked = year if self.readings["markup_year"] == "import" else produced
        value = self._look_up(p.code, p.country, marked, p.variant, p.place, reasons)
        if value is None:
            return amount, self.book.unknown(f"{base}/see", "tCO2e/t", "cbam-obligation.missing.default"), \
                self.book.unknown(f"{base}/sefa", "tCO2e/t", "cbam-obligation.missing.default")
        see = self.book.apply("MARKUP", f"{base}/see", "tCO2e/t", self.cited(value.total), self.cited(value.markup),
                              table=value.table, matched=value.matched, version=value.version, fallback=value.fallback)
        sefa, _ = self._allocation(f"{base}/sefa", p.good, "B", self._letters(value, p.route), factor_year, produced,
                                   reasons,
                                   p.place)
        return amount, see, sefa

    def _precursor_allocation(self, p: UsedPrecursor, base: str, factor_year: int, produced: int,
                              reasons: list[Problem]) -> Figure:
        """Of a precursor with an actual value: as its producer states it, else of a good without precursors."""
        if p.sefa is not None:
            return self._scaled(self.book.given(f"{base}/sefa-stated", p.sefa), produced, factor_year, base)
        if p.good.category.precursors:
            reasons.append(Problem("cbam-obligation.sefa-not-stated", p.place, Severity.WARNING, found=p.name))
            return self.book.unknown(f"{base}/sefa", "tCO2e/t", "cbam-obligation.missing.sefa")
        return self._allocation(f"{base}/sefa", p.good, "A", p.route, factor_year, produced, reasons, p.place)[0]

    # --- free allocation --------------------------------------------------------------------------------------------

    def _actual_allocation(self, c: Consignment, actual: Actual, used: Sequence[tuple[Figure, Figure, Figure]],
                           year: int,
                           produced: int, step: str, reasons: list[Problem]) -> tuple[Figure, BenchmarkChoice | None]:
        """SEFA with actual data: as reported, by the benchmarks, or by column B for a joint process."""
        factor_year = self._factor_year(produced, year)
        if c.good.sector == "electricity":
            return self._no_allocation(f"{step}/sefa", _unit(c), "electricity"), None
        if actual.sefa is not None:
            stated = self.book.given(f"{step}/sefa-stated", actual.sefa)
            of = actual.sefa_year or production_year(c, c.when.year)
            return self._scaled(stated, of, factor_year, step), None
        if actual.joint_process:
            if self.readings["joint_process_benchmark"] == "unknown":
                reasons.append(Problem("cbam-obligation.joint-process", c.place, Severity.WARNING, found=c.code))
                return self.book.unknown(f"{step}/sefa", _unit(c), "cbam-obligation.missing.benchmark"), None
            return self._allocation(f"{step}/sefa", c.good, "B", c.route, factor_year, produced, reasons, c.place)
        if c.good.category.precursors and not used and actual.own_direct is None:
            reasons.append(Problem("cbam-obligation.sefa-not-stated", actual.place, Severity.WARNING, found=c.code,
                                   accepted="sefa | own_direct + precursors"))
            return self.book.unknown(f"{step}/sefa", _unit(c), "cbam-obligation.missing.sefa"), None
        own, choice = self._allocation(f"{step}/sefa-own" if used else f"{step}/sefa", c.good, "A", c.route,
                                       factor_year,
                                       produced, reasons, c.place)
        if not used:
            return own, choice
        taken = [f for amount, _, sefa in used for f in (amount, sefa)]
        return self.book.apply("FA4", f"{step}/sefa", _unit(c), own, *taken), choice

    def _allocation(self, step: str, good: CnGood, column: str, letters: str | None, factor_year: int, produced: int,
                    reasons: list[Problem], place: Place) -> tuple[Figure, BenchmarkChoice | None]:
        """CBAM factor × cross-sectoral factor × benchmark (2025/2620 Annex Eq 2, 3 and 6)."""
        phase = tables.phase_in(factor_year)
        factor = self._known(phase.factor, f"{step}/factor", "1", reasons, place)
        if factor.value == ZERO:                        # nothing is allocated any more, whatever the other factors are
            return self._no_allocation(step, "tCO2e/t", "phased-out"), None
        if phase.preliminary and self.readings["cscf_after_2030"] == "unknown":
            reasons.append(Problem("cbam-obligation.cscf-unknown", place, Severity.WARNING, found=str(factor_year)))
            cscf = self.book.unknown(f"{step}/cscf", "1", "cbam-obligation.missing.cscf")
        else:
            cscf = self._known(phase.cscf, f"{step}/cscf", "1", reasons, place)
        choice = tables.benchmarks(good.cn, column, letters, produced)
        self.versions.setdefault(f"IR (EU) 2025/2620, {choice.version}")
        benchmark = self._benchmark(choice, step, reasons, place)
        return self.book.apply("FA2" if column == "A" else "FA6", step, "tCO2e/t", factor, cscf, benchmark,
                               column=column,
                               rule=choice.rule), choice

    def _benchmark(self, choice: BenchmarkChoice, step: str, reasons: list[Problem], place: Place) -> Figure:
        if _AFTER_LAST in choice.reasons and self.readings["benchmarks_after_2030"] == "unknown":
            reasons.append(Problem("cbam-obligation.benchmark-not-published", place, Severity.WARNING, found=choice.cn,
                                   args={"year": str(choice.year)}))
            return self.book.unknown(f"{step}/benchmark", "tCO2e/t", "cbam-obligation.missing.benchmark")
        for code in choice.reasons:
            note = Problem(code, place, Severity.NOTE, args={"cn": choice.cn})
            if code in OF_EDITION:                      # of the whole edition: said once, not with every good
                self.notes.setdefault(code, Problem(code, severity=Severity.NOTE))
            elif note not in reasons:
                reasons.append(note)
        found = choice.value
        if isinstance(found, Cited):                    # a row holds both columns: the proof tells them apart
            found = Cited(found.value, found.unit, replace(found.source, row=f"{found.source.row}/{choice.column}"))
        return self._known(found, f"{step}/benchmark", "tCO2e/t", reasons, place)

    def _scaled(self, stated: Figure, of: int, to: int, step: str) -> Figure:
        """A stated allocation with the factors of year *of*, in those of year *to*: every term of it bears the
        factor."""
        if of == to:
            return stated
        old, new = self._factors(of, f"{step}/factors:{of}"), self._factors(to, f"{step}/factors:{to}")
        if new.value == ZERO:
            return self._no_allocation(f"{step}/sefa", "tCO2e/t", "phased-out")
        ratio = self.book.apply("ratio", f"{step}/factors", "1", new, old)
        return self.book.apply("product", f"{step}/sefa", "tCO2e/t", stated, ratio)

    def _factors(self, year: int, step: str) -> Figure:
        phase = tables.phase_in(year)
        factor = self._known(phase.factor, f"{step}/factor", "1", [], NOWHERE)
        if factor.value == ZERO:
            return factor
        if phase.preliminary and self.readings["cscf_after_2030"] == "unknown":
            cscf = self.book.unknown(f"{step}/cscf", "1", "cbam-obligation.missing.cscf")
        else:
            cscf = self._known(phase.cscf, f"{step}/cscf", "1", [], NOWHERE)
        return self.book.apply("product", step, "1", factor, cscf)

    def _no_allocation(self, step: str, unit: str, why: str) -> Figure:
        return self.book.constant(step, ZERO, unit, f"cbam-obligation.rule.{why}")

    def _factor_year(self, produced: int, imported: int) -> int:
        return produced if self.readings["factor_year"] == "production" else imported

    # --- figures of the law -----------------------------------------------------------------------------------------

    def cited(self, cited: Cited) -> Figure:
        """A figure of the law; its source is kept."""
        self.used.setdefault((cited.source.table, cited.source.row), cited.source)
        return self.book.cited(cited)

    def _known(self, found: Cited | Unknown, step: str, unit: str, reasons: list[Problem], place: Place) -> Figure:
        if isinstance(found, Cited):
            return self.cited(found)
        reasons.append(_reason(found, place))
        return self.book.unknown(step, unit, found.reason)


def production_year(c: Consignment, year: int) -> int:
    """The year in which goods imported in *year* were made: as stated for the consignment, as its computed file has it,
    else *year* (2025/2547 Article 7(1)). In any year but that of the consignment goods are taken to be made in it."""
    if year != c.when.year:
        return year
    if c.production_year is not None:
        return c.production_year
    computed = c.actual.computed if c.actual is not None else None
    end = computed.installation.period_end if computed is not None else None
    return end.year if end is not None and first_year() <= end.year <= year else year


_AFTER_LAST = "cbam-table.benchmark-after-last"
#: Reasons of a choice of benchmark that hold for every good.
OF_EDITION = frozenset({_AFTER_LAST, "cbam-table.benchmark-revision"})


def _unit(c: Consignment) -> str:
    return "tCO2e/MWh" if c.good.sector == "electricity" else "tCO2e/t"


def _reason(unknown: Unknown, place: Place) -> Problem:
    return Problem(unknown.reason, place, Severity.WARNING, args=dict(unknown.args))


def _softened(problem: Problem, place: Place) -> Problem:
    """A problem of a look-up as a reason why one figure is not known: the rest of the input stands."""
    severity = Severity.WARNING if problem.severity is Severity.ERROR else problem.severity
    return Problem(problem.code, place, severity, problem.found, problem.accepted, problem.example, problem.args)
