"""Under what can be certified here: rule packs that are installed, alone or with an overlay of the body.

Overlays stand in ``overlays/<id>/<version>/`` of the data folder. A reference is ``pack@version`` or
``pack@version+overlay@version``; it is looked up among these, never taken as a path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.rulepack import Pack, find_pack, load_folder, pack_folders
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_web.settings import Settings

_OVERLAY = "overlay.yaml"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A pack to certify under. *folder* and *overlay* are where it stands."""

    reference: str
    pack: Pack
    folder: Path
    overlay: Path | None = None

    @property
    def sha256(self) -> str:
        """Hash of the pack's content and of the overlay's: what a plan freezes."""
        return identity(self.pack)


def identity(pack: Pack) -> str:
    """The hash that stands for *pack* with its overlay."""
    base = pack.base or pack.pin
    return content_hash({"pack": base.sha256, "overlay": pack.overlay.sha256 if pack.overlay else None})


def schemes(settings: Settings, only: str = "") -> tuple[Scheme, ...]:
    """Every scheme that can be used, or those on the pack *only* (``id@version``); what is broken is left out (``pack
    lint`` says why)."""
    found: dict[str, Scheme] = {}
    for name, version, folder in pack_folders():
        if only not in ("", f"{name}@{version}"):
            continue
        try:
            found.setdefault(f"{name}@{version}", Scheme(f"{name}@{version}", load_folder(folder), folder))
        except ProblemsError:
            continue
    for base, overlay in _overlays(settings):
        under = found.get(base)
        if under is None:
            continue
        try:
            pack = find_pack(str(under.folder), overlay)
        except ProblemsError:
            continue
        reference = f"{base}+{pack.overlay}"
        found[reference] = Scheme(reference, pack, under.folder, overlay)
    return tuple(found[name] for name in sorted(found))


def _overlays(settings: Settings) -> Iterator[tuple[str, Path]]:
    """(reference of the base, folder) of each overlay of the data folder."""
    for file in sorted((settings.data / "overlays").glob(f"*/*/{_OVERLAY}")):
        try:
            extends = plain_tree(read_yaml(file.read_bytes(), file.name))["extends"]
            yield f"{extends['pack']}@{extends['version']}", file.parent
        except (OSError, ProblemsError, KeyError, TypeError):
            continue


def scheme(settings: Settings, reference: str) -> Scheme:
    """The scheme called *reference*.

    Raises:
        ProblemsError: ``cases.scheme-unknown``.
    """
    for found in schemes(settings, reference.partition("+")[0] or "—"):
        if found.reference == reference:
            return found
    raise ProblemsError([Problem("cases.scheme-unknown", found=reference[:120],
                                 accepted=", ".join(s.reference for s in schemes(settings)))])


@dataclass(frozen=True, slots=True)
class Names:
    """What people call a scheme and its levels; texts by language."""

    title: Mapping[str, str]
    levels: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=64)
def _names(data: Path, reference: str) -> Names:
    pack = scheme(Settings(data=data), reference).pack
    return Names(dict(pack.title), {key: dict(level.title) for key, level in pack.levels.items()})


def names(settings: Settings, reference: str) -> Names:
    """The names of a scheme; none where it is not installed. A version never changes, so each is read once."""
    try:
        return _names(settings.data, reference)
    except ProblemsError:
        return Names({}, {})


def frozen(settings: Settings, reference: str, sha256: str) -> Scheme:
    """The scheme of a running case, unchanged since its plan.

    Raises:
        ProblemsError: ``cases.scheme-unknown``, ``cases.scheme-changed``: its content is no longer what was frozen.
    """
    found = scheme(settings, reference)
    if found.sha256 != sha256:
        raise ProblemsError([Problem("cases.scheme-changed", found=found.sha256, accepted=sha256)])
    return found
