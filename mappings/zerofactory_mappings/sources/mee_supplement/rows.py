"""The rows of a dossier that one block of a form (a unit, a plant) gives, and what became of each figure on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal

from zerofactory_engine.decimals import CONTEXT, DOSSIER_DIGITS, parse_decimal, plain
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.sources.mee_supplement.layout import items
from zerofactory_mappings.sources.mee_supplement.model import Block, Form, FuelUse, Key, Stated
from zerofactory_mappings.sources.report import State
from zerofactory_mappings.sources.sheets.write import evidence
from zerofactory_mappings.sources.yaml_rows import Cell

_DOSSIER = Context(prec=DOSSIER_DIGITS)

#: Columns of the dossier for properties of a fuel, by the unit in which they are stated.
_PROPERTIES: Mapping[str, str] = {"GJ/t": "ncv_GJ_per_t", "GJ/10kNm3": "ncv_GJ_per_10kNm3", "tC/GJ": "carbon_tC_per_TJ",
                                  "tC/TJ": "carbon_tC_per_TJ", "%": "oxidation_percent"}
#: Units that their column has itself.
_OWN = frozenset({"GJ/t", "GJ/10kNm3", "%"})
_TECHNOLOGIES = {"natural_gas": "natural_gas", "raw_coal": "coal"}

Rows = dict[str, list[Mapping[str, Cell]]]


def amount_text(figure: Stated) -> str:
    """The amount of a figure in its unit, with the digits that a dossier holds."""
    return plain(_DOSSIER.plus(figure.amount))


class Settled:
    """What became of each figure of *form*, by its cell, and what the user should know."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.fates: dict[Key, tuple[State, str, Mapping[str, str], str | None]] = {}
        self.problems: list[Problem] = []

    def tell(self, code: str, figure: Stated, args: Mapping[str, str] | None = None, found: str | None = None,
             accepted: str | None = None, severity: Severity = Severity.WARNING) -> None:
        """Something that the user should know about the cell of *figure*."""
        place = figure.grid.place(self.form.file, figure.cell)
        self.problems.append(Problem(code, place, severity, found=found, accepted=accepted, args=args or {}))


class BlockRows:
    """Makes the rows of one block."""

    def __init__(self, maker: Settled, block: Block, file: str, rows: Rows, period: Mapping[str, Cell]) -> None:
        self.maker, self.block, self.file, self.rows, self.period = maker, block, file, rows, period

    def _add(self, table: str, cells: Mapping[str, Cell], *figures: Stated, derived: Sequence[Stated] = ()) -> None:
        """A row that states *figures*; its id is the cell of the first. *derived*: it holds what follows from these."""
        first = figures[0]
        row = f"S{first.grid.index}{first.cell.ref}"
        note = f"机组 {self.block.name}" if self.block.name and not first.item.head else ""
        told = {"id": row, **cells, **self.period, "documents": _evidence(figures, derived)}
        own = str(cells.get("note", ""))
        if note or own:
            told["note"] = "; ".join(t for t in (note, own) if t)
        self.rows[table].append(told)
        for figure in (*figures, *derived):
            exact = Decimal(amount_text(figure)) == figure.amount
            self.maker.fates[figure.key] = (State.USED, "" if exact else "import.rounded", {},
                                            f"{self.file} {table}/{row}")

    def _good(self, name: str) -> Stated | None:
        """A figure that may be taken: an amount, not negative."""
        return self._fit(self.block.figures.get(name))

    def _fit(self, figure: Stated | None) -> Stated | None:
        if figure is None or figure.number is None:
            return None
        if figure.number < 0:
            self.maker.fates[figure.key] = (State.REFUSED, "mee.negative", {}, None)
            self.maker.tell("mee.negative", figure, found=plain(figure.number))
            return None
        return figure

    def fuels(self) -> None:
        """A row of energy for each fuel, with what was measured of it."""
        for use in self.block.fuels.values():
            self._fuel(use)

    def _fuel(self, use: FuelUse) -> None:
        amount = self._fit(use.figures.get("consumption"))
        others = [f for n in ("ncv", "carbon", "oxidation") if (f := self._fit(use.figures.get(n))) is not None]
        everything = [f for f in (amount, *others) if f is not None]
        if amount is None or amount.measure is None:
            reason = "mee.no-consumption"
        elif use.fuel is None:
            reason = "mee.fuel-unknown"
        elif use.fuel.general and len(others) < 3 and amount.number:
            reason = "mee.fuel-general"
        else:
            reason = ""
        if reason or amount is None or amount.measure is None or use.fuel is None:
            for figure in everything:
                self.maker.fates[figure.key] = (State.KEPT, reason, {"found": use.name}, None)
            if everything and reason != "mee.no-consumption":
                self.maker.tell(reason, everything[0], {"found": use.name})
            return
        cells: dict[str, Cell] = {"carrier": use.fuel.carrier, "use": "fuel", "direction": "consumed",
                                  "amount": amount_text(amount), "unit": amount.measure.unit}
        for figure in others:
            assert figure.measure is not None
            told, unit = amount_text(figure), figure.measure.unit
            cells[_PROPERTIES[unit]] = told if unit in _OWN else f"{told} {unit}"
        if use.fuel.general:
            cells["note"] = f"{use.name}: a kind of fuel; carrier set by the reader, its properties are as stated"
            self.maker.tell("mee.fuel-taken", amount, {"found": use.name, "carrier": use.fuel.carrier},
                             severity=Severity.NOTE)
        self._add("energy", cells, amount, *others)

    def electricity(self) -> None:
        """Purchased electricity, and what the unit generated."""
        if (bought := self._good("purchased")) is not None and bought.measure is not None:
            self._add("electricity", {"flow": "consumed", "source": "grid", "amount": amount_text(bought),
                                      "unit": bought.measure.unit}, bought)
        made, gone = self._good("generated"), self._good("supplied")
        if made is None or made.measure is None:
            if gone is not None:
                self.maker.fates[gone.key] = (State.KEPT, "mee.supplied-alone", {}, None)
            return
        cells: dict[str, Cell] = {"flow": "generated", "source": "on-site", "amount": amount_text(made),
                                  "unit": made.measure.unit, "gross_MWh": f"{amount_text(made)} {made.measure.unit}"}
        if (technology := self._technology()):
            cells["technology"] = technology
        if gone is not None and gone.measure is not None and gone.measure.unit == made.measure.unit and (
                gone.amount <= made.amount):
            own = CONTEXT.subtract(made.amount, gone.amount)
            cells["own_use_MWh"] = f"{plain(_DOSSIER.plus(own))} {made.measure.unit}"
            self._add("electricity", cells, made, derived=(gone,))
        else:
            self._add("electricity", cells, made)

    def _technology(self) -> str:
        carriers = {u.fuel.carrier for u in self.block.fuels.values() if u.fuel is not None}
        return _TECHNOLOGIES.get(carriers.pop(), "") if len(carriers) == 1 else ""

    def heat(self) -> None:
        """Purchased heat, and heat that the unit supplied to whomever."""
        if (bought := self._good("purchased_heat")) is not None and bought.measure is not None:
            self._add("heat", {"flow": "consumed", "source": "purchased", "amount": amount_text(bought),
                               "unit": bought.measure.unit}, bought)
        if (made := self._good("heat_supplied")) is not None and made.measure is not None:
            self._add("heat", {"flow": "generated", "source": "own chp", "amount": amount_text(made),
                               "unit": made.measure.unit, "note": "supplied by the unit"}, made)

    def output(self) -> None:
        """Output of the main product."""
        if (made := self._good("output")) is not None and made.measure is not None:
            name = self.block.head.text("product_name") or self.block.head.text("product") or "主产品"
            self._add("products", {"name": name, "category": name, "main": "yes",
                                   "output_t": f"{amount_text(made)} {made.measure.unit}"}, made)

    def product_in_one(self, product: Stated, match: re.Match[str]) -> None:
        """A product that stands in one cell as name/unit/output."""
        measure = items()["output"].measure(match["unit"], False)
        number = match["amount"].replace(",", "")
        if measure is None or re.fullmatch(r"\d+(?:\.\d+)?", number) is None:
            self.maker.tell("mee.product", product, found=product.cell.text)
            return
        figure = Stated(items()["output"], product.grid, product.cell, Decimal(number), measure, match["unit"])
        self._add("products", {"name": match["name"], "category": match["name"], "main": "yes",
                               "output_t": f"{amount_text(figure)} {measure.unit}"}, figure)

    def energy_of_all(self, figures: Sequence[Stated]) -> None:
        """Comprehensive energy of the enterprise, a figure of its history; equal cells of other rows are used."""
        first = figures[0]
        assert first.measure is not None
        self._add("history", {"figure": "comprehensive_energy", "amount": amount_text(first),
                              "unit": first.measure.unit}, first)
        for figure in figures[1:]:
            self.maker.fates[figure.key] = self.maker.fates[first.key]


def _evidence(figures: Sequence[Stated], derived: Sequence[Stated]) -> list[str]:
    """References to the cells. One whose text is no plain number (``1,234.5``) or that the row does not repeat is named
    by ``at``, as the reader of dossiers compares every ``cell`` with what the row states."""
    out = []
    for figure in (*figures, *derived):
        (reference,) = evidence("D1", figure.grid, figure.cell)
        repeats = figure not in derived and parse_decimal(figure.cell.text) == figure.number and (
            not figure.cell.percent and figure.grid.delimiter in (None, ",") and figure.amount == figure.number)
        out.append(reference if repeats else re.sub(r"(?<=[#&])cell=", "at=", reference))
    return out
