"""Every form of the desk with wrong input: 422, the form filled in as it was sent, and words that lead to the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from lxml import html
from tests.web.exporter.exporter_pages import Rooms
from tests.web.portal import send, token_of

#: Letters that nobody means, which have to stand in the form again.
KEPT = "蓝 & <b>Blau</b>"
LONG = "x" * 3_000
#: Name → page of the form, address it is sent to (its page where empty), what is sent, what stands in the form again
#: (the name of a field), and the fields or places that the summary leads to.
FORMS: dict[str, tuple[str, str, dict[str, str], str, tuple[str, ...]]] = {
    "new input": ("inputs/new", "", {"name": KEPT, "source": "file"}, "name", ("file",)),
    "new input, nothing in it": ("inputs/new", "", {"name": "", "source": "cement"}, "", ("name",)),
    "new input, name too long": ("inputs/new", "", {"name": LONG, "source": "cement"}, "", ("name",)),
    "version": ("inputs/{input}/version", "", {"note": KEPT}, "note", ("file",)),
    "written input": ("inputs/write", "", {"name": KEPT, "source_streams": "id\tnonsense\nS1\t2"}, "name",
                      ("source_streams",)),
    "written input, nothing in it": ("inputs/write", "", {"name": KEPT}, "name", ("",)),
    "written version": ("inputs/{input}/write", "", {"note": KEPT, "processes": "id\tname\nP1\tx\ttoo\tmany"}, "note",
                        ("processes",)),
    "computing, method": ("versions/{version}", "versions/{version}/compute",
                          {"method": "guess", "import_year": "2027"}, "import_year", ("method",)),
    "computing, year": ("versions/{version}", "versions/{version}/compute",
                        {"method": "transitional", "import_year": KEPT[:18]}, "", ("import_year",)),
    "computing, reading": ("versions/{version}", "versions/{version}/compute",
                           {"method": "definitive", "import_year": "2028", "reading-markup_year": "guess"},
                           "import_year", ("readings",)),
    "file of no kind": ("results/{result}", "results/{result}/files", {"kind": "nothing"}, "", ("kind",)),
    "workbook": ("results/{result}", "results/{result}/files", {"kind": "workbook"}, "", ("template",)),
    "registry's report": ("results/{transitional}/xml", "", {"company": KEPT, "eori": "", "city": "", "year": "2024",
                                                             "quarter": "Q5", "role": "99", "procedure": "",
                                                             "methodology": "?", "electricity_source": "?",
                                                             "tonnes-2": "much"},
                          "company", ("eori", "city", "role", "procedure", "methodology", "electricity_source",
                                      "quarter")),
    "registry's report, masses": ("results/{transitional}/xml", "", {
        "company": KEPT, "eori": "DE1", "city": "x", "year": "2025", "quarter": "Q4", "role": "01", "procedure": "40",
        "methodology": "TOM01", "electricity_source": "SOE02", "tonnes-2": "much"}, "company", ("tonnes-2",)),
    "request": ("requests/new", "", {"company": KEPT, "eori": "?", "contact": "", "email": "nobody", "goods": "1; x",
                                     "year": "then", "quarter": "9", "received": "2999-01-01", "due": "2020-01-01"},
                "company", ("eori", "contact", "email", "goods", "year", "quarter", "received", "due")),
    "request, dates": ("requests/new", "", {"company": KEPT, "received": "yesterday", "due": "soon"}, "company",
                       ("received", "due")),
    "answer": ("requests/{request}/answer/{result}", "", {"note": KEPT}, "note", ("files",)),
    "declining": ("requests/{open}", "requests/{open}/decline", {"reason": " "}, "", ("reason",)),
    "declining, too long": ("requests/{open}", "requests/{open}/decline", {"reason": LONG}, "reason", ("reason",)),
}


@pytest.fixture(scope="module")
def there(rooms: Rooms) -> dict[str, str]:
    """What the forms are about, made through the services."""
    desk = rooms.desk
    version = desk.version("Plant of forms")
    result = desk.result(version)
    desk.file(result)
    seen = rooms.cai.get(f"/en/exporter/versions/{version}?format=json").json
    assert seen is not None
    return {"input": seen["input"]["id"], "version": version, "result": result,
            "transitional": desk.result(version, "transitional"), "request": desk.request(), "open": desk.request()}


def _each(names: Mapping[str, Any]) -> list[Any]:
    """Every name in both languages, of which the quick run takes one in turn."""
    return [pytest.param(name, language, marks=() if (n + m) % 2 else pytest.mark.full)
            for n, name in enumerate(names) for m, language in enumerate(("zh", "en"))]


@pytest.mark.parametrize(("name", "language"), _each(FORMS))
def test_a_form_that_is_wrong_comes_back_as_it_was_sent(rooms: Rooms, there: dict[str, str], name: str,
                                                        language: str) -> None:
    page, to, fields, again, leads = FORMS[name]
    sent = dict(fields)
    if page in ("inputs/new", "requests/new", "inputs/write"):
        sent["organisation"] = rooms.desk.works
    form = f"/{language}/exporter/{page.format(**there)}"
    answer = send(rooms.cai, f"/{language}/exporter/{to.format(**there)}" if to else form, sent, form=form)
    assert answer.status_code == 422, answer.text
    seen: Any = html.fromstring(answer.text)
    (summary,) = seen.xpath("//div[@data-errors]")
    _in_words(summary.text_content(), language)
    targets = [a.get("href").removeprefix("#") for a in summary.xpath(".//a")]
    for target in targets:
        assert seen.xpath("//*[@id=$id]", id=target), f"the summary leads to #{target}, which is not there"
    missing = [x for x in leads if x and x not in targets]
    assert missing == []
    for field in leads:
        assert not field or field == "readings" or seen.xpath(
            "//*[contains(@class, 'wrong')]//*[@id=$id]|//*[@id=$id]", id=field), field
    if again:
        (value,) = seen.xpath("//input[@name=$name]|//textarea[@name=$name]", name=again)
        assert (value.get("value") if value.tag == "input" else value.text_content()).strip() == fields[again].strip()
    for table in ("source_streams", "processes"):
        if table in fields:
            (value,) = seen.xpath("//textarea[@name=$name]", name=table)
            assert value.text_content().strip() == fields[table]
            assert value.xpath("ancestor::details[@open]"), "what is wrong is hidden"


def _in_words(text: str, language: str) -> None:
    assert not re.search(r"\b(exporter|accounts|account|store|site)\.[a-z]", text), text
    assert bool(re.search(r"[\u4e00-\u9fff]", re.sub("蓝", "", text))) == (language == "zh"), text


QUERIES = {"price": "price=much&tonnes=1200", "low": "low=x", "high": "high=-1", "tonnes": "tonnes=nan&price=80",
           "product": "product=77&price=80"}


@pytest.mark.parametrize(("field", "language"), _each(QUERIES))
def test_prices_that_are_none_come_back_as_they_were_asked(rooms: Rooms, there: dict[str, str], field: str,
                                                          language: str) -> None:
    answer = rooms.cai.get(f"/{language}/exporter/results/{there['result']}/cost?{QUERIES[field]}")
    assert answer.status_code == 422
    seen: Any = html.fromstring(answer.text)
    (summary,) = seen.xpath("//div[@data-errors]")
    _in_words(summary.text_content(), language)
    assert [a.get("href") for a in summary.xpath(".//a")] == [f"#{field}"]
    for name, value in (pair.split("=") for pair in QUERIES[field].split("&")):
        if name != "product":
            assert seen.xpath("//input[@name=$name]/@value", name=name) == [value]


def test_every_form_of_the_desk_is_in_the_table(rooms: Rooms) -> None:
    """Each address that takes a form stands in the table above."""
    def shape(path: str) -> str:
        return re.sub(r"\{\w+\}|<\w+>", "*", path)

    posts = {shape(r.rule.split("/exporter/")[1]) for r in rooms.app.url_map.iter_rules()
             if r.endpoint.startswith("desk") and "POST" in (r.methods or ())}
    assert posts == {shape(to or page) for page, to, *_ in FORMS.values()}


def test_what_is_wrong_of_a_choice_of_organisation_is_not_found(rooms: Rooms) -> None:
    token = token_of(rooms.cai.get("/en/exporter/inputs/new").text)
    answer = rooms.cai.post("/en/exporter/inputs/new", data={"csrf_token": token, "organisation": "x", "name": "y",
                                                            "source": "cement"})
    assert answer.status_code == 404
