"""From the files of a pack to its frozen model, every problem of every file recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.rulepack.build import PackBuilder
from zerofactory_engine.rulepack.files import CRITERIA, PACK_FILE, natural, scan_files
from zerofactory_engine.rulepack.model import Pack
from zerofactory_engine.rulepack.parts import Leaves, Spot
from zerofactory_engine.rulepack.schemas import PARTS, pack_schema, part_schema
from zerofactory_engine.typed import Schema
from zerofactory_engine.yaml_text import Node, Scanned

#: Files that a pack may leave out; an empty one stands in.
_OPTIONAL = {"parameters.yaml": {}, "quantities.yaml": {}, "readings.yaml": {"readings": {}}, "levers.yaml": {},
             "findings.yaml": [], "evidence.yaml": {"rows": {}}}


@dataclass
class Draft:
    """A pack as far as it could be read. *unread*: names whose definition is broken, so that nobody complains twice."""

    problems: list[Problem] = field(default_factory=list)
    trees: dict[str, Node | None] = field(default_factory=dict)
    pack: Pack | None = None
    unread: set[str] = field(default_factory=set)

    @property
    def broken(self) -> bool:
        """Whether there is any error."""
        return any(p.severity is Severity.ERROR for p in self.problems)


def read_pack(files: Mapping[str, bytes], folder: Path | None = None) -> Draft:
    """The model of a pack from its *files* (by path below *folder*); hash, question sets and checks come later."""
    draft = Draft()
    scanned = scan_files(files, folder)
    for found in scanned.values():
        draft.problems.extend(found.problems)
    draft.trees = {name: found.tree for name, found in scanned.items()}
    if PACK_FILE not in scanned:
        draft.problems.append(Problem("pack.file-missing", Place(file=str(folder or "")), accepted=PACK_FILE))
        return draft
    for name in ("accounting.yaml", "levels.yaml"):
        if name not in scanned:
            draft.problems.append(Problem("pack.file-missing", Place(file=str(folder or "")), accepted=name))
    spots = {name: read_typed_part(scanned.get(name), part_schema(part), draft, _OPTIONAL.get(name))
             for name, part in PARTS.items()}
    header = read_typed_part(scanned[PACK_FILE], pack_schema(), draft, None)
    criteria = [read_typed_part(scanned[name], part_schema("criterion"), draft, None)
                for name in sorted((n for n in scanned if n.startswith(CRITERIA)), key=natural)]
    if not criteria:
        draft.problems.append(Problem("pack.file-missing", Place(file=str(folder or "")), accepted="criteria/*.yaml"))
    _check_folder(header, folder, draft)
    leaves = Leaves({name: tuple(spot.value.get("alternatives") or {})
                     for name, spot in (spots["readings.yaml"] / "readings").items() if isinstance(spot.value, dict)})
    draft.pack = PackBuilder(leaves, draft.unread).pack(header, spots, criteria, files, folder)
    draft.problems.extend(leaves.problems)
    return draft


def read_typed_part(found: Scanned | None, schema: Schema, draft: Draft, empty: Any) -> Spot:
    """A file typed by *schema*, its problems added to *draft*; *empty* stands in for a file that is not there."""
    if found is None or found.tree is None:
        return Spot(empty, None)
    typed = schema.read(found.tree)
    draft.problems.extend(typed.problems)
    return Spot(typed.value, found.tree)


def _check_folder(header: Spot, folder: Path | None, draft: Draft) -> None:
    """A pack's folder and its parent are called by its version and id."""
    if folder is None or not isinstance(header.value, dict):
        return
    resolved = folder.resolve()
    for key, name in (("version", resolved.name), ("id", resolved.parent.name)):
        if header.value.get(key) not in (None, name):
            draft.problems.append(Problem("pack.folder-name", (header / key).place, found=header.value[key],
                                          accepted=name))
