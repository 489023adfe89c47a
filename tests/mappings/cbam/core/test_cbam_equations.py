"""Every equation of the law by worked numbers; a changed or missing equation fails the test that bears its number.

Expected values are worked by hand (the arithmetic stands beside them), not taken from the code. ``test_law_table_…`` ties
the numbers of the law's own list (reference data) to the cases here.
"""

from __future__ import annotations

import ast
import csv
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.cbam import equations
from zerofactory_mappings.cbam.equations import EQUATIONS

D = Decimal

#: equation → cases (operands, expected with the arithmetic in the comment)
CASES: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "sum": [((), "0"), (("1.5", "-0.25", "3"), "4.25")],
    "product": [((), "1"), (("2", "3.5", "-4"), "-28")],
    "ratio": [(("7", "4"), "1.75")],
    "difference": [(("7", "4.5"), "2.5")],
    "share-of": [(("10", "0.5", "30", "0.9"), "0.8")],                       # (5 + 27) / 40
    "at-least": [(("0.51", "0.525"), "0.525"), (("0.53", "0.525"), "0.53")],
    "at-most": [(("260", "56.1"), "56.1"), (("44.4", "56.1"), "44.4")],
    "mean": [(("1", "2", "6"), "3")],
    "deviation": [(("1", "2", "6"), "2.645751311064590590501615753639260")],   # √((4+1+9)/2) = √7
    "carbon-dioxide-equivalent": [(("2.5", "265"), "662.5")],
    "E4": [(("100", "20.5", "3"), "123.5")],
    "E5": [(("88.2", "56.1", "1"), "4948.02"), (("100", "94.6", "0.98"), "9270.8")],
    "E6": [(("1837.5", "48"), "88.2")],                                      # 88 200 GJ
    "E7": [(("0.02",), "0.98")],
    "E8": [(("0.72", "3.664", "28.2"), "93.54893617021276595744680851063830")],   # 2.63808 t/t ÷ 28.2 GJ/t × 1000
    "E9": [(("0.8188", "3.664"), "3.0000832")],
    "E10": [(("175322.42604495", "0.16"), "147270.837877758")],
    "E10-biomass": [(("100", "0.16"), "16")],
    "E11": [(("47000", "3.664", "1"), "172208"), (("1000", "0.44", "0.95"), "418")],
    "E12": [(("3.664", "50000", "0.88"), "161216"), (("3.664", "-4800000", "0.0018"), "-31656.96")],
    "E13": [(("107", "28.2", "3.664"), "0.8235262008733624454148471615720524")],   # 3.0174 t/t ÷ 3.664
    "E14": [(("3.664", "3.664"), "1"), (("0.15", "3.664"), "0.04093886462882096069868995633187773")],
    "E15": [(("0.5", "0.2"), "0.4")],
    "E16": [((), "0"), (("2", "1000000", "0.5", "4000000"), "4")],            # (2 + 2) × 10⁶ g
    "E16-mean": [(("64.2925", "4", "265"), "68.15005")],                     # g/Nm3 × h × 1000 Nm3/h = kg
    "E19": [(("10", "1.5", "2"), "13")],
    "E20": [(("24523.54", "0.97"), "25282")],
    "E21": [(("0.60393585", "0.25"), "0.1509839625")],
    "E22": [(("0.1509839625", "0.102", "200000"), "3.080072835")],
    "E23": [(("3.080072835", "0.12"), "0.3696087402")],
    "E24": [(("1.16", "4", "95", "50000"), "2.442105263157894736842105263157895")],   # 1.16 × 4/95 × 50
    "E25": [(("2", "0.121"), "0.242")],
    "E26": [(("3.080072835", "6630", "0.3696087402", "11100"), "24523.53991227")],   # 20420.88289605 + 4102.65701622
    "E27": [(("1000", "50", "0.8", "100", "30", "20"), "670")],              # (1000-50)×0.8 - 100 + 30 - 20
    "E28": [(("1", "0.4"), "0.25"), (("0.6", "0.8"), "0.4285714285714285714285714285714286")],   # 0.2 ÷ 0.8; 0.3 ÷ 0.7
    "E29": [(("100", "0.2095", "0.025"), "81.07692307692307692307692307692308")],    # 79.05 ÷ 0.975
    "E30": [(("1200", "1.2"), "1000")],
    "E31": [(("50000", "2.8", "0.377"), "121.15")],                          # 2.423 GJ/t × 50 000 t
    "E32": [(("0.7", "200"), "140")],
    "E33": [(("88.2", "11.8"), "100")],
    "E34": [(("60", "80"), "0.75")],
    "E35": [(("1658844", "0.589"), "977059.116")],
    "E38": [(("5000", "250", "10000"), "0.525")],
    "E41": [(("990", "1000"), "0.99")],
    "E42": [(("400", "0.99"), "396")],
    "E43": [(("900", "34", "17", "22", "44"), "720"),                        # 2 mol against 0.5 mol of 2.5
            (("600", "10", "10", "30", "10", "20", "10"), "100")],
    "E44": [(("56.1", "30", "0.9"), "1870")],
    "E45": [(("5610", "90", "100"), "57")],
    "E46": [(("5610", "90"), "5700")],
    "E47": [(("55", "100"), "0.55")],
    "E48": [(("25", "100"), "0.25")],
    "E49": [(("0.45", "0.9", "0.25", "0.5"), "0.5"), (("0.72", "0.9", "0.1", "0.5"), "0.8"),
            (("0.45", "0.9", "0.75", "0.5"), "0.25")],                       # 0.5 ÷ (0.5 + 1.5)
    "E50": [(("0.8",), "0.2")],
    "E51": [(("5700", "0.5", "55"), "51.81818181818181818181818181818182")],   # 2850 ÷ 55
    "E52": [(("5700", "0.25", "6944"), "0.2052131336405529953917050691244240")],   # 1425 ÷ 6944
    "HEAT_IMP": [(("40", "62.3"), "2492")],
    "HEAT_IMP-unknown": [(("94.5", "0.9"), "105")],
    "E53": [(("10", "56.1"), "561")],
    "E54": [(("12800", "56.1", "0.667"), "478959.36")],
    "E55": [(("7866044.47", "0", "0", "0", "478959.36", "0"), "7387085.11"), (("10", "1", "2", "3", "4", "20"), "0"),
            (("100", "11", "7", "5", "3", "2"), "104")],
    "E55-transitional": [(("10", "1", "2", "3", "4", "20"), "-12"), (("100", "11", "7", "5", "3", "2"), "104")],
    "E56": [((), "0"), (("100.5", "50"), "150.5")],
    "E57": [(("7387085.1", "4800000"), "1.5389760625")],
    "E58": [(("977059.116", "4800000"), "0.2035539825")],
    "E59": [(("3337.95", "17000", "20000", "1.539"), "2.006938235294117647058823529411765")],   # (3337.95 + 30780) / 17000
    "E60": [(("2832.2", "17000", "20000", "0.204"), "0.4066"), (("10", "8", "2", "5", "4", "7.5"), "6.25")],   # (10 + 10 + 30) / 8
    "E61": [(("120000", "113000"), "1.061946902654867256637168141592920")],
    "E62": [(("0.2", "1.5", "2", "0.5", "4"), "5.2")],
    "E63": [(("0.19635", "1.25", "1.44"), "1.99635")],
    "E64": [(("0.8", "0.75"), "0.6")],
    "E65": [(("0.0025", "460"), "1.15")],
    "E66": [(("0.003", "335"), "1.005")],
    "MAT": [(("0.05", "1", "0.05"), "0"), (("0.0500001", "1", "0.05"), "1"), (("-0.051", "1", "0.05"), "1")],
    "FA1": [(("1.33575", "200"), "267.15")],
    "FA2": [(("0.975", "1", "0.044"), "0.0429"), (("0.9", "0.98", "2"), "1.764")],
    "FA4": [(("0.0429", "1.1", "1.33575"), "1.512225"), (("0.2", "1.5", "2", "0.5", "4"), "5.2")],
    "FA6": [(("0.975", "1", "1.370"), "1.33575")],
    "OBL": [(("3.5055823", "1.33575", "0", "75.36", "1"), "2.1698323"), (("1", "2", "0", "75", "10"), "0"),
            (("3", "1", "37.5", "75", "10"), "15")],                         # (3 - 1 - 0.5) × 10
    "MARKUP": [(("3.186893", "0.1"), "3.5055823")],
}

#: Numbers of the law's list → equations here.
LAW = {
    "E5-7": ("E5", "E6", "E7"), "E8-9": ("E8", "E9"), "E10": ("E10", "E10-biomass"), "E11": ("E11",),
    "E12-15": ("E12", "E13", "E14", "E15"), "E16": ("E16", "E16-mean"), "E20-26": ("E20", "E21", "E22", "E23", "E24", "E25", "E26"),
    "E27": ("E27",), "E28": ("E28", "at-least"), "E29": ("E29",), "E30-34": ("E30", "E31", "E32", "E33", "E34"), "E35": ("E35",),
    "E38": ("E38", "at-most"), "E41-42": ("E41", "E42"), "E43": ("E43",), "E44-45": ("E44", "E45"),
    "E46-52": ("E46", "E47", "E48", "E49", "E50", "E51", "E52"), "HEAT_IMP": ("HEAT_IMP", "HEAT_IMP-unknown"),
    "E53-54": ("E53", "E54"), "E55": ("E55", "E55-transitional"), "E56": ("E56",), "E57-58": ("E57", "E58"),
    "E59-60": ("E59", "E60"), "E61-63": ("E61", "E62", "E63"), "E64-66": ("E64", "E65", "E66"), "MAT": ("MAT",), "FA1": ("FA1",),
    "FA2": ("FA2",), "FA4": ("FA4",), "FA6": ("FA6", "MARKUP"), "OBL": ("OBL",),
}


def wrong(function: Callable[..., Decimal], name: str) -> bool:
    """Whether *function* fails a case of equation *name*."""
    for operands, expected in CASES[name]:
        try:
            with localcontext(CONTEXT):
                if function(*map(D, operands)) != D(expected):
                    return True
        except (ArithmeticError, TypeError, ValueError, IndexError):
            return True
    return False


@pytest.mark.parametrize("name", sorted(CASES))
def test_equation_gives_the_worked_value(name: str) -> None:
    for operands, expected in CASES[name]:
        assert EQUATIONS[name](*map(D, operands)) == D(expected), f"equation {name} of {operands}"


@pytest.mark.parametrize("law", sorted(LAW))
def test_law_number_has_an_equation_with_cases(law: str) -> None:
    assert all(name in EQUATIONS and CASES[name] for name in LAW[law]), law


def test_every_equation_has_a_case() -> None:
    assert set(EQUATIONS) == set(CASES)


def test_law_table_has_no_number_without_an_equation(shared_data: Path) -> None:
    with (shared_data / "cbam/tables/equations.csv").open(encoding="utf-8", newline="") as file:
        assert {row["id"] for row in csv.DictReader(file)} == set(LAW)


def test_equations_know_no_number_of_the_law() -> None:
    """Only 0, 1, 2 and powers of ten (units) stand in the code."""
    numbers = {n.value for n in ast.walk(ast.parse(inspect.getsource(equations))) if isinstance(n, ast.Constant)
               and isinstance(n.value, (int, float)) and not isinstance(n.value, bool)}
    assert numbers <= {0, 1, 2, 1000, 6}


def test_mass_form_and_specific_form_agree() -> None:
    """Eq 59 of masses gives what Eq 61 and 63 give of specific consumption."""
    attributed, level, masses = D("3337.95"), D("16000"), [(D("20000"), D("1.5")), (D("500"), D("8"))]
    mass_form = EQUATIONS["E59"](attributed, level, *(x for pair in masses for x in pair))
    specific = EQUATIONS["E63"](EQUATIONS["E57"](attributed, level),
                                *(x for m, see in masses for x in (EQUATIONS["E61"](m, level), see)))
    assert mass_form == specific == D("2.333621875")


# --- altering an equation fails its test ------------------------------------------------------------------------------

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}


def mutants(function: Callable[..., Decimal]) -> Iterator[tuple[str, Callable[..., Decimal]]]:
    """The function with one operator, constant, min/max or operand changed, each once."""
    source = textwrap.dedent(inspect.getsource(function))
    source = re.sub(r"\A(?:@.*\n)+", "", source)
    count = sum(1 for _ in ast.walk(ast.parse(source)))
    for position in range(count):
        tree = ast.parse(source)
        node = list(ast.walk(tree))[position]
        if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
            node.op = SWAPS[type(node.op)]()
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            node.op = ast.UAdd()
        elif isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
            node.value = node.value + 1
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in {"max", "min", "abs"}:
            node.id = {"max": "min", "min": "max", "abs": "float"}[node.id]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Gt):
            node.ops[0] = ast.GtE()
        elif isinstance(node, ast.Return):
            node.value = ast.Name("ZERO", ast.Load())
        else:
            continue
        scope = dict(vars(equations))
        exec(compile(ast.fix_missing_locations(tree), f"<mutant of {function.__name__}>", "exec"), scope)
        yield f"{ast.unparse(node)[:60]}", scope[function.__name__]


def originals() -> dict[str, Callable[..., Decimal]]:
    """The functions as written, by their names in the source."""
    names = [n.name for n in ast.parse(inspect.getsource(equations)).body if isinstance(n, ast.FunctionDef)
             and any("equation" in ast.unparse(d) for d in n.decorator_list)]
    made = {}
    for name in names:
        registered = getattr(equations, name)
        closure = dict(zip(registered.__code__.co_freevars, (c.cell_contents for c in registered.__closure__), strict=True))
        made[name] = closure["function"]
    return made


ORIGINALS = originals()
NUMBERS: dict[str, list[str]] = {f: [n for n, e in EQUATIONS.items() if e.__name__ == f] for f in ORIGINALS}


@pytest.mark.parametrize("function", sorted(ORIGINALS), ids=lambda f: "-".join([*NUMBERS[f]]))
def test_any_change_of_an_equation_is_noticed(function: str) -> None:
    survivors = [what for what, mutant in mutants(ORIGINALS[function])
                 if not any(wrong(mutant, number) for number in NUMBERS[function])]
    assert survivors == [], f"equation {NUMBERS[function]}: changes that no case notices"
