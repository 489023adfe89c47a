"""Finds what a criterion needs as proof in a dossier, and whether it is there (:mod:`.evidence` has the rules)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from zerofactory_engine.dossier import Document, Row
from zerofactory_engine.evaluation.evidence import SEEN, Paper, Thing, prove_thing, rules_for
from zerofactory_engine.evaluation.model import EvidenceState, RowEvidence
from zerofactory_engine.evaluation.program import Step
from zerofactory_engine.evaluation.run import Readings, Run
from zerofactory_engine.evaluation.usage import Usage, rows_of
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import Criterion, DocumentRule, Expression

_CERTIFICATION = "certification"
_ECONOMICS = "economics"


class Papers:
    """The documents of one run's dossier against the pack's rules; each row is looked at once."""

    def __init__(self, run: Run, usage: Usage) -> None:
        self.run = run
        self.usage = usage
        pack, dossier = run.program.pack, run.dossier
        self.sighted = pack.outcome_kind == _CERTIFICATION
        self.papers = {d.id: self._paper(d) for d in dossier.documents.values()}
        self.period = (dossier.period.start, dossier.period.end)
        self.rows = {(name, row.id): row for name, rows in dossier.rows.items() for row in rows}
        self._order = {at: n for n, at in enumerate(self.rows)}
        self._memo: dict[tuple[Any, ...], RowEvidence | None] = {}
        self._where: dict[int, Step] = {}
        self._depends: dict[str, tuple[str, ...]] = {}
        self._of_rows: dict[tuple[Any, ...], tuple[RowEvidence, ...]] = {}

    def _paper(self, document: Document) -> Paper:
        rejected = self.run.judgements.rejected.get(document.id) if self.run.judgements else None
        if rejected is None and hash_differs(document):
            rejected = Reason(Cause.DOCUMENT, document.id, "reason.document-hash-differs")
        return Paper(document.id, document.kind or "", document.sha256, document.covers_from, document.covers_to,
                     rejected)

    def of(self, criterion: Criterion, level: str, readings: Readings) -> tuple[RowEvidence, ...]:
        """What *criterion* needs as proof at *level*: of the rows and figures used there, and of itself."""
        program = self.run.program
        keys = [k for k in (f"{criterion.id}?", f"{criterion.id}?{level}", f"{criterion.id}#{level}",
                            f"{criterion.id}!{level}") if k in program.cells]
        used = [self.usage.of(k, readings) for k in keys]
        rows = frozenset().union(*(u.rows for u in used))
        found: list[RowEvidence | None] = list(self._rows(rows, readings))
        found += [self._figure(name) for name in sorted({f for u in used for f in u.figures})]
        found += self._itself(criterion, readings)
        return tuple(e for e in found if e is not None)

    def _rows(self, rows: frozenset[tuple[str, str]], readings: Readings) -> tuple[RowEvidence, ...]:
        """Evidence of *rows*; most combinations of readings use the same ones, so they are kept together."""
        depends = {r for table in {t for t, _ in rows} for r in self._table_depends(table)}
        memo = (rows, *((r, readings[r]) for r in sorted(depends)))
        found = self._of_rows.get(memo)
        if found is None:
            ordered = sorted((r for r in rows if r in self._order), key=self._order.__getitem__)
            each = (self._row(table, row, readings) for table, row in ordered)
            found = self._of_rows[memo] = tuple(e for e in each if e is not None)
        return found

    def _table_depends(self, table: str) -> tuple[str, ...]:
        """Readings on which the rules for rows of *table* depend."""
        found = self._depends.get(table)
        if found is None:
            rules = self.run.program.pack.row_evidence.get(table, ())
            steps = [self._step(r.where) for r in rules if r.where is not None]
            found = self._depends[table] = tuple(sorted({
                r for s in steps for _, k in s.names if k in self.run.program.cells for r in self.run.readings_of(k)}))
        return found

    def _row(self, table: str, row_id: str, readings: Readings) -> RowEvidence | None:
        rules = self.run.program.pack.row_evidence.get(table)
        if not rules:
            return None
        memo = (table, row_id, *(readings[r] for r in self._table_depends(table)))
        if memo not in self._memo:
            row = self.rows[table, row_id]
            cells = self._cells(table, row_id, readings)
            chosen, reasons = rules_for(
                rules, lambda where: self._step(where).call({**self.run.scope(self._step(where), readings), **cells}))
            self._memo[memo] = _with(prove_thing(self._thing(row), chosen, self.papers, self.period, self.sighted),
                                     reasons) if chosen else None
        return self._memo[memo]

    def _step(self, expression: Expression) -> Step:
        key = id(expression)
        if key not in self._where:
            self._where[key] = self.run.program.part(expression.node, None)
        return self._where[key]

    def _cells(self, table: str, row_id: str, readings: Readings) -> dict[str, Any]:
        """The row's cells as names of a condition; an empty one is a missing value."""
        found = self.run.table(table, readings)
        index = list(found.row_ids).index(row_id)
        cells = {name: column[index] for name, column in found.columns.items()}
        return {n: found.missing(index, n) if v is None else v for n, v in cells.items()}

    def _thing(self, row: Row) -> Thing:
        basis = self.run.judgements.basis_of(row.table, row.id) if self.run.judgements else None
        references = tuple((e.document, str(e).partition("#")[2] or None) for e in row.documents)
        filled = frozenset(n for n, v in row.values.items() if v is not None)
        return Thing(f"{row.table}/{row.id}", references, row.start, row.end, filled, basis or row.basis.level)

    def _figure(self, name: str) -> RowEvidence | None:
        rule = self.run.program.pack.figure_evidence.get(name)
        if rule is None:
            return None
        rows = [r for r in self.run.dossier.rows.get(_ECONOMICS, ()) if r.values.get("figure") == name]
        things = [self._thing(r) for r in rows]
        whole = Thing(
            f"figure:{name}", tuple(ref for t in things for ref in t.references),
            min((t.start for t in things if t.start), default=None),
            max((t.end for t in things if t.end), default=None),
            frozenset(c for t in things for c in t.filled),
            next((t.basis for t in things if t.basis not in SEEN), things[0].basis if things else None))
        return prove_thing(whole, [rule], self.papers, self.period, self.sighted)

    def _itself(self, criterion: Criterion, readings: Readings) -> Iterator[RowEvidence | None]:
        """Documents that prove the criterion itself, or each row that it names."""
        for rule in criterion.evidence:
            if rule.each is None:
                yield self._whole(criterion, rule)
                continue
            step = self.run.program.part(rule.each.node, criterion)
            value = step.call(self.run.scope(step, readings))
            if isinstance(value, Unknown):
                yield RowEvidence(criterion.id, "", EvidenceState.MISSING, reasons=value.reasons)
                continue
            for subject, row in self._rows_of(value):
                thing = self._thing(row) if row is not None else Thing(subject, ())
                yield prove_thing(thing, [rule], self.papers, self.period, self.sighted)

    def _rows_of(self, value: Any) -> Iterator[tuple[str, Row | None]]:
        found = rows_of(value)
        if found is None:
            return
        table, indices = found
        for index in indices:
            row_id = table.row_ids[index]
            yield f"{table.name}/{row_id}", self.rows.get((table.name, row_id))

    def _whole(self, criterion: Criterion, rule: DocumentRule) -> RowEvidence:
        """The documents of the dossier that are of the kinds which prove the criterion."""
        papers = [p for p in self.papers.values() if p.kind in rule.kinds]
        basis = next((b for p in papers if (b := self._basis(p.id)) in SEEN), None)
        thing = Thing(criterion.id, tuple((p.id, None) for p in papers), basis=basis)
        return prove_thing(thing, [rule], self.papers, self.period, self.sighted)

    def _basis(self, document: str) -> str | None:
        said = self.run.judgements.basis_of("documents", document) if self.run.judgements else None
        row = self.rows.get(("documents", document))
        return said or (row.basis.level if row is not None else None)


def hash_differs(document: Document) -> bool:
    """Whether the file that is there is another than the one declared."""
    return document.present and document.stated_sha256 is not None and document.sha256 != document.stated_sha256


def _with(found: RowEvidence, reasons: Sequence[Reason]) -> RowEvidence:
    """*found*, missing for further *reasons*."""
    if not reasons:
        return found
    return RowEvidence(found.subject, found.needs, EvidenceState.MISSING, found.documents, found.missing,
                       tuple(dict.fromkeys((*reasons, *found.reasons))))
