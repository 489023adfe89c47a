"""The comparison as a file: JSON, workbook, HTML or PDF by its ending; the same input gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from zerofactory_engine.canonical import jsonable
from zerofactory_mappings.years.check import Check
from zerofactory_mappings.years.model import Comparison
from zerofactory_mappings.years.present import comparison_json

FORMATS = (".pdf", ".html", ".xlsx", ".json")


def issued_on(comparison: Comparison, stated: date | None = None) -> date:
    """The date of the report: as *stated*, else the day up to which factors were known, else the last year's end."""
    return stated or comparison.now.known_on or comparison.years[-1].dossier.period.end


def json_bytes(comparison: Comparison, checks: Sequence[Check]) -> bytes:
    """``zerofactory/years/1``."""
    content = jsonable(comparison_json(comparison, checks))
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def written(comparison: Comparison, checks: Sequence[Check], kind: str, language: str, issued: date) -> bytes:
    """The report as the *kind* of file that an ending names (:data:`FORMATS`).

    Raises:
        ProblemsError: what the page kit or the workbook refuses (no font, too many pages).
    """
    data = json_bytes(comparison, checks)
    if kind == ".json":
        return data
    if kind == ".xlsx":
        from zerofactory_mappings.publishing.workbook import write_workbook
        from zerofactory_mappings.years.sheets import sheets
        from zerofactory_mappings.years.words import Words

        words = Words(language)
        return write_workbook(sheets(comparison, checks, language), issued=issued,
                              title=words.t("report-running", name=words.facility(comparison)))
    from zerofactory_mappings.disclosures.page import html_of, pdf_of
    from zerofactory_mappings.publishing.document import SCREEN_FONTS
    from zerofactory_mappings.years.pages import document

    if kind == ".html":
        return html_of(document(comparison, checks, language, issued, SCREEN_FONTS))
    from zerofactory_mappings.publishing.fonts import font_set

    return pdf_of(document(comparison, checks, language, issued, font_set().css, data))
