"""Accounts of VERIFI, the energy tracking program of Oak Ridge National Laboratory (ORNL-AMO/VERIFI)."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.verifi.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.verifi.detect import detect

TITLE: Mapping[str, str] = {"zh": "VERIFI 账户备份", "en": "VERIFI account backup"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
