"""A quarterly report as frozen dataclasses: one class per complex type of the table of elements, with its own words.

A class is named like the type without ``Type``, a field like the element in lower case (``CnCode`` → ``cn_code``), in
the order of the sequence. Optional elements are None when they are left out, repeated ones are tuples. Written out
rather than a generic tree, so that a program that fills a report is checked by its types; ``binding`` compares every
field with the table and refuses to work when they differ.

Numbers are exact decimals; they are rounded to the digits of their element only when they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarantAddress:
    """The declarant's address; it has no country."""
    sub_division: str | None = None
    city: str
    street: str | None = None
    street_additional_line: str | None = None
    number: str | None = None
    postcode: str | None = None
    po_box: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarant:
    """The reporting declarant, by EORI number; *role* is a code (``codes.yaml``, ``role``)."""
    identification_number: str
    name: str
    role: str
    actor_address: DeclarantAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address with its country."""
    country: str
    sub_division: str | None = None
    city: str
    street: str | None = None
    street_additional_line: str | None = None
    number: str | None = None
    postcode: str | None = None
    po_box: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Representative:
    """The indirect customs representative."""
    identification_number: str
    name: str
    representative_address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """The importer, where it is not the declarant."""
    identification_number: str
    name: str
    importer_address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConfirmation:
    """Confirmation of the report: the data are complete and may be used; who signs, where, in what position."""
    global_data_confirmation: bool
    use_of_data_confirmation: bool
    signature_place: str
    signature: str
    position_of_person_sending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicableMethodologyConfirmation:
    """Whether another reporting methodology is applied."""
    other_applicable_reporting_methodology: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """What the declarant confirms."""
    report_confirmation: ReportConfirmation
    applicable_methodology_confirmation: ApplicableMethodologyConfirmation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """Free text about the report or a good."""
    additional_information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommodityDetails:
    """Description of the good; without one the element stands empty."""
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommodityCode:
    """Nomenclature codes: *hs_code* is the first six digits of *cn_code*."""
    hs_code: str
    cn_code: str
    commodity_details: CommodityDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginCountry:
    """Country of origin, two letters."""
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InwardProcessingInfo:
    """An authorisation of inward processing; *start_time*, *end_time* and *deadline* are numbers YYYYMMDD."""
    member_state_auth: str
    discharge_bill_waiver: int
    authorisation: str
    start_time: int
    end_time: int
    deadline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """Customs procedure: requested and previous one, and what is known of inward processing."""
    requested_proc: str
    previous_proc: str | None = None
    inward_processing_info: tuple[InwardProcessingInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportArea:
    """How the good was imported, as a code (``codes.yaml``, ``import_area``)."""
    import_area: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureProcedure:
    """A quantity under a procedure; *indicator* says whether it was inward-processed."""
    indicator: int
    net_mass: Decimal | None = None
    supplementary_units: Decimal | None = None
    measurement_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialReferences:
    """Free text about an imported quantity."""
    additional_information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedQuantity:
    """A part of the quantity that was imported under one customs procedure."""
    sequence_number: int
    procedure: Procedure
    import_area: ImportArea
    measure_procedure_imported: tuple[MeasureProcedure, ...]
    special_references: SpecialReferences | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity: *net_mass*, in tonnes when *measurement_unit* is their code, or a number of supplementary units."""
    net_mass: Decimal | None = None
    supplementary_units: Decimal | None = None
    measurement_unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file; *binary* is its content."""
    filename: str
    uri: str | None = None
    mime: str
    binary: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportingDocuments:
    """A document that supports a good or its emissions; *type* is a code of four characters."""
    sequence_number: int
    type: str
    country: str | None = None
    reference_number: str | None = None
    line_item_number: int | None = None
    issuing_auth_name: str | None = None
    validity_start_date: date | None = None
    validity_end_date: date | None = None
    description: str | None = None
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """A person to ask."""
    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationOperator:
    """The operator of the installation, with up to nine contacts."""
    operator_id: str
    operator_name: str
    operator_address: Address
    contact_details: tuple[ContactDetails, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationAddress:
    """Where an installation is; latitude and longitude as text, *coordinates_type* is a code."""
    establishment_country: str
    sub_division: str | None = None
    city: str
    street: str | None = None
    street_additional_line: str | None = None
    number: str | None = None
    postcode: str | None = None
    po_box: str | None = None
    plot_parcel_number: str | None = None
    unlocode: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    coordinates_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The installation that produced the good."""
    installation_id: str
    installation_name: str
    economic_activity: str | None = None
    address: InstallationAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectEmissions:
    """Direct emissions: *specific_embedded_emissions* in tonnes of CO2e per tonne of good.

    For electricity as a good, *emission_factor* in tonnes of CO2e per MWh, *electricity_imported* in MWh and
    *total_embedded_electricity_imported* in tonnes of CO2e.
    """
    determination_type: str | None = None
    determination_type_electricity: str | None = None
    applicable_reporting_type_methodology: str
    applicable_reporting_methodology: str | None = None
    specific_embedded_emissions: Decimal | None = None
    other_source_indication: str | None = None
    emission_factor_source_electricity: str | None = None
    emission_factor: Decimal | None = None
    electricity_imported: Decimal | None = None
    total_embedded_electricity_imported: Decimal | None = None
    measurement_unit: str
    emission_factor_source_value: str | None = None
    conditionality_fulfillment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndirectEmissions:
    """Indirect emissions: *specific_embedded_emissions* in tonnes of CO2e per tonne of good.

    *emission_factor* of the electricity in tonnes of CO2e per MWh; *electricity_consumed* in MWh (the schema itself
    names no unit).
    """
    determination_type: str
    emission_factor_source: str | None = None
    emission_factor: Decimal | None = None
    specific_embedded_emissions: Decimal
    measurement_unit: str
    electricity_consumed: Decimal | None = None
    electricity_source: str
    other_source_indication: str | None = None
    emission_factor_source_value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifyingParameters:
    """A qualifying parameter of a production route, by its code."""
    sequence_number: int
    parameter_id: str
    parameter_value: str
    additional_information: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProdMethodQualifyingParams:
    """The production route (*method_id*) with its qualifying parameters."""
    sequence_number: int
    method_id: str
    steel_mill_number: str | None = None
    additional_information: str | None = None
    direct_qualifying_parameters: tuple[QualifyingParameters, ...] = ()
    indirect_qualifying_parameters: tuple[QualifyingParameters, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsCovered:
    """Goods that a carbon price covers, and how much of the quantity.

    *quantity_covered_free_aloc* (the registry's spelling) is the part that had free allocation or a rebate.
    """
    sequence_number: int
    type: str
    cn: str | None = None
    quantity_covered: Decimal
    quantity_covered_free_aloc: Decimal
    supplementary_information: str | None = None
    additional_information: str | None = None
    measure: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonPriceDue:
    """A carbon price due in the country of origin: *amount* in *currency*."""
    sequence_number: int
    instrument_type: str
    legal_act_description: str
    amount: Decimal
    currency: str
    country: str
    products_covered: tuple[ProductsCovered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarksEmissions:
    """Free text about the emissions of a good."""
    sequence_number: int
    additional_information: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsEmissions:
    """Emissions of a part of a good: from one installation, or without one where default values are used.

    *produced_measure* is the quantity that they belong to.
    """
    sequence_number: int
    production_country: str | None = None
    installation_operator: InstallationOperator | None = None
    installation: Installation | None = None
    produced_measure: Measure
    direct_emissions: DirectEmissions
    indirect_emissions: IndirectEmissions | None = None
    prod_method_qualifying_params: ProdMethodQualifyingParams | None = None
    supporting_documents: tuple[SupportingDocuments, ...] = ()
    carbon_price_due: tuple[CarbonPriceDue, ...] = ()
    remarks_emissions: tuple[RemarksEmissions, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedGood:
    """One line of the report: a good of one CN code and origin, with its quantities and emissions.

    *item_number* counts from 1; *measure_imported* is the whole quantity of the line.
    """
    item_number: int
    representative: Representative | None = None
    importer: Importer | None = None
    commodity_code: CommodityCode | None = None
    origin_country: OriginCountry
    imported_quantity: tuple[ImportedQuantity, ...]
    measure_imported: Measure
    supporting_documents: tuple[SupportingDocuments, ...] = ()
    remarks: Remarks | None = None
    goods_emissions: tuple[GoodsEmissions, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QReport:
    """A quarterly report: who declares, for which quarter, and the goods.

    *reporting_period* is ``Q1`` … ``Q4`` of *year*; *submission_date* is in UTC. Goods may also come one after the
    other when a report is written (``write.write_report``); then they are left out here.
    """
    submission_date: datetime | None = None
    report_id: str | None = None
    reporting_period: str
    year: int
    declarant: Declarant
    representative: Representative | None = None
    importer: Importer | None = None
    signatures: Signatures
    remarks: Remarks | None = None
    imported_good: tuple[ImportedGood, ...] = ()
