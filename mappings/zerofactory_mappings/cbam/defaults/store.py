"""Sets of default values, benchmarks and grid factors: those that ship, and those that users loaded into folders.

A set is a folder with ``set.yaml`` (``zerofactory/cbam-set/1``: kind, version, day of publication, act, source file and
its SHA-256, licence) and one CSV file of rows. The setting :data:`DATA_SETTING` names folders, separated like ``PATH``;
below each, sets lie at ``<kind>/<version>/``. What ships and what is loaded never merge: the newest set that has the
table of a country gives its rows, and every result says which.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import MapNode, Scalar, read_yaml
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.benchmarks import SHIPPED_ON, Benchmarks, benchmark_row, shipped
from zerofactory_mappings.cbam.defaults.model import OTHER, DefaultSet, row_of
from zerofactory_mappings.cbam.table_reader import (
    TABLES_FOLDER,
    Cited,
    Layout,
    Row,
    Table,
    Unknown,
    layouts,
    parse_table,
)

FORMAT = "zerofactory/cbam-set/1"
#: Setting: folders with loaded sets, separated like PATH.
DATA_SETTING = "ZEROFACTORY_CBAM_DATA"
KINDS = ("default-values", "benchmarks", "grid-factors")
#: Folder of the default values that ship.
SHIPPED = TABLES_FOLDER / "default-values" / "2025-2621-v1"
_KEYS = ("format", "kind", "version", "published", "act", "source", "licence", "confidence", "rows")


@dataclass(frozen=True, slots=True)
class SetCard:
    """What ``set.yaml`` says; *content* is the hash of the rows, *folder* where they lie."""

    kind: str
    version: str
    published: date
    act: str
    file: str
    sha256: str
    licence: str
    confidence: str
    rows: str
    folder: Path

    @property
    def content(self) -> bytes:
        """The rows as bytes."""
        return (self.folder / self.rows).read_bytes()


def data_folders() -> tuple[Path, ...]:
    """The folders of the setting, in order."""
    return tuple(Path(p) for p in os.environ.get(DATA_SETTING, "").split(os.pathsep) if p)


def read_card(folder: Path) -> SetCard:
    """What the ``set.yaml`` in *folder* says.

    Raises:
        ProblemsError: ``cbam-defaults.set-…``, or problems of YAML.
    """
    path = folder / "set.yaml"
    tree = read_yaml(path.read_bytes(), str(path))
    place = Place(file=str(path))
    if not isinstance(tree, MapNode):
        raise ProblemsError([Problem("cbam-defaults.set-format", place, accepted=FORMAT)])
    texts = {k: v.text for k, v in tree.items() if isinstance(v, Scalar)}
    source = tree.get("source")
    inner = {k: v.text for k, v in source.items() if isinstance(v, Scalar)} if isinstance(source, MapNode) else {}
    problems = [Problem("cbam-defaults.set-key", place, args={"key": k}) for k in _KEYS if tree.get(k) is None]
    if texts.get("format") != FORMAT:
        problems.append(Problem("cbam-defaults.set-format", place, found=texts.get("format"), accepted=FORMAT))
    if texts.get("kind") not in KINDS:
        problems.append(Problem("cbam-defaults.set-kind", place, found=texts.get("kind"), accepted=", ".join(KINDS)))
    rows = texts.get("rows", "")
    if "/" in rows or "\\" in rows or not rows.endswith(".csv"):
        problems.append(Problem("cbam-defaults.set-key", place, found=rows, args={"key": "rows"}))
    try:
        published = date.fromisoformat(texts.get("published", ""))
    except ValueError:
        problems.append(Problem("cbam-defaults.set-key", place, found=texts.get("published"),
                                args={"key": "published"}))
    if problems:
        raise ProblemsError(problems)
    return SetCard(texts["kind"], texts["version"], published, texts["act"], inner.get("file", ""),
                   inner.get("sha256", ""),
                   texts["licence"], texts["confidence"], rows, folder)


def cards(kind: str) -> tuple[SetCard, ...]:
    """The sets of a kind in the folders of the setting, newest first."""
    return _cards(kind, data_folders())


@cache
def _cards(kind: str, folders: tuple[Path, ...]) -> tuple[SetCard, ...]:
    found = [read_card(p.parent) for folder in folders for p in sorted(folder.glob(f"{kind}/*/set.yaml"))]
    return tuple(sorted((c for c in found if c.kind == kind), key=lambda c: (c.published, c.version), reverse=True))


def forget() -> None:
    """Read the folders anew from now on; after a set was written."""
    for each in (_cards, _default_sets, _benchmark_set, _grid_rows):
        each.cache_clear()


def _table(card: SetCard, layout: Layout) -> Table:
    named = Layout(layout.name, str(card.folder / card.rows), layout.title, layout.key, layout.columns, layout.licence)
    return parse_table(named, card.content)


# ----------------------------------------------------------------------------------------------------- default values

def default_sets() -> tuple[DefaultSet, ...]:
    """Every set of default values at hand, newest first."""
    return _default_sets(data_folders())


@cache
def _default_sets(folders: tuple[Path, ...]) -> tuple[DefaultSet, ...]:
    loaded = [_default_set(card) for card in _cards("default-values", folders)]
    return tuple(sorted([*loaded, shipped_set()], key=lambda s: (s.published, s.version), reverse=True))


@cache
def shipped_set() -> DefaultSet:
    """The set that ships: China and the other countries."""
    return _default_set(read_card(SHIPPED))


def _default_set(card: SetCard) -> DefaultSet:
    rows = [row_of(r) for r in _table(card, layouts()["default-values"])]
    return DefaultSet(card.version, card.act, card.published, card.file, card.sha256, rows, _provisional(card))


def _provisional(card: SetCard) -> tuple[str, ...]:
    """Why values of a set are provisional: a later act corrects it, or its act was not read by the project."""
    corrected = _corrected_on()
    return ("cbam-defaults.provisional-corrected",
            ) if card.published < corrected else ("cbam-defaults.provisional-unread",)


@cache
def _corrected_on() -> date:
    """Publication of the act that corrects the default values."""
    from zerofactory_mappings.cbam.tables import act

    row = act("IR (EU) 2026/1740")
    day = row.day("published") if row is not None else None
    assert day is not None
    return day


def default_set(version: str | None = None, country: str | None = None) -> DefaultSet:
    """The set of that *version*, or the newest, or the newest that has the table of *country* (id or name).

    Raises:
        ProblemsError: ``cbam-defaults.no-set``.
    """
    ident = None
    if country is not None:
        ident = OTHER if country == OTHER else scope.country(country).id
    for each in default_sets():
        if version in (None, each.version) and (ident is None or each.has(ident)):
            return each
    raise ProblemsError([Problem("cbam-defaults.no-set", found=version or country,
                                 accepted=", ".join(s.version for s in default_sets()))])


# ------------------------------------------------------------------------------------------------ benchmarks and grids

def benchmark_set(version: str | None = None) -> Benchmarks:
    """The benchmarks of that version, or the newest at hand (those that ship, or loaded ones)."""
    return _benchmark_set(data_folders(), version)


@cache
def _benchmark_set(folders: tuple[Path, ...], version: str | None) -> Benchmarks:
    for card in _cards("benchmarks", folders):
        if version == card.version or (version is None and card.published >= SHIPPED_ON):
            return Benchmarks(card.version, [benchmark_row(r) for r in _table(card, layouts()["benchmarks"])])
    if version in (None, shipped().version):
        return shipped()
    raise ProblemsError([Problem("cbam-defaults.no-set", found=version, accepted=shipped().version)])


@cache
def _grid_rows(folders: tuple[Path, ...]) -> Mapping[tuple[str, str], tuple[Row, SetCard]]:
    found: dict[tuple[str, str], tuple[Row, SetCard]] = {}
    for card, row in _grid_cards(folders):
        found.setdefault((row.text("purpose"), row.text("country")), (row, card))
    return found


def _grid_cards(folders: tuple[Path, ...]) -> Iterator[tuple[SetCard, Row]]:
    for card in _cards("grid-factors", folders):
        for row in _table(card, layouts(part="loaded")["grid-factors"]):
            yield card, row


def grid_factor(country: str, purpose: str) -> Cited | Unknown:
    """Default factor of grid electricity in tCO2e/MWh; *purpose* ``indirect`` (2025/2621 Annex II: electricity used for
    goods) or ``import`` (Annex III: electricity imported into the EU). 0 is a value.

    A country without a row of its own takes that of the other countries (``indirect``) or of the EU (``import``), and
    the source says so. Unknown when no factors are loaded: they do not ship (licence CC BY-NC-SA).
    """
    rows = _grid_rows(data_folders())
    ident = country if country in (OTHER, "EU") else scope.country(country).id
    if not any(p == purpose for p, _ in rows):
        return Unknown("cbam-defaults.grid-not-loaded", {"purpose": purpose, "country": ident})
    row, card = rows.get((purpose, ident)) or rows.get((purpose, OTHER if purpose == "indirect" else "EU")) or (None,
                                                                                                                None)
    found = row.cited("ef") if row is not None else None
    if found is None or card is None:
        return Unknown("cbam-defaults.grid-no-row", {"purpose": purpose, "country": ident})
    return replace(found, source=replace(found.source, table=f"grid-factors@{card.version}"))
