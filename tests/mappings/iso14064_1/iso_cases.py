"""A small plant with one of everything that a report tells apart, its statement, and how a report is made of them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_mappings.disclosures.completeness import Completeness
from zerofactory_mappings.disclosures.subject import load_subject
from zerofactory_mappings.iso14064_1.build import build
from zerofactory_mappings.iso14064_1.check import check
from zerofactory_mappings.iso14064_1.model import IsoModel

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"
DEMO_STATEMENT = ROOT / "examples/demo-battery-factory/report-statement.yaml"
LIBRARY = FactorLibrary.shipped()

#: Gas and wood in a boiler, grid power with a certificate, own sun that is partly exported, two refrigerants (one outside the seven
#: gases), CO2 stored for good of which a fifth is biogenic, steel bought, a credit.
PLANT = """
format: zerofactory/dossier/1
id: plant-2025
version: 1
organisation: {name: {zh: 示例公司, en: Example Co.}, address: 1 Example Road}
facility: {id: A, name: {zh: 甲厂, en: Plant A}, kind: factory, country: CN, province: CN-JS, market_boundary: CN, sector: hardening shop}
period: {from: 2025-01-01, to: 2025-12-31, time_zone: Asia/Shanghai}
boundary:
  approach: operational control
  parts:
    - {id: P1, name: hall, kind: production unit, inside: yes}
    - {id: P2, name: canteen, kind: ancillary unit, inside: no, reason: let to a caterer}
  exclusions:
    - {id: X1, what: fire extinguishers, scope: 1, iso_category: 1, estimate_tCO2e: 0.1, reason: below one in ten thousand}
complete: [energy, electricity, heat, processes, fugitive, certificates, credits, carbon_capture, purchased, transport, travel, waste]
energy:
  - {id: G1, carrier: natural_gas, use: fuel, direction: consumed, amount: 100000, unit: Nm3, from: 2025-01-01, to: 2025-12-31, obtained: metered, uncertainty: {half_width_percent: 2, coverage_factor: 2}}
  - {id: W1, carrier: wood, use: fuel, direction: consumed, t: 50, from: 2025-01-01, to: 2025-12-31, obtained: invoiced}
electricity:
  - {id: E1, flow: consumed, source: grid, MWh: 1000, from: 2025-01-01, to: 2025-12-31, obtained: invoiced}
  - {id: E2, flow: consumed, source: on-site, technology: solar, asset_owner: applicant, attribute_owner: applicant, attributes_claimed_elsewhere: no, MWh: 80, from: 2025-01-01, to: 2025-12-31, obtained: metered}
  - {id: E3, flow: exported, source: on-site, technology: solar, MWh: 5, from: 2025-01-01, to: 2025-12-31, obtained: metered}
certificates:
  - {id: C1, system: GEC, technology: wind, bundled: no, MWh: 400, market_boundary: CN, generated_from: 2025-04-01, generated_to: 2025-04-30, issued_on: 2025-05-20, retired_on: 2025-12-20, cancellation_reason: consumption claim, beneficiary: A, consumption_year: 2025, claimed_elsewhere: no}
credits:
  - {id: K1, programme: CCER, quantity: 90, kind: removal, retired_on: 2026-01-15, claim_year: 2025}
fugitive:
  - {id: R1, category: air conditioning, method: top-up, gas: HFC134a, top_up_kg: 10, from: 2025-05-06, to: 2025-05-06, obtained: metered}
  - {id: R2, category: air conditioning, method: top-up, gas: HCFC22, top_up_kg: 4, from: 2025-06-02, to: 2025-06-02, obtained: metered}
carbon_capture:
  - {id: S1, stored_tCO2: 50, biogenic_percent: 20, fate: geological storage, from: 2025-01-01, to: 2025-12-31, obtained: metered}
purchased:
  - {id: P1, category: purchased_goods, what: steel, method: supplier-specific, t: 300, factor: 2000 kgCO2e/t, factor_source: "supplier, ISO 14067", factor_year: 2024, from: 2025-01-01, to: 2025-12-31}
"""

STATEMENT = """
format: zerofactory/report-statement/1
report: {date: 2026-03-31, conformity: yes}
responsible: {name: Wang Fang, role: head of energy}
significance:
  criteria: [{id: size, text: share of the estimated indirect total, threshold_percent: 1}]
  decisions:
    - {category: "2", significant: yes, reason: most of it}
    - {category: "3", significant: no, reason: below the threshold}
    - {category: "4.1", significant: yes, reason: steel}
    - {category: "4.2", significant: no, reason: no new equipment}
    - {category: "4.3", significant: no, reason: below the threshold}
    - {category: "4.4", significant: no, reason: below the threshold}
    - {category: "4.5", significant: no, reason: below the threshold}
approaches: [{approach: activity times factor, reason: no continuous measurement}]
changes: []
base_year: {year: 2023, reason: first full year, policy: recalculated above the threshold, threshold_percent: 5, recalculations: [], comparability: none known}
previous:
  - {year: 2023, figure: iso_category/1, value: 250, unit: tCO2e}
  - {year: 2023, figure: iso_category/2, value: 700, unit: tCO2e}
  - {year: 2023, figure: iso_category/4, value: 610, unit: tCO2e}
biogenic: quantified apart
removals: stored carbon as stated
uncertainty:
  method: propagation
  text: low
  by_category: [{category: "2", text: low}, {category: "4", text: high}]
verification: {verified: no}
policies: less gas
initiatives: [{what: solar roof, effect_tCO2e: 40}]
projects: []
programmes: []
indicators: [{name: per tonne, value: 0.4, unit: tCO2e/t}]
benchmarks: none of the kind
monitoring: monthly
year_on_year: less gas
excluded: []
notation:
  - {category: "5", key: NO, reason: products are hardened parts, where: elsewhere}
  - {source: other_indirect, key: NO, reason: none found}
"""


def plant(**changes: Any) -> dict[str, Any]:
    """The plant as a tree with tables replaced (None takes one away)."""
    return changed(yaml.load(PLANT, Loader=yaml.BaseLoader), changes)


def statement(**changes: Any) -> dict[str, Any]:
    """The statement as a tree with sections replaced (None takes one away)."""
    return changed(yaml.load(STATEMENT, Loader=yaml.BaseLoader), changes)


def changed(tree: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    out = copy.deepcopy(tree) | changes
    return {name: value for name, value in out.items() if value is not None}


class _Plain(yaml.SafeDumper):
    """Writes shared parts each time in full."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(folder: Path, name: str, tree: Any) -> Path:
    path = folder / name
    path.write_text(yaml.dump(tree, Dumper=_Plain, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def report(folder: Path, dossier: dict[str, Any] | Path | None = None, said: dict[str, Any] | Path | None = None, *,
           bases: Sequence[dict[str, Any]] = (), options: Options | None = None) -> IsoModel:
    """The model of a dossier and a statement, as trees or as files."""
    file = dossier if isinstance(dossier, Path) else write(folder, "dossier.yaml", plant() if dossier is None else dossier)
    stated = said if isinstance(said, Path) else None if said is None else write(folder, "statement.yaml", said)
    earlier = [write(folder, f"base-{n}.yaml", tree) for n, tree in enumerate(bases)]
    subject = load_subject(file, options=options or Options(), library=LIBRARY, statement=stated, bases=earlier)
    return build(subject)


def keys(found: Completeness) -> dict[str, str]:
    """Item → key."""
    return {r.item.id: r.key for r in found.results}


def said_of(found: Completeness, item: str) -> str:
    """What is missing of an item, in English."""
    return "; ".join(m.text("en") for m in found.result(item).missing)


def both(folder: Path, **parts: Any) -> tuple[IsoModel, Completeness]:
    """Model and completeness."""
    model = report(folder, **parts)
    return model, check(model)
