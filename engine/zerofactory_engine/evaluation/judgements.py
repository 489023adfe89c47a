"""What qualified persons of the body found: answers to questions, bases of evidence, documents not accepted.

An input of its own, made by the body, pinned beside the dossier. Its answers prevail over the applicant's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import Collector, Place, Problem
from zerofactory_engine.reasons import Cause, Reason
from zerofactory_engine.rulepack.model import Pack
from zerofactory_engine.typed import place_in, shipped_schema
from zerofactory_engine.yaml_text import read_yaml

FORMAT = "zerofactory/judgements/1"

#: Answers that count as conformity; an observation does not stand in its way.
CONFORMING = frozenset({"conforms", "observation"})
#: Answers that are a nonconformity.
FAILING = frozenset({"minor", "major"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer. *subject* is the row of a question, or what a question set is answered for."""

    question: str
    subject: str | None
    answer: str
    because: str
    by: str
    on: date
    evidence: tuple[str, ...] = ()
    item: str | None = None

    @property
    def value(self) -> bool | None:
        """True: conforms; False: does not; None: not assessed."""
        return None if self.answer == "not_assessed" else self.answer in CONFORMING


Key = tuple[str, str | None, str | None]
"""Question or question set, its item, and the row or subject."""


@dataclass(frozen=True)
class Judgements:
    """All judgements on one dossier under one pack. *content* is what is pinned."""

    dossier: str
    pack: str
    answers: Mapping[Key, Judgement] = field(default_factory=dict)
    basis: Mapping[str, str] = field(default_factory=dict)
    rejected: Mapping[str, Reason] = field(default_factory=dict)
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """The pin."""
        return content_hash(self.content)

    def basis_of(self, table: str, row: str) -> str | None:
        """How the body saw a row: what is said of the row itself, else of its whole table."""
        return self.basis.get(f"{table}/{row}", self.basis.get(f"{table}/*"))


def read_judgements(path: Path) -> Judgements:
    """Read a judgements file (YAML or JSON).

    Raises:
        ProblemsError: the file cannot be read, or an answer stands twice; all problems together.
    """
    data = path.read_bytes()
    return parse_judgements(data, path.name)


def parse_judgements(data: bytes, file: str = "judgements.yaml") -> Judgements:
    """:func:`read_judgements` of bytes; *file* is the name that problems show."""
    tree = read_json(data, file) if data.lstrip()[:1] == b"{" else read_yaml(data, file)
    typed = shipped_schema("judgements").read(tree)
    value = typed.unwrap()
    collector = Collector()
    answers: dict[Key, Judgement] = {}
    for number, entry in enumerate(value["judgements"]):
        judgement = _judgement(entry)
        key = (judgement.question, judgement.item, judgement.subject)
        if key in answers:
            collector.add(_problem("evaluation.judgement-twice", place_in(tree, "judgements", number), key))
        answers.setdefault(key, judgement)
    collector.raise_errors()
    return Judgements(
        dossier=value["dossier"],
        pack=value["pack"],
        answers=answers,
        basis={e["row"]: e["basis"] for e in value.get("basis", ())},
        rejected={e["document"]: Reason(Cause.DOCUMENT, e["document"], "reason.document-rejected",
                                        (("because", e["because"]), ("person", e["by"])))
                  for e in value.get("rejected_documents", ())},
        content=value,
    )


def _judgement(entry: Mapping[str, Any]) -> Judgement:
    return Judgement(
        question=entry["question"] if "question" in entry else entry["checklist"],
        subject=entry.get("row", entry.get("subject")),
        item=entry.get("item"),
        answer=entry["answer"],
        because=entry["because"],
        by=entry["by"],
        on=entry["on"],
        evidence=tuple(entry.get("evidence", ())),
    )


def _problem(code: str, place: Place, key: Key) -> Problem:
    return Problem(code, place, found="/".join(k for k in key if k is not None))


def check_judgements(judgements: Judgements, dossier_id: str, pack: Pack, rows: Mapping[str, frozenset[str]]) -> None:
    """Raise ProblemsError when *judgements* do not belong to this dossier and pack, or answer what is not asked.

    *rows*: ids of the rows by table.
    """
    collector = Collector()
    if judgements.dossier != dossier_id:
        collector.add(Problem("evaluation.judgements-other-dossier", found=judgements.dossier, accepted=dossier_id))
    if judgements.pack not in (str(pack.pin), str(pack.base)):
        wanted = str(pack.base or pack.pin)
        collector.add(Problem("evaluation.judgements-other-pack", found=judgements.pack, accepted=wanted))
    questions = {f"{c.id}/{q.id}": q for c in pack.criteria.values() for q in c.questions.values()}
    for key, judgement in judgements.answers.items():
        if judgement.item is not None:
            if judgement.question not in pack.question_sets:
                collector.add(_problem("evaluation.judgement-unknown", Place(), key))
            continue
        question = questions.get(judgement.question)
        if question is None:
            collector.add(_problem("evaluation.judgement-unknown", Place(), key))
        elif question.per is not None and judgement.subject is None:
            collector.add(_problem("evaluation.judgement-row-missing", Place(), key))
        elif question.per is not None and judgement.subject not in rows.get(question.per, frozenset()):
            collector.add(_problem("evaluation.judgement-row-unknown", Place(), key))
    collector.raise_errors()
