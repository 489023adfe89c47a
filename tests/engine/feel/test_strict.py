"""Strict mode: what is not known carries its reasons. An expression and its value, or the reasons why it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.feel.strict import Strict
from zerofactory_engine.feel.values import (
    DateTime,
    FeelType,
    Missing,
    Months,
    Range,
    Row,
    Selection,
    Table,
    Time,
    number,
)
from zerofactory_engine.reasons import Cause, Reason, Unknown

#  row  flow      source    technology  MWh   from
ELECTRICITY = Table("electricity", ["E1", "E2", "E3", "E4"], {
    "flow": ["consumed", "consumed", None, "exported"],
    "source": ["grid", "on-site", "grid", "on-site"],
    "technology": ["coal", "solar", "wind", "solar"],
    "MWh": [Decimal(100), None, Decimal(40), Decimal(7)],
    "from": [date(2025, 1, 31)] * 4,
    "flag": [True, False, True, None],
})
GAP = Reason(Cause.TABLE, "energy", "reason.table-incomplete")
SHARE = Reason(Cause.IMPLAUSIBLE, "quantity:share", "reason.quantity-implausible")
SCOPE: dict[str, Any] = {
    "electricity": ELECTRICITY,
    "energy": Table("energy", ["N1", "N2"], {"tce": [Decimal(3), Decimal(5)], "use": ["fuel", "feedstock"]}, (GAP,)),
    "nothing": Table("nothing", [], {"MWh": [], "flag": []}),
    "mixed": Table("mixed", ["M1", "M2"], {"v": [Decimal(1), "one"], "z": [Decimal(0), Decimal(2)]}),
    "limit": Decimal(50), "none": None, "share": Unknown(SHARE), "carriers": ["solar", "wind"], "holes": [Decimal(1), None],
    "life": Months(1), "word": "grid", "yes": True, "span": Range(Decimal(1), Decimal(9)),
    "facility": {"kind": "factory", "ccus": None, "codes": ["a", None]},
    "people": [{"n": Decimal(1)}, {"n": None}, {"m": Decimal(3)}],
    "moment": DateTime(date(2025, 1, 1), Time(10, 0, Decimal(0), 0)),
}

FIXED = feel.HouseFunction("fixed", ("name", "which?"), lambda t, n: number(None),
                           lambda scope, name, which="this": scope["limit"] if name == "limit" else None)
BROKEN = feel.HouseFunction("broken", (), lambda t, n: number(None), lambda scope: Decimal(1) / Decimal(0))
LOOSE = feel.HouseFunction("loose", ("x",), lambda t, n: FeelType, lambda scope, x: isinstance(x, Unknown),  # type: ignore[arg-type, return-value]
                           takes_unknown=True)
FUNCTIONS: Mapping[str, feel.HouseFunction] = {"total": feel.TOTAL, "fixed": FIXED, "broken": BROKEN, "loose": LOOSE}

TABLE = r"""
## a missing cell, value or name is unknown in every use but a test of presence
electricity[1].MWh ==> 100
electricity[2].MWh ==> ? electricity/E2.MWh
electricity[2].MWh + 1 ==> ? electricity/E2.MWh
electricity[2].MWh = null ==> true
electricity[2].MWh != null ==> false
null = electricity[2].MWh ==> true
electricity[1].MWh != null ==> true
none = null ==> true
none > 1 ==> ? none
facility.ccus ==> ? facility.ccus
facility.ccus = null ==> true
facility.hat = null ==> true
facility.kind = "factory" ==> true
facility.codes[2] ==> ? facility.codes[2]
facility.codes[2] = null ==> true
share = null ==> ? quantity:share
share != null ==> ? quantity:share
nobody ==> ? nobody
nobody.x ==> ? nobody
(none + 1) = null ==> ? none
electricity[9] = null ==> true
electricity[9].MWh ==> ? electricity[9]
null ==> ! null null-value
people.n[item != null] ==> [1]
people.n ==> [1, ? people.n[2], ? people.n[3]]
people[n = 1].n ==> ~[1, ? people[n = 1].n[2], ? people[n = 1].n[3]] 2: n 3: n
people[item.m = 3].m ==> ~[? people[item.m = 3].m[1], ? people[item.m = 3].m[2], 3] 1: item.m 2: item.m
holes[item > 0] ==> ~[1, ? holes[2]] 2: holes[2]
holes[item != null] ==> [1]
## three-valued logic absorbs
false and share > 1 ==> false
share > 1 and false ==> false
true and share > 1 ==> ? quantity:share
true or share > 1 ==> true
share > 1 or true ==> true
share > 1 or false ==> ? quantity:share
share > 1 and none > 1 ==> ? quantity:share none
none > 1 or share > 1 or none > 2 ==> ? none quantity:share
not(share > 1) ==> ? quantity:share
not(yes) ==> false
not(1) ==> ! not(1) wrong-kind
yes and 1 ==> ! 1 wrong-kind
1 or yes ==> true
## comparison and in
limit = 50 ==> true
limit = "a" ==> ! limit = "a" wrong-kind
limit < "a" ==> ! limit < "a" wrong-kind
yes < yes ==> ! yes < yes wrong-kind
limit between 1 and 50 ==> true
limit between none and 1 ==> false
limit between none and 99 ==> ? none
limit in (1, 50) ==> true
limit in (none, 50) ==> true
limit in (none, 5) ==> ? none
none in (1, 2) ==> ? none
limit in [1..50] ==> true
limit in [1..50) ==> false
limit in [none..5] ==> false
limit in (none..60) ==> ? none
limit in (none..50) ==> false
limit in ["a".."b"] ==> ! limit in ["a".."b"] wrong-kind
limit in < 60 ==> true
limit in (< none, >= 50) ==> true
word in electricity.source ==> true
"coal" in carriers ==> false
"wind" in carriers ==> true
share in carriers ==> ? quantity:share
"wind" in none ==> ? none
1 in holes ==> true
2 in holes ==> ? holes[2]
"wind" in electricity[flow = "consumed"].technology ==> ? electricity/E3.flow
"solar" in electricity[flow = "consumed"].technology ==> true
"gas" in electricity[flow = "consumed"].technology ==> false
"gas" in energy.use ==> ? energy
"fuel" in energy.use ==> true
5 in span ==> true
span in (span) ==> true
span = [1..9] ==> true
span = [1..none] ==> ? none
[none..9] = span ==> ? none
[1, 2] = [1, 2] ==> true
[1, 2] = [1] ==> false
[1, none] = [1, 2] ==> ? none
[1, 2] != [1, 3] ==> true
facility = facility ==> ? facility = facility.ccus facility = facility.codes[2]
{a: 1, b: {c: 2}} = {a: 1, b: {c: 2}} ==> true
{a: 1} = {b: 1} ==> false
{a: 1} = 1 ==> ! {a: 1} = 1 wrong-kind
[1] = ["a"] ==> ! [1] = ["a"] wrong-kind
carriers in ([carriers], 1) ==> ! carriers in ([carriers], 1) wrong-kind
carriers in (carriers) ==> true
electricity.source = electricity.source ==> true
electricity.MWh = electricity.source ==> ? electricity/E2.MWh
electricity[1] = electricity[1] ==> true
electricity[2] = electricity[2] ==> ? electricity/E2.MWh
## arithmetic
limit / 0 ==> ! limit / 0 division-by-zero
limit / (limit - 50) ==> ! limit / (limit - 50) division-by-zero
0 / 0 ==> ! 0 / 0 division-by-zero
10 ** 7000 ==> ! 10 ** 7000 overflow
(0 - 8) ** 0.5 ==> ! (0 - 8) ** 0.5 not-computable
limit + word ==> ! limit + word wrong-kind
share * 0 ==> ? quantity:share
share + none ==> ? quantity:share none
-share ==> ? quantity:share
-word ==> ! -word wrong-kind
-limit ==> -50
word + "!" ==> "grid!"
electricity[1].from + life ==> @"2025-02-28"
@"9999-12-31" + life ==> ! @"9999-12-31" + life not-computable
@"2025-02-30" ==> ! @"2025-02-30" wrong-kind
## if, instance of, parts
if limit > 1 then "a" else "b" ==> "a"
if limit > 99 then "a" else "b" ==> "b"
if share > 1 then 1 else 1 ==> ? quantity:share
if 1 then 2 else 3 ==> ! 1 wrong-kind
limit instance of number ==> true
limit instance of string ==> false
carriers instance of list<string> ==> true
share instance of number ==> ? quantity:share
limit instance of Any ==> true
limit.x ==> ! limit.x wrong-kind
electricity.hat ==> ! electricity.hat no-such-name
electricity[1].hat ==> ! electricity[1].hat no-such-name
electricity[1].id ==> "E1"
electricity[1].from.month ==> 1
electricity[1].from.hat ==> ? electricity[1].from.hat
moment.hour ==> 10
electricity.from.day ==> [31, 31, 31, 31]
limit[1] ==> ! limit[1] wrong-kind
electricity[limit] = null ==> true
electricity[limit - 49].MWh ==> 100
electricity[none + 1] ==> ? none
electricity[1.5] ==> ! electricity[1.5] not-computable
electricity[0] ==> ! electricity[0] not-computable
electricity[-1].MWh ==> 7
energy[1].tce ==> ? energy
electricity[flow = "consumed"][1] ==> ? electricity/E3.flow
electricity[yes].MWh ==> [100, ? electricity/E2.MWh, 40, 7]
electricity[not(yes)].MWh ==> []
electricity[none] ==> ~[E1, E2, E3, E4] 1: none 2: none 3: none 4: none
electricity[word].MWh ==> ~[100, ? electricity/E2.MWh, 40, 7] 1: !word 2: !word 3: !word 4: !word
## filters keep definite and maybe rows
electricity[flow = "consumed"].source ==> ~["grid", "on-site", "grid"] 3: electricity/E3.flow
electricity[flow = "consumed"][source = "grid"].MWh ==> ~[100, 40] 2: electricity/E3.flow
electricity[flow = "consumed" and source = "on-site"].technology ==> ["solar"]
electricity[flow = "consumed"][flag = true].MWh ==> ~[100, 40] 2: electricity/E3.flow
electricity[flow = "consumed"][MWh > 1].source ==> ~["grid", "on-site", "grid"] 2: electricity/E2.MWh 3: electricity/E3.flow
electricity[flow = null].source ==> ["grid"]
electricity[flow != null].MWh ==> [100, ? electricity/E2.MWh, 7]
electricity[id = "E4"].MWh ==> [7]
electricity[item.MWh >= limit].source ==> ~["grid", "on-site"] 2: electricity/E2.MWh
electricity[(technology in carriers)].MWh ==> [? electricity/E2.MWh, 40, 7]
electricity[MWh in [1..50]].source ==> ~["on-site", "grid", "on-site"] 1: electricity/E2.MWh
electricity[MWh in (span)].source ==> ~["on-site", "on-site"] 1: electricity/E2.MWh
electricity[MWh between 40 and limit].source ==> ~["on-site", "grid"] 1: electricity/E2.MWh
electricity[from + life = @"2025-02-28"].MWh ==> [100, ? electricity/E2.MWh, 40, 7]
electricity[-MWh < -50].source ==> ~["grid", "on-site"] 2: electricity/E2.MWh
electricity[MWh * 2 > 100].source ==> ~["grid", "on-site"] 2: electricity/E2.MWh
electricity[if flag then MWh > 50 else false].source ==> ~["grid", "on-site"] 2: electricity/E4.flag
electricity[not(flag)].source ==> ~["on-site", "on-site"] 2: electricity/E4.flag
electricity[flow = "consumed" or flag].source ==> ~["grid", "on-site", "grid", "on-site"] 4: electricity/E4.flag
electricity[MWh > share].source ==> ~["grid", "on-site", "grid", "on-site"] 1: quantity:share 2: electricity/E2.MWh quantity:share 3: quantity:share 4: quantity:share
electricity[flow = 1] ==> ~[E1, E2, E3, E4] 1: !flow = 1 2: !flow = 1 3: electricity/E3.flow 4: !flow = 1
electricity[flow].MWh[1] ==> ? !flow electricity/E3.flow
mixed[v = 1].z ==> ~[0, 2] 2: !v = 1
mixed[1 / z > 0].z ==> ~[0, 2] 1: /1 / z
nothing[MWh > 1].MWh ==> []
[1, 2, 3][item > 1] ==> [2, 3]
## some and every
some e in electricity satisfies e.MWh > 50 ==> true
some e in electricity satisfies e.MWh > 500 ==> ? electricity/E2.MWh
every e in electricity satisfies e.MWh > 50 ==> false
every e in electricity satisfies e.MWh > 1 ==> ? electricity/E2.MWh
every e in electricity satisfies e.source != "tap" ==> true
every e in electricity[flow = "consumed"] satisfies e.source = "grid" ==> false
every e in electricity[flow = "consumed"] satisfies e.technology != "wind" ==> ? electricity/E3.flow
every e in electricity[flow = "consumed"] satisfies e.technology != "gas" ==> true
some e in electricity[flow = "consumed"] satisfies e.technology = "wind" ==> ? electricity/E3.flow
some e in energy satisfies e.tce > 4 ==> true
some e in energy satisfies e.tce > 6 ==> ? energy
every e in energy satisfies e.tce > 4 ==> false
every e in energy satisfies e.tce > 1 ==> ? energy
every e in nothing satisfies e.MWh > 1 ==> true
some e in nothing satisfies e.MWh > 1 ==> false
some i in 1..3 satisfies i = 2 ==> true
every i in [1..3] satisfies i < 3 ==> false
some i in [1..none] satisfies i = 1 ==> ? none
some i in none..2 satisfies true ==> ? none
some i in 1.."a" satisfies true ==> ! i in 1.."a" wrong-kind
some i in 1..1.5 satisfies true ==> ! i in 1..1.5 not-computable
some i in limit satisfies true ==> ! i in limit wrong-kind
some i in none satisfies true ==> ? none
every i in 1..2 satisfies some e in electricity satisfies e.MWh > i * 20 ==> true
every c in 1..2 satisfies some e in electricity satisfies e.MWh = c ==> ? electricity/E2.MWh
some e in electricity, n in energy satisfies e.MWh = n.tce * 8 ==> true
some e in electricity satisfies 1 ==> ! 1 wrong-kind
some i in 1..500001 satisfies false ==> ! some i in 1..500001 satisfies false too-many-steps
some i in 1..500002 satisfies false ==> ! some i in 1..500002 satisfies false too-many-steps
## for
for i in 3..1 return i ==> [3, 2, 1]
for e in electricity[flow = "consumed"] return e.technology ==> ~["coal", "solar", "wind"] 3: electricity/E3.flow
for e in energy return e.tce * 2 ==> ~[6, 10] gaps energy
for e in electricity[flow = "consumed"][source = "grid"], n in electricity[flow = "consumed"][technology = "wind"] return n.MWh ==> ~[40, 40] 1: electricity/E3.flow 2: electricity/E3.flow
for i in none return i ==> ? none
## aggregates over what may be missing
total(electricity[flow = "consumed"].MWh) ==> ? electricity/E2.MWh electricity/E3.flow
total(electricity[source = "grid"].MWh) ==> 140
total(electricity[source = "tap"].MWh) ==> 0
total(nothing.MWh) ==> 0
total(energy.tce) ==> ? energy
total(energy[use = "tap"].tce) ==> ? energy
total(holes) ==> ? holes[2]
total([1, 2]) ==> 3
total(["a"]) ==> ! total(["a"]) wrong-kind
total(electricity.source) ==> ! total(electricity.source) wrong-kind
total(limit) ==> ! total(limit) wrong-kind
total(none) ==> ? none
total() ==> ! total() wrong-arguments
total(list: [4]) ==> 4
total(lst: [4]) ==> ! total(lst: [4]) wrong-arguments
count(electricity) ==> 4
count(energy) ==> ? energy
count(electricity[MWh > 1]) ==> ? electricity/E2.MWh
count(electricity.MWh) ==> 4
count(none) ==> ? none
count(limit) ==> ! count(limit) wrong-kind
count() ==> ! count() wrong-arguments
count([]) ==> 0
sum(electricity[source = "grid"].MWh) ==> 140
sum(nothing.MWh) ==> ! sum(nothing.MWh) empty-list
sum(1, 2, none) ==> ? none
sum(1, 2) ==> 3
sum(5) ==> 5
sum() ==> ! sum() wrong-arguments
sum(["a"]) ==> ! sum(["a"]) wrong-kind
mean(electricity[source = "grid"].MWh) ==> 70
min(electricity.MWh) ==> ? electricity/E2.MWh
max(electricity[source = "grid"].MWh) ==> 100
max(electricity.source) ==> "on-site"
min([yes]) ==> ! min([yes]) wrong-kind
median([3, 1, 2]) ==> 2
mode([1, 1, 2]) ==> [1]
product([2, 3]) ==> 6
stddev([1, 1]) ==> 0
stddev([1]) ==> ! stddev([1]) empty-list
all(electricity.flag) ==> false
any(electricity.flag) ==> true
any(electricity[source = "on-site"].flag) ==> ? electricity/E4.flag
all(electricity[source = "grid"].flag) ==> true
all(electricity[technology = "solar"].flag) ==> false
all(electricity[flow = "consumed"][source = "grid"].flag) ==> true
any(electricity[flow = "consumed"][technology = "wind"].flag) ==> ? electricity/E3.flow
any([1]) ==> ! any([1]) wrong-kind
all(nothing.flag) ==> true
any(none) ==> ? none
list contains(carriers, "wind") ==> true
list contains(carriers, none) ==> ? none
list contains(electricity.MWh, 7) ==> true
list contains(electricity.MWh, 8) ==> ? electricity/E2.MWh
list contains(limit, 8) ==> ! list contains(limit, 8) wrong-kind
list contains(electricity[flow = "consumed"].technology, "wind") ==> ? electricity/E3.flow
count(distinct values(electricity.source)) ==> 2
count(distinct values(electricity.flow)) ==> ? electricity/E3.flow
distinct values(electricity[flow = "consumed"].technology) ==> ~["coal", "solar", "wind"] 3: electricity/E3.flow
distinct values(electricity[flow = "consumed"].source) ==> ["grid", "on-site"]
distinct values(electricity[MWh > 1 and flow != null].technology) ==> ["coal", "solar"]
distinct values(electricity[MWh = 1 or MWh = 2].source) ==> ~["on-site"] 1: electricity/E2.MWh
distinct values(electricity[flow = "x" or MWh < 1].source) ==> ~["on-site", "grid"] 1: electricity/E2.MWh 2: electricity/E3.flow
distinct values(electricity[flow != "q" and flow != "consumed" or MWh < 1].source) ==> ~["on-site", "grid"] 2: electricity/E3.flow
distinct values(none) ==> ? none
distinct values(limit) ==> ! distinct values(limit) wrong-kind
## other functions want everything known
floor(2.5) ==> 2
floor(none) ==> ? none
floor(word) ==> ! floor(word) wrong-kind
floor([2.5]) ==> ! floor([2.5]) wrong-kind
floor(n: 2.55, scale: 1) ==> 2.5
floor(m: 2) ==> ! floor(m: 2) wrong-arguments
log(0) ==> ! log(0) no-result
sqrt(-1) ==> ! sqrt(-1) not-computable
substring(word, 1, 2) ==> "gr"
reverse(electricity.MWh) ==> ? electricity/E2.MWh
reverse(electricity.source) ==> ["on-site", "grid", "on-site", "grid"]
reverse(energy.tce) ==> ? energy
count(append(carriers, "a", "b")) ==> 4
concatenate(carriers, [1, [none]]) ==> ? none
string join(electricity[flow = "consumed"].source, ",") ==> ? electricity/E3.flow
matches(word, "^g") ==> true
before(1, [2..none]) ==> ? none
before(1, [2..3]) ==> true
get value(facility, "kind") ==> ? facility.ccus facility.codes[2]
today() ==> ! today() clock-refused
now() ==> ! now() clock-refused
hat(1) ==> ! hat(1) no-such-function
(function(a) a)(1) ==> ! (function(a) a)(1) no-such-function
function(a) a ==> ! function(a) a no-such-function
{a: 1, b: a + 1}.b ==> 2
## functions of the house
fixed("limit") ==> 50
fixed("hat") ==> ? fixed("hat")
fixed("hat") = null ==> true
fixed(none) ==> ? none
fixed("limit", "base") ==> 50
fixed(which: "base", name: "limit") ==> 50
fixed(which: "base") ==> ! fixed(which: "base") wrong-arguments
fixed("a", "b", "c") ==> ! fixed("a", "b", "c") wrong-arguments
broken() ==> ! broken() division-by-zero
loose(none) ==> true
"""


def rows(table: str) -> list[tuple[str, str]]:
    lines = [line for line in table.strip().splitlines() if line and not line.startswith("##")]
    return [(left.strip(), right.strip()) for left, _, right in (line.partition(" ==> ") for line in lines)]


def shown(value: Any) -> str:
    """A value as the table writes it."""
    if isinstance(value, Unknown):
        if len(value.reasons) == 1 and value.reasons[0].cause is Cause.ARITHMETIC:
            reason = value.reasons[0]
            return f"! {reason.subject} {reason.code.removeprefix('reason.')}"
        return "? " + " ".join(subject(r) for r in value.reasons)
    if isinstance(value, (Selection, Table)):
        items = ", ".join(shown(v) for v in (value.items if isinstance(value, Selection) else map(value.row, range(len(value)))))
        doubts = value.doubts if isinstance(value, Selection) else {}
        notes = [f"{n + 1}: {' '.join(subject(r) for r in d.reasons)}" for n, d in sorted(doubts.items())]
        notes += [f"gaps {' '.join(subject(r) for r in value.gaps)}"] if value.gaps else []
        return f"~[{items}] {' '.join(notes)}" if notes else f"[{items}]"
    if isinstance(value, list):
        return f"[{', '.join(shown(v) for v in value)}]"
    if isinstance(value, Row):
        return value.id
    if isinstance(value, date):
        return f'@"{value.isoformat()}"'
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else format(value.normalize(), "f") if isinstance(value, Decimal) else repr(value)


def subject(reason: Reason) -> str:
    mark = {"reason.wrong-kind": "!", "reason.division-by-zero": "/"}.get(reason.code, "")
    return mark + reason.subject


@pytest.mark.parametrize(("text", "wanted"), rows(TABLE))
def test_strict(text: str, wanted: str) -> None:
    node = feel.parse(text)
    with feel.decimal_context():
        found = feel.compile_strict(node, FUNCTIONS)(SCOPE)
        assert shown(found) == wanted
        assert shown(Strict(SCOPE, FUNCTIONS).run(node)) == wanted
        assert shown(feel.explain(node, SCOPE, FUNCTIONS).value) == wanted


def test_reasons_name_cause_and_code() -> None:
    def reasons(text: str) -> tuple[Reason, ...]:
        with feel.decimal_context():
            value = feel.compile_strict(feel.parse(text), FUNCTIONS)(SCOPE)
        assert isinstance(value, Unknown)
        return value.reasons

    assert reasons("electricity[2].MWh + 1") == (Reason(Cause.VALUE, "electricity/E2.MWh", "reason.cell-missing"),)
    assert reasons("none + 1") == (Reason(Cause.VALUE, "none", "reason.value-missing"),)
    assert reasons("nobody + 1") == (Reason(Cause.VALUE, "nobody", "reason.name-missing"),)
    assert reasons("electricity[9]") == (Reason(Cause.VALUE, "electricity[9]", "reason.no-such-item"),)
    assert reasons("null") == (Reason(Cause.ARITHMETIC, "null", "reason.null-value"),)
    assert reasons("total(energy.tce)") == (GAP,)
    assert reasons("share + share") == (SHARE,)
    assert reasons("1 / 0") == (Reason(Cause.ARITHMETIC, "1 / 0", "reason.division-by-zero"),)


def test_loops_inside_loops_share_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zerofactory_engine.feel.strict.MAX_STEPS", 110)
    for text, wanted in [("some i in 1..9, j in 1..11 satisfies false", False), ("some i in 1..10, j in 1..10 satisfies false", False),
                         ("some i in 1..10, j in 1..11 satisfies false", "reason.too-many-steps"),
                         ("count(for i in 1..10 return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11][item > i])", "reason.too-many-steps"),
                         ("count(for i in 1..10 return people[n > i])", Decimal(10)),
                         ("count(for i in 1..30 return people[n > i])", "reason.too-many-steps")]:
        value = Strict(SCOPE, {}).run(feel.parse(text))
        assert (value.reasons[0].code if isinstance(value, Unknown) else value) == wanted
        trace = feel.explain(feel.parse(text), SCOPE)
        assert (trace.value, trace.node) == (value, feel.parse(text))


def test_a_missing_result_is_an_unknown_that_knows_it_was_empty() -> None:
    value = feel.compile_strict(feel.parse("electricity[2].MWh"))(SCOPE)
    assert isinstance(value, Missing)
    used = feel.compile_strict(feel.parse("-electricity[2].MWh"))(SCOPE)
    assert isinstance(used, Unknown)
    assert not isinstance(used, Missing)


@pytest.mark.parametrize(("text", "scope", "wanted"), [
    ("a + b > c", {"a": Decimal(1), "b": Decimal(2), "c": Decimal(3)}, "false"),
    ("a + b > c", {"a": Decimal(1), "b": Decimal(2), "c": None}, "? c"),
    ("a + b > c", {"a": Decimal(1), "b": "x", "c": Decimal(1)}, "! a + b wrong-kind"),
    ("a / b", {"a": Decimal(1), "b": Decimal(0)}, "! a / b division-by-zero"),
    ("a.b.c", {"a": {"b": {"c": Decimal(4)}}}, "4"),
    ("a.b.c", {"a": {"b": {}}}, "? a.b.c"),
    ("a.b = 1", {"a": Decimal(1)}, "! a.b wrong-kind"),
    ("a", {"a": "x"}, '"x"'),
    ("a", {"a": ["x"]}, '["x"]'),
    ("a in [1..3]", {"a": Decimal(2)}, "true"),
    ("a in (1..b)", {"a": Decimal(2), "b": Decimal(2)}, "false"),
    ("a between b and 3", {"a": Decimal(2), "b": Decimal(2)}, "true"),
    ("if a then 1 else 2", {"a": False}, "2"),
    ("if a then 1 else 2", {"a": None}, "? a"),
    ("-a", {"a": Decimal(2)}, "-2"),
    ("a and not(b)", {"a": True, "b": False}, "true"),
    ("a + b", {"a": date(2024, 1, 31), "b": Months(1)}, '@"2024-02-29"'),
    ("a - b", {"a": date(2024, 3, 31), "b": Months(1)}, '@"2024-02-29"'),
    ("a + b", {"a": date(9999, 12, 31), "b": Months(1)}, "! a + b not-computable"),
    ("a = null", {"a": None}, "true"),
    ("1 + 1", {}, "2"),
])
def test_one_function_serves_values_of_every_kind(text: str, scope: dict[str, Any], wanted: str) -> None:
    compiled = feel.compile_strict(feel.parse(text))
    with feel.decimal_context():
        for _ in range(2):
            assert shown(compiled(scope)) == wanted
        compiled({**scope, "a": Range(None, None)})
        assert shown(compiled(scope)) == wanted
