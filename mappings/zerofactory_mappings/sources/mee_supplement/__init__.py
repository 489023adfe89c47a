"""Supplementary data sheets (补充数据表) of enterprises in carbon markets: power form and generic form."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.mee_supplement.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.mee_supplement.detect import detect

TITLE: Mapping[str, str] = {"zh": "温室气体排放报告补充数据表", "en": "Supplementary data sheet of an emissions report"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
