"""A small rule pack and a small factory with round figures; tests say only what differs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from zerofactory_engine.dossier import Dossier, dossier_from_tree
from zerofactory_engine.evaluation import Assessment, Request, evaluate
from zerofactory_engine.evaluation.judgements import Judgements
from zerofactory_engine.rulepack.load import load_files
from zerofactory_engine.rulepack.model import Pack

TITLE = "{zh: 试验, en: trial}"
DAY = date(2026, 8, 15)

PACK = f"""
format: zerofactory/pack/1
id: trial
version: 0.1.0
standard: {{id: trial, edition: "1"}}
title: {TITLE}
subject: facility
period: {{min_months: 12, max_months: 12}}
status: draft
provisional: yes
published: 2026-01-01
valid: {{from: 2026-01-01, to: 2030-12-31}}
outcome: {{kind: readiness, concluded_by: {{zh: 部委, en: the ministry}}}}
dimensions: {{d: {TITLE}}}
known_gaps: [{{zh: 缺, en: gap}}]
authors: [trial]
licence: Apache-2.0
"""

LEVELS = """
entry:  {order: 1, title: {zh: 入选, en: Entry}, needs: all}
target: {order: 2, title: {zh: 目标, en: Target}, needs: all}
"""

QUANTITIES = f"""
consumed: {{title: {TITLE}, clause: c, unit: MWh, value: 'total(electricity[flow = "consumed"].MWh)'}}
clean:    {{title: {TITLE}, clause: c, unit: MWh, value: 'total(electricity[flow = "consumed" and source = "on-site"].MWh)'}}
grid:     {{title: {TITLE}, clause: c, unit: MWh, value: 'total(electricity[flow = "consumed" and source = "grid"].MWh)'}}
"""

#: The share of solar power: 200 of 1000 MWh = 20 %; entry wants 30 %, target 60 %.
SHARE = f"""
id: T-1
title: {{zh: 份额, en: Share}}
clause: clause 1
source: trial
confidence: secondary
last_confirmed: 2026-01-01
dimension: d
kind: mandatory
form: threshold
parameters:
  entry_share:
    title: {TITLE}
    unit: "%"
    values: [{{from: 2026-01-01, value: 30, clause: clause 1, source: press, confidence: unconfirmed, last_confirmed: 2026-01-01}}]
  target_share:
    title: {TITLE}
    unit: "%"
    values: [{{from: 2026-01-01, value: 60, clause: clause 1, source: press, confidence: secondary, last_confirmed: 2026-01-01}}]
quantities:
  share: {{title: {{zh: 份额, en: Share}}, unit: "%", plausible: [0, 100], value: clean / consumed}}
levels:
  entry: share >= entry_share
  target: share >= target_share
"""

DOSSIER: Mapping[str, Any] = {
    "format": "zerofactory/dossier/1",
    "id": "plant-2025",
    "facility": {"id": "F1", "name": {"zh": "厂", "en": "Plant"}, "kind": "factory", "province": "CN"},
    "period": {"from": "2025-01-01", "to": "2025-12-31"},
    "complete": ["electricity", "energy", "heat", "processes", "fugitive", "meters", "certificates", "credits", "equipment",
                 "economics", "checklists"],
    "electricity": [
        {"id": "E1", "flow": "consumed", "source": "grid", "MWh": "800", "from": "2025-01-01", "to": "2025-12-31",
         "documents": ["D1#page=3"]},
        {"id": "E2", "flow": "consumed", "source": "on-site", "technology": "solar", "MWh": "200", "from": "2025-01-01",
         "to": "2025-12-31", "documents": ["D2"]},
    ],
    "documents": [
        {"id": "D1", "kind": "electricity_settlement", "file": "bill.pdf", "covers_from": "2025-01-01", "covers_to": "2025-12-31"},
        {"id": "D2", "kind": "inverter_log", "file": "pv.xlsx", "covers_from": "2025-01-01", "covers_to": "2025-12-31"},
    ],
}


@pytest.fixture
def pack_of() -> Callable[..., Pack]:
    """A pack of criteria given as texts; other files by keyword (``levers``, ``readings`` …) replace the defaults."""

    def make(*criteria: str, **files: str) -> Pack:
        texts = {"pack.yaml": PACK, "accounting.yaml": "factor_sets: {}\noptions: {}\n", "levels.yaml": LEVELS,
                 "quantities.yaml": QUANTITIES}
        if not any("\n  target:" in text for text in criteria or (SHARE,)):
            texts["levels.yaml"] = LEVELS.replace("target: {", "# {")
        texts |= {f"{name}.yaml": text for name, text in files.items()}
        texts |= {f"criteria/{n}.yaml": text for n, text in enumerate(criteria or (SHARE,))}
        return load_files({name: textwrap.dedent(text).encode() for name, text in texts.items()})

    return make


@pytest.fixture
def dossier_of() -> Callable[..., Dossier]:
    """The small factory; keywords replace whole tables or sections, None removes them."""

    def make(**changes: Any) -> Dossier:
        tree = {**DOSSIER, **changes}
        return dossier_from_tree({k: v for k, v in tree.items() if v is not None})

    return make


@pytest.fixture
def assess(pack_of: Callable[..., Pack], dossier_of: Callable[..., Dossier]) -> Callable[..., Assessment]:
    """Evaluate the small factory under the small pack; *pack*, *dossier*, *judgements* and what a request takes."""

    def run(pack: Pack | None = None, dossier: Dossier | None = None, judgements: Judgements | None = None,
            **asked: Any) -> Assessment:
        request = Request(**{"valid_on": DAY, "documents_assumed": True, **asked})
        return evaluate(dossier or dossier_of(), pack or pack_of(), request, None, judgements)

    return run


@pytest.fixture
def share() -> str:
    """The criterion of the share, to be changed by replacing text."""
    return SHARE


@pytest.fixture
def pack_text() -> str:
    """The header of the small pack."""
    return PACK


def criterion_text(criterion: str, levels: str, *, form: str = "threshold", kind: str = "mandatory", more: str = "",
                   confidence: str = "confirmed") -> str:
    """The text of a criterion with *levels* and *more* keys."""
    return f"""
id: {criterion}
title: {TITLE}
clause: {criterion} clause
source: trial
confidence: {confidence}
last_confirmed: 2026-01-01
dimension: d
kind: {kind}
form: {form}
{textwrap.dedent(more)}
levels:
{textwrap.indent(textwrap.dedent(levels).strip(), "  ")}
"""


@pytest.fixture
def criterion_of() -> Callable[..., str]:
    """The text of a criterion: id, levels, and further keys."""
    return criterion_text


def parameter_text(name: str, value: str, unit: str = "MWh", confidence: str = "confirmed", kind: str = "number") -> str:
    """The text of a parameter with one value."""
    unit_line = f'unit: "{unit}", ' if kind == "number" else ""
    return (f"{name}: {{title: {TITLE}, type: {kind}, {unit_line}values: [{{from: 2026-01-01, value: {value}, clause: c, source: s, "
            f"confidence: {confidence}, last_confirmed: 2026-01-01}}]}}")


@pytest.fixture
def parameter_of() -> Callable[..., str]:
    """The text of a parameter."""
    return parameter_text
