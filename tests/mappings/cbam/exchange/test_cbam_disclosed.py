"""The record of disclosures: append-only, its chain shows tampering, no quantity gets in, corrections find who to tell."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.canonical import content_hash, sha256
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.typed import shipped_schema
from zerofactory_mappings.cbam.exchange.commands import disclosed as command
from zerofactory_mappings.cbam.exchange.disclosed import (
    Disclosure,
    Ledger,
    add,
    figure_names,
    read_ledger,
    verify,
)
from zerofactory_mappings.cbam.model import Basis

EXAMPLE = Path(__file__).parents[4] / "standards/schemas/examples/cbam-disclosures.yaml"
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def told(to: str = "Example Import GmbH", *, on: str = "2027-02-12", goods: tuple[str, ...] = ("73181542",), figures: tuple[str, ...] = ("see_direct",),
         content: bytes = b"a", corrects: int | None = None, basis: Basis = Basis.DEFINITIVE, file: str = "summary.pdf", year: tuple[date, date] = YEAR) -> Disclosure:
    return Disclosure(date.fromisoformat(on), to, goods, figures, basis, *year, file, sha256(content), corrects)


def ledger(*disclosures: Disclosure) -> tuple[bytes, Ledger]:
    data: bytes | None = None
    found = Ledger()
    for each in disclosures:
        data, found = add(data, each, "ledger.yaml")
    assert data is not None
    return data, found


THREE = (told(), told("示例进口（欧洲）公司", on="2027-02-14", goods=("73181542", "73181692"), content=b"b"), told("Third AG", on="2027-02-20", goods=("73181692",)))


def codes(data: bytes | None, disclosure: Disclosure) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        add(data, disclosure, "ledger.yaml")
    assert all(render_problem(p, language) for p in caught.value.problems for language in ("zh", "en"))
    return [p.code for p in caught.value.problems]


# --- append-only -----------------------------------------------------------------------------------------------------

def test_adding_never_changes_what_stands_there() -> None:
    data: bytes | None = None
    for each in THREE:
        more, found = add(data, each, "ledger.yaml")
        assert data is None or more.startswith(data)
        assert verify(found, found.head) == ()
        data = more
    assert data is not None
    assert data.count(b"\n- ") == 3
    assert add(None, THREE[0], "x")[0] == add(None, THREE[0], "y")[0]


def test_the_shipped_example_is_intact() -> None:
    found = read_ledger(EXAMPLE.read_bytes(), "example")
    assert verify(found) == ()
    assert [(h.to, h.told) for h in found.holders(1)] == [("Example Import GmbH", 3), ("示例进口（欧洲）公司", None)]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Co", "Cn", "Nd", "Zl", "Zp")), min_size=1, max_size=30), min_size=1, max_size=5))
def test_any_name_of_a_recipient_survives(names: list[str]) -> None:
    kept = [n for n in names if n.strip()]
    if kept:
        _, found = ledger(*(told(n) for n in kept))
        assert [e.to for e in found.entries] == [n.strip() for n in kept]
        assert verify(found) == ()


def test_separators_of_lines_in_a_name_do_not_break_the_chain() -> None:
    _, found = ledger(told("One\u2028Two"), told("B\ufeffC"))
    assert verify(found) == ()
    assert found.entries[0].to == "One\u2028Two"


# --- tampering -------------------------------------------------------------------------------------------------------

def lines(data: bytes) -> list[str]:
    return data.decode().splitlines(keepends=True)


@pytest.mark.parametrize(("tamper", "expected"), [
    (lambda t: [*t[:2], t[2].replace("Example Import", "Another Import"), *t[3:]], {"hash"}),
    (lambda t: [*t[:2], t[2].replace("2027-02-12", "2027-01-12"), *t[3:]], {"hash"}),
    (lambda t: [*t[:2], t[2].replace("73181542", "73181552"), *t[3:]], {"hash"}),
    (lambda t: [*t[:2], t[2].replace("see_direct", "see_indirect"), *t[3:]], {"hash"}),
    (lambda t: [*t[:2], *t[3:]], {"number", "chain"}),                                    # the first is gone
    (lambda t: [*t[:3], *t[4:]], {"number", "chain"}),                                    # the second is gone
    (lambda t: [*t[:2], t[3], t[2], *t[4:]], {"number", "chain"}),                        # two changed places
    (lambda t: [*t[:3], t[2], *t[3:]], {"number", "chain"}),                              # one stands twice
])
def test_tampering_is_found(tamper: Any, expected: set[str]) -> None:
    data, _ = ledger(*THREE)
    changed = "".join(tamper(lines(data))).encode()
    assert changed != data
    found = verify(read_ledger(changed, "ledger.yaml"))
    assert {p.code.removeprefix("cbam-exchange.ledger-") for p in found} == expected
    assert all(p.place.line is not None for p in found)
    assert codes(changed, told(on="2027-03-01"))                                          # and nothing is added to it


def test_a_new_hash_on_a_changed_entry_breaks_the_one_behind_it() -> None:
    data, found = ledger(*THREE)
    first = found.entries[0]
    forged = {**first.content(), "to": "Another Import"}
    line = json.dumps({**forged, "hash": content_hash(forged)}, ensure_ascii=False)
    text = lines(data)
    changed = "".join([*text[:2], f"- {line}\n", *text[3:]]).encode()
    assert [p.code for p in verify(read_ledger(changed, "x"))] == ["cbam-exchange.ledger-chain"]


def test_a_cut_end_shows_only_against_the_head_that_was_kept() -> None:
    data, found = ledger(*THREE)
    cut = read_ledger("".join(lines(data)[:-1]).encode(), "x")
    assert verify(cut) == ()
    assert [p.code for p in verify(cut, found.head)] == ["cbam-exchange.ledger-head"]


# --- no quantities ---------------------------------------------------------------------------------------------------

def test_the_format_has_no_place_for_a_number_but_codes_days_and_hashes() -> None:
    """Every field of an entry is a day, a count of entries, a code, a hash, one of a list of words, or a checked text."""
    entry = shipped_schema("cbam-disclosures").source["properties"]["entries"]["items"]
    assert entry["additionalProperties"] is False
    assert entry["properties"]["period"]["additionalProperties"] is False
    assert entry["properties"]["file"]["additionalProperties"] is False
    assert set(entry["properties"]) == {"number", "on", "to", "goods", "figures", "basis", "period", "file", "corrects", "previous", "hash"}
    numeric = {n for n, d in entry["properties"].items() if d.get("x-type") in ("decimal", "amount", "quantity") or d.get("type") == "number"}
    assert numeric == set()


@pytest.mark.parametrize("smuggled", [
    {"quantity": "9600 t"}, {"amounts": {"73181542": "9600"}}, {"note": "9600 t"}, {"period": {"start": "2026-01-01", "end": "2026-12-31", "tonnes": "1"}},
    {"file": {"name": "a.pdf", "sha256": "sha256:" + "0" * 64, "production": "9600"}}, {"figures": ["see_direct=2.31"]}, {"figures": ["production"]},
    {"goods": ["73181542: 9600 t"]}, {"number": "9600 t"}, {"basis": "9600"}])
def test_a_quantity_cannot_be_smuggled_into_the_file(smuggled: dict[str, Any]) -> None:
    data, found = ledger(told())
    content = {**found.entries[0].content(), **smuggled}
    line = json.dumps({**content, "hash": content_hash(content)}, ensure_ascii=False)
    with pytest.raises(ProblemsError) as caught:
        read_ledger(f"{''.join(lines(data)[:2])}- {line}\n".encode(), "x")
    assert all(p.code.startswith("typed.") for p in caught.value.problems)


@pytest.mark.parametrize("text", ["Import GmbH, 9600 t", "Import GmbH (9,600 kg)", "A 120.5吨", "B 3 MWh", "C 75 EUR", "D €75", "USD 75", "E 40 %", "F 500 件", "G 2.31tCO2e", "H 12 tonnes of bolts"])
def test_a_text_that_looks_like_a_quantity_is_refused(text: str) -> None:
    assert codes(None, told(text)) == ["cbam-exchange.ledger-quantity"]
    assert codes(None, told(file=f"{text}.pdf")) == ["cbam-exchange.ledger-quantity"]


@pytest.mark.parametrize("text", ["Example Import GmbH", "3M Deutschland GmbH", "Werk 2 AG", "Firma 24 GmbH", "宁波3号贸易公司", "1&1 SE", "summary-2026.pdf", "T-2026-117.pdf"])
def test_names_with_digits_are_no_quantities(text: str) -> None:
    assert ledger(told(text))[1].entries[0].to == text


# --- what an entry must say ------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("disclosure", "expected"), [
    (told(goods=()), ["cbam-exchange.ledger-lacks"]),
    (told(figures=()), ["cbam-exchange.ledger-lacks"]),
    (told("  "), ["cbam-exchange.ledger-lacks"]),
    (told(goods=("7318",)), ["cbam-scope.cn-short"]),
    (told(goods=("39269097",)), ["cbam-scope.cn-out-of-scope"]),
    (told(figures=("production",)), ["cbam-exchange.ledger-figure"]),
    (told(year=(date(2026, 12, 31), date(2026, 1, 1))), ["cbam-exchange.ledger-period"]),
    (told(corrects=1), ["cbam-exchange.ledger-corrects"]),
])
def test_entries_that_are_refused(disclosure: Disclosure, expected: list[str]) -> None:
    assert codes(None, disclosure) == expected


def test_entries_follow_each_other_in_time_and_correct_what_was_told() -> None:
    data, _ = ledger(told())
    assert codes(data, told(on="2027-01-01")) == ["cbam-exchange.ledger-order"]
    assert codes(data, told(on="2027-03-01", goods=("25231000",), corrects=1)) == ["cbam-exchange.ledger-other-figures"]
    assert codes(data, told(on="2027-03-01", basis=Basis.TRANSITIONAL, corrects=1)) == ["cbam-exchange.ledger-other-figures"]


@pytest.mark.parametrize("data", [b"", b"format: zerofactory/cbam-disclosures/2\nentries: []\n", b"- 1\n", b"\xff", b"entries: []\n", b"format: zerofactory/cbam-disclosures/1\nentries:\n- {number: 1}\n"])
def test_files_that_are_no_ledger(data: bytes) -> None:
    with pytest.raises(ProblemsError):
        read_ledger(data, "x")


# --- who has to be told ----------------------------------------------------------------------------------------------

def test_a_correction_lists_who_received_the_old_figure() -> None:
    """Two received 7318 15 42; one received only 7318 16 92; one the transitional figure; one another year's."""
    _, found = ledger(
        told("A"), told("B", goods=("73181542", "73181692")), told("C", goods=("73181692",)), told("D", basis=Basis.TRANSITIONAL),
        told("E", year=(date(2025, 1, 1), date(2025, 12, 31))), told("F", figures=("sefa",)),
        told("A", on="2027-03-01", content=b"new", corrects=1))
    assert [(h.to, h.entry.number, h.told) for h in found.holders(1)] == [("A", 1, 7), ("B", 2, None)]
    assert found.corrected() == frozenset({1})


def test_a_correction_of_part_of_what_was_told_is_not_all_of_it() -> None:
    both = ("see_direct", "sefa")
    _, found = ledger(told("A", figures=both), told("A", on="2027-03-01", content=b"new", figures=("see_direct",), corrects=1))
    assert [(h.to, h.told) for h in found.holders(1)] == [("A", None)]
    data, _ = ledger(told("A", figures=both), told("A", on="2027-03-01", content=b"new", figures=("see_direct",), corrects=1))
    _, found = add(data, told(" a ", on="2027-03-02", content=b"new2", figures=both, corrects=1), "x")
    assert [(h.to, h.told) for h in found.holders(1)] == [("A", 3)]                       # the same name, written otherwise


def test_who_is_sent_the_old_file_after_the_correction_is_listed_too() -> None:
    _, found = ledger(told("A"), told("A", on="2027-03-01", content=b"new", corrects=1), told("B", on="2027-03-05"), told("C", on="2027-03-06", content=b"new"))
    assert [(h.to, h.told) for h in found.holders(1)] == [("A", 2), ("B", None)]


# --- the command -----------------------------------------------------------------------------------------------------

def run(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def add_command(path: Path, sent: Path, *more: object, on: str = "2027-02-12", to: str = "Example Import GmbH") -> tuple[int, str, str]:
    return run(path, "--add", "--to", to, "--file", sent, "--goods", "7318 15 42", "--figure", "see_direct", "--figure", "sefa", "--on", on,
               "--period", "2026-01-01..2026-12-31", *more)


def test_command_adds_lists_verifies_and_finds_holders(tmp_path: Path) -> None:
    path, sent = tmp_path / "ledger.yaml", tmp_path / "summary.pdf"
    sent.write_bytes(b"the report that was sent: 9600 t")
    code, shown, _ = add_command(path, sent, "--lang", "en")
    assert code == 0
    assert "Example Import GmbH" in shown
    assert "9600" not in path.read_text(encoding="utf-8")                                 # only the hash of what was sent
    assert sha256(sent.read_bytes()) in path.read_text(encoding="utf-8")
    code, shown, _ = add_command(path, sent, "--json", to="示例进口公司", on="2027-02-13")
    head = json.loads(shown)["head"]
    sent.write_bytes(b"the corrected report")
    code, shown, _ = add_command(path, sent, "--corrects", "1", "--lang", "zh", on="2027-03-01")
    assert "示例进口公司" in shown
    assert "尚未收到更正" in shown
    code, shown, _ = run(path, "--verify", "--lang", "en")
    assert code == 0
    assert "3 entries" in shown
    assert run(path, "--verify", "--head", head, "--json")[0] == 6
    code, shown, _ = run(path, "--holders", "1", "--json")
    assert [(h["to"], h["told"]) for h in json.loads(shown)["holders"]] == [("Example Import GmbH", 3), ("示例进口公司", None)]
    code, shown, _ = run(path, "--json")
    assert json.loads(shown)["intact"] is True
    path.write_text(path.read_text(encoding="utf-8").replace("示例进口公司", "另一公司"), encoding="utf-8")
    code, _, problems = run(path, "--verify", "--lang", "zh")
    assert code == 6
    assert "被改动" in problems
    code, shown, _ = run(path, "--lang", "zh")
    assert code == 6


def test_command_says_what_it_needs_and_leaves_the_ledger_alone(tmp_path: Path) -> None:
    path, sent = tmp_path / "ledger.yaml", tmp_path / "summary.pdf"
    sent.write_bytes(b"x")
    assert run(path, "--add")[0] == 2
    assert add_command(path, sent, "--verify")[0] == 2
    assert run(path, "--add", "--to", "A", "--file", sent, "--goods", "73181542", "--figure", "sefa", "--on", "2027-01-01", "--period", "2026")[0] == 2
    assert add_command(path, sent, to="A, 9600 t")[0] == 3
    assert not path.exists()
    assert run(path)[0] == 3                                                              # no ledger yet
    add_command(path, sent)
    before = path.read_bytes()
    assert add_command(path, sent, on="2026-01-01")[0] == 3
    assert run(path, "--holders", "9")[0] == 3
    assert path.read_bytes() == before


def test_every_figure_has_a_name_in_both_languages() -> None:
    from zerofactory_engine.messages import catalogue

    for language in ("zh", "en"):
        assert all(f"cbam-exchange.figure-{name}" in catalogue(language) for name in figure_names())
