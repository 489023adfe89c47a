"""Read the operator's answers (``zerofactory/cbam-answers/1``) and match them with the questions that come up.

An answer to a question that is not asked is refused, and so is one that does not say what its question needs: every
problem of a file comes at once, with its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.json_text import scan_json
from zerofactory_engine.problems import NOWHERE, Collector, Place, Problem, Severity
from zerofactory_engine.typed import Typed, shipped_schema
from zerofactory_engine.yaml_text import scan_yaml
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.model import ACCEPTED, Answer, Kind, Question
from zerofactory_mappings.cbam.exchange.rules import Rule, Verdict

FORMAT = "zerofactory/cbam-answers/1"
ONE = Decimal(1)
#: Problems name that many ids of questions at most.
_LISTED = 20


def read_answers(data: bytes, file: str, dossier: str, year: int) -> tuple[Answer, ...]:
    """The answers of a YAML or JSON file; entries without an answer are open and left out.

    Raises:
        ProblemsError: the file does not have the format, is about another dossier or year, or answers twice.
    """
    scanned = (scan_json if data.lstrip()[:1] == b"{" else scan_yaml)(data, file)
    problems = Collector()
    problems.extend(scanned.problems)
    problems.raise_errors()
    assert scanned.tree is not None, "without an error there is a tree"
    typed = shipped_schema("cbam-answers").read(scanned.tree)
    problems.extend(typed.problems)
    problems.raise_errors()
    value = typed.value
    if value.get("dossier") not in (None, dossier):
        problems.add(Problem("cbam-exchange.answers-of-other", typed.place("dossier"), found=value["dossier"],
                             accepted=dossier))
    if value.get("year") not in (None, year):
        problems.add(Problem("cbam-exchange.answers-of-other", typed.place("year"), found=str(value["year"]),
                             accepted=str(year)))
    found: dict[str, Answer] = {}
    for number, entry in enumerate(value["answers"] or ()):
        if entry.get("answer") is None:
            continue
        place = typed.place("answers", number, "question")
        made = _answer(entry, _at(typed, number))
        if made.question in found:
            problems.add(Problem("cbam-exchange.answered-twice", place, found=made.question))
        found[made.question] = made
    problems.raise_errors()
    return tuple(found.values())


def _at(typed: Typed, number: int) -> Place:
    place = typed.place("answers", number)
    return replace(place, path=f"answers/{number + 1}")


def _answer(entry: Mapping[str, Any], place: Place) -> Answer:
    share = entry.get("share")
    return Answer(
        entry["question"], entry["answer"], entry.get("rule"), None if share is None else share.value,
        {k: v.value for k, v in (entry.get("processes") or {}).items()}, entry.get("cn"), entry.get("country"),
        entry.get("installation"), entry.get("route"), entry.get("because"), tuple(entry.get("documents") or ()), place)


class Asking:
    """Asks: gives the answer to a question where there is one that fits, and keeps every question and problem."""

    def __init__(self, dossier: Dossier, answers: Sequence[Answer]) -> None:
        self.dossier = dossier
        self.answers = {a.question: a for a in answers}
        self.questions: list[Question] = []
        self.problems: list[Problem] = []
        self.processes: Mapping[str, object] = {}

    def ask(self, kind: Kind, subject: str, rows: Sequence[str], rules: Sequence[Rule], unanswered: str,
            args: Mapping[str, str] | None = None, *, accepted: Sequence[str] | None = None,
            candidates: Sequence[str] = (), standing: Answer | None = None) -> Answer | None:
        """The answer, None while the question is open. *standing*: one that was given for all questions of a kind."""
        question = Question(f"{kind}:{subject}", kind, tuple(rows), tuple(rules),
                            tuple(ACCEPTED[kind] if accepted is None else accepted), unanswered, dict(args or {}),
                            tuple(candidates))
        given = self.answers.get(question.id)
        answer = standing if given is None else self._fitting(question, given)
        self.questions.append(replace(question, answer=answer))
        return answer

    def _fitting(self, question: Question, answer: Answer) -> Answer | None:
        """The answer, if it says all that its question needs, and nothing else."""
        wrong = list(self._wrong(question, answer))
        self.problems.extend(wrong)
        if any(p.severity is Severity.ERROR for p in wrong):
            return None
        if "rule" in ACCEPTED[question.kind].get(answer.answer, ()) and answer.rule is None:
            return replace(answer, rule=question.rules[0].id)
        return answer

    def _wrong(self, question: Question, answer: Answer) -> Iterable[Problem]:
        def problem(code: str, found: str | None, accepted: Iterable[str] = ()) -> Problem:
            return Problem(f"cbam-exchange.answer-{code}", answer.place, found=found,
                           accepted=", ".join(accepted) or None, args={"question": question.id})

        if answer.answer not in question.accepted:
            yield problem("not-accepted", answer.answer, question.accepted)
            return
        needed = ACCEPTED[question.kind][answer.answer]
        rules = [r.id for r in question.rules if r.verdict is not Verdict.STAYS]     # what stays takes nothing out
        if answer.rule is not None and answer.rule not in rules:
            yield problem("rule", answer.rule, rules)
        if "rule" in needed and answer.rule is None and len(rules) > 1:
            yield problem("lacks-rule", None, rules)
        for name in ("share", "cn", "route"):
            if name in needed and getattr(answer, name) is None:
                yield problem(f"lacks-{name}", None, question.candidates)
        if answer.share is not None and not 0 < answer.share < ONE:
            yield problem("share-bounds", plain(answer.share), ["0 < share < 1", "0 % < share < 100 %"])
        if "share" not in needed and answer.share is not None:
            yield problem("share-unasked", plain(answer.share))
        if answer.cn is not None and "cn" in needed:
            yield from self.read_cn(answer).problems
        if answer.route is not None and question.kind is Kind.ROUTE and answer.route not in question.candidates:
            yield problem("route", answer.route, question.candidates)
        if answer.country is not None and scope.find_country(answer.country) is None:
            yield Problem("cbam-scope.country-unknown", answer.place, found=answer.country, example="CN, China, 中国")
        yield from self._processes(question, answer, "processes" in needed)
        for reference in answer.documents:
            if reference.partition("#")[0] not in self.dossier.documents:
                yield problem("document", reference, sorted(self.dossier.documents)[:_LISTED])

    def _processes(self, question: Question, answer: Answer, needed: bool) -> Iterable[Problem]:
        def problem(code: str, found: str | None, accepted: Iterable[str] = ()) -> Problem:
            return Problem(f"cbam-exchange.answer-{code}", answer.place, found=found,
                           accepted=", ".join(accepted) or None, args={"question": question.id})

        if not answer.processes:
            if needed and len(self.processes) != 1:
                yield problem("lacks-processes", None, self.processes)
            return
        unknown = [p for p in answer.processes if p not in self.processes]
        if unknown:
            yield problem("process", ", ".join(unknown), self.processes)
        with localcontext(CONTEXT):
            total = sum(answer.processes.values(), Decimal(0))
        if any(share < 0 for share in answer.processes.values()):
            yield problem("share-bounds", ", ".join(plain(s) for s in answer.processes.values()), ["0 … 1"])
        if total != ONE:
            yield problem("sum", plain(total), ["1"])

    def read_cn(self, answer: Answer) -> scope.CnReading:
        """The code of an answer, read with the place of the answer."""
        return scope.read_cn(answer.cn or "", place=answer.place)

    def unknown(self) -> list[Problem]:
        """Answers to questions that are not asked."""
        asked = [q.id for q in self.questions]
        return [Problem("cbam-exchange.answer-unknown", a.place, found=a.question, accepted=_near(a.question, asked))
                for a in self.answers.values() if a.question not in asked]


def _near(text: str, ids: Sequence[str]) -> str | None:
    """Ids of questions that the text may mean: those of its kind, else all, a few of them."""
    kind = text.partition(":")[0]
    same = [i for i in ids if i.partition(":")[0] == kind] or list(ids)
    return ", ".join(same[:_LISTED]) + (" …" if len(same) > _LISTED else "") if same else None


def standing(word: str) -> Answer:
    """An answer that an option of the command gives to every question of a kind."""
    return Answer("", word, place=NOWHERE)
