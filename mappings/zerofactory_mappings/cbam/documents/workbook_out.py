"""The verification workbook: every item and figure with what was reported, and room for what the verifier finds.

A working paper, marked so on every sheet. What follows from what is filled in already stands beside it: the effect of
misstatements on every good, the sampling plan, the decision on the site visit, the conclusion. The same input gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render, render_problem
from zerofactory_mappings.cbam.documents import workbook_layout as layout
from zerofactory_mappings.cbam.documents.effects import Difference
from zerofactory_mappings.cbam.documents.figure_names import FigureNames
from zerofactory_mappings.cbam.documents.figures import figures
from zerofactory_mappings.cbam.documents.model import ItemReport, Report
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.documents.rounding import rounded
from zerofactory_mappings.cbam.documents.texts import few, lacking_texts
from zerofactory_mappings.cbam.documents.verification import Evaluation, Misstatement
from zerofactory_mappings.publishing.workbook import Cell, Sheet, write_workbook

Cells: TypeAlias = "Mapping[str, Cell]"
#: Widest column, in characters, and decimals of a share.
WIDEST = 64
_SHARE = Decimal("0.000001")
#: Beginning of the paths of items of a report, beside those of figures.
ITEM = "item:"


def verification_workbook(made: Evaluation, report: Report, language: str, issued: date) -> bytes:
    """The workbook of *made* on the emissions report *report*, in *language*, dated *issued*."""
    return write_workbook(_Book(made, report, language).sheets(), issued=issued,
                          title=render("cbam-documents.paper.title", language,
                                       {"installation": made.case.installation.name}))


class _Book:
    """Makes the sheets."""

    def __init__(self, made: Evaluation, report: Report, language: str) -> None:
        self.made, self.report, self.language = made, report, language
        self.names = FigureNames(made.case.installation, language)
        self.figures = figures(made.case.installation)
        self.written = {row.text("path") or "": row for row in made.root.each("items")}

    def say(self, code: str, **args: str) -> str:
        return render(f"cbam-documents.{code}", self.language, args)

    def sheets(self) -> list[Sheet]:
        """All sheets in the order of the work."""
        return [self._guide(), self._facts(layout.VERIFIER), self._table(layout.TEAM, self._team()),
                self._table(layout.ITEMS, self._items()), self._table(layout.FIGURES, self._figures()),
                self._table(layout.GOODS, self._goods()), self._table(layout.SAMPLING, self._sampling()),
                self._table(layout.MISSTATEMENTS, self._misstatements()), self._table(layout.EFFECTS, self._effects()),
                self._table(layout.NONCONFORMITIES, self._nonconformities()), self._facts(layout.VISIT),
                self._table(layout.HISTORY, self._history()), self._table(layout.DECISION, self._decision()),
                self._facts(layout.CLOSING), self._table(layout.CONCLUSION, self._conclusion())]

    # --- frames -------------------------------------------------------------------------------------------------------

    def _sheet(self, ident: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int],
               notes: Sequence[str] = ()) -> Sheet:
        made = list(rows)
        return Sheet(layout.sheet_name(ident, self.language), head, made, layout.sheet_name(ident, self.language),
                     _fitted(head, made, widths), [self.say("paper.working-paper"), *notes])

    def _table(self, table: layout.Table, rows: Iterable[Cells]) -> Sheet:
        made = [[row.get(c.id) for c in table.columns] for row in rows]
        made += [[None for _ in table.columns] for _ in range(table.blank)]
        notes = [self.say(f"paper.note.{table.id}")]
        return self._sheet(table.id, [layout.header(c.id, self.language) for c in table.columns], made,
                           [c.width for c in table.columns], notes)

    def _facts(self, facts: layout.Facts) -> Sheet:
        rows = [[path, self.say(layout.fact_code(path)), self._fact(path, kind), self._accepted(path, kind)]
                for path, kind in facts.paths.items()]
        head = [layout.header(c, self.language) for c in ("key", "title", "entry", "accepted")]
        return self._sheet(facts.id, head, rows, (32, 52, 44, 44), [self.say(f"paper.note.{facts.id}")])

    def _guide(self) -> Sheet:
        given = self.made.case.installation
        rows: list[Sequence[Cell]] = [[self.say("paper.installation"), given.name],
                                      [self.say("paper.period"), f"{given.period_start} – {given.period_end}"],
                                      [self.say("paper.basis"), self.say(f"basis.{self.made.case.result.basis}")],
                                      [self.say("paper.complete"), self.say(
                                          "paper.is-complete" if self.report.complete
                                          else "paper.is-incomplete")]]
        rows += [[self.say("paper.source"), s] for s in self.made.case.result.sources]
        rows += [[self.say("paper.provisional"), p] for p in self.made.case.result.provisional]
        rows += [[str(n), self.say(f"paper.step.{n}")] for n in range(1, 7)]
        head = [self.say("paper.what"), self.say("paper.content")]
        return self._sheet("guide", head, rows, (30, 110))

    # --- what stands in the file
    # ---------------------------------------------------------------------------------------

    def _value(self, path: str) -> Any:
        section, _, name = path.partition("/")
        part = self.made.root.part(section)
        return None if part is None else part.values.get(name)

    def _fact(self, path: str, kind: str) -> Cell:
        value = self._value(path)
        if value is None:
            return self._proposed(path)
        return self._cell(value, kind)

    def _proposed(self, path: str) -> Cell:
        """What the program can say until the verifier does."""
        case, details = self.made.case, self.made.case.installation.details
        plan = case.plan.current if case.plan is not None else None
        known: Mapping[str, Cell] = {
            "report/installation": case.installation.name or None,
            "report/period_start": case.installation.period_start,
            "report/period_end": case.installation.period_end,
            "report/plan_version": None if plan is None else plan.text("version"),
            "report/plan_date": None if plan is None else plan.day("date"),
            "report/criteria": self.say("paper.criteria"),
            "verifier/name": details.get("verifier_company"),
            "verifier/accreditation_number": details.get("accreditation_number"),
            "verifier/accreditation_body": details.get("accreditation_body"),
            "verifier/accreditation_country": details.get("accreditation_state"),
            "sampling/coverage": self.made.sampling.coverage,
        }
        return known.get(path)

    def _cell(self, value: Any, kind: str) -> Cell:
        if isinstance(value, bool):
            return self.say("answer.yes" if value else "answer.no")
        if isinstance(value, list):
            return "; ".join(str(v) for v in value) or self.say("answer.none")
        if kind.startswith("code:"):
            return self.say(f"{kind.removeprefix('code:')}.{value}")
        return value if isinstance(value, (Decimal, int, date)) else str(value)

    def _accepted(self, path: str, kind: str) -> Cell:
        """What may be written, where that is a list."""
        if kind == layout.YESNO:
            return f"{self.say('answer.yes')}, {self.say('answer.no')}"
        if kind.startswith("code:"):
            area = kind.removeprefix("code:")
            return "; ".join(self.say(f"{area}.{c}") for c in layout.CODES[area])
        if path == "site_visit/significant_changes":
            from zerofactory_mappings.cbam.documents.items import site_visit_rules

            return "; ".join(site_visit_rules()["significant_changes"]) + f"; {self.say('answer.none')}"
        return None

    def _rows(self, rows: Iterable[Row], table: layout.Table) -> Iterable[dict[str, Cell]]:
        """Rows of the file as cells of the columns that the verifier writes."""
        for row in rows:
            yield {c.id: None if (v := row.values.get(c.id)) is None else self._cell(v, c.kind)
                   for c in table.columns if c.kind is not None}

    # --- tables
    # --------------------------------------------------------------------------------------------------------

    def _team(self) -> Iterable[Cells]:
        return self._rows(self.made.root.each("team"), layout.TEAM)

    def _items(self) -> Iterable[Cells]:
        for each in self.report.items:
            path = f"{ITEM}{each.item.number}"
            yield {"path": path, "title": f"{each.item.number} {each.item.names.of(self.language)}",
                   "stands": self.say(f"item-state.{each.state}"), "lacking": self._lacking(each),
                   **self._entered(path, layout.ITEMS)}

    def _lacking(self, each: ItemReport) -> str | None:
        if each.reason is not None:
            return render(each.reason, self.language)
        return "; ".join(few(lacking_texts(each.item, each.lacking, self.language), 8)) or None

    def _entered(self, path: str, table: layout.Table) -> dict[str, Cell]:
        row = self.written.get(path)
        if row is None:
            return {}
        return {k: v for cells in self._rows([row], table) for k, v in cells.items() if k != "path"}

    def _figures(self) -> Iterable[Cells]:
        sampled = [c.path for c in self.made.sampling.selected]
        for path, given in self.figures.items():
            entered = self._entered(path, layout.FIGURES)
            corrections = [m.corrected for m in self.made.misstatements if m.path == path]
            verified = next((c for c in corrections if c is not None), None)
            difference = None if verified is None else CONTEXT.subtract(given.value, verified)
            looked_at = any(path == s or path.startswith(f"{s}/") for s in sampled)
            yield {"path": path, "title": self.names.of(path), "reported": given.value, "unit": given.unit,
                   "documents": "; ".join(given.documents) or None,
                   "sampled": self.say("answer.yes") if looked_at else None,
                   "difference": difference, **entered}

    def _goods(self) -> Iterable[Cells]:
        for d in self.made.together:
            limit = None if d.reported is None else CONTEXT.multiply(abs(d.reported), d.limit)
            yield {**self._difference(d), "limit": d.limit, "limit_value": _see(limit), "together": _see(d.corrected)}

    def _difference(self, d: Difference) -> dict[str, Cell]:
        return {"cn": d.good.cn, "name": d.good.name, "value": self.say(f"value.{d.value}"), "unit": d.good.unit,
                "reported": _see(d.reported), "corrected": _see(d.corrected), "difference": _see(d.misstatement),
                "share": _share(d.share),
                "material": self._answer(d.material)}

    def _answer(self, answer: bool | None) -> str:
        return self.say("answer.unknown" if answer is None else "answer.yes" if answer else "answer.no")

    def _sampling(self) -> Iterable[Cells]:
        for number, row in enumerate(self.made.sampling.rows, 1):
            yield {"order": number, "path": row.of.path, "name": row.of.name,
                   "kind": self.say(f"contribution.{row.of.kind}"),
                   "emissions": None if row.of.emissions is None else rounded(row.of.emissions, "tonnes"),
                   "share": _share(row.share), "cumulative": _share(row.cumulative),
                   "selected": self._answer(row.selected), "reason": self.say(f"sampled.{row.reason}")}

    def _misstatements(self) -> Iterable[Cells]:
        rows = {row.id: cells for row, cells in zip(
            self.made.root.each("misstatements"),
            self._rows(self.made.root.each("misstatements"), layout.MISSTATEMENTS), strict=True)}
        for m in self.made.misstatements:
            if m.id in rows:
                yield {**rows[m.id], "reported": m.reported, "unit": m.unit or None,
                       "material": self._answer(m.material) if m.open else None, "see_share": _largest(m, "see"),
                       "sefa_share": _largest(m, "sefa")}

    def _effects(self) -> Iterable[Cells]:
        for m in self.made.misstatements:
            for d in m.effects:
                yield {"id": m.id, **self._difference(d)}
        for d in self.made.together:
            yield {"id": self.say("paper.together"), **self._difference(d)}

    def _nonconformities(self) -> Iterable[Cells]:
        return self._rows(self.made.root.each("nonconformities"), layout.NONCONFORMITIES)

    def _history(self) -> Iterable[Cells]:
        part = self.made.root.part("site_visit")
        return self._rows(part.each("history") if part is not None else (), layout.HISTORY)

    def _decision(self) -> Iterable[Cells]:
        visit = self.made.visit
        yield {"rule": self.say("paper.allowed", visits=", ".join(self.say(f"visit.{v}") for v in visit.allowed))}
        if visit.by_reading:
            yield {"rule": self.say("paper.by-reading", reading=self.say(f"reading.{visit.reading}"))}
        for rule in visit.rules:
            yield {"rule": rule.names.of(self.language), "clause": f"2025/2546 {rule.clause}",
                   "allows": ", ".join(self.say(f"visit.{v}") for v in rule.allow) or None,
                   "forbids": ", ".join(self.say(f"visit.{v}") for v in rule.forbid) or None,
                   "confidence": self.say(f"confidence.{rule.confidence}")}

    def _conclusion(self) -> Iterable[Cells]:
        yield {"reason": self.say("paper.follows", kind=self.say(f"statement.{self.made.conclusion.kind}"))}
        for problem in (*self.made.conclusion.reasons, *self.made.problems):
            yield {"reason": render_problem(problem, self.language)}


def _fitted(head: Sequence[str], rows: Sequence[Sequence[Cell]], least: Sequence[int]) -> list[int]:
    """Widths of columns that hold what stands in them on one line, within reason."""
    found = []
    for i, width in enumerate(least):
        texts = [head[i], *(str(row[i]) for row in rows if row[i] is not None)]
        longest = max(sum(2 if ord(c) > 0x2e7f else 1 for c in t) for t in texts) + 2
        found.append(min(max(width, longest), WIDEST))
    return found


def _see(value: Decimal | None) -> Decimal | None:
    """Specific emissions as the law rounds them; what is material was told with all digits."""
    return None if value is None else rounded(value, "see")


def _share(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SHARE, context=CONTEXT)


def _largest(m: Misstatement, value: str) -> Decimal | None:
    """The largest share by which a misstatement moves a good."""
    return _share(max((d.share for d in m.effects if d.value == value and d.share is not None), default=None))
