"""What prefilling writes: the input file, the questions as a file to fill in, and the report for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zerofactory_engine.dossier import structure
from zerofactory_engine.messages import render
from zerofactory_mappings.cbam.exchange.answers import FORMAT as ANSWERS
from zerofactory_mappings.cbam.exchange.model import Prefill, Question, full
from zerofactory_mappings.cbam.exchange.rules import Verdict
from zerofactory_mappings.cbam.input.write import installation_yaml
from zerofactory_mappings.sources.yaml_rows import scalar

#: Most rows that the report for people lists of one question.
_ROWS = 12


def input_yaml(found: Prefill, language: str) -> bytes:
    """The CBAM input as YAML; comments say where it comes from and whether it is complete."""
    args = {"dossier": found.dossier, "year": found.year, "sha256": found.dossier_sha256,
            "questions": len(found.open), "missing": len(found.missing)}
    head = [render("cbam-exchange.file-head", language, args)]
    if found.open or found.missing:
        head.append(render("cbam-exchange.file-open", language, args))
    lines = "".join(f"# {_one_line(line)}\n" for line in head)
    return lines.encode() + installation_yaml(found.installation)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# --- questions to fill in --------------------------------------------------------------------------------------------

def questions_yaml(found: Prefill, language: str) -> bytes:
    """The open questions in the format of the answers; rules and accepted answers stand as comments."""
    lines = [f"# {_one_line(render('cbam-exchange.skeleton-head', language, _head(found)))}"]
    lines += [f"# {_one_line(line)}" for line in legend(found.open, language)]
    lines += [f"format: {ANSWERS}", f"dossier: {scalar(found.dossier)}", f'year: "{found.year}"', "answers:"]
    for question in found.open:
        lines += [f"  # {_one_line(line)}" for line in question_lines(question, language)]
        lines += [f"  - question: {scalar(question.id)}", "    answer:"]
    if not found.open:
        lines[-1] = "answers: []"
    return ("\n".join(lines) + "\n").encode()


def _head(found: Prefill) -> dict[str, object]:
    return {"dossier": found.dossier, "year": found.year}


def legend(questions: Iterable[Question], language: str) -> Iterator[str]:
    """Every rule that the questions name, once, with its clause and text; then the answers by kind of question."""
    asked = tuple(questions)
    for rule in dict.fromkeys(rule for question in asked for rule in question.rules):
        yield render("cbam-exchange.report-rule", language,
                     {"rule": rule.id, "clause": rule.clause, "text": rule.text(language)})
    for kind, word in dict.fromkeys((q.kind, word) for q in asked for word in q.accepted):
        yield render("cbam-exchange.report-accepted", language, {
            "kind": kind.value, "word": word, "meaning": render(f"cbam-exchange.accepted-{kind}-{word}", language)})


def question_lines(question: Question, language: str) -> Iterator[str]:
    """A question for people: the sentence, its rules, its rows, the accepted answers, what happens without one."""
    def say(code: str, **args: object) -> str:
        return render(f"cbam-exchange.{code}", language, args)

    yield say(f"question-{question.kind}", **question.args)
    leave = [r.id for r in question.rules if r.verdict is not Verdict.STAYS]
    stay = [r.id for r in question.rules if r.verdict is Verdict.STAYS]
    yield say("report-rules", rules=", ".join(leave)) + (f"; {say('report-stays', rules=', '.join(stay))}" if stay
                                                         else "")
    yield say("report-rows", rows=", ".join(question.rows[:_ROWS]) + (
        f", … ({len(question.rows)})" if len(question.rows) > _ROWS else ""))
    if question.candidates:
        yield say("report-candidates", candidates=", ".join(question.candidates))
    yield say("report-words", words=" | ".join(question.accepted),
              what=say(f"unanswered-{question.unanswered}"))


# --- the report for people -------------------------------------------------------------------------------------------

def report_text(found: Prefill, language: str) -> str:
    """Counts by table, open questions, what is missing, meters against the year."""
    def say(code: str, **args: object) -> str:
        return render(f"cbam-exchange.{code}", language, args)

    lines = [say("report-head", **_head(found)), say("report-totals", rows=len(found.rows), **found.totals())]
    for table, counts in found.counts().items():
        title = structure.tables()[table].title[language]
        lines.append("  " + say("report-table", table=title, rows=sum(counts.values()), **counts))
    lines += ["", say("report-questions", open=len(found.open), all=len(found.questions))]
    for question in found.open:
        first, *rest = question_lines(question, language)
        lines += [f"  {question.id}", f"    {first}", *(f"      {line}" for line in rest)]
    if found.open:
        lines += [f"  {line}" for line in legend(found.open, language)]
    lines += ["", say("report-missing", count=len(found.missing))]
    lines += [f"  {m.subject}: {render(m.code, language, m.args)} ({m.clause})" for m in found.missing]
    lines += _meters(found, language)
    return "\n".join(lines)


def _meters(found: Prefill, language: str) -> list[str]:
    """Gaps, overlaps and straddling bills, by series."""
    def say(code: str, **args: object) -> str:
        return "  " + render(f"cbam-exchange.{code}", language, args)

    lines = []
    for each in found.meters:
        lines += [say("report-gap", series=each.series, days=full(g)) for g in each.gaps]
        lines += [say("report-overlap", series=each.series, one=a, other=b, days=full(s)) for a, b, s in each.overlaps]
        lines += [say("report-straddling", series=each.series, row=row, days=full(span), inside=inside, of=of,
                      share=f"{inside}/{of}") for row, span, inside, of in each.straddling]
    return ["", render("cbam-exchange.report-meters", language), *lines] if lines else []

