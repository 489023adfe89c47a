"""Which emission factor the electricity of a process may have (2025/2547 Annex II D, Annex III A).

An actual factor counts only for electricity over a direct technical link or under a power purchase agreement with
physical delivery, shown by metering in periods of at most one hour that match generation and consumption. Otherwise the
default of the grid applies, and the reason is printed. Certificates of origin do not qualify.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.energy import Energy
from zerofactory_mappings.cbam.model import Basis, ElectricitySource, ElectricityUse, HourlyMatch

ZERO = Decimal(0)
#: Codes of the transitional workbook for electricity over a link or an agreement, and for default factors.
ACTUAL_CODES = frozenset({"D.4.3.1", "D.4.3.2"})
OWN_CODES = frozenset({"D.4.1", "D.4.2"})


def check_match(match: HourlyMatch | None, source: ElectricitySource, consumed: Decimal | None,
                place: Place = NOWHERE) -> list[Problem]:
    """What is missing for an actual factor, all of it; empty: the factor may be used (2025/2547 Annex II D.4.3).

    Every period of at most one hour must have at least as much generation (direct link) or delivery (agreement) as the
    process consumed, the periods must follow each other without a gap or a repetition, and add up to the consumption.
    """
    if match is None:
        return [_problem("cbam.match-missing", place)]
    at = match.place if match.place != NOWHERE else place
    papers = {"generator_meter": match.generator_meter, "consumer_meter": match.consumer_meter,
              "contract": match.contract}
    if source is ElectricitySource.DIRECT_LINK:
        papers |= {"line_diagram": match.line_diagram}
    else:
        papers |= {"grid_connection": match.grid_connection}
    found = [_problem("cbam.match-document", at, accepted=name) for name, paper in papers.items() if not paper]
    longest = tables.constant("metering_period_minutes").value
    if match.minutes is None or not 0 < match.minutes <= longest:
        found.append(_problem("cbam.match-interval", at, found=str(match.minutes or ""),
                              accepted=f"≤ {plain(longest)} min"))
    if not match.rows:
        return [*found, _problem("cbam.match-missing", at)]
    found += _series(match, at)
    short = [(start, made, used) for start, made, used in match.rows if used > made]
    if short:
        start, made, used = short[0]
        found.append(_problem("cbam.match-short", at, found=f"{len(short)}: {start} {plain(used)} > {plain(made)} MWh",
                              accepted=f"{len(match.rows)}"))
    with localcontext(CONTEXT):
        total = sum((used for _, _, used in match.rows), ZERO)
    if consumed is not None and total != consumed:
        found.append(_problem("cbam.match-sum", at, found=f"{plain(total)} MWh", accepted=f"{plain(consumed)} MWh"))
    return found


def _series(match: HourlyMatch, at: Place) -> list[Problem]:
    """Periods that stand twice, out of order, or leave a gap; negative readings."""
    from datetime import datetime, timedelta

    found, moments = [], []
    for start, made, used in match.rows:
        try:
            moment = datetime.fromisoformat(start)
        except ValueError:
            return [_problem("cbam.match-time", at, found=start, accepted="2026-01-01T00:00+08:00")]
        if moment.tzinfo is None:
            return [_problem("cbam.match-time", at, found=start, accepted="2026-01-01T00:00+08:00")]
        moments.append(moment)
        if made < 0 or used < 0:
            found.append(_problem("cbam.match-negative", at, found=f"{start}: {plain(made)}, {plain(used)}"))
    step = timedelta(minutes=match.minutes) if match.minutes else moments[1] - moments[0] if len(moments) > 1 else None
    wrong = [match.rows[i + 1][0] for i, (a, b) in enumerate(pairwise(moments)) if b - a != step]
    if wrong:
        found.append(_problem("cbam.match-gap", at, found=f"{len(wrong)}: {wrong[0]}", accepted=f"{match.minutes} min"))
    return found


def _problem(code: str, place: Place, found: str | None = None, accepted: str | None = None) -> Problem:
    return Problem(code, place, Severity.WARNING, found=found, accepted=accepted)


class Electricity:
    """Chooses the factor of every use of electricity."""

    def __init__(self, book: Book, basis: Basis, country: str | None, energy: Energy) -> None:
        self.book, self.basis, self.country, self.energy = book, basis, country, energy

    def factor(self, use: ElectricityUse, base: str) -> Figure:
        """tCO2e per MWh of this use."""
        if self.basis is Basis.TRANSITIONAL:
            return self._stated(use, base)
        if use.source is ElectricitySource.OWN or (use.source is ElectricitySource.STATED and use.code in OWN_CODES):
            return self._stated(use, base)
        if use.source is ElectricitySource.ALTERNATIVE_DEFAULT:
            if not use.documents:
                self.book.report("cbam.alternative-default-without-evidence", use.place, Severity.WARNING, found=base)
            return self._stated(use, base)
        if use.source in {ElectricitySource.DIRECT_LINK, ElectricitySource.PPA}:
            amount = None if use.consumed is None else use.consumed.value
            lacking = check_match(use.match, use.source, amount, use.place)
            if not lacking:
                return self._stated(use, base)
            self.book.extend(lacking)
            self.book.report("cbam.actual-factor-refused", use.place, Severity.WARNING, found=str(use.source), use=base)
            return self._grid(use, base, stated=False)
        if use.code in ACTUAL_CODES:
            self.book.report("cbam.actual-factor-refused", use.place, Severity.WARNING, found=use.code, use=base)
            return self._grid(use, base, stated=False)
        return self._grid(use, base, stated=True)

    def _stated(self, use: ElectricityUse, base: str) -> Figure:
        if use.ef is not None:
            return self.book.given(f"{base}/ef", use.ef, source=str(use.source), code=use.code)
        if use.unit is not None:
            made = self.energy.factors.get(use.unit)
            if made is not None and made.electricity is not None:
                return made.electricity
            self.book.report("cbam.unit-without-electricity", use.place, found=use.unit)
        elif self.basis is Basis.TRANSITIONAL:
            return self.book.constant(f"{base}/ef", ZERO, "tCO2e/MWh", "cbam.rule.blank-is-zero")
        return self.book.unknown(f"{base}/ef", "tCO2e/MWh", "cbam.missing-electricity-factor")

    def _grid(self, use: ElectricityUse, base: str, *, stated: bool) -> Figure:
        """The default of the country's grid; one that was stated where no table was loaded, with a warning."""
        from zerofactory_mappings.cbam.defaults.store import grid_factor

        found = grid_factor(self.country, "indirect") if self.country else None
        if isinstance(found, tables.Cited):
            if stated and use.ef is not None and use.ef.value != found.value:
                self.book.report("cbam.grid-factor-differs", use.ef.place, Severity.WARNING, found=plain(use.ef.value),
                                 accepted=plain(found.value), use=base)
            return self.book.cited(found)
        if stated and use.ef is not None:
            self.book.report("cbam.grid-factor-unchecked", use.ef.place, Severity.WARNING, found=plain(use.ef.value),
                             country=self.country or "?")
            return self.book.given(f"{base}/ef", use.ef, source=str(use.source), code=use.code)
        self.book.report("cbam.grid-factor-unknown", use.place, Severity.WARNING, found=self.country or "?", use=base)
        return self.book.unknown(f"{base}/ef", "tCO2e/MWh", "cbam.missing-electricity-factor")
