"""Figures: negative rows, shares beyond the whole, estimates, cross-checks, meter readings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.checks.common import finding
from zerofactory_engine.dossier.estimates import estimated_shares
from zerofactory_engine.dossier.model import Dossier, Row
from zerofactory_engine.problems import Problem, Severity

#: Columns that may be below zero: temperatures, and effects of a change.
_SIGNED = frozenset({"temperature_degC", "condensate_temperature_degC", "feed_water_temperature_degC", "effect_tCO2e",
                     "error_percent", "amount", "value_a", "value_b", "value_c"})
_ESTIMATES = ("estimated", "default")


def negative_rows(dossier: Dossier) -> Iterator[Problem]:
    """Amounts below zero in rows that are not said to be corrections."""
    for table, rows in dossier.rows.items():
        columns = [c.name for c in structure.tables()[table].columns.values()
                   if c.kind == "amount" and c.name not in _SIGNED]
        for row in rows:
            if row.correction:
                continue
            for name in columns:
                value = row.values.get(name)
                if isinstance(value, Decimal) and value < 0:
                    yield finding("dossier.negative", row, name, found=_stated(row, name))


def _stated(row: Row, column: str) -> str:
    stated = row.stated.get(column)
    return "" if stated is None else " ".join(filter(None, (stated.text, stated.unit)))


def shares(dossier: Dossier) -> Iterator[Problem]:
    """Shares above one hundred per cent."""
    for table, rows in dossier.rows.items():
        columns = [c.name for c in structure.tables()[table].columns.values()
                   if c.unit is not None and c.unit.text == "%" and c.name not in _SIGNED]
        for row in rows:
            for name in columns:
                value = row.values.get(name)
                if isinstance(value, Decimal) and value > 1:
                    yield finding("dossier.share-above-one", row, name, found=_stated(row, name), accepted="≤ 100 %")


def estimates(dossier: Dossier) -> Iterator[Problem]:
    """Estimates that do not say how they were made, and the share of estimates in each total."""
    for rows in dossier.rows.values():
        for row in rows:
            if row.obtained == "estimated" and (row.estimate or {}).get("method") is None:
                yield finding("dossier.estimate-without-method", row, "estimate")
    for share in estimated_shares(dossier):
        if share.share is not None and share.share > 0:
            yield finding("dossier.estimated-share", share.rows[0], share.column, found=_percent(share.share),
                          severity=Severity.NOTE, table=share.table, rows=", ".join(r.id for r in share.rows[:10]))


def crosschecks(dossier: Dossier) -> Iterator[Problem]:
    """What is left between two sources after the reconciling items, against the tolerance and the stated residual."""
    for row in dossier.rows.get("crosschecks", ()):
        a, b, c = (row.values.get(f"value_{n}") for n in "abc")
        items = Decimal(0)
        for item in row.values.get("reconciling") or ():
            items = CONTEXT.add(items, item["amount"])
        worst: Decimal | None = None
        for other, add in ((b, items), (c, Decimal(0))):
            if not isinstance(a, Decimal) or not isinstance(other, Decimal):
                continue
            difference = CONTEXT.subtract(a, CONTEXT.add(other, add)).copy_abs()
            if a == 0 and difference:
                yield finding("dossier.crosscheck-residual", row, found=plain(difference), accepted="0")
            elif a:
                residual = CONTEXT.divide(difference, a.copy_abs())
                worst = residual if worst is None else max(worst, residual)
        tolerance = row.values.get("tolerance_percent")
        if worst is not None and isinstance(tolerance, Decimal) and worst > tolerance:
            yield finding("dossier.crosscheck-residual", row, found=_percent(worst),
                          accepted=f"≤ {_percent(tolerance)}")
        if worst is not None and worst > 0 and tolerance is None:
            yield finding("dossier.crosscheck-no-tolerance", row, "tolerance_percent", found=_percent(worst))
        yield from _stated_residual(row, worst)
        chosen: Any = row.values.get("chosen")
        if chosen is not None and row.values.get(f"value_{chosen}") is None:
            yield finding("dossier.crosscheck-chosen-missing", row, "chosen", found=chosen)


def _stated_residual(row: Row, worst: Decimal | None) -> Iterator[Problem]:
    """The applicant's own residual, at the number of places that it was stated with."""
    stated = row.values.get("residual_percent")
    if worst is None or not isinstance(stated, Decimal):
        return
    half = Decimal(5).scaleb(int(_exponent(stated)) - 1)
    if CONTEXT.subtract(worst, stated.copy_abs()).copy_abs() > half:
        yield finding("dossier.crosscheck-stated-differs", row, "residual_percent", found=_percent(stated.copy_abs()),
                      accepted=_percent(worst))


def _percent(value: Decimal) -> str:
    return f"{plain(CONTEXT.quantize(CONTEXT.scaleb(value, Decimal(2)), Decimal('0.001')))} %"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "amounts are finite"
    return exponent


def readings(dossier: Dossier) -> Iterator[Problem]:
    """Electricity against the meter's readings (kWh) times its ratios, at the places that were stated."""
    for row in dossier.rows.get("electricity", ()):
        first, last, stated = (row.values.get(n) for n in ("reading_from", "reading_to", "MWh"))
        if not (isinstance(first, Decimal) and isinstance(last, Decimal) and isinstance(stated, Decimal)):
            continue
        ratio = Decimal(1)
        for name in ("ct_ratio", "pt_ratio"):
            if isinstance(value := row.values.get(name), Decimal):
                ratio = CONTEXT.multiply(ratio, value)
        if last < first:
            yield finding("dossier.readings-backwards", row, "reading_to", found=f"{first} … {last}")
            continue
        read = CONTEXT.multiply(CONTEXT.multiply(CONTEXT.subtract(last, first), ratio), Decimal("0.001"))
        half = max(Decimal(5).scaleb(_exponent(stated) - 1), Decimal("0.0005"))
        if CONTEXT.subtract(read, stated).copy_abs() > half:
            yield finding("dossier.readings-differ", row, "MWh", found=_stated(row, "MWh"),
                          accepted=f"{plain(read)} MWh")
