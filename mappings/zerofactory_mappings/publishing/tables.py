"""A table of the page as plain data: caption, head, rows, which columns hold figures, which rows are totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]], *, numeric: Sequence[int] = (),
          totals: Sequence[int] = (), widths: Sequence[int] = (), note: str = "") -> dict[str, Any]:
    """What ``parts.grid`` draws. *widths* in percent lay the columns out without measuring every cell (much faster)."""
    return {"caption": caption, "head": head, "rows": rows, "numeric": tuple(numeric), "totals": tuple(totals),
            "widths": tuple(widths), "note": note}
