"""Requests to suppliers: nothing of the buyer's amounts gets out; replies: all problems at once, the precursor filled."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.exchange.dossiers import GOLDEN, fasteners, figures, works_manager

from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.exchange.commands import request as command
from zerofactory_mappings.cbam.exchange.letter import letter
from zerofactory_mappings.cbam.exchange.pack import pack, to_ask
from zerofactory_mappings.cbam.exchange.prefill import prefill
from zerofactory_mappings.cbam.exchange.reply import fill
from zerofactory_mappings.cbam.exchange.request import fields, form_xlsx, form_yaml, requests
from zerofactory_mappings.cbam.input.write import installation_yaml
from zerofactory_mappings.cbam.model import (
    Basis,
    CarbonPrice,
    Given,
    Installation,
    Origin,
    Precursor,
    RouteAmount,
    ValueSource,
)
from zerofactory_mappings.cbam.read import parse_installation

EXAMPLE = Path(__file__).parents[4] / "standards/schemas/examples/cbam-request.yaml"


def buyer() -> Installation:
    """The fastener maker's input, with what a buyer would never show."""
    made = prefill(fasteners(), answers=works_manager()).installation
    (rod,) = made.precursors
    price = CarbonPrice(price=Given(Decimal("4711.25"), "CNY/tCO2e"), currency="CNY")
    return replace(made, precursors=(replace(rod, id="W1", carbon_price=price, other_use=Given(Decimal("77.125"), "t")),))


def reply_tree() -> dict[str, Any]:
    """The example reply, made one to the buyer's own request."""
    tree: dict[str, Any] = yaml.load(EXAMPLE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    tree["request"] = requests(buyer(), ["W1"])[0].as_json()
    return tree


def as_yaml(tree: dict[str, Any]) -> bytes:
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode()


def codes(tree: dict[str, Any] | bytes, into: Installation | None = None) -> list[str]:
    with pytest.raises(ProblemsError) as caught:
        fill(into or buyer(), tree if isinstance(tree, bytes) else as_yaml(tree), "reply.yaml")
    assert all(render_problem(p, language) for p in caught.value.problems for language in ("zh", "en"))
    return [p.code.removeprefix("cbam-exchange.") for p in caught.value.problems]


# --- what goes out ---------------------------------------------------------------------------------------------------

def text_of(name: str, data: bytes) -> str:
    """Everything that a file shows or holds, workbooks unpacked."""
    if not name.endswith(".xlsx"):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "\n".join(book.read(n).decode() for n in book.namelist())


def test_a_pack_has_letters_and_forms_for_every_precursor() -> None:
    files = pack(buyer(), ["W1"], date(2027, 2, 28))
    assert list(files) == ["W1-letter-zh.html", "W1-letter-en.html", "W1-form.xlsx", "W1-form.yaml"]
    assert files == pack(buyer(), ["W1"], date(2027, 2, 28))
    assert "2027-02-28" in text_of("x.html", files["W1-letter-zh.html"])


def test_no_amount_or_price_of_the_buyer_is_in_any_file() -> None:
    installation = buyer()
    amounts = {plain(g.value) for g in figures(installation)} - {"1"}
    assert {"13650", "4711.25", "77.125", "13210", "458.3"} <= amounts
    for name, data in pack(installation, ["W1"], date(2027, 2, 28)).items():
        found = {n for n in re.findall(r"\d+(?:\.\d+)?", text_of(name, data)) if n in amounts}
        assert found == set(), name


@settings(max_examples=60, deadline=None)
@given(st.decimals("10000.001", "99999.999", places=3), st.decimals("100000.001", "999999.999", places=3))
def test_whatever_was_bought_the_pack_is_the_same(bought: Decimal, used: Decimal) -> None:
    def with_amounts(one: Decimal, other: Decimal) -> Installation:
        precursor = Precursor("W1", "rod", "iron_or_steel_products", "72139149", "CN", bought=(RouteAmount("all", Given(one, "t")),),
                              used_in={"P": Given(other, "t")}, other_use=Given(other, "t"))
        return Installation(Origin.OWN, "Works", "CN", date(2026, 1, 1), date(2026, 12, 31), precursors=(precursor,))

    assert pack(with_amounts(bought, used), ["W1"]) == pack(with_amounts(Decimal(1), Decimal(2)), ["W1"])


@pytest.mark.parametrize(("cn", "unit", "indirect", "content"), [
    ("72139149", "t", False, False), ("25231000", "tClinker", True, True), ("31021019", "kgN", True, True), ("26011200", "t", True, False),
    ("76011010", "t", False, False), ("28041000", "t", False, False), ("25233000", "t", True, False)])
def test_what_is_asked_depends_on_the_good(cn: str, unit: str, indirect: bool, content: bool) -> None:
    installation = replace(buyer(), precursors=(replace(buyer().precursors[0], cn=cn),))
    (asked,) = requests(installation, ["W1"])
    keys = {f.key for f in fields(asked)}
    assert (asked.unit, asked.indirect, "indirect" in keys, "content" in keys) == (unit, indirect, indirect, content)
    assert next(f.unit for f in fields(asked) if f.key == "direct") == f"tCO2e/{unit}"
    shown = letter(asked, "en").decode()
    assert ("indirect emissions in" in shown) is indirect


def test_names_of_others_cannot_break_the_letter() -> None:
    nasty = replace(buyer(), name="<script>alert(1)</script>", details={},
                    precursors=(replace(buyer().precursors[0], name='=1+1"><b>&'),))
    (asked,) = requests(nasty, ["W1"])
    shown = letter(asked, "en").decode()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in shown
    assert "http" not in re.sub(r"<style>.*?</style>", "", shown)
    assert yaml.safe_load(form_yaml(asked))["request"]["name"] == '=1+1"><b>&'
    sheet = openpyxl.load_workbook(io.BytesIO(form_xlsx(asked))).active
    assert sheet is not None
    assert [c.value for c in sheet["D"] if c.value == '=1+1"><b>&'] != []
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)


@pytest.mark.parametrize(("change", "code"), [
    (lambda i: replace(i, precursors=(replace(i.precursors[0], cn=None),)), "cbam-exchange.request-cn"),
    (lambda i: replace(i, precursors=(replace(i.precursors[0], cn="7213"),)), "cbam-scope.cn-short"),
    (lambda i: replace(i, period_end=None), "cbam-exchange.request-period"),
    (lambda i: replace(i, precursors=()), "cbam-exchange.request-unknown"),
])
def test_what_cannot_be_asked(change: Callable[[Installation], Installation], code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        requests(change(buyer()), ["W1"])
    assert [p.code for p in caught.value.problems] == [code]


def test_an_empty_form_reads_as_no_reply() -> None:
    (asked,) = requests(buyer(), ["W1"])
    assert codes(form_yaml(asked)) == ["reply-empty"]
    assert codes(form_xlsx(asked)) == ["reply-empty"]


# --- what comes back -------------------------------------------------------------------------------------------------

def test_a_reply_fills_the_precursor_and_the_calculation_uses_it() -> None:
    filled = fill(buyer(), as_yaml(reply_tree()), "reply.yaml")
    assert filled.problems == ()
    (rod,) = filled.installation.precursors
    assert rod.direct is not None
    assert (rod.direct.value, rod.direct.unit, rod.direct.documents) == (Decimal("2.014"), "tCO2e/t", ("reply-W1",))
    assert (rod.installation, rod.direct_source, rod.electricity_code) == ("O3CI-EXAMPLE-0002", ValueSource.MEASURED, "D.4(a)")
    assert rod.sefa is not None
    assert rod.sefa.value == Decimal("1.31")
    assert rod.report is not None
    assert rod.report.accreditation_scope == ("72", "iron_or_steel_products")
    assert [r.amount.value for r in rod.bought] == [Decimal(13650)]                  # the buyer's own amount stays
    details = filled.installation.details
    assert details["reply.W1.default_share"] == "0.04"
    assert details["document.reply-W1.sha256"].startswith("sha256:")
    read = parse_installation(installation_yaml(filled.installation), "new.yaml")
    used = compute(read, Basis.DEFINITIVE).precursors[0]
    assert used.source == "measured"


def test_a_settled_item_is_not_open_any_more() -> None:
    before = prefill(fasteners(), answers=works_manager()).installation
    assert "open.missing.precursor-report.purchased.W1" in before.details
    tree = reply_tree()
    tree["request"] = requests(before, ["purchased.W1"])[0].as_json()
    after = fill(before, as_yaml(tree), "reply.yaml").installation
    assert "open.missing.precursor-report.purchased.W1" not in after.details
    assert len([k for k in before.details if k.startswith("open.")]) - 1 == len([k for k in after.details if k.startswith("open.")])


@pytest.mark.parametrize(("path", "value", "expected"), [
    ("reply.cn", "72142000", ["reply-cn"]),
    ("reply.cn", "7213", ["reply-cn"]),
    ("reply.cn", None, ["reply-lacks"]),
    ("reply.period_start", "2026-02-01", ["reply-period"]),
    ("reply.period_end", "2026-11-30", ["reply-period"]),
    ("reply.period_end", None, ["reply-lacks"]),
    ("reply.country", "Atlantis", ["reply-country"]),
    ("reply.direct", None, ["reply-lacks"]),
    ("reply.direct", "2.014 tCO2e", ["reply-unit"]),
    ("reply.direct", "2.014 tCO2e/kgN", ["reply-unit"]),
    ("reply.direct", "-2.014 tCO2e/t", ["reply-negative"]),
    ("reply.direct", "2,014 tCO2e/t", ["typed.needs-unit"]),
    ("reply.direct", "two", ["typed.needs-unit"]),
    ("reply.direct", "2.014", ["typed.needs-unit"]),
    ("reply.electricity", "0.41 tCO2e/t", ["reply-unit"]),
    ("reply.routes", {"blast_furnace": "100 %"}, ["reply-route"]),
    ("reply.routes", {"all": "90 %"}, ["reply-routes-sum"]),
    ("reply.routes", {"all": "130 %"}, ["reply-share", "reply-routes-sum"]),
    ("reply.default_share", "104 %", ["reply-share"]),
    ("reply.carbon_price.covered", "104 %", ["reply-share"]),
    ("reply.carbon_price.currency", None, ["reply-lacks"]),
    ("reply.report.verifier", None, ["reply-lacks"]),
    ("reply.report.issued", "10.02.2027", ["typed.not-a-date"]),
    ("reply.report.reasonable_assurance", "perhaps", ["typed.not-yes-or-no"]),
    ("reply.electricity_source", "certificates", ["typed.not-in-list"]),
    ("reply.quantity", "13650 t", ["typed.unknown-key"]),
    ("request.id", "0123456789abcdef", ["reply-other"]),
    ("request.precursor", "W9", ["reply-precursor"]),
    ("request.cn", "72142000", ["reply-other"]),
    ("reply", None, ["reply-empty"]),
    ("format", "zerofactory/cbam-request/2", ["typed.not-in-list-near"]),
])
def test_replies_that_are_refused(path: str, value: Any, expected: list[str]) -> None:
    tree = reply_tree()
    *way, last = path.split(".")
    at = tree
    for step in way:
        at = at[step]
    if value is None:
        at.pop(last)
    else:
        at[last] = value
    if path == "request.cn":
        assert fill(buyer(), as_yaml(tree), "r.yaml").problems == ()      # what counts is the buyer's own request, whose id fits
        return
    assert codes(tree) == expected


def test_all_problems_of_a_reply_come_at_once() -> None:
    tree = reply_tree()
    tree["reply"] |= {"cn": "72142000", "period_end": "2026-06-30", "direct": "3 kg", "country": "Atlantis", "routes": {"all": "50 %"}}
    assert sorted(codes(tree)) == sorted(["reply-cn", "reply-period", "reply-unit", "reply-country", "reply-routes-sum"])


@pytest.mark.parametrize(("field", "value", "misfit"), [
    ("accreditation_number", None, "accreditation_number"), ("accreditation_scope", None, "accreditation_scope"),
    ("accreditation_scope", ["76"], "accreditation_scope"), ("accreditation_valid_to", "2026-06-30", "accreditation_valid_to"),
    ("installation", "O3CI-EXAMPLE-0009", "installation"), ("cn_codes", ["72142000"], "cn_codes"),
    ("period_end", "2026-06-30", "period"), ("reasonable_assurance", "no", "reasonable_assurance"), ("document", None, "document"),
    ("*", None, "report"),
])
def test_a_report_that_does_not_fit_is_written_and_told_and_the_default_counts(field: str, value: Any, misfit: str) -> None:
    tree = reply_tree()
    if field == "*":
        tree["reply"].pop("report")
    elif value is None:
        tree["reply"]["report"].pop(field)
    else:
        tree["reply"]["report"][field] = value
    filled = fill(buyer(), as_yaml(tree), "reply.yaml")
    assert [(p.code, p.severity.value, p.found) for p in filled.problems] == [("cbam-exchange.reply-report", "warning", misfit)]
    read = parse_installation(installation_yaml(filled.installation), "new.yaml")
    assert compute(read, Basis.DEFINITIVE).precursors[0].source == "default"


def test_units_of_the_same_dimension_are_converted() -> None:
    tree = reply_tree()
    tree["reply"]["direct"] = "2014 kgCO2e/t"
    tree["reply"]["electricity"] = "410 kWh/t"
    (rod,) = fill(buyer(), as_yaml(tree), "reply.yaml").installation.precursors
    assert rod.direct is not None
    assert rod.electricity is not None
    assert (rod.direct.value, rod.electricity.value) == (Decimal("2.014"), Decimal("0.41"))


def test_another_country_is_told_and_taken() -> None:
    tree = reply_tree()
    tree["reply"]["country"] = "Viet Nam"
    filled = fill(buyer(), as_yaml(tree), "reply.yaml")
    assert filled.installation.precursors[0].country == "VN"
    assert [p.code for p in filled.problems] == ["cbam-exchange.reply-country-differs"]


# --- the workbook ----------------------------------------------------------------------------------------------------

def workbook(values: dict[str, Any]) -> bytes:
    """The form with values typed into column D, as a person would."""
    (asked,) = requests(buyer(), ["W1"])
    book = openpyxl.load_workbook(io.BytesIO(form_xlsx(asked)))
    sheet = book["form"]
    rows = {str(c.value): c.row for c in sheet["A"]}
    for key, value in values.items():
        sheet.cell(rows[key], 4).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


FILLED = {
    "reply.supplier": "Example Steel", "reply.installation": "Example Steel, works 2", "reply.registry_id": "O3CI-EXAMPLE-0002", "reply.country": "CN",
    "reply.cn": 72139149, "reply.period_start": "2026-01-01", "reply.period_end": "2026-12-31", "reply.direct": 2.014, "reply.electricity": "0.41",
    "reply.electricity_ef": "605 kgCO2/MWh", "reply.report.id": "VR-2026-117", "reply.report.verifier": "Example Verification GmbH",
    "reply.report.accreditation_number": "D-EX-0001", "reply.report.accreditation_scope": "72; iron_or_steel_products",
    "reply.report.accreditation_valid_to": "2028-06-30", "reply.report.installation": "O3CI-EXAMPLE-0002", "reply.report.cn_codes": "72139149；72139141",
    "reply.report.period_start": "2026-01-01", "reply.report.period_end": "2026-12-31", "reply.report.reasonable_assurance": "yes",
    "reply.report.issued": "2027-02-10", "reply.report.document": "VR-2026-117.pdf", "reply.routes.all": "100 %"}


def test_the_workbook_reads_like_the_form() -> None:
    filled = fill(buyer(), workbook(FILLED), "form.xlsx")
    assert filled.problems == ()
    (rod,) = filled.installation.precursors
    assert rod.direct is not None
    assert rod.electricity is not None
    assert rod.electricity_ef is not None
    assert (rod.direct.value, rod.electricity.value, rod.electricity_ef.value) == (Decimal("2.014"), Decimal("0.41"), Decimal("0.605"))
    assert rod.report is not None
    assert (rod.report.cn_codes, rod.report.reasonable_assurance) == (("72139149", "72139141"), True)


def test_every_row_of_the_workbook_is_named_in_both_languages() -> None:
    (asked,) = requests(buyer(), ["W1"], date(2027, 2, 28))
    sheet = openpyxl.load_workbook(io.BytesIO(form_xlsx(asked)))["form"]
    rows = [[str(c.value or "") for c in row] for row in sheet.iter_rows(min_row=3)]
    assert [r[0] for r in rows if not r[1] or not r[2]] == []
    assert [r[0] for r in rows if r[0].startswith("reply.") and r[3]] == []


def test_days_and_truth_that_a_workbook_made_of_the_text() -> None:
    from datetime import datetime

    values = {**FILLED, "reply.period_start": datetime(2026, 1, 1), "reply.report.reasonable_assurance": True}  # noqa: DTZ001 - cells have no zone
    (rod,) = fill(buyer(), workbook(values), "form.xlsx").installation.precursors
    assert rod.period_start == date(2026, 1, 1)
    assert rod.report is not None
    assert rod.report.reasonable_assurance is True


@pytest.mark.parametrize(("data", "expected"), [
    (b"PK\x03\x04 nothing", ["zip.damaged"]), (b"", ["yaml.empty"]), (b"\xff\xfe", ["text.not-utf8"]), (b"[1, 2]", ["typed.wrong-shape"]),
    (b"a: &x [*x]\n", ["yaml.alias-loop"]),
])
def test_files_that_are_no_reply(data: bytes, expected: list[str]) -> None:
    assert codes(data) == expected


def test_a_formula_in_the_form_is_refused() -> None:
    assert codes(workbook({**FILLED, "reply.direct": "=1+1"})) == ["reply-cell"]


def test_a_workbook_that_is_no_form_is_refused() -> None:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.save(stream)
    assert codes(stream.getvalue()) == ["reply-sheet"]


# --- the command -----------------------------------------------------------------------------------------------------

def run(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, [str(a) for a in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_command_writes_a_pack_and_reads_a_reply_back(tmp_path: Path) -> None:
    given_input = tmp_path / "in.yaml"
    given_input.write_bytes(installation_yaml(buyer()))
    code, shown, _ = run(given_input, "--supplier", "W1", "--out", tmp_path / "pack", "--deadline", "2027-02-28", "--json")
    assert code == 0
    assert [Path(p).name for p in json.loads(shown)["written"]] == ["W1-letter-zh.html", "W1-letter-en.html", "W1-form.xlsx", "W1-form.yaml"]
    (tmp_path / "reply.yaml").write_bytes(as_yaml(reply_tree()))
    code, shown, told = run("--reply", tmp_path / "reply.yaml", "--into", given_input, "--out", tmp_path / "new.yaml", "--lang", "en")
    assert (code, told) == (0, "")
    assert "W1" in shown
    assert parse_installation((tmp_path / "new.yaml").read_bytes(), "new.yaml").precursors[0].direct is not None


def test_command_without_a_supplier_asks_about_all(tmp_path: Path) -> None:
    given_input = tmp_path / "in.yaml"
    given_input.write_bytes((GOLDEN / "fasteners-answered.yaml").read_bytes())
    code, _, _ = run(given_input, "--out", tmp_path / "pack", "--lang", "zh")
    assert code == 0
    assert len(list((tmp_path / "pack").iterdir())) == 4


def test_what_was_made_in_the_eu_or_an_exempt_country_is_not_asked_about_unless_named(tmp_path: Path) -> None:
    (rod,) = buyer().precursors
    made = [replace(rod, id=f"W{n}", country=country) for n, country in enumerate(("CN", "DE", "CH", None), 1)]
    installation = replace(buyer(), precursors=tuple(made))
    assert to_ask(installation) == ("W1", "W4")
    assert len(pack(installation, ["W2"])) == 4


def test_command_refuses_and_writes_nothing(tmp_path: Path) -> None:
    given_input, out = tmp_path / "in.yaml", tmp_path / "new.yaml"
    given_input.write_bytes(installation_yaml(buyer()))
    tree = reply_tree()
    tree["reply"]["cn"] = "72142000"
    (tmp_path / "reply.yaml").write_bytes(as_yaml(tree))
    code, _, told = run("--reply", tmp_path / "reply.yaml", "--into", given_input, "--out", out, "--lang", "zh")
    assert code == 3
    assert "CN 编码" in told
    assert not out.exists()
    code, shown, _ = run(given_input, "--supplier", "W7", "--out", tmp_path / "pack", "--json")
    assert code == 3
    assert json.loads(shown)["problems"][0]["code"] == "cbam-exchange.request-unknown"
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("args", [[], ["--reply", "x"], ["--into", "x"], ["in.yaml", "--reply", "x", "--into", "y"]])
def test_command_says_what_it_needs(args: list[str], tmp_path: Path) -> None:
    assert run(*args, "--out", tmp_path / "o")[0] == 2
