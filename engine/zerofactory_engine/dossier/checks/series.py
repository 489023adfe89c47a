"""Metered series: holes, meters that say nothing, calibration that ran out, declarations without a document."""

from __future__ import annotations

from collections.abc import Iterator

from zerofactory_engine.dossier.checks.common import at_section, finding
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.series import Span, holes, in_service, outside, overlap, overlaps, series_of, spans
from zerofactory_engine.dossier.structure import METERED_TABLES, SERIES_TABLES
from zerofactory_engine.problems import Problem, Severity


def holes_in_series(dossier: Dossier) -> Iterator[Problem]:
    """Days in service of which a meter has no row; a gap entry explains them, it does not fill them."""
    entries = dossier.rows.get("gaps", ())
    for table in METERED_TABLES:
        for series in series_of(dossier, table):
            service = in_service(dossier, series.meter)
            if service is None or not series.rows or not spans(series.rows):
                continue
            for hole in holes(service, spans(series.rows)):
                explained = [Span(g.start, g.end) for g in entries
                             if g.meter == series.meter and g.start is not None and g.end is not None]
                code = "dossier.series-gap" if holes(hole, explained) else "dossier.series-gap-explained"
                yield finding(code, series.rows[0], found=hole, meter=series.meter)


def meters_without_rows(dossier: Dossier) -> Iterator[Problem]:
    """A meter that is said to measure a table and has no row there, while it is in service."""
    for table in METERED_TABLES:
        for series in series_of(dossier, table):
            meter = dossier.row("meters", series.meter)
            if not series.rows and meter is not None and in_service(dossier, series.meter) is not None:
                yield finding("dossier.meter-without-rows", meter, "measures", found=table)


def rows_that_overlap(dossier: Dossier) -> Iterator[Problem]:
    """Two rows of one meter that state the same thing for the same days; sums over the table are not known."""
    for table in SERIES_TABLES:
        for found in overlaps(dossier, table):
            yield finding("dossier.rows-overlap", found.other, found=found.span, one=found.one.id, other=found.other.id,
                          meter=str(found.other.meter))


def period_edges(dossier: Dossier) -> Iterator[Problem]:
    """Rows outside the period, and rows that run over its edge as a bill between two reading days does."""
    whole = Span(dossier.period.start, dossier.period.end)
    for table in SERIES_TABLES:
        for row in outside(dossier, table):
            yield finding("dossier.row-outside-period", row, found=f"{row.start} … {row.end}", accepted=whole)
        for row in dossier.rows.get(table, ()):
            if row.start is None or row.end is None:
                continue
            inside = overlap(whole, Span(row.start, row.end))
            if inside is not None and inside != Span(row.start, row.end):
                yield finding("dossier.row-over-edge", row, found=Span(row.start, row.end), accepted=whole)


def gap_entries(dossier: Dossier) -> Iterator[Problem]:
    """Gap entries that say neither why nor how the hole is filled, or name a row that is not there."""
    for gap in dossier.rows.get("gaps", ()):
        if gap.values.get("reason") is None:
            yield finding("dossier.gap-without-reason", gap, "reason")
        substitution, row = gap.values.get("substitution"), gap.values.get("row")
        if substitution is None:
            yield finding("dossier.gap-without-substitution", gap, "substitution")
        elif substitution != "none" and (row is None or not any(
                dossier.row(t, row) is not None for t in METERED_TABLES)):
            yield finding("dossier.gap-not-filled", gap, "row", found=row)


def empty_tables(dossier: Dossier) -> Iterator[Problem]:
    """An empty table that is declared complete needs a declaration."""
    for table, documents in sorted(dossier.complete.items()):
        if not dossier.rows.get(table) and not documents:
            yield at_section("dossier.empty-without-declaration", f"complete/{table}", found=table)


def calibration(dossier: Dossier) -> Iterator[Problem]:
    """Calibration that ends before the meter's last day in the period."""
    for meter in dossier.rows.get("meters", ()):
        until, service = meter.values.get("calibrated_until"), in_service(dossier, meter.id)
        if service is None:
            continue
        if until is not None and until < service.end:
            yield finding("dossier.calibration-overdue", meter, "calibrated_until", found=until, accepted=service.end)
        elif until is None and meter.values.get("required") is True:
            yield finding("dossier.calibration-not-stated", meter, "calibrated_until", severity=Severity.NOTE)
