"""Runs the cases of a pack: whether each comes out as its authors say. Values and verdicts only, no levers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.accounting import FactorLibrary, shipped_library
from zerofactory_engine.dossier import Dossier, dossier_from_tree, read_dossier
from zerofactory_engine.evaluation.assess import Assessor
from zerofactory_engine.evaluation.judgements import Judgement, Judgements, Key
from zerofactory_engine.evaluation.levels import needed, stand
from zerofactory_engine.evaluation.request import Request
from zerofactory_engine.evaluation.run import display_unit
from zerofactory_engine.evaluation.shown import shown
from zerofactory_engine.evaluation.verdicts import Judged
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.cases import Case, CaseJudgement, Expected, read_cases, value_of
from zerofactory_engine.rulepack.model import Pack

#: Who answered and when, where a case does not say.
_PERSON, _GROUNDS, _DAY = "case", "case", date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a case came to. *differences*: one line for each expectation that is not fulfilled."""

    id: str
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything came out as expected."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        return {"id": self.id, "passed": self.passed, "differences": list(self.differences)}


def run_cases(pack: Pack, folder: Path, library: FactorLibrary | None = None) -> Iterator[CaseResult]:
    """Each case in *folder* under *pack*, one after the other.

    Raises:
        ProblemsError: the case files cannot be read.
    """
    cases, problems = read_cases(folder)
    if problems:
        raise ProblemsError(problems)
    known: dict[Path, Dossier] = {}
    for case in cases:
        yield run_case(pack, case, library or shipped_library(), known)


def run_case(pack: Pack, case: Case, library: FactorLibrary, known: dict[Path, Dossier] | None = None) -> CaseResult:
    """One case; *known* keeps dossiers that several cases share."""
    try:
        with feel.decimal_context():
            return CaseResult(case.id, tuple(_differences(pack, case, library, {} if known is None else known)))
    except ProblemsError as error:
        return CaseResult(case.id, tuple(f"{p.code} {p.found or ''} @ {p.place}" for p in error.problems))


def _differences(pack: Pack, case: Case, library: FactorLibrary, known: dict[Path, Dossier]) -> Iterator[str]:
    dossier = _dossier(case, known)
    request = Request(
        valid_on=case.valid_on, known_on=case.known_on, readings=case.readings,
        documents_assumed=case.documents_assumed, levers=False,
        quantities={key: _given(key, text) for key, text in case.quantities.items()})
    assessor = Assessor(dossier, pack, request, library, _judgements(pack, dossier, case.judgements))
    for key, text in case.expect_quantities.items():
        yield from _quantity(assessor, key, text)
    for criterion, wanted in case.expect_applies.items():
        found = {assessor.judged(pack.criteria[criterion], level).applies for level in pack.criteria[criterion].levels}
        if found != {wanted}:
            yield f"{criterion}: applies {', '.join(sorted(found))}, expected {wanted}"
    for level, criteria in case.expect_criteria.items():
        for criterion, expected in criteria.items():
            if level not in pack.criteria[criterion].levels:
                yield f"{criterion}: no level {level}"
                continue
            judged = assessor.judged(pack.criteria[criterion], level)
            yield from _compare(f"{level} {criterion}", judged, expected)
    for level, verdict in case.expect_levels.items():
        verdicts = {c: assessor.judged(pack.criteria[c], level) for c in needed(pack, pack.levels[level])}
        standing = stand({c: j.verdict for c, j in verdicts.items()}, {c: j.causes for c, j in verdicts.items()})
        if standing.verdict != verdict:
            yield f"level {level}: {standing.verdict}, expected {verdict}"


def _dossier(case: Case, known: dict[Path, Dossier]) -> Dossier:
    if isinstance(case.dossier, Path):
        if case.dossier not in known:
            known[case.dossier] = read_dossier(case.dossier).dossier
        dossier = known[case.dossier]
    else:
        dossier = dossier_from_tree(case.dossier, lenient=True)
    return dossier.without_documents(case.without_documents) if case.without_documents else dossier


def _given(key: str, text: str) -> Any:
    value = value_of(text)
    return Unknown(Reason(Cause.VALUE, f"quantity:{key}", "reason.given-unknown")) if value is None else value


def _judgements(pack: Pack, dossier: Dossier, given: tuple[CaseJudgement, ...]) -> Judgements | None:
    answers: dict[Key, Judgement] = {}
    for each in given:
        question, _, item = each.question.rpartition("/")
        is_set = question in pack.question_sets
        name, part = (question, item) if is_set else (each.question, None)
        answers[name, part, each.row] = Judgement(name, each.row, each.answer, _GROUNDS, _PERSON, _DAY, item=part)
    return Judgements(dossier.id, str(pack.pin), answers) if answers else None


def _quantity(assessor: Assessor, key: str, text: str) -> Iterator[str]:
    expected = value_of(text)
    found = assessor.run.raw(key, assessor.readings)
    if (None if isinstance(found, Unknown) else found) == expected:
        return
    shown_in = display_unit(assessor.run.program.cells[key].definition, assessor.readings)
    value = shown(found, shown_in)
    told = f"{value:f}" if isinstance(value, Decimal) else "unknown" if value is None else str(value)
    reasons = f" ({', '.join(r.subject for r in found.reasons)})" if isinstance(found, Unknown) else ""
    yield f"{key}: {told}{' ' + shown_in.text if shown_in else ''}{reasons}, expected {text}"


def _compare(at: str, judged: Judged, expected: Expected) -> Iterator[str]:
    why = f" ({', '.join(f'{r.cause}: {r.subject}' for r in judged.reasons[:4])})" if judged.reasons else ""
    if judged.verdict != expected.verdict:
        yield f"{at}: {judged.verdict}, expected {expected.verdict}{why}"
    if expected.on_values is not None and judged.on_values != expected.on_values:
        yield f"{at}: on values {judged.on_values}, expected {expected.on_values}{why}"
    if expected.cause is not None and expected.cause not in judged.causes:
        yield f"{at}: causes {', '.join(judged.causes) or '-'}, expected {expected.cause}{why}"
    settlers = {str(r.settled_by) for r in judged.reasons}
    if expected.settled_by is not None and expected.settled_by not in settlers:
        yield f"{at}: settled by {', '.join(sorted(settlers)) or '-'}, expected {expected.settled_by}{why}"
