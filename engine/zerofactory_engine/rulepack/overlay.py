"""Overlays: what a body that holds a standard's text adds to one version of a pack, pinned by hash.

An overlay fills parameters, settles readings, adds criteria and replaces what it gives a reason for; nothing in it can
delete. The merged pack is checked like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.rulepack.build import PackBuilder
from zerofactory_engine.rulepack.files import CRITERIA, OVERLAY_FILE, QUESTIONS, hash_of, natural, scan_files
from zerofactory_engine.rulepack.graph import leaves as iterate
from zerofactory_engine.rulepack.load import finish
from zerofactory_engine.rulepack.model import (
    Alternative,
    Change,
    Confidence,
    Criterion,
    Pack,
    PackId,
    Parameter,
    Quantity,
    Text,
)
from zerofactory_engine.rulepack.parts import Leaves, Spot, frozen, text_of
from zerofactory_engine.rulepack.read import Draft, read_typed_part
from zerofactory_engine.rulepack.schemas import other_schema, part_schema
from zerofactory_engine.typed_readers import nearest
from zerofactory_engine.units import unit

_FILLED: Text = {"zh": "按评价机构持有的文本填写", "en": "filled from the text that the body holds"}
_ADDED: Text = {"zh": "评价机构增补", "en": "added by the body"}


@dataclass
class _Merge:
    """A pack on its way to the merged one."""

    pack: Pack
    builder: PackBuilder
    masked: set[str] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)

    def report(self, code: str, at: Place, found: str | None = None, accepted: str | None = None, **args: str) -> None:
        self.builder.leaves.report(code, at, found, accepted, None, **args)


def apply_overlay(base: Pack, files: Mapping[str, bytes], folder: Path | None) -> tuple[Pack | None, list[Problem]]:
    """*base* with the overlay in *files* applied, and every problem of the overlay."""
    scanned = scan_files(files, folder)
    draft = Draft(problems=[p for s in scanned.values() for p in s.problems],
                  trees={name: s.tree for name, s in scanned.items()})
    if OVERLAY_FILE not in scanned:
        missing = Problem("overlay.not-found", Place(file=str(folder or "")), accepted=OVERLAY_FILE)
        return None, [*draft.problems, missing]
    for name in scanned:
        if name != OVERLAY_FILE and not name.startswith((CRITERIA, QUESTIONS)):
            place = Place(file=str(folder / name) if folder else name)
            draft.problems.append(Problem("overlay.file-not-allowed", place, found=name,
                                          accepted="overlay.yaml, criteria/*.yaml, questions/*.yaml"))
    header = read_typed_part(scanned[OVERLAY_FILE], other_schema("overlay"), draft, None)
    leaves = Leaves({r.id: tuple(r.alternatives) for r in base.readings.values()})
    merge = _Merge(base, PackBuilder(leaves, draft.unread))
    _check_base(merge, header)
    for key, spot in (header / "parameters").items():
        _parameter(merge, key, spot)
    for key, spot in (header / "readings").items():
        _reading(merge, key, spot)
    for key, spot in (header / "quantities").items():
        _quantity(merge, key, spot)
    for key, spot in (header / "criteria").items():
        _criterion(merge, key, spot)
    for key, spot in (header / "levels").items():
        _level(merge, key, spot)
    _added(merge, [read_typed_part(scanned[name], part_schema("criterion"), draft, None)
                   for name in sorted((n for n in scanned if n.startswith(CRITERIA)), key=natural)])
    problems = [*draft.problems, *leaves.problems]
    if not header.has("id", "version", "visibility"):
        return None, problems
    merged, more = finish(merge.pack, {**base.files, **{n: d for n, d in files.items() if n.startswith(QUESTIONS)}},
                          draft.unread)
    sha256 = hash_of(draft.trees, {n: p for n, p in merged.question_pins.items() if n not in base.question_pins})
    made = replace(
        merged, base=base.pin, overlay=PackId(header.value["id"], header.value["version"], sha256),
        masked=frozenset(merge.masked) if header.value["visibility"] == "private" else frozenset(),
        changes=tuple(merge.changes), overlay_files=frozen(files), files=base.files)
    return made, [*problems, *more]


def _check_base(merge: _Merge, header: Spot) -> None:
    """The overlay names exactly this pack: id, version, hash."""
    at = header / "extends"
    if not at.has("pack", "version", "sha256"):
        return
    pin = merge.pack.pin
    for key, wanted in (("pack", pin.id), ("version", pin.version), ("sha256", pin.sha256)):
        if at.value[key] != wanted:
            merge.report("overlay.base-differs", (at / key).place, at.value[key], wanted, key=key)


def _owner(merge: _Merge, key: str, kind: str, spot: Spot) -> tuple[Criterion | None, str, Any]:
    """The criterion (None: shared), the local name and the thing called *key*; the thing is None when there is none."""
    owner_id, _, name = key.rpartition("/")
    owner = merge.pack.criteria.get(owner_id) if owner_id else None
    things: Mapping[str, Any] = {} if owner_id and owner is None else getattr(owner or merge.pack, kind)
    found = things.get(name)
    if found is None:
        local = (f"{c.id}/{n}" for c in merge.pack.criteria.values() for n in getattr(c, kind))
        names = [*getattr(merge.pack, kind), *local]
        merge.report("overlay.name-unknown", spot.key_place(), key, nearest(key, tuple(names)) or ", ".join(names[:40]))
    return owner, name, found


def _put(merge: _Merge, owner: Criterion | None, kind: str, name: str, thing: Any) -> None:
    things: dict[str, Any] = {kind: frozen({**getattr(owner or merge.pack, kind), name: thing})}
    if owner is None:
        merge.pack = replace(merge.pack, **things)
        return
    changed = replace(owner, **things)
    merge.pack = replace(merge.pack, criteria=frozen({**merge.pack.criteria, owner.id: changed}))


def _parameter(merge: _Merge, key: str, spot: Spot) -> None:
    owner, name, found = _owner(merge, key, "parameters", spot)
    if not isinstance(found, Parameter) or not spot.has("values"):
        return
    units = tuple(unit(text) for _, text in iterate(found.unit)) if found.unit is not None else ()
    leaves = merge.builder.leaves
    values = leaves.choice(spot / "values", lambda s: leaves.dated_values(s, found.type, units))
    _put(merge, owner, "parameters", name, replace(found, values=values))
    merge.masked.add(found.id)
    merge.changes.append(Change("parameter", found.id, _because(spot) or _FILLED))


def _reading(merge: _Merge, key: str, spot: Spot) -> None:
    found = merge.pack.readings.get(key)
    if found is None:
        merge.report("overlay.name-unknown", spot.key_place(), key, ", ".join(merge.pack.readings))
        return
    if not spot.has("settled", "clause", "source", "confidence", "because"):
        return
    chosen = spot.value["settled"]
    if chosen not in found.alternatives:
        merge.report("pack.alternative-unknown", (spot / "settled").place, chosen, ", ".join(found.alternatives),
                     reading=key)
        return
    alternative = replace(found.alternatives[chosen], confidence=Confidence(spot.value["confidence"]),
                          source=spot.value["source"])
    assert isinstance(alternative, Alternative)
    settled = replace(found, settled=chosen, because=text_of(spot.value["because"]), clause=spot.value["clause"],
                      alternatives=frozen({**found.alternatives, chosen: alternative}))
    merge.pack = replace(merge.pack, readings=frozen({**merge.pack.readings, key: settled}))
    merge.changes.append(Change("reading", key, settled.because))


def _quantity(merge: _Merge, key: str, spot: Spot) -> None:
    owner, name, found = _owner(merge, key, "quantities", spot)
    if not isinstance(found, Quantity) or not spot.has("value", "because"):
        return
    value = merge.builder.leaves.choice(spot / "value", merge.builder.leaves.expression)
    _put(merge, owner, "quantities", name, replace(found, value=value))
    merge.changes.append(Change("quantity", found.id, text_of(spot.value["because"])))


def _criterion(merge: _Merge, key: str, spot: Spot) -> None:
    found = merge.pack.criteria.get(key)
    if found is None:
        merge.report("overlay.name-unknown", spot.key_place(), key, ", ".join(merge.pack.criteria))
        return
    if not spot.has("because"):
        return
    changed: dict[str, Any] = {}
    if spot.has("levels"):
        levels = {name: merge.builder.level_rule(s) for name, s in (spot / "levels").items() if s.value is not None}
        changed["levels"] = frozen({**found.levels, **levels})
    if spot.has("applies_when"):
        changed["applies_when"] = merge.builder.optional(spot / "applies_when")
    if spot.value.get("evidence") is not None:
        changed["evidence"] = tuple(merge.builder.document_rules(spot / "evidence"))
        if len(changed["evidence"]) < len(found.evidence):
            merge.report("overlay.deletes", (spot / "evidence").place, key)
    merge.pack = replace(merge.pack, criteria=frozen({**merge.pack.criteria, key: replace(found, **changed)}))
    merge.changes.append(Change("criterion", key, text_of(spot.value["because"])))


def _level(merge: _Merge, key: str, spot: Spot) -> None:
    found = merge.pack.levels.get(key)
    if found is None:
        merge.report("overlay.name-unknown", spot.key_place(), key, ", ".join(merge.pack.levels))
        return
    if spot.has("needs", "because"):
        changed = replace(found, needs=spot.value["needs"])
        merge.pack = replace(merge.pack, levels=frozen({**merge.pack.levels, key: changed}))
        merge.changes.append(Change("level", key, text_of(spot.value["because"])))


def _added(merge: _Merge, spots: list[Spot]) -> None:
    """Criteria that the base lacks."""
    for criterion in merge.builder.criteria(spots):
        if criterion.id in merge.pack.criteria:
            merge.report("overlay.criterion-exists", criterion.place, criterion.id)
            continue
        merge.pack = replace(merge.pack, criteria=frozen({**merge.pack.criteria, criterion.id: criterion}))
        merge.masked.update(p.id for p in criterion.parameters.values())
        merge.changes.append(Change("added", criterion.id, _ADDED))


def _because(spot: Spot) -> Text | None:
    return text_of(spot.value["because"]) if spot.value.get("because") else None
