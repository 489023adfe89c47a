"""Third-party files of the tests are the published ones."""

from __future__ import annotations

import hashlib
import re

from tests.web.portal import AXE, VENDOR


def test_axe_is_unchanged_and_bears_its_licence() -> None:
    stated = re.findall(r"`([0-9a-f]{64})`", (VENDOR / "README.md").read_text(encoding="utf-8"))
    assert stated == [hashlib.sha256(AXE.read_bytes()).hexdigest()]
    assert b"axe v4.14.1" in AXE.read_bytes()[:200]
    assert "Mozilla Public License" in (VENDOR / "axe-core" / "LICENSE").read_text(encoding="utf-8")
