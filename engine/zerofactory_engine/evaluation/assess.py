"""``evaluate``: from a dossier under a pack to an assessment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from zerofactory_engine import feel
from zerofactory_engine.accounting import FactorLibrary, Inventory, Line, shipped_library
from zerofactory_engine.accounting.lines import Derived
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation import records
from zerofactory_engine.evaluation.conclusions import conclude
from zerofactory_engine.evaluation.confidence import Confidences, weakest
from zerofactory_engine.evaluation.judgements import Judgements, check_judgements
from zerofactory_engine.evaluation.levels import combine, needed, stand
from zerofactory_engine.evaluation.levers import Levers
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.model import (
    Assessment,
    CriterionOutcome,
    Indeterminate,
    LevelOutcome,
    LevelResult,
    Rest,
    RowEvidence,
    Sensitivity,
    Verdict,
)
from zerofactory_engine.evaluation.papers import Papers
from zerofactory_engine.evaluation.program import program_of
from zerofactory_engine.evaluation.request import Request, settle_request
from zerofactory_engine.evaluation.run import Run
from zerofactory_engine.evaluation.sensitivity import Space, vary, vary_level
from zerofactory_engine.evaluation.shown import amount, margin, sides_unit
from zerofactory_engine.evaluation.uncertainty import Uncertainties
from zerofactory_engine.evaluation.usage import Usage
from zerofactory_engine.evaluation.verdicts import Judge, Judged
from zerofactory_engine.rulepack.model import Confidence, Criterion, Level, Pack


def evaluate(dossier: Dossier, pack: Pack, request: Request, library: FactorLibrary | None = None,
             judgements: Judgements | None = None) -> Assessment:
    """Evaluate *dossier* under *pack*: verdict per criterion and level, levels, findings and what they rest on.

    The same inputs give the same assessment, byte for byte: nothing is read from clocks, locales or the network.

    Raises:
        ProblemsError: the request does not fit the pack, judgements do not belong to dossier and pack, or the
            inventory that the pack wants cannot be computed; every problem at once.
    """
    with feel.decimal_context():
        return Assessor(dossier, pack, request, library or shipped_library(), judgements).assess()


class Assessor:
    """One evaluation with everything that it makes on the way; proofs are made from it later."""

    def __init__(self, dossier: Dossier, pack: Pack, request: Request, library: FactorLibrary,
                 judgements: Judgements | None) -> None:
        self.dossier = dossier
        self.program = program_of(pack)
        self.pack = pack = self.program.pack
        self.asked = settle_request(request, pack)
        self.request = request
        self.readings = self.asked.readings
        self.judgements = judgements
        if judgements is not None:
            rows = {name: frozenset(r.id for r in rows) for name, rows in dossier.rows.items()}
            check_judgements(judgements, dossier.id, pack, rows)
        self.run = Run(self.program, dossier, library, request.valid_on, request.known_on, judgements,
                       request.quantities)
        self.usage = Usage(self.run)
        self.papers = Papers(self.run, self.usage)
        self.judge = Judge(self.run, None if request.documents_assumed else self.papers.of)
        self.confidences = Confidences(self.run, self.readings)
        self.uncertainties = Uncertainties(self.run)
        self.levers = Levers(self.run, self.readings)
        self._leaves: dict[tuple[str, str], Leaf | None] = {}
        self._sensitivities: dict[str, Sensitivity] = {}

    @cached_property
    def ordered_levels(self) -> tuple[Level, ...]:
        """Levels of the pack in their order."""
        return tuple(sorted(self.pack.levels.values(), key=lambda level: level.order))

    def judged(self, criterion: Criterion, level: str) -> Judged:
        """The verdict under the chosen readings."""
        return self.judge.judge(criterion, level, self.readings)

    def assess(self) -> Assessment:
        """The assessment."""
        criteria = tuple(self.criterion(c) for c in self.pack.criteria.values())
        by_id = {c.id: c for c in criteria}
        levels = tuple(self.level(level, by_id) for level in self.ordered_levels)
        inventory = self.inventory
        problems = (*self.dossier.checks, *inventory.problems, *records.in_force(self.pack, self.request.valid_on))
        return Assessment(
            outcome_kind=self.pack.outcome_kind,
            pack=records.pack_record(self.pack),
            pins=records.pins(self.dossier, self.pack, self.judgements, inventory),
            subject=records.subject(self.dossier),
            boundary=records.boundary(self.dossier),
            valid_on=self.request.valid_on,
            known_on=self.request.known_on,
            asked=self.asked.levels,
            documents_assumed=self.request.documents_assumed,
            readings=records.readings(self.pack, self.request, self.readings, self._used_by_reading()),
            levels=levels,
            criteria=criteria,
            quantities=records.quantities(self.run, self.readings, self.uncertainties, criteria),
            parameters=records.parameters(self.run, self.readings, criteria),
            inventory=inventory.as_json(),
            findings=conclude(criteria, levels, self.asked.levels, problems, self.pack.findings),
            crosschecks=records.crosschecks(self.dossier),
            estimates=records.estimates(self.dossier),
            gaps=records.gaps(self.dossier),
            documents=records.documents(self.dossier, criteria),
            run=self,
        )

    # --- criteria -----------------------------------------------------------------------------------------------

    def criterion(self, criterion: Criterion) -> CriterionOutcome:
        """Everything about one criterion."""
        names = [level.id for level in self.ordered_levels if level.id in criterion.levels]
        sensitivity = self._sensitivities[criterion.id] = self._sensitivity(criterion, names)
        levels = {level: self._outcome(criterion, level, sensitivity) for level in names}
        applies = {self.judged(criterion, level).applies for level in names}
        keys = [k for level in names for k in self.confidences.keys(criterion, level)]
        return CriterionOutcome(
            id=criterion.id, title=criterion.title, clause=records.clause(self.pack, criterion),
            dimension=criterion.dimension, kind=criterion.kind, form=criterion.form,
            applies=next((a for a in ("error", "yes", "unknown", "no") if a in applies), "yes"),
            levels=levels, evidence=self._evidence(criterion, names), sensitivity=sensitivity,
            quantities=records.of_kind(self.run, keys, "quantity"),
            parameters=records.of_kind(self.run, keys, "parameter"),
            judgements=records.judged_answers(self.run, criterion),
        )

    def _evidence(self, criterion: Criterion, levels: Sequence[str]) -> tuple[RowEvidence, ...]:
        found: dict[str, RowEvidence] = {}
        for level in levels:
            if self.judged(criterion, level).verdict is not Verdict.NOT_APPLICABLE:
                for part in self.papers.of(criterion, level, self.readings):
                    found.setdefault(part.subject + part.needs, part)
        return tuple(found.values())

    def _sensitivity(self, criterion: Criterion, levels: Sequence[str]) -> Sensitivity:
        names = {r for level in levels for r in self.judge.depends_on(criterion, level)}
        space = Space.of(self.pack, names, self.readings)

        def verdict(level: str, combination: tuple[str, ...]) -> Verdict:
            varied = {**self.readings, **dict(zip(space.names, combination, strict=True))}
            return self.judge.verdict(criterion, level, varied)

        return vary(space, levels, verdict)

    def leaf(self, criterion: Criterion, level: str) -> Leaf | None:
        """The comparison that decides; None where the criterion does not apply."""
        key = (criterion.id, level)
        if key not in self._leaves:
            applies = self.judged(criterion, level).applies in ("yes", "unknown")
            step = self.run.program.step(f"{criterion.id}#{level}", self.readings)
            self._leaves[key] = self.run.decide(step, self.readings) if applies else None
        return self._leaves[key]

    def _outcome(self, criterion: Criterion, level: str, sensitivity: Sensitivity) -> LevelOutcome:
        judged, leaf = self.judged(criterion, level), self.leaf(criterion, level)
        step = self.run.program.step(f"{criterion.id}#{level}", self.readings)
        in_unit = sides_unit(self.run.program, leaf, criterion, self.readings) if leaf is not None else None
        compared = leaf is not None and leaf.operator is not None
        width = self.uncertainties.of_leaf(leaf, step, self.readings) if leaf is not None else None
        confidence, rests = self._rests(criterion, level, judged, leaf, sensitivity)
        unmet = judged.on_values is Verdict.NOT_MET and leaf is not None and self.request.levers
        return LevelOutcome(
            verdict=judged.verdict, on_values=judged.on_values, evidence=judged.evidence,
            condition=step.expression.text,
            value=amount(leaf.left, in_unit) if leaf is not None and compared else None,
            operator=leaf.operator if leaf is not None else None,
            threshold=amount(leaf.right, in_unit) if leaf is not None and compared else None,
            margin=margin(leaf, in_unit, width) if leaf is not None else None,
            due=judged.due, reasons=judged.reasons, causes=judged.causes,
            settled_by=tuple(dict.fromkeys(r.settled_by for r in judged.reasons))
            if judged.verdict is Verdict.INDETERMINATE else (),
            confidence=confidence, rests_on=rests,
            levers=self.levers.smallest(criterion, level, leaf) if unmet and leaf is not None else (),
            proof=(f"verdict:{criterion.id}/{level}",),
        )

    def _rests(self, criterion: Criterion, level: str, judged: Judged, leaf: Leaf | None,
               sensitivity: Sensitivity) -> tuple[Confidence | None, tuple[Rest, ...]]:
        if judged.verdict is Verdict.NOT_APPLICABLE and judged.applies == "no":
            leaf = None
        factors = records.factors_of(self.run, self.usage, criterion, level, self.readings)
        return self.confidences.of(criterion, level, leaf, sensitivity, factors)

    # --- levels -------------------------------------------------------------------------------------------------

    def level(self, level: Level, outcomes: Mapping[str, CriterionOutcome]) -> LevelResult:
        """What one level comes to."""
        names = needed(self.pack, level)
        verdicts = {c: outcomes[c].levels[level.id].verdict for c in names}
        parts = {c: outcomes[c].levels[level.id] for c in names}
        standing = stand(verdicts, {c: p.causes for c, p in parts.items()})
        opened = tuple(Indeterminate(c, parts[c].causes, parts[c].settled_by)
                       for c in standing.by_verdict[Verdict.INDETERMINATE])
        sensitivity = self._level_sensitivity(level, names)
        return LevelResult(
            id=level.id, order=level.order, title=level.title, needs=level.needs, asked=level.id in self.asked.levels,
            verdict=standing.verdict, known_part=standing.known_part,
            met=standing.by_verdict[Verdict.MET], not_met=standing.by_verdict[Verdict.NOT_MET],
            not_applicable=standing.by_verdict[Verdict.NOT_APPLICABLE], error=standing.by_verdict[Verdict.ERROR],
            indeterminate=opened, by_cause=records.count(str(c) for o in opened for c in o.causes),
            by_settler=records.count(str(s) for o in opened for s in o.settled_by),
            robust=all(p.margin is None or p.margin.robust for p in parts.values()),
            stable=sensitivity.stable[level.id], sensitivity=sensitivity,
            confidence=weakest(p.confidence for p in parts.values() if p.confidence is not None),
            rests_on=_level_rests(standing.verdict, verdicts, parts, sensitivity),
        )

    def _level_sensitivity(self, level: Level, names: Sequence[str]) -> Sensitivity:
        depends = {c: self._depends(self.pack.criteria[c], level.id) for c in names}
        space = Space.of(self.pack, {r for names_ in depends.values() for r in names_}, self.readings)
        return vary_level(space, level.id, depends,
                          lambda c, readings: self.judge.judge(self.pack.criteria[c], level.id, readings).verdict,
                          self.readings)

    def _depends(self, criterion: Criterion, level: str) -> tuple[str, ...]:
        """Readings that matter to a level through *criterion*: none if its verdict is the same under all of them."""
        sensitivity = self._sensitivities[criterion.id]
        fixed = sensitivity.exhaustive and sensitivity.stable[level]
        return () if fixed else self.judge.depends_on(criterion, level)

    # --- for proofs ---------------------------------------------------------------------------------------------

    @cached_property
    def inventory(self) -> Inventory:
        """The inventory under the chosen readings."""
        return self.run.inventory(self.readings)

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """Its lines by id."""
        return {line.id: line for line in self.inventory.lines}

    @cached_property
    def derived(self) -> Mapping[tuple[str, str, str], Derived]:
        """Cells that the accounting derived, by (table, row id, column)."""
        return {(c.table, c.row, c.column): c for c in self.inventory.cells}

    def _used_by_reading(self) -> Mapping[str, tuple[str, ...]]:
        used: dict[str, dict[str, None]] = {name: {} for name in self.pack.readings}
        for criterion in self.pack.criteria.values():
            for level in criterion.levels:
                for name in self.judge.depends_on(criterion, level):
                    used[name][criterion.id] = None
        return {name: tuple(criteria) for name, criteria in used.items()}


def _level_rests(verdict: Verdict, verdicts: Mapping[str, Verdict], parts: Mapping[str, LevelOutcome],
                 sensitivity: Sensitivity) -> tuple[Rest, ...]:
    """What a level rests on, each thing once, and whether turning it at one criterion turns the level.

    For readings the level's own sensitivity says it, because one reading may turn several criteria.
    """
    flips = {f.reading: f.verdict for f in reversed(sensitivity.single_flips)}
    found: dict[tuple[str, str], Rest] = {}
    for criterion, part in parts.items():
        for rest in part.rests_on:
            turned, to = rest.could_flip, None
            if rest.kind == "reading":
                turned, to = rest.id in flips, flips.get(rest.id)
            elif rest.could_flip and rest.flips_to is not None:
                to = combine({**verdicts, criterion: rest.flips_to}.values())
                turned = to is not verdict
            elif rest.could_flip:
                turned = combine(v for c, v in verdicts.items() if c != criterion) is not verdict
            made = Rest(rest.kind, rest.id, rest.confidence, turned, rest.flips_at if turned else None,
                        rest.change if turned else None, to if turned else None)
            key = (rest.kind, rest.id)
            if key not in found or (made.could_flip and not found[key].could_flip):
                found[key] = made
    return tuple(found.values())
