"""What prefilling gives: the fate of every row, the questions with their answers, and what a CBAM report still lacks.

Texts are message codes with arguments; amounts stand in the units of :mod:`zerofactory_mappings.cbam.model`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.dossier.model import Row
from zerofactory_engine.dossier.series import Span
from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_mappings.cbam.exchange.rules import Rule
from zerofactory_mappings.cbam.model import Installation

FORMAT = "zerofactory/cbam-prefill/1"


class Fate(StrEnum):
    """What became of a row of the dossier."""

    USED = "used"            # its amount stands in the input, whole or the share that is told
    ASKED = "asked"          # a question about it is open; it is not in the input
    OUTSIDE = "outside"      # a rule of the boundary leaves it out: by its own statement or by an answer
    UNUSABLE = "unusable"    # it cannot stand in the input as it is; the reason says what would help
    BESIDE = "beside"        # evidence, declarations, other figures: no activity


@dataclass(frozen=True, slots=True)
class RowFate:
    """The fate of one row. *reason*: message code; *rule*: id of the rule that decided; *series* it belongs to.

    *share*: what of the stated amount stands in the input (days inside the period × share inside the boundary); *days*
    inside the period and of the row, where the row was apportioned.
    """

    table: str
    row: str
    fate: Fate
    reason: str
    rule: str | None = None
    series: str | None = None
    share: Decimal | None = None
    days: tuple[int, int] | None = None
    questions: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        out: dict[str, Any] = {"table": self.table, "row": self.row, "fate": self.fate.value, "reason": self.reason}
        out |= {n: v for n in ("rule", "series", "share") if (v := getattr(self, n)) is not None}
        if self.days is not None:
            out["days"] = {"inside": self.days[0], "of": self.days[1]}
        return out | ({"questions": list(self.questions)} if self.questions else {})


@dataclass(frozen=True, slots=True)
class Piece:
    """A row in its time: *span* of its days, *inside* the days of the period among them (None: none)."""

    row: Row
    span: Span
    inside: Span | None
    undated: bool = False

    @property
    def days(self) -> tuple[int, int]:
        """Days inside the period, and of the row."""
        return (0 if self.inside is None else days(self.inside)), days(self.span)

    @property
    def straddles(self) -> bool:
        """Whether it covers days on both sides of an end of the period."""
        inside, of = self.days
        return 0 < inside < of


def days(span: Span) -> int:
    """Days of a span, both ends included."""
    return (span.end - span.start).days + 1


@dataclass(frozen=True, slots=True)
class Series:
    """Rows that state the same thing: of one table, medium, use, meter and part of the boundary.

    *key*: the columns that tell it apart; *words*: names of its part, meter, equipment and notes, where signals
    of rules are looked for.
    """

    id: str
    table: str
    key: Mapping[str, str]
    pieces: tuple[Piece, ...]
    meter: str | None
    part: str | None
    part_kind: str | None
    words: str

    @property
    def rows(self) -> tuple[str, ...]:
        """``energy/G1-01`` for each row."""
        return tuple(f"{p.row.table}/{p.row.id}" for p in self.pieces)


class Kind(StrEnum):
    """What a question is about."""

    BOUNDARY = "boundary"          # does the series belong to the production processes?
    PERIOD = "period"              # how is a bill across the ends of the period taken in?
    OVERLAP = "overlap"            # rows of one meter that cover the same days
    SUPPLY = "supply"              # which factor may electricity have?
    EXPORT = "export"              # is exported electricity made inside a process?
    GOOD = "good"                  # the CN code of a product
    ROUTE = "route"                # the production route of its amount
    PROCESSES = "processes"        # do goods share a production process?
    ATTRIBUTION = "attribution"    # to which processes does the series belong?
    PRECURSOR = "precursor"        # is a purchased good one of Annex I?
    WASTE_GAS = "waste_gas"        # is it waste gas across the border of a process?


#: Answers that a kind of question accepts, and what the answer has to say beside (fields of the answers file).
ACCEPTED: Mapping[Kind, Mapping[str, tuple[str, ...]]] = {
    Kind.BOUNDARY: {"inside": (), "outside": ("rule",), "share": ("share", "rule")},
    Kind.PERIOD: {"days": (), "outside": ()},
    Kind.OVERLAP: {"both": (), "first": ()},
    Kind.SUPPLY: {"grid": (), "ppa": (), "direct_link": (), "own_generation": ()},
    Kind.EXPORT: {"inside": ("processes",), "outside": ()},
    Kind.GOOD: {"cn": ("cn",), "outside": ()},
    Kind.ROUTE: {"route": ("route",)},
    Kind.PROCESSES: {"one": (), "per_code": ()},
    Kind.ATTRIBUTION: {"shares": ("processes",), "functional_units": ()},
    Kind.PRECURSOR: {"precursor": ("cn",), "outside": ()},
    Kind.WASTE_GAS: {"imported": ("processes",), "exported": ("processes",), "internal": (), "outside": ()},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the answers file, typed. *processes*: process id → share of the amount."""

    question: str
    answer: str
    rule: str | None = None
    share: Decimal | None = None
    processes: Mapping[str, Decimal] = field(default_factory=dict)
    cn: str | None = None
    country: str | None = None
    installation: str | None = None
    route: str | None = None
    because: str | None = None
    documents: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Question:
    """What only the operator can say. *rules*: what it is asked for, each with its clause; *accepted*: answers;
    *unanswered*: message code of what is done without one; *args* fill the sentence."""

    id: str
    kind: Kind
    rows: tuple[str, ...]
    rules: tuple[Rule, ...]
    accepted: tuple[str, ...]
    unanswered: str
    args: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    answer: Answer | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has answered."""
        return self.answer is None

    @property
    def clauses(self) -> str:
        """The clauses of its rules, each once."""
        return "; ".join(dict.fromkeys(rule.clause for rule in self.rules))

    def as_json(self) -> dict[str, Any]:
        """All fields; the answer as given."""
        out: dict[str, Any] = {
            "id": self.id, "kind": self.kind.value, "rows": list(self.rows), "rules": [r.as_json() for r in self.rules],
            "accepted": list(self.accepted), "unanswered": self.unanswered, "args": dict(self.args), "open": self.open}
        if self.candidates:
            out["candidates"] = list(self.candidates)
        if self.answer is not None:
            out["answer"] = self.answer.answer
        return out


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a CBAM report needs and the dossier does not hold: message code, its subject, clause."""

    kind: str
    subject: str
    clause: str
    args: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Code of its sentence."""
        return f"cbam-exchange.missing-{self.kind}"

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"kind": self.kind, "subject": self.subject, "clause": self.clause, "args": dict(self.args),
                "rows": list(self.rows)}


@dataclass(frozen=True, slots=True)
class MeterCover:
    """How the rows of a series cover the calendar year: days without a row, days that stand twice, bills across the
    ends with their days inside and in all."""

    series: str
    meter: str | None
    gaps: tuple[Span, ...]
    overlaps: tuple[tuple[str, str, Span], ...]
    straddling: tuple[tuple[str, Span, int, int], ...]

    def as_json(self) -> dict[str, Any]:
        """Days as ``2026-01-01 … 2026-01-31``."""
        return {"series": self.series, "meter": self.meter, "gaps": [full(g) for g in self.gaps],
                "overlaps": [{"one": a, "other": b, "days": full(s)} for a, b, s in self.overlaps],
                "straddling": [{"row": r, "days": full(s), "inside": i, "of": n} for r, s, i, n in self.straddling]}


def full(span: Span) -> str:
    """Both ends of a span, whatever they are."""
    return f"{span.start.isoformat()} … {span.end.isoformat()}"


@dataclass(frozen=True, slots=True)
class Prefill:
    """CBAM input made from a dossier, and everything that was decided, asked or found missing on the way."""

    dossier: str
    dossier_sha256: str
    year: int
    installation: Installation
    rows: tuple[RowFate, ...]
    series: tuple[Series, ...]
    questions: tuple[Question, ...]
    missing: tuple[Missing, ...]
    meters: tuple[MeterCover, ...]
    problems: tuple[Problem, ...]

    @property
    def open(self) -> tuple[Question, ...]:
        """Questions without an answer."""
        return tuple(q for q in self.questions if q.open)

    def counts(self) -> dict[str, dict[str, int]]:
        """Table → fate → rows; tables in the order of the dossier."""
        found: dict[str, Counter[str]] = {}
        for row in self.rows:
            found.setdefault(row.table, Counter())[row.fate.value] += 1
        return {table: {f.value: counter[f.value] for f in Fate} for table, counter in found.items()}

    def totals(self) -> dict[str, int]:
        """Fate → rows over all tables."""
        counter = Counter(r.fate.value for r in self.rows)
        return {f.value: counter[f.value] for f in Fate}

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape, ``format: zerofactory/cbam-prefill/1``."""
        return {
            "format": FORMAT, "dossier": self.dossier, "dossier_sha256": self.dossier_sha256, "year": self.year,
            "complete": not self.open and not self.missing,
            "totals": self.totals(), "counts": self.counts(), "rows": [r.as_json() for r in self.rows],
            "questions": [q.as_json() for q in self.questions], "missing": [m.as_json() for m in self.missing],
            "meters": [m.as_json() for m in self.meters], "problems": [p.as_json() for p in self.problems]}
