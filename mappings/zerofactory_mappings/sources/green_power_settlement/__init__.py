"""Settlement statements and contract lists of traded green power (绿色电力交易结算单)."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.green_power_settlement.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.green_power_settlement.detect import detect

TITLE: Mapping[str, str] = {"zh": "绿电交易结算单", "en": "Settlement of traded green power"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
