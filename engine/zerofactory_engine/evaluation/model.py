"""What an assessment is: frozen records, each one object of ``standards/schemas/assessment.schema.json``.

Every figure stands in the unit beside it, as the standard prints it (30 % is 30 with unit ``%``). A value that is not
known is absent and its reasons stand beside it; it is never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.canonical import content_hash, jsonable
from zerofactory_engine.reasons import Cause, Reason, Settler
from zerofactory_engine.rulepack.model import Confidence, Text

FORMAT = "zerofactory/assessment/1"

#: How every figure of an assessment is computed; pinned, because another arithmetic may give another verdict.
ARITHMETIC = "decimal34-half-even"


class Verdict(StrEnum):
    """What a criterion comes to at a level, and a level as a whole."""

    MET = "met"
    NOT_MET = "not_met"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


class EvidenceState(StrEnum):
    """Whether the documents that a criterion needs are there."""

    COMPLETE = "complete"
    MISSING = "missing"
    ASSUMED = "assumed"          # a case or a what-if asked not to look
    NOT_NEEDED = "not_needed"    # the criterion uses nothing that has to be proved


_INTERNAL = {"internal": True}


class Record:
    """A frozen dataclass that is an object of a schema: fields that are None and internal ones do not appear."""

    def as_json(self) -> dict[str, Any]:
        """The fields that are set, in their order."""
        out: dict[str, Any] = {}
        for item in fields(self):  # type: ignore[arg-type]  # every record is a dataclass
            if item.metadata.get("internal"):
                continue
            value = getattr(self, item.name)
            if value is not None:
                out[item.name] = value
        return out


@dataclass(frozen=True, slots=True)
class Amount(Record):
    """A value as it is shown: in *unit*, unrounded."""

    value: Decimal | str | bool | date | tuple[Any, ...] | None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Margin(Record):
    """How far a condition is from its threshold; positive is on the good side.

    *value* is in *unit* (``pp``: percentage points when the threshold is a share), *relative* is the distance over the
    threshold's magnitude. *on_threshold*: exactly zero. *robust* is false when the distance lies within *uncertainty*,
    the half-width that the evidence states for the value in the same unit. *leaf* is the comparison that decides: of a
    conjunction the worst, of a disjunction the best, of ``every`` the worst row, which *row* names.
    """

    value: Decimal
    unit: str | None
    relative: Decimal | None
    on_threshold: bool
    robust: bool
    uncertainty: Decimal | None
    leaf: str
    row: str | None = None


@dataclass(frozen=True, slots=True)
class LevelOutcome(Record):
    """What one criterion comes to at one level.

    *on_values* is the verdict on the values alone, before evidence, basis and due date are looked at. *value*,
    *operator* and *threshold* are those of the deciding comparison, so far as they are known.
    """

    verdict: Verdict
    on_values: Verdict
    evidence: EvidenceState
    condition: str
    value: Amount | None = None
    operator: str | None = None
    threshold: Amount | None = None
    margin: Margin | None = None
    due: date | None = None
    reasons: tuple[Reason, ...] = ()
    causes: tuple[Cause, ...] = ()
    settled_by: tuple[Settler, ...] = ()
    confidence: Confidence | None = None
    rests_on: tuple[Rest, ...] = ()
    levers: tuple[LeverResult, ...] = ()
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rest(Record):
    """One thing of which a verdict makes use and which is less than confirmed.

    *kind*: parameter, reading, factor, clause. *could_flip*: whether another value of it changes the verdict (absent:
    not tried, it is no value). *flips_at* is the value at which the verdict turns, *change* the relative change that
    leads there.
    """

    kind: str
    id: str
    confidence: Confidence
    could_flip: bool | None = None
    flips_at: Amount | None = None
    change: Decimal | None = None
    flips_to: Verdict | None = None


@dataclass(frozen=True, slots=True)
class LeverResult(Record):
    """The smallest change by one lever that meets an unmet criterion, proved on the changed dossier.

    *exact* is where the margin becomes zero, *smallest* the same rounded up to the lever's *step*. *method*:
    ``exact`` (linear-fractional, solved), ``bisection`` (on the lever's grid) or ``none``. *at* and *before* are the
    verdicts of the changed dossier at *smallest* and one step below. *state*: ``works``, ``out_of_bounds``,
    ``no_effect``, ``cannot_meet``, ``not_needed``.
    """

    lever: str
    title: Text
    state: str
    unit: str
    step: Decimal
    method: str
    works_for: str
    exact: Decimal | None = None
    smallest: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    at: Verdict | None = None
    before: Verdict | None = None
    cost: Amount | None = None
    evaluations: int = 0


@dataclass(frozen=True, slots=True)
class Flip(Record):
    """One reading whose other alternative, alone, changes a verdict."""

    reading: str
    alternative: str
    level: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Sensitivity(Record):
    """How a verdict holds under the readings it depends on.

    *outcomes*: level → verdict → number of combinations. When *exhaustive* is false the product is larger than allowed
    and readings were varied one at a time. *refused*: combinations that the pack declares inconsistent.
    """

    readings: tuple[str, ...]
    combinations: int
    exhaustive: bool
    refused: int
    outcomes: Mapping[str, Mapping[str, int]]
    single_flips: tuple[Flip, ...] = ()
    stable: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowEvidence(Record):
    """What one row, figure or thing needs as proof and which documents it has.

    *subject*: ``electricity/E1``, ``figure:industrial_value_added``, or the criterion's id. *documents*:
    ``[{id, at, sha256}]`` of those that count; *missing*: kinds and columns that are lacking.
    """

    subject: str
    needs: str
    state: EvidenceState
    documents: tuple[Mapping[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause(Record):
    """Where the requirement stands. *printed* may be shown as its clause: the issuer's only when it was read."""

    standard: str
    edition: str
    ref: str
    printed: str
    clause_read: bool
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class JudgedAnswer(Record):
    """A qualified person's answer that a verdict uses."""

    question: str
    row: str | None
    answer: str
    grounds: str
    person: str
    on: date | None = None
    evidence_seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionOutcome(Record):
    """Everything about one criterion. *applies*: ``yes``, ``no``, ``unknown`` or ``error``, before the levels' own."""

    id: str
    title: Text
    clause: Clause
    dimension: str
    kind: str
    form: str
    applies: str
    levels: Mapping[str, LevelOutcome]
    evidence: tuple[RowEvidence, ...]
    sensitivity: Sensitivity
    quantities: tuple[str, ...]
    parameters: tuple[str, ...]
    judgements: tuple[JudgedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Indeterminate(Record):
    """A criterion that keeps a level open: why and who can settle it."""

    criterion: str
    causes: tuple[Cause, ...]
    settled_by: tuple[Settler, ...]


@dataclass(frozen=True, slots=True)
class LevelResult(Record):
    """What a level comes to.

    *known_part* is the outcome over the criteria whose limits are known. *by_cause* and *by_settler* count the
    indeterminate criteria; one with two causes counts under both. *robust*: false when a criterion that decides lies
    within its uncertainty.
    """

    id: str
    order: int
    title: Text
    needs: str
    asked: bool
    verdict: Verdict
    known_part: Verdict | None
    met: tuple[str, ...]
    not_met: tuple[str, ...]
    not_applicable: tuple[str, ...]
    error: tuple[str, ...]
    indeterminate: tuple[Indeterminate, ...]
    by_cause: Mapping[str, int]
    by_settler: Mapping[str, int]
    robust: bool
    stable: bool
    sensitivity: Sensitivity
    confidence: Confidence | None
    rests_on: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingUse(Record):
    """How one reading was taken. *chosen_by*: ``default``, ``request``, ``overlay``. *used_by*: criteria it reaches."""

    id: str
    ref: str
    question: Text
    clause: str
    chosen: str
    default: str
    chosen_by: str
    because: Text
    alternatives: Mapping[str, Mapping[str, Any]]
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuantityUse(Record):
    """A quantity's value in its unit, or why it is not known. *uncertainty*: half-width in the same unit, if stated."""

    id: str
    title: Text
    clause: str
    expression: str
    value: Decimal | str | bool | date | tuple[Any, ...] | None
    unit: str | None = None
    uncertainty: Decimal | None = None
    reasons: tuple[Reason, ...] = ()
    readings: Mapping[str, str] = field(default_factory=dict)
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterUse(Record):
    """A value the standard sets, as it stood on the law date and was known on the knowledge date.

    *state*: ``value``, ``unknown`` (there is one, we lack it), ``none`` (nothing is required), ``not_in_force``.
    """

    id: str
    title: Text
    state: str
    value: Decimal | str | bool | date | tuple[Any, ...] | None = None
    unit: str | None = None
    stated: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    recorded: date | None = None
    clause: str | None = None
    source: str | None = None
    confidence: Confidence | None = None
    last_confirmed: date | None = None
    clause_read: bool = False
    masked: bool = False
    readings: Mapping[str, str] = field(default_factory=dict)
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """What follows from verdicts: *kind* is nonconformity, observation, request or action.

    *severity* (major, minor) is for nonconformities. General findings have a message *code* with *args*, those of a
    pack their own *text*. *facts* are the ids of the facts it was derived from, *rule* the rule that derived it.
    """

    id: str
    kind: str
    rule: str
    facts: tuple[str, ...]
    severity: str | None = None
    criterion: str | None = None
    level: str | None = None
    subject: str | None = None
    cause: Cause | None = None
    settled_by: Settler | None = None
    code: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    text: Text | None = None
    levers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pins(Record):
    """All that the assessment used, by hash: the same pins give the same assessment."""

    dossier: Mapping[str, str]
    pack: Mapping[str, str]
    overlay: Mapping[str, str] | None
    judgements: Mapping[str, str] | None
    factor_sets: tuple[Mapping[str, str], ...]
    code_lists: tuple[Mapping[str, str], ...]
    units: Mapping[str, str]
    engine: str
    arithmetic: str = ARITHMETIC

    def as_json(self) -> dict[str, Any]:
        """All fields; an overlay or judgements that were not given are null."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class Assessment(Record):
    """Verdicts, levels, findings and what they rest on, of one dossier under one pack.

    *run* is what computed it, kept so that proofs can be made when asked for; it is no part of the record.
    """

    outcome_kind: str
    pack: Mapping[str, Any]
    pins: Pins
    subject: Mapping[str, Any]
    boundary: Mapping[str, Any]
    valid_on: date
    known_on: date | None
    asked: tuple[str, ...]
    documents_assumed: bool
    readings: tuple[ReadingUse, ...]
    levels: tuple[LevelResult, ...]
    criteria: tuple[CriterionOutcome, ...]
    quantities: tuple[QuantityUse, ...]
    parameters: tuple[ParameterUse, ...]
    inventory: Mapping[str, Any]
    findings: tuple[Finding, ...]
    crosschecks: tuple[Mapping[str, Any], ...]
    estimates: tuple[Mapping[str, Any], ...]
    gaps: tuple[Mapping[str, Any], ...]
    documents: tuple[Mapping[str, Any], ...]
    run: Any = field(default=None, compare=False, repr=False, metadata=_INTERNAL)
    told: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False, metadata=_INTERNAL)

    def criterion(self, criterion_id: str) -> CriterionOutcome:
        """The outcome of one criterion; KeyError when the pack has none of that id."""
        for outcome in self.criteria:
            if outcome.id == criterion_id:
                return outcome
        raise KeyError(criterion_id)

    def level(self, level_id: str) -> LevelResult:
        """The result of one level; KeyError when the pack has none of that id."""
        for result in self.levels:
            if result.id == level_id:
                return result
        raise KeyError(level_id)

    def content(self) -> dict[str, Any]:
        """What is hashed: everything but ``id`` and ``produced_by``."""
        body: dict[str, Any] = {"format": FORMAT, **Record.as_json(self)}
        return jsonable(body)  # type: ignore[no-any-return]

    def as_json(self) -> dict[str, Any]:
        """The assessment as the schema has it, with its id and what made it; made once, not to be changed."""
        if self.told:
            return self.told
        content = self.content()
        head = {"format": content.pop("format"), "id": content_hash({"format": FORMAT, **content}),
                "produced_by": {"program": "zerofactory", "version": self.pins.engine}}
        self.told.update({**head, **content})
        return self.told
