"""Where factor sets are found: the shipped ones under ``standards/factors`` and folders that a user adds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from zerofactory_engine.accounting.factor_reader import read_factor_set
from zerofactory_engine.accounting.factors import FactorSet
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError

_FILE = "factors.yaml"
#: Most results of table calculators that a library remembers (one table under one choice of options each).
_REMEMBERED = 2048


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))


@lru_cache(maxsize=256)
def _read(path: Path, changed: int) -> FactorSet:
    """The set of *path*; read again only when the file has changed (*changed* is its time of change)."""
    return read_factor_set(path.read_bytes(), str(path))


class FactorLibrary:
    """Factor sets by id and version; also the memory of what was computed with them, shared by threads."""

    def __init__(self, folders: Iterable[Path], sets: Iterable[FactorSet] = ()) -> None:
        self._paths: dict[str, dict[str, Path]] = {}
        self._given: dict[str, dict[str, FactorSet]] = {}
        for folder in folders:
            for path in sorted((*folder.glob(f"*/*/{_FILE}"), *folder.glob(f"*/*/*/{_FILE}"))):
                set_id = path.parent.parent.relative_to(folder).as_posix()
                self._paths.setdefault(set_id, {}).setdefault(path.parent.name, path)
        for given in sets:
            self._given.setdefault(given.id, {})[given.pin.version] = given
        self._views: dict[tuple[str, str, date], FactorSet] = {}
        self._memory: OrderedDict[Hashable, tuple[Any, Any]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def shipped(cls, extra: Iterable[Path] = (), sets: Iterable[FactorSet] = ()) -> FactorLibrary:
        """The project's sets, with those of *extra* folders and ready *sets* (of a bundle, a body) beside them."""
        return cls((STANDARDS_ROOT / "factors", *extra), sets)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all sets, sorted."""
        return tuple(sorted({*self._paths, *self._given}))

    def versions(self, set_id: str) -> tuple[str, ...]:
        """Versions of *set_id*, oldest first."""
        return tuple(sorted({*self._paths.get(set_id, ()), *self._given.get(set_id, ())}, key=_order))

    def set(self, set_id: str, version: str | None = None, known_on: date | None = None) -> FactorSet:
        """A set, the newest version unless one is named, as it could be known on *known_on*.

        Raises:
            ProblemsError: there is no such set or version, its file is not sound, or its id is not that of its folder.
        """
        versions = self.versions(set_id)
        if not versions:
            raise ProblemsError([Problem("factors.unknown-set", found=set_id, accepted=", ".join(self.ids))])
        chosen = version or versions[-1]
        if chosen not in versions:
            raise ProblemsError([Problem("factors.unknown-version", found=f"{set_id}@{chosen}",
                                         accepted=", ".join(versions))])
        found = self._given.get(set_id, {}).get(chosen) or self._load(set_id, chosen)
        if known_on is None:
            return found
        with self._lock:                       # one view a day, so that its identity can key what was computed with it
            return self._views.setdefault((set_id, chosen, known_on), found.known(known_on))

    def _load(self, set_id: str, version: str) -> FactorSet:
        path = self._paths[set_id][version]
        found = _read(path, path.stat().st_mtime_ns)
        if (found.id, found.pin.version) != (set_id, version):
            raise ProblemsError([Problem("factors.wrong-folder", Place(file=str(path)), accepted=f"{set_id}/{version}",
                                         found=f"{found.id}/{found.pin.version}")])
        return found

    def remembered(self, key: Hashable) -> Any | None:
        """What :meth:`remember` stored under *key*, or None."""
        with self._lock:
            entry = self._memory.get(key)
            if entry is None:
                return None
            self._memory.move_to_end(key)
            return entry[1]

    def remember(self, key: Hashable, held: Any, result: Any) -> None:
        """Keep *result*; *held* keeps alive the objects whose identities *key* names."""
        with self._lock:
            self._memory[key] = (held, result)
            while len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
