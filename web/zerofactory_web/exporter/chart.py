"""The chart of a result: embedded emissions per unit of each product by where they arise, with a table beside it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_mappings.publishing.charts import AMBER, NAVY, SAND, SKY, TEAL, Bar, Segment, stacked
from zerofactory_mappings.publishing.document import SCREEN_FONTS
from zerofactory_mappings.publishing.words import Words

#: Parts of direct emissions with their fills: here, bought by actual values, bought by default values.
_FILLS = (("own", NAVY), ("actual", TEAL), ("default", AMBER))
#: Products in one chart.
MOST = 12


def products_chart(summary: Mapping[str, Any], words: Words) -> str | None:
    """Stacked bars of the first products of one unit; None where nothing is known to draw. A product of which a figure
    is not known is not drawn: a bar that lacks a part would say less than there is."""
    drawn = [p for p in summary["products"] if p["see_direct"] is not None and (
        p["see_indirect"] is not None or p["indirect_counts"] is False)]
    units = {p["unit"] for p in drawn}
    if len(units) != 1:
        return None
    unit = next(iter(units))
    bars = [_bar(p, words) for p in drawn[:MOST]]
    if not any(b.segments for b in bars):
        return None
    return stacked("embedded", words.t("exporter.chart-title", unit=unit), bars, SCREEN_FONTS)


def _bar(product: Mapping[str, Any], words: Words) -> Bar:
    parts = product["parts"]
    found = [(name, parts[name], fill) for name, fill in _FILLS] if parts else [
        ("direct", product["see_direct"], SAND)]
    if product["indirect_counts"] is not False:
        found.append(("indirect", product["see_indirect"], SKY))
    segments = tuple(Segment(words.t(f"exporter.part-{name}"), Decimal(value), words.number(value), fill)
                     for name, value, fill in found if Decimal(value) > 0)
    total = sum((s.value for s in segments), Decimal(0))
    return Bar(product["name"] or product["cn"] or "", segments, words.number(str(total)))
