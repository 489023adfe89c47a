"""Documents typed by hand: the smallest one, and one good with every part that an exporter usually fills."""

from __future__ import annotations

NAMESPACE = "http://xmlns.ec.eu/BusinessObjects/CBAM/Types/V1"

HEAD = """\
  <ReportingPeriod>Q4</ReportingPeriod>
  <Year>2025</Year>
  <Declarant>
    <IdentificationNumber>NL000000000000001</IdentificationNumber>
    <Name>Importer BV</Name>
    <Role>01</Role>
    <ActorAddress><City>Rotterdam</City></ActorAddress>
  </Declarant>
  <Signatures>
    <ReportConfirmation>
      <GlobalDataConfirmation>true</GlobalDataConfirmation>
      <UseOfDataConfirmation>0</UseOfDataConfirmation>
      <SignaturePlace>Rotterdam</SignaturePlace>
      <Signature>J. Jansen</Signature>
      <PositionOfPersonSending>director</PositionOfPersonSending>
    </ReportConfirmation>
  </Signatures>
"""

#: The least that a good has to hold.
SMALL_GOOD = """\
  <ImportedGood>
    <ItemNumber>1</ItemNumber>
    <OriginCountry><Country>CN</Country></OriginCountry>
    <ImportedQuantity>
      <SequenceNumber>1</SequenceNumber>
      <Procedure><RequestedProc>40</RequestedProc></Procedure>
      <ImportArea><ImportArea>EU</ImportArea></ImportArea>
      <MeasureProcedureImported>
        <Indicator>0</Indicator><NetMass>10</NetMass><MeasurementUnit>01</MeasurementUnit>
      </MeasureProcedureImported>
    </ImportedQuantity>
    <MeasureImported><NetMass>10.000000</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureImported>
    <GoodsEmissions>
      <SequenceNumber>1</SequenceNumber>
      <ProducedMeasure><NetMass>10</NetMass><MeasurementUnit>01</MeasurementUnit></ProducedMeasure>
      <DirectEmissions>
        <ApplicableReportingTypeMethodology>TOM01</ApplicableReportingTypeMethodology>
        <SpecificEmbeddedEmissions>1.75</SpecificEmbeddedEmissions>
        <MeasurementUnit>EMU1</MeasurementUnit>
      </DirectEmissions>
    </GoodsEmissions>
  </ImportedGood>
"""

#: One good of one installation.
GOOD = """\
  <ImportedGood>
    <ItemNumber>1</ItemNumber>
    <CommodityCode>
      <HsCode>760611</HsCode><CnCode>76061191</CnCode>
      <CommodityDetails><Description>Aluminium plate</Description></CommodityDetails>
    </CommodityCode>
    <OriginCountry><Country>CN</Country></OriginCountry>
    <ImportedQuantity>
      <SequenceNumber>1</SequenceNumber>
      <Procedure><RequestedProc>40</RequestedProc><PreviousProc>00</PreviousProc></Procedure>
      <ImportArea><ImportArea>EU</ImportArea></ImportArea>
      <MeasureProcedureImported>
        <Indicator>0</Indicator><NetMass>25.5</NetMass><MeasurementUnit>01</MeasurementUnit>
      </MeasureProcedureImported>
    </ImportedQuantity>
    <MeasureImported><NetMass>25.5</NetMass><MeasurementUnit>01</MeasurementUnit></MeasureImported>
    <SupportingDocuments>
      <SequenceNumber>1</SequenceNumber><Type>T001</Type>
      <ValidityStartDate>2025-01-01</ValidityStartDate><ValidityEndDate>2025-12-31</ValidityEndDate>
      <Attachment><Filename>a.txt</Filename><MIME>text/plain</MIME><Binary>aGVsbG8=</Binary></Attachment>
    </SupportingDocuments>
    <GoodsEmissions>
      <SequenceNumber>1</SequenceNumber>
      <ProductionCountry>CN</ProductionCountry>
      <InstallationOperator>
        <OperatorId>OP-7</OperatorId><OperatorName>示例铝业</OperatorName>
        <OperatorAddress><Country>CN</Country><City>Luoyang</City></OperatorAddress>
        <ContactDetails><Name>Wang</Name><Phone>+86 379 0</Phone><Email>w@al.example</Email></ContactDetails>
      </InstallationOperator>
      <Installation>
        <InstallationId>I-7</InstallationId><InstallationName>Smelter</InstallationName>
        <Address><EstablishmentCountry>CN</EstablishmentCountry><City>Luoyang</City></Address>
      </Installation>
      <ProducedMeasure><NetMass>25.5</NetMass><MeasurementUnit>01</MeasurementUnit></ProducedMeasure>
      <DirectEmissions>
        <DeterminationType>01</DeterminationType>
        <ApplicableReportingTypeMethodology>TOM01</ApplicableReportingTypeMethodology>
        <SpecificEmbeddedEmissions>1.8734567</SpecificEmbeddedEmissions>
        <MeasurementUnit>EMU1</MeasurementUnit>
      </DirectEmissions>
      <IndirectEmissions>
        <DeterminationType>01</DeterminationType>
        <EmissionFactor>0.605</EmissionFactor>
        <SpecificEmbeddedEmissions>8.1</SpecificEmbeddedEmissions>
        <MeasurementUnit>EMU1</MeasurementUnit>
        <ElectricityConsumed>13.38843</ElectricityConsumed>
        <ElectricitySource>SOE03</ElectricitySource>
      </IndirectEmissions>
      <CarbonPriceDue>
        <SequenceNumber>1</SequenceNumber><InstrumentType>01</InstrumentType>
        <LegalActDescription>National emissions trading</LegalActDescription>
        <Amount>1000.50</Amount><Currency>CNY</Currency><Country>CN</Country>
      </CarbonPriceDue>
    </GoodsEmissions>
  </ImportedGood>
"""


def document(goods: str = GOOD, head: str = HEAD) -> str:
    """A document of these parts."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<QReport xmlns="{NAMESPACE}">\n{head}{goods}</QReport>\n'


def changed(old: str, new: str, text: str | None = None) -> bytes:
    """The document with the first *old* made *new*; it has to be there."""
    text = document() if text is None else text
    assert old in text, old
    return text.replace(old, new, 1).encode()
