"""Reports: page kit, charts, fonts and glyph check, PDF/A and PDF/UA, workbooks, the assessment report.

``render_report`` is what other packages call; everything heavy is imported when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from zerofactory_mappings.publishing.case import Case
    from zerofactory_mappings.publishing.style import Style

__all__ = ["render_report"]


def render_report(case: Case, language: str, style: Style | None = None, kind: Literal["pdf", "html"] = "pdf") -> bytes:
    """The assessment report of *case* in *language* (``zh`` or ``en``), as PDF or as HTML in UTF-8.

    Raises:
        ProblemsError: a character that no font can draw, no font for Chinese, too many pages.
    """
    from zerofactory_mappings.publishing.document import render_html, render_pdf

    if kind == "pdf":
        return render_pdf(case, language, style)
    return render_html(case, language, style).encode("utf-8")
