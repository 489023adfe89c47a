"""Results of the template that a typed formula may refer to, worked out here from the entries, never read from it.

Each uses the equations of :mod:`zerofactory_mappings.cbam.equations` and the dated tables, and gives what the locked
cell of the template gives: a number, or an empty text where it shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException

from zerofactory_mappings.cbam.book import Book
from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.layout import Block
from zerofactory_mappings.cbam.communication.package import Stored
from zerofactory_mappings.cbam.communication.rows import measured_row, pfc_row, stream_row
from zerofactory_mappings.cbam.equations import EQUATIONS, TJ_PER_MWH, ZERO
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.result import StreamResult
from zerofactory_mappings.cbam.streams import Streams

#: Defined cells of the parameter sheet → constants of our tables.
_CONSTANTS = {"natural_gas_ef": "ef_natural_gas", "gwp_n2o": "gwp_n2o", "gwp_cf4": "gwp_cf4", "gwp_c2f6": "gwp_c2f6"}


class Derived:
    """Works out locked cells of one workbook; give :meth:`value` to :attr:`Cells.locked`."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.blocks = cells.layout.blocks
        self.book = Book(basis=Basis.TRANSITIONAL)
        self._streams: dict[tuple[str, int], StreamResult | None] = {}

    def value(self, sheet: str, name: str) -> Stored:
        """The value of a locked cell; raises :class:`FormulaError` when an entry that it needs cannot be read."""
        with self.cells.strictly():
            if sheet == self.cells.layout.constants_sheet:
                ident = next(k for k, v in self.cells.layout.constants.items() if v == name)
                return self._law(_CONSTANTS[ident])
            block, result, index = self.cells.layout.derived[(sheet, name)]
            if block in ("streams", "pfc", "measured"):
                return self._source(block, result, index)
            if block == "balance":
                return self._balance(result)
            if block == "process":
                return self._process(result, index)
            return self._precursor(result, index) if block == "precursor" else self._chp(block, result)

    def _law(self, constant: str) -> Decimal:
        """A constant as the transitional law had it."""
        value = self.book.law(constant).value
        assert value is not None, constant
        return value

    def _of(self, block: str, result: str, index: int = 0) -> Stored:
        """Another result, through the cell that shows it, so that a cycle is seen."""
        at = self.blocks[block]
        locked = self.cells.reference(at.sheet, at.derived_cell(result, index))
        return "" if locked is None else locked

    def _sum(self, *values: Stored) -> Decimal:
        return EQUATIONS["sum"](*[v for v in values if isinstance(v, Decimal)])

    def _number(self, block: Block, name: str, index: int) -> Decimal | None:
        return self.cells.number(block.sheet, block.cell(name, index))

    def _numbers(self, block: Block, name: str, index: int) -> list[Decimal]:
        found = [self.cells.number(block.sheet, c) for c in block.cells(name, index)]
        return [v for v in found if v is not None]

    def _blank(self, block: Block, name: str, index: int) -> Decimal:
        return self._number(block, name, index) or ZERO

    # --- sheet B ----------------------------------------------------------------------------------------------------

    def _result(self, kind: str, index: int) -> StreamResult | None:
        """What a row of sheet B gives; None when it is empty or counts nowhere."""
        if (kind, index) not in self._streams:
            streams = Streams(self.book, Basis.TRANSITIONAL, workbook=True)
            if kind == "streams" and (stream := stream_row(self.cells, index)) is not None:
                streams.stream(stream)
            elif kind == "pfc" and (pfc := pfc_row(self.cells, index)) is not None and pfc.method is not None:
                streams.perfluorocarbons(pfc)
            elif kind == "measured" and (measured := measured_row(self.cells, index)) is not None:
                streams.continuous(measured)
            found = streams.results[0] if streams.results else None
            self._streams[kind, index] = found if found is not None and found.counted else None
        return self._streams[kind, index]

    def _source(self, kind: str, name: str, index: int) -> Stored:
        if name.startswith("energy"):
            return self._energy(name, index)
        found = self._result(kind, index)
        value = None if found is None else found.biomass if name == "biomass" else found.fossil
        return "" if value is None else value

    def _energy(self, name: str, index: int) -> Stored:
        block = self.blocks["streams"]
        if self.cells.code(block, "method", index) is None:
            return ""
        energy = EQUATIONS["E6"](self._blank(block, "amount", index), self._blank(block, "ncv", index))
        share = EQUATIONS["ratio"](self._blank(block, "biomass", index), Decimal(100))
        return EQUATIONS["E10" if name == "energy_fossil" else "E10-biomass"](energy, share)

    # --- sheet C ----------------------------------------------------------------------------------------------------

    def _balance(self, name: str) -> Stored:
        if not self._has_entries():
            return ""
        block = self.blocks["balance"]
        if name.endswith("_computed"):
            return self._computed(name.removesuffix("_computed"))
        if name in ("by_calculation", "by_measurement", "by_pfc", "by_other"):
            return self._by_method(name)
        if name in ("co2", "biomass_co2", "n2o", "pfc", "fuel_total"):
            typed = self._number(block, name, 0)
            below = {"biomass_co2": "biomass_computed", "fuel_total": "fuel_computed"}.get(name, f"{name}_computed")
            return self._of("balance", below) if typed is None else typed
        if name in ("fuel_direct", "fuel_electricity", "fuel_other", "indirect"):
            typed = self._number(block, name, 0)
            return "" if typed is None else typed
        if name == "direct":
            return self._sum(*[self._of("balance", n) for n in ("co2", "n2o", "pfc")])
        if name == "total":
            return self._sum(self._of("balance", "direct"), self._of("balance", "indirect"))
        return EQUATIONS["difference"](self._sum(self._of("balance", "fuel_total")), self._sum(
            *[self._of("balance", n) for n in ("fuel_direct", "fuel_electricity", "fuel_other")]))

    def _computed(self, gas: str) -> Decimal:
        streams, measured = self.blocks["streams"].count, self.blocks["measured"].count
        if gas == "pfc":
            return self._sum(*[self._of("pfc", "emissions", i) for i in range(self.blocks["pfc"].count)])
        if gas == "direct":
            return self._sum(*[self._of("balance", f"{n}_computed") for n in ("co2", "n2o", "pfc")])
        meters = [i for i in range(measured) if (self._gas(i) == "N2O") == (gas == "n2o")]
        if gas == "n2o":
            return self._sum(*[self._of("measured", "fossil", i) for i in meters])
        if gas == "fuel":
            block = self.blocks["measured"]
            typed = [self._blank(block, n, i) for i in meters for n in ("energy_fossil", "energy_biomass")]
            return self._sum(*typed, *[self._of("streams", n, i) for i in range(streams)
                                       for n in ("energy_fossil", "energy_biomass")])
        name = "biomass" if gas == "biomass" else "fossil"
        return self._sum(*[self._of("streams", name, i) for i in range(streams)],
                         *[self._of("measured", name, i) for i in meters])

    def _gas(self, index: int) -> str | None:
        return self.cells.code(self.blocks["measured"], "gas", index)

    def _by_method(self, name: str) -> Stored:
        if name == "by_calculation":
            return self._sum(*[self._of("streams", "fossil", i) for i in range(self.blocks["streams"].count)])
        if name == "by_measurement":
            return self._sum(*[self._of("measured", "fossil", i) for i in range(self.blocks["measured"].count)])
        if name == "by_pfc":
            return self._of("balance", "pfc")
        return EQUATIONS["difference"](self._sum(self._of("balance", "direct")), self._sum(
            *[self._of("balance", n) for n in ("by_calculation", "by_pfc", "by_measurement")]))

    def _has_entries(self) -> bool:
        """Whether the template shows results at all: something stands among period, installation, goods, precursors."""
        installation, goods = self.blocks["installation"], self.blocks["goods"]
        precursors = self.blocks["precursor_list"]
        first = [n for n in installation.fields if not n.startswith(("verifier", "accreditation"))]
        return (any(self.cells.filled(installation, n) for n in first)
                or any(self.cells.filled(goods, "category", i) for i in range(goods.count))
                or any(self.cells.filled(precursors, "category", i) for i in range(precursors.count)))

    # --- sheets D, E ------------------------------------------------------------------------------------------------

    def _process(self, name: str, index: int) -> Stored:
        block = self.blocks["process"]
        # The template looks at its first process here, whichever process the row belongs to.
        shown = 0 if name == "to_market_again" else index
        if not self.cells.filled(self.blocks["process_list"], "category", shown):
            return ""

        def at(field: str) -> Decimal:
            return self._blank(block, field, index)

        if name in ("total", "total_again"):
            return EQUATIONS["sum"](*self._numbers(block, "production", index))
        if name == "control":
            used = [at("to_market"), *self._numbers(block, "to_processes", index), at("to_other")]
            return EQUATIONS["difference"](EQUATIONS["sum"](*self._numbers(block, "production", index)),
                                           EQUATIONS["sum"](*used))
        if name == "market_share":
            total = EQUATIONS["sum"](*self._numbers(block, "production", index))
            market = self._number(block, "to_market", index)
            return "" if market is None or not total else EQUATIONS["ratio"](market, total)
        if name == "heat":
            return EQUATIONS["difference"](EQUATIONS["HEAT_IMP"](at("heat_imported"), at("heat_imported_ef")),
                                           EQUATIONS["HEAT_IMP"](at("heat_exported"), at("heat_exported_ef")))
        if name == "waste_gas":
            gas = self._law("ef_natural_gas")
            factor = self._law("waste_gas_export_factor")
            return EQUATIONS["difference"](EQUATIONS["E53"](at("waste_gas_imported"), gas),
                                           EQUATIONS["E54"](at("waste_gas_exported"), gas, factor))
        if name == "indirect":
            return EQUATIONS["E35"](at("electricity"), at("electricity_ef"))
        if name == "exported":
            return EQUATIONS["difference"](ZERO, EQUATIONS["E35"](at("exported_electricity"),
                                                                  at("exported_electricity_ef")))
        field = {"to_market_again": "to_market", "direct_again": "direct", "electricity_again": "electricity"}[name]
        value = self._number(block, field, index)
        return ZERO if value is None else value

    def _precursor(self, name: str, index: int) -> Stored:
        block = self.blocks["precursor"]
        if name == "indirect":
            use, factor = self._number(block, "electricity", index), self._number(block, "electricity_ef", index)
            return "" if use is None and factor is None else EQUATIONS["E35"](use or ZERO, factor or ZERO)
        if not self.cells.filled(self.blocks["precursor_list"], "category", index):
            return ""
        total = EQUATIONS["sum"](*self._numbers(block, "bought", index))
        if name == "total":
            return total
        used = [*self._numbers(block, "used_in", index), self._blank(block, "other_use", index)]
        return EQUATIONS["difference"](total, EQUATIONS["sum"](*used))

    # --- sheet F: cogeneration ----------------------------------------------------------------------------------------

    def _chp(self, tool: str, name: str) -> Stored:
        block = self.blocks[tool]

        def typed(field: str) -> Decimal | None:
            return self._number(block, field, 0)

        def other(result: str) -> Decimal | None:
            value = self._of(tool, result)
            return value if isinstance(value, Decimal) else None

        found = self._chp_value(name, typed, other)
        return "" if found is None else found

    def _chp_value(self, name: str, typed: Callable[[str], Decimal | None],
                   other: Callable[[str], Decimal | None]) -> Decimal | None:
        if name == "electricity_energy":
            power = typed("electricity")
            return None if power is None else EQUATIONS["product"](power, TJ_PER_MWH)
        if name == "emissions":
            parts = [v for f in ("fuel_emissions", "flue_gas_cleaning") if (v := typed(f)) is not None]
            return EQUATIONS["E46"](*(*parts, ZERO)[:2]) if parts else None
        if name in ("heat_efficiency", "electricity_efficiency"):
            output = typed("heat") if name == "heat_efficiency" else other("electricity_energy")
            fuel = typed("fuel_energy")
            if output is not None and fuel is not None:
                return EQUATIONS["E47"](output, fuel) if fuel else ZERO
            return self._law(f"chp_{name}") if other("emissions") is not None else None
        if name == "efficiency":
            parts = [v for n in ("heat_efficiency", "electricity_efficiency") if (v := other(n)) is not None]
            return EQUATIONS["sum"](*parts) if parts else None
        share = self._chp_share(typed, other, electricity=name.startswith("electricity"))
        if share is None:
            return None
        if name.endswith("_fuel"):
            return EQUATIONS["product"](typed("fuel_energy") or ZERO, share)
        emissions = other("emissions") or ZERO
        if name.endswith("_emissions"):
            return EQUATIONS["product"](emissions, share)
        output = typed("heat") if name == "heat_ef" else other("electricity_energy")
        return EQUATIONS["E51"](emissions, share, output) if output else None

    def _chp_share(self, typed: Callable[[str], Decimal | None], other: Callable[[str], Decimal | None], *,
                   electricity: bool) -> Decimal | None:
        """The part of the fuel that is the heat's (Eq 49) or the electricity's; zero where nothing comes out."""
        operands = [other("heat_efficiency"), typed("reference_heat"), other("electricity_efficiency"),
                    typed("reference_electricity")]
        if any(o is None for o in operands):
            return None
        try:
            share = EQUATIONS["E49"](*operands)
        except DecimalException:
            return ZERO
        return EQUATIONS["E50"](share) if electricity else share
