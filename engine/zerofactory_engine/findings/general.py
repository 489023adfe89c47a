"""The rules that hold for every pack, read from ``general.yaml`` beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from zerofactory_engine.problems import Place
from zerofactory_engine.rulepack.model import FindingRule, Pattern


@cache
def general_rules() -> tuple[FindingRule, ...]:
    """The engine's own rules; their ids start with ``engine:`` so that a pack's never collide."""
    path = Path(__file__).with_name("general.yaml")
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader  # every scalar as text
    data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - base loader
    return tuple(
        FindingRule(
            id=f"engine:{entry['id']}",
            when=tuple(Pattern(MappingProxyType(p)) for p in entry["when"]),
            then=tuple(MappingProxyType(t) for t in entry["then"]),
            place=Place(file=path.name, path=entry["id"]),
        )
        for entry in data["rules"])
