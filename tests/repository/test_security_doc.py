"""Every test that the table of threats names exists, and every row names one."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_control_has_a_test_that_exists(root: Path) -> None:
    text = (root / "docs/security.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 20
    there = {name for path in (root / "tests").rglob("test_*.py")
             for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.M)}
    missing = {name for row in rows for name in re.findall(r"`(test_\w+)`", row) if name not in there}
    assert missing == set()
    assert [row for row in rows if "`test_" not in row] == []
