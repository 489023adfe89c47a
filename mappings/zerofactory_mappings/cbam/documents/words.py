"""Names of units and of figures of the law, as the documents print them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.documents.building import LANGUAGE, spaced
from zerofactory_mappings.cbam.table_reader import Row, layouts, table
from zerofactory_mappings.publishing.numbers import unit_text

#: Units of the model as people write them.
_UNITS = {"1000Nm3": "1000 Nm³", "kNm3": "1000 Nm³", "tClinker": "t clinker", "t_clinker": "t clinker", "kgN": "kg N"}


def unit_name(unit: str | None) -> str:
    """A unit as it is printed; nothing for a bare number."""
    if not unit or unit == "1":
        return ""
    return "".join(_UNITS.get(part) or unit_text(part, LANGUAGE) or part for part in re.split(r"(/)", unit))


@cache
def _rows(name: str) -> dict[str, Row]:
    """The rows of a table by what tells them apart; nothing when there is no such table."""
    if name not in layouts():
        return {}
    try:
        return {r.source.row: r for r in table(name)}
    except (ProblemsError, OSError):
        return {}


def law_name(name: str, row: str) -> str:
    """What a figure of the law is called: the table with the row's own name where it has one."""
    base, _, version = name.partition("@")
    known = layouts().get(base)
    title = (known.title["en"] if known is not None else base.replace("-", " ")) + (f" {version}" if version else "")
    found = _rows(base).get(row)
    if found is not None and found.cells.get("en"):
        return f"{title}: {found.cells['en']}"
    if found is not None and found.cells.get("cn"):
        letters = "/".join(dict.fromkeys(x for c in ("routes_a", "routes_b") if (x := found.cells.get(c))))
        return f"{title}: {spaced(found.cells['cn'])}" + (f" ({letters})" if letters else "")
    parts = [p for p in row.split("/") if p and not re.match(r"\d{4}-\d\d-\d\d$", p)]
    return f"{title}: {' '.join(parts).replace('_', ' ')}" if parts else title


def provisional_name(mark: str) -> str:
    """``phase-in/cscf/2026`` as the calculation marks it, in words."""
    name, _, row = mark.partition("/")
    return law_name(name, row)


def short_percent(share: Decimal | None) -> str:
    """A share with two decimals of a percent."""
    if share is None:
        return "—"
    rounded = (share * 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return f"{rounded} %" if rounded or not share else "< 0.01 %"


def first_up(text: str) -> str:
    """*text* with its first letter large."""
    return text[:1].upper() + text[1:]
