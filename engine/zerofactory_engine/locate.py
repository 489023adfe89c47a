"""Where rules and standards lie: beside the code in a checkout, inside the package in a wheel. Nobody else knows."""

from __future__ import annotations

import os
from pathlib import Path

_SHIPPED = Path(__file__).parent / "_data"       # in a wheel
_CHECKOUT = Path(__file__).parents[2]            # in an editable install

_ROOT = _SHIPPED if _SHIPPED.is_dir() else _CHECKOUT
RULES_ROOT = _ROOT / "rules"
STANDARDS_ROOT = _ROOT / "standards"

#: Setting: further folders with rule packs, separated like PATH.
RULES_SETTING = "ZEROFACTORY_RULES"


def rule_folders() -> tuple[Path, ...]:
    """Folders that hold packs, the project's own first, then the user's."""
    extra = os.environ.get(RULES_SETTING, "")
    return (RULES_ROOT, *(Path(p) for p in extra.split(os.pathsep) if p))
