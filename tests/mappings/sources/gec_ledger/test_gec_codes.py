"""Codes of certificates: what a cell may look like, what is refused, how many a range holds, what ranges share."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.sources.gec_ledger.codes import (
    CodeRange,
    CodeTrouble,
    Taken,
    read_codes,
    split_count,
    with_counts,
)

PROJECT = "11223344556677889"
FIRST, LAST = PROJECT + "202503000000001", PROJECT + "202503000000100"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")

READ = {
    "one code": (FIRST, [(FIRST, FIRST)]),
    "range with 至": (f"{FIRST}至{LAST}", [(FIRST, LAST)]),
    "range with a wave": (f"{FIRST}～{LAST}", [(FIRST, LAST)]),
    "range with a long dash": (f"{FIRST}——{LAST}", [(FIRST, LAST)]),
    "range with dots": (f"{FIRST} … {LAST}", [(FIRST, LAST)]),
    "range in English": (f"{FIRST} to {LAST}", [(FIRST, LAST)]),
    "labels": (f"绿证编码：{FIRST} 至 {LAST}", [(FIRST, LAST)]),
    "full-width digits": (f"{FIRST}至{LAST}".translate(WIDE), [(FIRST, LAST)]),
    "code over two lines": (f"{FIRST[:20]}\n{FIRST[20:]}", [(FIRST, FIRST)]),
    "range over four lines": (f"{FIRST[:16]}\n{FIRST[16:]}\n至{LAST[:16]}\r\n{LAST[16:]}", [(FIRST, LAST)]),
    "groups of four": (" ".join(FIRST[i:i + 4] for i in range(0, 32, 4)), [(FIRST, FIRST)]),
    "both parts with a dash": (f"{FIRST[:17]}-{FIRST[17:]}", [(FIRST, FIRST)]),
    "two codes, one a line": (f"{FIRST}\n{LAST}", [(FIRST, FIRST), (LAST, LAST)]),
    "a code and a range": (f"{FIRST}、{PROJECT}202504000000001至{PROJECT}202504000000009",
                           [(FIRST, FIRST), (PROJECT + "202504000000001", PROJECT + "202504000000009")]),
}

REFUSED = {
    "a digit short": (FIRST[:-1], "gec.code-length"),
    "a digit long": (FIRST + "0", "gec.code-length"),
    "letter O for a zero": (FIRST[:-2] + "O1", "gec.code-letters"),
    "as a spreadsheet writes a number": ("1.12233E+31", "gec.code-float"),
    "as it writes one exactly": ("11223344556677900000000000000000", "gec.code-rounded"),
    "another project": (f"{FIRST}至2{LAST[1:]}", "gec.range-projects"),
    "backwards": (f"{LAST}至{FIRST}", "gec.range-backwards"),
    "abbreviated end": (f"{FIRST}至100", "gec.code-length"),
    "three ends": (f"{FIRST}至{LAST}至{LAST}", "gec.code-text"),
    "a reference": ("见附件", "gec.code-letters"),
    "nothing": ("—", "gec.code-text"),
}


@pytest.mark.parametrize("case", READ)
def test_codes_as_ledgers_write_them(case: str) -> None:
    text, wanted = READ[case]
    found = read_codes(text)
    assert not isinstance(found, CodeTrouble), found
    assert [(r.first, r.last) for r in found] == wanted


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_code_is_refused_and_not_guessed(case: str) -> None:
    text, reason = REFUSED[case]
    found = read_codes(text)
    assert isinstance(found, CodeTrouble)
    assert found.reason == reason


def test_code_stored_as_a_number_has_lost_its_end() -> None:
    stored = Decimal(repr(float(FIRST)))                # what a workbook keeps of the 32 digits
    found = read_codes(format(stored, "f"), stored)
    assert isinstance(found, CodeTrouble)
    assert found.reason == "gec.code-float"


def test_count_beside_the_codes() -> None:
    assert split_count(f"{FIRST}至{LAST}，共100张")[1] == 100
    assert split_count(f"{FIRST} 1,000 张")[1] == 1000
    assert split_count(f"{FIRST}") == (FIRST, None)
    assert split_count("3张、4张")[1] is None           # which of them?
    rest, count = split_count(f"{FIRST}至{LAST}（100张）")
    assert count == 100
    assert read_codes(rest) == (CodeRange(FIRST, LAST),)


def test_stated_count_decides_which_digits_are_the_running_number() -> None:
    plain = (CodeRange(FIRST, LAST),)
    assert with_counts(plain, 100) == plain
    assert with_counts(plain, None) == plain            # last digits differ: no doubt
    classed = (CodeRange(PROJECT + "202503000000112", PROJECT + "202503000010012"),)    # ends alike: 12
    assert with_counts(classed, 100) == (CodeRange(classed[0].first, classed[0].last, 2),)
    open_ = with_counts(classed, None)
    assert isinstance(open_, CodeTrouble)
    assert open_.reason == "gec.range-open"
    wrong = with_counts(plain, 99)
    assert isinstance(wrong, CodeTrouble)
    assert (wrong.reason, wrong.args["accepted"]) == ("gec.range-count", "100")


def test_count_of_several_ranges_is_that_of_all() -> None:
    both = (CodeRange(FIRST, LAST), CodeRange(PROJECT + "202504000000001", PROJECT + "202504000000009"))
    assert with_counts(both, 109) == both
    assert isinstance(with_counts(both, 100), CodeTrouble)


RANGES = st.builds(lambda low, length, step: CodeRange(f"{PROJECT}{low:015d}", f"{PROJECT}{low + length * 10 ** step:015d}",
                                                       step),
                   st.integers(0, 3000), st.integers(0, 60), st.sampled_from([0, 0, 1, 2]))


def members(each: CodeRange) -> set[int]:
    return set(range(each.low, each.high + 1, 10 ** each.step))


@given(RANGES, RANGES)
def test_sharing_is_that_of_the_sets(one: CodeRange, other: CodeRange) -> None:
    assert one.shares_with(other) == other.shares_with(one) == bool(members(one) & members(other))
    assert len(one) == len(members(one))


@given(st.lists(RANGES, max_size=25))
def test_taken_finds_exactly_the_rows_that_share_a_certificate(ranges: list[CodeRange]) -> None:
    taken, kept = Taken(), dict[str, CodeRange]()
    for number, new in enumerate(ranges):
        found = taken.find(new)
        sharing = {name for name, old in kept.items() if members(old) & members(new)}
        assert (found in sharing) if sharing else (found is None)
        if found is None:
            taken.add(new, str(number))
            kept[str(number)] = new


@given(RANGES)
def test_own_count_is_among_those_that_a_range_may_hold(each: CodeRange) -> None:
    assert len(each) in CodeRange(each.first, each.last).counts()
