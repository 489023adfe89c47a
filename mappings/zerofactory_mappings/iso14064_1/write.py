"""The report as document (PDF, HTML), sheets (XLSX) and JSON."""

from __future__ import annotations

from zerofactory_mappings.iso14064_1.pages import document
from zerofactory_mappings.iso14064_1.present import as_json
from zerofactory_mappings.iso14064_1.sheets import sheets

__all__ = ["as_json", "document", "sheets"]
