"""The rules of the boundary as data: each with its clause, both languages, and signals that find what they should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.structure import tables as dossier_tables
from zerofactory_engine.messages import catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.typed import shipped_schema
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.exchange import rules as module
from zerofactory_mappings.cbam.exchange.disclosed import figure_names
from zerofactory_mappings.cbam.exchange.letter import _ASKED
from zerofactory_mappings.cbam.exchange.model import ACCEPTED, Fate, Kind
from zerofactory_mappings.cbam.exchange.rules import BOUNDARY, boundary, says
from zerofactory_mappings.cbam.model import Basis

RULES = boundary().rules

#: What facts/cbam.md §3.3 and §3.8 restate of the law: verdict, act and place. A rule that moves to another clause, or
#: changes sides, fails here.
LAW = {
    "mobile-machinery": ("leaves", "IR (EU) 2025/2547", "Annex II B.1(c)"),
    "plating": ("leaves", "IR (EU) 2025/2547", "Annex I point 3"),
    "cutting": ("leaves", "IR (EU) 2025/2547", "Annex I point 3"),
    "welding": ("leaves", "IR (EU) 2025/2547", "Annex I point 3"),
    "finishing": ("leaves", "IR (EU) 2025/2547", "Annex I point 3"),
    "galvanising": ("stays", "IR (EU) 2025/2547", "Annex I point 3"),
    "forming-and-heat": ("stays", "IR (EU) 2025/2547", "Annex I point 3"),
    "conveyors": ("stays", "CBAM Q&A May 2026", "4.21"),
    "outsourced-steps": ("stays", "CBAM Q&A May 2026", "4.31"),
    "lime-and-coke": ("leaves", "CBAM Q&A May 2026", "6.4"),
    "oxygen-production": ("leaves", "CBAM Q&A May 2026", "4.12"),
    "certificates-of-origin": ("not_counted", "IR (EU) 2025/2547", "Annex II D.4.3"),
    "no-cbam-gas": ("not_counted", "Reg (EU) 2023/956", "Annex I"),
    "outside-period": ("not_counted", "IR (EU) 2025/2547", "Article 1(5)"),
    "joint-process": ("asked", "IR (EU) 2025/2547", "Annex II A.4"),
    "precursor": ("asked", "IR (EU) 2025/2547", "Article 1(7)"),
    "waste-gas": ("asked", "IR (EU) 2025/2547", "Annex III A.2.3"),
    "actual-electricity-factor": ("asked", "IR (EU) 2025/2547", "Annex II D.4.3"),
}


@pytest.mark.parametrize(("rule", "expected"), LAW.items())
def test_rule_says_what_the_law_says(rule: str, expected: tuple[str, str, str]) -> None:
    found = RULES[rule]
    assert (found.verdict.value, found.act, found.annex) == expected


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_rule_has_a_known_act_and_both_languages(rule: module.Rule) -> None:
    assert tables.act(rule.act) is not None
    assert re.search("[\u4e00-\u9fff]", rule.zh)
    assert not re.search("[\u4e00-\u9fff]", rule.en)
    assert set(rule.sectors) <= {c.sector for c in scope.categories()}
    assert set(rule.categories) <= {c.id for c in scope.categories()}


def test_plating_leaves_only_steel_products_and_cutting_aluminium_products_too() -> None:
    assert RULES["plating"].categories == ("iron_or_steel_products",)
    for name in ("cutting", "welding", "finishing"):
        assert set(RULES[name].categories) == {"iron_or_steel_products", "aluminium_products"}


def test_signals_name_columns_and_words_of_a_dossier() -> None:
    columns = {c for table in dossier_tables().values() for c in table.columns}
    kinds = set(code_list("part_kind").codes)
    for rule in RULES.values():
        assert set(rule.signals.columns) | set(rule.signals.unless_columns) <= columns, rule.id
        assert set(rule.signals.parts) <= kinds, rule.id
        assert set(rule.signals.tables) <= set(dossier_tables()), rule.id


@pytest.mark.parametrize(("words", "text", "expected"), [
    (("电镀",), "3号电镀车间", True), (("电镀",), "热镀锌线", False), (("镀锌",), "热镀锌线", True),
    (("office",), "Office block", True), (("office",), "officers", False), (("cutting",), "Cutting shop", True),
    (("lime kiln",), "lime  kilnA", False), (("truck",), "fork-truck 2", True), ((), "anything", False)])
def test_words(words: tuple[str, ...], text: str, expected: bool) -> None:
    assert says(words, text) is expected


def test_every_carrier_activity_and_cell_of_a_dossier_is_crossed_over_to_the_law() -> None:
    found, defs = boundary(), shipped_schema("dossier").source["$defs"]
    assert set(found.carriers) == {c for c in defs["code_carriers"]["enum"] if c}
    assert set(found.activities) == {c for c in defs["code_process_activity"]["enum"] if c}
    assert set(found.cells) == {c for c in defs["code_process_cell_technology"]["enum"] if c}
    for carrier in found.carriers.values():
        if carrier.fuel is not None:
            assert tables.fuel(carrier.fuel).id == carrier.fuel
        if carrier.cn is not None:
            assert scope.read_cn(carrier.cn).good is not None
    for materials in found.materials.values():
        for material in materials.values():
            assert tables.process_factor(material).id == material
    for technology in found.cells.values():
        assert tables.pfc_factor("slope", technology).technology == technology


def test_biomass_carriers_are_biomass_in_the_law_and_fossil_ones_are_not() -> None:
    biogenic = {n for n, c in code_list("carriers").codes.items() if c["group"] == "biomass"} | {"municipal_waste_biogenic"}
    for name, carrier in boundary().carriers.items():
        if carrier.fuel is not None:
            assert tables.fuel(carrier.fuel).biomass is (name in biogenic), name


def test_every_table_of_a_dossier_is_read_left_out_by_a_rule_or_beside() -> None:
    from zerofactory_mappings.cbam.exchange.series import TABLES

    ruled = {t for rule in RULES.values() for t in rule.signals.tables}
    assert set(dossier_tables()) == set(TABLES) | ruled | set(boundary().beside)
    assert not ruled & set(TABLES)


@pytest.mark.parametrize(("change", "code"), [
    (("verdict: leaves", "verdict: maybe"), "typed."), (("    annex: Annex II B.1(c)\n", ""), "typed."),
    (("confidence: confirmed", "confidence: sure"), "typed."), (("format: zerofactory/cbam-boundary/1", "format: x"), "typed.")])
def test_a_damaged_rule_file_is_refused(change: tuple[str, str], code: str, tmp_path: Path) -> None:
    text = BOUNDARY.read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "boundary.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        boundary(path)
    assert all(p.code.startswith(code) for p in caught.value.problems)


def test_every_code_of_the_package_has_a_sentence_and_none_is_left_over(root: Path) -> None:
    """The codes are put together from kinds and words, so the general test of messages does not see them."""
    folder = root / "mappings/zerofactory_mappings/cbam/exchange"
    source = "\n".join(p.read_text(encoding="utf-8") for p in sorted(folder.rglob("*.py")))
    said = {f"cbam-exchange.{n}" for n in re.findall(r"""["']cbam-exchange\.([a-z0-9_-]+)["']""", source)}
    said |= {f"cbam-exchange.{n}" for n in re.findall(r"""["']((?:row|report|ledger)-[a-z-]+)["']""", source)} | {"cbam-exchange.used"}
    said |= {f"cbam-exchange.missing-{n}" for n in re.findall(r'\.lack\(\s*"([a-z-]+)"', source)} | {"cbam-exchange.missing-more"}
    said |= {f"cbam-exchange.question-{k}" for k in Kind} | {f"cbam-exchange.fate-{f}" for f in Fate}
    said |= {f"cbam-exchange.accepted-{k}-{w}" for k, words in ACCEPTED.items() for w in words}
    said |= {f"cbam-exchange.unanswered-{n}" for n in ("left-out", "grid-default", "per-code", "unattributed")}
    said |= {f"cbam-exchange.reply-{n}" for n in re.findall(r'_report\("([a-z-]+)"', source)}
    said |= {f"cbam-exchange.answer-{n}" for n in re.findall(r'problem\("([a-z-]+)"', source)}
    said |= {f"cbam-exchange.answer-lacks-{n}" for n in ("share", "cn", "route")}
    letter = (folder / "letter.py").read_text(encoding="utf-8")
    said |= {f"cbam-exchange.letter-{n}" for n in re.findall(r"say\('([a-z-]+)'", letter)}
    said |= {f"cbam-exchange.letter-row-{n}" for n in re.findall(r'\("([a-z]+)", ', letter.partition("facts = [")[2])}
    said |= {f"cbam-exchange.letter-asks-{n}" for n in _ASKED} | {f"cbam-exchange.letter-basis-{b}" for b in Basis}
    said |= {f"cbam-exchange.figure-{n}" for n in figure_names()}
    for language in ("zh", "en"):
        known = {c for c in catalogue(language) if c.startswith("cbam-exchange.")}
        assert sorted(known ^ said) == []
