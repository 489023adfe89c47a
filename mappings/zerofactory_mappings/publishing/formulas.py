"""Gas formulas in running text: which digits stand lower (CO2, CH4, N2O, SF6, NF3, CO2e)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

#: Behind a hyphen, a letter or a digit it is part of a code (``D-N2``), not a gas.
_FORMULA = re.compile(r"(?<![A-Za-z0-9_-])((?:t|kg|g|kt|Mt)?(?:CO|CH|SF|NF|CF|N(?=2O)))([2346])"
                      r"(?=e?(?![A-Za-z0-9])|O(?![A-Za-z0-9]))")
_LOWERED = {ord("₀") + i: str(i) for i in range(10)}


def split_formulas(text: str) -> Iterator[tuple[str, bool]]:
    """Parts of *text* and whether each stands lower; subscript characters, which few fonts have, count as digits."""
    text = text.translate(_LOWERED)
    end = 0
    for match in _FORMULA.finditer(text):
        if text[end:match.end(1)]:
            yield text[end:match.end(1)], False
        yield match.group(2), True
        end = match.end()
    if text[end:]:
        yield text[end:], False


def marked_up(value: object) -> Markup:
    """*value* escaped for HTML with formulas set; text that is markup already stays. None is nothing."""
    if isinstance(value, Markup):
        return value
    text = "" if value is None else str(value)
    if not text or (text.isascii() and not any(c.isdigit() for c in text)):
        return escape(text)
    return Markup("").join(Markup("<sub>{}</sub>").format(part) if low else escape(part)
                           for part, low in split_formulas(text))


def flat(value: object) -> Markup:
    """*value* escaped, without markup: for attributes, the document's title and running headers."""
    return escape(str(value if value is not None else "").translate(_LOWERED))
