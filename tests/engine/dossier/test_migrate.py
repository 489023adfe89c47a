"""Older majors of the format are brought to the present one by pure steps; the submitted file keeps its hash."""

from __future__ import annotations

import hashlib

from zerofactory_engine.dossier.migrate import CURRENT, STEPS, migrate
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.problems import Collector
from zerofactory_engine.yaml_text import MapNode, Node, Scalar, read_yaml


def renamed(tree: MapNode) -> MapNode:
    """A step such as a later major would bring: `title` is called `id` from then on."""
    return MapNode(tuple((Scalar("id", k.place) if k.text == "title" else k, n) for k, n in tree.entries), tree.place)


def text_of(tree: Node, key: str) -> str:
    assert isinstance(tree, MapNode)
    found = tree.get(key)
    assert isinstance(found, Scalar)
    return found.text


def test_every_major_before_the_present_one_has_a_step() -> None:
    assert sorted(STEPS) == list(range(min(STEPS, default=CURRENT), CURRENT))


def test_steps_are_chained_and_places_stay() -> None:
    tree = read_yaml(b"format: zerofactory/dossier/1\ntitle: d\n", "old.yaml")
    problems = Collector()
    migrated = migrate(tree, problems, steps={1: renamed, 2: lambda t: t}, current=3)
    assert len(problems) == 0
    assert text_of(migrated, "format") == "zerofactory/dossier/3"
    assert text_of(migrated, "id") == "d"
    assert isinstance(migrated, MapNode)
    assert migrated.get("id").place.line == 2
    assert text_of(tree, "title") == "d"


def test_a_major_that_is_not_known_is_a_problem() -> None:
    problems = Collector()
    migrate(read_yaml(b"format: zerofactory/dossier/0\n"), problems)
    assert [(p.code, p.accepted) for p in problems] == [("dossier.unknown-major", "zerofactory/dossier/1")]


def test_the_present_major_is_left_as_it_is() -> None:
    tree = read_yaml(b"format: zerofactory/dossier/1\nid: d\n")
    assert migrate(tree, Collector()) == tree


def test_the_hash_is_that_of_the_submitted_bytes() -> None:
    data = b"format: zerofactory/dossier/1\nid: d\nfacility: {id: F, name: {en: S}}\nperiod: {from: 2025-01-01, to: 2025-12-31}\n"
    assert read_bytes(data, "d.yaml").sha256 == hashlib.sha256(data).hexdigest()
    assert read_bytes(data + b"# comment\n", "d.yaml").dossier.sha256 == read_bytes(data, "d.yaml").dossier.sha256
