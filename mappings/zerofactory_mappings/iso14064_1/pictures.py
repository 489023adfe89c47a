"""Pictures of the report, in the family of the assessment report's charts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.iso14064_1.words import UNIT, Words
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.fonts import font_set

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel

#: Subcategories in one picture; all of them stand in the table below it.
_SHOWN = 12


def categories_picture(model: IsoModel, words: Words) -> str:
    """The largest subcategories as bars; empty when nothing is known."""
    found = sorted((s for s in model.subcategories if s.total.known > 0), key=lambda s: -s.total.known)
    rows = [(words.category(s.code), s.total.known, words.brief(s.total)) for s in found[:_SHOWN]]
    return charts.ranked("iso-categories", words.t("chart.categories"), rows, font_set().css,
                         charts.TEAL) if rows else ""


def overview_picture(model: IsoModel, words: Words) -> str:
    """The six categories as bars over one scale, in their order; one that is not known as the part that is."""
    rows = [(words.short(c.code), c.total.known, words.brief(c.total)) for c in model.categories]
    if not any(value > 0 for _, value, _ in rows):
        return ""
    return charts.ranked("iso-overview", words.t("chart.overview"), rows, font_set().css)


def gases_picture(model: IsoModel, words: Words) -> str:
    """Direct emissions by gas in tCO2e, largest first."""
    rows = [(words.label("gas", g.gas), g.equivalent, f"{words.amount(g.equivalent)} {UNIT}") for g in model.gases
            if isinstance(g.equivalent, Decimal) and g.equivalent > 0]
    if not rows or any(isinstance(g.equivalent, Unknown) for g in model.gases):
        return ""
    return charts.ranked("iso-gases", words.t("chart.gases"), sorted(rows, key=lambda r: -r[1]), font_set().css,
                         charts.TEAL)
