"""The inventory as document (PDF, HTML), workbook with live formulas (XLSX) and JSON."""

from __future__ import annotations

from zerofactory_mappings.ghg_protocol.pages import document
from zerofactory_mappings.ghg_protocol.present import as_json
from zerofactory_mappings.ghg_protocol.sheets import sheets

__all__ = ["as_json", "document", "sheets"]
