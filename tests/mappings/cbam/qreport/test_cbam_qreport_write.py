"""Writing and reading back: equal content, rounding, order, nothing half-written, the same bytes again."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.mappings.cbam.qreport.samples import GOOD, SMALL_GOOD, changed, document
from tests.mappings.cbam.qreport.strategies import reports

from zerofactory_engine.problems import Place, ProblemsError, Severity
from zerofactory_mappings.cbam.qreport import write
from zerofactory_mappings.cbam.qreport.binding import exact_text, rounded, text_of
from zerofactory_mappings.cbam.qreport.build import imported_good
from zerofactory_mappings.cbam.qreport.check import check_bytes
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.express import express, yaml_of
from zerofactory_mappings.cbam.qreport.inputs import read_input
from zerofactory_mappings.cbam.qreport.model import CarbonPriceDue, CommodityDetails, ImportedGood, QReport, Remarks
from zerofactory_mappings.cbam.qreport.official import read_official
from zerofactory_mappings.cbam.qreport.read import ReportStream, read_report
from zerofactory_mappings.cbam.qreport.write import rounded_report, write_report

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture])


@pytest.fixture
def report() -> QReport:
    """The document typed by hand, as a model."""
    return read_report(document().encode())


def code_of(error: ProblemsError) -> list[tuple[str, str | None]]:
    return [(p.code.removeprefix("qreport."), p.place.xpath) for p in error.problems if p.severity is Severity.ERROR]


@SLOW
@given(reports())
def test_any_report_that_is_written_reads_back_equal(tmp_path: Path, drawn: QReport) -> None:
    out = tmp_path / "r.xml"
    if not drawn.imported_good:
        with pytest.raises(ProblemsError):
            write_report(drawn, out, strict=False)
        return
    written = write_report(drawn, out, strict=False)
    assert read_report(out) == drawn
    assert check_bytes(out.read_bytes()).valid
    assert written.rounded == 0
    write_report(drawn, tmp_path / "again.xml", strict=False)
    assert (tmp_path / "again.xml").read_bytes() == out.read_bytes()


@SLOW
@given(reports(exact=False))
def test_figures_with_more_digits_come_back_rounded(tmp_path: Path, drawn: QReport) -> None:
    if drawn.imported_good:
        write_report(drawn, tmp_path / "r.xml", strict=False)
        assert read_report(tmp_path / "r.xml") == rounded_report(drawn)


@SLOW
@given(reports())
def test_a_report_read_back_into_the_input_form_is_the_same_report(tmp_path: Path, drawn: QReport) -> None:
    """XML → YAML → XML gives the same bytes, whatever the texts hold that XML allows."""
    if not drawn.imported_good:
        return
    write_report(drawn, tmp_path / "r.xml", strict=False)
    express(tmp_path / "r.xml", tmp_path / "r.yaml")
    given_back = read_input(tmp_path / "r.yaml")
    write_report(given_back.head, tmp_path / "again.xml", given_back.goods, strict=False)
    assert (tmp_path / "again.xml").read_bytes() == (tmp_path / "r.xml").read_bytes()


def test_the_document_typed_by_hand_gives_its_figures(report: QReport) -> None:
    (good,) = report.imported_good
    assert good.commodity_code is not None
    assert good.commodity_code.cn_code == "76061191"
    emissions = good.goods_emissions[0]
    assert emissions.direct_emissions.specific_embedded_emissions == Decimal("1.8734567")
    assert emissions.indirect_emissions is not None
    assert emissions.indirect_emissions.electricity_consumed == Decimal("13.38843")
    assert emissions.carbon_price_due == (CarbonPriceDue(
        sequence_number=1, instrument_type="01", legal_act_description="National emissions trading",
        amount=Decimal("1000.50"), currency="CNY", country="CN"),)
    attachment = good.supporting_documents[0].attachment
    assert attachment is not None
    assert attachment.binary == b"hello"
    confirmation = report.signatures.report_confirmation
    assert (confirmation.global_data_confirmation, confirmation.use_of_data_confirmation) == (True, False)


#: type · figure · text: half goes away from zero, zeros behind the point go
ROUNDED = [
    ("dec16-7", "2.00693815", "2.0069382"), ("dec16-7", "2.00693814999", "2.0069381"), ("dec16-7", "-2.00693815", "-2.0069382"),
    ("dec16-7", "0.00000005", "0.0000001"), ("dec16-7", "-0.00000004", "0"), ("dec16-7", "100.000000", "100"),
    ("dec16-6", "1E+3", "1000"), ("dec16-6", "0.0000005", "0.000001"), ("dec5-5", "0.606585", "0.60659"), ("dec5-5", "0.000005", "0.00001"),
    ("dec16-5", "99999999999.999995", "100000000000"), ("xs:decimal", "1.234567890123456789", "1.234567890123456789"), ("xs:decimal", "1E-20", "0.00000000000000000001"),
]


@pytest.mark.parametrize(("kind", "figure", "text"), ROUNDED, ids=[f"{r[0]}-{r[1]}" for r in ROUNDED])
def test_rounding_half_away_from_zero(kind: str, figure: str, text: str) -> None:
    simple = table().simple[kind]
    assert text_of(Decimal(figure), simple) == text
    assert rounded(Decimal(figure), simple) == Decimal(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-10**15, max_value=10**15), st.sampled_from(["dec16-7", "dec16-6", "dec16-5", "dec5-5"]))
def test_a_rounded_figure_is_nearest_and_no_nearer_to_zero_when_two_are(figure: Decimal, kind: str) -> None:
    simple = table().simple[kind]
    assert simple.fraction_digits is not None
    step = Decimal(1).scaleb(-simple.fraction_digits)
    found = rounded(figure, simple)
    scaled = (found / step)
    assert scaled == scaled.to_integral_value()
    distance = abs(found - figure)
    assert distance <= step / 2
    if distance == step / 2:
        assert abs(found) > abs(figure)


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.sampled_from([Decimal("-0"), Decimal("-0.00"), Decimal("0E+3"), Decimal("1.50"), Decimal("100")]),
       st.sampled_from(["dec16-7", "dec5-5", "xs:decimal"]))
def test_the_short_way_to_a_text_gives_the_same_text(figure: Decimal, kind: str) -> None:
    simple = table().simple[kind]
    text = exact_text(figure, simple)
    assert text is None or text == text_of(figure, simple)
    if figure.is_finite() and rounded(figure, simple) == figure and "E" not in str(figure):
        assert text is not None or len(str(figure).partition(".")[2]) > (simple.fraction_digits or 99)


def test_rounded_figures_are_counted_and_told(report: QReport, tmp_path: Path) -> None:
    (good,) = report.imported_good
    finer = dataclasses.replace(good, measure_imported=dataclasses.replace(good.measure_imported, net_mass=Decimal("25.50000049")))
    written = write_report(dataclasses.replace(report, imported_good=(finer,)), tmp_path / "r.xml")
    assert written.rounded == 1
    assert [p.code for p in written.problems] == ["qreport.rounded"]


def test_bytes_are_these(tmp_path: Path) -> None:
    """The bytes of the smallest report: declaration, one line for each child of the root, no space inside."""
    written = write_report(read_report(document(SMALL_GOOD).encode()), tmp_path / "r.xml")
    text = (tmp_path / "r.xml").read_text(encoding="utf-8")
    assert text.split("\n")[:4] == [
        "<?xml version='1.0' encoding='UTF-8'?>", '<QReport xmlns="http://xmlns.ec.eu/BusinessObjects/CBAM/Types/V1">',
        "<ReportingPeriod>Q4</ReportingPeriod>", "<Year>2025</Year>"]
    assert text.split("\n")[-2:] == [
        "<ImportedGood><ItemNumber>1</ItemNumber><OriginCountry><Country>CN</Country></OriginCountry><ImportedQuantity><SequenceNumber>1</SequenceNumber>"
        "<Procedure><RequestedProc>40</RequestedProc></Procedure><ImportArea><ImportArea>EU</ImportArea></ImportArea><MeasureProcedureImported><Indicator>0</Indicator>"
        "<NetMass>10</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureProcedureImported></ImportedQuantity><MeasureImported><NetMass>10</NetMass>"
        "<MeasurementUnit>01</MeasurementUnit></MeasureImported><GoodsEmissions><SequenceNumber>1</SequenceNumber><ProducedMeasure><NetMass>10</NetMass>"
        "<MeasurementUnit>01</MeasurementUnit></ProducedMeasure><DirectEmissions><ApplicableReportingTypeMethodology>TOM01</ApplicableReportingTypeMethodology>"
        "<SpecificEmbeddedEmissions>1.75</SpecificEmbeddedEmissions><MeasurementUnit>EMU1</MeasurementUnit></DirectEmissions></GoodsEmissions></ImportedGood>",
        "</QReport>"]
    assert written.bytes == len(text.encode())


def test_empty_optional_elements_are_left_out(report: QReport, tmp_path: Path) -> None:
    changed_report = dataclasses.replace(report, report_id="", remarks=Remarks(additional_information="x"))
    write_report(changed_report, tmp_path / "r.xml")
    assert b"ReportId" not in (tmp_path / "r.xml").read_bytes()
    (good,) = report.imported_good
    assert good.commodity_code is not None
    bare = dataclasses.replace(good, commodity_code=dataclasses.replace(good.commodity_code, commodity_details=CommodityDetails(description="")))
    write_report(dataclasses.replace(report, imported_good=(bare,)), tmp_path / "r.xml")
    assert b"<CommodityDetails/>" in (tmp_path / "r.xml").read_bytes()
    with pytest.raises(ProblemsError) as caught:        # a needed text that is empty is a fault
        write_report(dataclasses.replace(report, remarks=Remarks(additional_information="")), tmp_path / "r.xml")
    assert code_of(caught.value) == [("value-empty", "/QReport/Remarks/AdditionalInformation")]


def test_moments_are_written_in_utc(report: QReport, tmp_path: Path) -> None:
    eastern = datetime(2026, 1, 31, 7, 30, tzinfo=timezone(timedelta(hours=8)))
    write_report(dataclasses.replace(report, submission_date=eastern), tmp_path / "r.xml")
    assert b"<SubmissionDate>2026-01-30T23:30:00Z</SubmissionDate>" in (tmp_path / "r.xml").read_bytes()
    assert read_report(changed("<ReportingPeriod>", "<SubmissionDate>2025-12-31T24:00:00Z</SubmissionDate><ReportingPeriod>")).submission_date == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ProblemsError) as caught:
        read_report(changed("<ReportingPeriod>", "<SubmissionDate>9999-12-31T24:00:00Z</SubmissionDate><ReportingPeriod>"))
    assert code_of(caught.value) == [("value-moment", "/QReport/SubmissionDate")]


def _with(good: ImportedGood, **changes: Any) -> ImportedGood:
    emissions = dataclasses.replace(good.goods_emissions[0], direct_emissions=dataclasses.replace(good.goods_emissions[0].direct_emissions, **changes))
    return dataclasses.replace(good, goods_emissions=(emissions,))


#: what is changed in the direct emissions · code
REFUSED = [
    ({"specific_embedded_emissions": Decimal("12345678901.5")}, None),
    ({"specific_embedded_emissions": Decimal("1234567890.1234567")}, "value-digits"),
    ({"specific_embedded_emissions": Decimal("NaN")}, "value-decimal"),
    ({"specific_embedded_emissions": Decimal("Infinity")}, "value-decimal"),
    ({"specific_embedded_emissions": Decimal("1E+5000")}, "value-decimal"),
    ({"measurement_unit": "123456"}, "value-long"),
    ({"measurement_unit": "EMU\x00"}, "character"),
    ({"measurement_unit": "\ud800"}, "character"),
    ({"measurement_unit": "\ufffe"}, "character"),
]


@pytest.mark.parametrize(("changes", "code"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_what_cannot_be_written_is_refused_and_nothing_is_left(report: QReport, tmp_path: Path, changes: dict[str, Any], code: str | None) -> None:
    out = tmp_path / "r.xml"
    out.write_text("before", encoding="utf-8")
    (good,) = report.imported_good
    bad = dataclasses.replace(report, imported_good=(good, dataclasses.replace(_with(good, **changes), item_number=2)))
    if code is None:
        write_report(bad, out)
        return
    with pytest.raises(ProblemsError) as caught:
        write_report(bad, out)
    ((found, xpath),) = code_of(caught.value)
    assert found == code
    assert xpath is not None
    assert xpath.startswith("/QReport/ImportedGood[2]/GoodsEmissions")
    assert "DirectEmissions/" in xpath
    assert out.read_text(encoding="utf-8") == "before"
    assert os.listdir(tmp_path) == ["r.xml"]


def test_a_shape_that_held_a_bad_character_writes_the_next_good_well(report: QReport, tmp_path: Path) -> None:
    (good,) = report.imported_good
    many = [dataclasses.replace(_with(good, measurement_unit=unit), item_number=n) for n, unit in enumerate(("EMU1", "E\x01", "EMU1", "E\x01"), 1)]
    with pytest.raises(ProblemsError) as caught:
        write_report(dataclasses.replace(report, imported_good=()), tmp_path / "r.xml", many)
    assert [xpath for code, xpath in code_of(caught.value) if code == "character"] == [
        f"/QReport/ImportedGood[{n}]/GoodsEmissions[1]/DirectEmissions/MeasurementUnit" for n in (2, 4)]


def test_firm_rules_are_refused_when_we_write_and_told_when_we_check(report: QReport, tmp_path: Path) -> None:
    (good,) = report.imported_good
    assert good.commodity_code is not None
    wrong = dataclasses.replace(good, commodity_code=dataclasses.replace(good.commodity_code, hs_code="760612"))
    twice = dataclasses.replace(report, reporting_period="Q9", imported_good=(wrong, good))
    with pytest.raises(ProblemsError) as caught:
        write_report(twice, tmp_path / "r.xml")
    assert code_of(caught.value) == [("rule-code", "/QReport/ReportingPeriod"), ("rule-hs-code", "/QReport/ImportedGood[1]/CommodityCode/HsCode"),
                                     ("rule-item-repeated", "/QReport/ImportedGood[2]/ItemNumber")]
    write_report(twice, tmp_path / "r.xml", strict=False)
    assert check_bytes((tmp_path / "r.xml").read_bytes()).valid


def test_goods_come_from_an_iterator_once_each(report: QReport, tmp_path: Path) -> None:
    (good,) = report.imported_good
    taken: list[int] = []

    def goods() -> Iterator[ImportedGood]:
        for number in range(2, 1_200):
            taken.append(number)
            yield dataclasses.replace(good, item_number=number)

    steps: list[int] = []
    written = write_report(report, tmp_path / "r.xml", goods(), advance=steps.append)
    assert (written.goods, len(taken), sum(steps)) == (1_199, 1_198, 1_199)
    with (tmp_path / "r.xml").open("rb") as stream:
        reading = ReportStream(stream)
        assert [g.item_number for g in reading] == list(range(1, 1_200))
        assert reading.head() == dataclasses.replace(report, imported_good=())


def test_goods_of_many_shapes_do_not_mix(report: QReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goods that share and do not share elements, with few remembered shapes: each comes back as itself."""
    monkeypatch.setattr(write, "_SHAPES", 2)
    (good,) = report.imported_good
    (small,) = read_report(document(SMALL_GOOD).encode()).imported_good
    emissions = good.goods_emissions[0]
    kinds = [good, small, dataclasses.replace(good, commodity_code=None), dataclasses.replace(good, goods_emissions=(emissions, dataclasses.replace(emissions, sequence_number=2)))]
    many = tuple(dataclasses.replace(kinds[n * 7 % 4], item_number=n) for n in range(1, 60))
    write_report(dataclasses.replace(report, imported_good=many), tmp_path / "r.xml")
    assert read_report(tmp_path / "r.xml").imported_good == many


def test_problems_of_goods_that_could_not_be_read_come_with_those_that_could(report: QReport, tmp_path: Path) -> None:
    def goods() -> Iterator[ImportedGood]:
        (good,) = report.imported_good
        yield _with(good, measurement_unit="123456")
        from zerofactory_engine.problems import Problem

        raise ProblemsError([Problem("qreport.csv", Place("goods.csv", 9))])

    with pytest.raises(ProblemsError) as caught:
        write_report(dataclasses.replace(report, imported_good=()), tmp_path / "r.xml", goods(), places=lambda n: Place("goods.csv", 1 + n))
    assert [(p.code, p.place.file, p.place.line) for p in caught.value.problems] == [("qreport.csv", "goods.csv", 9), ("qreport.value-long", "goods.csv", 2)]
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_said_by_its_name(report: QReport, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        write_report(report, tmp_path / "none" / "r.xml")
    assert caught.value.filename == str(tmp_path / "none" / "r.xml")


def test_without_a_file_it_is_only_checked(report: QReport) -> None:
    assert write_report(report, None).goods == 1
    with pytest.raises(ProblemsError):
        write_report(dataclasses.replace(report, imported_good=()), None)


def test_the_commissions_schema_is_asked_too(report: QReport, tmp_path: Path, xsd_folder: Path) -> None:
    official = read_official(xsd_folder / "QReport_ver23.00.xsd")
    written = write_report(report, tmp_path / "r.xml", official=official)
    assert written.official is official
    other = tmp_path / "other.xsd"
    other.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>', encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:        # what the schema that the user names refuses is not written
        write_report(report, tmp_path / "new.xml", official=read_official(other))
    assert [p.code for p in caught.value.problems] == ["qreport.xsd-invalid"]
    assert sorted(os.listdir(tmp_path)) == ["other.xsd", "r.xml"]


@pytest.mark.parametrize(("name", "text"), [
    ("not xml", "hello"), ("no schema", "<a/>"), ("damaged", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element/></xs:schema>'),
    ("from the network", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="http://127.0.0.1:1/a.xsd"/></xs:schema>'),
    ("from a folder below", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="below/part.xsd"/></xs:schema>'),
    ("from elsewhere", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="../../etc/passwd"/></xs:schema>'),
    ("part that is missing", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="stypes.xsd"/></xs:schema>')])
def test_a_schema_that_cannot_be_used_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "q.xsd").write_text(text, encoding="utf-8")
    (tmp_path / "below").mkdir()
    (tmp_path / "below/part.xsd").write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"/></xs:schema>', encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_official(tmp_path / "q.xsd")
    assert [p.code for p in caught.value.problems] == ["qreport.xsd-unusable"]


def test_one_good_from_plain_values(report: QReport, tmp_path: Path) -> None:
    good = imported_good("7318 15 42", "CN", Decimal("100"), Decimal("2.00693818"), Decimal("0.4066"), item_number=1, requested_procedure="40",
                         previous_procedure="00", methodology="TOM01", electricity_source="SOE03", emission_factor=Decimal("0.605"), description="Screws")
    written = write_report(dataclasses.replace(report, imported_good=(good,)), tmp_path / "r.xml")
    assert [p.code for p in written.problems] == ["qreport.rounded"]
    (back,) = read_report(tmp_path / "r.xml").imported_good
    assert back.commodity_code is not None
    assert (back.commodity_code.hs_code, back.commodity_code.cn_code) == ("731815", "73181542")
    assert back.goods_emissions[0].direct_emissions.specific_embedded_emissions == Decimal("2.0069382")
    with pytest.raises(ProblemsError) as caught:
        imported_good("731815", "CN", Decimal(1), Decimal(1), Decimal(1), item_number=1, requested_procedure="40", methodology="TOM01")
    assert [p.code for p in caught.value.problems] == ["qreport.rule-form", "qreport.missing-element"]


def test_a_report_as_yaml_is_what_a_person_would_write(report: QReport) -> None:
    text = yaml_of(report)
    assert text.startswith("format: zerofactory/cbam-qreport/1\nreport:\n  ReportingPeriod: Q4\n  Year: 2025\n")
    for line in ('    Role: "01"', "      CnCode: \"76061191\"", "          SpecificEmbeddedEmissions: 1.8734567", "          OperatorName: 示例铝业", "      UseOfDataConfirmation: false"):
        assert f"\n{line}\n" in text, line


@pytest.mark.parametrize("text", ["no", "On", "null", "~", "1.5", "01", "0x1F", "1e3", "2025-01-01", "12:30:45", "- a", "a: b", "#a", " a ", "a\n b", "é", "{a}", "中: 文", "'a'", "*a", "!a", "="])
def test_other_readers_of_yaml_take_texts_for_texts(report: QReport, text: str) -> None:
    written = yaml_of(dataclasses.replace(report, remarks=Remarks(additional_information=text)))
    assert yaml.safe_load(written)["report"]["Remarks"]["AdditionalInformation"] == text


def test_many_goods_are_given_back_as_json_lines(report: QReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zerofactory_mappings.cbam.qreport import express as module

    monkeypatch.setattr(module, "INLINE", 5_000)
    (good,) = report.imported_good
    write_report(report, tmp_path / "r.xml", (dataclasses.replace(good, item_number=n) for n in range(2, 30)))
    with pytest.raises(ProblemsError, match="needs-out"):
        express(tmp_path / "r.xml", None)
    _, files = express(tmp_path / "r.xml", tmp_path / "back.yaml")
    assert [f.name for f in files] == ["back.yaml", "back.goods.jsonl"]
    given_back = read_input(tmp_path / "back.yaml")
    write_report(given_back.head, tmp_path / "again.xml", given_back.goods)
    assert (tmp_path / "again.xml").read_bytes() == (tmp_path / "r.xml").read_bytes()
    (tmp_path / "bad.xml").write_bytes((tmp_path / "r.xml").read_bytes().replace(b"<ItemNumber>29<", b"<ItemNumber>x<"))
    with pytest.raises(ProblemsError, match="value-integer"):
        express(tmp_path / "bad.xml", tmp_path / "bad.yaml")
    assert not list(tmp_path.glob("bad*.yaml")) and not list(tmp_path.glob("*bad*.jsonl*"))  # noqa: PT018 - one question


def test_the_model_of_a_good_is_what_its_elements_say() -> None:
    """Elements read with lxml alone, against the model: nothing is lost between them."""
    root = etree.fromstring(document().encode())
    leaves = [e.text for e in root.iter() if isinstance(e.tag, str) and not len(e) and e.text and e.text.strip()]
    report = read_report(document().encode())

    def count(value: Any) -> int:
        if dataclasses.is_dataclass(value):
            return sum(count(getattr(value, f.name)) for f in dataclasses.fields(value))
        return sum(map(count, value)) if isinstance(value, tuple) else value is not None

    assert count(report) == len(leaves)
    assert GOOD in document()
