"""Compare what a workbook prints with our own transitional result, explain differences, show the definitive one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.decimals import CONTEXT, significant_digits
from zerofactory_engine.problems import Place, Problem
from zerofactory_mappings.cbam.communication.addresses import cell_name, split_cell
from zerofactory_mappings.cbam.communication.bases import Bases, side_by_side, suppliers
from zerofactory_mappings.cbam.communication.cells import Cells
from zerofactory_mappings.cbam.communication.read import open_template, read_opened
from zerofactory_mappings.cbam.communication.version import label_text
from zerofactory_mappings.cbam.model import Basis, Installation
from zerofactory_mappings.cbam.result import CbamResult, ProcessResult, ProductResult

#: Doubles against exact decimals: a printed figure is ours when it differs by no more than this share.
SAME = Decimal("1e-9")
#: A printed figure that is ours rounded must show at least so many digits.
_DIGITS = 3


class Verdict(StrEnum):
    """How a printed figure stands to ours."""

    EQUAL = "equal"
    ROUNDED = "rounded"                  # ours, rounded to the decimals that are printed
    EXPLAINED = "explained"              # another figure by the template's own rule, which is named
    NOT_CALCULATED = "not_calculated"    # nothing is printed: the workbook was not calculated
    UNKNOWN = "unknown"                  # we have no figure: something that it needs is missing
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Compared:
    """One printed figure: where, of what, what is printed, ours, and why it is another one."""

    place: Place
    figure: str
    subject: str
    printed: Decimal | None
    own: Decimal | None
    verdict: Verdict
    reason: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"place": self.place.as_json(), "figure": self.figure, "subject": self.subject, "printed": self.printed,
                "own": self.own, "verdict": str(self.verdict), "reason": self.reason, "args": dict(self.args)}


@dataclass(frozen=True, slots=True)
class Audit:
    """Every printed figure compared, both methods side by side, and what is wrong with the entries."""

    file: str
    version: str
    compared: tuple[Compared, ...]
    transitional: CbamResult
    definitive: CbamResult
    bases: Bases
    problems: tuple[Problem, ...]

    @property
    def differences(self) -> tuple[Compared, ...]:
        """Printed figures that are neither ours nor ours rounded nor explained."""
        return tuple(c for c in self.compared if c.verdict is Verdict.DIFFERS)

    def as_json(self) -> dict[str, Any]:
        """What ``cbam audit --json`` prints."""
        return {"file": self.file, "version": self.version, "basis": str(Basis.TRANSITIONAL),
                "compared": list(self.compared), "differences": len(self.differences), "definitive": self.bases,
                "problems": list(self.problems)}


def audit_template(data: bytes, file: str) -> Audit:
    """Audit a filled template: its printed results against our own from its entries.

    Raises:
        ProblemsError: the workbook cannot be read safely, is no communication template, or is of another version.
    """
    from zerofactory_mappings.cbam.compute import compute

    opened = open_template(data, file)
    installation = read_opened(opened)
    transitional = compute(installation, Basis.TRANSITIONAL)
    definitive = compute(installation, Basis.DEFINITIVE)
    compared = tuple(_Comparison(opened.cells, installation, transitional).rows())
    return Audit(file, opened.version, compared, transitional, definitive, side_by_side(transitional, definitive),
                 transitional.problems)


class _Comparison:
    def __init__(self, cells: Cells, installation: Installation, result: CbamResult) -> None:
        self.cells, self.given, self.result = cells, installation, result
        self.blocks = cells.layout.blocks
        self.stale = any(p.code == "cbam-template.stale-formula" for p in installation.problems)

    def rows(self) -> Iterator[Compared]:
        """Every printed figure in the order of the sheets."""
        yield from self._balance()
        for process in self.result.processes:
            yield from self._process(process)
        yield from self._precursors()
        products = list(zip(self.given.products, self.result.products, strict=False))
        for product, result in products:
            at = split_cell(product.place.cell or "")
            if at is not None:
                yield from self._product(at[1], result)
        yield from self._communication([(p.place, r) for p, r in products])

    # --- one figure -------------------------------------------------------------------------------------------------

    def _printed(self, sheet: str, cell: str) -> Decimal | None:
        value = self.cells.package.cell(sheet, cell).value
        if isinstance(value, bool):                       # a share that the template looks up in the wrong row
            return Decimal(int(value))
        return value if isinstance(value, Decimal) else None

    def _compare(self, sheet: str, cell: str, figure: str, subject: str, own: Decimal | None) -> Compared:
        printed, place = self._printed(sheet, cell), self.cells.place(sheet, cell)

        def found(verdict: Verdict, reason: str | None = None, **args: str) -> Compared:
            return Compared(place, figure, subject, printed, own, verdict,
                            f"cbam-template.{reason}" if reason else None, args)

        if printed is None:
            return found(Verdict.NOT_CALCULATED, "reason-not-calculated") if own is not None else found(Verdict.EQUAL)
        if own is None:
            return found(Verdict.UNKNOWN, "reason-own-unknown")
        if same(printed, own):
            return found(Verdict.EQUAL)
        decimals = rounded_to(printed, own)
        if decimals is not None:
            return found(Verdict.ROUNDED, "reason-rounded", decimals=str(decimals))
        return found(Verdict.DIFFERS, "reason-stale" if self.stale else "reason-wrong")

    def _explained(self, compared: Compared, reason: str, expected: Decimal | None, **args: str) -> Compared:
        """The same figure when it is not ours but what the template's own rule gives."""
        if compared.verdict is not Verdict.DIFFERS or compared.printed is None or expected is None:
            return compared
        if not same(compared.printed, expected) and rounded_to(compared.printed, expected) is None:
            return compared
        return Compared(compared.place, compared.figure, compared.subject, compared.printed, compared.own,
                        Verdict.EXPLAINED, f"cbam-template.{reason}", args)

    # --- blocks -----------------------------------------------------------------------------------------------------

    def _balance(self) -> Iterator[Compared]:
        block, total = self.blocks["balance"], self.result.installation
        own = {"co2": total.co2, "biomass_co2": total.biomass_co2, "n2o": total.n2o, "pfc": total.pfc,
               "direct": total.direct_emissions, "indirect": total.indirect_processes}
        for name, value in own.items():
            row = self._compare(block.sheet, block.printed_cell(name), name, self.given.name, value)
            if name == "indirect" and total.indirect_stated is not None:
                row = self._explained(row, "reason-typed-total", total.indirect_stated)
            elif name == "indirect" and row.verdict is Verdict.NOT_CALCULATED:
                row = Compared(row.place, row.figure, row.subject, None, row.own, Verdict.EXPLAINED,
                               "cbam-template.reason-not-typed")
            yield row

    def _process(self, process: ProcessResult) -> Iterator[Compared]:
        index = int(process.id.removeprefix("P")) - 1
        block = self.blocks["summary_balance"]
        for name in block.printed:
            own = getattr(process, name)
            row = self._compare(block.sheet, block.printed_cell(name, index), name, process.name, own)
            if name == "attributed_direct" and process.attributed_direct is not None and process.exported_electricity:
                # The table of the balance leaves the emissions of exported electricity in; the specific ones do not.
                row = self._explained(row, "reason-exported-electricity",
                                      CONTEXT.add(process.attributed_direct, process.exported_electricity))
            yield row
        block = self.blocks["summary_processes"]
        for name in block.printed:
            own = getattr(process, name)
            if name == "electricity":
                level = process.activity_level
                own = CONTEXT.divide(own, level) if own is not None and level else None
            yield self._compare(block.sheet, block.printed_cell(name, index), name, process.name, own)

    def _precursors(self) -> Iterator[Compared]:
        block = self.blocks["summary_precursors"]
        for use in self.result.precursors:
            index = int(use.id.removeprefix("PP")) - 1
            for name, own in (("see_direct", use.direct), ("see_indirect", use.indirect),
                              ("electricity", use.electricity)):
                yield self._compare(block.sheet, block.printed_cell(name, index), name, use.name, own)

    def _product(self, row: int, product: ProductResult) -> Iterator[Compared]:
        block = self.blocks["products"]
        first = split_cell(block.cell("process"))
        assert first is not None
        for name, own in _figures(product).items():
            if name in block.printed:
                cell = block.printed_cell(name, row - first[1])
                yield self._share(self._compare(block.sheet, cell, name, _named(product), own), product)

    def _share(self, row: Compared, product: ProductResult) -> Compared:
        """The share of default values of a process that feeds one listed before it: the template looks the name up and
        finds it among the precursors of the other process, beside which no share stands."""
        if row.figure != "default_share":
            return row
        order = [p.id for p in self.given.processes]
        earlier = order[:order.index(product.process_id)] if product.process_id in order else []
        if any(product.process_id in suppliers(p, self.given) for p in earlier):
            return self._explained(row, "reason-share-lookup", Decimal(0))
        return row

    # --- the sheet for the declarant --------------------------------------------------------------------------------

    def _communication(self, products: list[tuple[Place, ProductResult]]) -> Iterator[Compared]:
        """The same figures on Summary_Communication, in the columns that its header texts name."""
        at = self.cells.layout.communication
        if at.sheet not in self.cells.package.sheet_parts:
            return
        columns = self._columns()
        first = split_cell(self.blocks["products"].cell("process"))
        assert first is not None
        for place, product in products:
            cell = split_cell(place.cell or "")
            if cell is None:
                continue
            row = at.first_row + cell[1] - first[1]
            for name, own in _figures(product).items():
                if name in columns:
                    shown = self._compare(at.sheet, cell_name(columns[name], row), name, _named(product), own)
                    yield self._share(shown, product)
        yield from self._totals()

    def _columns(self) -> dict[str, int]:
        at = self.cells.layout.communication
        wanted = {" ".join(text.split()): name for name, text in at.headers.items()}
        found: dict[str, int] = {}
        for name in self.cells.package.sheet(at.sheet):
            cell = split_cell(name)
            if cell is not None and cell[1] == at.header_row:
                key = wanted.get(" ".join(label_text(self.cells.package, at.sheet, name).split()))
                if key is not None:
                    found.setdefault(key, cell[0])
        return found

    def _totals(self) -> Iterator[Compared]:
        """Totals: the first figure to the right of the text, wherever the version puts it."""
        at, total = self.cells.layout.communication, self.result.installation
        stated = total.indirect_stated
        direct = total.direct_emissions
        everything = None if direct is None else CONTEXT.add(direct, stated or Decimal(0))
        own = {"direct": total.direct_emissions, "indirect": stated, "total": everything}
        sheet = self.cells.package.sheet(at.sheet)
        for name, text in at.totals.items():
            for cell_address in sheet:
                cell = split_cell(cell_address)
                if cell is None or not at.total_rows[0] <= cell[1] <= at.total_rows[1]:
                    continue
                if " ".join(label_text(self.cells.package, at.sheet, cell_address).split()) == text:
                    figures = [c for c in (cell_name(n, cell[1]) for n in range(cell[0] + 1, cell[0] + 12))
                               if isinstance(self.cells.package.cell(at.sheet, c).value, Decimal)]
                    if figures:
                        yield self._compare(at.sheet, figures[0], name, self.given.name, own[name])


def _figures(product: ProductResult) -> dict[str, Decimal | None]:
    """Our figures of a product by the name that they are printed under."""
    direct, indirect = product.see_direct, product.see_indirect
    electricity = product.embedded_electricity
    factor = None
    if indirect is not None and electricity is not None:
        factor = CONTEXT.divide(indirect, electricity) if electricity else Decimal(0)
    return {"see_direct": direct, "see_indirect": indirect,
            "see_total": CONTEXT.add(direct, indirect) if direct is not None and indirect is not None else None,
            "default_share": product.default_share, "embedded_electricity": electricity, "electricity_ef": factor}


def _named(product: ProductResult) -> str:
    return product.name or product.cn_code or product.process


def same(printed: Decimal, own: Decimal) -> bool:
    """Whether two figures are one, apart from what a double loses."""
    return abs(CONTEXT.subtract(printed, own)) <= CONTEXT.multiply(SAME, max(abs(printed), abs(own)))


def rounded_to(printed: Decimal, own: Decimal) -> int | None:
    """The decimals to which *own* was rounded to give *printed*; None when it was not."""
    exponent = printed.as_tuple().exponent
    assert isinstance(exponent, int)
    if significant_digits(printed) < _DIGITS or exponent >= 0:
        return None
    places = Decimal(1).scaleb(exponent)
    fits = {own.quantize(places, how, CONTEXT) for how in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
    return -exponent if printed in fits else None
