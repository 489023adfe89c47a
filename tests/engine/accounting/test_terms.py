"""Arithmetic of terms: rounded once, unknown with all reasons, zero is a value."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.terms import Term, add, figure, missing_factor, negative, product
from zerofactory_engine.reasons import Cause, Reason, Unknown

D = Decimal


def unknown(subject: str) -> Unknown:
    return Unknown(Reason(Cause.VALUE, subject, "accounting.cell-missing"))


def term(value: Decimal | Unknown, below: str = "1") -> Term:
    return Term("x", value, "1", below=D(below))


def test_denominators_are_divided_last_so_a_fraction_is_rounded_once() -> None:
    assert product([term(D(3)), term(D(44), "12")]) == 11                  # not 3 × 3.666…667
    assert product([term(D(1), "3"), term(D(3))]) == 1
    assert product([]) == 1


def test_unknowns_gather_their_reasons_in_order() -> None:
    found = product([term(D(0)), term(unknown("a")), term(D(2)), term(unknown("b")), term(unknown("a"))])
    assert isinstance(found, Unknown)
    assert [r.subject for r in found.reasons] == ["a", "b"]               # zero does not make it known
    total = add([D(1), unknown("c"), unknown("d")])
    assert isinstance(total, Unknown)
    assert [r.subject for r in total.reasons] == ["c", "d"]
    assert add([]) == 0
    assert add([D("0.1"), D("0.2")]) == D("0.3")


def test_a_figure_is_the_sum_of_its_slices() -> None:
    assert figure((term(D(2)), term(D(3)))).value == 6
    assert figure((term(D(2)), term(D(3))), (term(D(-1)),)).value == 5
    assert isinstance(figure((term(D(2)),), (term(unknown("a")),)).value, Unknown)


def test_the_negative_of_an_unknown_is_the_unknown() -> None:
    assert negative(term(D(2))).value == -2
    doubtful = term(unknown("a"))
    assert negative(doubtful) is doubtful


def test_a_missing_factor_says_which_set_lacks_it() -> None:
    value = missing_factor("grid", "CN-XZ", "cn-mee-grid").value
    assert isinstance(value, Unknown)
    assert value.reasons[0].as_json() == {
        "cause": "value", "subject": "factor:grid/CN-XZ", "code": "accounting.factor-missing", "settled_by": "applicant",
        "args": {"key": "CN-XZ", "set": "cn-mee-grid"}}
