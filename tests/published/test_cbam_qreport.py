"""The QReport v23.00 of the CBAM transitional registry: documents typed by hand with the verdict of the Commission's schema.

The verdicts were taken once from the Commission's XSD (QReport_ver23.00.xsd) and typed here; where that is present, the
agreement tests in tests/mappings/cbam/qreport ask it again about thousands of documents. This file never skips.
"""

from __future__ import annotations

import pytest

from zerofactory_mappings.cbam.qreport.check import check_bytes
from zerofactory_mappings.cbam.qreport.read import read_report

VALID = """<?xml version="1.0" encoding="UTF-8"?>
<QReport xmlns="http://xmlns.ec.eu/BusinessObjects/CBAM/Types/V1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<ReportingPeriod>Q2</ReportingPeriod><Year>2024</Year>
<Declarant><IdentificationNumber>FR12345678901234</IdentificationNumber><Name>Acier SA</Name><Role>01</Role><ActorAddress><City>Lyon</City></ActorAddress></Declarant>
<Signatures><ReportConfirmation><GlobalDataConfirmation>true</GlobalDataConfirmation><UseOfDataConfirmation>true</UseOfDataConfirmation>
<SignaturePlace>Lyon</SignaturePlace><Signature>M</Signature><PositionOfPersonSending>G</PositionOfPersonSending></ReportConfirmation></Signatures>
<ImportedGood><ItemNumber>1</ItemNumber>
<CommodityCode><HsCode>720839</HsCode><CnCode>72083900</CnCode><CommodityDetails/></CommodityCode>
<OriginCountry><Country>TR</Country></OriginCountry>
<ImportedQuantity><SequenceNumber>1</SequenceNumber><Procedure><RequestedProc>40</RequestedProc></Procedure><ImportArea><ImportArea>EU</ImportArea></ImportArea>
<MeasureProcedureImported><Indicator>0</Indicator><NetMass>1200</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureProcedureImported></ImportedQuantity>
<MeasureImported><NetMass>1200</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureImported>
<GoodsEmissions><SequenceNumber>1</SequenceNumber><ProducedMeasure><NetMass>1200</NetMass><MeasurementUnit>01</MeasurementUnit></ProducedMeasure>
<DirectEmissions><ApplicableReportingTypeMethodology>TOM01</ApplicableReportingTypeMethodology><SpecificEmbeddedEmissions>1.9</SpecificEmbeddedEmissions>
<MeasurementUnit>EMU1</MeasurementUnit></DirectEmissions></GoodsEmissions></ImportedGood></QReport>"""

#: A carbon price, which may stand up to 99 times behind the emissions.
PRICE = ("<CarbonPriceDue><SequenceNumber>1</SequenceNumber><InstrumentType>01</InstrumentType><LegalActDescription>a</LegalActDescription>"
         "<Amount>50.5</Amount><Currency>TRY</Currency><Country>TR</Country></CarbonPriceDue>")

#: what is changed · by what · whether the Commission's schema accepts it
VERDICTS: list[tuple[str, str, bool]] = [
    ("", "", True),
    # values
    ("2024<", "02024<", True), ("2024<", "+2024<", True), ("2024<", " 2024\n<", True), ("2024<", "20240<", False), ("2024<", "2024.0<", False), ("2024<", "<", False),
    (">1.9<", ">+.9<", True), (">1.9<", ">1.<", True), (">1.9<", ">1.90000000000<", True), (">1.9<", ">0000000000000000001.9<", True), (">1.9<", ">1.12345678<", False),
    (">1.9<", ">123456789.1234567<", True), (">1.9<", ">1234567890.1234567<", False), (">1.9<", ">1e0<", False), (">1.9<", ">1,9<", False), (">1.9<", "><", False),
    (">true<", ">1<", True), (">true<", "> true <", True), (">true<", ">True<", False), (">true<", ">yes<", False),
    ("<ItemNumber>1<", "<ItemNumber>00001<", True), ("<ItemNumber>1<", "<ItemNumber>000001<", False), ("<ItemNumber>1<", "<ItemNumber>+1<", False), ("<ItemNumber>1<", "<ItemNumber>0<", True),
    ("<Indicator>0<", "<Indicator>-9<", True), ("<Indicator>0<", "<Indicator>10<", False),
    (">Q2<", ">ZZ<", True), (">Q2<", ">Q2 <", False), (">Q2<", ">Q<", False), (">TR<", ">12<", True), (">TR<", ">TUR<", False), (">720839<", ">72083<", False),
    ("<Name>Acier SA<", "<Name>" + "钢" * 70 + "<", True), ("<Name>Acier SA<", "<Name>" + "钢" * 71 + "<", False), ("<Name>Acier SA<", "<Name> <", True), ("<Name>Acier SA<", "<Name><", False),
    ("<ReportingPeriod>", "<SubmissionDate>2024-07-31T24:00:00Z</SubmissionDate><ReportingPeriod>", True),
    ("<ReportingPeriod>", "<SubmissionDate>2024-07-31T12:00:00+00:00</SubmissionDate><ReportingPeriod>", False),
    ("<ReportingPeriod>", "<SubmissionDate>2024-06-31T12:00:00Z</SubmissionDate><ReportingPeriod>", False),
    # order, number and names of elements
    ("<ReportingPeriod>Q2</ReportingPeriod><Year>2024</Year>", "<Year>2024</Year><ReportingPeriod>Q2</ReportingPeriod>", False),
    ("<Year>2024</Year>", "", False), ("<Year>2024</Year>", "<Year>2024</Year><Year>2024</Year>", False), ("<Year>2024</Year>", "<year>2024</year>", False),
    ("<ReportingPeriod>", "<ReportId>R-1</ReportId><ReportingPeriod>", True), ("<ReportingPeriod>", "<ReportHeader/><ReportingPeriod>", False),
    ("<CommodityDetails/>", "", False), ("<CommodityDetails/>", "<CommodityDetails> </CommodityDetails>", True), ("<CommodityDetails/>", "<CommodityDetails>x</CommodityDetails>", False),
    ("<City>Lyon</City>", "<Country>FR</Country><City>Lyon</City>", False), ("<City>Lyon</City>", "<SubDivision>ARA</SubDivision><City>Lyon</City>", True),
    ("/V1\"", "/V2\"", False), ("<QReport xmlns=", "<QReport xmlns:x=", False),
    # what is allowed without being named, and what is not
    ("<Year>", "<!-- c --><?p i?><Year>", True), ("<Year>2024", "<Year>20<!-- c -->24", True), ("<Year>", "&#32;<Year>", True), ("<Year>", "&#160;<Year>", False), ("<Year>", "x<Year>", False),
    ("<Year>", '<Year xsi:type="n4">', True), ("<Year>", '<Year xsi:type="n1">', False), ("<Year>", '<Year xsi:nil="false">', False), ("<Year>", '<Year xml:lang="en">', False),
    ("<HsCode>", "x<HsCode>", False), ("</HsCode>", "</HsCode>x", False), ("<MeasurementUnit>01</MeasurementUnit></MeasureImported>", "<MeasurementUnit>01<b/></MeasurementUnit></MeasureImported>", False),
    ("<HsCode>720839</HsCode>", "<HsCode>720839<!-- c --></HsCode>", True),
    ("</DirectEmissions>", "</DirectEmissions>" + PRICE, True), ("</DirectEmissions>", "</DirectEmissions>" + PRICE.replace("<Amount>", '<Amount xsi:type="dec16-6">'), True),
    ("</DirectEmissions>", "</DirectEmissions>" + PRICE.replace("<Amount>", '<Amount xsi:type="n1">'), False), ("</DirectEmissions>", "</DirectEmissions>" + PRICE * 99, True),
    ("</DirectEmissions>", "</DirectEmissions>" + PRICE * 100, False), ("</DirectEmissions>", PRICE + "</DirectEmissions>", False),
    ("<QReport ", '<QReport xsi:schemaLocation="a b" ', True), ("<QReport ", '<QReport version="23.00" ', False),
]


@pytest.mark.parametrize(("old", "new", "accepted"), VERDICTS, ids=[str(n) for n in range(len(VERDICTS))])
def test_verdicts_of_the_commissions_schema(old: str, new: str, accepted: bool) -> None:
    text = VALID.replace(old, new, 1) if old else VALID
    assert old == new or text != VALID
    assert check_bytes(text.encode()).valid == accepted, check_bytes(text.encode()).problems


def test_the_content_of_the_document_typed_by_hand() -> None:
    report = read_report(VALID.encode())
    (good,) = report.imported_good
    assert (report.reporting_period, report.year, report.declarant.actor_address.city, good.origin_country.country) == ("Q2", 2024, "Lyon", "TR")
    assert str(good.goods_emissions[0].direct_emissions.specific_embedded_emissions) == "1.9"
