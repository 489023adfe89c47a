"""Whether a workbook is the Commission's template, and of which version: by the list in 0_Versions and by labels."""

from __future__ import annotations

import re
from decimal import Decimal

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.communication.layout import Layout
from zerofactory_mappings.cbam.communication.package import Package

_VERSION = re.compile(r"\d+(?:\.\d+){0,3}", re.ASCII)
_TRANSLATION = re.compile(r"Translations!\$?[A-Z]\$?(\d{1,5})", re.ASCII)


def template_version(package: Package, layout: Layout) -> tuple[str, tuple[Problem, ...]]:
    """The version and what there is to say about it.

    Raises:
        ProblemsError: it is no communication template, sheets are missing, or the version is another one.
    """
    if layout.version_sheet not in package.sheet_parts:
        raise ProblemsError([_refused("not-the-template", package, layout, ", ".join(list(package.sheet_parts)[:20]))])
    listed = [v for cell in layout.version_cells if (v := _version_in(package, layout, cell)) is not None]
    found = listed[-1] if listed else ""
    if found != layout.line and not found.startswith(layout.line + "."):
        raise ProblemsError([_refused("another-version", package, layout, found)])
    missing = [s for s in layout.sheets if s not in package.sheet_parts]
    if missing:
        raise ProblemsError([Problem("cbam-template.sheet-missing", Place(file=package.file, sheet=s),
                                     found=", ".join(list(package.sheet_parts)[:25]), accepted=s) for s in missing])
    if found in layout.known:
        return found, ()
    different = [f"{x.sheet}!{x.cell}" for x in layout.labels
                 if " ".join(label_text(package, x.sheet, x.cell).split()) != x.text]
    if different:
        raise ProblemsError([Problem("cbam-template.version-labels-differ", Place(file=package.file),
                                     found=f"{found}: {', '.join(different)}", accepted=", ".join(layout.known))])
    return found, (Problem("cbam-template.version-unknown", Place(file=package.file), Severity.WARNING, found=found,
                           accepted=", ".join(layout.known)),)


def _refused(code: str, package: Package, layout: Layout, found: str) -> Problem:
    return Problem(f"cbam-template.{code}", Place(file=package.file, sheet=layout.version_sheet), found=found or "–",
                   accepted=", ".join(layout.known))


def _version_in(package: Package, layout: Layout, cell: str) -> str | None:
    value = package.cell(layout.version_sheet, cell).value
    text = plain(value) if isinstance(value, Decimal) else value.strip() if isinstance(value, str) else ""
    return text if _VERSION.fullmatch(text) else None


def label_text(package: Package, sheet: str, cell: str) -> str:
    """The English text of a label: from the template's own table of texts where it refers to that, else as stored."""
    at = package.cell(sheet, cell)
    match = _TRANSLATION.fullmatch(at.formula.text) if at.formula else None
    value = package.cell("Translations", f"C{match[1]}").value if match else at.value
    return value if isinstance(value, str) else ""
