"""Every code that the package can raise has a sentence in both languages, and every sentence is raised somewhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from zerofactory_engine.messages import LANGUAGES
from zerofactory_mappings.cbam.communication.audit import Verdict

PREFIX = "cbam-template."
_CALLS = {"report", "_problem", "say", "_refused", "_explained", "found", "_say", "render"}
_FIGURES = ("co2", "biomass_co2", "n2o", "pfc", "direct", "indirect", "total", "direct_own", "heat", "waste_gas", "attributed_direct",
            "attributed_indirect", "activity_level", "se_direct", "see_direct", "se_indirect", "see_indirect", "see_total",
            "electricity", "embedded_electricity", "electricity_ef", "default_share")


def _raised(root: Path) -> Iterator[str]:
    for path in sorted((root / "mappings/zerofactory_mappings/cbam/communication").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(PREFIX):
                yield node.value.removeprefix(PREFIX)
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            texts = [c.value for a in node.args for c in ast.walk(a)
                     if isinstance(c, ast.Constant) and isinstance(c.value, str) and " " not in c.value]
            if name == "FormulaError" and texts:
                yield f"formula-{texts[0]}"
                if texts[0] == "operator":
                    yield "formula-syntax"
            elif name == "_table":
                yield texts[0]
                yield from (f"column-{t}" for t in texts[1:])
            elif name in _CALLS:
                yield from (t for t in texts if "-" in t or t in ("negative", "unlikely", "capacity", "written", "checked", "macros"))


def _sentences(root: Path, language: str) -> set[str]:
    text = (root / f"mappings/zerofactory_mappings/cbam/communication/messages/{language}.yaml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(text)
    assert all(code.startswith(PREFIX) for code in loaded)
    return {code.removeprefix(PREFIX) for code in loaded}


@pytest.mark.parametrize("language", LANGUAGES)
def test_codes_and_sentences_are_the_same(root: Path, language: str) -> None:
    raised = {r.removeprefix(PREFIX) for r in _raised(root) if r and not r.endswith(("-", "."))} | {f"{kind}-{v}" for kind in ("verdict", "audit") for v in Verdict}
    raised |= {f"figure-{name}" for name in _FIGURES} | {"formula-locked"}
    assert raised == _sentences(root, language)
