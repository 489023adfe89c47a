"""From a subject to its GHG Protocol inventory. Nothing is estimated here and nothing missing becomes a zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification, family
from zerofactory_engine.accounting.context import Cells
from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.accounting.totals import Total, grouped, total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Problem, Severity
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.base_year import base_year
from zerofactory_mappings.ghg_protocol.consolidation import APPROACHES, Consolidated, Held, consolidate
from zerofactory_mappings.ghg_protocol.hierarchy import hierarchy
from zerofactory_mappings.ghg_protocol.hourly import HourlyView, hourly_view
from zerofactory_mappings.ghg_protocol.model import (
    GASES,
    NOT_SPLIT,
    Approach,
    Both,
    Bundled,
    CategoryRow,
    GasRow,
    GhgModel,
    InstrumentRow,
    Part,
)
from zerofactory_mappings.ghg_protocol.stated import contradictions, notations
from zerofactory_mappings.ghg_protocol.tables import Category, categories, legacy_signed_before

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier, Row
    from zerofactory_mappings.disclosures.subject import Subject

BIOGENIC, OTHER_GAS = "biogenic_co2", "other_gas"
#: Methods of a line that rest on data of a supplier or partner.
_SUPPLIER = frozenset({"supplier_specific"})
_CONTRACT_KINDS = frozenset({"green_power_contract", "power_purchase_agreement", "direct_line_contract"})


def build(subject: Subject) -> GhgModel:
    """The inventory of *subject* under its approach. Nothing stops here: hourly series that cannot be read and a
    statement that contradicts the lines are problems of the model."""
    approach = None if subject.approach is None else subject.approach.replace(" ", "_")
    found = consolidate(subject.members, approach)
    problems: list[Problem] = []
    notation = notations(subject.statement)
    lines = found.inside
    problems += contradictions(subject.statement, lines)
    return GhgModel(
        subject, found, found.total("scope/1"), _both(found, "scope/2"), _both(found, "scopes_1_2"),
        found.total("scope/3"), _gases(lines), _sources(lines), category_rows(found, notation), _uncategorised(lines),
        {why: _both(found, f"outside/{why}") for why in classification().outside},
        _biogenic(found.lines), _other_gases(found.lines), hierarchy(found.lines), instruments(found.held),
        _bundled(found.held), _hourly(found.held, problems),
        tuple((held.dossier_id, offset) for held in found.held for offset in held.member.inventory.offsets),
        _approaches(subject) if approach is not None else (), base_year(subject, found), tuple(problems))


def _both(found: Consolidated, group: str) -> Both:
    return Both(found.total(group, "location"), found.total(group, "market"))


# -- gases ------------------------------------------------------------------------------------------------------------


def _gases(lines: Sequence[Line]) -> tuple[GasRow, ...]:
    """Seven gases of scopes 1 and 2. A line that is unknown and tells no gas apart leaves every gas unknown that it may
    hold; one that is known stands in a row of its own."""
    direct = [line for line in lines if line.scope in (1, 2)]
    open_ends = [line for line in direct if line.gas == EQUIVALENT and isinstance(line.location.value, Unknown)]
    rows = []
    for gas in GASES:
        own = [line for line in direct if family(line.gas) == gas]
        rows.append(_gas_row(gas, [*own, *open_ends], own))
    rest = [line for line in direct if line.gas == EQUIVALENT and line not in open_ends]
    return (*rows, _gas_row(NOT_SPLIT, rest, rest)) if rest else tuple(rows)


def _gas_row(gas: str, lines: list[Line], own: list[Line]) -> GasRow:
    one, two = ([line for line in lines if line.scope == n] for n in (1, 2))
    species = {} if gas in ("CO2", NOT_SPLIT) else {
        name: add(line.location.value for line in of) for name, of in grouped(own, lambda line: line.gas).items()}
    return GasRow(gas, add(line.location.value for line in lines), add(line.market.value for line in lines),
                  total(one, "location").value, total(two, "location").value, total(two, "market").value, species)


def _sources(lines: Sequence[Line]) -> Mapping[str, Both]:
    """Both totals of each source type of scopes 1 and 2."""
    groups = grouped((line for line in lines if line.scope in (1, 2)), lambda line: line.source.code)
    return {code: Both(total(of, "location"), total(of, "market")) for code, of in groups.items()}


def _biogenic(lines: Sequence[Line]) -> Mapping[str, Amount]:
    """Biogenic CO2 outside the scopes in tonnes, by the scope whose activity released it."""
    groups = grouped((line for line in lines if line.outside == BIOGENIC), lambda line: str(line.source.scope))
    return {scope: add(line.location.value for line in of) for scope, of in groups.items()}


def _other_gases(lines: Sequence[Line]) -> Mapping[str, Amount]:
    """Tonnes of each gas outside the seven."""
    groups = grouped((line for line in lines if line.outside == OTHER_GAS), lambda line: line.gas)
    return {gas: add(line.location.value for line in of) for gas, of in groups.items()}


# -- scope 3 ----------------------------------------------------------------------------------------------------------


def category_rows(found: Consolidated, notation: Mapping[int, Mapping[str, Any]]) -> tuple[CategoryRow, ...]:
    """The fifteen rows."""
    return tuple(_category(category, found, notation.get(category.number, {})) for category in categories())


def _category(category: Category, found: Consolidated, said: Mapping[str, Any]) -> CategoryRow:
    lines = [line for line in found.inside if line.ghgp_category == category.number]
    beside = add(line.location.value for line in found.lines
                 if line.outside == BIOGENIC and line.source.ghgp_category == category.number)
    key = "value" if lines else str(said.get("key") or "missing")
    return CategoryRow(category, key, total(lines, "location") if lines else None, beside,
                       _supplier_share(found.held, category.number) if lines else None,
                       tuple(dict.fromkeys(line.method for line in lines)), said.get("reason"), said.get("where"))


def _supplier_share(held: Sequence[Held], number: int) -> Amount | None:
    """Part of a category that rests on data of suppliers: its method says so, or its row says that data are primary."""
    whole: list[Amount] = []
    theirs: list[Amount] = []
    for one in held:
        lines = [line for line in one.lines if line.ghgp_category == number and line.outside is None]
        primary = {(table, row.id) for table in {line.table for line in lines}
                   for row in one.member.dossier.rows.get(table, ()) if row.values.get("primary_data") is True}
        for line in lines:
            whole.append(line.tco2e_location)
            if line.method in _SUPPLIER or (line.table, line.row) in primary:
                theirs.append(line.tco2e_location)
    overall, part = add(whole), add(theirs)
    if isinstance(overall, Unknown) or isinstance(part, Unknown):
        return overall if isinstance(overall, Unknown) else part
    return CONTEXT.divide(part, overall) if overall else None


def _uncategorised(lines: Sequence[Line]) -> Total | None:
    """Scope 3 lines that belong to none of the fifteen; None when there are none."""
    rest = [line for line in lines if line.scope == 3 and line.ghgp_category is None]
    return total(rest, "location") if rest else None


# -- scope 2 ----------------------------------------------------------------------------------------------------------


def instruments(held: Sequence[Held]) -> tuple[InstrumentRow, ...]:
    """Every instrument that the engine judged, with what its row and contract say; facilities not taken in are left."""
    out = []
    for one in held:
        if one.share == 0:
            continue
        for found in one.member.inventory.notes.get("instruments", ()):
            table, _, row_id = found["row"].partition("/")
            row = one.member.dossier.row(table, row_id)
            if row is not None:
                out.append(_instrument(one.member.dossier, row, found))
    return tuple(out)


def _instrument(dossier: Dossier, row: Row, found: Mapping[str, Any]) -> InstrumentRow:
    signed = signed_on(dossier, row)
    day = legacy_signed_before()
    legacy = "unknown" if day is None or signed is None else "yes" if signed < day else "no"
    kind = "certificate" if row.table == "certificates" else str(row.values.get("source")).replace(" ", "_")
    return InstrumentRow(
        dossier.id, f"{row.table}/{row.id}", kind, Cells(row).amount("MWh"), row.values.get("technology"),
        row.values.get("market_boundary"), row.values.get("contract"), signed, legacy, found["counts"],
        {int(n): answer for n, answer in found["criteria"].items()})


def signed_on(dossier: Dossier, row: Row) -> Any:
    """Date of the contract document that the row names; None when it names none with a date."""
    for evidence in row.documents:
        document = dossier.documents.get(evidence.document)
        if document is not None and document.kind in _CONTRACT_KINDS and document.issued_on is not None:
            return document.issued_on
    return None


def _bundled(held: Sequence[Held]) -> tuple[Bundled, ...]:
    return tuple(Bundled(one.dossier_id, f"certificates/{row.id}", row.values.get("contract"), Cells(row).amount("MWh"))
                 for one in held if one.share != 0 for row in one.member.dossier.rows.get("certificates", ())
                 if row.values.get("bundled") is True)


def _hourly(held: Sequence[Held], problems: list[Problem]) -> tuple[HourlyView, ...]:
    views = []
    found: list[Problem] = []
    for one in held:
        if one.share == 0:
            continue
        counts = {i["row"]: i["counts"] for i in one.member.inventory.notes.get("instruments", ())}
        view = hourly_view(one.member.dossier, counts, one.member.file_of, found)
        if view is not None:
            views.append(view)
    # a series that cannot be read leaves the matching open, never the inventory
    problems += [replace(problem, severity=Severity.WARNING) for problem in found]
    return tuple(views)


# -- approaches -------------------------------------------------------------------------------------------------------


def _approaches(subject: Subject) -> tuple[Approach, ...]:
    """The three approaches side by side."""
    out = []
    for name in APPROACHES:
        found = consolidate(subject.members, name)
        out.append(Approach(name, found.total("scope/1"), _both(found, "scope/2"), found.total("scope/3"),
                            tuple(_part(Consolidated(name, (held,))) for held in found.held)))
    return tuple(out)


def _part(alone: Consolidated) -> Part:
    """What the only facility of *alone* brings in."""
    (held,) = alone.held
    assert held.share is not None                          # only a single dossier without approach has none
    return Part(held.dossier_id, held.share, alone.total("scope/1"), _both(alone, "scope/2"), alone.total("scope/3"))
