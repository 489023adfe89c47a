"""Answers: malformed files, answers that do not fit, and that all rows are counted whatever is asked and answered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.exchange.dossiers import CLINKER, ask, fasteners, rows_in, say, settle, small

from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.exchange.answers import read_answers
from zerofactory_mappings.cbam.exchange.prefill import prefill
from zerofactory_mappings.cbam.exchange.rules import Verdict, boundary
from zerofactory_mappings.cbam.exchange.write import input_yaml, questions_yaml
from zerofactory_mappings.cbam.read import parse_installation

HEAD = "format: zerofactory/cbam-answers/1\n"


def codes(text: str) -> list[str]:
    def answered() -> None:
        prefill(fasteners(), answers=read_answers(text.encode(), "answers.yaml", "fasteners-2026", 2026))

    with pytest.raises(ProblemsError) as caught:
        answered()
    assert all(render_problem(p, language) for p in caught.value.problems for language in ("zh", "en"))
    return [p.code for p in caught.value.problems]


@pytest.mark.parametrize(("text", "expected"), [
    ("", ["yaml.empty"]),
    ("[]", ["typed.wrong-shape"]),
    ("format: zerofactory/cbam-answers/2\nanswers: []\n", ["typed.not-in-list-near"]),
    (f"{HEAD}", ["typed.missing-key"]),
    (f"{HEAD}answers: []\nother: 1\n", ["typed.unknown-key"]),
    (f"{HEAD}dossier: another\nyear: '2025'\nanswers: []\n", ["cbam-exchange.answers-of-other", "cbam-exchange.answers-of-other"]),
    (f"{HEAD}answers:\n- {{question: 'good:products.P4', answer: outside}}\n- {{question: 'good:products.P4', answer: outside}}\n", ["cbam-exchange.answered-twice"]),
    (f"{HEAD}answers:\n- {{question: 'boundary:energy.diesel.mobile', answer: share, share: many}}\n", ["typed.not-a-number"]),
    (f"{HEAD}answers:\n- {{question: 'boundary:energy.diesel.mobile', answer: share, share: 3 kg}}\n", ["typed.wrong-dimension"]),
    (f"{HEAD}answers:\n- {{answer: outside}}\n", ["typed.missing-key"]),
])
def test_files_that_are_no_answers(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(("entry", "expected"), [
    ("question: 'boundary:energy.kerosene', answer: outside", "cbam-exchange.answer-unknown"),
    ("question: 'attribution:energy.diesel.mobile', answer: functional_units", "cbam-exchange.answer-unknown"),   # not asked: nothing to attribute
    ("question: 'boundary:energy.diesel.mobile', answer: perhaps", "cbam-exchange.answer-not-accepted"),
    ("question: 'boundary:energy.diesel.mobile', answer: outside", "cbam-exchange.answer-lacks-rule"),
    ("question: 'boundary:energy.diesel.mobile', answer: outside, rule: because", "cbam-exchange.answer-rule"),
    ("question: 'boundary:energy.natural_gas.B-Z', answer: outside, rule: galvanising", "cbam-exchange.answer-rule"),   # what stays takes nothing out
    ("question: 'boundary:energy.diesel.mobile', answer: share, rule: plating", "cbam-exchange.answer-lacks-share"),
    ("question: 'boundary:energy.diesel.mobile', answer: share, rule: plating, share: 0", "cbam-exchange.answer-share-bounds"),
    ("question: 'boundary:energy.diesel.mobile', answer: share, rule: plating, share: 1", "cbam-exchange.answer-share-bounds"),
    ("question: 'boundary:energy.diesel.mobile', answer: share, rule: plating, share: 82", "cbam-exchange.answer-share-bounds"),
    ("question: 'boundary:energy.diesel.mobile', answer: inside, share: 0.5", "cbam-exchange.answer-share-unasked"),
    ("question: 'boundary:energy.diesel.mobile', answer: outside, rule: mobile-machinery, documents: [D-X9]", "cbam-exchange.answer-document"),
    ("question: 'good:products.P4', answer: cn", "cbam-exchange.answer-lacks-cn"),
    ("question: 'good:products.P4', answer: cn, cn: '7318'", "cbam-scope.cn-short"),
    ("question: 'good:products.P4', answer: cn, cn: '39269097'", "cbam-scope.cn-out-of-scope"),
    ("question: 'good:products.P4', answer: cn, cn: 'bolts'", "cbam-scope.cn-malformed"),
    ("question: 'precursor:purchased.W1', answer: precursor", "cbam-exchange.answer-lacks-cn"),
    ("question: 'precursor:purchased.W1', answer: precursor, cn: '72139149', country: Atlantis", "cbam-scope.country-unknown"),
    ("question: 'precursor:purchased.W1', answer: precursor, cn: '72139149', processes: {P73181542: 0.5}", "cbam-exchange.answer-sum"),
    ("question: 'precursor:purchased.W1', answer: precursor, cn: '72139149', processes: {P73181542: 1.5, P73181692: -0.5}", "cbam-exchange.answer-share-bounds"),
    ("question: 'precursor:purchased.W1', answer: precursor, cn: '72139149', processes: {forge: 1}", "cbam-exchange.answer-process"),
])
def test_answers_that_do_not_fit(entry: str, expected: str) -> None:
    assert codes(f"{HEAD}answers:\n- {{{entry}}}\n") == [expected]


def test_all_problems_come_at_once_with_their_lines_and_nothing_is_made() -> None:
    text = (f"{HEAD}answers:\n- {{question: 'boundary:energy.diesel.mobile', answer: perhaps}}\n"
            "- {question: 'good:products.P9', answer: cn, cn: '73182200'}\n- {question: 'good:products.P4', answer: cn}\n")
    with pytest.raises(ProblemsError) as caught:
        prefill(fasteners(), answers=read_answers(text.encode(), "answers.yaml", "fasteners-2026", 2026))
    assert sorted((p.code, p.place.line) for p in caught.value.problems) == [
        ("cbam-exchange.answer-lacks-cn", 5), ("cbam-exchange.answer-not-accepted", 3), ("cbam-exchange.answer-unknown", 4)]


def test_the_route_has_to_be_one_of_the_category() -> None:
    steel = [{"id": "P1", "name": "billets", "cn_code": "72071114", "output_t": "1000"}]
    with pytest.raises(ProblemsError) as caught:
        ask(small(products=steel), say("route:products.P1", "route", route="blast_furnace"))
    assert [p.code for p in caught.value.problems] == ["cbam-exchange.answer-route"]


def test_several_processes_have_to_be_named() -> None:
    rows = [{"id": "E", "flow": "exported", "source": "on-site", "MWh": "10"}]
    two = [{"id": "P1", "name": "a", "cn_code": "25231000", "output_t": "1"}, {"id": "P2", "name": "b", "cn_code": "25232900", "output_t": "1"}]
    with pytest.raises(ProblemsError) as caught:
        ask(small(products=two, electricity=rows), say("export:electricity.on-site.exported", "inside"))
    assert [p.code for p in caught.value.problems] == ["cbam-exchange.answer-lacks-processes"]


def test_the_questions_file_is_a_file_of_answers_that_are_all_open() -> None:
    for language in ("zh", "en"):
        text = questions_yaml(prefill(fasteners(), language=language), language)
        assert read_answers(text, "q.yaml", "fasteners-2026", 2026) == ()
        assert text.decode().count("- question:") == len(prefill(fasteners()).open)


def test_filled_questions_settle_everything_that_was_asked() -> None:
    found, answers = settle(fasteners())
    assert found.open == ()
    assert len(answers) >= 14


# --- whatever is there, every row has one fate -----------------------------------------------------------------------

CARRIERS = st.sampled_from(["natural_gas", "diesel", "anthracite", "wood", "coke", "blast_furnace_gas", "hydrogen", "compressed_air", "waste_heat", "raw_coal"])
DAYS = st.sampled_from([(), ("2026-01-01", "2026-12-31"), ("2025-12-15", "2026-01-14"), ("2026-06-01", "2026-06-30"), ("2026-06-15", "2026-07-15"), ("2024-01-01", "2024-12-31")])
NOTES = st.sampled_from(["", "", "电镀", "热镀锌", "canteen", "forklift", "annealing"])


def table(name: str, columns: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    def row(cells: dict[str, Any]) -> dict[str, Any]:
        days = cells.pop("days", ())
        made = {k: v for k, v in cells.items() if v not in (None, "")}
        return made | ({"from": days[0], "to": days[1]} if days else {})

    def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{"id": f"{name[0].upper()}{n}", **r} for n, r in enumerate(rows, 1)]

    return st.lists(st.fixed_dictionaries({**columns, "note": NOTES}).map(row), max_size=5).map(numbered)


AMOUNT = st.sampled_from([None, "1", "12.5", "1000"])
METERS = st.sampled_from([None, "M1", "M2"])
PARTS = st.sampled_from([None, "A", "B", "C"])
PRODUCTS = table("products", {"name": st.just("x"), "cn_code": st.sampled_from(["73181542", "73181692", "25231000", "76011010", "39269097", "7318", None]),
                              "output_t": AMOUNT, "days": st.sampled_from([(), ("2026-01-01", "2026-12-31"), ("2025-07-01", "2026-06-30")])})
DOSSIERS = st.fixed_dictionaries({
    "products": PRODUCTS,
    "energy": table("energy", {"carrier": CARRIERS, "use": st.sampled_from([None, "fuel", "feedstock", "reductant", "off-site vehicle", "energy medium"]),
                               "direction": st.sampled_from([None, "consumed", "exported", "produced"]), "mobile": st.sampled_from([None, "yes", "no"]),
                               "t": AMOUNT, "Nm3": AMOUNT, "GJ": AMOUNT, "meter": METERS, "part": PARTS, "days": DAYS}),
    "electricity": table("electricity", {"flow": st.sampled_from([None, "consumed", "exported", "generated"]),
                                         "source": st.sampled_from([None, "grid", "on-site", "green trade", "direct line", "storage"]),
                                         "MWh": AMOUNT, "meter": METERS, "part": PARTS, "days": DAYS}),
    "heat": table("heat", {"medium": st.sampled_from(["steam", "hot_water", "cooling"]), "flow": st.sampled_from([None, "exported", "generated"]),
                           "source": st.sampled_from([None, "purchased", "own boiler"]), "GJ": AMOUNT, "t": AMOUNT, "days": DAYS}),
    "chp": table("chp", {"carrier": CARRIERS, "fuel_GJ": AMOUNT, "heat_GJ": AMOUNT, "power_MWh": AMOUNT}),
    "processes": table("processes", {"activity": st.sampled_from(["calcination", "electrode", "anode effect", "gas use", "acid production", "carbon in product", "other"]),
                                     "material": st.sampled_from([None, "limestone", "scrap"]), "gas": st.sampled_from([None, "CO2", "N2O", "SF6"]), "t": AMOUNT, "days": DAYS}),
    "fugitive": table("fugitive", {"category": st.sampled_from(["refrigeration", "welding gas", "wastewater"]), "gas": st.sampled_from([None, "R410A", "CO2", "CF4"])}),
    "purchased": table("purchased", {"category": st.sampled_from([None, "purchased_goods", "capital_goods"]), "what": st.sampled_from(["rod", "boxes"]), "t": AMOUNT, "days": DAYS}),
    "carbon_capture": table("carbon_capture", {"fate": st.sampled_from(["vented", "geological storage"]), "captured_tCO2": AMOUNT}),
    "transport": table("transport", {"tkm": AMOUNT}), "certificates": table("certificates", {"MWh": AMOUNT}),
})
SITE = [{"id": "A", "name": "电镀车间", "kind": "production unit", "inside": "yes"}, {"id": "B", "name": "食堂", "kind": "ancillary unit", "inside": "yes"},
        {"id": "C", "name": "租户", "kind": "tenant", "inside": "no", "meter": "M2"}]


def accounted(dossier: Dossier, found: Any) -> None:
    """Each row has one fate; what is used stands in the input, and nothing else does; what is told names its ground."""
    rows = [(t, r.id) for t, rs in dossier.rows.items() for r in rs]
    assert [(r.table, r.row) for r in found.rows] == rows
    assert sum(found.totals().values()) == sum(sum(c.values()) for c in found.counts().values()) == len(rows)
    used = {f"{r.table}/{r.row}" for r in found.rows if r.fate == "used"}
    assert rows_in(found.installation) <= used
    assert {u for u in used if not u.startswith("products/")} <= rows_in(found.installation)
    questions = {q.id for q in found.questions}
    assert len(questions) == len(found.questions)
    open_ids = {q.id for q in found.open}
    for row in found.rows:
        assert set(row.questions) <= questions
        if row.fate == "asked":
            assert set(row.questions) & open_ids or row.rule is not None
            assert any(f"{row.table}/{row.row}" in q.rows for q in found.open)
        if row.fate == "outside":
            assert row.rule is not None
            assert boundary().rule(row.rule).verdict is not Verdict.STAYS
        assert row.share is None or 0 < row.share < 1


@settings(max_examples=120, deadline=None)
@given(DOSSIERS)
def test_counts_add_up_and_nothing_is_silently_in_or_out(tables: dict[str, Any]) -> None:
    dossier = small(tables, parts=SITE, meters=[{"id": "M1", "measures": "energy"}, {"id": "M2"}])
    found = prefill(dossier)
    accounted(dossier, found)
    assert found == prefill(dossier)
    assert parse_installation(input_yaml(found, "zh"), "in.yaml").details == found.installation.details


@settings(max_examples=60, deadline=None)
@given(DOSSIERS, st.integers(0, 2))
def test_answering_leaves_nothing_open_and_still_counts_every_row(tables: dict[str, Any], choice: int) -> None:
    dossier = small(tables, parts=SITE, meters=[{"id": "M1", "measures": "energy"}, {"id": "M2"}])
    found, _ = settle(dossier, choice)
    assert found.open == ()
    assert found.totals()["asked"] == 0
    accounted(dossier, found)
    parse_installation(input_yaml(found, "en"), "in.yaml")


def test_a_rule_alone_is_implied() -> None:
    found = ask(small(products=CLINKER, energy=[{"id": "D", "carrier": "diesel", "t": "1"}]), say("boundary:energy.diesel", "outside"))
    assert {r.rule for r in found.rows if r.table == "energy"} == {"mobile-machinery"}
