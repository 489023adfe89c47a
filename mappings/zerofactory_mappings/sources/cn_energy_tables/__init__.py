"""Statistical energy forms (205 family) and energy ledgers of Chinese industrial enterprises, as XLSX or CSV."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.cn_energy_tables.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.cn_energy_tables.detect import detect

TITLE: Mapping[str, str] = {"zh": "能源购进、消费与库存（205-1）和能源统计台账",
                            "en": "statistical energy forms (205-1) and energy ledger"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
