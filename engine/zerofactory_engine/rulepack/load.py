"""Load packs: files → model → checks → hash → lock, cached by content and shared by threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from zerofactory_engine.locate import rule_folders
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.rulepack.check import Checker
from zerofactory_engine.rulepack.files import (
    LOCK_FILE,
    OVERLAY_FILE,
    PACK_FILE,
    QUESTIONS,
    check_lock,
    hash_of,
    natural,
    raw_hash,
    read_folder,
)
from zerofactory_engine.rulepack.graph import Graph, all_expressions, named_sets
from zerofactory_engine.rulepack.model import Pack, PackId
from zerofactory_engine.rulepack.parts import frozen
from zerofactory_engine.rulepack.questions import collect
from zerofactory_engine.rulepack.read import read_pack

#: Loaded packs that are kept.
_KEPT = 32


class _Cache:
    """Packs by the hash of their bytes; what is not used for long goes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._packs: OrderedDict[str, Pack] = OrderedDict()

    def get(self, key: str) -> Pack | None:
        with self._lock:
            found = self._packs.get(key)
            if found is not None:
                self._packs.move_to_end(key)
            return found

    def put(self, key: str, pack: Pack) -> Pack:
        with self._lock:
            kept = self._packs.setdefault(key, pack)
            while len(self._packs) > _KEPT:
                self._packs.popitem(last=False)
            return kept


_CACHE = _Cache()


def load_files(files: Mapping[str, bytes], folder: Path | None = None,
               overlay_files: Mapping[str, bytes] | None = None) -> Pack:
    """A pack from its files (path below the pack's folder → bytes), as a bundle keeps them; checked, frozen, cached.

    Raises:
        ProblemsError: it cannot be used; every problem, those that are no errors among them.
    """
    key = raw_hash(files) + str(folder or "")
    pack = _CACHE.get(key)
    if pack is None:
        pack, problems = build(files, folder)
        if pack is None or _errors(problems):
            raise ProblemsError([*problems, _summary("pack.cannot-be-used", problems, str(folder or ""))])
        pack = _CACHE.put(key, pack)
    return pack if overlay_files is None else _with_overlay(pack, key, overlay_files, None)


def load_folder(folder: Path) -> Pack:
    """The pack in *folder*; :class:`ProblemsError` with every problem when it cannot be used."""
    files, problems = read_folder(folder)
    if _errors(problems):
        _, more = build(files, folder)
        raise ProblemsError([*problems, *more, _summary("pack.cannot-be-used", [*problems, *more], str(folder))])
    return load_files(files, folder)


def inspect_folder(folder: Path) -> tuple[Pack | None, list[Problem]]:
    """The pack in *folder* as far as it can be made, with every problem (for lint)."""
    files, problems = read_folder(folder)
    pack, more = build(files, folder)
    return pack, [*problems, *more]


def build(files: Mapping[str, bytes], folder: Path | None) -> tuple[Pack | None, list[Problem]]:
    """A pack from *files* with all its problems; nothing is cached."""
    draft = read_pack(files, folder)
    if draft.pack is None:
        return None, draft.problems
    pack, problems = finish(draft.pack, files, draft.unread)
    problems = [*draft.problems, *problems]
    sha256 = hash_of(draft.trees, pack.question_pins)
    pack = replace(pack, pin=PackId(pack.pin.id, pack.pin.version, sha256))
    if LOCK_FILE in files:
        place = Place(file=str(folder / LOCK_FILE) if folder else LOCK_FILE)
        problems.extend(check_lock(files[LOCK_FILE], place, pack.pin.id, pack.pin.version, sha256))
    return pack, problems


def finish(pack: Pack, files: Mapping[str, bytes], unread: Iterable[str] = ()) -> tuple[Pack, list[Problem]]:
    """*pack* with the question sets that its expressions name, checked."""
    graph = Graph(pack)
    named = {name: x.place for x in all_expressions(pack, graph) for name in named_sets(x)}
    sets, problems = collect(named.items(), files)
    pack = replace(pack, question_sets=tuple(sets), checklists=frozen(sets),
                   files=frozen({**pack.files, **{f"{QUESTIONS}{name}.yaml": s.data for name, s in sets.items()}}))
    return pack, [*problems, *Checker(pack, graph, sets, unread).run()]


def _errors(problems: Iterable[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


def _summary(code: str, problems: Sequence[Problem], file: str) -> Problem:
    """One problem that says that the pack, not the dossier, has to change, whatever the areas of the others."""
    count = sum(p.severity is Severity.ERROR for p in problems)
    return Problem(code, Place(file=file or None), args={"count": str(count)})


# --- finding ---------------------------------------------------------------------------------------------------------


def pack_folders(folders: Iterable[Path] | None = None) -> list[tuple[str, str, Path]]:
    """Every pack of *folders* as (id, version, folder), in the order of ids and versions."""
    found = [(path.parent.parent.name, path.parent.name, path.parent)
             for folder in (rule_folders() if folders is None else folders) if folder.is_dir()
             for path in sorted(folder.glob(f"*/*/{PACK_FILE}"))]
    return sorted(found, key=lambda f: (natural(f[0]), natural(f[1])))


def find_pack(reference: str, overlay: Path | str | None = None, folders: Iterable[Path] | None = None) -> Pack:
    """The pack called ``id`` (its highest version), ``id@version``, or the folder of one; with *overlay* applied.

    *folders* hold packs as ``<id>/<version>``; without them those of the project and of the setting. Where two folders
    hold the same id and version, their contents have to be the same.

    Raises:
        ProblemsError: there is none, or it or the overlay cannot be used.
    """
    pack = _found(reference, folders)
    if overlay is None:
        return pack
    path = Path(overlay)
    files, problems = _overlay_files(path)
    if _errors(problems):
        raise ProblemsError([*problems, _summary("overlay.cannot-be-used", problems, str(path))])
    return _with_overlay(pack, f"{pack.pin.sha256}{pack.folder or ''}", files, path if path.is_dir() else path.parent)


def _found(reference: str, folders: Iterable[Path] | None) -> Pack:
    as_path = Path(reference)
    if (as_path / PACK_FILE).is_file():
        return load_folder(as_path)
    wanted, _, version = reference.partition("@")
    everything = pack_folders(folders)
    mine = [f for f in everything if f[0] == wanted and version in ("", f[1])]
    if not mine:
        versions = sorted({f"{i}@{v}" for i, v, _ in everything if i == wanted} or {i for i, _, _ in everything})
        raise ProblemsError([Problem("pack.not-found", found=reference, accepted=", ".join(versions))])
    chosen = max((v for _, v, _ in mine), key=natural)
    candidates = [folder for _, v, folder in mine if v == chosen]
    packs = [load_folder(folder) for folder in candidates]
    for other in packs[1:]:
        if other.pin.sha256 != packs[0].pin.sha256:
            raise ProblemsError([Problem("pack.two-contents", Place(file=str(other.folder)), found=other.pin.sha256,
                                         accepted=packs[0].pin.sha256,
                                         args={"first": str(packs[0].folder), "id": str(other.pin)})])
    return packs[0]


def _overlay_files(path: Path) -> tuple[dict[str, bytes], list[Problem]]:
    folder = path if path.is_dir() else path.parent
    if not (folder / OVERLAY_FILE).is_file() or (not path.is_dir() and path.name != OVERLAY_FILE):
        return {}, [Problem("overlay.not-found", Place(file=str(path)), accepted=OVERLAY_FILE)]
    return read_folder(folder)


def _with_overlay(pack: Pack, key: str, files: Mapping[str, bytes], folder: Path | None) -> Pack:
    from zerofactory_engine.rulepack.overlay import apply_overlay

    key = f"{key}+{raw_hash(files)}{folder or ''}"
    found = _CACHE.get(key)
    if found is None:
        made, problems = apply_overlay(pack, files, folder)
        if made is None or _errors(problems):
            raise ProblemsError([*problems, _summary("overlay.cannot-be-used", problems, str(folder or ""))])
        found = _CACHE.put(key, made)
    return found
