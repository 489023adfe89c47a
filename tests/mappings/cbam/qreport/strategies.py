"""Reports drawn at random: every field of every dataclass, from the types of the table of elements.

A report has more leaves than hypothesis can draw one by one, so it draws the seed and ``random.Random`` the rest.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from zerofactory_mappings.cbam.qreport.binding import Binding, Bound, binding
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.model import QReport
from zerofactory_mappings.cbam.qreport.values import SimpleType

#: What has to be escaped, what is white space somewhere, and one of each range that XML allows.
CHARACTERS = "abcXYZ 019<>&'\"]-:#{}[],\r\n\t\u00a0\u0085\u2028\u3000é中文😀\u0301\u0600\ue000\ufffd\U0010ffff"


class Drawing:
    """Draws values; *exact*: figures have no more decimals than their element holds; *plain*: no odd characters."""

    def __init__(self, seed: int, exact: bool = True, plain: bool = False) -> None:
        self.chance, self.exact, self.plain = random.Random(seed), exact, plain

    def made(self, kind: Binding) -> Any:
        """An object of one dataclass."""
        return kind.made(**{b.attribute: value for b in kind.fields if (value := self._field(b)) is not None})

    def _field(self, bound: Bound) -> Any:
        particle = bound.particle
        if particle.optional and self.chance.random() < 0.5:
            return None
        if not bound.repeated:
            return self._one(bound)
        most = min(particle.high, max(particle.low, 1) + 2)
        return tuple(self._one(bound) for _ in range(self.chance.choice([particle.low, max(1, particle.low), most])))

    def _one(self, bound: Bound) -> Any:
        if bound.below is not None:
            return self.made(bound.below)
        assert bound.particle.simple is not None
        return self.value(bound.particle.simple)

    def value(self, simple: SimpleType) -> Any:
        """A value of a simple type, often at the edge of a facet."""
        chance = self.chance
        if simple.form == "string":
            low, high = simple.min_length or 0, simple.max_length or 40
            size = chance.choice([low, chance.randint(low, min(high, low + 20)), high if high < 300 else low])
            return "".join(chance.choice(CHARACTERS if not self.plain else "abc 中é") for _ in range(size))
        if simple.form == "integer":
            digits = simple.total_digits or 5
            return chance.randint(0 if simple.pattern is not None else -(10 ** digits) + 1, 10 ** digits - 1)
        if simple.form == "decimal":
            return self._figure(simple)
        day = date.fromordinal(chance.randint(1, date(9999, 12, 30).toordinal()))
        return {"boolean": chance.random() < 0.5, "base64": chance.randbytes(chance.randint(0, 30)), "date": day,
                "dateTime": datetime.combine(day, time(), UTC) + timedelta(seconds=chance.randint(0, 86_399))}[simple.form]

    def _figure(self, simple: SimpleType) -> Decimal:
        total, fraction = simple.total_digits or 28, simple.fraction_digits or 12
        places = self.chance.randint(0, fraction) if self.exact or simple.fraction_digits is None else fraction + 3
        before = self.chance.randint(1, total - fraction - (0 if self.exact else 1))
        return self.chance.choice([1, 1, 1, -1]) * Decimal(self.chance.randrange(10 ** (before + places))).scaleb(-places)


def report(seed: int, exact: bool = True, plain: bool = False) -> QReport:
    """The report of a seed."""
    made = Drawing(seed, exact, plain).made(binding(table()))
    assert isinstance(made, QReport)
    return made


def reports(exact: bool = True, plain: bool = False) -> st.SearchStrategy[QReport]:
    """Whole reports."""
    return st.integers(0, 2 ** 48).map(lambda seed: report(seed, exact, plain))
