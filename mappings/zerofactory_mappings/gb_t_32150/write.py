"""The report as document (PDF, HTML), sheets (XLSX) and JSON."""

from __future__ import annotations

from zerofactory_mappings.gb_t_32150.pages import document
from zerofactory_mappings.gb_t_32150.present import as_json
from zerofactory_mappings.gb_t_32150.sheets import sheets

__all__ = ["as_json", "document", "sheets"]
