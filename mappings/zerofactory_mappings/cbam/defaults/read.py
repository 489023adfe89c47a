"""Read the Commission's workbooks of default values, benchmarks and grid factors, or CSV files in their layout.

Every row of every sheet has a fate: read, or skipped with the reason, so that the counts add up; nothing is dropped in
silence. A figure that cannot be read or cannot be is kept as refused, so that no fallback hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.defaults.grid import File
from zerofactory_mappings.cbam.defaults.read_benchmarks import columns_at, read_benchmarks
from zerofactory_mappings.cbam.defaults.read_grid import columns_of, read_grid
from zerofactory_mappings.cbam.defaults.read_values import header_at, read_defaults
from zerofactory_mappings.cbam.defaults.reading import Entry, Fate, Reading

__all__ = ["Entry", "Fate", "Reading", "kinds", "read"]

#: Rows from the top among which a header is looked for, to tell the kind of a file.
_TOP = 60


def kinds(file: File) -> Iterator[str]:
    """The kinds of set that the headers of *file* speak of."""
    found = set()
    for sheet in file.sheets:
        for index in range(min(len(sheet.lines), _TOP)):
            if columns_at(sheet, index) is not None:
                found.add("benchmarks")
            elif header_at(sheet, index) is not None:
                found.add("default-values")
            elif columns_of(sheet.lines[index]) is not None:
                found.add("grid-factors")
    yield from sorted(found)


def read(file: File, kind: str | None = None, purpose: str | None = None) -> Reading:
    """What *file* holds. A workbook of default values with sheets of grid factors is read for the former, with a note.

    Raises:
        ProblemsError: ``cbam-defaults.kind-unknown`` when no header of a kind is found, or of several;
            ``kind-absent`` when there is none of the kind that was asked for.
    """
    spoken = list(kinds(file))
    wanted = kind or ("default-values" if spoken == ["default-values", "grid-factors"] else spoken[0] if spoken else "")
    if kind is None and len(spoken) != 1 and wanted != "default-values":
        raise ProblemsError([*file.problems, _of_kinds("kind-unknown", file, spoken, ", ".join(_READERS))])
    if wanted not in spoken:
        raise ProblemsError([*file.problems, _of_kinds("kind-absent", file, spoken, wanted)])
    reading = read_grid(file, purpose) if wanted == "grid-factors" else _READERS[wanted](file)
    others = [k for k in spoken if k != wanted]
    if others:
        reading.problems.append(_of_kinds("kind-others", file, others, f"--kind {others[0]}", Severity.NOTE))
    return reading


def _of_kinds(what: str, file: File, found: list[str], accepted: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(f"cbam-defaults.{what}", Place(file=file.name), severity, found=", ".join(found) or None,
                   accepted=accepted)


_READERS: Mapping[str, Callable[[File], Reading]] = {
    "default-values": read_defaults, "benchmarks": read_benchmarks, "grid-factors": lambda file: read_grid(file, None)}
