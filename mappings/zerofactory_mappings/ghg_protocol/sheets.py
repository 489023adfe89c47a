"""The inventory as a workbook that can be followed and recalculated: every total is a formula over the calculation.

The sheet of the calculation has one row for each product of a line: the numbers that are multiplied, what they are
divided by, the warming potential, and the results location- and market-based as formulas. Totals of scopes, categories,
gases and facilities are sums with conditions over it. A product that is not known has a text instead of a formula, and
every total says beside it how many of its products are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from zerofactory_engine.accounting.classification import classification, family
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ONE, Slice, Term, product
from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.model import GASES, NOT_SPLIT, CategoryRow, GhgModel
from zerofactory_mappings.ghg_protocol.tables import criteria, steps
from zerofactory_mappings.ghg_protocol.words import Said, reason_text
from zerofactory_mappings.publishing.workbook import Cell, Formula, Sheet, fits_a_double

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Columns of the calculation in front of the numbers that are multiplied.
_FRONT = ("facility", "row", "line", "source", "scope", "category", "gas", "group", "outside", "basis", "step_terms")
_BOTH, _LOCATION, _MARKET = "L+M", "L", "M"
#: Conditions of a sum: column of the calculation and criterion, as a sheet writes it.
Conditions: TypeAlias = Sequence[tuple[str, str]]
#: Scopes 1 and 2.
DIRECT: Conditions = (("scope", '">=1"'), ("scope", '"<=2"'))


@dataclass(frozen=True)
class _Product:
    """One row of the calculation: a product of *line* that counts on the bases of *basis*."""

    facility: str
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
            out = CONTEXT.multiply(out, term.below)
        return out

    @property
    def mass(self) -> Decimal:
        """Tonnes of the gas; only of a known product."""
        value = product(self.terms)
        assert isinstance(value, Decimal)
        return value

    @property
    def tonnes(self) -> Decimal:
        """tCO2e; only of a known product."""
        value = product((*self.terms, self.line.gwp))
        assert isinstance(value, Decimal)
        return value


def _products(model: GhgModel) -> list[_Product]:
    out = []
    for held in model.consolidated.held:
        for line in held.lines:
            if line.market is line.location:
                out += [_Product(held.dossier_id, line, _BOTH, terms) for terms in line.location.slices]
            else:
                out += [_Product(held.dossier_id, line, _LOCATION, terms) for terms in line.location.slices]
                out += [_Product(held.dossier_id, line, _MARKET, terms) for terms in line.market.slices]
    return out


class _Book:
    """The sheets in one language."""

    def __init__(self, model: GhgModel, language: str) -> None:
        self.model, self.said = model, Said(language)
        self.products = _products(model)
        self.width = max((len(p.terms) for p in self.products), default=1)
        self.name = self.said("ghgp.sheet.calculation")
        self.first = 4                                     # title, note, head, then the rows
        self.last = self.first + max(len(self.products), 1) - 1

    # -- the calculation ----------------------------------------------------------------------------------------------

    def column(self, name: str) -> str:
        """Letter of a column of the calculation."""
        behind = ("divisor", "gwp", "mass", "location", "market")
        at = _FRONT.index(name) if name in _FRONT else len(_FRONT) + self.width + behind.index(name)
        return letter(at)

    def span(self, name: str) -> str:
        """A column of the calculation as an absolute range."""
        col = self.column(name)
        return f"'{self.name}'!${col}${self.first}:${col}${self.last}"

    def calculation(self) -> Sheet:
        """One row for each product."""
        head = [self.said(f"ghgp.head.{n}") for n in _FRONT]
        head += [self.said("ghgp.head.number", n=str(n + 1)) for n in range(self.width)]
        head += [self.said(f"ghgp.head.{n}") for n in ("divisor", "gwp", "mass", "tco2e_location", "tco2e_market")]
        rows = [self._row(p, self.first + n) for n, p in enumerate(self.products)]
        return Sheet(self.name, head, rows, self.said("ghgp.sheet.calculation-title"),
                     (18, 20, 26, 22, 7, 9, 9, 9, 13, 8, 44, *[13] * self.width, 10, 10, 14, 14, 14),
                     (self.said("ghgp.sheet.calculation-note"),))

    def _row(self, found: _Product, at: int) -> list[Cell | Formula]:
        line, language = found.line, self.said.language
        front: list[Cell | Formula] = [
            found.facility, f"{line.table}/{line.row}" if line.row else line.table, line.id,
            line.source.title[language], line.scope, line.ghgp_category if line.ghgp_category is not None else "",
            line.gas, family(line.gas) or line.gas, line.outside or "", found.basis,
            " × ".join(f"{t.name} [{t.unit}]" for t in found.terms)]
        numbers: list[Cell | Formula] = [self._number(t) for t in found.terms]
        numbers += [None] * (self.width - len(numbers))
        if not found.known:
            here: Cell | Formula = self.said("ghgp.unknown")
            return [*front, *numbers, number(found.below), self._number(line.gwp), here,
                    here if found.basis != _MARKET else 0, here if found.basis != _LOCATION else 0]
        one, last = letter(len(_FRONT)), letter(len(_FRONT) + self.width - 1)
        divisor, gwp, mass_at = (f"{self.column(n)}{at}" for n in ("divisor", "gwp", "mass"))
        result = f"={mass_at}*{gwp}"
        return [*front, *numbers, number(found.below), self._number(line.gwp),
                Formula(f"=PRODUCT({one}{at}:{last}{at})/{divisor}", found.mass),
                Formula(result, found.tonnes) if found.basis != _MARKET else 0,
                Formula(result, found.tonnes) if found.basis != _LOCATION else 0]

    def _number(self, term: Term) -> Cell | Formula:
        if isinstance(term.value, Unknown):
            return self.said("ghgp.unknown")
        return number(term.value)

    # -- sums over it -------------------------------------------------------------------------------------------------

    def sums(self, wanted: Callable[[Line], bool], conditions: Conditions, facility: str | None = None
             ) -> list[Cell | Formula]:
        """Location- and market-based sum of the products that meet *conditions* (column → criterion), and how many of
        them are not known; the sums hold what is known."""
        own = [p for p in self.products if wanted(p.line) and facility in (None, p.facility)]
        given = "".join(f",{self.span(c)},{criterion}" for c, criterion in conditions)
        out: list[Cell | Formula] = []
        for name, left_out in (("location", _MARKET), ("market", _LOCATION)):
            value = _sum(p.tonnes for p in own if p.known and p.basis != left_out)
            out.append(Formula(f"=SUMIFS({self.span(name)}{given})", value))
        unknown = self.said("ghgp.unknown")
        for name, left_out in (("location", _MARKET), ("market", _LOCATION)):
            count = sum(1 for p in own if not p.known and p.basis != left_out)
            out.append(Formula(f'=COUNTIFS({self.span(name)},"{unknown}"{given})', Decimal(count)))
        return out

    def mass(self, wanted: Callable[[Line], bool], conditions: Conditions) -> Formula:
        """Tonnes of the gas, location-based, of the products that meet *conditions*."""
        own = [p for p in self.products if wanted(p.line) and p.known and p.basis != _MARKET]
        given = "".join(f",{self.span(c)},{criterion}" for c, criterion in conditions)
        # the products of the market-based figure alone are left out by their basis
        return Formula(f'=SUMIFS({self.span("mass")}{given},{self.span("basis")},"<>{_MARKET}")',
                       _sum(p.mass for p in own))

    def _sum_head(self, *front: str) -> list[str]:
        return [*(self.said(f"ghgp.head.{n}") for n in front),
                *(self.said(f"ghgp.head.{n}") for n in ("tco2e_location", "tco2e_market", "unknown_location",
                                                        "unknown_market"))]

    def summary(self) -> Sheet:
        """Scopes, scopes 1 and 2 together, scope 3, and what stands outside."""
        said = self.said
        rows: list[list[Cell | Formula]] = []
        for scope in (1, 2, 3):
            rows.append([said(f"ghgp.scope.{scope}"), *self.sums(_scope(scope), [("scope", str(scope))])])
        both = self.sums(lambda line: line.scope in (1, 2), DIRECT)
        rows.insert(2, [said("ghgp.scope.1_2"), *both])
        titles = classification().outside
        for why, title in titles.items():
            rows.append([said("ghgp.outside-of", what=title[said.language]),
                         *self.sums(_outside(why), [("outside", f'"{why}"')])])
        return Sheet(said("ghgp.sheet.summary"), self._sum_head("what"), rows, said("ghgp.sheet.summary-title"),
                     (46, 18, 18, 16, 16), (said("ghgp.sheet.sum-note"),), plain=True)

    def categories(self) -> Sheet:
        """The fifteen categories; one without lines has its notation key in place of figures, never a zero."""
        said = self.said
        rows: list[list[Cell | Formula]] = []
        for row in self.model.categories:
            number_of = row.category.number
            front: list[Cell | Formula] = [
                number_of, row.category.title[said.language], said(f"ghgp.key.{row.key}")]
            figures: list[Cell | Formula] = [None] * 4
            if row.total is not None:
                figures = self.sums(_category(number_of), [("category", str(number_of)), ("scope", "3")])
            rows.append([*front, *figures, said.text(row.reason), _share(row)])
        return Sheet(said("ghgp.sheet.categories"),
                     [*self._sum_head("category", "what", "state"), said("ghgp.head.reason"),
                      said("ghgp.head.supplier_share")],
                     rows, said("ghgp.sheet.categories-title"), (10, 38, 22, 18, 18, 14, 14, 44, 16),
                     (said("ghgp.sheet.sum-note"),), plain=True)

    def gases(self) -> Sheet:
        """The seven gases of scopes 1 and 2 in tonnes and tCO2e."""
        said = self.said
        names = [*GASES, *([NOT_SPLIT] if any(g.gas == NOT_SPLIT for g in self.model.gases) else [])]
        rows: list[list[Cell | Formula]] = []
        for gas in names:
            wanted = _group(gas)
            conditions = [("group", f'"{gas}"'), *DIRECT]
            rows.append([said(f"ghgp.gas.{gas}"), self.mass(wanted, conditions), *self.sums(wanted, conditions)])
        return Sheet(said("ghgp.sheet.gases"), self._sum_head("gas", "tonnes"), rows, said("ghgp.sheet.gases-title"),
                     (30, 18, 18, 18, 16, 16), (said("ghgp.sheet.sum-note"),), plain=True)

    def facilities(self) -> Sheet:
        """Scopes of each facility with its share."""
        said = self.said
        rows: list[list[Cell | Formula]] = []
        for held in self.model.consolidated.held:
            for scope in (1, 2, 3):
                rows.append([held.dossier_id, said.text(held.member.dossier.facility.get("name")),
                             held.share if held.share is not None else "", said(f"ghgp.scope.{scope}"),
                             *self.sums(_scope(scope), [("facility", f'"{held.dossier_id}"'), ("scope", str(scope))],
                                        held.dossier_id)])
        return Sheet(said("ghgp.sheet.facilities"), self._sum_head("facility", "what", "share", "scope_title"), rows,
                     said("ghgp.sheet.facilities-title"), (24, 30, 10, 16, 18, 18, 16, 16),
                     (said("ghgp.sheet.sum-note"),), plain=True)

    def lines(self) -> Sheet:
        """tCO2e of every line as the sum of its products."""
        said = self.said
        rows: list[list[Cell | Formula]] = []
        at = 0
        for held in self.model.consolidated.held:
            for line in held.lines:
                end = at
                while end < len(self.products) and self.products[end].line is line:
                    end += 1
                rows.append([held.dossier_id, line.id, line.source.title[said.language], line.scope, line.method,
                             said.label("obtained", line.obtained), ", ".join(e.id for e in line.entries),
                             *self._line_sums(at, end)])
                at = end
        return Sheet(said("ghgp.sheet.lines"),
                     self._sum_head("facility", "line", "source", "scope", "method", "obtained", "factors"), rows,
                     said("ghgp.sheet.lines-title"), (22, 30, 22, 7, 18, 14, 50, 18, 18, 14, 14),
                     (said("ghgp.sheet.sum-note"),))

    def _line_sums(self, start: int, end: int) -> list[Cell | Formula]:
        """As :meth:`sums` for the products of one line, which stand one below the other: by their place, so that a
        program recalculates a large inventory in linear time."""
        if start == end:
            return [0, 0, 0, 0]
        own, unknown = self.products[start:end], self.said("ghgp.unknown")
        out: list[Cell | Formula] = []
        ranges = {name: f"'{self.name}'!{self.column(name)}{self.first + start}:{self.column(name)}"
                        f"{self.first + end - 1}" for name in ("location", "market")}
        for name, left_out in (("location", _MARKET), ("market", _LOCATION)):
            out.append(Formula(f"=SUM({ranges[name]})",
                               _sum(p.tonnes for p in own if p.known and p.basis != left_out)))
        for name, left_out in (("location", _MARKET), ("market", _LOCATION)):
            out.append(Formula(f'=COUNTIF({ranges[name]},"{unknown}")',
                               Decimal(sum(1 for p in own if not p.known and p.basis != left_out))))
        return out

    # -- what is no sum -----------------------------------------------------------------------------------------------

    def order(self) -> Sheet:
        """The market-based order as applied."""
        said, titles = self.said, steps()
        rows: list[list[Cell | Formula]] = [
            [titles[s.id][said.language], amount_cell(s.mwh, said), amount_cell(s.tco2e, said),
             ", ".join(s.factors), ", ".join(s.rows)[:2000]] for s in self.model.steps]
        return Sheet(said("ghgp.sheet.order"), [said(f"ghgp.head.{n}") for n in ("step", "MWh", "tco2e_market",
                                                                           "factors",
                                                                                "rows")],
                     rows, said("ghgp.sheet.order-title"), (40, 16, 18, 46, 70), (said("ghgp.one-claim"),), plain=True)

    def instruments(self) -> Sheet:
        """Instruments with their answers."""
        said = self.said
        head = [said(f"ghgp.head.{n}") for n in ("facility", "row", "kind", "MWh", "technology", "market", "contract",
                                                "signed_on", "legacy", "counts")]
        head += [f"{c.number}. {c.title[said.language]}" for c in criteria()]
        rows: list[list[Cell | Formula]] = []
        for row in self.model.instruments:
            answers = [said(f"ghgp.answer.{row.answers[c.number]}") for c in criteria()]
            rows.append([row.dossier_id, row.row, said.label("kind", row.kind), amount_cell(row.MWh, said),
                         said.name(row.technology), row.market or "", row.contract or "", row.signed_on,
                         said(f"ghgp.answer.{row.legacy}"), said(f"ghgp.answer.{row.counts}"), *answers])
        return Sheet(said("ghgp.sheet.instruments"), head, rows, said("ghgp.sheet.instruments-title"),
                     (20, 20, 16, 12, 14, 10, 18, 12, 12, 10, *[16] * 8), (said("ghgp.legacy-open"),))

    def completeness(self, found: Completeness) -> Sheet:
        """What a report has to hold, and what is missing of it."""
        said = self.said
        rows: list[list[Cell | Formula]] = [
            [r.item.id, r.item.clause, said(f"ghgp.item.{r.item.kind}"), r.item.title[said.language],
             said(f"ghgp.result.{r.key}"), ", ".join(said.label("section", w) for w in r.where),
             "; ".join(said.of(m) for m in r.missing)] for r in found.results]
        return Sheet(said("ghgp.sheet.completeness"),
                     [said(f"ghgp.head.{n}") for n in ("item", "clause", "kind", "what", "state", "where", "missing")],
                     rows, said("ghgp.sheet.completeness-title"), (18, 22, 14, 44, 16, 40, 60))


def sheets(model: GhgModel, completeness: Completeness, language: str) -> Sequence[Sheet]:
    """The workbook in *language* (zh, en)."""
    book = _Book(model, language)
    out = [book.summary(), book.categories(), book.gases(), book.facilities(), book.order(), book.instruments(),
           book.lines(), book.calculation(), book.completeness(completeness)]
    if model.approaches:
        out.insert(1, _approaches(model, book.said))
    return out


def _approaches(model: GhgModel, said: Said) -> Sheet:
    """The three approaches side by side; the one that is used has its sums as formulas on the other sheets."""
    rows: list[list[Cell | Formula]] = []
    for found in model.approaches:
        for name, total in (("1", found.scope_1), ("2_location", found.scope_2.location),
                            ("2_market", found.scope_2.market), ("3", found.scope_3)):
            rows.append([said(f"ghgp.approach.{found.name}"), said(f"ghgp.scope.{name}"), number(total.known),
                         "" if not isinstance(total.value, Unknown) else reason_text(total.value, said)])
        rows += [[said(f"ghgp.approach.{found.name}"), said("ghgp.share-of", facility=name), share, ""]
                 for name, share in found.shares.items()]
    return Sheet(said("ghgp.sheet.approaches"), [said(f"ghgp.head.{n}") for n in ("approach", "what", "known", "open")],
                 rows, said("ghgp.sheet.approaches-title"), (24, 40, 22, 80), plain=True)


# -- helpers ----------------------------------------------------------------------------------------------------------


def letter(index: int) -> str:
    """Letter of the column with *index* from 0."""
    out = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        out = chr(65 + rest) + out
    return out


def number(value: Decimal) -> Cell | Formula:
    """*value* as a number a sheet computes with: one that its double does not hold exactly is written as a formula."""
    return value if fits_a_double(value) else Formula(f"={plain(value)}", value)


def amount_cell(value: Decimal | Unknown, said: Said) -> Cell | Formula:
    """A figure, or the word for unknown."""
    return said("ghgp.unknown") if isinstance(value, Unknown) else number(value)


def _share(row: CategoryRow) -> Cell | Formula:
    return number(row.supplier_share) if isinstance(row.supplier_share, Decimal) else None


def _sum(values: Iterable[Decimal]) -> Decimal:
    out = Decimal(0)
    for value in values:
        out = CONTEXT.add(out, value)
    return out


def _scope(scope: int) -> Callable[[Line], bool]:
    return lambda line: line.scope == scope


def _outside(why: str) -> Callable[[Line], bool]:
    return lambda line: line.outside == why


def _category(number_of: int) -> Callable[[Line], bool]:
    return lambda line: line.scope == 3 and line.ghgp_category == number_of


def _group(gas: str) -> Callable[[Line], bool]:
    return lambda line: line.scope in (1, 2) and (family(line.gas) or line.gas) == gas
