"""Kinds and units at load: an expression, its type, and every problem with its code and column."""

from __future__ import annotations

from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel.tree import Name, String, UnaryTest
from zerofactory_engine.feel.values import (
    ANY,
    BOOLEAN,
    DATE,
    MONTHS,
    SHARE,
    STRING,
    FeelType,
    Kind,
    list_of,
    number,
    table_of,
)
from zerofactory_engine.messages import LANGUAGES, catalogue
from zerofactory_engine.problems import Place, Severity
from zerofactory_engine.units import unit


def of(text: str) -> FeelType:
    return number(unit(text).dimension)


TYPES: dict[str, FeelType] = {
    "electricity": table_of({"flow": STRING, "MWh": of("MWh"), "flag": BOOLEAN, "issued_on": DATE, "rated_kW": of("kW"),
                             "amount": FeelType(Kind.NUMBER, closed=True)}),
    "consumed": of("MWh"), "energy": of("tce"), "emissions": of("tCO2"), "emissions_e": of("tCO2e"), "share": SHARE,
    "limit": of("tCO2/tce"), "credits_needed": of("credit"), "one_each": of("tCO2/credit"), "word": STRING, "yes": BOOLEAN,
    "carriers": list_of(STRING), "period": FeelType(Kind.CONTEXT, fields={"end": DATE, "years": of("a")}), "life": MONTHS,
    "loose": ANY, "seconds": FeelType(Kind.SECONDS), "clock": FeelType(Kind.TIME), "moment": FeelType(Kind.DATE_TIME),
    "list": FeelType(Kind.LIST), "closed_list": list_of(FeelType(Kind.NUMBER, closed=True)), "box": FeelType(Kind.CONTEXT),
    "span": FeelType(Kind.RANGE, element=of("MWh")), "nothing": FeelType(Kind.NULL), "shares": list_of(SHARE),
}


def _convert(types: Any, nodes: Any) -> FeelType:
    if not isinstance(nodes[1], String):
        raise feel.Refusal("pack.argument-literal", accepted="unit", argument=1)
    return of(nodes[1].value)


FUNCTIONS = {"total": feel.TOTAL,
             "convert": feel.HouseFunction("convert", ("value", "unit"), _convert, lambda scope, value, unit: value),
             "maybe": feel.HouseFunction("maybe", ("a", "b?", "c?"), lambda t, n: t[-1], lambda scope, *a: a)}

TABLE = r"""
## units
consumed + consumed ==> number in MWh
consumed * 2 ==> number in MWh
consumed / consumed ==> number
emissions / energy ==> number in tCO2/tce
emissions / energy <= limit ==> boolean
emissions / energy * energy ==> number in tCO2
emissions + energy ==> number ; units-differ@1 tce tCO2
emissions + emissions_e ==> number ; units-differ@1 tCO2e tCO2
emissions > energy ==> boolean ; units-differ@1 tce tCO2
consumed > 5 ==> boolean ; bare-number@12 5 number in MWh
5 < consumed ==> boolean ; bare-number@1 5 number in MWh
consumed + -5 ==> number in MWh ; bare-number@12 -5 number in MWh
consumed > 2 * 3 ==> boolean ; bare-number@12 2 * 3 number in MWh
consumed > 0 ==> boolean
consumed >= 1 ==> boolean
consumed - 1 ==> number in MWh
consumed > -1 ==> boolean ; bare-number@12 -1 number in MWh
1 - share ==> number
share >= 0.3 ==> boolean
share > 0 ==> boolean
0 + consumed ==> number in MWh
consumed + 0 ==> number in MWh
0 + 0 ==> number
0 * consumed ==> number
consumed * 0 ==> number
consumed / loose ==> any
consumed between 0 and 5 ==> boolean ; bare-number@24 5 number in MWh
consumed in (0, energy) ==> boolean ; units-differ@17 tce MWh
consumed in < 3 ==> boolean ; bare-number@15 3 number in MWh
consumed in [0..3] ==> boolean ; bare-number@17 3 number in MWh
consumed in [0..energy] ==> boolean ; units-differ@13 tce MWh
consumed in span ==> boolean
energy in span ==> boolean ; units-differ@11 MWh tce
[consumed..energy] ==> range ; units-differ@1 tce MWh
consumed = null ==> boolean
consumed != null ==> boolean
consumed < null ==> boolean ; null-order@1 consumed < null
consumed ** 2 ==> number in MWh*MWh
share ** 2.5 ==> number
consumed ** share ==> number ; power-unit@13 share
consumed ** 0.5 ==> number ; power-unit@13 0.5
consumed ** (1 + 1) ==> number ; power-unit@14 1 + 1
consumed ** consumed ==> number ; pure-number@13 number in MWh 1 ; power-unit@13 consumed
2 ** consumed ==> number ; pure-number@6 number in MWh 1
-consumed ==> number in MWh
if yes then consumed else 0 ==> number in MWh
if yes then 0 else consumed ==> number in MWh
if yes then null else consumed ==> number in MWh
if yes then consumed else null ==> number in MWh
if yes then loose else consumed ==> any
if yes then consumed else energy ==> number ; units-differ@1 tce MWh
if yes then consumed else word ==> any ; kinds-differ@1 number in MWh / string number in MWh
[consumed, energy] ==> list of number ; units-differ@12 tce MWh
[consumed, 0] ==> list of number in MWh
[] ==> list of any
["a", "b"] ==> list of string
## counts
count(electricity) ==> number in item
count(electricity) / count(electricity[flow = "consumed"]) ==> number
count(electricity) >= 1 ==> boolean
count(electricity) >= 3 ==> boolean ; bare-number@23 3 number in item
total(electricity.MWh) ==> number in MWh
total(electricity.MWh) / total(electricity.rated_kW) ==> number in MWh/kW
total(electricity.flow) ==> any ; argument-kind@7 list of string list of number
total(consumed) ==> any ; argument-kind@7 number in MWh list of number
total(loose) ==> number
total(list) ==> any ; argument-kind@7 list list of number
total(for e in electricity return e.MWh) ==> number in MWh
total() ==> any ; arguments@1 total() total(list)
total(a: 1) ==> any ; arguments@1 total(a: 1) total(list)
sum(electricity.MWh) ==> number in MWh
sum(consumed, consumed) ==> number in MWh
sum(consumed, energy) ==> number in MWh ; units-differ@1 tce MWh
sum(electricity.flow) ==> any ; argument-kind@5 list of string list of number
max(electricity.issued_on) ==> date
max(consumed, 0) ==> number in MWh
mean(shares) ==> number
product(electricity.MWh) ==> number ; pure-number@9 number in MWh 1
product(shares) ==> number
sqrt(consumed) ==> number ; pure-number@6 number in MWh 1
sqrt(share) ==> number
modulo(consumed, consumed) ==> number in MWh
modulo(consumed, energy) ==> number in MWh ; units-differ@1 tce MWh
ceiling(credits_needed) ==> number in credit
ceiling(emissions / one_each) ==> number in credit
ceiling(share) ==> number
ceiling(consumed) ==> number in MWh ; rounds-base-unit@1 ceiling(consumed) number in MWh
decimal(limit, 2) ==> number in tCO2/tce ; rounds-base-unit@1 decimal(limit, 2) number in tCO2/tce
abs(consumed) ==> number in MWh
convert(emissions, "tCO2e") ==> number in tCO2e
convert(unit: "tce", value: consumed) ==> number in tce
convert(emissions, word) ==> any ; pack.argument-literal@20  unit
maybe(c: 1, a: 2) ==> any ; arguments@1 maybe(c: 1, a: 2) maybe(a, b?, c?)
maybe(b: share, a: word) ==> number
## names
consumd ==> any ; unknown-name@1 consumd … consumed
xyzzy ==> any ; unknown-name@1 xyzzy …
electricity.MWhh ==> list of any ; unknown-column@13 MWhh MWh, amount, flag, flow, issued_on, rated_kW MWh
electricity.amount ==> list of any ; closed-column@13 amount
electricity[amount > 0].MWh ==> list of number in MWh ; closed-column@13 amount
closed_list ==> any ; closed-column@1 closed_list
period.end ==> date
period.ending ==> any ; unknown-field@8 ending end, years end
period.end.year ==> number
period.end.hour ==> any ; unknown-field@12 hour day, month, weekday, year
consumed.x ==> any ; unknown-field@10 x –
seconds.hours ==> number
clock.timezone ==> string
span.start ==> any
loose.x ==> any
nothing.x ==> any
box.x ==> any
list.x ==> list of any
list[1] ==> any
loose[x > 1] ==> list of any ; unknown-name@7 x …
electricity[1].MWh ==> number in MWh
electricity[count(electricity) - 1] ==> context
electricity[nobody = 1] ==> list of context ; unknown-name@13 nobody …
electricity[item.flow = "a"] ==> list of context
consumed[1] ==> number in MWh ; filter-of-scalar@1 number in MWh list
electricity["a"] ==> list of context ; condition-kind@13 string boolean
foo(1) ==> any ; unknown-function@1 foo … floor
(function(a) a)(1) ==> any ; not-in-packs@1 (function(a) a)(1)
function(a) a ==> any ; not-in-packs@1 function(a) a
{a: 1} ==> any ; not-in-packs@1 {a: 1}
today() ==> any ; clock-refused@1 today()
now() ==> any ; clock-refused@1 now()
## kinds
word = 5 ==> boolean ; kinds-differ@1 string = number string
word < "a" ==> boolean
yes < yes ==> boolean ; no-order@1 boolean = !=
carriers < carriers ==> boolean ; no-order@1 list of string = !=
word in carriers ==> boolean
consumed in carriers ==> boolean ; kinds-differ@13 number in MWh = string number in MWh
word in list ==> boolean
word in ("a", 5) ==> boolean ; kinds-differ@15 string = number string
carriers in (carriers) ==> boolean
yes and word ==> boolean ; condition-kind@9 string boolean
if word then 1 else 2 ==> number ; condition-kind@4 string boolean
some e in electricity satisfies e.MWh ==> boolean ; condition-kind@33 number in MWh boolean
some e in electricity satisfies e.MWh > 0 ==> boolean
some e in consumed satisfies true ==> boolean ; loop-of-scalar@11 number in MWh list
every c in 1..6 satisfies c > 0 ==> boolean
every c in 1..word satisfies c > 0 ==> boolean ; loop-of-scalar@15 string 1..6
every c in word..6 satisfies yes ==> boolean ; loop-of-scalar@12 string 1..6
some x in loose satisfies x = 1 ==> boolean
for e in electricity, n in 1..2 return e.MWh * n ==> list of number in MWh
-word ==> any ; operand-kind@1 -string number
-life ==> years and months duration
word + word ==> string
word + 1 ==> any ; operand-kind@1 string + number number
word - word ==> any ; operand-kind@1 string - string number
consumed + loose ==> any
period.end + life ==> date
life + period.end ==> date
period.end - life ==> date
period.end - period.end ==> days and time duration
moment - moment ==> days and time duration
moment + seconds ==> date and time
clock + seconds ==> time
clock - clock ==> days and time duration
clock + life ==> any ; operand-kind@1 time + years and months duration number
life + life ==> years and months duration
life + seconds ==> any ; operand-kind@1 years and months duration + days and time duration number
life * 2 ==> years and months duration
2 * life ==> years and months duration
life / 2 ==> years and months duration
life / life ==> number
life / seconds ==> any ; operand-kind@1 years and months duration / days and time duration number
life ** 2 ==> any ; operand-kind@1 years and months duration ** number number
yes instance of boolean ==> boolean
@"2025-01-01" ==> date
@"P1M" ==> years and months duration
@"hat" ==> any ; temporal-invalid@1 hat
date("2025-01-01") < period.end ==> boolean
duration("P1Y") ==> years and months duration
duration("hat") ==> any
duration(word) ==> any
date and time(word) ==> date and time
years and months duration(period.end, period.end) ==> years and months duration
day of year(period.end) ==> number
distinct values(electricity.flow) ==> list of string
flatten(carriers) ==> list of any
append(carriers, word) ==> list of string
reverse(loose) ==> list of any
list contains(carriers, word) ==> boolean
get value(box, word) ==> any
min() ==> any ; arguments@1 min() min(list)
floor(word) ==> any ; argument-kind@7 string number
floor(share, 1, 2) ==> any ; arguments@1 floor(share, 1, 2) floor(n, scale?)
floor(scale: 1, n: share) ==> number
floor(m: share) ==> any ; arguments@1 floor(m: share) floor(n, scale?)
date(1, 2) ==> any ; arguments@1 date(1, 2) date(from) / date(year, month, day)
date(1, 2, word) ==> any ; argument-kind@12 string number
upper case(null) ==> string
matches(word, "^a+$") ==> boolean
matches(word, "(a)\1") ==> boolean ; regex-unsafe@15 (a)\1
matches(word, "(?=a)") ==> boolean ; regex-unsafe@15 (?=a)
matches(word, "((a{99}){99}){99}") ==> boolean ; regex-unsafe@15 ((a{99}){99}){99}
matches(word, "(a") ==> boolean ; regex-invalid@15 (a
matches(word, "(a", "q") ==> boolean
matches(word, "a", word) ==> boolean
matches(word, word) ==> boolean ; regex-literal@15 word
replace(word, "[", "b") ==> string ; regex-invalid@15 [
split(word, "(") ==> list of any ; regex-invalid@13 (
## what other readers of the language take otherwise
electricity[flag].MWh ==> list of number in MWh ; bare-flag@13 flag flag = true
electricity[flow = "a" and flag].MWh ==> list of number in MWh ; bare-flag@28 flag flag = true
electricity[flag = true].MWh ==> list of number in MWh
word in carriers and yes ==> boolean ; in-unclear@1 word in carriers (word in carriers)
yes or word in carriers ==> boolean ; in-unclear@8 word in carriers (word in carriers)
(word in carriers) and yes ==> boolean
word in ("a", "b") and yes ==> boolean
word in ["a", "b"] and yes ==> boolean
"""


def rows(table: str) -> list[tuple[str, str]]:
    lines = [line for line in table.strip().splitlines() if line and not line.startswith("##")]
    return [(left.strip(), right.strip()) for left, _, right in (line.partition(" ==> ") for line in lines)]


def problems_shown(text: str) -> str:
    found, problems = feel.infer(feel.parse(text), TYPES, FUNCTIONS)
    parts = [str(found)]
    for p in problems:
        accepted = "…" if p.accepted and ("area" in p.accepted or "abs, " in p.accepted or "box, " in p.accepted) else p.accepted
        words = (p.found if p.found is not None else "", accepted, p.example if p.code not in EXAMPLES else None)
        parts.append(f"{p.code.removeprefix('feel.')}@{p.place.column} " + " ".join(w for w in words if w is not None))
    return " ; ".join(parts).strip()


EXAMPLES = ("feel.argument-kind", "feel.null-order", "feel.power-unit", "feel.temporal-invalid", "feel.regex-literal")


@pytest.mark.parametrize(("text", "wanted"), rows(TABLE))
def test_infer(text: str, wanted: str) -> None:
    assert problems_shown(text) == wanted


def test_lint_is_warning_note_or_error() -> None:
    def severity(text: str) -> Severity:
        (problem,) = feel.infer(feel.parse(text), TYPES, FUNCTIONS)[1]
        return problem.severity

    assert severity("word in carriers and yes") is Severity.WARNING
    assert severity("floor(consumed)") is Severity.NOTE
    assert severity("electricity[flag]") is Severity.ERROR
    assert severity("consumed > 5") is Severity.ERROR


def test_a_problem_stands_at_its_line_and_column_of_the_file() -> None:
    text = "consumed > 5\n  and energy > 7"
    place = Place("pack.yaml", line=10, column=9, path="levels/entry")
    problems = feel.infer(feel.parse(text), TYPES, {}, place)[1]
    assert [(str(p.place), p.found) for p in problems] == [("pack.yaml:10:20 levels/entry", "5"),
                                                           ("pack.yaml:11:16 levels/entry", "7")]


def test_the_nearest_name_is_the_example() -> None:
    (problem,) = feel.infer(feel.parse("emisions"), TYPES, {})[1]
    assert (problem.code, problem.example) == ("feel.unknown-name", "emissions")
    many = {f"name{n}": SHARE for n in range(60)}
    (problem,) = feel.infer(feel.parse("q"), many, {})[1]
    assert problem.example is None
    assert problem.accepted is not None
    assert len(problem.accepted.split(", ")) == 40
    assert problem.accepted.endswith(" …")


def test_the_same_problem_is_reported_once() -> None:
    problems = feel.infer(feel.parse("consumed between 5 and 5"), TYPES, {})[1]
    assert [p.place.column for p in problems] == [18, 24]
    problems = feel.infer(feel.parse("5 between consumed and consumed"), TYPES, {})[1]
    assert [p.place.column for p in problems] == [1]


def test_a_test_without_its_left_side_checks_its_right_side() -> None:
    found, problems = feel.infer(UnaryTest("<", Name("nobody")), TYPES)
    assert (found, [p.code for p in problems]) == (BOOLEAN, ["feel.unknown-name"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_tables_has_a_sentence(language: str) -> None:
    codes = {f"feel.{part.split('@')[0]}" for _, wanted in rows(TABLE) for part in wanted.split(" ; ")[1:]
             if not part.startswith("pack.")}
    assert codes <= set(catalogue(language))
