"""Formulas that a user typed: exact values, chains, references into the template's results, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.communication.test_cbam_template_read import codes, figure, problem, read
from tests.mappings.cbam.communication.workbooks import differences, typed

from zerofactory_engine.problems import Severity
from zerofactory_mappings.cbam.communication.formulas import FormulaError, Node, evaluate, parse
from zerofactory_mappings.cbam.communication.package import Stored

D, B, C, E, F = "D_Processes", "B_EmInst", "C_Emissions&Energy", "E_PurchPrec", "F_Tools"


def value(formula: str, cells: dict[tuple[int, int], Stored] | None = None) -> Stored:
    return evaluate(parse(formula), lambda sheet, column, row: (cells or {}).get((column, row)))


@pytest.mark.parametrize(("formula", "expected"), [
    ("=(17000*3.5)*(56.1/1000)", "3337.95"),
    ("=((17000+8200)*3.5)/48", "1837.5"),
    ("=0.1+0.2", "0.3"),                    # exact decimals, not doubles
    ("=-2^2", "4"),                         # a sign binds closer than a power
    ("=2^3^2", "64"),                       # powers associate to the left
    ("=2^-1", "0.5"),
    ("=50%*200", "100"),
    ("=-50%", "-0.5"),
    ("=10-2-3", "5"),
    ("=100/10/2", "5"),
    ("=+7", "7"),
    ("=1.5e3", "1500"),
    ("=.5", "0.5"),
    ("=SUM(1,2,3)", "6"),
    ("=ROUND(2.345,2)", "2.35"),
    ("=ROUND(-2.345,2)", "-2.35"),
    ("=ROUND(1234.5,-2)", "1200"),
    ("=ROUNDUP(2.341,2)", "2.35"),
    ("=ROUNDDOWN(-2.349,2)", "-2.34"),
    ("=MIN(3,1,2)+MAX(3,1,2)", "4"),
    ("=AVERAGE(1,2,6)", "3"),
    ("=PRODUCT(2,3,4)", "24"),
    ("=ABS(-3)", "3"),
    ("=A1", "0"),                           # a reference to an empty cell
    ("=A1+1", "1"),
    ("3+4", "7"),
    ("=TRUE()+TRUE", "2"),
    ("=FALSE()", "0"),
])
def test_values(formula: str, expected: str) -> None:
    assert value(formula) == Decimal(expected)


def test_ranges_leave_out_what_is_no_number() -> None:
    cells: dict[tuple[int, int], Stored] = {(1, 1): Decimal(2), (1, 2): "text", (1, 3): None, (2, 1): True, (2, 2): Decimal(5)}
    assert value("=SUM(A1:B3)", cells) == 7
    assert value("=AVERAGE(B3:A1)", cells) == Decimal("3.5")
    assert value("=MIN(A2:A3)", cells) == 0
    assert value("=A1+B1", cells) == 3


@pytest.mark.parametrize(("formula", "reason", "detail"), [
    ("=[1]Sheet1!A1", "external", "[1]Sheet1!"),
    ("='C:\\[book.xlsx]Sheet 1'!A1", "syntax", None),
    ("='[book.xlsx]Sheet 1'!A1", "external", "'[book.xlsx]Sheet 1'!"),
    ("=VLOOKUP(A1,B1:C9,2)", "function", "VLOOKUP"),
    ("=WEBSERVICE(\"http://x\")", "function", "WEBSERVICE"),
    ("=IF(A1>1,2,3)", "function", "IF"),
    ("=A1&B1", "operator", "&"),
    ("=A1>1", "operator", ">"),
    ("=A1:A3", "array", "…:…"),
    ("=A:A", "syntax", None),
    ("=SUM(A1,", "syntax", None),
    ("=1+", "syntax", None),
    ("=(1", "syntax", None),
    ("=1)", "syntax", None),
    ("=1,5", "syntax", None),
    ("=TAX_RATE", "name", "TAX_RATE"),
    ("=#REF!+1", "error-operand", "#REF!"),
    ("=1/0", "error-operand", "#DIV/0!"),
    ("=0^0", "error-operand", "#NUM!"),
    ("=(-8)^0.5", "error-operand", "#NUM!"),
    ("=9^9999", "error-operand", "#NUM!"),
    ('="a"+1', "error-operand", "#VALUE!"),
    ("=SUM(A1:ZZ9999)", "too-long", None),
    ("=" + "(" * 40 + "1" + ")" * 40, "too-long", None),
    ("=" + "1+" * 1500 + "1", "too-long", None),
    ("=" + "1+" * 500 + "1", "too-long", None),
    ("={1,2}", "operator", None),
    ("=ROUND(1)", "syntax", "ROUND"),
])
def test_what_is_not_evaluated_says_why(formula: str, reason: str, detail: str | None) -> None:
    with pytest.raises(FormulaError) as error:
        value(formula)
    assert error.value.reason == reason
    if detail is not None:
        assert error.value.detail == detail


_NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=2, allow_nan=False).map(lambda d: format(d, "f"))


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, Fraction | None]:
    """An expression with its exact value; None where a division by zero is in it."""
    if depth == 0 or draw(st.booleans()):
        number = draw(_NUMBERS)
        return (f"({number})" if number.startswith("-") else number), Fraction(number)
    (left, a), (right, b) = draw(expressions(depth=depth - 1)), draw(expressions(depth=depth - 1))
    operator = draw(st.sampled_from("+-*/"))
    text = f"({left}{operator}{right})"
    if a is None or b is None or (operator == "/" and b == 0):
        return text, None
    return text, {"+": a + b, "-": a - b, "*": a * b}.get(operator, a / b if b else a)


@given(expressions())
@settings(max_examples=300, deadline=None)
def test_arithmetic_agrees_with_fractions(made: tuple[str, Fraction | None]) -> None:
    text, exact = made
    if exact is None:
        with pytest.raises(FormulaError):
            value(text)
        return
    found = value(text)
    assert isinstance(found, Decimal)
    assert abs(Fraction(found) - exact) <= abs(exact) * Fraction(1, 10**25) + Fraction(1, 10**25)


@given(st.text(alphabet="A1$!:()+-*/^%,. 'SUM\"#&;{}[]é", max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_a_tree_or_a_reason(text: str) -> None:
    try:
        tree = parse(text)
    except FormulaError:
        return
    assert isinstance(tree, Node)


# --- in a workbook ---------------------------------------------------------------------------------------------------

def test_a_chain_of_references_is_followed(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {
        (D, "L54"): "=L65*$L$66+B_EmInst!J17", (D, "L65"): "=L16/5", (D, "L16"): "='E_PurchPrec'!L17-3000", (D, "L66"): "=83.3%"}))
    assert figure(made.processes[0].production[0].amount) == "17000 t"
    assert figure(made.processes[0].direct) == "2888.300 tCO2e"
    assert set(codes(made)) <= {"production-control"}


def test_references_to_results_of_the_template_are_worked_out(screws_lean: bytes) -> None:
    """Results by name, none of them read: all of them store nonsense."""
    nonsense = ("str", b"<f>1</f><v>nonsense</v>")
    made = read(typed(screws_lean, {
        (C, "H32"): nonsense, (C, "L27"): nonsense, (D, "L24"): nonsense, (B, "AU17"): nonsense, (B, "AX17"): nonsense,
        (D, "T58"): nonsense, (E, "L52"): nonsense, (F, "K49"): nonsense,
        (F, "J21"): 100, (F, "K21"): 40, (F, "L21"): 5000, (F, "J26"): 5610,
        (D, "L57"): 10, (D, "M57"): 0, (D, "L58"): "=F_Tools!K49", (D, "M58"): 0,
        (D, "L54"): "='C_Emissions&Energy'!H32", (D, "L119"): "=B_EmInst!AU17+0*'C_Emissions&Energy'!L27",
        (D, "L27"): "=L24", (C, "I16"): "=B_EmInst!AX17", (D, "L72"): "=T58/1000", (C, "M26"): "=E_PurchPrec!L52*10000",
        (C, "H26"): "=CONST_GWP_N2O"}))
    carbon, alloy = made.processes
    assert carbon.direct is not None
    assert carbon.direct.value == Decimal("4948.02")
    assert alloy.direct is not None
    assert alloy.direct.value == Decimal("4948.02")
    assert figure(carbon.to_market) == "17000 t"
    assert made.details["fuel_direct_TJ"] == "88.2"
    assert carbon.heat is not None
    assert carbon.heat.imported_ef is not None
    # Efficiencies 0.4 and 0.18; (0.4/0.88) / (0.4/0.88 + 0.18/0.442) = 0.527435…; 5610 tCO2 of it over 40 TJ.
    assert float(carbon.heat.imported_ef.value) == pytest.approx(5610 * (0.4 / 0.88) / (0.4 / 0.88 + 0.18 / 0.442) / 40, rel=1e-14)
    assert carbon.exported_electricity_ef is not None
    assert float(carbon.exported_electricity_ef.value) == pytest.approx(float(carbon.heat.imported_ef.value) / 100, rel=1e-14)
    assert made.stated.indirect is not None
    assert float(made.stated.indirect.value) == pytest.approx(2040, rel=1e-14)       # 0.204/0.3455925 is a stored double
    assert made.stated.co2 is not None
    assert made.stated.co2.value == 265


def test_a_result_that_is_not_known_here_is_reported_not_guessed(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L54"): "=Summary_Processes!K71*2"}))
    assert made.processes[0].direct is None
    only = problem(made, "formula-locked")
    assert (only.severity, only.place.cell, only.args["detail"]) == (Severity.ERROR, "L54", "Summary_Processes!K71")


def test_a_cycle_is_reported_with_its_way(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L54"): "=L65+1", (D, "L65"): "=L66*2", (D, "L66"): "=L54"}))
    cycles = [p for p in made.problems if p.code == "cbam-template.formula-cycle"]
    assert [p.place.cell for p in cycles] == ["L54", "L65", "L66"]
    assert cycles[0].args["detail"] == "D_Processes!L54 → D_Processes!L65 → D_Processes!L66 → D_Processes!L54"
    assert made.processes[0].direct is None


def test_a_cycle_through_a_result_of_the_template(screws_lean: bytes) -> None:
    """The amount of a stream from the total that the stream is part of."""
    made = read(typed(screws_lean, {(B, "F17"): "='C_Emissions&Energy'!H25/100", (D, "L54"): "='C_Emissions&Energy'!H32"}))
    assert {p.place.cell for p in made.problems if p.code == "cbam-template.formula-cycle"} == {"F17", "L54", "I16"}
    assert made.processes[0].direct is None, "a total that leaves the stream out would be a guess"


def test_what_cannot_be_read_is_not_left_out_of_a_result(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(B, "F17"): "1.837,5", (D, "L54"): "='C_Emissions&Energy'!H32"}))
    assert codes(made)["ambiguous-number"] == f"{B}!F17"
    assert problem(made, "formula-error-operand").place.cell == "L54"
    assert made.processes[0].direct is None


def test_a_stored_result_counts_and_a_stale_one_is_told(screws_lean: bytes) -> None:
    stored = ("n", b"<f>17000*3.5*56.1/1000</f><v>3000</v>")
    made = read(typed(screws_lean, {(D, "L54"): stored}))
    assert figure(made.processes[0].direct) == "3000 tCO2e"
    only = problem(made, "stale-formula")
    assert (only.severity, only.found, only.args["gives"]) == (Severity.WARNING, "3000", "3337.95")


def test_the_stored_result_of_a_formula_that_is_not_evaluated_counts_with_a_note(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L54"): ("n", b"<f>VLOOKUP(A1,[2]Data!A:B,2)</f><v>3000</v>")}))
    assert figure(made.processes[0].direct) == "3000 tCO2e"
    only = problem(made, "formula-not-checked")
    assert (only.severity, only.args["detail"]) == (Severity.NOTE, "[2]Data!")


@pytest.mark.parametrize(("formula", "code"), [
    ("=[1]Data!A1", "formula-external"), ("=VLOOKUP(L16,A1:B2,2)", "formula-function"), ("=L16&L17", "formula-operator"),
    ("=Nowhere!A1", "formula-error-operand"), ("=L16:L17", "formula-array"), ("=SOME_NAME", "formula-name"), ("=1+", "formula-syntax")])
def test_without_a_stored_result_nothing_is_guessed(screws_lean: bytes, formula: str, code: str) -> None:
    made = read(typed(screws_lean, {(D, "L54"): formula}))
    assert made.processes[0].direct is None
    only = problem(made, code)
    assert (only.severity, only.place.cell) == (Severity.ERROR, "L54")


def test_a_shared_formula_moves_with_its_cell(screws_lean: bytes) -> None:
    """Formulas that were filled down store their text once."""
    made = read(typed(screws_lean, {
        (D, "L57"): (("n"), b'<f t="shared" ref="L57:M57" si="7">$L$16/1000+L58</f>'), (D, "M57"): ("n", b'<f t="shared" si="7"/>'),
        (D, "L58"): 56, (D, "M58"): 60}))
    heat = made.processes[0].heat
    assert heat is not None
    assert (figure(heat.imported), figure(heat.exported)) == ("73 TJ", "77 TJ")


def test_formulas_of_the_examples_were_calculated(screws: bytes) -> None:
    assert [p.code for p in read(screws).problems if "stale" in p.code or "formula" in p.code] == []


def test_a_typed_zero_is_a_value(screws_lean: bytes) -> None:
    made = read(typed(screws_lean, {(D, "L54"): "=0"}))
    assert figure(made.processes[0].direct) == "0 tCO2e"
    assert "direct-missing" not in codes(made)


def test_reading_twice_gives_the_same(screws_lean: bytes) -> None:
    first, second = read(screws_lean), read(screws_lean)
    assert differences(first, second) == []
    assert first == second
