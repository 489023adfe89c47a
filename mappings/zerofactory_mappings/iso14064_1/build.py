"""From one facility to its ISO 14064-1 report. Nothing is estimated here and nothing missing becomes a zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification, family
from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount, add
from zerofactory_engine.accounting.totals import grouped, inside, total
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_mappings.iso14064_1.base_year import base_year_of, earlier_of
from zerofactory_mappings.iso14064_1.electricity import exported, instruments, supplies
from zerofactory_mappings.iso14064_1.methods import approaches, factor_sets, row_factors
from zerofactory_mappings.iso14064_1.model import (
    QUANTIFIED,
    SILENT,
    Apart,
    Category,
    Decision,
    Exclusion,
    GasRow,
    IsoModel,
    Subcategory,
)
from zerofactory_mappings.iso14064_1.stated import best_for
from zerofactory_mappings.iso14064_1.tables import (
    DIRECT,
    IMPORTED_ENERGY,
    Rule,
    category_titles,
    gases,
    removal_sources,
    rules,
    subcategory_titles,
)
from zerofactory_mappings.uncertainty import propagate, simulate

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_mappings.disclosures.statement import Statement
    from zerofactory_mappings.disclosures.subject import Subject

#: Why a line stands beside the scopes.
BIOGENIC, OTHER_GAS, EXPORTED = "biogenic_co2", "other_gas", "exported"
NOT_ESTIMATED = "NE"


def build(subject: Subject) -> IsoModel:
    """The report of the only facility of *subject*.

    Raises:
        ProblemsError: ``disclosure.group-not-taken``; what is wrong with the corrections of a base year.
    """
    member = subject.alone
    inventory, dossier, statement = member.inventory, member.dossier, subject.statement
    counted = inside(inventory.lines)
    indirect = [line for line in counted if str(line.iso_category) != DIRECT]
    decisions = tuple(Decision(str(d.get("source") or d.get("category") or ""), d["significant"], d["reason"])
                      for d in statement.rows("significance.decisions"))
    categories = _categories(inventory, statement)
    earlier = earlier_of(subject)
    return IsoModel(
        subject=subject, categories=categories, total=inventory.total("all"), indirect=total(indirect, "location"),
        other_indirect=total([x for x in indirect if str(x.iso_category) != IMPORTED_ENERGY], "location"),
        market_total=inventory.total("all", "market"), gases=_gases(inventory, counted), removals=_removals(counted),
        biogenic=_biogenic(inventory.lines), other_gases=_other_gases(inventory.lines),
        exported=exported(dossier, inventory.lines), exported_total=inventory.total(f"outside/{EXPORTED}"),
        supplies=supplies(dossier, inventory.lines), instruments=instruments(dossier, inventory),
        exclusions=_exclusions(dossier.boundary, statement, categories), decisions=decisions,
        approaches=approaches(counted, statement),
        factors=tuple(dict.fromkeys(e for line in inventory.lines for e in line.entries)),
        row_factors=row_factors(dossier, inventory.lines), sets=factor_sets(inventory),
        base_year=base_year_of(subject, earlier), earlier=earlier, uncertainty=propagate(inventory),
        simulation=simulate(inventory), departures=_departures(inventory, counted))


# -- categories -------------------------------------------------------------------------------------------------------

def _categories(inventory: Inventory, statement: Statement) -> tuple[Category, ...]:
    found = []
    for code in category_titles():
        below = tuple(_subcategory(s, inventory, statement) for s in subcategory_titles() if s.split(".")[0] == code)
        found.append(Category(code, inventory.total(f"iso_category/{code}"),
                              inventory.total(f"iso_category/{code}", "market"), below))
    return tuple(found)


def _subcategory(code: str, inventory: Inventory, statement: Statement) -> Subcategory:
    """A subcategory with its total, or with what the statement says of it."""
    found = inventory.total(f"iso_subcategory/{code}")
    decided = best_for(code, statement.rows("significance.decisions"))
    decision = None if decided is None else Decision(code, decided["significant"], decided["reason"])
    state, said = (QUANTIFIED, None) if found.lines else _accounted(code, statement, decided)
    return Subcategory(code, found, inventory.total(f"iso_subcategory/{code}", "market"), state,
                       None if said is None else said.get("reason"), None if said is None else said.get("where"),
                       decision)


def _accounted(code: str, statement: Statement, decided: Mapping[str, Any] | None
               ) -> tuple[str, Mapping[str, Any] | None]:
    """How a subcategory without lines is accounted for: a notation key, or left out with a reason. What is only not
    estimated (NE) comes last: who also found it not significant has given the reason that the standard asks for."""
    noted = best_for(code, statement.rows("notation"))
    if noted is not None and noted["key"] != NOT_ESTIMATED:
        return str(noted["key"]), noted
    left_out = best_for(code, statement.rows("excluded"))
    if left_out is None and decided is not None and not decided["significant"]:
        left_out = decided
    if left_out is not None:
        return "excluded", left_out
    return (SILENT, None) if noted is None else (NOT_ESTIMATED, noted)


# -- gases, and what stands apart -------------------------------------------------------------------------------------

def _gases(inventory: Inventory, counted: Sequence[Line]) -> tuple[GasRow, ...]:
    """Direct emissions by gas, without what was taken back. A line that is unknown and tells no gas apart leaves every
    gas open; one that is known stands in a row of its own."""
    direct = [x for x in counted if str(x.iso_category) == DIRECT and x.source.code not in removal_sources()]
    unsplit = [x for x in direct if x.gas == EQUIVALENT]
    open_ends = [x for x in unsplit if isinstance(x.location.value, Unknown)]
    known = [x for x in unsplit if not isinstance(x.location.value, Unknown)]
    families: dict[str, list[Line]] = {}
    for line in direct:
        families.setdefault(family(line.gas) or "", []).append(line)
    only_co2 = inventory.options.get("gases") == "co2"
    rows = [_gas_row(gas, families.get(gas, []), open_ends, covered=gas == "CO2" or not only_co2) for gas in gases()]
    return (*rows, _gas_row(EQUIVALENT, known, (), covered=True)) if known else tuple(rows)


def _gas_row(gas: str, own: Sequence[Line], open_ends: Sequence[Line], *, covered: bool) -> GasRow:
    if not covered:
        left_out = Unknown(Reason(Cause.VALUE, "option:gases", "iso14064.gas-not-covered", (("gas", gas),)))
        return GasRow(gas, left_out, left_out, 0)
    counted = [*own, *open_ends]
    species = grouped(own, lambda line: line.gas)
    told = {} if list(species) in ([], [gas]) else {name: add(x.location.value for x in of)
                                                    for name, of in species.items()}
    return GasRow(gas, add(x.location.value for x in counted), add(x.tco2e_location for x in counted), len(own), told)


def _removals(counted: Sequence[Line]) -> tuple[Apart, ...]:
    """CO2 taken back that the total already deducts, by category."""
    groups = grouped((x for x in counted if x.source.code in removal_sources()), lambda x: str(x.iso_category))
    return tuple(Apart("stored", category, total(of, "location")) for category, of in groups.items())


def _biogenic(lines: Iterable[Line]) -> tuple[Apart, ...]:
    """Biogenic CO2 beside the total: emissions and removals each, by category."""
    found = [x for x in lines if x.outside == BIOGENIC]
    return tuple(
        Apart(kind, category, total(of, "location")) for kind, back in (("emission", False), ("removal", True))
        for category, of in grouped((x for x in found if (x.source.code in removal_sources()) is back),
                                    lambda x: str(x.iso_category)).items())


def _other_gases(lines: Iterable[Line]) -> Mapping[str, Amount]:
    """Tonnes of each gas outside the seven."""
    groups = grouped((x for x in lines if x.outside == OTHER_GAS), lambda x: x.gas)
    return {gas: add(x.location.value for x in of) for gas, of in groups.items()}


# -- boundary ---------------------------------------------------------------------------------------------------------

def _exclusions(boundary: Mapping[str, Any], statement: Statement, categories: Sequence[Category]
                ) -> tuple[Exclusion, ...]:
    """Sources left out: as the dossier has them, as the statement has them, and categories found not significant."""
    out = [Exclusion(str(e.get("id") or n), e.get("what"), None if e.get("iso_category") is None else
                     str(e["iso_category"]), e.get("estimate_tCO2e"), e.get("reason"), "dossier")
           for n, e in enumerate(boundary.get("exclusions") or (), 1)]
    for number, entry in enumerate(statement.rows("excluded"), 1):
        out.append(Exclusion(f"S{number}", _named(entry), entry.get("category"), entry.get("estimate_tCO2e"),
                             entry["reason"], "statement"))
    told = {e.category for e in out}
    for each in (s for c in categories for s in c.subcategories):
        decided = each.decision
        if each.state == "excluded" and decided is not None and not decided.significant and each.code not in told:
            out.append(Exclusion(each.code, subcategory_titles()[each.code], each.code, None, decided.reason,
                                 "decision"))
    return tuple(out)


def _named(entry: Mapping[str, Any]) -> object:
    """What a statement's entry is about: a source type by its name, else as it stands."""
    source = classification().sources.get(str(entry.get("source") or ""))
    if source is not None:
        return source.title
    category = str(entry.get("category") or "")
    return entry.get("source") or subcategory_titles().get(category) or category_titles().get(category) or category


def _departures(inventory: Inventory, counted: Sequence[Line]) -> tuple[Rule, ...]:
    """Options that make the inventory another than the standard means, where they have any effect."""
    felt = {"biogenic_co2": lambda x: x.biogenic and x.gas == "CO2", "exported_power": lambda x: x.flow == "exported"}
    return tuple(rule for rule in rules() if inventory.options.get(rule.option, rule.value) != rule.value
                 and (rule.option not in felt or any(felt[rule.option](x) for x in counted)))
