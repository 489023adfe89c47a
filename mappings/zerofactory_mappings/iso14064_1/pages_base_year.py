"""The section of the base year: what is stated, the recalculation run with its trigger, and earlier periods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Block, Facts, Grid, Note, Paragraph
from zerofactory_mappings.iso14064_1.base_year import difference
from zerofactory_mappings.iso14064_1.words import DASH, UNIT, Words

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel
    from zerofactory_mappings.years.recalculate import Recalculation


def blocks(model: IsoModel, words: Words) -> list[Block]:
    """Everything about the base year and earlier periods."""
    base = model.base_year
    if base.year is None and base.base is None:
        return [Note("warning", words.lacks("base-year")), *_earlier(model, words)]
    out: list[Block] = [Facts(words.t("facts.base-year"), [
        (words.t("fact.base-year"), DASH if base.year is None else str(base.year)),
        (words.t("fact.base-reason"), words.text(base.reason)), (words.t("fact.policy"), words.text(base.policy)),
        (words.t("fact.threshold"), words.share(base.threshold)),
        (words.t("fact.base-method"), words.text(base.method)),
        (words.t("fact.base-gwp"), words.text(base.gwp_set)),
        (words.t("fact.comparability"), words.text(model.statement.get("base_year.comparability")))])]
    if base.conflict:
        out.append(Note("warning", words.lacks("base-conflict")))
    if base.reported:
        reported = [(words.group(f.name), words.amount(f.value), f.unit, words.named(f.verification, "verification"))
                    for f in base.reported]
        out.append(Grid(words.t("grid.reported"), words.head("figure", "amount", "unit", "checked"), reported,
                        numeric=(1,), widths=(46, 20, 14, 20)))
    if not base.has_inventory:
        out.append(Note("warning", words.lacks("base-inventory", year=base.year)))
    if base.compared:
        out.append(_compared(model, words))
    out += recalculation(base.recalculation, words) if base.recalculation is not None else [
        Paragraph(words.t("no-recalculation-run"))]
    out += [Paragraph(found.text(words.language)) for found in base.limits]
    if base.stated_recalculations:
        rows = [(words.text(r.get("on")), words.text(r.get("what") or r.get("cause")), words.text(r.get("reason")),
                 words.signed(r.get("effect_tCO2e"))) for r in base.stated_recalculations]
        out.append(Grid(words.t("grid.recalculations"), words.head("date", "what", "reason", "effect"),
                        rows, numeric=(3,), widths=(16, 34, 34, 16)))
    elif model.statement.get("base_year.recalculations") is not None:
        out.append(Paragraph(words.t("no-recalculations")))
    return [*out, *_earlier(model, words)]


def _compared(model: IsoModel, words: Words) -> Grid:
    """Figures as they were reported against what the base year's dossier comes to now."""
    rows = []
    for name, stated, computed in model.base_year.compared:
        found = difference(stated, computed)
        told = (DASH, DASH) if found is None else (words.signed(found[0]), words.share(found[1]))
        rows.append((words.group(name), words.amount(stated), words.amount(computed), *told))
    head = words.head("figure", "reported", "computed", "effect", "share-reported")
    return Grid(words.t("grid.compared"), head, rows, numeric=(1, 2, 3, 4))


def recalculation(found: Recalculation, words: Words) -> list[Block]:
    """The run: whether it is called for, each change with its effect, and the totals before and after."""
    out: list[Block] = [trigger(found, words)]
    if found.steps:
        rows = [(words.t(f"change.{s.change.kind}"), words.list(s.change.what.text(words.language), s.change.reason),
                 words.signed(s.alone["location"]), words.share(found.share(s.alone["location"], "location")),
                 words.signed(s.cumulative["location"]), words.signed(s.cumulative["market"])) for s in found.steps]
        head = words.head("cause", "what", "alone", "share-base", "cumulative", "cumulative-market")
        out.append(Grid(words.t("grid.steps"), head, rows, numeric=(2, 3, 4, 5), note=words.t("steps-note"),
                        widths=(11, 33, 14, 14, 14, 14)))
        before: list[Sequence[str]] = [
            (words.group(group), words.amount(one), words.amount(other), effect_text(one, other, words))
            for group, basis, one, other in found.compared() if basis == "location" and not group.startswith("scope")]
        out.append(Grid(words.t("grid.before-after"), words.head("figure", "original", "recalculated", "effect"),
                        before, numeric=(1, 2, 3), note=words.t("before-after-note"), widths=(40, 20, 20, 20)))
    return out


def effect_text(one: Amount, other: Amount, words: Words) -> str:
    """The difference of two figures."""
    from zerofactory_mappings.years.amounts import minus

    return words.signed(minus(other, one))


def trigger(found: Recalculation, words: Words) -> Note:
    """Whether the organisation's own threshold calls for a recalculation."""
    answer = found.triggered
    if isinstance(answer, Unknown):
        return Note("warning", words.t("trigger.unknown", why=words.reasons(answer)))
    if not found.steps:
        return Note("info", words.t("trigger.nothing-changed"))
    return Note("warning" if answer else "info", words.t("trigger.yes" if answer else "trigger.no",
                                                         threshold=words.share(found.threshold)))


def _earlier(model: IsoModel, words: Words) -> list[Block]:
    """Earlier periods, computed under this report's options; and figures as stated."""
    out: list[Block] = []
    if model.earlier:
        years = [*((e.label, e.inventory) for e in model.earlier),
                 (words.t("this-period"), model.inventory)]
        rows = [(words.category(c.code), *(words.total(i.total(f"iso_category/{c.code}")) for _, i in years))
                for c in model.categories if any(i.total(f"iso_category/{c.code}").lines for _, i in years)]
        rows.append((words.t("key.total"), *(words.total(i.total("all")) for _, i in years)))
        out.append(Grid(words.t("grid.earlier"), [f"{words.t('head.category')} ({UNIT})",
                                                  *(label for label, _ in years)], rows,
                        numeric=tuple(range(1, len(years) + 1)), totals=(len(rows) - 1,), note=words.t("earlier-note")))
    stated = [p for p in model.statement.rows("previous") if int(p["year"]) != model.base_year.year]
    if stated:
        out.append(Grid(words.t("grid.previous"), words.head("year", "figure", "amount", "unit"),
                        [(str(p["year"]), words.group(str(p["figure"])), words.amount(p["value"]), str(p["unit"]))
                         for p in stated], numeric=(2,), widths=(14, 46, 24, 16)))
    return out
