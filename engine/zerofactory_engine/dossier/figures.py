"""Single figures: ``figure("industrial_value_added")`` of the period, of the base year, or of an earlier year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.series import Span, holes, overlap, spans
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.units import unit

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Dossier, Row


def figure(dossier: Dossier, name: str, of: str = "period") -> Decimal | Unknown:
    """The figure in the base unit of its dimension.

    *of*: ``period``, ``base`` (the base year, or the history of that year), or four digits of a year of the history.
    Several rows that tile the time are added, if the figure is one that can be added (a share is not); unknown with
    the reason otherwise.
    """
    if of == "period":
        return _of_rows(_named(dossier, "economics", name), Span(dossier.period.start, dossier.period.end),
                        f"economics:{name}", name)
    if of == "base":
        for entry in dossier.base_year.get("figures") or ():
            if entry.get("figure") == name and entry.get("amount") is not None:
                value: Decimal = entry["amount"]
                return value
        year = dossier.base_year.get("year")
    else:
        year = Decimal(of) if of.isdigit() else None
    subject = f"history:{name}@{of}"
    if year is None:
        return Unknown(Reason(Cause.VALUE, subject, "dossier.reason-no-figure", (("figure", name),)))
    whole = Span(date(int(year), 1, 1), date(int(year), 12, 31))
    rows = [r for r in _named(dossier, "history", name)
            if r.start is not None and r.end is not None and whole.start <= r.start and r.end <= whole.end]
    return _of_rows(rows, whole, subject, name)


def _named(dossier: Dossier, table: str, name: str) -> list[Row]:
    return [r for r in dossier.rows.get(table, ()) if r.values.get("figure") == name]


def _of_rows(rows: Sequence[Row], whole: Span, subject: str, name: str) -> Decimal | Unknown:
    amounts = [r.values.get("amount") for r in rows]
    if not rows or None in amounts:
        return Unknown(Reason(Cause.VALUE, subject, "dossier.reason-no-figure", (("figure", name),)))
    dated = [r for r in rows if r.start is not None and r.end is not None]
    if len(rows) == 1:
        if not dated or not holes(whole, spans(dated)):
            return amounts[0]  # type: ignore[return-value]
    elif not _additive(name) or len(dated) < len(rows) or _overlapping(dated):
        return Unknown(Reason(Cause.VALUE, subject, "dossier.reason-figure-ambiguous", (("figure", name),)))
    missing = holes(whole, spans(dated))
    if missing:
        span = ", ".join(map(str, missing))
        return Unknown(Reason(Cause.VALUE, subject, "dossier.reason-figure-part", (("figure", name), ("span", span))))
    total = Decimal(0)
    for amount in amounts:
        assert amount is not None
        total = CONTEXT.add(total, amount)
    return total


def _overlapping(rows: Sequence[Row]) -> bool:
    found = sorted(spans(rows))
    return any(overlap(a, b) is not None for a, b in pairwise(found))


def _additive(name: str) -> bool:
    """Amounts of parts of a year add up; shares, intensities, numbers of people and areas do not."""
    powers = unit(code_list("figures").codes[name]["unit"]).dimension.powers
    return len(powers) == 1 and powers[0][1] == 1 and powers[0][0] not in ("person", "area")
