"""Sections on methods, factors, uncertainty, further information, and what is open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render_problem
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Facts, Grid, Note, Paragraph
from zerofactory_mappings.iso14064_1.pages_boundary import ROWS, left_out
from zerofactory_mappings.iso14064_1.words import DASH, UNIT, Words

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel


def approaches(model: IsoModel, words: Words) -> list[Block]:
    """Approach by source and method with its reason; changes of approach; the options of the accounting."""
    rows = [(words.category(a.subcategory), words.source(a.source), words.label("method", a.method), str(a.lines),
             words.total(a.total), words.list(a.text, a.reason) or words.t("not-stated"))
            for a in model.approaches[:ROWS]]
    head = words.head("category", "source", "method", "lines", "tCO2e", "approach")
    out: list[Block] = [Grid(words.t("grid.approaches"), head, rows, numeric=(3, 4), widths=(18, 15, 14, 8, 14, 31),
                             note=words.t("approaches-note"))]
    changes = model.statement.get("changes")
    if changes is None:
        out.append(Note("warning", words.lacks("changes")))
    elif changes:
        out.append(Grid(words.t("grid.changes"), words.head("date", "what", "before", "after", "reason"),
                        [[words.text(c.get(n)) for n in ("on", "what", "before", "after", "reason")] for c in changes],
                        widths=(13, 24, 18, 18, 27)))
    else:
        out.append(Paragraph(words.t("no-changes")))
    return [*out, Paragraph(_options(model, words))]


def _options(model: IsoModel, words: Words) -> str:
    """The options of the accounting in words."""
    from zerofactory_engine.accounting.options import ACCEPTED

    told = []
    for name, value in model.inventory.options.items():
        accepted = ACCEPTED[name]
        title = accepted.values.get(value)
        shown = value if title is None else words.text(title)
        told.append(words.t("pair", name=words.text(accepted.title), value=shown))
    return words.t("options", options=words.t("semicolon").join(told))


def factors(model: IsoModel, words: Words) -> list[Block]:
    """Warming potentials, factor sets, entries used, factors that rows state."""
    used = model.inventory.sets.get("gwp")
    out: list[Block] = []
    if used is not None:
        potentials = [e for e in model.factors if e.set_id == used.id]
        values = [_potential(e.key, e.variant, plain(v.value), words) for e in potentials
                  if (v := e.values.get("gwp")) is not None and v.value is not None]
        out.append(Facts(words.t("facts.gwp"), [
            (words.t("fact.gwp"), words.text(used.title)), (words.t("fact.set"), f"{used.id} {used.pin.version}"),
            (words.t("fact.gwp-source"), words.join(dict.fromkeys(e.source.title for e in potentials)) or DASH),
            (words.t("fact.gwp-values"), words.join(values) or words.t("gwp-co2-only"))]))
    rows = [(words.label("role", s.role), words.text(s.title), f"{s.id} {s.version}", words.text(s.publisher))
            for s in model.sets if s.used]
    out.append(Grid(words.t("grid.sets"), words.head("role", "set", "version", "publisher"), rows,
                    widths=(16, 32, 27, 25)))
    entries = [e for e in model.factors if used is None or e.set_id != used.id]
    if entries:
        out.append(Grid(words.t("grid.entries"), words.head("factor", "values", "year", "origin", "confidence"),
                        [(e.id, words.join(f"{n} {v.stated}" for n, v in e.values.items()),
                          DASH if e.year is None else str(e.year), e.source.title,
                          words.t(f"confidence.{e.confidence}")) for e in entries[:ROWS]],
                        widths=(26, 26, 8, 27, 13), note=left_out(len(entries), words)))
    if model.row_factors:
        out.append(Grid(words.t("grid.row-factors"), words.head("row", "value", "unit", "origin", "year", "lines"),
                        [(f.first_row, words.amount(f.value), f.unit, f.source or words.t("not-stated"),
                          f.year or DASH, str(f.lines)) for f in model.row_factors[:ROWS]], numeric=(1, 5),
                        widths=(18, 13, 16, 33, 10, 10),
                        note=left_out(len(model.row_factors), words)))
    return out


def _potential(key: str, variant: str | None, value: str, words: Words) -> str:
    name = key if variant is None else f"{key} ({words.label('variant', variant)})"
    return f"{name} {value}"


def uncertainty(model: IsoModel, words: Words) -> list[Block]:
    """By category: propagated (what lines share moves together), simulated, and what is stated."""
    said = model.statement
    told = {str(e["category"]): e["text"] for e in said.rows("uncertainty.by_category")}
    out: list[Block] = [Facts("", [(words.t("fact.uncertainty-method"), words.text(said.get("uncertainty.method"))),
                                   (words.t("fact.uncertainty-text"), words.text(said.get("uncertainty.text")))])]
    rows: list[Sequence[str]] = []
    spread: list[Sequence[str]] = []
    for name in groups(model):
        found, drawn = model.uncertainty[name], model.simulation.groups[name]
        label = words.group(name)
        rows.append((label, words.amount(found.known), words.amount(found.correlated),
                     words.share(found.relative(found.correlated)), words.amount(found.independent),
                     words.share(found.not_stated), words.text(told.get(name.partition("/")[2]))))
        spread.append((label, words.amount(drawn.mean), words.amount(drawn.p2_5), words.amount(drawn.p50),
                       words.amount(drawn.p97_5), words.amount(drawn.deviation)))
    head = words.head("category", "known", "width", "relative", "independent", "not-stated", "remark")
    out.append(Grid(words.t("grid.propagated"), head, rows, numeric=(1, 2, 3, 4, 5), totals=(len(rows) - 1,),
                    note=words.t("propagated-note"), widths=(22, 13, 12, 11, 11, 12, 19)))
    chosen = model.simulation.settings
    out.append(Grid(words.t("grid.simulated"), words.head("category", "mean", "p2_5", "p50", "p97_5", "deviation"),
                    spread, numeric=(1, 2, 3, 4, 5), totals=(len(spread) - 1,),
                    note=words.t("simulated-note", draws=f"{chosen.draws:,}", seed=str(chosen.seed))))
    return out


def groups(model: IsoModel) -> list[str]:
    """Categories with lines, then the total, as uncertainty names them."""
    found = [f"iso_category/{c.code}" for c in model.categories if c.quantified]
    return [n for n in (*found, "all") if n in model.uncertainty]


#: Lists of a statement and their columns.
LISTS = {"initiatives": ("what", "effect_tCO2e", "on"), "projects": ("what", "effect_tCO2e", "programme"),
         "indicators": ("name", "value", "unit")}


def more(model: IsoModel, words: Words) -> list[Block]:
    """What the standard recommends."""
    said = model.statement
    out: list[Block] = [Facts("", [
        (words.t(f"fact.{n}"), words.text(said.get(n)) if said.get(n) else words.t("not-stated"))
        for n in ("policies", "benchmarks", "monitoring", "year_on_year")])]
    for name, columns in LISTS.items():
        rows = said.rows(name)
        if rows:
            out.append(Grid(words.t(f"grid.{name}"), [words.t(f"head.{name}.{c}") for c in columns],
                            [[words.text(r.get(c)) for c in columns] for r in rows[:ROWS]], numeric=(1,),
                            widths=(56, 22, 22)))
        elif said.get(name) is not None:
            out.append(Paragraph(words.t(f"none.{name}")))
    programmes = said.get("programmes")
    if programmes is not None:
        out.append(Paragraph(words.t("programmes", names=words.join(words.text(p) for p in programmes))
                             if programmes else words.t("none.programmes")))
    return out


def open_(model: IsoModel, words: Words) -> list[Block]:
    """Why figures are not known, what the accounting reports, and where the line items stand."""
    out: list[Block] = []
    for category in model.categories:
        if isinstance(category.total.value, Unknown):
            out.append(Note("warning", words.t("why-unknown", what=words.category(category.code),
                                               why=words.reasons(category.total.value))))
    market = model.market_total.value
    if isinstance(market, Unknown) and not isinstance(model.total.value, Unknown):
        out.append(Note("warning", words.t("why-unknown", what=words.t("fact.market"), why=words.reasons(market))))
    problems = list(dict.fromkeys(render_problem(p, words.language) for p in model.inventory.problems))
    if problems:
        out.append(Grid(words.t("grid.problems"), [words.t("head.what")], [(p,) for p in problems[:ROWS]],
                        note=left_out(len(problems), words)))
    if not out:
        out.append(Paragraph(words.t("nothing-open")))
    return [*out, Paragraph(words.t("lines-stand", count=f"{len(model.lines):,}")),
            Paragraph(words.t("display-rule", unit=UNIT))]
