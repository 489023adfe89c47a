"""House functions: what they take and which type they give."""

from __future__ import annotations

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel.values import FeelType, Kind, list_of, number
from zerofactory_engine.rulepack.functions import convertible, house_functions
from zerofactory_engine.rulepack.names import roots
from zerofactory_engine.rulepack.questions import question_set
from zerofactory_engine.units import dimension, gases

SETS = {"miit-disclosure": question_set("miit-disclosure"), "iso-14068-1-programme": question_set("iso-14068-1-programme")}
QUESTIONS = {"alone": None, "each": "credits"}
TYPES = {**roots(), "x": number(dimension("electricity")), "gas": number(dimension("CH4")), "text": FeelType(Kind.STRING)}


def infer(text: str) -> tuple[FeelType, list[str]]:
    found, problems = feel.infer(feel.parse(text), TYPES, house_functions(sets=SETS, questions=QUESTIONS))
    return found, [p.code for p in problems]


@pytest.mark.parametrize(("text", "type_"), [
    ("total(electricity.MWh)", "number in MWh"),
    ("total(energy[use = \"fuel\"].tce)", "number in tce"),
    ('figure("industrial_value_added")', "number in CNY"),
    ('figure("total_co2", "base")', "number in tCO2"),
    ('convert(gas, "tCO2e")', "number in tCO2e"),
    ('convert(gas, "kgCH4")', "number in tCH4"),
    ('convert(x, "kWh")', "number in MWh"),
    ('count(answers("miit-disclosure")[met = true])', "number in item"),
    ('answers("miit-disclosure")[met = true].item', "list of string"),
    ('answers("iso-14068-1-programme", "CCER").met', "list of boolean"),
    ('items("miit-disclosure")', "list of string"),
    ('judged("alone")', "boolean"),
    ('every c in credits satisfies judged("each", c)', "boolean"),
])
def test_types(text: str, type_: str) -> None:
    found, problems = infer(text)
    assert problems == []
    assert str(found) == type_


@pytest.mark.parametrize(("text", "code"), [
    ("total(electricity.technology)", "feel.argument-kind"),
    ('figure("gdp")', "pack.figure-unknown"),
    ("figure(text)", "pack.argument-literal"),
    ('figure("revenue", "2019")', "pack.figure-period"),
    ('convert(x, "tCO2e")', "pack.not-convertible"),
    ('convert(gas, "tCO2")', "pack.not-convertible"),
    ('convert(x, "kWhh")', "pack.unit-unknown"),
    ('convert(text, "kWh")', "feel.argument-kind"),
    ('answers("nothing")', "pack.question-set-unknown"),
    ('answers("iso-14068-1-programme")', "pack.question-set-subject"),
    ('answers("miit-disclosure", "CCER")', "pack.question-set-subject"),
    ('items("nothing")', "pack.question-set-unknown"),
    ('judged("nothing")', "pack.question-unknown"),
    ('judged("each")', "pack.question-row"),
    ('judged("alone", credits)', "pack.question-row"),
    ('answers("miit-disclosure")[yes = true]', "feel.unknown-name"),
])
def test_refusals(text: str, code: str) -> None:
    assert code in infer(text)[1]


@pytest.mark.parametrize("gas", gases())
def test_a_gas_becomes_co2e_and_nothing_else(gas: str) -> None:
    assert convertible(dimension(gas), dimension("CO2e"))
    assert not convertible(dimension("CO2e"), dimension(gas))
    assert all(convertible(dimension(gas), dimension(other)) == (gas == other) for other in gases())


def test_a_function_without_evaluation_says_so() -> None:
    with pytest.raises(RuntimeError, match="figure"):
        house_functions()["figure"].call({}, "revenue")


def test_calls_are_put_in_their_place() -> None:
    made = house_functions({"figure": lambda scope, name: name, "total": lambda scope, values: values})
    assert made["figure"].call({}, "revenue") == "revenue"
    assert made["total"].call({}, [1]) == [1]


def test_every_root_is_a_table_or_a_context() -> None:
    assert {f.kind for f in roots().values()} == {Kind.LIST, Kind.CONTEXT}
    energy = roots()["energy"].element
    assert energy is not None
    assert energy.fields["tce"] == number(dimension("standard_coal"))
    assert list_of(FeelType(Kind.STRING)).element == FeelType(Kind.STRING)
