"""Tables of meters and utilities, monthly or finer, read by a small mapping file that says what each column holds."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.meter_csv.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.meter_csv.detect import detect

TITLE: Mapping[str, str] = {"zh": "计量表数据（配映射文件）", "en": "Meter data with a mapping file"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
