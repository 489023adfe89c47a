"""Ledgers of Chinese green electricity certificates (绿证, GEC): account exports and tables that enterprises keep."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.gec_ledger.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.gec_ledger.detect import detect

TITLE: Mapping[str, str] = {"zh": "绿证台账", "en": "Ledger of green electricity certificates"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
