"""A package as JSON, as YAML to fill in, and as a workbook. The same input gives the same bytes.

A working paper, marked so on every sheet. What follows from what is filled in already stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render
from zerofactory_mappings.publishing.workbook import Cell, Sheet, write_workbook
from zerofactory_mappings.sources.yaml_rows import scalar
from zerofactory_mappings.verification import layout
from zerofactory_mappings.verification.layout import Facts, Table
from zerofactory_mappings.verification.model import Effect, Evaluation, Misstatement
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.statement import planned
from zerofactory_mappings.verification.view import Words, title

Cells: TypeAlias = "Mapping[str, Cell]"
#: Rows of the sheet of all lines; the JSON file holds all.
POPULATION_ROWS = 5_000
#: Widths, in characters, of what the program writes; a column to fill in has its own.
_NARROW, _WIDEST = 8, 44


def issued(root: Part) -> date:
    """The date that a document bears: of the opinion, else of the plan, else the period's last day; no clock's."""
    return (root.part("opinion").day("date") or root.part("engagement").day("plan_date")
            or root.part("subject").day("period_end") or date(2000, 1, 1))


# --- JSON and YAML ----------------------------------------------------------------------------------------------------

def package_json(made: Evaluation) -> dict[str, Any]:
    """``standards/schemas/verification-package.schema.json``, with what the program made of it."""
    first = {"format": made.root.values["format"], "working_paper": render("verification.working-paper", "en")}
    content: dict[str, Any] = jsonable({**first, **made.root.values, "results": made.results()})
    return _counts(content)


def _counts(content: dict[str, Any]) -> dict[str, Any]:
    """Counts as texts, like every figure of the project."""
    for part, name in (("subject", "lines"), ("sampling", "monetary_units")):
        if isinstance(content.get(part, {}).get(name), int):
            content[part][name] = str(content[part][name])
    return content


def json_bytes(made: Evaluation) -> bytes:
    """The package as a JSON file."""
    return (json.dumps(package_json(made), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def yaml_bytes(root: Part, language: str) -> bytes:
    """The package as YAML that a person fills in: a line for each row, without what the program makes of it."""
    lines = [f"# {render(code, language)}" for code in ("verification.working-paper", "verification.yaml-help")]
    content = jsonable({k: v for k, v in root.values.items() if v not in (None, [], {})})
    for name, value in content.items():
        if isinstance(value, dict):
            lines.append(f"{name}:")
            lines += [f"  {key}: {_flow(below)}" for key, below in value.items()]
        elif isinstance(value, list):
            lines.append(f"{name}:")
            lines += [f"  - {_flow(row)}" for row in value]
        else:
            lines.append(f"{name}: {_flow(value)}")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _flow(value: Any) -> str:
    """A value in flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return scalar(str(value))


# --- workbook ---------------------------------------------------------------------------------------------------------

def workbook(made: Evaluation, language: str) -> bytes:
    """The workbook of *made*.

    Raises:
        ProblemsError: what a workbook cannot hold.
    """
    words = Words(language)
    return write_workbook(_Book(made, words).sheets(), issued=issued(made.root), title=title(made, words, False))


class _Book:
    """Makes the sheets."""

    def __init__(self, made: Evaluation, words: Words) -> None:
        self.made, self.words, self.language = made, words, words.language
        self.rows: Mapping[str, Any] = {
            "team": self._entered(layout.TEAM), "materiality": self._materiality, "sampling": self._sampling,
            "items": self._items, "heat": self._heat, "metering": self._metering, "gaps": self._gaps,
            "cross_checks": self._checks, "misstatements": self._misstatements, "effects": self._effects,
            "together": self._together, "nonconformities": self._entered(layout.NONCONFORMITIES),
            "limitations": self._entered(layout.LIMITATIONS), "facts_after": self._entered(layout.AFTER),
            "elements": self._elements, "conclusion": self._conclusion, "settings": self._settings}

    def sheets(self) -> list[Sheet]:
        """The guide and all sheets in the order of the work."""
        return [self._guide(), *(self._facts(s) if isinstance(s, Facts) else self._table(s) for s in layout.SHEETS)]

    # --- frames ------------------------------------------------------------------------------------------------------

    def _sheet(self, ident: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int],
               notes: Sequence[str]) -> Sheet:
        name = layout.sheet_name(ident, self.language)
        return Sheet(name, head, rows, name, _fitted(head, rows, widths), [self.words.t("working-paper"), *notes])

    def _table(self, table: Table) -> Sheet:
        made = self.rows[table.id]
        rows = [[row.get(c.id) for c in table.columns] for row in (made() if callable(made) else made)]
        rows += [[None] * len(table.columns) for _ in range(table.blank)]
        notes = [self.words.t(f"note.{table.id}"), *self._accepted(table)]
        return self._sheet(table.id, [layout.header(c, self.language) for c in table.columns], rows,
                           [c.width if c.kind is not None else _NARROW for c in table.columns], notes)

    def _accepted(self, table: Table) -> list[str]:
        """The words that columns of codes take."""
        out = []
        for column in table.columns:
            if column.kind is not None and column.kind.startswith(("code:", "codes:")):
                out.append(self.words.t("takes", column=layout.header(column, self.language),
                                        words=self._codes(column.kind)))
        return out

    def _codes(self, kind: str) -> str:
        area = kind.partition(":")[2]
        return "; ".join(layout.word(area, code, self.language) for code in layout.codes_of(area))

    def _facts(self, facts: Facts) -> Sheet:
        rows: list[list[Cell]] = []
        for path, kind in facts.paths.items():
            value = self.made.root.at(path)
            rows.append([path, layout.fact_title(path, self.language), self._cell(value, kind),
                         None if facts.given else self._takes(kind)])
        head = [self.words.t(f"column.{c}") for c in ("key", "fact", "entry", "accepted")]
        if not facts.given:
            head[2] += layout.MARK
        return self._sheet(facts.id, head, rows, (30, 34, 50, 40), [self.words.t(f"note.{facts.id}")])

    def _takes(self, kind: str) -> str | None:
        if kind == layout.YESNO:
            return f"{self.words.answer(True)}; {self.words.answer(False)}"
        if kind.startswith("code"):
            return self._codes(kind)
        return self.words.t(f"takes.{kind}") if kind in (layout.DATE, layout.SHARE, layout.PERCENT, layout.LIST
                                                         ) else None

    def _guide(self) -> Sheet:
        total = self.made.statement.totals["total"]
        rows: list[Sequence[Cell]] = [
            [self.words.t("guide.subject"), title(self.made, self.words, False)],
            [self.words.t("guide.total"), self.words.with_unit(total)],
            [self.words.t("guide.sample"), self.words.t(
                "guide.sampled", selected=len(self.made.sampling.selected), lines=len(self.made.sampling.rows),
                share=self.words.share(self.made.sampling.reached))],
            [self.words.t("guide.follows"), self.words.opinion(self.made.opinion.follows)]]
        rows += [[str(n), self.words.t(f"step.{n}")] for n in range(1, 8)]
        head = [self.words.t("column.matter"), self.words.t("column.sentence")]
        return self._sheet("guide", head, rows, (24, 110), [self.words.t("note.guide", mark=layout.MARK.strip())])

    # --- cells -------------------------------------------------------------------------------------------------------

    def _cell(self, value: Any, kind: str | None) -> Cell:
        if value is None:
            return None
        if isinstance(value, bool):
            return self.words.answer(value)
        area = (kind or "").partition(":")[2]
        if isinstance(value, (list, tuple)):
            return "; ".join(layout.word(area, str(v), self.language) if area else str(v) for v in value) \
                or self.words.t("answer.none")
        if area:
            return layout.word(area, str(value), self.language)
        return value if isinstance(value, (Decimal, int, date)) else str(value)

    def _written(self, table: Table, part: Part | None) -> dict[str, Cell]:
        """What the verifier wrote in a row, in the cells of its columns."""
        if part is None:
            return {}
        return {c.id: self._cell(part.values.get(layout.NAMES.get((table.id, c.id), c.id)), c.kind)
                for c in table.columns if c.kind is not None and not c.key}

    def _entered(self, table: Table) -> list[dict[str, Cell]]:
        """Rows that the verifier alone writes."""
        return [self._written(table, part) for part in self.made.root.each(table.section)]

    def _answers(self, table: Table, key: str) -> dict[str, Part]:
        return {part.text(key) or "": part for part in self.made.root.each(table.section)}

    def _share_cell(self, value: Decimal | None) -> Cell:
        return planned(value)

    # --- tables ------------------------------------------------------------------------------------------------------

    def _materiality(self) -> Iterable[Cells]:
        entries = self.made.root.each("materiality")
        for part in entries:
            rows = [t for t in self.made.thresholds if t.of == (part.text("of") or "total")
                    and (t.rule == part.text("rule") if part.has("rule") else t.rule is None)
                    and (not part.has("percent") or t.percent == part.number("percent"))
                    and (part.has("rule") or part.has("percent") or t.value == part.number("tCO2e"))]
            found = rows[0] if rows else None
            made = self._written(layout.MATERIALITY, part)
            if found is not None:
                made |= {"threshold": planned(found.value), "holds": self.words.answer(found.holds),
                         "confidence": self.words.t(f"confidence.{found.confidence}") if found.confidence else None}
                made["source"] = made.get("source") or found.source
            yield made

    def _sampling(self) -> Iterable[Cells]:
        for number, row in enumerate(self.made.sampling.rows[:POPULATION_ROWS], 1):
            yield {"order": number, "line": row.of.id, "title": self.words.line(row.of), "category": row.of.category,
                   "emissions": planned(row.of.emissions), "share": self._share_cell(row.share),
                   "cumulative": self._share_cell(row.cumulative), "selected": self.words.answer(row.selected),
                   "reason": self.words.t(f"sampled.{row.reason}", hits=row.hits)}
        if (rest := len(self.made.sampling.rows) - POPULATION_ROWS) > 0:
            yield {"line": self.words.t("more-lines", count=rest)}

    def _items(self) -> Iterable[Cells]:
        entries = self._answers(layout.ITEMS, "line")
        shares = {r.of.id: r.share for r in self.made.sampling.rows}
        wanted = dict.fromkeys([*(r.of.id for r in self.made.sampling.selected), *entries])
        for ident in wanted:
            line, part = self.made.statement.by_id[ident], entries.get(ident)
            before = part.number("planned_tCO2e") if part is not None else None
            verified = part.number("verified_tCO2e") if part is not None else None
            now = planned(line.emissions)
            yield {"line": ident, "title": self.words.line(line), "category": line.category,
                   "planned_tCO2e": now if before is None else before, "share": self._share_cell(shares.get(ident)),
                   "documents": self.words.documents(self.made.statement.rows.get(line.row)),
                   **self._written(layout.ITEMS, part),
                   "difference": None if verified is None or now is None else CONTEXT.subtract(now, verified)}

    def _heat(self) -> Iterable[Cells]:
        entries = self._answers(layout.HEAT, "row")
        for heat in self.made.evidence.heat:
            row = heat.row
            yield {"row": row.id, "medium": self.words.named(row.get("medium"), "heat_medium"),
                   "flow": self.words.named(row.get("flow"), "heat_flow"),
                   "heat_source": self.words.named(row.get("source"), "heat_source"),
                   "period": self.words.period(row), "t": row.get("t"), "pressure_MPa": row.get("pressure_MPa"),
                   "temperature_degC": row.get("temperature_degC"), "enthalpy": row.get("enthalpy_GJ_per_t"),
                   "GJ": planned(heat.gj), "sampled": self.words.answer(heat.sampled),
                   **self._written(layout.HEAT, entries.get(row.id))}

    def _metering(self) -> Iterable[Cells]:
        entries = self._answers(layout.METERING, "meter")
        for meter in self.made.evidence.meters:
            row = meter.row
            yield {"meter": row.id, "title": row.get("name"),
                   "medium": self.words.named(row.get("carrier"), "meter_media", "carriers"),
                   "accuracy": row.get("accuracy"), "calibrated_on": row.get("calibrated_on"),
                   "calibrated_until": row.get("calibrated_until"), "valid": self.words.answer(meter.valid),
                   "sampled": self.words.answer(meter.sampled), "documents": self.words.documents(row),
                   **self._written(layout.METERING, entries.get(row.id))}

    def _gaps(self) -> Iterable[Cells]:
        entries = self._answers(layout.GAPS, "gap")
        for gap in self.made.evidence.gaps:
            row = gap.row
            conservative = None if row is None else row.get("conservative")
            yield {"gap": gap.id, "gap_kind": self.words.t(f"gap.{gap.kind}"), "about": gap.about,
                   "period": self.words.period(row), "reason": self.words.gap_reason(gap),
                   "substitution": None if row is None or not row.get("substitution") else self.words.named(
                       row.get("substitution"), "gap_substitution"),
                   "conservative": None if conservative is None else self.words.answer(conservative is True),
                   "documents": self.words.documents(row), **self._written(layout.GAPS, entries.get(gap.id))}

    def _checks(self) -> Iterable[Cells]:
        entries = self._answers(layout.CHECKS, "row")
        for check in self.made.evidence.checks:
            yield {"row": check.key, "quantity": self.words.quantity(check),
                   "unit": self.words.unit(check.unit), "reported": check.reported,
                   "stated": self.words.stated(check), **self._written(layout.CHECKS, entries.get(check.key)),
                   "difference": self._share_cell(check.difference),
                   "within": None if not check.values else self.words.answer(check.within)}

    def _misstatements(self) -> Iterable[Cells]:
        logged = [m for m in self.made.misstatements if m.logged]
        for part, m in zip(self.made.root.each("misstatements"), logged, strict=True):
            first = m.effects[0] if m.effects else None
            yield {**self._written(layout.MISSTATEMENTS, part), "reported": m.reported, "effect": planned(m.effect),
                   "share": self._share_cell(first.share) if first is not None else None,
                   "material": self.words.answer(m.material)}

    def _effects(self) -> Iterable[Cells]:
        for m in self.made.misstatements:
            for e in m.effects:
                yield self._effect(m, e)

    def _effect(self, m: Misstatement, e: Effect) -> dict[str, Cell]:
        judged = e.of == "total" or any(t.of == e.of for t in self.made.thresholds)
        return {"id": m.id, "of": self.words.of(e.of), "reported": planned(e.reported), "effect": planned(e.effect),
                "share": self._share_cell(e.share), "material": self.words.answer(e.material) if judged else None}

    def _together(self) -> Iterable[Cells]:
        for a in self.made.aggregates:
            judged = a.of == "total" or any(t.of == a.of for t in self.made.thresholds)
            yield {"of": self.words.of(a.of), "reported": planned(a.reported), "over": planned(a.over),
                   "under": planned(a.under), "net": planned(a.net), "gross": planned(a.gross),
                   "threshold": None if a.threshold is None else planned(a.threshold.value),
                   "share": self._share_cell(a.share), "material": self.words.answer(a.material) if judged else None,
                   "gross_material": self.words.answer(a.gross_material) if judged else None}

    def _elements(self) -> Iterable[Cells]:
        for e in self.made.elements:
            state = "not_applicable" if e.missing is None else "missing" if e.missing else "present"
            yield {"element": e.title[self.language], "clause": e.clause, "standing": self.words.t(f"standing.{state}"),
                   "fields": "; ".join(layout.fact_title(f, self.language) for f in e.missing or ()) or None,
                   "confidence": self.words.t(f"confidence.{e.confidence}")}

    def _conclusion(self) -> Iterable[Cells]:
        opinion = self.made.opinion
        yield {"matter": self.words.t("matter.follows"), "sentence": self.words.opinion(opinion.follows)}
        yield {"matter": self.words.t("matter.basis"), "sentence": self.words.t(f"basis-of.{opinion.basis}")}
        if opinion.follows == "open":
            yield {"matter": self.words.t("matter.candidates"), "sentence": self.words.opinions(opinion.candidates)}
        for name in ("against", "missing", "remarks"):
            for problem in getattr(opinion, name):
                yield {"matter": self.words.t(f"matter.{name}"), "sentence": self.words.problem(problem)}
        for problem in self.made.problems:
            yield {"matter": self.words.t("matter.problems"), "sentence": self.words.problem(problem)}

    def _settings(self) -> Iterable[Cells]:
        from zerofactory_engine.accounting.options import ACCEPTED

        subject = self.made.root.part("subject")
        for setting in ("options", "factor_sets"):
            for name, value in (subject.values.get(setting) or {}).items():
                accepted = ACCEPTED.get(name) if setting == "options" else None
                chosen = accepted.values.get(str(value)) if accepted is not None else None
                yield {"setting": setting, "name": name, "value": str(value), "meaning": None if accepted is None else
                       f"{accepted.title[self.language]}: {chosen[self.language] if chosen else value}"}


def _fitted(head: Sequence[str], rows: Sequence[Sequence[Cell]], least: Sequence[int]) -> list[int]:
    """Widths of columns that hold what stands in them on one line, within reason."""
    found = []
    for i, width in enumerate(least):
        texts = [head[i], *(str(row[i]) for row in rows if row[i] is not None)]
        longest = max(sum(2 if ord(c) > 0x2e7f else 1 for c in t) for t in texts) + 2
        found.append(min(max(width, longest), max(width, _WIDEST)))
    return found


