"""Fuels burned: CO2 = amount × heating value × carbon content × oxidation × 44/12, and CH4 and N2O per unit of energy.

The factor is always computed from its parts, measured ones before those of the set; it is never stored as a product.
"""

from __future__ import annotations

from dataclasses import dataclass

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.context import EMIT_OPTIONS, EMIT_ROLES, Calculator, Cells, Context, RowLike
from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.gwp import FOSSIL, NON_FOSSIL
from zerofactory_engine.accounting.lines import TableResult
from zerofactory_engine.accounting.quantities import stated_factor
from zerofactory_engine.accounting.terms import Slice, Term, from_entry, missing_factor
from zerofactory_engine.problems import Severity
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.units import dimension

#: Which source a use of fuel belongs to; the other uses burn nothing.
SOURCE_OF_USE = {"fuel": "stationary_combustion", "reductant": "process", "off-site vehicle": "mobile_combustion"}
#: Amount columns of a fuel row; the first filled one counts.
AMOUNTS = ("t", "Nm3", "m3", "GJ")
MEASURED_NCV = {"t": "ncv_GJ_per_t", "Nm3": "ncv_GJ_per_10kNm3"}
MEASURED_CARBON = {"t": "carbon_tC_per_t", "Nm3": "carbon_tC_per_10kNm3"}
DIMENSION_OF = {"t": dimension("mass"), "Nm3": dimension("normal_volume"), "GJ": dimension("energy")}


@dataclass(frozen=True, slots=True)
class Fuel:
    """One row's fuel: its amount as terms in *unit*, the entry that describes it, and measured values that prevail."""

    cells: Cells
    amount: Slice
    unit: str
    entry: Entry | None
    carrier: str
    set_id: str

    @property
    def energy(self) -> Slice:
        """Terms whose product is the energy in GJ (net calorific value)."""
        return self.amount if self.unit in ("", "GJ") else (*self.amount, self.heating_value())

    @property
    def measured_ncv(self) -> bool:
        """Whether the row states a heating value of its own."""
        return self.cells.number(MEASURED_NCV.get(self.unit, "")) is not None

    def heating_value(self) -> Term:
        """Measured heating value, else the set's; unknown when its unit does not fit the amount."""
        if self.measured_ncv:
            return self.cells.term(MEASURED_NCV[self.unit], f"GJ/{self.unit}")
        return self._per_amount("ncv", f"GJ/{self.unit}")

    def _per_amount(self, name: str, wanted: str) -> Term:
        if self.entry is None:
            return missing_factor("fuel", self.carrier, self.set_id)
        term = from_entry(self.entry, name)
        if term.unit != wanted and not isinstance(term.value, Unknown):
            wrong = self.cells.unknown("accounting.unit-does-not-fit", self.unit or AMOUNTS[0], carrier=self.carrier,
                                       unit=term.unit)
            return Term(name, wrong, wanted, entry=self.entry)
        return term

    def co2(self, ratio: Term, complete: Term) -> Slice:
        """Terms whose product is the CO2 in tonnes; *ratio* is 44/12, *complete* an oxidation of one."""
        by_mass = MEASURED_CARBON.get(self.unit, "")
        if not self.unit:                                                # no amount: nothing else is worth asking for
            return self.amount
        if self.cells.number(by_mass) is not None:
            return (*self.amount, self.cells.term(by_mass, f"tC/{self.unit}"), self._oxidation(complete), ratio)
        if self.cells.number("carbon_tC_per_TJ") is not None:
            return (*self.energy, self.cells.term("carbon_tC_per_TJ", "tC/GJ"), self._oxidation(complete), ratio)
        if self.entry is None:
            return (*self.amount, missing_factor("fuel", self.carrier, self.set_id))
        if "co2" in self.entry.values:
            return (*self.energy, from_entry(self.entry, "co2"))
        if "ncv" not in self.entry.values:                               # carbon per mass, by its formula
            return (*self.amount, self._per_amount("carbon", f"tC/{self.unit}"), self._oxidation(complete), ratio)
        return (*self.energy, from_entry(self.entry, "carbon"), self._oxidation(complete), ratio)

    def _oxidation(self, complete: Term) -> Term:
        if self.cells.number("oxidation_percent") is not None:
            return self.cells.term("oxidation_percent", "1")
        if self.entry is None or "oxidation" not in self.entry.values:
            return complete
        return from_entry(self.entry, "oxidation")


def fuel_of(row: RowLike, cells: Cells, context: Context) -> Fuel:
    """The fuel of *row*. Another set than the chosen one is used only for biomass and for what a formula gives."""
    carrier = cells.text("carrier") or ""
    entry = context.set("fuel").find(carrier, on=row.end)
    beside = context.maybe_set("other_gases")
    if entry is None and beside is not None:
        found = beside.find(carrier, on=row.end)
        entry = found if found is not None and found.biogenic else None
    if entry is None:
        entry = context.set("constants").find(carrier)
    amount, unit = _amount(row, cells)
    return Fuel(cells, amount, unit, entry, carrier, context.set("fuel").id)


def _amount(row: RowLike, cells: Cells) -> tuple[Slice, str]:
    column = next((c for c in AMOUNTS if row.values.get(c) is not None), None)
    if column is None:
        return (Term("amount", cells.missing(*AMOUNTS), "1"),), ""
    if column == "m3":                                                   # a liquid or solid; a gas is stated in Nm3
        return (cells.term("m3", "m3"), cells.term("density_t_per_m3", "t/m3")), "t"
    return (cells.term(column, column),), column


def other_gases(fuel: Fuel, context: Context) -> list[tuple[str, Slice]]:
    """CH4 and N2O of combustion: energy × emission per unit of energy, from the fuel's own set or the one beside it."""
    out: list[tuple[str, Slice]] = []
    beside = context.maybe_set("other_gases")
    for gas, name in (("CH4", "ch4"), ("N2O", "n2o")):
        entry = fuel.entry
        if entry is None or name not in entry.values:
            entry = beside.find(fuel.carrier, on=fuel.cells.row.end) if beside is not None else None
        if entry is not None:
            out.append((gas, (*fuel.energy, from_entry(entry, name))))
        elif beside is not None:
            out.append((gas, (*fuel.amount, missing_factor("other_gases", fuel.carrier, beside.id))))
    return out


def _emit_fuel(context: Context, fuel: Fuel, source: str) -> None:
    cells, carrier = fuel.cells, fuel.carrier
    ratio, complete = constant(context, "carbon", "co2"), constant(context, "combustion", "oxidation")
    stated = stated_factor(cells, "factor")
    biogenic = fuel.entry is not None and fuel.entry.biogenic
    gas, terms = "CO2", fuel.co2(ratio, complete)
    if stated is not None:
        gas = stated.gas
        terms = (*(fuel.energy if stated.per == DIMENSION_OF["GJ"] else fuel.amount), stated.term)
        if stated.per not in (DIMENSION_OF.get(fuel.unit), DIMENSION_OF["GJ"]):
            wrong = cells.unknown("accounting.unit-does-not-fit", "factor", carrier=carrier, unit=str(stated.per))
            terms = (Term("factor", wrong, "1"),)
    if cells.number("biogenic_percent") is not None and not biogenic:
        context.emit(cells, source, gas, (*terms, cells.complement("biogenic_percent")), carrier=carrier, origin=FOSSIL)
        context.emit(cells, source, gas, (*terms, cells.term("biogenic_percent", "1")), carrier=carrier,
                     part="biogenic", biogenic=True, origin=NON_FOSSIL)
    else:
        context.emit(cells, source, gas, terms, carrier=carrier, biogenic=biogenic,
                     origin=NON_FOSSIL if biogenic else FOSSIL)
    if stated is not None and gas != "CO2":
        return                                                           # the stated factor covers the other gases
    for name, slice_ in other_gases(fuel, context):
        context.emit(cells, source, name, slice_, carrier=carrier, biogenic=biogenic,
                     origin=NON_FOSSIL if biogenic else FOSSIL)


def constant(context: Context, key: str, name: str) -> Term:
    """A value of the set of constants."""
    factors = context.set("constants")
    entry = factors.find(key)
    return from_entry(entry, name) if entry is not None else missing_factor("constants", key, factors.id)


def _energy(context: Context) -> TableResult:
    for row, cells in context.rows("energy"):
        use = cells.text("use") or "fuel"
        if cells.text("direction") not in (None, "consumed") or use not in SOURCE_OF_USE:
            continue
        source = "mobile_combustion" if cells.yes("mobile") else SOURCE_OF_USE[use]
        fuel = fuel_of(row, cells, context)
        if fuel.carrier in classification().not_burned:
            continue
        if cells.text("origin") == "made on site":
            context.report("accounting.made-on-site", cells, severity=Severity.NOTE, carrier=fuel.carrier)
        _emit_fuel(context, fuel, source)
    return context.result()


ENERGY = Calculator(
    "combustion", _energy, ("energy",), ("fuel", "other_gases", *EMIT_ROLES), EMIT_OPTIONS)
