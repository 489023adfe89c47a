"""Bad input on the command line: what each mistake is called, where it stands, and the exit code; in zh, en and JSON.

The same mistakes go in through our own YAML, through our own workbook and through a filled workbook of the Commission.
Whatever is wrong: no traceback, valid JSON, sentences without leftovers, and no file written or half-written.
"""

from __future__ import annotations

import io
import json
import os
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from tests.mappings.cbam.communication.workbooks import lean, parts, renamed_version, typed, zipped
from tests.mappings.cbam.input.test_cbam_input_malformed import SOUND

from zerofactory_engine.cli import group
from zerofactory_engine.messages import LANGUAGES, render_problem
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.input.workbook_out import workbook_of
from zerofactory_mappings.cbam.read import parse_installation

ROOT = Path(__file__).parents[4]
FASTENERS = ROOT / "examples" / "cbam" / "steel-fasteners" / "input.yaml"
#: Exit codes: done; the input cannot be used; a figure is not known.
DONE, REFUSED, UNKNOWN, USAGE = 0, 3, 5, 2
Edit = Callable[[bytes], bytes]


def run(*words: object, lang: str = "en") -> Result:
    return CliRunner(env={"COLUMNS": "100", "ZEROFACTORY_LANG": lang}).invoke(group, ["cbam", *map(str, words)])


def told(done: Result) -> list[dict[str, Any]]:
    """The problems of an answer as JSON."""
    found = json.loads(done.stdout)
    assert isinstance(found["problems"], list)
    return list(found["problems"])


def check_words(done: Result, lang: str, code: str | None) -> None:
    """Text of the language asked for, that names the code, and nothing of the program behind it."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    lines = [line for line in done.stderr.splitlines() if code is not None and f"[{code}]" in line]
    assert code is None or lines, said
    for line in lines:
        assert not re.search(r"\{[a-z_]*\}", line), line
        sentence = line.split(" — example")[0].split(" — 示例")[0]  # examples may be of both languages
        assert any("\u4e00" <= c <= "\u9fff" for c in sentence) is (lang == "zh"), line


@dataclass(frozen=True)
class Case:
    """A mistake: what it is called, at which path or cell it stands, and the exit code of ``cbam compute``."""

    name: str
    code: str
    place: str
    change: Any
    exit_code: int = REFUSED
    accepted: str = ""
    options: tuple[str, ...] = field(default=())


def judge(case: Case, file: Path, languages: tuple[str, ...] = ("zh", "en")) -> None:
    """The command as JSON and in *languages*: exit code, code, place; the folder holds nothing new."""
    before = sorted(p.name for p in file.parent.iterdir())
    done = run("compute", file, *case.options, "--json")
    problems = told(done)
    assert done.exit_code == case.exit_code, problems
    found = [p for p in problems if p["code"] == case.code]
    assert found, [(p["code"], p["place"]) for p in problems]
    assert case.place in {where(p["place"]) for p in found}
    assert all(case.accepted in p.get("accepted", "") for p in found)
    if case.exit_code == REFUSED:
        assert any(p["severity"] == "error" for p in problems)
    for lang in languages:
        again = run("compute", file, *case.options, "--lang", lang, lang=lang)
        assert again.exit_code == case.exit_code
        check_words(again, lang, case.code)
    assert sorted(p.name for p in file.parent.iterdir()) == before


def where(place: Mapping[str, Any]) -> str:
    """A place as the tables of this file write it: sheet and cell, or the path in the input."""
    return f"{place['sheet']}!{place.get('cell', '')}" if place.get("sheet") else str(place.get("path", ""))


# --- our own YAML ----------------------------------------------------------------------------------------------------

P2 = "category: iron_or_steel_products, production"
YAML = [
    # a joint process that makes steel inside and is also handed it; two that contain each other
    Case("bubble-twice", "cbam.bubble-counts-twice", "processes/P2", (P2, P2.replace(",", ", included: [crude_steel],"))),
    Case("bubble-cycle", "cbam.bubble-counts-twice", "processes/P1",
         (("category: crude_steel\n", "category: crude_steel\n    included: [iron_or_steel_products]\n"),
          (P2, P2.replace(",", ", included: [crude_steel], to_processes: {P1: 5 t},")))),
    Case("fed-by-itself", "cbam.self-consumption", "processes/P1", ("to_processes: {P2: 900 t}", "to_processes: {P1: 900 t}")),
    Case("used-more-than-bought", "cbam.more-used-than-bought", "precursors/B1", ("used_in: {P1: 10 t}", "used_in: {P1: 12 t}")),
    Case("used-more-than-made", "cbam.more-used-than-made", "processes/P1", ("{P2: 900 t}", "{P2: 1900 t}")),
    Case("oxidation-120", "cbam-input.share-bounds", "source_streams/S1/oxidation", ("99.5 %", "120 %")),
    Case("oxidation-bare", "cbam-input.share-over-one", "source_streams/S1/oxidation", ("99.5 %", "99.5")),
    Case("attributed-110", "cbam-input.shares-over-one", "source_streams/S1/attributed/P1", ("P2: 40 %", "P2: 50 %")),
    Case("manganese-160", "cbam-input.share-bounds", "products/1/parameters/manganese", ("manganese: 0.6 %", "manganese: 160 %")),
    Case("production-zero", "cbam.production-zero", "processes/P2", ("production: 800 t", "production: 0 t")),
    Case("production-negative", "cbam-input.negative", "processes/P2/production", ("production: 800 t", 'production: "-8 t"')),
    # units: amounts of fuel are no energy, heat is no electricity, and what nobody has for a tonne is unlikely
    Case("amount-in-TJ", "cbam-input.amount-is-energy", "source_streams/S1/amount", ("amount: 100 t,", "amount: 100 TJ,")),
    Case("electricity-in-GJ", "cbam-input.wrong-unit", "processes/P1/electricity/1/consumed", ("500 MWh", "1800 GJ")),
    Case("heat-in-MWh", "cbam-input.wrong-unit", "processes/P1/heat/imported", ("imported: 2 TJ", "imported: 555 MWh")),
    Case("ncv-TJ-for-GJ", "cbam-input.implausible", "source_streams/S1/ncv", ("48 GJ/t", "48 TJ/t"), UNKNOWN),
    Case("ef-GJ-for-TJ", "cbam-input.implausible", "source_streams/S1/ef", ("ef: 56.1 tCO2/TJ, ox", "ef: 56.1 tCO2/GJ, ox"), UNKNOWN),
    Case("kt-meant", "cbam-input.implausible-per-unit", "processes/P2/production", ("production: 800 t", "production: 0.8 t"), UNKNOWN),
    Case("heat-in-GJ-meant", "cbam-input.implausible-per-unit", "processes/P1/production/electric_arc",
         ("imported: 2 TJ", "imported: 2000 TJ"), UNKNOWN),
    Case("no-unit", "typed.needs-unit", "processes/P2/production", ("production: 800 t", "production: 800")),
    # countries: of no name, of no table of its own, and with a table that is not loaded
    Case("country-of-no-name", "cbam-scope.country-unknown", "precursors/B1", ('"72021120", country: CN', '"72021120", country: Narnia')),
    Case("country-without-row", "cbam.default-fallback", "precursors/B1", ('"72021120", country: CN', '"72021120", country: VU'), UNKNOWN),
    Case("country-not-loaded", "cbam-defaults.no-data", "precursors/B1", ('"72021120", country: CN', '"72021120", country: IN')),
    Case("cn-out-of-scope", "cbam-scope.cn-out-of-scope", "products/1", ("73181542", "84099100")),
    Case("cn-of-6", "cbam-scope.cn-short", "products/1", ("73181542", "731815"), REFUSED, "73181542"),
    Case("cn-of-10", "cbam-scope.cn-taric", "products/1", ("73181542", "7318154290"), UNKNOWN),
    Case("cn-of-words", "cbam-scope.cn-malformed", "products/1", ("73181542", "bolts")),
    Case("route-absent", "cbam-scope.route-unknown", "processes/P2/production/blast_furnace", ("production: 800 t", "production: {blast_furnace: 800 t}")),
    Case("category-absent", "cbam.process-category", "processes/P1", ("category: crude_steel", "category: cheese")),
    Case("decimal-comma", "cbam-input.locale-number", "source_streams/S1/amount", ("amount: 100 t,", 'amount: "1.234,5 t",')),
    Case("thousands", "cbam-input.locale-number", "source_streams/S1/amount", ("amount: 100 t,", 'amount: "1,234 t",')),
    Case("huge", "typed.not-a-number", "source_streams/S1/amount", ("amount: 100 t,", "amount: 1e300 t,")),
]


def changed(pairs: Any) -> str:
    text = SOUND
    for old, new in pairs if isinstance(pairs[0], tuple) else (pairs,):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@pytest.mark.parametrize("case", YAML, ids=lambda c: c.name)
def test_our_own_yaml(tmp_path: Path, case: Case) -> None:
    file = tmp_path / "input.yaml"
    file.write_text(changed(case.change), encoding="utf-8")
    judge(case, file)


def test_a_code_of_ten_digits_is_read_as_its_first_eight(tmp_path: Path) -> None:
    found = []
    for cn in ("7318154290", "73181542"):
        file = tmp_path / "input.yaml"
        file.write_text(changed(("73181542", cn)), encoding="utf-8")
        found.append(json.loads(run("compute", file, "--json").stdout))
    assert found[0]["products"] == found[1]["products"]
    assert {p["cn_code"] for p in found[0]["products"]} == {"73181542"}
    assert [p["severity"] for p in found[0]["problems"] if p["code"] == "cbam-scope.cn-taric"] == ["note"]


def test_what_is_refused_gives_no_figure(tmp_path: Path) -> None:
    """A mistake takes away the figures it touches; it never makes them zero."""
    file = tmp_path / "input.yaml"
    file.write_text(changed(("production: 800 t", "production: 0 t")), encoding="utf-8")
    bolts = json.loads(run("compute", file, "--json").stdout)["processes"][1]
    assert [bolts["see_direct"], bolts["see_indirect"], bolts["embedded_electricity"]] == [None, None, None]


# --- our own workbook ------------------------------------------------------------------------------------------------

XLSX = [
    Case("bubble-twice", "cbam.bubble-counts-twice", "Production processes!A4", {"Production processes!D4": "crude_steel"}),
    Case("used-more-than-bought", "cbam.more-used-than-bought", "Bought precursors!A3", {"Used in!C3": 12}),
    Case("oxidation-120", "cbam-input.share-bounds", "Source streams!J3", {"Source streams!J3": "120 %"}),
    Case("oxidation-bare", "cbam-input.share-over-one", "Source streams!J3", {"Source streams!J3": 99.5}),
    Case("production-zero", "cbam.production-zero", "Production processes!A4", {"Production!C4": 0}),
    Case("kt-meant", "cbam-input.implausible-per-unit", "Production!C4", {"Production!C4": 0.8}, UNKNOWN),
    Case("amount-in-TJ", "cbam-input.amount-is-energy", "Source streams!D3", {"Source streams!E3": "TJ"}),
    Case("electricity-in-GJ", "cbam-input.wrong-unit", "Electricity!B3", {"Electricity!B3": "1800 GJ"}),
    Case("country-of-no-name", "cbam-scope.country-unknown", "Bought precursors!A3", {"Bought precursors!E3": "Narnia"}),
    Case("country-not-loaded", "cbam-defaults.no-data", "Bought precursors!A3", {"Bought precursors!E3": "IN"}),
    Case("cn-out-of-scope", "cbam-scope.cn-out-of-scope", "Products!A3", {"Products!B3": "84099100"}),
    Case("cn-of-6", "cbam-scope.cn-short", "Products!A3", {"Products!B3": "731815"}, REFUSED, "73181542"),
    Case("cn-of-10", "cbam-scope.cn-taric", "Products!A3", {"Products!B3": 7318154290}, UNKNOWN),
    Case("route-absent", "cbam-scope.route-unknown", "Production!C4", {"Production!B4": "blast_furnace"}),
    Case("decimal-comma", "cbam-input.locale-number", "Source streams!D3", {"Source streams!D3": "1.234,5"}),
]


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return workbook_of(parse_installation(SOUND.encode(), "input.yaml"), "en")


@pytest.mark.parametrize("case", XLSX, ids=lambda c: c.name)
def test_our_own_workbook(tmp_path: Path, workbook: bytes, case: Case) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for cell, value in case.change.items():
        sheet, _, name = cell.partition("!")
        book[sheet][name] = value
    file = tmp_path / "input.xlsx"
    book.save(file)
    judge(case, file)


# --- a filled workbook of the Commission -----------------------------------------------------------------------------

A, B, D, E, S = "A_InstData", "B_EmInst", "D_Processes", "E_PurchPrec", "Summary_Products"
#: Cells of the example of a maker of screws and nuts, and of an aluminium maker (marked so).
COMMISSION = [
    Case("aluminium bubble-twice", "cbam.bubble-counts-twice", f"{A}!E84", {(A, "F84"): "Unwrought aluminium"}),
    Case("aluminium bubble-cycle", "cbam.bubble-counts-twice", f"{A}!E83",
         {(A, "F83"): "Aluminium products", (A, "F84"): "Unwrought aluminium", (D, "L97"): 5}),
    Case("used-more-than-bought", "cbam.more-used-than-bought", f"{A}!E102", {(E, "L28"): 25000}),
    Case("oxidation-120", "cbam-template.share-out-of-range", f"{B}!N17", {(B, "N17"): 120}),
    Case("production-zero", "cbam.production-zero", f"{A}!E83", {(D, "L16"): 0}),
    Case("kt-for-t", "cbam-template.unlikely", f"{D}!L54", {(D, "L16"): 17}),
    Case("ncv-in-MJ", "cbam-template.unlikely", f"{B}!H17", {(B, "H17"): 48000}, DONE),
    Case("ef-per-GJ", "cbam-template.unlikely", f"{B}!J17", {(B, "J17"): 0.0561}, DONE),
    Case("country-of-no-name", "cbam-template.country-unknown", f"{A}!I26", {(A, "I26"): "Atlantis"}, DONE),
    Case("cn-out-of-scope", "cbam-scope.cn-out-of-scope", f"{S}!F10", {(S, "F10"): "84099100"}),
    Case("cn-of-6", "cbam-scope.cn-short", f"{S}!F10", {(S, "F10"): "731815"}, REFUSED, "73181542"),
    Case("cn-of-10", "cbam-scope.cn-taric", f"{S}!F10", {(S, "F10"): "7318154290"}, DONE),
    Case("route-absent", "cbam-template.route-row-absent", f"{D}!L17", {(D, "L17"): 5}),
    Case("decimal-comma", "cbam-template.ambiguous-number", f"{D}!L16", {(D, "L16"): "17.000,5"}),
]


@pytest.fixture(scope="module")
def filled(shared_data: Path) -> dict[str, bytes]:
    """The Commission's examples without the cells of sheets that hold no entries: quick to read."""
    folder = shared_data / "cbam" / "examples"
    return {name: lean((folder / f"ec_example_{name}.xlsx").read_bytes()) for name in ("screws_nuts", "aluminium")}


@pytest.mark.parametrize("case", COMMISSION, ids=lambda c: c.name)
def test_a_workbook_of_the_commission(tmp_path: Path, filled: dict[str, bytes], case: Case) -> None:
    data = filled["aluminium" if case.name.startswith("aluminium") else "screws_nuts"]
    file = tmp_path / "filled.xlsx"
    file.write_bytes(typed(data, case.change))
    judge(case, file, ("zh",))


def with_macros(data: bytes) -> bytes:
    content = parts(data)
    content["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 macros"
    return zipped(content)


FILES = [
    # macros are never run: their workbook is read with a warning, and never filled
    Case("macros", "cbam-template.macros", "", with_macros, DONE),
    Case("version-1.2", "cbam-template.another-version", "0_Versions!", lambda d: renamed_version(d, "1.2")),
    Case("version-3.0", "cbam-template.another-version", "0_Versions!", lambda d: renamed_version(d, "3.0")),
    Case("version-2.1.9", "cbam-template.version-unknown", "", lambda d: renamed_version(d, "2.1.9"), DONE),
    Case("half-a-file", "zip.damaged", "", lambda d: d[:len(d) // 2]),
]


@pytest.mark.parametrize("case", FILES, ids=lambda c: c.name)
def test_a_workbook_of_the_commission_as_a_file(tmp_path: Path, filled: dict[str, bytes], case: Case) -> None:
    file = tmp_path / "filled.xlsx"
    file.write_bytes(case.change(filled["screws_nuts"]))
    judge(case, file, ("en",))


def test_a_template_with_macros_is_not_filled(tmp_path: Path, shared_data: Path) -> None:
    (blank,) = (shared_data / "cbam" / "template").glob("*.xlsx")
    template, out = tmp_path / "template.xlsx", tmp_path / "out.xlsx"
    template.write_bytes(with_macros(lean(blank.read_bytes())))
    done = run("template", "fill", FASTENERS, "--template", template, "--out", out, "--json")
    assert [p["code"] for p in told(done)] == ["cbam-template.macros-refused"]
    assert (done.exit_code, out.exists()) == (REFUSED, False)


# --- files that are no input -----------------------------------------------------------------------------------------

def sparse(start: bytes) -> Callable[[Path], None]:
    """A file of 200 MB that takes no room on the disk."""
    def write(path: Path) -> None:
        with path.open("wb") as stream:
            stream.write(start)
            stream.truncate(200_000_000)

    return write


def other_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "shopping list"  # type: ignore[index]  # a new workbook has a sheet
    book.save(path)


def inflating(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", b" " * 300_000_000)


#: File → how it is made; the commands that are given it, and the code of each.
NO_INPUT: dict[str, Callable[[Path], Any]] = {
    "empty.yaml": lambda p: p.write_bytes(b""),
    "garbage.yaml": lambda p: p.write_bytes(bytes(range(256)) * 20),
    "garbage.xlsx": lambda p: p.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20),
    "old.xls": lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)),
    "other.yaml": lambda p: p.write_text("format: zerofactory/dossier/1\nid: x\n"),
    "list.yaml": lambda p: p.write_text("- a\n- b\n"),
    "null.json": lambda p: p.write_text("null"),
    "cut.json": lambda p: p.write_text('{"format":'),
    "gbk.yaml": lambda p: p.write_bytes(SOUND.replace("bolts", "螺栓").encode("gbk")),
    "utf16.yaml": lambda p: p.write_bytes(SOUND.encode("utf-16")),
    "entities.xml": lambda p: p.write_text('<!DOCTYPE a [<!ENTITY b "c">]><QReport>&b;</QReport>'),
    "list.xlsx": other_workbook,
    "200MB.yaml": sparse(b"format: zerofactory/cbam-input/1\n"),
    "200MB.xlsx": sparse(b"PK\x03\x04"),
    "200MB.xml": sparse(b"<QReport>"),
}
OUT = "OUT"
COMMANDS: dict[str, list[object]] = {
    "compute": ["compute", "FILE", "--out", f"{OUT}.json", "--proof", f"{OUT}2.json"],
    "new": ["new", "--from", "FILE", "--out", f"{OUT}.yaml"],
    "audit": ["audit", "FILE"],
    "template-check": ["template", "check", "FILE"],
    "template-fill": ["template", "fill", FASTENERS, "--template", "FILE", "--out", f"{OUT}.xlsx"],
    "import-defaults": ["import-defaults", "FILE", "--out", OUT],
    "obligation": ["obligation", "FILE", "--out", f"{OUT}.json"],
    "qreport": ["qreport", "FILE", "--check"],
    "report": ["report", "FILE", "--kind", "emissions", "--out", f"{OUT}.html"],
    "report-plan": ["report", FASTENERS, "--kind", "plan", "--plan", "FILE", "--out", f"{OUT}.html"],
    "report-read": ["report", FASTENERS, "--kind", "verification", "--read", "FILE", "--out", f"{OUT}.html"],
    "plan-new": ["plan", "new", "FILE", "--out", f"{OUT}.yaml"],
    "plan-compare": ["plan", "compare", "FILE", "FILE"],
    "request": ["request", "FILE", "--out", OUT],
    "request-reply": ["request", "--reply", "FILE", "--into", FASTENERS, "--out", f"{OUT}.yaml"],
    "prefill": ["prefill", "FILE", "--out", f"{OUT}.yaml"],
    "disclosed": ["disclosed", "FILE", "--verify"],
}


@pytest.mark.parametrize("name", NO_INPUT)
def test_a_file_that_is_no_input(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    NO_INPUT[name](file)
    for command, words in COMMANDS.items():
        given = [file if w == "FILE" else tmp_path / str(w) if str(w).startswith(OUT) else w for w in words]
        done = run(*given, "--json")
        problems = told(done)
        assert done.exit_code == REFUSED, (command, problems)
        assert any(p["severity"] == "error" for p in problems), command
        assert [p.name for p in tmp_path.iterdir()] == [name], command
        assert all(render_problem(Problem(p["code"], args=p.get("args", {})), lang) for p in problems for lang in LANGUAGES)


@pytest.mark.parametrize(("command", "code"), [
    ("compute", "text.too-large"), ("audit", "cbam-template.too-large"), ("template-check", "cbam-template.too-large"),
    ("import-defaults", "cbam-defaults.file-too-large"), ("request-reply", "text.too-large")])
def test_two_hundred_megabytes_are_refused_by_their_size(tmp_path: Path, command: str, code: str) -> None:
    file = tmp_path / "200MB.xlsx"
    sparse(b"PK\x03\x04")(file)
    words = [file if w == "FILE" else tmp_path / str(w) if str(w).startswith(OUT) else w for w in COMMANDS[command]]
    assert code in {p["code"] for p in told(run(*words, "--json"))}


def test_a_small_file_that_inflates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    inflating(file)
    for command in ("compute", "audit", "import-defaults"):
        words = [file if w == "FILE" else tmp_path / str(w) if str(w).startswith(OUT) else w for w in COMMANDS[command]]
        done = run(*words, "--json")
        assert (done.exit_code, bool(told(done))) == (REFUSED, True), command


# --- command lines and outputs ---------------------------------------------------------------------------------------

WRONG_LINES = [
    [], ["nothing"], ["compute"], ["compute", "missing.yaml"], ["compute", "."], ["compute", str(FASTENERS), "--bogus"],
    ["compute", str(FASTENERS), "--basis", "other"], ["compute", str(FASTENERS), "--import-year", "9999"], ["new"],
    ["new", "--sector", "cheese", "--out", "x.yaml"], ["audit"], ["template"], ["template", "fill"], ["template", "fill", str(FASTENERS)],
    ["import-defaults"], ["qreport"], ["obligation"], ["obligation", "--cn", "72083600"], ["report"], ["report", str(FASTENERS)],
    ["report", str(FASTENERS), "--kind", "emissions", "--out", "x.docx"], ["plan"], ["plan", "new"], ["prefill"], ["request"], ["scope"],
    ["disclosed"], ["disclosed", "x", "--add"], ["scope", "73181542", "--year", "1999"],
]


@pytest.mark.parametrize("words", WRONG_LINES, ids=" ".join)
def test_a_wrong_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    if words and words[-1] not in ("template", "plan"):
        done = run(*words, "--json")
        assert done.exit_code == USAGE, done.output
        assert json.loads(done.stdout)["exit_code"] == USAGE
    for lang in ("zh", "en"):
        done = run(*words, *(["--lang", lang] if words and words[-1] not in ("template", "plan") else []), lang=lang)
        assert done.exit_code == USAGE
        check_words(done, lang, None)
        assert lang == "zh" or not any("\u4e00" <= c <= "\u9fff" for c in done.output)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("words", "code"), [
    (["compute", "IN", "--out", "IN"], "cbam-input.out-is-input"),
    (["compute", "IN", "--proof", "IN"], "cbam-input.out-is-input"),
    (["compute", "IN", "--out", "a.json", "--proof", "a.json"], "cbam-input.out-twice"),
    (["compute", "IN", "--out", "a.txt", "--proof", "b.json"], "cbam-input.out-suffix"),
    (["new", "--from", "IN", "--out", "IN", "--force"], "cbam-input.out-is-input"),
    (["new", "--sector", "steel", "--out", "IN"], "file.exists"),
    (["plan", "new", "IN", "--out", "IN"], "cbam-input.out-is-input"),
    (["report", "IN", "--kind", "plan", "--out", "IN"], "cbam-input.out-is-input"),
    (["request", "IN", "--supplier", "B2", "--out", "IN"], ""),
    (["compute", "IN", "--out", "no/folder/a.json"], "file.not-there"),
    (["plan", "new", "IN", "--out", "no/folder/a.yaml"], "file.not-there"),
    (["report", "IN", "--kind", "emissions", "--out", "no/folder/a.html"], "file.not-there"),
    (["new", "--sector", "steel", "--out", "no/folder/a.yaml"], "file.not-there"),
    (["obligation", "--cn", "72083600", "--country", "CN", "--mass", "9", "--year", "2026", "--out", "no/folder/a.json"], "file.not-there"),
], ids=lambda v: v if isinstance(v, str) else " ".join(v))
def test_an_output_that_cannot_be_written_or_would_lose_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str],
                                                                 code: str) -> None:
    monkeypatch.chdir(tmp_path)
    source, hours = tmp_path / "input.yaml", tmp_path / "ppa-2026-12.csv"
    for file, origin in ((source, FASTENERS), (hours, FASTENERS.parent / hours.name)):
        file.write_bytes(origin.read_bytes())
    given = ["input.yaml" if w == "IN" else w for w in words]
    done = run(*given, "--json")
    assert done.exit_code == REFUSED, done.output
    assert code in {p["code"] for p in told(done)} | {""}
    for lang in ("zh", "en"):
        check_words(run(*given, "--lang", lang, lang=lang), lang, code or None)
    assert sorted(os.listdir(tmp_path)) == ["input.yaml", "ppa-2026-12.csv"]
    assert source.read_bytes() == FASTENERS.read_bytes()


def test_filling_never_replaces_the_official_template(tmp_path: Path, shared_data: Path) -> None:
    official = tmp_path / "official.xlsx"
    official.write_bytes(next((shared_data / "cbam/template").glob("*.xlsx")).read_bytes())
    before = official.read_bytes()
    found = run("template", "fill", ROOT / "examples/cbam/aluminium/input.yaml", "--template", official, "--out", official)
    assert found.exit_code == 3
    assert "cbam-input.out-is-input" in found.stderr
    assert official.read_bytes() == before
