"""Every shipped pack: it loads, it is clean, it says where each value comes from, its outcome fits its standard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from zerofactory_engine.accounting.options import ACCEPTED
from zerofactory_engine.problems import Severity
from zerofactory_engine.rulepack import Pack, lint
from zerofactory_engine.rulepack.cases import read_cases
from zerofactory_engine.rulepack.graph import leaves
from zerofactory_engine.rulepack.model import DatedValue, Parameter, Special

#: Columns of the dossier that packs ask for; without them packs do not load.
COLUMNS = {"claim": {"inventory_type", "opinion", "report_public", "verified_to"}, "plan": {"completed_on", "residual_from"}}

#: Level → outcome kinds: what each pack promises (docs/rule-packs.md).
PROMISED = {
    "cn-miit-zcf-2026": ("readiness", ["entry", "target"]),
    "cn-miit-guidance-2026": ("readiness", ["prepared", "phase"]),
    "cn-hunan-458-2025": ("readiness", ["on_path", "target_2027", "target_2030", "target_2035"]),
    "cn-ceca-0171-2022": ("certification", ["three_star", "four_star", "five_star", "six_star"]),
    "iso-14068-1-2023": ("verification", ["claim"]),
}

#: Values that the standards set, as (pack, parameter, reading alternatives) → stated value and unit.
STATED = [
    ("cn-hunan-458-2025", "HN-1/limit_2027", "1.25", "tCO2e/tce"),
    ("cn-hunan-458-2025", "HN-1/limit_2030", "0.87", "tCO2e/tce"),
    ("cn-hunan-458-2025", "HN-1/limit_2035", "0.37", "tCO2e/tce"),
    ("cn-hunan-458-2025", "HN-3/share_2027", "35", "%"),
    ("cn-hunan-458-2025", "HN-3/share_2030", "55", "%"),
    ("cn-hunan-458-2025", "HN-3/share_2035", "80", "%"),
    ("cn-hunan-458-2025", "HN-4/reduction", "6", "%"),
    ("cn-hunan-458-2025", "HN-ETS/years", "3", "item"),
    ("cn-ceca-0171-2022", "CECA-6S-I/renewable_share", "100", "%"),
    ("iso-14068-1-2023", "tCO2e_per_credit", "1", "tCO2e/credit"),
]

#: What exists and is not known to us: it may never become a number without a source.
UNKNOWN = {
    "cn-hunan-458-2025": {"HN-1/limit_before_2027", "HN-3/share_before_2027", "HN-5/further_rows"},
    "cn-ceca-0171-2022": {
        "CECA-STAR/band_three", "CECA-STAR/band_four", "CECA-STAR/band_five", "CECA-STAR/band_six",
        *(f"CECA-IND-{n}/maximum" for n in range(1, 7)), "CECA-6S-I/coverage_ratio", "CECA-6S-II/renewable_share",
        "CECA-6S-II/removal_share", "CECA-BASIC/requirements"},
    "iso-14068-1-2023": set(),
    "cn-miit-guidance-2026": set(),
}


def parameters(pack: Pack) -> Iterator[tuple[str, Parameter]]:
    yield from pack.parameters.items()
    for criterion in pack.criteria.values():
        yield from ((f"{criterion.id}/{name}", p) for name, p in criterion.parameters.items())


def values(parameter: Parameter) -> Iterator[DatedValue]:
    for _, dated in leaves(parameter.values):
        yield from dated


def test_all_promised_packs_are_there(load) -> None:  # type: ignore[no-untyped-def]
    for ident, (kind, levels) in PROMISED.items():
        pack = load(f"{ident}@0.1.0")
        assert pack.outcome_kind == kind
        assert [v.id for v in sorted(pack.levels.values(), key=lambda v: v.order)] == levels
        assert {v.needs for v in pack.levels.values()} == {"all"}


def test_pack_has_nothing_to_put_right(pack: Pack) -> None:
    assert pack.folder is not None
    found = [f"{p.code} {p.place} {p.found}" for p in lint(pack.folder) if p.severity is not Severity.NOTE]
    assert found == []


def test_every_parameter_says_where_its_value_comes_from(pack: Pack) -> None:
    wrong = []
    for name, parameter in parameters(pack):
        for value in values(parameter):
            source = value.source
            if not source.source or not source.clause or source.confidence is None or source.last_confirmed is None:
                wrong.append(name)
        if parameter.type == "number" and parameter.unit is None:
            wrong.append(f"{name}: unit")
    assert wrong == []


def test_every_criterion_says_where_it_comes_from(pack: Pack) -> None:
    assert [c.id for c in pack.criteria.values()
            if not (c.source.clause and c.source.source and c.source.last_confirmed and c.title["zh"] and c.title["en"])] == []


def test_nothing_is_printed_as_a_clause_that_we_did_not_read(pack: Pack) -> None:
    """None of these texts was read by us; whoever changes that states the clause and its source."""
    assert [c.id for c in pack.criteria.values() if c.source.clause_read] == []
    assert [n for n, p in parameters(pack) for v in values(p) if v.source.clause_read] == []


def test_pack_belongs_to_an_edition_of_a_card(pack: Pack, root: Path) -> None:
    card = yaml.load((root / "standards" / pack.standard / "card.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    edition = {e["edition"]: e for e in card["editions"]}[pack.edition]
    assert card["conclusion"]["kind"] == pack.outcome_kind
    assert str(pack.valid_from) == edition["in_force"]["on"]
    assert pack.provisional
    assert pack.known_gaps


@pytest.mark.parametrize(("ident", "name", "stated", "unit"), STATED, ids=lambda v: str(v))
def test_value_is_the_stated_one(load, ident: str, name: str, stated: str, unit: str) -> None:  # type: ignore[no-untyped-def]
    parameter = dict(parameters(load(f"{ident}@0.1.0")))[name]
    assert {v.stated for v in values(parameter)} == {stated}
    assert unit in {text for _, text in leaves(parameter.unit)}


def test_a_pack_of_a_site_takes_it_in_as_a_whole(pack: Pack) -> None:
    """Energy and output are whole amounts: a share on the emissions alone would let a pack of a site pass too easily."""
    assert pack.accounting.options["consolidation"] == ("facility" if pack.subject == "facility" else "stated")


def test_the_format_page_names_every_option_with_its_values(root: Path) -> None:
    """`rules/README.md`, the default first."""
    text = (root / "rules/README.md").read_text(encoding="utf-8")
    rows = {name: re.findall(r"`(\w+)`", values) for name, values in re.findall(r"^\| `(\w+)`[^|]*\| (.*) \|$", text, flags=re.M)}
    for name, accepted in ACCEPTED.items():
        found = [v for v in rows[name] if not v.isdigit()]
        assert (found[0], sorted(found)) == (accepted.default, sorted(accepted)), name


def test_every_table_that_the_national_pack_adds_up_has_its_documents(load) -> None:  # type: ignore[no-untyped-def]
    asked = set(load("cn-miit-zcf-2026@0.1.0").row_evidence)
    assert asked >= {"electricity", "certificates", "energy", "heat", "processes", "fugitive", "carbon_capture", "storage", "credits",
                     "equipment", "meters"}


@pytest.mark.parametrize("ident", UNKNOWN)
def test_what_is_not_known_stays_not_known(load, ident: str) -> None:  # type: ignore[no-untyped-def]
    found = {name for name, p in parameters(load(f"{ident}@0.1.0"))
             if any(v.value is Special.UNKNOWN for v in values(p))}
    assert found == UNKNOWN[ident]


def test_every_alternative_of_every_reading_is_chosen_by_a_case(pack: Pack) -> None:
    assert pack.folder is not None
    cases, problems = read_cases(pack.folder / "cases")
    assert problems == []
    chosen = {pair for case in cases for pair in ({r.id: r.default for r in pack.readings.values()} | dict(case.readings)).items()}
    missing = [f"{r.id}: {a}" for r in pack.readings.values() for a in r.alternatives if (r.id, a) not in chosen]
    assert missing == []


def test_readings_carry_our_numbers(load) -> None:  # type: ignore[no-untyped-def]
    touched = {
        "cn-hunan-458-2025": {"R1", "R2", "R3", "R5", "R9", "R12", "R25", "R32"},
        "cn-ceca-0171-2022": {"R2", "R3", "R17", "R18", "R22"},
        "iso-14068-1-2023": {"R2", "R3", "R13", "R33"},
    }
    for ident, refs in touched.items():
        assert {r.ref for r in load(f"{ident}@0.1.0").readings.values()} - {"new"} == refs


def test_columns_that_packs_ask_for_are_in_the_dossier() -> None:
    from zerofactory_engine.dossier import vocabulary

    types = vocabulary.types()
    assert {f"{s}.{c}" for s, names in COLUMNS.items() for c in names if c not in types[s].fields} == set()


def test_every_question_set_is_used_by_a_pack_or_named_so(load, root: Path) -> None:  # type: ignore[no-untyped-def]
    used = {name for ident in PROMISED for name in load(f"{ident}@0.1.0").question_sets}
    mine = {p.stem for ident in ("cn-hunan-458-2025", "iso-14068-1-2023", "cn-miit-guidance-2026")
            for p in (root / "standards" / ident / "codes").glob("*.yaml")}
    assert mine - used == set()


def test_pack_is_documented(pack: Pack, root: Path) -> None:
    """Each pack has a section that says what it covers, what is known and not, and who concludes what."""
    text = (root / "docs/rule-packs.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", text, flags=re.S | re.M))
    section = sections[pack.pin.id]
    for word in ("**Covers**", "**Known**", "**Not known**", "**Outcome**"):
        assert word in section, word
    row = next(line for line in text.splitlines() if line.startswith(f"| [`{pack.pin.id}`]"))
    assert "readiness" in row if pack.outcome_kind == "readiness" else pack.outcome_kind in row
    for level in pack.levels:
        assert f"`{level}`" in row, level


def test_documentation_speaks_of_no_pack_that_is_not_there(root: Path) -> None:
    text = (root / "docs/rule-packs.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^## `([^`]+)`", text, flags=re.M))
    assert named == {p.parent.parent.name for p in (root / "rules").glob("*/*/pack.yaml")}
