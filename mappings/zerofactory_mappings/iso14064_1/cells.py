"""Figures in a sheet: as a number of 15 digits, which is what a sheet keeps, and exactly as text beside it."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.decimals import DOSSIER_DIGITS, plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.iso14064_1.words import Words
from zerofactory_mappings.publishing.workbook import Cell, fits_a_double


def number(value: Amount | None, words: Words) -> Cell:
    """A figure as a number of at most 15 digits, or that it is not known."""
    if isinstance(value, Unknown):
        return words.t("unknown")
    return value if value is None or fits_a_double(value) else near(value)


def near(value: Decimal) -> Decimal:
    """*value* to the 15 digits that a sheet's number gives back."""
    return Decimal(f"{value:.{DOSSIER_DIGITS - 1}E}")


def exact(value: Amount | None) -> Cell:
    """The figure as text where it has more digits than a number of a sheet."""
    return plain(value) if isinstance(value, Decimal) and not fits_a_double(value) else None


def of_total(found: Total, words: Words) -> tuple[Cell, Cell, Cell, Cell]:
    """A total as number and exactly; where it is not known, the part that is, and why."""
    if not found.lines:
        return words.t("nothing-quantified"), None, None, None
    if isinstance(found.value, Unknown):
        return words.t("unknown"), None, number(found.known, words), words.reasons(found.value)
    return number(found.value, words), exact(found.value), None, None
