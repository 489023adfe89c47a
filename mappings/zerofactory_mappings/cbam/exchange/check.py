"""Is an input file complete? What prefilling left open stands in it, and counts until somebody settles it.

An open question or a missing item is an entry of ``other:`` in the input, under ``open.<kind>.<subject>``, with the
rows that were left out and the clause. An input that holds one is not complete: reading it gives a problem for each.
Taking the entry out says that it is settled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zerofactory_engine.problems import NOWHERE, Place, Problem, Severity

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.exchange.model import Prefill
    from zerofactory_mappings.cbam.model import Installation

#: What the keys of open items begin with.
OPEN = "open."
#: Codes of the problems that open items are.
CODES = ("cbam-exchange.open-question", "cbam-exchange.open-missing")
#: Longest list of rows in one entry, longest text of one, and most entries of one file.
_ROWS, _TEXT, _ENTRIES = 12, 2000, 200


@dataclass(frozen=True, slots=True)
class Openness:
    """How many questions and missing items an input still holds. *complete*: none."""

    questions: int
    missing: int
    problems: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is open."""
        return not self.questions and not self.missing

    def as_json(self) -> dict[str, Any]:
        """Counts and problems."""
        return {"complete": self.complete, "questions": self.questions, "missing": self.missing,
                "problems": [p.as_json() for p in self.problems]}


def open_details(found: Prefill) -> dict[str, str]:
    """The entries of ``Installation.details`` that say what is open, questions first, in their order."""
    entries: list[tuple[str, str]] = []
    for question in found.open:
        kind, _, subject = question.id.partition(":")
        entries.append((f"{OPEN}question.{kind}.{subject}", _said(question.rows, question.clauses)))
    for each in found.missing:
        text = ", ".join(f"{k}: {v}" for k, v in each.args.items() if v)
        entries.append((f"{OPEN}missing.{each.kind}.{each.subject}", "; ".join(
            t for t in (text, _said(each.rows, each.clause)) if t)))
    details: dict[str, str] = {}
    for key, text in entries[:_ENTRIES]:
        whole = f"{details[key]} | {text}" if key in details else text
        details[key] = whole if len(whole) <= _TEXT else f"{whole[:_TEXT]} ..."
    if len(entries) > _ENTRIES:
        details[f"{OPEN}missing.more.list"] = str(len(entries) - _ENTRIES)
    return details


def _said(rows: tuple[str, ...], clause: str) -> str:
    listed = ", ".join(rows[:_ROWS]) + (f", … ({len(rows)})" if len(rows) > _ROWS else "")
    return " · ".join(t for t in (listed, clause) if t)


def open_problems(details: Mapping[str, str], place: Place = NOWHERE) -> tuple[Problem, ...]:
    """A problem for every open item; nothing when the input is complete."""
    found = []
    for key, text in details.items():
        if not key.startswith(OPEN):
            continue
        what, _, subject = key.removeprefix(OPEN).partition(".")
        code = CODES[0] if what == "question" else CODES[1]
        kind, _, named = subject.partition(".")
        found.append(Problem(code, place, Severity.ERROR, found=text, args={"kind": kind, "subject": named}))
    return tuple(found)


def openness(installation: Installation) -> Openness:
    """What is open in an input that was read."""
    problems = open_problems(installation.details, installation.place)
    questions = sum(p.code == CODES[0] for p in problems)
    return Openness(questions, len(problems) - questions, problems)
