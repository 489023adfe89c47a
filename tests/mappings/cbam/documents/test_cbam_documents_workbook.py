"""The verification workbook: marked on every sheet, the same bytes twice, filled and read back, all problems with cells."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.mappings.cbam.documents.cases import (
    GONE,
    VERIFICATION_EXAMPLE,
    changed,
    everything,
    fasteners,
    tree,
    verification_of,
)

from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_mappings.cbam.documents import workbook_layout as layout
from zerofactory_mappings.cbam.documents.build import emissions_report
from zerofactory_mappings.cbam.documents.build_verification import verify
from zerofactory_mappings.cbam.documents.figures import figures
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.documents.workbook_in import parse_workbook
from zerofactory_mappings.cbam.documents.workbook_out import verification_workbook

DAY = date(2027, 2, 20)


def made(case: Case, root: Row | None = None, language: str = "en") -> bytes:
    return verification_workbook(verify(case.result, root, case.plan), emissions_report(case.result, case.plan), language, DAY)


@cache
def blank(language: str = "en") -> bytes:
    return made(fasteners(), None, language)


def filled(cells: dict[tuple[str, str], object], data: bytes | None = None) -> bytes:
    """A workbook with cells set: (sheet, cell) → value."""
    book = openpyxl.load_workbook(io.BytesIO(data or blank()))
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value  # type: ignore[assignment]  # whatever a person may type
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row_of(data: bytes, sheet: str, first: str) -> int:
    page = openpyxl.load_workbook(io.BytesIO(data))[sheet]
    return next(r for r in range(1, page.max_row + 1) if page.cell(r, 1).value == first)


def column_of(data: bytes, sheet: str, head: str) -> str:
    page = openpyxl.load_workbook(io.BytesIO(data))[sheet]
    for row in page.iter_rows(max_row=6):
        for cell in row:
            if cell.value == head:
                return str(cell.column_letter)
    raise AssertionError(head)


# --- what is written -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_says_that_it_is_a_working_paper(language: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank(language)))
    mark = render("cbam-documents.paper.working-paper", language)
    assert len(book.sheetnames) == 15
    for page in book:
        assert page["A2"].value == mark, page.title


def test_the_same_input_gives_the_same_bytes() -> None:
    case = everything()
    assert made(case) == made(case)
    assert blank("zh") != blank("en")


def test_every_figure_and_every_item_has_a_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank()))
    paths = [c.value for c in book["Input figures"]["A"][4:]]
    assert paths == list(figures(fasteners().installation))
    items = [c.value for c in book["Report items"]["A"][4:]]
    assert items == [f"item:{i.item.number}" for i in emissions_report(fasteners().result).items]


def test_text_of_strangers_is_no_formula() -> None:
    root = verification_of({"format": "zerofactory/cbam-verification/1", "team": [{"name": "=1+1", "role": "@SUM(A1)"}]})
    book = openpyxl.load_workbook(io.BytesIO(made(fasteners(), root)))
    assert {book["Team"]["A5"].data_type, book["Team"]["B5"].data_type} == {"s"}
    assert parse_workbook(made(fasteners(), root)).each("team")[0].text("name") == "=1+1"


def test_what_was_logged_shows_its_effect() -> None:
    data = made(fasteners(), verification_of(tree(VERIFICATION_EXAMPLE)))
    page = openpyxl.load_workbook(io.BytesIO(data))["Effects"]
    rows = [[c.value for c in row] for row in page.iter_rows(min_row=5)]
    alone = [r for r in rows if r[0] == "M1" and str(r[2]).startswith("hexagon bolts") and r[3] == "embedded emissions"]
    assert alone[0][4:] == [2.8037, 2.80502, -0.00132, 0.00047, "no"]
    assert {r[0] for r in rows} == {"M1", "all together"}


# --- read back -------------------------------------------------------------------------------------------------------

def said(root: Row) -> dict[str, Any]:
    """What is said, items in the order of their paths (the workbook has an order of its own)."""
    found = {k: v for k, v in root.values.items() if v}
    return {**found, "items": sorted(found.get("items", []), key=lambda r: str(r["path"]))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_workbook_reads_back_as_what_was_filled_in(language: str) -> None:
    """Without a statement, on which the last sheet remarks with its place in the file that was read."""
    root = verification_of(changed(VERIFICATION_EXAMPLE, ("statement/kind", GONE)))
    read = parse_workbook(made(fasteners(), root, language))
    assert said(read) == said(root)
    again = parse_workbook(made(fasteners(), read, language))
    assert again.values == read.values
    assert made(fasteners(), read, language) == made(fasteners(), root, language)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Zs", "Co", "Cn")), min_size=1, max_size=20)
PATHS = st.sampled_from([p for p in figures(fasteners().installation) if not p.endswith("production/all/amount")])
NUMBER = st.decimals("0.001", "100000", places=3).map(lambda d: format(d.normalize(), "f"))
PLAIN = TEXT.filter(lambda t: t.strip() == t and not set(t) & set(";；、"))


@st.composite
def verifications(draw: st.DrawFn) -> dict[str, Any]:
    """What a verifier may write, as the data of a file."""
    ids = draw(st.lists(st.integers(1, 99), unique=True, max_size=4))
    paths = draw(st.lists(PATHS, unique=True, min_size=len(ids), max_size=len(ids)))
    out: dict[str, Any] = {
        "format": "zerofactory/cbam-verification/1",
        "team": [{"name": n, "role": r} for n, r in draw(st.lists(st.tuples(PLAIN, PLAIN), max_size=3))],
        "misstatements": [{"id": f"M{i}", "description": draw(PLAIN), "path": p, "corrected": draw(NUMBER),
                           "state": draw(st.sampled_from(["open", "corrected"]))} for i, p in zip(ids, paths, strict=True)],
        "nonconformities": [{"id": f"N{i}", "clause": draw(PLAIN), "material": draw(st.sampled_from(["yes", "no"]))} for i in ids],
        "site_visit": {"first_period": draw(st.sampled_from(["yes", "no"])),
                       "significant_changes": draw(st.lists(st.sampled_from(["process", "new_risk"]), unique=True)),
                       "history": [{"period": str(y), "visit": draw(st.sampled_from(["physical", "virtual", "waived", "none"]))}
                                   for y in draw(st.lists(st.integers(2020, 2025), unique=True, max_size=3))],
                       "visit": draw(st.sampled_from(["physical", "virtual", "waived"]))},
        "statement": {"kind": draw(st.sampled_from(layout.CODES["statement"])), "reasons": draw(PLAIN)},
    }
    return {k: v for k, v in out.items() if v}


@hypothesis_settings(max_examples=12, deadline=None)
@given(verifications(), st.sampled_from(LANGUAGES))
def test_whatever_is_written_comes_back(data: dict[str, Any], language: str) -> None:
    root = verification_of(data)
    read = parse_workbook(made(fasteners(), root, language)).values
    for key, value in root.values.items():
        got = read.get(key)
        if isinstance(value, dict):
            assert {k: v for k, v in (got or {}).items() if k in value and v} == {k: v for k, v in value.items() if v}
        else:
            assert (got or []) == value, key


def test_numbers_that_people_type_are_read_as_they_typed_them() -> None:
    data = blank()
    row = row_of(data, "Input figures", "streams/S2/amount")
    column = column_of(data, "Input figures", "Verified value")
    read = parse_workbook(filled({("Input figures", f"{column}{row}"): 126.1}))
    assert read.each("items")[0].text("verified") == "126.1"


def test_sheets_and_columns_may_be_moved_or_left_out() -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(fasteners(), verification_of(tree(VERIFICATION_EXAMPLE)))))
    for name in ("Effects", "Sampling", "Visit decision", "Read me"):
        del book[name]
    book.move_sheet("Misstatements", -5)
    book["Misstatements"].insert_cols(1)
    out = io.BytesIO()
    book.save(out)
    read = parse_workbook(out.getvalue())
    assert [r.id for r in read.each("misstatements")] == ["M1", "M2"]


def test_a_copy_in_chinese_with_english_answers_is_read() -> None:
    data = blank("zh")
    row = row_of(data, "现场核查", "site_visit/visit")
    read = parse_workbook(filled({("现场核查", f"C{row}"): "physical", ("现场核查", f"C{row - 2}"): "是"}, data))
    part = read.part("site_visit")
    assert part is not None
    assert (part.text("visit"), part.flag("force_majeure")) == ("physical", None)
    assert part.flag("zero_emission_plant") is True


# --- problems --------------------------------------------------------------------------------------------------------

def problems(cells: dict[tuple[str, str], object]) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(ProblemsError) as caught:
        parse_workbook(filled(cells), "v.xlsx")
    return [(p.code, p.place.sheet, p.place.cell) for p in caught.value.problems if p.severity is Severity.ERROR]


def test_all_problems_come_at_once_with_sheet_and_cell() -> None:
    coverage = row_of(blank(), "Verifier", "sampling/coverage")
    first = row_of(blank(), "Site visit", "site_visit/first_period")
    found = problems({
        ("Misstatements", "A5"): "M1", ("Misstatements", "D5"): "about 12", ("Misstatements", "E5"): "perhaps",
        ("Nonconformities", "A5"): "N1", ("Nonconformities", "E5"): "maybe",
        ("Verifier", f"C{coverage}"): 1.5, ("Site visit", f"C{first}"): "sometimes",
        ("Earlier visits", "A5"): "last year", ("Earlier visits", "B5"): "physical"})
    assert sorted(found) == sorted([
        ("typed.not-a-number", "Misstatements", "D5"), ("typed.not-in-list", "Misstatements", "E5"),
        ("typed.not-yes-or-no", "Nonconformities", "E5"), ("typed.out-of-bounds", "Verifier", f"C{coverage}"),
        ("typed.not-yes-or-no", "Site visit", f"C{first}"), ("typed.not-a-number", "Earlier visits", "A5")])


@pytest.mark.parametrize(("cells", "expected"), [
    ({("Misstatements", "D5"): "=1+1", ("Misstatements", "A5"): "M1"}, ("workbook.formula-without-value", "Misstatements", "D5")),
    ({("Misstatements", "B5"): "Lost delivery"}, ("typed.missing-key", "Misstatements", "B5")),
    ({("Misstatements", "A5"): "M1", ("Misstatements", "A6"): "M1"}, ("cbam-documents.entry-twice", "Misstatements", "A6")),
    ({("Misstatements", "A5"): "M 1/2"}, ("typed.pattern", "Misstatements", "A5")),
    ({("Verifier", "A5"): "report/unknown", ("Verifier", "C5"): "x"}, ("cbam-documents.fact-unknown", "Verifier", "A5")),
    ({("Team", "A4"): "Who", ("Team", "B4"): "What"}, ("workbook.no-header", "Team", None)),
])
def test_a_cell_that_cannot_be_read_is_named(cells: dict[tuple[str, str], object], expected: tuple[str, str, str | None]) -> None:
    assert expected in problems(cells)


def test_other_sheets_and_columns_are_noted_not_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(blank()))
    book.create_sheet("My notes")["A1"] = "x"
    book["Team"]["C4"] = "Phone"
    out = io.BytesIO()
    book.save(out)
    from zerofactory_engine.dossier.sheets import Workbook
    from zerofactory_mappings.cbam.documents.workbook_in import _Reading

    reading = _Reading(Workbook(out.getvalue(), "v.xlsx"), "v.xlsx")
    reading.run()
    assert {(p.code, p.severity) for p in reading.problems} == {
        ("cbam-documents.sheet-not-read", Severity.NOTE), ("cbam-documents.column-not-read", Severity.NOTE)}


def test_a_workbook_of_another_kind_is_refused() -> None:
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(ProblemsError) as caught:
        parse_workbook(out.getvalue())
    assert "cbam-documents.no-verification-sheet" in {p.code for p in caught.value.problems}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 200, blank()[:2000]])
def test_damaged_files_are_refused(data: bytes) -> None:
    with pytest.raises(ProblemsError):
        parse_workbook(data)


def test_coverage_of_the_verifier_decides_the_sample() -> None:
    root = verification_of({"format": "zerofactory/cbam-verification/1", "sampling": {"coverage": "0.99"}})
    case = fasteners()
    assert verify(case.result, root, case.plan).sampling.coverage == Decimal("0.99")
    assert len(verify(case.result, root, case.plan).sampling.selected) > len(verify(case.result, None, case.plan).sampling.selected)
