"""From one neutral source type to ISO 14064-1 category and GHG Protocol scope, by a versioned table.

The table is ``standards/classification/sources.yaml``; consolidation shares are ``consolidation.yaml`` beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml

#: Scope of what stands outside the scopes: biogenic CO2, gases outside the seven, exported energy.
OUTSIDE = 0


@dataclass(frozen=True, slots=True)
class SourceType:
    """A kind of emission source. *scope* is the GHG Protocol's (0 outside), *ghgp_category* only for scope 3.

    *iso_choices* are dotted ISO subcategories; the first holds unless the option *iso_option* names the category of
    another.
    """

    code: str
    title: Mapping[str, str]
    scope: int
    ghgp_category: int | None
    iso_choices: tuple[str, ...]
    iso_option: str | None = None

    def iso(self, options: Mapping[str, str]) -> str:
        """The ISO 14064-1 subcategory (``4.1``) under *options*; an option value is ``category_6``."""
        if self.iso_option is not None:
            wanted = options[self.iso_option].removeprefix("category_")
            return next(choice for choice in self.iso_choices if choice.split(".")[0] == wanted)
        return self.iso_choices[0]


@dataclass(frozen=True, slots=True)
class Classification:
    """All source types, the families of gases, and the pin of the table."""

    version: str
    sha256: str
    sources: Mapping[str, SourceType]
    outside: Mapping[str, Mapping[str, str]]
    families: Mapping[str, str]
    schemes: Mapping[str, Mapping[str, str]]
    not_burned: frozenset[str]                 # carriers that release nothing where they are used


def plain_tree(node: Node) -> Any:
    """A trusted file of ours as plain texts, dicts and lists."""
    if isinstance(node, MapNode):
        return {key: plain_tree(child) for key, child in node.items()}
    if isinstance(node, ListNode):
        return [plain_tree(child) for child in node.items]
    assert isinstance(node, Scalar)
    return node.text


def _load(name: str) -> dict[str, Any]:
    path = STANDARDS_ROOT / "classification" / name
    loaded: dict[str, Any] = plain_tree(read_yaml(path.read_bytes(), str(path)))
    return loaded


@cache
def classification() -> Classification:
    """The shipped classification."""
    data = _load("sources.yaml")
    sources: dict[str, SourceType] = {}
    for code, entry in data["sources"].items():
        scope, _, category = entry["ghgp"].partition(".")
        choices = entry["iso"] if isinstance(entry["iso"], list) else [entry["iso"]]
        sources[code] = SourceType(code, {"zh": entry["zh"], "en": entry["en"]}, int(scope),
                                   int(category) if category else None, tuple(choices), entry.get("iso_option"))
    families = {gas: family for family, gases in data["gases"].items() for gas in gases}
    return Classification(data["version"], content_hash(data), sources, data["outside"], families, data["schemes"],
                          frozenset(data["not_burned"]))


def family(gas: str) -> str | None:
    """Which of the seven (CO2, CH4, N2O, HFC, PFC, SF6, NF3) *gas* belongs to; None outside them."""
    return classification().families.get(gas)


@dataclass(frozen=True, slots=True)
class CertificateRule:
    """How long certificates of a system are valid: *months* from and including that of generation; older ones, from
    before *before*, up to and including *until*. *markets*: names of the market in which they are valid."""

    months: int
    before: date
    until: date
    markets: tuple[str, ...]

    def last_day(self, generated: date) -> date:
        """Last day of validity of power generated on *generated*."""
        if generated < self.before:
            return self.until
        month = generated.year * 12 + generated.month - 1 + self.months
        return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)


@cache
def certificate_rules() -> Mapping[str, CertificateRule]:
    """Rules of the certificate systems that we know."""
    return {system: CertificateRule(int(rule["months"]), date.fromisoformat(rule["transition"]["before"]),
                                    date.fromisoformat(rule["transition"]["until"]), tuple(rule["markets"]))
            for system, rule in _load("certificates.yaml")["systems"].items()}


@cache
def _shares() -> Mapping[str, Mapping[str, str]]:
    shares: Mapping[str, Mapping[str, str]] = _load("consolidation.yaml")["shares"]
    return shares


def consolidation_rule(relationship: str, approach: str) -> str:
    """What the share depends on: ``interest``, ``operated``, ``controlled``, or ``none`` of it is taken in."""
    return _shares()[approach][relationship]


def consolidation_share(relationship: str, approach: str, *, operated: bool, controlled: bool, interest: Decimal
                        ) -> Decimal:
    """Share of a facility's emissions that an organisation consolidates (GHG Protocol Corporate Standard, table 1).

    *relationship*: subsidiary, joint_venture, associate, fixed_asset_investment, franchise; *approach*: equity_share,
    financial_control, operational_control; *operated*: the organisation runs it; *controlled*: it holds financial
    control; *interest*: its economic interest (0.40 for 40 %).

    Raises:
        KeyError: an unknown relationship or approach.
    """
    rule = consolidation_rule(relationship, approach)
    if rule == "interest":
        return interest
    holds = {"none": False, "operated": operated, "controlled": controlled}[rule]
    return Decimal(1) if holds else Decimal(0)
