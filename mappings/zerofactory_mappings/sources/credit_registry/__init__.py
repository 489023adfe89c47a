"""Downloads of carbon credit registries: Gold Standard, American Carbon Registry, Climate Action Reserve, and CCER."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.credit_registry.commands import OPTIONS, import_bytes
from zerofactory_mappings.sources.credit_registry.detect import detect

TITLE: Mapping[str, str] = {"zh": "碳信用注册登记系统下载表", "en": "Download of a carbon credit registry"}

__all__ = ["OPTIONS", "TITLE", "detect", "import_bytes"]
