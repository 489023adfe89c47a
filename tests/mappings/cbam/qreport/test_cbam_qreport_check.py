"""What the check says: codes, places, what is accepted; our own rules apart; hostile documents refused with a sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from lxml import etree
from tests.mappings.cbam.qreport.samples import GOOD, HEAD, NAMESPACE, SMALL_GOOD, changed, document

from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.qreport import check
from zerofactory_mappings.cbam.qreport.check import check_bytes, check_file, check_tree
from zerofactory_mappings.cbam.qreport.read import read_report

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def errors(data: bytes) -> list[tuple[str, int | None, str | None, str | None, str | None]]:
    """Code, line, XPath, what was found and what is accepted, of every error."""
    return [(p.code, p.place.line, p.place.xpath, p.found, p.accepted) for p in check_bytes(data, "f.xml").findings.errors]


def remarks(data: bytes) -> list[tuple[str, str | None, str | None]]:
    """Code, XPath and what was found, of every remark beyond the schema of a valid document."""
    checked = check_bytes(data, "f.xml")
    assert checked.valid, checked.problems
    assert {p.severity for p in checked.problems} <= {Severity.WARNING}
    return [(p.code, p.place.xpath, p.found) for p in checked.findings.remarks]


@pytest.mark.parametrize("text", [document(), document(SMALL_GOOD), document(SMALL_GOOD + GOOD.replace("<ItemNumber>1", "<ItemNumber>2"))])
def test_documents_typed_by_hand_are_valid(text: str) -> None:
    assert check_bytes(text.encode()).problems == ()


#: what is changed · by what · code · line · XPath · found · accepted
FAULTS = [
    ("<Year>2025</Year>", "", "missing-element", 2, "/QReport/Year", None, None),
    ("<Role>01", "<Role>012345", "value-long", 8, "/QReport/Declarant/Role", "6", "an..5 (string), 1 … 5"),
    ("<Year>2025", "<Year>25.5", "value-integer", 4, "/QReport/Year", "25.5", "n4 (integer), 4"),
    ("<City>Rotterdam", "<City>", "value-empty", 9, "/QReport/Declarant/ActorAddress/City", None, "an..35 (string), 1 … 35"),
    ("<Country>CN", "<Country>CHN", "value-long", 26, "/QReport/ImportedGood[1]/OriginCountry/Country", "3", "a2 (string), 2 … 2"),
    ("1.8734567", "1.87345678", "value-decimals", 57, "/QReport/ImportedGood[1]/GoodsEmissions[1]/DirectEmissions/SpecificEmbeddedEmissions", "1.87345678", "16,7"),
    ("<ValidityStartDate>2025-01-01", "<ValidityStartDate>2025-02-29", "value-date", 38, "/QReport/ImportedGood[1]/SupportingDocuments[1]/ValidityStartDate", "2025-02-29", "YYYY-MM-DD"),
    ("<Binary>aGVsbG8=", "<Binary>aGVsbG8", "value-base64", 39, "/QReport/ImportedGood[1]/SupportingDocuments[1]/Attachment/Binary", "aGVsbG8", "base64"),
    ("<Currency>CNY</Currency>", "", "missing-element", 68, "/QReport/ImportedGood[1]/GoodsEmissions[1]/CarbonPriceDue[1]/Currency", None, None),
    ("<HsCode>760611</HsCode>", "<HSCode>760611</HSCode>", "unknown-element-near", 23, "/QReport/ImportedGood[1]/CommodityCode/HSCode", "HSCode", "HsCode"),
    ("<Description>", "text<Description>", "text", 24, "/QReport/ImportedGood[1]/CommodityCode/CommodityDetails", "text", None),
    ("Importer BV", "Importer <b>BV</b>", "element-in-value", 7, "/QReport/Declarant/Name", "b", None),
    ("<Year>", '<Year id="1">', "attribute", 4, "/QReport/Year", "id", None),
    ("<Year>", f'<Year {XSI} xsi:nil="false">', "nil", 4, "/QReport/Year", "xsi:nil=false", None),
    ("<Year>", f'<Year {XSI} xsi:type="n1">', "xsi-type", 4, "/QReport/Year", "n1", "n4"),
    ("<Year>", '<Year xmlns="urn:other">', "wrong-namespace", 4, "/QReport/Year", "{urn:other}Year", NAMESPACE),
    ("</ImportedGood>", "</ImportedGood>text", "text", 2, "/QReport", "text", None),
    ("<ProductionCountry>", "<Sub/><ProductionCountry>", "unknown-element", 43, "/QReport/ImportedGood[1]/GoodsEmissions[1]/Sub", "Sub", "ProductionCountry, InstallationOperator, Installation, ProducedMeasure"),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "xpath", "found", "accepted"), FAULTS, ids=[f"{f[2]}-{f[3]}" for f in FAULTS])
def test_a_fault_is_told_with_place_found_and_accepted(old: str, new: str, code: str, line: int, xpath: str, found: str | None, accepted: str | None) -> None:
    assert (f"qreport.{code}", line, xpath, found, accepted) in errors(changed(old, new))


def test_order_and_number_of_elements() -> None:
    swapped = changed("<HsCode>760611</HsCode><CnCode>76061191</CnCode>", "<CnCode>76061191</CnCode><HsCode>760611</HsCode>")
    (problem,) = check_bytes(swapped).findings.errors
    assert (problem.code, problem.args) == ("qreport.wrong-order", {"name": "HsCode", "before": "CnCode"})
    measure = "<MeasureImported><NetMass>25.5</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureImported>"
    assert errors(changed(measure, measure * 3)) == [("qreport.too-many", 35, "/QReport/ImportedGood[1]/MeasureImported[2]", "2", "1")]
    assert errors(document("").encode()) == [("qreport.missing-element", 2, "/QReport/ImportedGood", None, None)]
    late = changed("</ImportedGood>", "</ImportedGood><Year>2025</Year>")
    assert [e[:3] for e in errors(late)] == [("qreport.wrong-order", 74, "/QReport/Year[2]")]


def test_all_faults_of_a_document_come_at_once() -> None:
    text = document(GOOD + GOOD).replace("<Year>2025", "<Year>x").replace("<Currency>CNY", "<Currency>YUAN").replace("<Role>01</Role>", "")
    assert [(code, xpath) for code, _, xpath, *_ in errors(text.encode())] == [
        ("qreport.value-integer", "/QReport/Year"), ("qreport.missing-element", "/QReport/Declarant/Role"),
        ("qreport.value-long", "/QReport/ImportedGood[1]/GoodsEmissions[1]/CarbonPriceDue[1]/Currency"),
        ("qreport.value-long", "/QReport/ImportedGood[2]/GoodsEmissions[1]/CarbonPriceDue[1]/Currency")]


def test_a_long_list_is_cut_and_counted() -> None:
    checked = check_bytes(document(SMALL_GOOD.replace("<ItemNumber>1</ItemNumber>", "") * 1_000).encode())
    assert checked.findings.error_count == 1_000
    assert len(checked.findings.errors) == 200
    (more,) = (p for p in checked.problems if p.code == "qreport.more")
    assert more.args == {"count": "800"}
    assert checked.findings.errors[199].place.xpath == "/QReport/ImportedGood[200]/ItemNumber"


def test_lines_are_right_beyond_the_65535th() -> None:
    goods = "\n" * 70_000 + SMALL_GOOD.replace("<Country>CN", "<Country>CHN")
    ((_, line, xpath, *_),) = errors(document(goods).encode())
    assert (line, xpath) == (70_000 + 22, "/QReport/ImportedGood[1]/OriginCountry/Country")


def test_a_tree_is_judged_like_its_text() -> None:
    assert check_tree(etree.fromstring(document().encode())).problems == ()
    bad = check_tree(etree.fromstring(changed("<Year>2025</Year>", "<!-- c --> x <Year>2025</Year><!-- d -->y")))
    assert [(p.code, p.found) for p in bad.findings.errors] == [("qreport.text", "x"), ("qreport.text", "y")]


#: what is changed · by what · code · XPath · found
RULES = [
    ("<ReportingPeriod>Q4", "<ReportingPeriod>Q5", "rule-code", "/QReport/ReportingPeriod", "Q5"),
    ("<Year>2025", "<Year>2026", "rule-period", "/QReport/ReportingPeriod", "2026 Q4"),
    ("<Year>2025", "<Year>-2025", "rule-period", "/QReport/ReportingPeriod", "-2025 Q4"),
    ("<Role>01", "<Role>07", "rule-code", "/QReport/Declarant/Role", "07"),
    ("<HsCode>760611", "<HsCode>760612", "rule-hs-code", "/QReport/ImportedGood[1]/CommodityCode/HsCode", "760612"),
    ("<CnCode>76061191", "<CnCode>7606119x", "rule-form", "/QReport/ImportedGood[1]/CommodityCode/CnCode", "7606119x"),
    ("<Country>CN", "<Country>cn", "rule-form", "/QReport/ImportedGood[1]/OriginCountry/Country", "cn"),
    ("<ImportArea>EU<", "<ImportArea>NO<", "rule-code", "/QReport/ImportedGood[1]/ImportedQuantity[1]/ImportArea/ImportArea", "NO"),
    ("<Indicator>0", "<Indicator>2", "rule-code", "/QReport/ImportedGood[1]/ImportedQuantity[1]/MeasureProcedureImported[1]/Indicator", "2"),
    ("<ItemNumber>1", "<ItemNumber>2", "rule-item-order", "/QReport/ImportedGood[1]/ItemNumber", "2"),
    ("<NetMass>25.5</NetMass>", "", "rule-no-quantity", "/QReport/ImportedGood[1]/ImportedQuantity[1]/MeasureProcedureImported[1]", None),
    ("<NetMass>25.5", "<NetMass>-25.5", "rule-negative", "/QReport/ImportedGood[1]/ImportedQuantity[1]/MeasureProcedureImported[1]/NetMass", "-25.5"),
    ("<ValidityEndDate>2025", "<ValidityEndDate>2024", "rule-dates", "/QReport/ImportedGood[1]/SupportingDocuments[1]/ValidityEndDate", "2024-12-31"),
    ("<SpecificEmbeddedEmissions>1.8734567</SpecificEmbeddedEmissions>", "", "rule-no-emissions", "/QReport/ImportedGood[1]/GoodsEmissions[1]/DirectEmissions", None),
    ("TOM01", "TOM1", "rule-form", "/QReport/ImportedGood[1]/GoodsEmissions[1]/DirectEmissions/ApplicableReportingTypeMethodology", "TOM1"),
    ("SOE03", "grid", "rule-form", "/QReport/ImportedGood[1]/GoodsEmissions[1]/IndirectEmissions/ElectricitySource", "grid"),
    ("<Currency>CNY", "<Currency>Yua", "rule-form", "/QReport/ImportedGood[1]/GoodsEmissions[1]/CarbonPriceDue[1]/Currency", "Yua"),
    ("<Binary>aGVsbG8=", "<Binary>aGVs-bG8=", "rule-base64", "/QReport/ImportedGood[1]/SupportingDocuments[1]/Attachment/Binary", "U+002D"),
]


@pytest.mark.parametrize(("old", "new", "code", "xpath", "found"), RULES, ids=[f"{r[2]}-{r[1]}" for r in RULES])
def test_our_own_rules_never_make_a_document_invalid(old: str, new: str, code: str, xpath: str, found: str | None) -> None:
    assert remarks(changed(old, new)) == [(f"qreport.{code}", xpath, found)]


def test_numbers_and_days_of_goods() -> None:
    twice = remarks(document(GOOD + GOOD).encode())
    assert twice == [("qreport.rule-item-repeated", "/QReport/ImportedGood[2]/ItemNumber", "1")]
    emissions = GOOD[GOOD.index("    <GoodsEmissions>"):GOOD.index("  </ImportedGood>")]
    assert remarks(changed(emissions, emissions * 2)) == [("qreport.rule-sequence-repeated", "/QReport/ImportedGood[1]/GoodsEmissions", "1")]
    inward = ("<InwardProcessingInfo><MemberStateAuth>DE</MemberStateAuth><DischargeBillWaiver>0</DischargeBillWaiver><Authorisation>a</Authorisation>"
              "<StartTime>20250201</StartTime><EndTime>20250101</EndTime><Deadline>20250230</Deadline></InwardProcessingInfo>")
    assert remarks(changed("<PreviousProc>00</PreviousProc>", "<PreviousProc>00</PreviousProc>" + inward)) == [
        ("qreport.rule-day", "/QReport/ImportedGood[1]/ImportedQuantity[1]/Procedure/InwardProcessingInfo[1]/Deadline", "20250230"),
        ("qreport.rule-dates", "/QReport/ImportedGood[1]/ImportedQuantity[1]/Procedure/InwardProcessingInfo[1]/EndTime", "20250101")]


def test_the_same_remark_stands_once_with_its_number_of_places() -> None:
    goods = "".join(GOOD.replace("<ItemNumber>1", f"<ItemNumber>{n}").replace("SOE03", "grid") for n in range(1, 31))
    checked = check_bytes(document(goods).encode())
    (remark,) = checked.findings.remarks
    assert (remark.code, remark.args["count"]) == ("qreport.rule-form", "30")
    assert checked.findings.remark_count == 30


def test_a_form_is_one_of_the_whole_value_and_a_single_day_is_a_span() -> None:
    route = "<ProdMethodQualifyingParams><SequenceNumber>1</SequenceNumber><MethodId>{}</MethodId></ProdMethodQualifyingParams></GoodsEmissions>"
    carbon = document()[document().index("      <CarbonPriceDue>"):document().index("    </GoodsEmissions>")]
    without = document().replace(carbon, "")
    assert remarks(changed("</GoodsEmissions>", route.format("P01"), without)) == []
    assert [r[0] for r in remarks(changed("</GoodsEmissions>", route.format("P012"), without))] == ["qreport.rule-form"]
    assert remarks(changed("<ValidityEndDate>2025-12-31", "<ValidityEndDate>2025-01-01")) == []


def test_no_data_need_no_emissions() -> None:
    data = changed("<SpecificEmbeddedEmissions>1.8734567</SpecificEmbeddedEmissions>", "", changed("<DeterminationType>01", "<DeterminationType>03").decode())
    assert remarks(data) == []


BOMB = "<!DOCTYPE QReport [" + "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12)) + "]>"
HOSTILE = {
    "external entity": (changed("<QReport", '<!DOCTYPE QReport [<!ENTITY x SYSTEM "file:///etc/passwd">]><QReport').replace(b"Importer BV", b"&x;"), "doctype"),
    "external declaration": (changed("<QReport", '<!DOCTYPE QReport SYSTEM "http://127.0.0.1:1/x.dtd"><QReport'), "doctype"),
    "billion laughs": (changed("<QReport", BOMB + "<QReport").replace(b"Importer BV", b"&e11;"), "doctype"),
    "billion laughs in an attribute": (changed("<QReport ", BOMB + '<QReport a="&e11;" '), None),
    "parameter entity": (changed("<QReport", '<!DOCTYPE QReport [<!ENTITY % p "<!ENTITY x \'1\'>">%p;]><QReport'), "doctype"),
    "undefined entity": (changed("Importer BV", "&nope;"), "syntax"),
    "entity, then another document": (b"<a>&nope;" + b" " * 600 + document().encode(), "syntax"),
    "deep": (b"<a>" * 300, "too-large"),
    "deep below the root": (changed("<Year>2025", "<Year>" + "<a>" * 300), "too-large"),
    "huge text": (changed("Importer BV", "x" * 10_000_001), "too-large"),
    "huge comment": (changed("<Year>", "<!--" + "x" * 10_000_001 + "--><Year>"), "too-large"),
    "huge name": (changed("<Year>", "<" + "x" * 60_000 + "><Year>"), "too-large"),
    "other encoding than it says": (document().replace("UTF-8", "UTF-16").encode(), "syntax"),
    "unknown encoding": (document().replace("UTF-8", "x-nope").encode(), "encoding"),
    "encoding of mainframes": (document(SMALL_GOOD).replace("UTF-8", "IBM037").encode("cp037"), None),
    "bytes that are no UTF-8": (changed("Importer BV", "Importer").replace(b"Importer", b"Import\xff\xfe"), "encoding"),
    "truncated": (document().encode()[:-200], "syntax"),
    "truncated in a tag": (document().encode()[:300], "syntax"),
    "gzip": (gzip.compress(document().encode()), "not-xml"),
    "zip": (b"PK\x03\x04" + b"\0" * 60, "not-xml"),
    "empty": (b"", "not-xml"),
    "blank": (b"  \n", "not-xml"),
    "text": ("不是 XML".encode(), "not-xml"),
    "two roots": (document().encode() + b"<a/>", "syntax"),
    "NUL": (changed("Importer BV", "Importer\0BV"), "syntax"),
    "control character": (changed("Importer BV", "Importer&#1;BV"), "syntax"),
    "prefix that is not declared": (changed("<Year>2025</Year>", "<q:Year>2025</q:Year>"), "syntax"),
    "other root": (b"<report/>", "root"),
    "other namespace": (document().replace("/V1", "/V2").encode(), "wrong-namespace"),
    "no namespace": (document().replace(f' xmlns="{NAMESPACE}"', "").encode(), "wrong-namespace"),
    "root below another": (f'<a xmlns="{NAMESPACE}"><QReport/></a>'.encode(), "root"),
    "xml of the wrong version": (document().replace('version="1.0"', 'version="9.0"').encode(), "syntax"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused_with_a_sentence(name: str) -> None:
    data, code = HOSTILE[name]
    checked = check_bytes(data, "f.xml")
    assert not checked.valid
    stop = checked.findings.errors[-1]
    if code is not None:
        assert stop.code == f"qreport.{code}", (stop.code, stop.found)
    for lang in ("zh", "en"):
        assert render_problem(stop, lang) != str(stop.place)
        assert "qreport." not in render_problem(stop, lang)
    with pytest.raises(ProblemsError):
        read_report(data)


def test_documents_in_other_encodings_are_read() -> None:
    for encoding in ("UTF-16", "GB18030", "UTF-8"):
        assert check_bytes(document().replace("UTF-8", encoding).encode(encoding)).valid, encoding
    assert check_bytes(b"\xef\xbb\xbf" + document().encode()).valid


def test_a_good_without_end_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "GOOD_TAGS", 10_000)
    (stop,) = check_bytes(changed("<ItemNumber>", "<a/>" * 200_000 + "<ItemNumber>")).findings.errors
    assert stop.code == "qreport.good-too-large"
    (stop,) = check_bytes(b"<report>" + b"<a/>" * 200_000).findings.errors
    assert stop.code == "qreport.good-too-large"
    monkeypatch.setattr(check, "GOOD_BYTES", 100_000)
    assert check_bytes(document(SMALL_GOOD * 300).encode()).valid, "the limit is one of a good, not of a document"


def test_a_document_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "DOCUMENT_BYTES", 100_000)
    (stop,) = check_bytes(document(SMALL_GOOD * 300).encode()).findings.errors
    assert stop.code == "qreport.too-large"


def test_a_file_is_checked_and_one_that_is_not_there_is_the_callers_business(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(changed("<Year>2025", "<Year>x"))
    (problem,) = check_file(tmp_path / "a.xml").problems
    assert isinstance(problem, Problem)
    assert problem.place.file == str(tmp_path / "a.xml")
    with pytest.raises(OSError, match="nothing"):
        check_file(tmp_path / "nothing.xml")
    assert HEAD in document()
