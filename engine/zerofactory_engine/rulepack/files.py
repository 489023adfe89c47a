"""The files of a pack: read with bounds, hashed by content, locked once published.

The hash is over what the files say, not how: RFC 8785 JSON of every file as a tree of texts, so comments, layout and
the order of keys do not count. Cases do not enter it, for they cannot change a verdict; the question sets that the
pack's expressions name do, for they can.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.yaml_text import PACK_BYTES, ListNode, MapNode, Node, Scalar, Scanned, scan_yaml

#: Most files of a pack and most bytes of all of them together.
FILE_LIMIT = 600
TOTAL_BYTES = 8_000_000

PACK_FILE = "pack.yaml"
OVERLAY_FILE = "overlay.yaml"
LOCK_FILE = "pack.lock"
CASES = "cases/"
CRITERIA = "criteria/"
QUESTIONS = "questions/"

_LOCK_FORMAT = "zerofactory/pack-lock/1"
_TOP = (PACK_FILE, OVERLAY_FILE, LOCK_FILE, "accounting.yaml", "parameters.yaml", "quantities.yaml", "readings.yaml",
        "evidence.yaml", "levels.yaml", "levers.yaml", "findings.yaml")


def natural(text: str) -> tuple[Any, ...]:
    """A key that sorts ``1.2`` before ``1.10``."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", text))


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The files of a pack or overlay by path below *folder* (``criteria/1.1.yaml``), and what is wrong with them.

    Only ``*.yaml`` at the top, in ``criteria`` and in ``questions``, and ``pack.lock``; anything else is reported,
    links that lead out of the folder are refused. Cases are not read here.
    """
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    total = 0
    root = folder.resolve()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not _hidden(p, folder)):
        name = path.relative_to(folder).as_posix()
        if name.startswith(CASES):
            continue
        place = Place(file=str(path))
        if root not in path.resolve().parents:
            problems.append(Problem("pack.file-outside", place))
        elif not _expected(name):
            problems.append(Problem("pack.file-unknown", place, found=name,
                                    accepted=", ".join((*_TOP, "criteria/*.yaml", "questions/*.yaml", "cases/*.yaml"))))
        elif (size := path.stat().st_size) > PACK_BYTES or total + size > TOTAL_BYTES or len(files) >= FILE_LIMIT:
            problems.append(Problem("pack.too-large", place, found=f"{size:,}",
                                    accepted=f"{PACK_BYTES:,} / {TOTAL_BYTES:,} / {FILE_LIMIT}"))
        else:
            files[name] = path.read_bytes()
            total += size
    return files, problems


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "~")) or part == "__pycache__" for part in path.relative_to(folder).parts) \
        or path.name.endswith(("~", ".md"))


def _expected(name: str) -> bool:
    return name in _TOP or re.fullmatch(r"(criteria|questions)/[^/]+\.yaml", name) is not None


def scan_files(files: Mapping[str, bytes], folder: Path | None) -> dict[str, Scanned]:
    """Every YAML file as a tree with its problems; places name the file below *folder*."""
    return {name: scan_yaml(data, str(folder / name) if folder else name)
            for name, data in files.items() if name != LOCK_FILE}


def raw_hash(files: Mapping[str, bytes]) -> str:
    """Hash of the bytes, to find a pack again that was read before."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()


def plain_tree(node: Node) -> Any:
    """*node* as texts, lists and mappings; None where nothing is written."""
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, ListNode):
        return [plain_tree(n) for n in node.items]
    return {key: plain_tree(n) for key, n in node.items()}


def hash_of(trees: Mapping[str, Node | None], question_pins: Mapping[str, str]) -> str:
    """The content hash of a pack or overlay (``sha256:…``)."""
    content = {name: plain_tree(tree) for name, tree in trees.items()
               if tree is not None and not name.startswith((CASES, QUESTIONS))}
    return content_hash({"files": content, "question_sets": dict(question_pins)})


def lock_text(pack_id: str, version: str, sha256: str) -> str:
    """What ``pack.lock`` holds."""
    return f"format: {_LOCK_FORMAT}\nid: {pack_id}\nversion: {version}\nsha256: {sha256}\n"


def check_lock(data: bytes, place: Place, pack_id: str, version: str, sha256: str) -> Iterable[Problem]:
    """Whether the content still is what was published."""
    scanned = scan_yaml(data, place.file)
    yield from scanned.problems
    tree = scanned.tree
    if not isinstance(tree, MapNode):
        yield Problem("pack.lock-unreadable", place)
        return
    wanted = {"format": _LOCK_FORMAT, "id": pack_id, "version": version, "sha256": sha256}
    for key, value in wanted.items():
        node = tree.get(key)
        found = node.text if isinstance(node, Scalar) else ""
        if found != value:
            yield Problem("pack.lock-differs", node.place if node is not None else place, found=value, accepted=found,
                          args={"key": key})
