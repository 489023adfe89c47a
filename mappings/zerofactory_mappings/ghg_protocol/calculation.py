"""The sheet of the calculation: one row for each product of a line, and sums with conditions over it.

A row holds the numbers that are multiplied, what they are divided by, the warming potential and, in a group, the share
of the facility, which points to the sheet of shares. Mass and tCO2e are formulas over them. A product that is not known
has a text in place of its results, and every sum says beside it how many of its products are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, TypeAlias, overload

from zerofactory_engine.accounting.classification import family
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ONE, Slice, Term, product
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.model import GhgModel
from zerofactory_mappings.ghg_protocol.words import Said
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet, fits_a_double

#: Columns in front of the numbers that are multiplied, with their widths.
_FRONT: Mapping[str, int] = {
    "facility": 18, "line": 30, "source": 22, "scope": 7, "category": 9, "gas": 9, "group": 9, "outside": 13,
    "method": 16, "obtained": 13, "factors": 84, "basis": 8, "step_terms": 70}
_BOTH, _LOCATION, _MARKET = "L+M", "L", "M"
#: Conditions of a sum: column and criterion, as a sheet writes it. Never a text of an input.
Conditions: TypeAlias = Sequence[tuple[str, str]]
#: What a tally is of: ("scope", 1), ("direct",), ("category", 5), ("gas", "CO2"), ("outside", "exported"), ("whole", 0,
#: 1) for scope 1 of the first facility before its share.
Key: TypeAlias = tuple[str | int, ...]


class Product(NamedTuple):
    """A product of *line* of the facility *held*, numbered *member*, that counts on the bases of *basis*."""

    member: int
    line: Line
    basis: str
    terms: Slice

    @property
    def known(self) -> bool:
        """Whether every number of it is known."""
        return not any(isinstance(t.value, Unknown) for t in (*self.terms, self.line.gwp))

    @property
    def below(self) -> Decimal:
        """What the product is divided by."""
        out = ONE
        for term in self.terms:
            if term.below != 1:
                out = CONTEXT.multiply(out, term.below)
        return out

    def tonnes(self, *, of_gas: bool = False) -> Decimal:
        """tCO2e, or the mass of the gas in tonnes; only of a known product."""
        value = product(self.terms if of_gas else (*self.terms, self.line.gwp))
        assert isinstance(value, Decimal)
        return value


@dataclass(slots=True)
class Tally:
    """Sums of what is known, and how many products are not: location- and market-based, and mass location-based."""

    values: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    unknown: list[int] = field(default_factory=lambda: [0, 0])
    mass: Decimal = Decimal(0)

    def take(self, basis: str, tonnes: Decimal | None, mass: Decimal | None) -> None:
        """Add a product, None when it is not known."""
        for at, left_out in ((0, _MARKET), (1, _LOCATION)):
            if basis == left_out:
                continue
            if tonnes is None:
                self.unknown[at] += 1
            else:
                self.values[at] = CONTEXT.add(self.values[at], tonnes)
        if mass is not None and basis != _MARKET:
            self.mass = CONTEXT.add(self.mass, mass)


def _keys(line: Line) -> Iterator[Key]:
    """The sums that a product of *line* belongs to."""
    yield ("scope", line.scope)
    if line.scope in (1, 2):
        yield ("direct",)
        yield ("gas", family(line.gas) or line.gas)
    if line.scope == 3 and line.ghgp_category is not None:
        yield ("category", line.ghgp_category)
    if line.outside is not None:
        yield ("outside", line.outside)


class Calculation:
    """The sheet in one language, and formulas over it; *shares* are cells of the shares of a group by facility."""

    def __init__(self, model: GhgModel, said: Said, shares: Sequence[str] = ()) -> None:
        self.held, self.said, self.shares = model.consolidated.held, said, shares
        self.name = said("ghgp.sheet.calculation")
        self.unknown = said("ghgp.unknown")
        self.notes = (said("ghgp.sheet.calculation-note"),)
        self.first = first_row(len(self.notes))
        self.products: list[Product] = []
        self.rows_of: list[tuple[int, int]] = []           # first and last row of each facility; last < first: none
        for number, held in enumerate(self.held):
            start = self.first + len(self.products)
            # a group's lines stand here whole, with the share beside them
            self.products += _products(number, held.member.inventory.lines if shares else held.lines)
            self.rows_of.append((start, self.first + len(self.products) - 1))
        self.last = self.first + max(len(self.products), 1) - 1
        self.width = max((len(p.terms) for p in self.products), default=1)
        behind = ["divisor", "gwp", *(["share"] if shares else []), "mass", *(["whole"] if shares else []), "location",
                  "market"]
        self.columns = {name: letter(at) for at, name in enumerate(
            [*_FRONT, *(f"number {n}" for n in range(self.width)), *behind])}
        self.behind = behind
        self._tallies = self._tallied()

    def _share(self, member: int) -> Decimal:
        share = self.held[member].share
        return ONE if share is None else share

    def _tallied(self) -> Mapping[Key, Tally]:
        """Every sum, in one pass."""
        found: dict[Key, Tally] = {}
        for each in self.products:
            share = self._share(each.member)
            known = each.known
            whole = each.tonnes() if known else None
            if self.shares:
                found.setdefault(("whole", each.member, each.line.scope), Tally()).take(each.basis, whole, None)
            if share == 0:
                continue
            tonnes = None if whole is None else CONTEXT.multiply(whole, share)
            mass = CONTEXT.multiply(each.tonnes(of_gas=True), share) if known and each.line.scope in (1, 2) else None
            for key in _keys(each.line):
                found.setdefault(key, Tally()).take(each.basis, tonnes, mass)
        return found

    def tally(self, *key: str | int) -> Tally:
        """One of the sums."""
        return self._tallies.get(key, Tally())

    # -- formulas -----------------------------------------------------------------------------------------------------

    def span(self, name: str, member: int | None = None) -> str:
        """A column as an absolute range, of one facility or of all."""
        col = self.columns[name]
        first, last = (self.first, self.last) if member is None else self.rows_of[member]
        return f"'{self.name}'!${col}${first}:${col}${last}"

    def sums(self, conditions: Conditions, *key: str | int) -> list[Cell]:
        """Location- and market-based sum of the products that meet *conditions*, then how many of them are not known;
        the sums hold what is known."""
        tally = self.tally(*key)
        given = "".join(f",{self.span(c)},{criterion}" for c, criterion in conditions)
        return [*(Formula(f"=SUMIFS({self.span(name)}{given})", value)
                  for name, value in zip(("location", "market"), tally.values, strict=True)),
                *(Formula(f'=COUNTIFS({self.span(name)},"{self.unknown}"{given})', Decimal(count))
                  for name, count in zip(("location", "market"), tally.unknown, strict=True))]

    def mass(self, conditions: Conditions, *key: str | int) -> Formula:
        """Tonnes of the gas, location-based, of the products that meet *conditions*."""
        given = "".join(f",{self.span(c)},{criterion}" for c, criterion in conditions)
        return Formula(f'=SUMIFS({self.span("mass")}{given},{self.span("basis")},"<>{_MARKET}")', self.tally(*key).mass)

    def whole(self, member: int, scope: int, basis: str) -> tuple[Cell, Cell]:
        """tCO2e of a scope of one facility as a whole, and how many products of it are not known."""
        if self.rows_of[member][1] < self.rows_of[member][0]:
            return 0, 0
        at, left_out = (0, _MARKET) if basis == "location" else (1, _LOCATION)
        tally = self.tally("whole", member, scope)
        results, scopes, bases = (self.span(n, member) for n in ("whole", "scope", "basis"))
        given = f'{scopes},{scope},{bases},"<>{left_out}"'
        return (Formula(f"=SUMIFS({results},{given})", tally.values[at]),
                Formula(f'=COUNTIFS({results},"{self.unknown}",{given})', Decimal(tally.unknown[at])))

    # -- the sheet ----------------------------------------------------------------------------------------------------

    def sheet(self) -> Sheet:
        """One row for each product."""
        said = self.said
        head = [*(said(f"ghgp.head.{n}") for n in _FRONT),
                *(said("ghgp.head.number", n=str(n + 1)) for n in range(self.width)),
                *(said(f"ghgp.head.{_HEADS.get(n, n)}") for n in self.behind)]
        widths = (*_FRONT.values(), *[13] * self.width, 10, 10, *[14] * (len(self.behind) - 2))
        return Sheet(self.name, head, _Rows(self), said("ghgp.sheet.calculation-title"), widths, self.notes)

    def row(self, index: int) -> list[Cell]:
        """The cells of one product."""
        each, at, said = self.products[index], self.first + index, self.said
        line = each.line
        numbers: list[Cell] = [self._number(t) for t in each.terms]
        numbers += [None] * (self.width - len(numbers))
        return [self.held[each.member].dossier_id, line.id, line.source.title[said.language], line.scope,
                line.ghgp_category if line.ghgp_category is not None else "", line.gas, family(line.gas) or line.gas,
                line.outside or "", said.label("method", line.method), said.label("obtained", line.obtained),
                ", ".join(dict.fromkeys(t.entry.id for t in (*each.terms, line.gwp) if t.entry is not None)),
                each.basis,
                " × ".join(f"{t.name} [{t.unit}]" for t in each.terms), *numbers, number(each.below),
                self._number(line.gwp), *self._results(each, at)]

    def _results(self, each: Product, at: int) -> list[Cell]:
        """Share, mass, whole result and results taken in."""
        cell = {name: f"{self.columns[name]}{at}" for name in self.behind}
        one, last = self.columns["number 0"], self.columns[f"number {self.width - 1}"]
        share = self._share(each.member)
        front: list[Cell] = [Formula(f"={self.shares[each.member]}", share)] if self.shares else []
        if not each.known:
            return [*front, *self._not_known(each, cell, share)]
        plain_mass, tonnes = each.tonnes(of_gas=True), each.tonnes()
        mass, times = f"PRODUCT({one}{at}:{last}{at})/{cell['divisor']}", ""
        middle: list[Cell] = []
        if self.shares:
            times = f"*{cell['share']}"
            middle = [Formula(f"={mass}*{cell['gwp']}", tonnes)]
        taken = CONTEXT.multiply(tonnes, share)
        result = Formula(f"={cell['mass']}*{cell['gwp']}", taken)
        return [*front, Formula(f"={mass}{times}", CONTEXT.multiply(plain_mass, share)), *middle,
                result if each.basis != _MARKET else 0, result if each.basis != _LOCATION else 0]

    def _not_known(self, each: Product, cell: Mapping[str, str], share: Decimal) -> list[Cell]:
        """The word for unknown; in a group nothing where the facility is not taken in."""
        here: Cell = self.unknown
        if self.shares:
            here = Formula(f'=IF({cell["share"]}=0,0,"{self.unknown}")', self.unknown if share else Decimal(0))
        return [here, *([self.unknown] if self.shares else []), here if each.basis != _MARKET else 0,
                here if each.basis != _LOCATION else 0]

    def _number(self, term: Term) -> Cell:
        return self.unknown if isinstance(term.value, Unknown) else number(term.value)


#: Names of columns whose head is called otherwise.
_HEADS = {"location": "tco2e_location", "market": "tco2e_market", "whole": "tco2e_whole"}


class _Rows(Sequence[Sequence[Cell]]):
    """The rows of a calculation, each made when it is written: a large one is never held as a whole."""

    def __init__(self, of: Calculation) -> None:
        self._of = of

    def __len__(self) -> int:
        return len(self._of.products)

    @overload
    def __getitem__(self, index: int) -> Sequence[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[Cell]]: ...

    def __getitem__(self, index: int | slice) -> Sequence[Cell] | Sequence[Sequence[Cell]]:
        if isinstance(index, slice):
            return [self._of.row(n) for n in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._of.row(index)


def _products(member: int, lines: Sequence[Line]) -> Iterator[Product]:
    for line in lines:
        if line.market is line.location:
            yield from (Product(member, line, _BOTH, terms) for terms in line.location.slices)
        else:
            yield from (Product(member, line, _LOCATION, terms) for terms in line.location.slices)
            yield from (Product(member, line, _MARKET, terms) for terms in line.market.slices)


def first_row(notes: int) -> int:
    """The row of a sheet in which its rows begin, under a title and a number of *notes*."""
    return Sheet("", (), (), "-", notes=("-",) * notes).first_row


def letter(index: int) -> str:
    """Letter of the column with *index* from 0."""
    out = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        out = chr(65 + rest) + out
    return out


def number(value: Decimal) -> Cell:
    """*value* as a number a sheet computes with: one that its double does not hold exactly is written as a formula."""
    return value if fits_a_double(value) else Formula(f"={plain(value)}", value)
