"""The crosswalk: every line of every demo stands whole in each scheme, or is left out there with clause and reason."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine.accounting.classification import classification, family
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.options import Options
from zerofactory_engine.accounting.totals import total
from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.crosswalk.build import by_class, placed, read_schemes, schemes
from zerofactory_mappings.crosswalk.check import OTHER, possible, uncovered, unused
from zerofactory_mappings.crosswalk.model import Placed
from zerofactory_mappings.crosswalk.picture import picture
from zerofactory_mappings.crosswalk.write import as_json
from zerofactory_mappings.disclosures.commands import map_
from zerofactory_mappings.disclosures.subject import Subject, load_subject

ROOT = Path(__file__).parents[3]
DEMOS = sorted(p for p in ROOT.glob("examples/**/*.yaml")
               if b"format: zerofactory/dossier/" in p.read_bytes()[:4_000])


@cache
def subject_of(path: Path, **options: str) -> Subject:
    return load_subject(path, options=Options(options=options), library=FactorLibrary.shipped())


@cache
def lines_of(path: Path) -> tuple[Placed, ...]:
    return tuple(p for m in subject_of(path).members for p in placed(m.dossier.id, m.inventory))


DEMO = ROOT / "examples/demo-battery-factory/dossier.yaml"


def test_there_are_demos() -> None:
    assert DEMO in DEMOS
    assert len(DEMOS) >= 4


@pytest.mark.parametrize("path", DEMOS, ids=lambda p: str(p.relative_to(ROOT / "examples")))
def test_every_line_of_every_demo_stands_once_in_each_scheme(path: Path) -> None:
    lines = lines_of(path)
    assert len(lines) == sum(len(m.inventory.lines) for m in subject_of(path).members)
    for each in lines:
        assert list(each.places) == list(schemes()), each.line.id
        for place in each.places.values():
            assert place.share == (1 if place.class_id else 0)
            assert place.rule.clause
            if place.class_id is None:
                assert place.rule.excluded is not None
                assert all(place.rule.excluded.values())
            else:
                assert place.title is not None
    for scheme in schemes():
        groups = by_class(lines, scheme)
        assert sum(len(of) for of in groups.values()) == len(lines)


def test_totals_of_the_classes_come_to_the_whole() -> None:
    lines = lines_of(DEMO)
    everything = total([p.line for p in lines], "location").value
    assert isinstance(everything, Decimal)
    for scheme in schemes():
        parts = [total(of, "location").value for of in by_class(lines, scheme).values()]
        summed = Decimal(0)
        for part in parts:
            assert isinstance(part, Decimal)
            summed = CONTEXT.add(summed, part)
        assert abs(summed - everything) < Decimal("1e-25"), scheme


#: source, gas, outside (biomass: inside, of biomass) → class (or -rule that leaves it out) in ISO, GHGP, GB/T, CBAM
EXPECTED = """
mobile_combustion      CO2    none          1.2       scope-1     combustion             -mobile
stationary_combustion  CO2    none          1.1       scope-1     combustion             combustion
stationary_combustion  CH4    none          1.1       scope-1     combustion             -combustion-other
stationary_combustion  CO2    biogenic_co2  biogenic  biogenic    biomass                zero_rated
stationary_combustion  CH4    biomass       1.1       scope-1     biomass                -combustion-other
mobile_combustion      N2O    biomass       1.2       scope-1     biomass                -mobile
process                CO2    biogenic_co2  biogenic  biogenic    -other-biogenic        -other-biogenic
fugitive               HFC    none          1.4       scope-1     process                -other-gases
fugitive               other  other_gas     -other-gas other_gas  -other-gas             -other-gas
process                CO2    none          1.3       scope-1     process                process
process                PFC    none          1.3       scope-1     process                pfc
process                N2O    none          1.3       scope-1     process                n2o
purchased_electricity  CO2    none          2.1       scope-2     purchased_electricity  electricity
purchased_heat         CO2    none          2.2       scope-2     purchased_heat         heat_imported
exported_electricity   CO2    exported      exported  exported    exported_electricity   electricity_exported
purchased_goods        CO2e   none          4.1       scope-3/1   -scope-3               precursor
commuting              CO2e   none          3.3       scope-3/7   -scope-3               -scope-3
franchises             CO2e   none          5.1       scope-3/14  -scope-3               -scope-3
wastewater             CH4    none          1.4       scope-1     process                -other-gases
"""


@pytest.mark.parametrize("row", EXPECTED.strip().splitlines(), ids=lambda r: " ".join(r.split()[:3]))
def test_where_things_stand(row: str) -> None:
    source_code, gas, outside, *wanted = row.split()
    source = classification().sources[source_code]
    found = []
    for scheme in schemes().values():
        rule = next(r for r in scheme.rules if r.fits(
            source_code, gas, None if outside in ("none", "biomass") else outside, outside.startswith("bio")))
        if rule.excluded is not None:
            found.append(f"-{rule.id}")
        elif rule.derived == "iso":
            found.append(source.iso_choices[0])
        elif rule.derived == "ghgp":
            number = f"/{source.ghgp_category}" if source.scope == 3 and source.ghgp_category else ""
            found.append(f"scope-{source.scope}{number}")
        else:
            found.append(str(rule.class_id))
    assert found == wanted


def test_the_rules_speak_of_everything_and_none_is_hidden() -> None:
    assert list(uncovered()) == []
    assert list(unused()) == []


@pytest.mark.parametrize("path", DEMOS, ids=lambda p: str(p.relative_to(ROOT / "examples")))
def test_lines_of_the_demos_are_among_the_combinations_that_are_checked(path: Path) -> None:
    known = set(possible())
    for each in lines_of(path):
        line = each.line
        gas = OTHER if line.outside == "other_gas" else family(line.gas) or line.gas
        assert (line.source.code, gas, line.outside, line.biogenic) in known, line.id


def test_a_subcategory_bears_its_own_name_whichever_source_comes_first() -> None:
    titles = {p.places["iso_14064_1"].class_id: p.places["iso_14064_1"].title for p in lines_of(DEMO)}
    assert titles["1.3"] == {"zh": "1.3 工业过程的排放和清除", "en": "1.3 industrial processes, emissions and removals"}
    group = [p for p in lines_of(ROOT / "examples/demo-group/plant-a.yaml") if p.line.iso_subcategory == "1.1"]
    assert {p.places["iso_14064_1"].title["en"] for p in group if p.places["iso_14064_1"].title} <= {
        "1.1 stationary combustion", "Biogenic CO2 (apart)"}


def test_json_of_lines_is_as_its_schema_says() -> None:
    schemas = [json.loads(p.read_text(encoding="utf-8")) for p in (ROOT / "standards/schemas").glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])
    schema = next(s for s in schemas if s["$id"].endswith("/crosswalk-lines/1"))
    for lines in (lines_of(DEMO), lines_of(ROOT / "examples/demo-group/plant-b.yaml"), ()):
        found = Draft202012Validator(schema, registry=registry).iter_errors(jsonable(as_json(lines)))
        assert [f"{e.json_path}: {e.message}"[:200] for e in found] == []


def test_forklift_diesel_of_the_demo_is_outside_cbam() -> None:
    forklift = next(p for p in lines_of(DEMO) if p.line.source.code == "mobile_combustion" and p.line.gas == "CO2")
    assert forklift.places["iso_14064_1"].class_id == "1.2"
    assert forklift.places["eu_cbam"].class_id is None
    assert forklift.places["eu_cbam"].rule.clause == "2025/2547 annex II B.1(c)"


@pytest.mark.parametrize(("edit", "found"), [
    ("class: combustion", "no-such-class"), ("sources: [stationary_combustion]", "no_such_source"),
    ("strength: equal", "combustion")])
def test_a_table_with_names_that_stand_for_nothing(edit: str, found: str) -> None:
    text = (ROOT / "standards/schemas/examples/crosswalk.yaml").read_text(encoding="utf-8")
    change = {"no-such-class": "class: no-such-class", "no_such_source": "sources: [no_such_source]",
              "combustion": "note: {zh: 无, en: none}"}[found]
    with pytest.raises(ProblemsError) as caught:
        read_schemes(text.replace(edit, change, 1).encode(), "t.yaml")
    assert [(p.code, p.found) for p in caught.value.problems] == [("crosswalk.unknown-name", found)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_picture_in_the_docs_is_what_is_drawn(language: str) -> None:
    assert (ROOT / f"docs/pictures/crosswalk-{language}.svg").read_text(encoding="utf-8") == picture(language)


@pytest.mark.parametrize("ending", [".json", ".xlsx", ".svg", ".html"])
@pytest.mark.parametrize("given", [True, False])
def test_the_command_writes_every_format(ending: str, given: bool, tmp_path: Path) -> None:
    out = tmp_path / f"c{ending}"
    words = ["crosswalk", *([str(DEMO)] if given else []), "--out", str(out), "--lang", "en"]
    done = CliRunner().invoke(map_, words)
    assert done.exit_code == 0, done.output
    assert out.stat().st_size > 1_000 or ending == ".json"
    if ending == ".json":
        found = json.loads(out.read_text(encoding="utf-8"))
        assert (len(found["lines"]) > 0) is given
    if ending == ".html":
        assert "crosswalk." not in out.read_text(encoding="utf-8").replace("crosswalk.svg", "")


def test_the_command_tells_what_it_cannot_write(tmp_path: Path) -> None:
    done = CliRunner().invoke(map_, ["crosswalk", "--out", str(tmp_path / "c.doc"), "--lang", "zh"])
    assert done.exit_code == 2
    assert ".xlsx" in done.output


def test_json_of_the_lines_has_shares_that_sum_to_one() -> None:
    for line in as_json(lines_of(DEMO))["lines"]:
        for place in line["places"].values():
            assert ("excluded" in place) != (place.get("share") == "1")
