"""Grid factors: a country and its factor in each row; what they are for is stated, or stands in a name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.defaults import figures
from zerofactory_mappings.cbam.defaults.grid import File, Line, Sheet, letters
from zerofactory_mappings.cbam.defaults.reading import Fate, Reading, limit_of, one_text, place_of
from zerofactory_mappings.cbam.tables import simplified


def columns_of(line: Line) -> dict[str, int] | None:
    """Columns of a header of grid factors; None when it is none."""
    found: dict[str, int] = {}
    for column, cell in line.filled:
        words = set(simplified(cell.text).split())
        if "country" in words or "countries" in words:
            found.setdefault("country", column)
        elif {"factor", "ef", "mwh"} & words:
            found.setdefault("ef", column)
    return found if len(found) == 2 else None


def read_grid(file: File, purpose: str | None) -> Reading:
    """Grid factors of every sheet; *purpose* ``indirect`` or ``import``, otherwise from the name of sheet or file.

    Raises:
        ProblemsError: ``cbam-defaults.purpose`` when it is neither stated nor named.
    """
    reading = Reading("grid-factors", problems=list(file.problems))
    for sheet in file.sheets:
        columns: dict[str, int] | None = None
        meant = purpose or _purpose(sheet.name) or _purpose(file.name) or _purpose(" ".join(
            c.text for line in sheet.lines[:10] for c in line.cells))
        for line in sheet.lines:
            if (header := columns_of(line)) is not None:
                columns = header
                reading.fates.append(Fate(sheet.name, line.number, False, "cbam-defaults.skip-header"))
                continue
            if columns is not None and meant is None:
                raise ProblemsError([Problem("cbam-defaults.purpose", Place(file.name, sheet=sheet.name or None),
                                             accepted="indirect, import")])
            reading.fates.append(_grid_line(sheet, line, columns, meant or "", file.name, reading))
    return reading


def _purpose(text: str) -> str | None:
    """What a name says: Annex III and imported electricity, or Annex II and indirect emissions."""
    plain_text = simplified(text)
    if re.search(r"annex ?iii|import", plain_text):
        return "import"
    return "indirect" if re.search(r"annex ?ii\b|indirect", plain_text) else None


def _grid_line(sheet: Sheet, line: Line, columns: Mapping[str, int] | None, purpose: str, file: str,
               reading: Reading) -> Fate:
    def skipped(why: str, column: int | None = None) -> Fate:
        cell = "" if column is None else f"{letters(column)}{line.number}"
        return Fate(sheet.name, line.number, False, f"cbam-defaults.skip-{why}", cell,
                    "" if column is None else line.cell(column).text[:80])

    if not line.filled:
        return skipped("blank")
    if columns is None or one_text(line) is not None:
        return skipped("title")
    name, found = line.cell(columns["country"]), figures.figure(line.cell(columns["ef"]))
    ident = figures.country(name.text) if name.text else None
    place = place_of(file, sheet.name, columns['country'], line.number)
    if ident is None:
        reading.problems.append(Problem("cbam-defaults.row-country", place, Severity.WARNING, found=name.text[:80]))
        return skipped("country", columns["country"])
    if found.value is None or found.value > limit_of("electricity"):
        reading.problems.append(Problem("cbam-defaults.row-grid", place, Severity.WARNING, found=found.text[:80],
                                        accepted=f"≤ {plain(limit_of('electricity'))} tCO2e/MWh",
                                        args={"country": ident}))
        return skipped("grid", columns["ef"])
    if any((r["purpose"], r["country"]) == (purpose, ident) for r in reading.rows):
        return skipped("duplicate", columns["country"])
    reading.rows.append({"purpose": purpose, "country": ident, "ef": plain(found.value), "sheet": sheet.name,
                         "row": str(line.number)})
    return Fate(sheet.name, line.number, True, "cbam-defaults.read-grid")
