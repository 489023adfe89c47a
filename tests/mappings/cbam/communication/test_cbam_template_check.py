"""What is wrong or unlikely in a filled template, each problem at its cell: one change of the example, one row."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.mappings.cbam.communication.test_cbam_template_read import problem, read
from tests.mappings.cbam.communication.workbooks import typed

from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import Severity

A, B, C, D, E, F, P = "A_InstData", "B_EmInst", "C_Emissions&Energy", "D_Processes", "E_PurchPrec", "F_Tools", "Summary_Products"
ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

#: What is typed into the example of screws and nuts → code, severity, cell, found.
CASES: list[tuple[Mapping[tuple[str, str], object], str, Severity, str, str | None]] = [
    ({(A, "I9"): None}, "period-missing", WARNING, "I9", None),
    ({(A, "I9"): 45700}, "period-reversed", ERROR, "I9", "2025-02-12 – 2023-12-31"),
    ({(A, "I9"): 44958}, "period-not-calendar-year", NOTE, "I9", "2023-02-01 – 2023-12-31"),
    ({(A, "I26"): None}, "country-missing", WARNING, "I26", None),
    ({(A, "I20"): None}, "name-missing", WARNING, "I20", None),
    ({(A, "L84"): "carbon steel SCREWS and nuts"}, "name-duplicate", ERROR, "L84", "carbon steel SCREWS and nuts"),
    ({(A, "L102"): "High alloy steel screws and nuts"}, "name-duplicate", ERROR, "L102", "High alloy steel screws and nuts"),
    ({(A, "L83"): "Screws *", (P, "D10"): "Screws *"}, "name-wildcard", WARNING, "L83", "Screws *"),
    ({(A, "L83"): "S" * 256, (P, "D10"): "S" * 256}, "name-too-long", WARNING, "L83", "256"),
    ({(A, "F83"): "Cement clinker"}, "included-not-a-precursor", WARNING, "F83", "cement_clinker"),
    ({(A, "E85"): None, (A, "L85"): "Nails"}, "category-missing", WARNING, "E85", "P3"),
    ({(D, "L184"): 5}, "category-missing", WARNING, "E85", "P3"),
    ({(A, "F102"): None}, "country-missing", WARNING, "F102", None),
    ({(A, "F102"): "XX"}, "country-unknown", WARNING, "F102", "XX"),
    ({(D, "L27"): 16000}, "production-control", WARNING, "L42", "1000"),
    ({(D, "L33"): 7, (D, "L27"): 16993}, "consumer-absent", WARNING, "L33", "7"),
    ({(D, "L16"): -17000, (D, "L27"): -17000}, "negative", ERROR, "L16", "-17000"),
    ({(D, "L54"): None}, "direct-missing", WARNING, "L54", None),
    ({(D, "L54"): -5}, "direct-negative", WARNING, "L54", "-5"),
    ({(D, "L65"): None}, "electricity-missing", WARNING, "L65", None),
    ({(D, "L66"): None}, "factor-missing", WARNING, "L66", None),
    ({(D, "L67"): None}, "electricity-source-missing", WARNING, "L67", None),
    ({(D, "L71"): 5}, "factor-missing", WARNING, "L72", None),
    ({(D, "K50"): True, (D, "L57"): 5, (D, "L58"): 56}, "switch-without-entries", WARNING, "K50", None),
    ({(D, "L50"): False, (D, "M61"): 5}, "switch-off-with-entries", WARNING, "L50", None),
    ({(D, "L57"): 5}, "factor-missing", WARNING, "L58", None),
    ({(D, "L62"): 44}, "waste-gas-factor-unused", NOTE, "L62", None),
    ({(E, "L28"): 20001}, "precursor-overused", ERROR, "L39", "20001"),
    ({(E, "L28"): 19999}, "precursor-control", WARNING, "L39", "1"),
    ({(E, "L17"): None, (E, "L28"): None}, "bought-missing", WARNING, "L17", None),
    ({(E, "M49"): None}, "precursor-value-missing", WARNING, "M49", None),
    ({(E, "L30"): 4, (E, "L28"): 19996}, "consumer-absent", WARNING, "L30", "4"),
    ({(E, "M49"): "Default", (E, "M50"): "Default"}, "justification-missing", NOTE, "K54", None),
    ({(B, "N17"): 101}, "share-out-of-range", ERROR, "N17", "101"),
    ({(B, "R17"): -1}, "share-out-of-range", ERROR, "R17", "-1"),
    ({(P, "R10"): 1.4}, "share-out-of-range", ERROR, "R10", "1.4"),
    ({(F, "H101"): 50}, "share-out-of-range", ERROR, "H101", "50"),
    ({(B, "AT98"): 97, (B, "D98"): "Slope method", (B, "E98"): "CWPB", (B, "F98"): 1, (B, "AG98"): 1, (B, "AH98"): 1, (B, "AI98"): 1,
      (B, "AM98"): 0}, "share-out-of-range", ERROR, "AT98", "97"),
    ({(B, "D98"): "Overvoltage method", (B, "E98"): "CWPB", (B, "F98"): 1}, "source-incomplete", WARNING, "D98", "CWPB"),
    ({(B, "D113"): "Stack", (B, "E113"): "N2O", (B, "V113"): 5, (B, "X113"): 8000}, "source-incomplete", WARNING, "D113", "Stack"),
    ({(B, "J17"): -56.1}, "negative", ERROR, "J17", "-56.1"),
    ({(B, "H17"): 48000}, "unlikely", WARNING, "H17", "48000 GJ"),                      # MJ/t
    ({(B, "H17"): 0.048}, "unlikely", WARNING, "H17", "0.048 GJ"),                      # TJ/t
    ({(B, "J17"): 56100}, "unlikely", WARNING, "J17", "56100 tCO2/TJ"),                 # kg/TJ
    ({(D, "L16"): 17, (D, "L27"): 17}, "unlikely", WARNING, "L54", "196.35 tCO2e/t"),   # production in kt
    ({(D, "L66"): 833}, "unlikely", WARNING, "L66", "833 tCO2/MWh"),                    # g/kWh
    ({(E, "L50"): 345.5925}, "unlikely", WARNING, "L50", "345.5925 MWh/t"),             # kWh/t
    ({(P, "D10"): None}, "product-without-process", WARNING, "D10", None),
    ({(P, "H10"): None}, "product-name-missing", NOTE, "D10", None),
    ({(P, "AR10"): 5}, "currency-missing", WARNING, "AR10", None),
    ({(P, "AR10"): 5, (P, "AP10"): "Yuan"}, "currency-unknown", WARNING, "AR10", "Yuan"),
]


@pytest.mark.parametrize(("changes", "code", "severity", "cell", "found"), CASES,
                         ids=[f"{c}-{cell}-{n}" for n, (_, c, _, cell, _) in enumerate(CASES)])
def test_a_change_is_told_at_its_cell(screws_lean: bytes, changes: Mapping[tuple[str, str], object], code: str, severity: Severity,
                                      cell: str, found: str | None) -> None:
    made = read(typed(screws_lean, changes))
    told = [p for p in made.problems if p.code == f"cbam-template.{code}" and p.place.cell == cell]
    assert [(p.severity, p.found) for p in told] == [(severity, found)]
    for language in ("zh", "en"):
        sentence = render_problem(told[0], language)
        assert "cbam-template" not in sentence
        assert "{" not in sentence


def test_electricity_of_a_units_length(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L65"): 3_400_000}))
    assert [(p.place.cell, p.found) for p in made.problems if p.code == "cbam-template.unlikely"] == [("L65", "200 MWh/t")]


def test_a_clean_workbook_has_only_notes_on_parameters(screws_lean: bytes) -> None:
    assert {(p.code, p.severity) for p in read(screws_lean).problems} == {("cbam-template.parameter-missing", NOTE)}
    assert "other_materials" in str(problem(read(typed(screws_lean, {(P, "D11"): None, (P, "F11"): None, (P, "H11"): None, **{
        (P, f"{c}11"): None for c in ("P", "Q", "R", "S", "T", "U")}})), "parameter-missing").accepted)
