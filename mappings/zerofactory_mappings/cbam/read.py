"""Read the input of a CBAM calculation: our own YAML, JSON or workbook, or a filled template of the Commission.

What a file is follows from its content, not its name. What cannot be read is a :class:`ProblemsError` with every
problem at once; what is wrong in substance stands in the ``problems`` of the installation, so that a calculation can
say which figures it touches.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from zerofactory_engine.dossier.bind import Folder
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity, system_problem
from zerofactory_engine.typed import Typed
from zerofactory_engine.yaml_text import DOSSIER_BYTES, MapNode, Scalar, Scanned
from zerofactory_mappings.cbam.exchange.check import open_problems
from zerofactory_mappings.cbam.input.build import build
from zerofactory_mappings.cbam.input.checks import check
from zerofactory_mappings.cbam.input.figures import DIGITS, Notes, schema
from zerofactory_mappings.cbam.input.files import Beside
from zerofactory_mappings.cbam.input.refine import refined
from zerofactory_mappings.cbam.model import Installation

FORMAT = "zerofactory/cbam-input/1"
#: Largest file that is read at all, in bytes.
FILE_BYTES = 60_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read_installation(path: Path) -> Installation:
    """The installation in the file at *path*; CSV files that it names are read from its folder only.

    Raises:
        ProblemsError: the file cannot be read; every problem of it.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise ProblemsError([Problem("text.too-large", Place(file=path.name), found=f"{size:,} bytes",
                                         accepted=f"{FILE_BYTES:,} bytes")])
        data = path.read_bytes()
    except OSError as error:
        raise ProblemsError([system_problem(error, path.name)]) from None
    return parse_installation(data, path.name, path.parent)


def parse_installation(data: bytes, file: str, folder: Path | None = None) -> Installation:
    """The installation in *data*, a file called *file*; *folder*: where the files beside it lie.

    Raises:
        ProblemsError: as :func:`read_installation`.
    """
    if data[:4] in {_ZIP, _OLE} and not _is_ours(data, file):
        from zerofactory_mappings.cbam.communication.read import read_template

        return read_template(data, file)
    return _finish(_scan(data, file), file, folder)


def _is_ours(data: bytes, file: str) -> bool:
    """Whether a workbook is one of our own; the Commission's reader refuses what is neither."""
    from zerofactory_mappings.cbam.input.workbook_in import is_ours

    return data[:4] == _ZIP and is_ours(data, file)


def _scan(data: bytes, file: str) -> Scanned:
    if data[:4] == _ZIP:
        from zerofactory_mappings.cbam.input.workbook_in import scan_workbook

        return scan_workbook(data, file)
    # A flow mapping of YAML begins like JSON, so a file that calls itself YAML is read as that.
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and not file.lower().endswith((".yaml", ".yml")):
        from zerofactory_engine.json_text import scan_json

        return scan_json(data, file, DOSSIER_BYTES)
    from zerofactory_engine.yaml_text import scan_yaml

    return scan_yaml(data, file, DOSSIER_BYTES)


def _finish(scanned: Scanned, file: str, folder: Path | None) -> Installation:
    if scanned.tree is None:
        raise ProblemsError(scanned.problems)
    _expect_format(scanned, file)
    typed = schema().read(scanned.tree, DIGITS)
    notes = Notes()
    found = None
    if isinstance(typed.value, dict):
        found = build(typed, file, Beside(None if folder is None else Folder(folder), notes), notes)
    problems = [*scanned.problems, *refined(typed.problems), *notes.refused]
    if found is None or any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return replace(found, problems=(*problems, *notes.substance, *(_placed(p, typed) for p in check(found)),
                                    *open_problems(found.details, found.place)))


def _placed(problem: Problem, typed: Typed) -> Problem:
    """A problem of the header, which the model has no places of, with the line or cell of its field."""
    place = problem.place
    if place.line is not None or place.cell is not None or place.path is None:
        return problem
    there = typed.place(*place.path.split("/"))
    return replace(problem, place=Place(place.file, there.line, there.column, place.path, there.sheet, there.cell))


def _expect_format(scanned: Scanned, file: str) -> None:
    """Another file altogether is said in one sentence, not by each of its keys."""
    tree = scanned.tree
    said = tree.get("format") if isinstance(tree, MapNode) else None
    if not isinstance(tree, MapNode) or said is None:
        raise ProblemsError([*scanned.problems, Problem("cbam-input.no-format", Place(file=file), accepted=FORMAT)])
    if not isinstance(said, Scalar) or said.text != FORMAT:
        at = said.place
        raise ProblemsError([*scanned.problems, Problem(
            "cbam-input.other-format", Place(file, at.line, at.column, "format", at.sheet, at.cell),
            found=said.text[:80] if isinstance(said, Scalar) else None, accepted=FORMAT)])
