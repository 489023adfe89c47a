"""Documents against rules: kinds, any or all, days covered, columns needed, rejected documents, basis."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from zerofactory_engine.evaluation.evidence import Paper, Thing, needs_text, prove_thing, rules_for, spans
from zerofactory_engine.evaluation.model import EvidenceState
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import DocumentRule, Expression

PERIOD = (date(2025, 1, 1), date(2025, 12, 31))
YEAR = {"start": PERIOD[0], "end": PERIOD[1]}
PAPERS = {p.id: p for p in [
    Paper("bill", "invoice", "sha256:aa", date(2025, 1, 1), date(2025, 12, 31)),
    Paper("h1", "invoice", "sha256:b1", date(2025, 1, 1), date(2025, 6, 30)),
    Paper("h2", "invoice", "sha256:b2", date(2025, 7, 1), date(2025, 12, 31)),
    Paper("undated", "invoice"),
    Paper("contract", "contract", "sha256:cc", date(2024, 1, 1), date(2026, 12, 31)),
    Paper("forged", "contract", "sha256:dd", date(2024, 1, 1), date(2026, 12, 31),
          Reason(Cause.DOCUMENT, "forged", "reason.document-hash-differs")),
]}


def thing(*references: str, **more: Any) -> Thing:
    return Thing("electricity/E1", tuple((r, None) for r in references), **(YEAR | more))


def prove(what: Thing, *rules: DocumentRule, sighted: bool = False) -> tuple[EvidenceState, list[str], tuple[str, ...]]:
    out = prove_thing(what, rules, PAPERS, PERIOD, sighted)
    return out.state, [r.code.removeprefix("reason.") for r in out.reasons], out.missing


COMPLETE, MISSING = EvidenceState.COMPLETE, EvidenceState.MISSING
ANY = DocumentRule(("invoice", "contract"))
ALL = DocumentRule(("invoice", "contract"), every=True)
ROW = DocumentRule(("invoice",), covers="row")


@pytest.mark.parametrize(("references", "rule", "state", "codes", "missing"), [
    (["bill"], ANY, COMPLETE, [], ()),
    (["contract"], ANY, COMPLETE, [], ()),
    ([], ANY, MISSING, ["document-missing"], ("invoice | contract",)),
    (["nowhere"], ANY, MISSING, ["document-missing"], ("invoice | contract",)),
    (["bill"], ALL, MISSING, ["document-missing"], ("contract",)),
    (["bill", "contract"], ALL, COMPLETE, [], ()),
    ([], ALL, MISSING, ["document-missing", "document-missing"], ("invoice", "contract")),
    (["bill"], ROW, COMPLETE, [], ()),
    (["h1"], ROW, MISSING, ["document-covers-not"], ("invoice",)),
    (["h2", "h1"], ROW, COMPLETE, [], ()),
    (["undated"], ROW, MISSING, ["document-covers-not"], ("invoice",)),
    (["contract"], ROW, MISSING, ["document-missing"], ("invoice",)),
    (["forged"], ANY, MISSING, ["document-hash-differs", "document-missing"], ("invoice | contract",)),
    (["forged", "bill"], ANY, COMPLETE, [], ()),
    (["forged", "bill"], ALL, MISSING, ["document-hash-differs", "document-missing"], ("contract",)),
])
def test_documents_against_a_rule(references: list[str], rule: DocumentRule, state: EvidenceState, codes: list[str],
                                  missing: tuple[str, ...]) -> None:
    assert prove(thing(*references), rule) == (state, codes, missing)


def test_a_row_of_half_a_year_needs_half_a_year_and_the_period_needs_all() -> None:
    half = thing("h1", start=date(2025, 1, 1), end=date(2025, 6, 30))
    assert prove(half, ROW)[0] is COMPLETE
    assert prove(half, DocumentRule(("invoice",), covers="period"))[:2] == (MISSING, ["document-covers-not"])
    assert prove(thing("h1", start=None, end=None), ROW)[0] is COMPLETE


def test_reasons_name_the_thing_the_kinds_and_the_days() -> None:
    (reason,) = prove_thing(thing("h1"), [ROW], PAPERS, PERIOD, False).reasons
    assert reason == Reason(Cause.DOCUMENT, "electricity/E1", "reason.document-covers-not",
                            (("from", "2025-01-01"), ("kinds", "invoice"), ("to", "2025-12-31")))


def test_needed_columns() -> None:
    rule = DocumentRule(("invoice",), needs=("meter",))
    assert prove(thing("bill"), rule) == (MISSING, ["column-needed"], ("meter",))
    assert prove(thing("bill", filled={"meter"}), rule)[0] is COMPLETE
    assert prove(thing(), rule)[1] == ["document-missing", "column-needed"]


def test_every_rule_has_to_hold_and_documents_are_listed_once() -> None:
    out = prove_thing(Thing("x", (("bill", "page=3"), ("contract", None))), [ANY, ALL], PAPERS, PERIOD, False)
    assert out.state is COMPLETE
    assert out.documents == ({"id": "bill", "at": "page=3", "sha256": "sha256:aa"}, {"id": "contract", "sha256": "sha256:cc"})
    assert out.needs == "any_of invoice, contract & all_of invoice, contract"


def test_without_a_rule_nothing_is_needed() -> None:
    out = prove_thing(thing(), [], PAPERS, PERIOD, True)
    assert (out.state, out.needs, out.reasons) == (EvidenceState.NOT_NEEDED, "", ())


@pytest.mark.parametrize(("basis", "state"), [
    (None, MISSING), ("claimed", MISSING), ("sighted", COMPLETE), ("cross_checked", COMPLETE), ("verified_on_site", COMPLETE),
])
def test_a_certificate_needs_a_basis_better_than_claimed(basis: str | None, state: EvidenceState) -> None:
    out = prove_thing(thing("bill", basis=basis), [ANY], PAPERS, PERIOD, True)
    assert out.state is state
    if state is MISSING:
        assert [(r.cause, str(r.settled_by)) for r in out.reasons] == [(Cause.JUDGEMENT, "body")]


def test_a_missing_document_is_asked_for_before_the_basis() -> None:
    assert prove(thing(), ANY, sighted=True)[1] == ["document-missing"]


@pytest.mark.parametrize(("rule", "text"), [
    (ROW, "any_of invoice; covers row"),
    (DocumentRule(("a", "b"), every=True, covers="period", needs=("meter", "from")), "all_of a, b; covers period; needs meter, from"),
    (ANY, "any_of invoice, contract"),
])
def test_needs_in_words(rule: DocumentRule, text: str) -> None:
    assert needs_text(rule) == text


JAN1, JUN30, JUL1, JUL2, DEC31 = (date(2025, *md) for md in [(1, 1), (6, 30), (7, 1), (7, 2), (12, 31)])


@pytest.mark.parametrize(("intervals", "covered"), [
    ([], False),
    ([(JAN1, DEC31)], True),
    ([(JUL1, DEC31), (JAN1, JUN30)], True),
    ([(JAN1, JUN30), (JUL2, DEC31)], False),
    ([(JAN1, DEC31), (JUL1, JUL2)], True),
    ([(JUL1, DEC31)], False),
    ([(JAN1, date(2025, 12, 30))], False),
    ([(date(2020, 1, 1), date(2030, 1, 1))], True),
    ([(None, DEC31), (JAN1, None)], False),
])
def test_spans(intervals: list[tuple[date | None, date | None]], covered: bool) -> None:
    assert spans(intervals, JAN1, DEC31) is covered


def test_conditions_choose_rules_and_an_unknown_condition_never_spares_a_document() -> None:
    from typing import cast

    def when(name: str) -> DocumentRule:
        return DocumentRule((name,), where=cast(Expression, name))

    reason = Reason(Cause.VALUE, "electricity/E1.source", "reason.cell-missing")
    answers = {"yes": True, "no": False, "unknown": Unknown(reason), "odd": Decimal(1)}
    rules = [when("yes"), when("no"), when("unknown"), when("odd"), ANY]
    chosen, reasons = rules_for(rules, lambda e: answers[e])
    assert [r.kinds for r in chosen] == [("yes",), ("unknown",), ("invoice", "contract")]
    assert reasons == [reason]
