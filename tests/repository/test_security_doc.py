"""Every test that the table of threats names exists, and every row names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


def test_every_control_has_a_test_that_exists(root: Path) -> None:
    text = (root / "docs/security.md").read_text(encoding="utf-8")
    rows = [line for line in text.partition("\n## ")[0].splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 20
    there = {name for path in (root / "tests").rglob("test_*.py")
             for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.M)}
    missing = {name for row in rows for name in re.findall(r"`(test_\w+)`", row) if name not in there}
    assert missing == set()
    assert [row for row in rows if "`test_" not in row] == []


@pytest.mark.parametrize(("start", "end", "api", "pages"), [
    ("Caddy:", "nginx:", "respond /api/* 426", "redir https://"), ("nginx:", "`Host` has", "location /api/ { return 426; }", "return 301 https://")])
def test_neither_proxy_redirects_the_api(start: str, end: str, api: str, pages: str, root: Path) -> None:
    text = (root / "docs/portal.md").read_text(encoding="utf-8")
    example = text[text.index(f"\n{start}"):text.index(f"\n{end}")]
    assert api in example
    assert pages in example
