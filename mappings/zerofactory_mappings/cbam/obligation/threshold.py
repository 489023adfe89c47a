"""De minimis: net mass per importer and calendar year over all codes (Regulation 2023/956 Article 2a, Annex VII point
1).

Electricity and hydrogen neither count nor profit. A sum above the threshold makes all imports of the year liable;
exactly at it nothing is crossed. A sum that is not above it decides only where the list is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.obligation.model import Consignment, Importer
from zerofactory_mappings.cbam.table_reader import Cited

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Mass of one importer and year against the threshold, t.

    *crossed* None: not known, because the list is not said to be complete. *watch*: above the share of which
    authorities are told. *crossing*: the consignment with which the listed mass passes the threshold, in order of
    import. *reducible*: crossed by no more than the excess up to which a penalty may be reduced.
    """

    year: int
    limit: Cited
    watch_share: Cited
    listed: Decimal
    other: Decimal
    complete: bool
    crossed: bool | None
    watch: bool
    crossing: str | None
    crossing_quarter: int | None
    reducible: bool

    @property
    def mass(self) -> Decimal:
        """Listed and other mass."""
        return CONTEXT.add(self.listed, self.other)

    @property
    def share(self) -> Decimal:
        """Mass over threshold."""
        return CONTEXT.divide(self.mass, self.limit.value)

    @property
    def left(self) -> Decimal:
        """What may still come in; 0 when crossed."""
        return max(ZERO, CONTEXT.subtract(self.limit.value, self.mass))

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"year": self.year, "limit_t": self.limit.value, "source": self.limit.source.as_json(),
                "mass_t": self.mass,
                "listed_t": self.listed, "other_t": self.other, "share": self.share, "complete": self.complete,
                "crossed": self.crossed, "watch": self.watch, "left_t": self.left, "crossing": self.crossing,
                "crossing_quarter": self.crossing_quarter, "excess_reducible": self.reducible}


def threshold(year: int, consignments: Sequence[Consignment], importer: Importer | None) -> Threshold:
    """The threshold of *year* for the *consignments* of that year."""
    day = date(year, 12, 31)
    limit = tables.constant("mass_threshold", day)
    watch, excess = tables.constant("mass_threshold_watch_share", day), tables.constant("mass_threshold_excess", day)
    counted = [c for c in consignments if c.counts_for_threshold]
    stated = importer.other_mass.get(year) if importer is not None else None
    complete = importer is not None and (importer.all_imports is True or stated is not None)
    other = ZERO if stated is None else stated.value
    with localcontext(CONTEXT):
        listed = sum((c.mass.value for c in counted), ZERO)
        total = listed + other
        crossed = True if total > limit.value else False if complete else None
        watched = total > limit.value * watch.value
        reducible = limit.value < total <= limit.value * (1 + excess.value)
        crossing, quarter = _crossing(counted, limit.value) if crossed and not other else (None, None)
    return Threshold(year, limit, watch, listed, other, complete, crossed, watched, crossing, quarter, reducible)


def _crossing(counted: Sequence[Consignment], room: Decimal) -> tuple[str | None, int | None]:
    """The consignment, by time of import, with which the sum passes *room*, and its quarter, as far as they are
    known."""
    if any(c.when.quarter is None for c in counted):
        return None, None
    total = ZERO
    for consignment in sorted(counted, key=lambda c: c.when.last_day):      # stable: the order of the list within a day
        total += consignment.mass.value
        if total > room:
            exact = all(c.when.day is not None for c in counted)
            return consignment.id if exact else None, consignment.when.quarter
    return None, None
