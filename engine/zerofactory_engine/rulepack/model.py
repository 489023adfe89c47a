"""What a rule pack is once loaded: frozen, compiled once per process, cached by hash, shared by threads.

Wherever a value, a unit, an option or an expression may depend on a reading of the standard, the model holds a
:data:`Choice`: the thing itself, or a :class:`ByReading` that names the reading and holds a choice per alternative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from zerofactory_engine.problems import NOWHERE, Place

if TYPE_CHECKING:
    from zerofactory_engine.feel import Node

T = TypeVar("T")
Text: TypeAlias = Mapping[str, str]
"""A text in every language: ``{"zh": …, "en": …}``."""


class Confidence(StrEnum):
    """How well a value, reading or clause is known; ordered from strong to weak."""

    CONFIRMED = "confirmed"
    SECONDARY = "secondary"
    UNCONFIRMED = "unconfirmed"


class Special(StrEnum):
    """A parameter without a number: there is a limit and we lack it, or nothing is required."""

    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ByReading(Generic[T]):
    """A value that depends on how an unclear clause is read; alternatives may depend on further readings."""

    reading: str
    alternatives: Mapping[str, Choice[T]]


Choice: TypeAlias = "T | ByReading[T]"


def settle(choice: Any, readings: Mapping[str, str]) -> Any:
    """The value of *choice* under *readings* (reading → alternative)."""
    while isinstance(choice, ByReading):
        choice = choice.alternatives[readings[choice.reading]]
    return choice


@dataclass(frozen=True, slots=True)
class Expression:
    """A FEEL expression: its text, tree and place in the pack."""

    text: str
    node: Node
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value or requirement comes from, and how well that is known.

    *clause* is the issuer's clause only when *clause_read*; otherwise it prints as our own code, never as theirs.
    """

    clause: str
    source: str
    confidence: Confidence
    last_confirmed: date | None = None
    clause_read: bool = False


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value while it is in effect. *value* is in the base unit of the parameter's dimension.

    *valid_from*/*valid_to* (inclusive, civil dates) are law time; *recorded* is the day from which we knew it
    (``--known-on``). *stated* and *unit* keep what the source printed.
    """

    valid_from: date
    value: Decimal | str | bool | date | tuple[str, ...] | Special | Any
    source: Source
    valid_to: date | None = None
    recorded: date | None = None
    stated: str = ""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the standard sets. *type*: number, codes, date, duration, yes_no, text."""

    id: str                                   # qualified outside its criterion: ``ZCF-1.2/entry_share``
    title: Text
    type: str
    unit: Choice[str] | None
    values: Choice[tuple[DatedValue, ...]]
    place: Place = NOWHERE
    codelist: str | None = None               # table.column whose list holds the codes


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named value computed from dossier, inventory, parameters and other quantities."""

    id: str
    title: Text
    clause: str
    unit: Choice[str] | None
    value: Choice[Expression]
    type: str = "number"
    plausible: tuple[Decimal, Decimal] | None = None   # in the declared unit; outside: indeterminate, implausible
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class DocumentRule:
    """Documents that prove a thing. *each* selects rows (an expression); without it the thing is the criterion."""

    kinds: tuple[str, ...]
    every: bool = False                 # all_of, otherwise any_of
    covers: str = "any"                 # row, period, any: what the documents' dates must span
    needs: tuple[str, ...] = ()         # columns that must be filled (``meter``)
    where: Expression | None = None     # row condition (evidence.yaml)
    each: Expression | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What one criterion asks at one level."""

    condition: Choice[Expression]
    applies_when: Choice[Expression] | None = None
    due: Choice[Expression] | None = None      # a date; before it a shortfall is not yet a nonconformity


@dataclass(frozen=True, slots=True)
class Question:
    """A qualitative question that a qualified person answers; *per* names a table when it is asked for each row."""

    id: str
    text: Text
    per: str | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """A condition at a clause.

    *kind*: mandatory, scored, guiding. *form*: threshold, reported, checklist, judged.
    """

    id: str
    title: Text
    source: Source
    dimension: str
    kind: str
    form: str
    levels: Mapping[str, LevelRule]
    applies_when: Choice[Expression] | None = None
    parameters: Mapping[str, Parameter] = field(default_factory=dict)     # by local name
    quantities: Mapping[str, Quantity] = field(default_factory=dict)      # by local name
    questions: Mapping[str, Question] = field(default_factory=dict)
    evidence: tuple[DocumentRule, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to read an unclear clause."""

    title: Text
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An unclear clause: the question, its alternatives, the default and why. *settled*: an overlay decided it."""

    id: str
    ref: str
    question: Text
    clause: str
    default: str
    because: Text
    alternatives: Mapping[str, Alternative]
    settled: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Level:
    """What meeting criteria earns. *needs*: ``all`` or ``all mandatory``."""

    id: str
    order: int
    title: Text
    needs: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that a lever adds: *cells* are texts or expressions; *amount* names the column that the lever moves."""

    table: str
    cells: Mapping[str, Expression | str | bool]
    column: str
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Lever:
    """A change of rows, so that a plan is proved by evaluating the changed dossier.

    *step* and bounds that are numbers are in *unit*, as written; a bound that is an expression gives base units.
    """

    id: str
    title: Text
    unit: str
    step: Decimal
    minimum: Expression | Decimal
    maximum: Expression | Decimal | None
    works_for: str                       # this_period, next_period
    rows: tuple[RowChange, ...]
    cost: Decimal | None = None
    cost_unit: str | None = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Pattern:
    """A match on facts: attribute → wanted text; ``$name`` binds."""

    match: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FindingRule:
    """When all patterns match, assert the facts of *then* (design §6, plain forward chaining over symbols)."""

    id: str
    when: tuple[Pattern, ...]
    then: tuple[Mapping[str, Any], ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Accounting:
    """Which inventory the pack wants. *factor_sets*: role → set id; *options*: name → choice of text."""

    factor_sets: Mapping[str, Choice[str]]
    options: Mapping[str, Choice[str]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a question set."""

    id: str
    text: Text
    source: str | None = None
    confidence: Confidence | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A published list of items; every item is laid out, so that an unanswered one is unknown, not no.

    *per*: what it is answered anew for (a programme, a credit batch). *sha256*: hash of its content.
    """

    id: str
    title: Text
    source: Source
    items: Mapping[str, Item]
    per: str | None
    sha256: str
    data: bytes = b""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Change:
    """What an overlay replaced or added, and why. *what*: parameter, reading, quantity, criterion, level, added."""

    what: str
    id: str
    because: Text


@dataclass(frozen=True, slots=True)
class PackId:
    """Identity of a pack: our id and version, and the hash of its content."""

    id: str
    version: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, slots=True)
class Pack:
    """Our encoding of one edition's criteria, versioned by itself, immutable once published."""

    pin: PackId
    title: Text
    standard: str
    edition: str
    subject: str
    period_months: Choice[tuple[int, int]]   # shortest and longest period in whole months; may depend on a reading
    status: str
    provisional: bool
    published: date
    valid_from: date
    valid_to: date | None
    outcome_kind: str                     # readiness, certification, verification, self_claim
    concluded_by: Text                    # who may conclude and under which authority
    dimensions: Mapping[str, Text]
    known_gaps: tuple[Text, ...]
    authors: tuple[str, ...]
    licence: str
    accounting: Accounting
    parameters: Mapping[str, Parameter]
    quantities: Mapping[str, Quantity]
    criteria: Mapping[str, Criterion]
    readings: Mapping[str, Reading]
    inconsistent: tuple[Mapping[str, str], ...]       # combinations of readings that are refused
    levels: Mapping[str, Level]
    levers: Mapping[str, Lever]
    findings: tuple[FindingRule, ...]
    row_evidence: Mapping[str, tuple[DocumentRule, ...]]      # by table
    figure_evidence: Mapping[str, DocumentRule]               # by figure
    question_sets: tuple[str, ...]                            # checklists of standards/<id>/codes used by answers()
    files: Mapping[str, bytes]                                # the pack as published, for the bundle
    folder: Path | None = None
    base: PackId | None = None                                # set when an overlay was applied
    overlay: PackId | None = None
    inconsistent_because: tuple[Text, ...] = ()               # why, for each of *inconsistent*
    checklists: Mapping[str, QuestionSet] = field(default_factory=dict)  # those of *question_sets*, read
    masked: frozenset[str] = frozenset()                      # parameters whose values a private overlay keeps back
    changes: tuple[Change, ...] = ()                          # by the overlay
    overlay_files: Mapping[str, bytes] = field(default_factory=dict)     # the overlay as written, for the bundle

    @property
    def question_pins(self) -> Mapping[str, str]:
        """Question set → hash of its content."""
        return {name: found.sha256 for name, found in self.checklists.items()}
