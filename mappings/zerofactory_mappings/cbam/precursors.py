"""Which value a bought precursor has: actual with a verification report that fits, else the default (2025/2547 Annex
II A.1, E).

Goods of the EU and of exempt origins have no embedded emissions (Annex III B). The transitional basis takes what the
operator states, as the Commission's workbook does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.model import Basis, Given, Origin, Precursor, ValueSource, VerificationReport

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet, DefaultValue

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class PrecursorValue:
    """Embedded emissions of one unit of a precursor. *per_unit* converts what a process takes (t) into units of the
    value: 1, or functional units per t. *default*: the value looked up."""

    precursor: Precursor
    category: scope.Category | None
    direct: Figure
    indirect: Figure
    electricity: Figure
    per_unit: Figure
    source: ValueSource
    reason: Problem | None = None
    default: DefaultValue | None = None
    free: bool = False          # EU or exempt origin: nothing embedded, no free allocation to add


class Precursors:
    """Chooses and computes the value of every bought precursor."""

    def __init__(self, book: Book, basis: Basis, origin: Origin, year: int | None,
                 sets: tuple[DefaultSet, ...] | None) -> None:
        self.book, self.basis, self.year, self.sets = book, basis, year, sets
        self.blank = basis is Basis.TRANSITIONAL and origin is Origin.COMMISSION

    def value(self, precursor: Precursor) -> PrecursorValue:
        """The value of one precursor under the basis."""
        category = scope.find_category(precursor.category) if precursor.category else None
        if category is None and precursor.cn:
            reading = scope.read_cn(precursor.cn, place=precursor.place)
            category = reading.good.category if reading.good else None
        if self.basis is Basis.TRANSITIONAL:
            return self._stated(precursor, category)
        country = scope.find_country(precursor.country) if precursor.country else None
        if country is not None and (country.eu or country.exempt):
            return self._free(precursor, category)
        if precursor.direct is not None and precursor.direct_source is not ValueSource.DEFAULT:
            lacking = report_misfits(precursor)
            if not lacking:
                return self._actual(precursor, category)
            reason = Problem("cbam.actual-value-refused", precursor.place, Severity.WARNING, found=precursor.name,
                             accepted="; ".join(lacking), args={"precursor": precursor.id})
            self.book.extend([reason])
            return self._default(precursor, category, reason)
        return self._default(precursor, category, None)

    # --- stated, actual, free ----------------------------------------------------------------------------------------

    def _stated(self, precursor: Precursor, category: scope.Category | None) -> PrecursorValue:
        base = f"precursor:{precursor.id}"
        direct = self._given(f"{base}/direct", precursor.direct, "tCO2e/t")
        electricity = self._given(f"{base}/electricity", precursor.electricity, "MWh/t")
        indirect = self._indirect(precursor, base, electricity)
        if not direct.known:
            self.book.report("cbam.precursor-value-missing", precursor.place, Severity.WARNING, found=precursor.name,
                             precursor=precursor.id)
        source = precursor.direct_source or ValueSource.UNKNOWN
        return PrecursorValue(precursor, category, direct, indirect, electricity, self._one(base), source)

    def _indirect(self, precursor: Precursor, base: str, electricity: Figure) -> Figure:
        """Indirect emissions as stated, else electricity × factor."""
        if precursor.indirect is not None:
            return self.book.given(f"{base}/indirect", precursor.indirect)
        if precursor.electricity is None and precursor.electricity_ef is None:
            return self._given(f"{base}/indirect", None, "tCO2e/t")
        factor = self._given(f"{base}/electricity-ef", precursor.electricity_ef, "tCO2e/MWh")
        return self.book.apply("E35", f"{base}/indirect", "tCO2e/t", electricity, factor)

    def _actual(self, precursor: Precursor, category: scope.Category | None) -> PrecursorValue:
        base = f"precursor:{precursor.id}"
        stated = precursor.direct
        assert stated is not None
        direct = self.book.given(f"{base}/direct", stated)
        electricity = self._given(f"{base}/electricity", precursor.electricity, "MWh/t")
        if category is not None and not category.indirect_definitive:
            indirect = self.book.constant(f"{base}/indirect", ZERO, "tCO2e/t", "cbam.rule.indirect-out-of-scope")
        else:
            indirect = self._indirect(precursor, base, electricity)
            if not indirect.known:
                self.book.report("cbam.precursor-indirect-missing", precursor.place, found=precursor.name)
        per_unit = self._one(base)
        unit = stated.unit.partition("/")[2]
        if unit and unit != (category.unit_transitional if category else "t"):
            if precursor.content is None:
                self.book.report("cbam.precursor-content-missing", precursor.place, found=precursor.name, accepted=unit)
            per_unit = self._given(f"{base}/content", precursor.content, f"{unit}/t", blank=False)
        return PrecursorValue(precursor, category, direct, indirect, electricity, per_unit, ValueSource.MEASURED)

    def _free(self, precursor: Precursor, category: scope.Category | None) -> PrecursorValue:
        base = f"precursor:{precursor.id}"
        nothing = [self.book.constant(f"{base}/{name}", ZERO, unit, "cbam.rule.exempt-origin")
                   for name, unit in (("direct", "tCO2e/t"), ("indirect", "tCO2e/t"))]
        electricity = self._given(f"{base}/electricity", precursor.electricity, "MWh/t", blank=True)
        return PrecursorValue(precursor, category, nothing[0], nothing[1], electricity, self._one(base),
                              ValueSource.MEASURED, free=True)

    # --- default -----------------------------------------------------------------------------------------------------

    def _default(self, precursor: Precursor, category: scope.Category | None, reason: Problem | None) -> PrecursorValue:
        """The default value with mark-up; not known, with the reason, where none can be found."""
        base = f"precursor:{precursor.id}"
        found = self._look_up(precursor)
        electricity = self._given(f"{base}/electricity", precursor.electricity, "MWh/t", blank=True)
        if found is None:
            direct = self.book.unknown(f"{base}/direct", "tCO2e/t", "cbam.missing-default")
            indirect = self.book.unknown(f"{base}/indirect", "tCO2e/t", "cbam.missing-default")
            return PrecursorValue(precursor, category, direct, indirect, electricity, self._one(base),
                                  ValueSource.DEFAULT, reason)
        total = self.book.cited(found.total)
        markup = self.book.cited(found.markup)
        marked = self.book.apply("MARKUP", f"{base}/default", "tCO2e/t", total, markup, table=found.table,
                                 matched=found.matched, version=found.version, fallback=found.fallback)
        counts = category is not None and category.indirect_definitive
        if counts and found.indirect is not None:
            part = self.book.apply("MARKUP", f"{base}/indirect", "tCO2e/t", self.book.constant(
                f"{base}/default-indirect", found.indirect, "tCO2e/t", "cbam.rule.published-indirect"), markup)
        else:
            part = self.book.constant(f"{base}/indirect", ZERO, "tCO2e/t", "cbam.rule.total-is-direct")
        direct = self.book.apply("difference", f"{base}/direct", "tCO2e/t", marked, part)
        return PrecursorValue(precursor, category, direct, part, electricity, self._one(base), ValueSource.DEFAULT,
                              reason,
                              found)

    def _look_up(self, precursor: Precursor) -> DefaultValue | None:
        from zerofactory_mappings.cbam.defaults.lookup import lookup

        if not precursor.cn:
            self.book.report("cbam.precursor-needs-cn", precursor.place, found=precursor.name, precursor=precursor.id)
            return None
        if self.year is None:
            self.book.report("cbam.year-unknown", precursor.place)
            return None
        try:
            found = lookup(precursor.cn, precursor.country, year=self.year, variant=precursor.grade, sets=self.sets,
                           place=precursor.place)
        except ProblemsError as error:
            self.book.extend(error.problems)
            return None
        if found.provisional:
            self.book.provisional.setdefault(f"default-values/{found.version}")
        if found.fallback:
            self.book.report("cbam.default-fallback", precursor.place, Severity.NOTE, found=precursor.name,
                             accepted=found.table, precursor=precursor.id)
        return found

    # --- helpers -----------------------------------------------------------------------------------------------------

    def _one(self, base: str) -> Figure:
        return self.book.constant(f"{base}/per-unit", ONE, "1", "cbam.rule.unit-is-functional-unit")

    def _given(self, step_id: str, given: Given | None, unit: str, *, blank: bool | None = None) -> Figure:
        if given is not None:
            return self.book.given(step_id, given)
        if self.blank if blank is None else blank:
            return self.book.constant(step_id, ZERO, unit, "cbam.rule.blank-is-zero")
        return self.book.unknown(step_id, unit, "cbam.missing")


def report_misfits(precursor: Precursor) -> list[str]:
    """Why the verification report does not carry the actual value of *precursor*; empty: it does.

    2025/2547 Annex II A.1 point 4: an accredited verifier with the right scope, the same goods, installation and
    period.
    Codes of sentences ``cbam.report.…`` are given without their prefix.
    """
    report = precursor.report
    if report is None:
        return ["report"]
    found = [name for name, wrong in _misfits(precursor, report).items() if wrong]
    if report.accreditation_scope and not _in_scope(precursor, report):
        found.append("accreditation_scope")
    return found


def _misfits(precursor: Precursor, report: VerificationReport) -> Mapping[str, bool]:
    cn = (precursor.cn or "").replace(" ", "")[:8]
    issued, valid_to = report.issued, report.accreditation_valid_to
    period_known = None not in (precursor.period_start, precursor.period_end, report.period_start, report.period_end)
    return {
        "accreditation_number": not report.accreditation_number,
        "accreditation_scope": not report.accreditation_scope,
        "accreditation_valid_to": valid_to is None or (issued is not None and issued > valid_to),
        "reasonable_assurance": report.reasonable_assurance is not True,
        "document": not report.document,
        "cn_codes": not cn or cn not in {c.replace(" ", "")[:8] for c in report.cn_codes},
        "installation": not report.installation or report.installation != precursor.installation,
        "period": not period_known or not (
            report.period_start <= precursor.period_start              # type: ignore[operator]
            and precursor.period_end <= report.period_end),            # type: ignore[operator]
    }


def _in_scope(precursor: Precursor, report: VerificationReport) -> bool:
    """Whether the accreditation names the category or a beginning of the CN code."""
    cn = (precursor.cn or "").replace(" ", "")
    return any(s == precursor.category or (s.isdigit() and cn.startswith(s)) for s in report.accreditation_scope)
