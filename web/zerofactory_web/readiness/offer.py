"""What a pre-check can be made with: rule packs that can be used, and the demo factory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from zerofactory_engine.locate import RULES_ROOT
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.rulepack import Pack, load_folder, pack_folders

#: The demo's dossier, beside the rules: in a checkout, and in a wheel that ships it.
DEMO = RULES_ROOT.parent / "examples" / "demo-battery-factory" / "dossier.yaml"


@dataclass(frozen=True, slots=True)
class Offer:
    """A rule pack under its full name, ``id@version``."""

    reference: str
    pack: Pack
    folder: Path


def offers() -> tuple[Offer, ...]:
    """Every pack that can be used, in the order of ids; of each the newest version first. A broken one is left out."""
    found: dict[str, Offer] = {}
    for name, version, folder in pack_folders():
        try:
            found.setdefault(f"{name}@{version}", Offer(f"{name}@{version}", load_folder(folder), folder))
        except ProblemsError:
            continue
    by_name: dict[str, list[Offer]] = {}
    for reference, offer in found.items():
        by_name.setdefault(reference.partition("@")[0], []).insert(0, offer)
    return tuple(o for group in by_name.values() for o in group)


def offer(reference: str) -> Offer | None:
    """The pack called *reference* (``id@version``, or ``id`` for its newest). Only packs on offer: never a path."""
    name, _, version = reference.partition("@")
    return next((o for o in offers() if o.reference == reference or (not version and o.pack.pin.id == name)), None)


def demo() -> Path | None:
    """The demo's dossier; None where it is not installed."""
    return DEMO if DEMO.is_file() else None


def require_offered(sha256: str) -> Offer:
    """The pack on offer whose content has this hash.

    Raises:
        ProblemsError: ``precheck.pack-not-offered``.
    """
    for found in offers():
        if found.pack.pin.sha256 == sha256:
            return found
    raise ProblemsError([Problem("precheck.pack-not-offered")])
