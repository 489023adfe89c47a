"""Printed figures against our own: equal in the Commission's examples, and every kind of difference explained."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.mappings.cbam import oracle
from tests.mappings.cbam.communication.installations import everything
from tests.mappings.cbam.communication.workbooks import typed, without_results

from zerofactory_mappings.cbam.commands import cbam
from zerofactory_mappings.cbam.communication.audit import Audit, Compared, Verdict, audit_template, rounded_to, same
from zerofactory_mappings.cbam.communication.fill import fill_template

S, P, C, D = "Summary_Processes", "Summary_Products", "C_Emissions&Energy", "D_Processes"


def audit(data: bytes) -> Audit:
    return audit_template(data, "filled.xlsx")


def verdicts(made: Audit) -> dict[str, int]:
    return dict(Counter(str(c.verdict) for c in made.compared))


def at(made: Audit, sheet: str, cell: str) -> Compared:
    (found,) = [c for c in made.compared if (c.place.sheet, c.place.cell) == (sheet, cell)]
    return found


def stored(value: object) -> tuple[str, bytes]:
    return ("n", f"<f>1</f><v>{value}</v>".encode())


@pytest.mark.parametrize(("name", "expected"), [
    ("aluminium", {"equal": 53}), ("screws_nuts", {"equal": 59}), ("blast_furnace", {"equal": 60, "explained": 1})])
def test_examples_print_what_we_compute(examples: dict[str, bytes], name: str, expected: dict[str, int]) -> None:
    made = audit(examples[name])
    assert verdicts(made) == expected
    assert made.differences == ()


def test_the_typed_total_of_the_blast_furnace_is_not_the_sum_of_its_processes(examples: dict[str, bytes]) -> None:
    made = at(audit(examples["blast_furnace"]), C, "M27")
    assert (made.verdict, made.reason) == (Verdict.EXPLAINED, "cbam-template.reason-typed-total")
    assert made.printed == Decimal("976918.8800000002")
    assert made.own == Decimal("977059.116")


def test_the_sheet_for_the_declarant_is_found_by_its_headers(examples: dict[str, bytes]) -> None:
    """V2.1: no column for the electricity factor, totals in AH; V2.1.1 is checked against LibreOffice below."""
    made = audit(examples["screws_nuts"])
    cells = {c.figure: c.place.cell for c in made.compared if c.place.sheet == "Summary_Communication" and str(c.place.cell).endswith("26")}
    assert cells == {"see_direct": "I26", "see_indirect": "J26", "see_total": "K26", "default_share": "M26", "embedded_electricity": "O26"}
    assert [at(made, "Summary_Communication", f"AH{r}").figure for r in (15, 16, 17)] == ["direct", "indirect", "total"]


def test_a_changed_result_differs(screws: bytes) -> None:
    made = audit(typed(screws, {(S, "H102"): stored("1.99"), (P, "K10"): stored("2.4")}))
    assert {(c.place.cell, str(c.printed), c.reason) for c in made.differences} == {
        ("H102", "1.99", "cbam-template.reason-wrong"), ("K10", "2.4", "cbam-template.reason-wrong")}


def test_a_rounded_result_is_ours_rounded(screws: bytes) -> None:
    made = audit(typed(screws, {(S, "H102"): stored("2.0069"), (S, "H103"): stored("1.952447561"), (S, "L102"): stored("0.6")}))
    found = at(made, S, "H102")
    assert (found.verdict, found.reason, found.args) == (Verdict.ROUNDED, "cbam-template.reason-rounded", {"decimals": "4"})
    assert at(made, S, "H103").verdict is Verdict.EQUAL
    assert at(made, S, "L102").verdict is Verdict.DIFFERS, "one digit is no rounding"


def test_a_workbook_that_was_not_calculated_is_stale(screws: bytes) -> None:
    made = audit(typed(screws, {(D, "L65"): ("n", b"<f>(17000*300)/1000</f><v>3400</v>"), (S, "L71"): stored("2800")}))
    assert at(made, S, "L71").reason == "cbam-template.reason-stale"


def test_missing_results_are_not_calculated_and_no_difference(screws: bytes) -> None:
    made = audit(without_results(screws))
    assert verdicts(made) == {"not_calculated": 56}
    assert {c.reason for c in made.compared} == {"cbam-template.reason-not-calculated"}


def test_an_entry_that_went_after_the_calculation_is_seen_in_every_result_that_rests_on_it(screws: bytes) -> None:
    made = audit(typed(screws, {("E_PurchPrec", "L49"): None}))
    assert {(c.place.sheet, c.place.cell) for c in made.differences} == {
        (S, "H102"), (S, "H115"), (P, "I10"), (P, "K10"), ("Summary_Communication", "I26"), ("Summary_Communication", "K26")}


def test_a_figure_without_production_is_not_known(screws: bytes) -> None:
    made = audit(typed(screws, {(D, "L16"): None}))
    assert at(made, S, "G102").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("printed", "own", "decimals"), [
    ("1.539", "1.538976", 3), ("1.54", "1.538976", 2), ("1.5", "1.538976", None), ("1.53", "1.538976", None), ("0.12345", "0.123445", 5),
    ("0.12344", "0.123445", 5), ("1539", "1538.976", None), ("-1.00001", "-1.000005", 5)])
def test_rounding(printed: str, own: str, decimals: int | None) -> None:
    assert rounded_to(Decimal(printed), Decimal(own)) == decimals


def test_a_double_is_the_same_figure() -> None:
    assert same(Decimal("2.0069382352941174"), Decimal("2.006938235294117664705882352941177"))
    assert same(Decimal(0), Decimal(0))
    assert not same(Decimal("2.006938"), Decimal("2.006939"))


def test_both_methods_side_by_side_with_reasons(screws: bytes) -> None:
    made = audit(screws)
    figures = {(b.process, b.product, b.figure): (b.transitional, b.definitive) for b in made.bases.figures}
    assert figures["P1", None, "attributed_direct"] == (Decimal("3337.9500000000003"), Decimal("3337.9500000000003"))
    assert figures["P1", None, "see_direct"][1] is None, "the definitive method accepts no precursor without a verification report"
    codes = [w.code.removeprefix("cbam-template.") for w in made.bases.reasons["P1"]]
    assert codes == ["why-indirect-out-of-scope", "why-precursor-unknown"]
    assert [w.args["precursor"] for w in made.bases.reasons["P1"] if "precursor" in w.args] == ["Carbon steel"]
    assert {p.code for p in made.bases.problems} >= {"cbam.actual-value-refused", "cbam.precursor-needs-cn"}


def test_the_functional_unit_and_the_floor_are_reasons(blank_lean: bytes) -> None:
    from dataclasses import replace

    from tests.mappings.cbam.communication.installations import g

    made = everything()
    cement = replace(made.processes[2], direct=g(-50, "tCO2e"))
    found = audit(fill_template(blank_lean, replace(made, processes=(*made.processes[:2], cement))))
    codes = {w.code.removeprefix("cbam-template.") for w in found.bases.reasons["P4"]}
    assert {"why-functional-unit", "why-floor"} <= codes


@pytest.mark.full
def test_a_calculated_workbook_of_everything_agrees(blank: bytes) -> None:
    """V2.1.1, calculated by LibreOffice: what differs differs by a rule of the template, and each is named."""
    made = audit(oracle.recalculate(fill_template(blank, everything())))
    assert made.differences == ()
    explained = {(c.place.sheet, c.place.cell): c.reason for c in made.compared if c.verdict is Verdict.EXPLAINED}
    assert explained == {
        (C, "M27"): "cbam-template.reason-typed-total", (S, "K71"): "cbam-template.reason-exported-electricity",
        (P, "M10"): "cbam-template.reason-share-lookup", ("Summary_Communication", "M26"): "cbam-template.reason-share-lookup"}
    assert at(made, "Summary_Communication", "P26").figure == "electricity_ef"
    assert [at(made, "Summary_Communication", f"AI{r}").figure for r in (15, 16, 17)] == ["direct", "indirect", "total"]


# --- the commands ------------------------------------------------------------------------------------------------------

def test_audit_command_in_both_languages(shared_data: Path) -> None:
    file = shared_data / "cbam/examples/ec_example_blast_furnace.xlsx"
    for lang, words in (("en", ["60 figures are equal", "typed by hand", "Transitional", "Bubble approach"]),
                        ("zh", ["60个数值相同", "手填", "过渡期", "Bubble approach"])):
        done = CliRunner().invoke(cbam, ["audit", str(file), "--lang", lang])
        assert done.exit_code == 0, done.output
        for word in words:
            assert word in done.output
    everything_listed = CliRunner().invoke(cbam, ["audit", str(file), "--all", "--lang", "en"])
    assert "H102" in everything_listed.output


def test_audit_command_ends_with_6_when_a_figure_differs(screws: bytes, tmp_path: Path) -> None:
    file = tmp_path / "changed.xlsx"
    file.write_bytes(typed(screws, {(S, "H102"): stored("1.99")}))
    done = CliRunner().invoke(cbam, ["audit", str(file), "--json"])
    assert done.exit_code == 6
    out = json.loads(done.stdout)
    assert (out["basis"], out["differences"], out["version"]) == ("transitional", 1, "2.1")
    (row,) = [r for r in out["compared"] if r["verdict"] == "differs"]
    assert (row["printed"], row["place"]["cell"], row["reason"]) == ("1.99", "H102", "cbam-template.reason-wrong")
    assert out["definitive"]["figures"]


def test_check_command(shared_data: Path, screws: bytes, tmp_path: Path) -> None:
    good = CliRunner().invoke(cbam, ["template", "check", str(shared_data / "cbam/examples/ec_example_aluminium.xlsx"), "--lang", "en"])
    assert good.exit_code == 0, good.output
    assert "0 errors" in good.output
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(typed(screws, {(D, "L66"): "0,833", ("E_PurchPrec", "L28"): 25000}))
    done = CliRunner().invoke(cbam, ["template", "check", str(bad), "--json"])
    assert done.exit_code == 3
    out = json.loads(done.stdout)
    assert {p["code"] for p in out["problems"]} >= {"cbam-template.ambiguous-number", "cbam-template.precursor-overused"}


def test_fill_command(shared_data: Path, tmp_path: Path) -> None:
    (official,) = (shared_data / "cbam/template").glob("*.xlsx")
    source, out = shared_data / "cbam/examples/ec_example_screws_nuts.xlsx", tmp_path / "filled.xlsx"
    done = CliRunner().invoke(cbam, ["template", "fill", str(source), "--template", str(official), "--out", str(out), "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "90 input cells written" in done.output
    assert "Definitive" in done.output
    again = CliRunner().invoke(cbam, ["template", "fill", str(out), "--template", str(out), "--out", str(tmp_path / "x.xlsx"), "--json"])
    assert again.exit_code == 3
    assert json.loads(again.stdout)["problems"][0]["code"] == "cbam-template.has-entries"
    assert not (tmp_path / "x.xlsx").exists()
    over = CliRunner().invoke(cbam, ["template", "fill", str(source), "--template", str(out), "--out", str(tmp_path / "over.xlsx"), "--overwrite", "--json"])
    assert over.exit_code == 0, over.output
    told = json.loads(over.stdout)
    assert told["cells_written"] == 90
    assert (told["transitional"]["basis"], told["definitive"]["basis"]) == ("transitional", "definitive")
    assert told["side_by_side"]["reasons"]["P1"]


def test_fill_command_refuses_an_input_with_errors_and_writes_nothing(screws: bytes, shared_data: Path, tmp_path: Path) -> None:
    (official,) = (shared_data / "cbam/template").glob("*.xlsx")
    bad, out = tmp_path / "bad.xlsx", tmp_path / "filled.xlsx"
    bad.write_bytes(typed(screws, {(D, "L66"): "0,833"}))
    done = CliRunner().invoke(cbam, ["template", "fill", str(bad), "--template", str(official), "--out", str(out), "--lang", "zh"])
    assert done.exit_code == 3
    assert "D_Processes!L66" in done.output
    assert not out.exists()


@pytest.mark.parametrize("arguments", [["audit"], ["template", "check"]])
def test_commands_refuse_what_is_no_template(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "letter.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))
    done = CliRunner().invoke(cbam, [*arguments, str(file), "--lang", "en"])
    assert done.exit_code == 3
    assert "password" in done.output
    assert "Traceback" not in done.output
