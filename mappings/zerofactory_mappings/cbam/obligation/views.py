"""What is shown of an obligation: headlines and tables for an importer or an exporter, in zh or en, as plain values.

Terminal, workbook and page draw the same tables. A figure that is not known is None and is written out as such; what
does not apply is an empty text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import TypeAlias

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.messages import render, render_problem
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam.obligation.model import Data
from zerofactory_mappings.cbam.obligation.prices import PriceSource, PriceUse
from zerofactory_mappings.cbam.obligation.result import (
    Effect,
    GoodResult,
    ObligationResult,
    Outcome,
    OutlookYear,
    YearResult,
    known,
)
from zerofactory_mappings.cbam.obligation.totals import total_outlook

Cell: TypeAlias = "str | int | Decimal | date | None"
VIEWS = ("importer", "exporter")

#: Decimals that a shown figure has at most, by kind of column.
PLACES = {"see": 5, "certificates": 3, "eur": 2, "price": 2, "mass": 6}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: *title*, and *kind* of its values (``text``, ``date``, ``share`` or a key of :data:`PLACES`).

    *spare*: the higher, the sooner it is left out where there is little room; 0: never.
    """

    title: str
    kind: str = "text"
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A table with its title, and notes below it."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A headline: what it is, its value, and a remark."""

    title: str
    value: str
    remark: str = ""


class Words:
    """Sentences and figures in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def t(self, code: str, **args: object) -> str:
        """The label or sentence ``cbam-obligation.<code>``."""
        return render(f"cbam-obligation.{code}", self.lang, args)

    def pick(self, texts: object) -> str:
        """The text of ``{zh, en}`` in this language."""
        assert isinstance(texts, dict)
        return str(texts[self.lang])

    def named(self, thing: object) -> str:
        """The name of something that has ``zh`` and ``en``."""
        return str(getattr(thing, self.lang))

    def shown(self, value: Cell, kind: str) -> str:
        """A value as people read it: rounded to the decimals of its kind, thousands apart."""
        if value is None:
            return self.t("unknown")
        if isinstance(value, Decimal):
            if kind == "share":
                return f"{plain(_rounded(CONTEXT.multiply(value, Decimal(100)), 2))} %"
            places = PLACES.get(kind, 6)
            rounded = _rounded(value, places)
            text = f"{rounded:,f}"
            return text if kind in {"eur", "price"} else text.rstrip("0").rstrip(".") if "." in text else text
        return value.isoformat() if isinstance(value, date) else str(value)

    def amount(self, value: Decimal | None, kind: str, unit: str) -> str:
        """A figure with its unit; the word for unknown without."""
        return self.shown(value, kind) if value is None else f"{self.shown(value, kind)} {unit}"

    def problem(self, problem: Problem) -> str:
        """The sentence of a problem."""
        return render_problem(problem, self.lang)

    def plain(self, problem: Problem) -> str:
        """The sentence of a note, which holds what it is about."""
        args = {"found": problem.found or "", **problem.args}
        if "confidence" in args:
            args["confidence"] = self.t(f"confidence-{args['confidence']}")
        return render(problem.code, self.lang, args)

    def price(self, use: PriceUse | None) -> str:
        """A price with where it comes from."""
        if use is None or use.figure.value is None:
            return self.t("unknown")
        mark = "" if use.source is PriceSource.PUBLISHED else f" ({self.t(f'price-{use.source}')})"
        return f"{self.shown(use.figure.value, 'price')}{mark}"

    def priced(self, use: PriceUse | None) -> tuple[Decimal | None, str]:
        """A price as a figure, and where it comes from unless it is published."""
        if use is None or use.figure.value is None:
            return None, ""
        return use.figure.value, "" if use.source is PriceSource.PUBLISHED else self.t(f"price-{use.source}")

    def data(self, data: Data | str) -> str:
        """The name of a kind of data."""
        return self.t(f"data-{data}")

    def cheaper(self, which: object) -> str:
        """The cheaper method; the word for unknown where that is not known."""
        return self.t("unknown") if which is None else self.t(f"cheaper-{which}")

    def truth(self, value: bool | None) -> str:
        """Yes, no, not known."""
        return self.t("unknown") if value is None else self.t("yes" if value else "no")


def _rounded(value: Decimal, places: int) -> Decimal:
    with localcontext(CONTEXT):
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN) if value.adjusted() < 25 else value


def heading(result: ObligationResult, view: str, lang: str) -> str:
    """The title of the whole."""
    words, importer = Words(lang), result.given.importer
    title = words.t(f"title-{view}")
    return f"{title} – {importer.name}" if importer is not None else title


def facts(result: ObligationResult, lang: str) -> tuple[Fact, ...]:
    """The headlines: basis, and of every year what is due, by when and what it costs."""
    w = Words(lang)
    found = [Fact(w.t("basis"), w.t("basis-definitive"), w.t("basis-remark"))]
    for y in result.years:
        found += _year_facts(y, w, several=len(result.years) > 1)
    return tuple(found)


def _year_facts(y: YearResult, w: Words, *, several: bool) -> Iterable[Fact]:
    def title(name: str) -> str:
        return f"{y.year} · {w.t(name)}" if several else w.t(name)

    by = "" if y.surrender_by is None else w.t("by", date=y.surrender_by.isoformat())
    state = {True: "threshold-crossed", False: "threshold-below", None: "threshold-unknown"}[y.threshold.crossed]
    shown = w.t("mass-of-limit", mass=w.shown(y.threshold.mass, "mass"), limit=w.shown(y.threshold.limit.value, "mass"))
    watch = f"; {w.t('watch')}" if y.threshold.watch and y.threshold.crossed is not True else ""
    yield Fact(title("threshold"), shown, w.t(state) + watch)
    if y.threshold.crossed is None:
        yield Fact(title("if-liable"), w.amount(y.certificates, "certificates", w.t("certificates-unit")), by)
    else:
        yield Fact(title("due"), w.amount(y.due, "certificates", w.t("certificates-unit")), by)
    cost = y.cost if y.threshold.crossed is None else y.due_cost
    remark = ""
    if cost is None and y.known_cost:
        remark = w.t("known-part", cost=w.shown(y.known_cost, "eur"))
    yield Fact(title("cost"), w.amount(cost, "eur", "EUR"), remark)


def blocks(result: ObligationResult, view: str, lang: str) -> tuple[Block, ...]:
    """The tables of a view."""
    w = Words(lang)
    if view == "exporter":
        found = [_goods_per_unit(result, w), *(_outlook(g, w) for g in result.goods if g.outlook), _quotes(result, w)]
    else:
        found = [_consignments(result, w), _totals(result, w), _quarters(result, w), _goods_totals(result, w),
                 _holding(result, w), _deadlines(result, w), _penalties(result, w)]
    return tuple(_lean(b) for b in (*found, readings_block(result, w)) if b.rows)


# ------------------------------------------------------------------------------------------------------------ importer

def _consignments(result: ObligationResult, w: Words) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for r in result.consignments:
        c, o = r.consignment, r.declared
        if r.outside or o is None:
            rows.append((c.id, c.when.label, c.code, c.name, w.named(c.origin), c.mass.value, w.t("outside-cbam"),
                         *[""] * 8))
            continue
        other = r.default if o is r.actual else r.actual
        rows.append((c.id, c.when.label, c.code, c.name, w.named(c.origin), c.mass.value, w.data(c.data), o.see, o.sefa,
                     o.certificates, *w.priced(r.price), o.cost, "" if other is None else other.certificates,
                     "" if other is None else w.cheaper(r.cheaper)))
    columns = _columns(w, ("id", ""), ("when", ""), ("cn", ""), ("name", ""), ("origin", ""), ("mass", "mass"),
                       ("data", ""), ("see", "see"), ("sefa", "see"), ("certificates", "certificates"),
                       ("price", "price"), ("price-basis", ""), ("cost", "eur"),
                       ("other-certificates", "certificates"), ("cheaper", ""))
    return Block("consignments", w.t("block-consignments"), columns, tuple(rows),
                 (w.t("note-floor"), w.t("note-fractions")))


def _quarters(result: ObligationResult, w: Words) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for y in result.years:
        for q in y.quarters:
            name = f"{q.year}-Q{q.quarter}" if q.quarter else f"{q.year} ({w.t('undated')})"
            rows.append((name, q.mass, q.certificates, "; ".join(dict.fromkeys(w.price(p) for p in q.prices)), q.cost))
        rows.append((f"{y.year} {w.t('total')}", known([q.mass for q in y.quarters]), y.certificates, "", y.cost))
    columns = _columns(w, ("quarter", ""), ("mass", "mass"), ("certificates", "certificates"), ("price", "price"),
                       ("cost", "eur"))
    return Block("quarters", w.t("block-quarters"), columns, tuple(rows), (w.t("note-price"),))


def _goods_totals(result: ObligationResult, w: Words) -> Block:
    rows = [(g.id, g.example.code, g.example.name, w.named(g.example.origin), g.mass, w.data(g.example.data), g.default,
             "" if g.example.actual is None else g.actual, g.declared, g.declared_cost) for g in result.goods]
    columns = _columns(w, ("good", ""), ("cn", ""), ("name", ""), ("origin", ""), ("mass", "mass"), ("data", ""),
                       ("by-default", "certificates"), ("by-actual", "certificates"),
                       ("certificates", "certificates"), ("cost", "eur"))
    notes = [w.t("note-cheapest", year=y.year, certificates=w.shown(y.cheapest, "certificates")) for y in result.years
             if y.cheapest is not None and y.certificates is not None and y.cheapest < y.certificates]
    return Block("goods", w.t("block-goods"), columns, tuple(rows), tuple(notes))


def _totals(result: ObligationResult, w: Words) -> Block:
    """Every year of the outlook with the same imports."""
    has_actual = any(g.example.actual is not None for g in result.goods)
    names = [("total-default", "certificates"), ("total-cost-default", "eur")]
    if has_actual:
        names += [("total-actual", "certificates"), ("total-cost-actual", "eur")]
    rows: list[tuple[Cell, ...]] = []
    for t in total_outlook(result):
        by_actual = (t.actual, t.actual_cost) if has_actual else ()
        rows.append((str(t.year), t.default, t.default_cost, *by_actual))
    notes = (w.t("note-no-price"),) if any(r[2] is None for r in rows) else ()
    if all(value is None for row in rows for value in row[1:]):
        rows = []                                       # a table of nothing but unknown says nothing
    return Block("totals", w.t("total-outlook"), _columns(w, ("year", ""), *names), tuple(rows), notes)


def _holding(result: ObligationResult, w: Words) -> Block:
    rows: list[tuple[Cell, ...]] = []
    notes: list[str] = []
    for y in result.years:
        for h in y.holding:
            none: Cell = "" if h.applies else w.t("not-yet")
            last: Cell = h.by_last_year if h.by_last_year is not None or any(
                p.code.endswith("no-last-year") for p in h.reasons) else ""
            rows.append((f"{y.year}-Q{h.quarter}", h.due, h.share, h.by_default if h.applies else none,
                         last if h.applies else none))
            notes += [w.problem(p) for p in h.reasons]
        if y.holding and y.threshold.crossing_quarter is not None:
            notes.append(w.t("note-crossing-quarter", quarter=f"{y.year}-Q{y.threshold.crossing_quarter}"))
    columns = _columns(w, ("quarter", ""), ("held-on", "date"), ("held-share", "share"),
                       ("held-by-default", "certificates"), ("held-by-last-year", "certificates"))
    return Block("holding", w.t("block-holding"), columns, tuple(rows), (w.t("note-holding"), *dict.fromkeys(notes)))


def _deadlines(result: ObligationResult, w: Words) -> Block:
    rows: dict[tuple[Cell, ...], None] = {}
    for y in result.years:
        for d in y.deadlines:
            rows.setdefault((d.date, w.named(d), y.year, f"{d.source}"))
    columns = _columns(w, ("date", "date"), ("what", ""), ("imports-of", ""), ("act", ""))
    return Block("deadlines", w.t("block-deadlines"), columns, tuple(rows))


def _penalties(result: ObligationResult, w: Words) -> Block:
    rows: list[tuple[Cell, ...]] = []
    for y in result.years[:1]:
        stakes = {e.penalty: e for e in y.exposure}
        for p in y.penalties:
            unit = "" if p.low is None else "EUR/tCO2e" if p.low.unit != "1" else "×"
            figures = "" if p.low is None or p.high is None else _span(p.low.value, p.high.value, unit)
            stake = stakes.get(p.id)
            at = "" if stake is None else w.t("unknown") if stake.low is None or stake.high is None else _span(
                stake.low, stake.high, "EUR")
            rows.append((w.named(p), figures, at, f"{p.source}"))
    columns = _columns(w, ("what", ""), ("figure", ""), ("stake", ""), ("act", ""))
    return Block("penalties", w.t("block-penalties"), columns, tuple(rows), (w.t("note-penalties"),))


def _span(low: Decimal, high: Decimal, unit: str) -> str:
    figures = [f"{_rounded(v, 2):,f}".rstrip("0").rstrip(".") for v in (low, high)]
    text = figures[0] if figures[0] == figures[1] else "–".join(figures)
    return f"{text} {unit}".strip()


# ------------------------------------------------------------------------------------------------------------ exporter

def _goods_per_unit(result: ObligationResult, w: Words) -> Block:
    """Per good and method in the year of its first consignment: how the figures come about, per tonne."""
    rows: list[tuple[Cell, ...]] = []
    for g in result.goods:
        first = next(r for r in result.consignments if r.good == g.id)
        for outcome in (first.default, first.actual):
            if outcome is not None:
                rows.append((g.id, g.example.code, g.example.name, first.consignment.when.label, w.data(outcome.data),
                             outcome.before_markup if outcome.data is Data.DEFAULT else "",
                             outcome.markup if outcome.data is Data.DEFAULT else "", outcome.see, outcome.sefa,
                             _deducted(outcome), outcome.net, *w.priced(first.price), outcome.cost_per_unit))
    columns = _columns(w, ("good", ""), ("cn", ""), ("name", ""), ("when", ""), ("data", ""), ("before-markup", "see"),
                       ("markup", "share"), ("see", "see"), ("sefa", "see"), ("deduction", "eur"), ("net", "see"),
                       ("price", "price"), ("price-basis", ""), ("cost-per-t", "eur"))
    return Block("per-unit", w.t("block-per-unit"), columns, tuple(rows), (w.t("note-benchmark-share"),))


def _deducted(outcome: Outcome) -> Cell:
    return "" if outcome.deduction == 0 else outcome.deduction


def good_name(g: GoodResult) -> str:
    """Number, code and name of a good."""
    return f"{g.id} {g.example.code} {g.example.name}".strip()


def _outlook(g: GoodResult, w: Words) -> Block:
    has_actual = g.example.actual is not None
    rows = [_outlook_row(y, w, has_actual=has_actual) for y in g.outlook]
    shared = (("year", ""), ("net-default", "see"))
    actual = (("net-actual", "see"),) if has_actual else ()
    cost = (("price", "price"), ("price-basis", ""), ("cost-default", "eur"))
    saved = (("cost-actual", "eur"), ("saving", "eur"), ("break-even", "see"), ("cheaper", "")) if has_actual else ()
    title = w.t("block-outlook", good=good_name(g), origin=w.named(g.example.origin))
    notes = [w.t("note-preliminary")] if any(y.preliminary for y in g.outlook) else []
    notes += [w.t("note-no-price")] if any(y.default.cost_per_unit is None for y in g.outlook) else []
    notes += [w.t("note-break-even")] if has_actual else []
    if any(y.actual is not None and y.actual.net is None and y.actual.deduction for y in g.outlook):
        notes.append(w.t("note-deduction-needs-price"))
    return Block(f"outlook-{g.id}", title, _columns(w, *shared, *actual, *cost, *saved), tuple(rows), tuple(notes))


def _outlook_row(y: OutlookYear, w: Words, *, has_actual: bool) -> tuple[Cell, ...]:
    year = f"{y.year}*" if y.preliminary else str(y.year)
    head: tuple[Cell, ...] = (year, y.default.net)
    price = (*w.priced(y.price), y.default.cost_per_unit)
    if not has_actual or y.actual is None:
        return (*head, *price)
    return (*head, y.actual.net, *price, y.actual.cost_per_unit, y.saving_cost, y.break_even, w.cheaper(y.cheaper))


def _quotes(result: ObligationResult, w: Words) -> Block:
    rows = [(g.id, g.example.code, q.period, q.price, q.default_cost, "" if g.example.actual is None else q.actual_cost)
            for g in result.goods for y in g.outlook for q in y.quotes]
    columns = _columns(w, ("good", ""), ("cn", ""), ("quarter", ""), ("price", "price"), ("cost-default", "eur"),
                       ("cost-actual", "eur"))
    return Block("quotes", w.t("block-quotes"), columns, tuple(rows))


# ------------------------------------------------------------------------------------------------- readings, remarks

def readings_block(result: ObligationResult, w: Words) -> Block:
    """The readings that matter here: what each other alternative would change."""
    rows: list[tuple[Cell, ...]] = []
    for r in result.readings:
        for e in r.effects:
            if e.any:
                rows.append((f"{r.reading.id}: {w.pick(r.reading.question)}",
                             w.pick(r.reading.alternatives[r.chosen].title),
                             w.pick(r.reading.alternatives[e.alternative].title), e.certificates, e.cost,
                             _flips(e, w)))
    columns = _columns(w, ("reading", ""), ("read-as", ""), ("other-reading", ""),
                       ("certificates-change", "certificates"), ("cost-change", "eur"), ("flips", ""))
    return Block("readings", w.t("block-readings"), columns, tuple(rows), (w.t("note-readings"),))


def _flips(e: Effect, w: Words) -> str:
    """What becomes unknown or known, and what changes beside the declared certificates."""
    changes: dict[tuple[str, str], list[int]] = {}
    for f in e.flips:
        changes.setdefault((f.good, f"{w.cheaper(f.before)} → {w.cheaper(f.after)}"), []).append(f.year)
    parts = [f"{good} {_years(years)}: {change}" for (good, change), years in list(changes.items())[:6]]
    parts += [w.t("become-unknown", count=e.unknown)] if e.unknown else []
    parts += [w.t("become-known", count=e.settled)] if e.settled else []
    if len(changes) > 6:
        parts.append(f"… ({len(changes)})")
    if e.outlook_years:
        years = _years(e.outlook_years)
        parts.append(w.t("outlook-unknown", years=years) if e.outlook_largest is None else w.t(
            "outlook-changes", years=years, size=w.shown(e.outlook_largest, "see")))
    return "; ".join(parts)


def _years(years: Sequence[int]) -> str:
    """``2031–2033``, or every year where they do not follow each other."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(map(str, years))


def remarks(result: ObligationResult, lang: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Lists of sentences under a title: problems (errors and warnings first), what is provisional, sources."""
    w = Words(lang)
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
    problems = sorted(result.problems, key=lambda p: order[p.severity])
    found = ((w.t("remarks-problems"), _sentences(problems, w)),
             (w.t("remarks-provisional"), tuple(dict.fromkeys(w.plain(p) for p in result.provisional))),
             (w.t("remarks-sources"), tuple(dict.fromkeys((*result.sources, *result.versions)))))
    return tuple((title, lines) for title, lines in found if lines)


def _sentences(problems: Sequence[Problem], w: Words) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w.problem(p) for p in problems))


#: Columns that a narrow terminal leaves out, the last first. What a price rests on stays: it marks the cost as assumed.
_SPARE = ("data", "origin", "see", "price", "net-default", "net-actual", "sefa", "break-even", "before-markup", "when",
          "other-certificates", "name", "act")


def _columns(w: Words, *columns: tuple[str, str]) -> tuple[Column, ...]:
    return tuple(Column(w.t(f"column-{name}"), kind or "text", _SPARE.index(name) + 1 if name in _SPARE else 0)
                 for name, kind in columns)


def _lean(block: Block) -> Block:
    """*block* without columns that hold nothing."""
    kept = [i for i in range(len(block.columns)) if any(row[i] != "" for row in block.rows)]
    return Block(block.id, block.title, tuple(block.columns[i] for i in kept),
                 tuple(tuple(row[i] for i in kept) for row in block.rows), block.notes)
