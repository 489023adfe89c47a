"""The example of the repository, plans handed on, JSON by the schema, golden figures, pages."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.mappings.verification.foundry import DOSSIER, PACKAGE, ROOT, battery, filled, foundry, judged, row, state

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.messages import LANGUAGES
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.disclosures.page import html_of, pdf_of
from zerofactory_mappings.verification.build import new_package
from zerofactory_mappings.verification.check import evaluate
from zerofactory_mappings.verification.model import Evaluation
from zerofactory_mappings.verification.package import parse_package
from zerofactory_mappings.verification.pages import document
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.write import issued, json_bytes, package_json, yaml_bytes

GOLDEN = Path(__file__).parent / "golden"
FIVE: list[dict[str, Any]] = [{"of": "total", "percent": Decimal(5)}]


def schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "standards/schemas/verification-package.schema.json").read_text(encoding="utf-8")))


def planned(before: Part | None = None) -> Evaluation:
    root, _ = new_package(battery(), assurance="limited", materiality=FIVE, language="en", before=before)
    return evaluate(root, battery())


@pytest.mark.parametrize("made", [judged(filled()), planned()], ids=["filled", "plan"])
def test_the_json_file_is_of_its_schema_and_reads_back(made: Evaluation) -> None:
    content = package_json(made)
    assert [f"{e.json_path}: {e.message}" for e in schema().iter_errors(content)] == []
    back = parse_package(json_bytes(made), "package.json").root
    assert jsonable(back.values) == jsonable({**made.root.values, "working_paper": content["working_paper"]})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_yaml_file_reads_back(language: str) -> None:
    for made in (judged(filled()), planned()):
        back = parse_package(yaml_bytes(made.root, language), "package.yaml").root
        assert jsonable(back.values) == jsonable(made.root.values)


def figures(made: Evaluation) -> dict[str, Any]:
    """What an expert checks: thresholds, misstatements, sums, sample, opinion."""
    results = jsonable(made.results())
    return {"total_tCO2e": results["aggregates"][0]["reported_tCO2e"], "thresholds": results["thresholds"], "misstatements": results["misstatements"],
            "aggregates": results["aggregates"], "projected_tCO2e": results["projected_tCO2e"], "opinion": results["opinion"],
            "sampling": {k: v for k, v in results["sampling"].items() if k != "rows"},
            "sample": [f"{r['line']} {r['reason']}" for r in results["sampling"]["rows"] if r["selected"]],
            "cross_checks": results["evidence"]["cross_checks"], "heat": results["evidence"]["heat"], "metering": results["evidence"]["metering"]}


def text(made: Evaluation) -> str:
    return json.dumps(figures(made), ensure_ascii=False, indent=1) + "\n"


def test_golden_foundry() -> None:
    """Differences are for an expert to read; ``python -m tests.mappings.verification.test_verification_files`` writes anew."""
    assert text(judged(filled())) == (GOLDEN / "foundry.json").read_text(encoding="utf-8")


def test_the_hash_in_the_example_is_that_of_its_dossier() -> None:
    assert filled()["subject"]["sha256"] == read_dossier(DOSSIER).dossier.sha256
    assert judged(filled()).changes == ()


def test_a_file_without_a_key_twice_and_with_unknown_ones_is_refused_with_lines() -> None:
    data = PACKAGE.read_bytes().replace(b"  - {id: M2,", b"  - {id: M1,").replace(b"coverage: 0.8", b"coverage: 8")
    with pytest.raises(ProblemsError) as caught:
        parse_package(data, "package.yaml")
    assert [(p.code, p.place.line is not None) for p in caught.value.problems] == [("typed.out-of-bounds", True)]
    with pytest.raises(ProblemsError) as caught:
        parse_package(data.replace(b"coverage: 8", b"coverage: 0.8"), "package.yaml")
    assert [(p.code, p.place.line is not None) for p in caught.value.problems] == [("verification.entry-twice", True)]


# --- plans ------------------------------------------------------------------------------------------------------------

def test_a_plan_has_every_sampled_line_and_row() -> None:
    made = planned()
    values = made.root.values
    assert [i["line"] for i in values["items"]] == [r.of.id for r in made.sampling.selected]
    assert len(values["heat"]) == 12
    assert len(values["metering"]) == 16
    assert [g["gap"] for g in values["gaps"]] == ["GP1"]
    assert [c["row"] for c in values["cross_checks"]][:2] == ["crosschecks/CK1", "crosschecks/CK2"]
    assert made.sampling.coverage == Decimal("0.80")                       # of the table, for limited assurance
    assert made.opinion.follows == "open"


def test_the_dossiers_own_cross_check_is_computed_again() -> None:
    found = {c.key: c for c in planned().evidence.checks}
    check = found["crosschecks/CK1"]
    assert check.reported == Decimal("56275.2")
    assert check.difference == CONTEXT.divide(Decimal("56275.2") - (Decimal("56262.48") + Decimal("12.1")), Decimal("56275.2"))
    assert (check.tolerance, check.within) == (Decimal("0.005"), True)


def test_calibration_as_stated() -> None:
    found = {m.row.id: m.valid for m in planned().evidence.meters}
    assert (found["M-E1"], found["M-G3"]) == (True, False)
    assert {m.row.id: m.valid for m in judged(filled()).evidence.meters} == {"M-E": True, "M-G": True, "M-W": False}


def test_the_heat_of_a_row_is_that_of_its_line() -> None:
    (heat,) = judged(filled()).evidence.heat
    line = foundry().by_id["heat/H1/CO2"].emissions
    assert heat.gj is not None
    assert heat.gj * Decimal("0.11") == line                               # the factor of the default set


def test_an_estimated_row_and_an_undeclared_table_are_gaps() -> None:
    dossier = read_dossier(DOSSIER).dossier
    without = state(dossier.without_rows("gaps", ["GP1"]).declared_complete("electricity", False))
    values = filled()
    made = judged(values, without)
    assert (made.evidence.gaps[0].id, made.evidence.gaps[0].kind) == ("energy/G2", "estimated")
    assert ("electricity#1", "table") in [(g.id, g.kind) for g in made.evidence.gaps]
    assert [p.code for p in made.problems] == ["verification.row-unknown", "verification.opinion-differs"]


def test_a_narrow_statement_asks_for_nothing_outside_it() -> None:
    narrow = state(read_dossier(DOSSIER).dossier, categories=("1",))
    root, _ = new_package(narrow, assurance="limited", materiality=FIVE, language="en")
    assert "heat" not in root.values
    assert [g["gap"] for g in root.values["gaps"]] == ["GP1"]
    imported = state(read_dossier(DOSSIER).dossier, "market", ("2",))
    root, _ = new_package(imported, assurance="limited", materiality=FIVE, language="en")
    assert "gaps" not in root.values
    assert [h["row"] for h in root.values["heat"]] == ["H1"]
    made = evaluate(root, imported)
    assert (made.statement.basis, [a.of for a in made.aggregates]) == ("market", ["total", "category/2"])


def test_too_many_lines_to_look_at_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerofactory_mappings.verification.check.SAMPLE_ROWS", 5)
    with pytest.raises(ProblemsError) as caught:
        judged(filled())
    assert [(p.code, p.found) for p in caught.value.problems] == [("verification.sample-too-large", "7")]


def test_entries_are_handed_on_to_a_new_plan() -> None:
    changed = state(read_dossier(DOSSIER).dossier.replace_cell("electricity", "E3", "MWh", "3500"))
    root, notes = new_package(changed, assurance="reasonable", materiality=FIVE, language="en", before=Part(filled()))
    assert notes == ()
    made = evaluate(root, changed)
    assert made.changes == ()
    assert row(dict(root.values), "items", "line", "electricity/E3/CO2")["planned_tCO2e"] == Decimal("2039.450000")
    assert root.part("opinion").text("signatory") == "A. Auditor"
    assert [m.id for m in made.misstatements] == ["M1", "M2", "M3", "heat/H1/CO2"]


def test_entries_that_name_nothing_any_more_are_told() -> None:
    without = state(read_dossier(DOSSIER).dossier.without_rows("energy", ["G3"]))
    _, notes = new_package(without, assurance="reasonable", materiality=FIVE, language="en", before=Part(filled()))
    assert [(p.found, p.args["section"]) for p in notes] == [("energy/G3/CO2", "items"), ("energy/G3", "cross_checks")]


def test_the_date_is_never_the_clocks() -> None:
    values = filled()
    assert str(issued(Part(values))) == "2026-03-12"
    del values["opinion"]["date"]
    assert str(issued(Part(values))) == "2026-02-02"
    del values["engagement"]["plan_date"]
    assert str(issued(Part(values))) == "2025-12-31"


# --- pages ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("findings", [False, True])
def test_pages_say_everything_in_words(language: str, findings: bool) -> None:
    html = html_of(document(judged(filled()), language, findings=findings)).decode("utf-8")
    assert "verification." not in html.replace("verification.json", "")
    assert "Decimal(" not in html
    assert "None" not in html
    assert {"zh": "示例铸造厂", "en": "Example foundry"}["en"] in html
    if findings:
        assert {"zh": "无保留意见", "en": "unmodified opinion"}[language] in html
        assert "13.36" in html


def test_a_pdf_carries_the_package_and_is_the_same_every_time() -> None:
    made = judged(filled())
    data = pdf_of(document(made, "en", findings=True))
    assert data == pdf_of(document(made, "en", findings=True))
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.attachments["verification.json"].get_file().read_bytes() == json_bytes(made)


if __name__ == "__main__":
    (GOLDEN / "foundry.json").write_text(text(judged(filled())), encoding="utf-8")
    sys.stdout.write("written\n")
