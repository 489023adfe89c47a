"""Read a dossier: YAML, JSON, a workbook, or a zip of one of them with documents. Every problem is reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from zerofactory_engine.decimals import DOSSIER_DIGITS
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.bind import Files, Folder, bind
from zerofactory_engine.dossier.build import build
from zerofactory_engine.dossier.migrate import migrate
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.json_text import scan_json, tree_of
from zerofactory_engine.problems import Collector, Place, Problem, ProblemsError, Severity, system_problem
from zerofactory_engine.yaml_text import DOSSIER_BYTES, MapNode, Node, Scanned, scan_yaml

#: Largest file that is read at all (a zip with documents), in bytes.
FILE_BYTES = 512_000_000
#: Most digits of the shortest decimal that gives back a stored double: for workbooks, and dossiers made from one.
DOUBLE_DIGITS = 17
SUFFIXES = (".yaml", ".yml", ".json", ".xlsx", ".zip")


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A dossier with everything found: notes and warnings while reading, then what is wrong in substance.

    *sha256* is the hash of the submitted file as it came; a migration of its format never changes it.
    """

    dossier: Dossier
    problems: tuple[Problem, ...]
    sha256: str
    format: str


def read_dossier(path: Path | str) -> ReadResult:
    """The dossier at *path*; :class:`ProblemsError` with every problem when it cannot be read safely.

    Documents of a zip are read from the zip, those of another file from the folder in which it lies.
    """
    source = Path(path)
    name = source.name
    try:
        size = source.stat().st_size
        if size > FILE_BYTES:
            raise ProblemsError([Problem("text.too-large", Place(file=name), found=f"{size:,} bytes",
                                         accepted=f"{FILE_BYTES:,} bytes")])
        data = source.read_bytes()
    except OSError as error:
        raise ProblemsError([system_problem(error, name)]) from None
    return read_bytes(data, name, Folder(source.parent))


def read_bytes(data: bytes, name: str, beside: Files | None = None) -> ReadResult:
    """The dossier in *data*, a file called *name* (its suffix says which format it is).

    *beside*: where the files of its documents are, for a dossier that is no zip.
    """
    suffix = PurePosixPath(name).suffix.lower()
    digest = hashlib.sha256(data).hexdigest()
    if suffix == ".zip":
        from zerofactory_engine.dossier.archive import Archive

        with Archive(data, name) as archive:
            inner, inner_name = archive.dossier()
            return replace(_finish(_scan(inner, inner_name), inner_name, archive), sha256=digest)
    return replace(_finish(_scan(data, name), name, beside), sha256=digest)


def dossier_from_tree(tree: Node | Mapping[str, Any], lenient: bool = False, file: str | None = None) -> Dossier:
    """The dossier of a tree that was read elsewhere (a case of a pack, a canonical dossier in a bundle).

    *lenient*: documents, meters and other rows may be named that are not there. ProblemsError as for a file.
    """
    node = tree_of(dict(tree), file) if isinstance(tree, Mapping) else tree
    problems = Collector()
    dossier = _build(node, problems, file, lenient, DOUBLE_DIGITS)
    problems.raise_errors()
    assert dossier is not None, "a dossier without errors has a period"
    return dossier


def _scan(data: bytes, name: str) -> Scanned:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in (".yaml", ".yml"):
        return scan_yaml(data, name, DOSSIER_BYTES)
    if suffix == ".json":
        return scan_json(data, name, DOSSIER_BYTES)
    if suffix == ".xlsx":
        from zerofactory_engine.dossier.workbook_in import scan_workbook

        return scan_workbook(data, name)
    return Scanned(None, (Problem("dossier.unknown-format", Place(file=name), found=suffix or name,
                                  accepted=", ".join(SUFFIXES)),))


def _finish(scanned: Scanned, name: str, files: Files | None) -> ReadResult:
    problems = Collector()
    problems.extend(scanned.problems)
    if scanned.tree is None:
        raise ProblemsError(problems)
    digits = DOUBLE_DIGITS if name.lower().endswith(".xlsx") else DOSSIER_DIGITS
    dossier = _build(_submitted(scanned.tree, problems, name), problems, name, False, digits)
    if dossier is not None and files is not None:
        dossier = bind(dossier, files, problems)
    problems.raise_errors()
    assert dossier is not None, "a dossier without errors has a period"
    found = scanned.tree.get("format") if isinstance(scanned.tree, MapNode) else None
    return ReadResult(dossier, (*problems, *dossier.checks), "", getattr(found, "text", ""))


def _submitted(tree: Node, problems: Collector, file: str) -> Node:
    """*tree* without the record of an earlier reading: what files hold is for this reader to say."""
    if not isinstance(tree, MapNode) or tree.get("reading") is None:
        return tree
    at = tree.get("reading").place
    problems.add(Problem("dossier.reading-ignored", Place(file, at.line, at.column, "reading"), Severity.WARNING))
    return MapNode(tuple((k, n) for k, n in tree.entries if k.text != "reading"), tree.place)


def _build(tree: Node, problems: Collector, file: str | None, lenient: bool, digits: int) -> Dossier | None:
    tree = migrate(tree, problems, file)
    typed = structure.schema().read(tree, digits)
    problems.extend(typed.problems)
    if not isinstance(typed.value, dict):
        return None
    return build(typed.value, tree, problems, lenient)
