"""What a person sees of an assessment on the terminal: the first page of the report and the criteria, in zh or en."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from zerofactory_engine.decimals import plain
from zerofactory_engine.evaluation.model import Amount, Assessment, CriterionOutcome, Finding, LevelOutcome, Verdict
from zerofactory_engine.messages import render

_STYLES = {Verdict.MET: "green", Verdict.NOT_MET: "bold red", Verdict.INDETERMINATE: "yellow",
           Verdict.NOT_APPLICABLE: "dim", Verdict.ERROR: "bold magenta"}
#: Columns of a line where the output is no terminal.
_WIDTH = 120
#: Digits behind the point on the terminal; the record keeps all of them.
_DIGITS = Decimal("0.0001")
_FINDINGS = 40


def print_summary(assessment: Assessment, lang: str, bundle: Path | None = None) -> None:
    """Print the summary on standard output."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH

    def say(code: str, **args: object) -> None:
        console.print(render(f"evaluate.{code}", lang, args), soft_wrap=True)

    pack, period = assessment.pack, assessment.subject["period"]
    console.print(Text(render(f"outcome.{assessment.outcome_kind}", lang), style="bold"))
    say("pack", title=pack["title"][lang], edition=pack["edition"], id=pack["id"], version=pack["version"])
    say("subject", facility=_name(assessment.subject["facility"], lang), dossier=assessment.subject["dossier"],
        start=period["start"], end=period["end"])
    say("dates", valid_on=assessment.valid_on, known_on=assessment.known_on or "…")
    if pack["provisional"]:
        say("provisional")
    console.print()
    console.print(_levels(assessment, lang))
    for level in assessment.levels:
        if level.asked:
            _rests(console, assessment, level, lang)
    console.print()
    console.print(_criteria(assessment, lang))
    _findings(console, assessment, lang)
    if pack["known_gaps"]:
        console.print()
        say("known-gaps")
        for gap in pack["known_gaps"]:
            console.print(f"  – {gap[lang]}", soft_wrap=True)
    console.print()
    console.print(assessment.as_json()["id"], soft_wrap=True)
    if bundle is not None:
        say("bundle", path=bundle)


def _name(facility: Any, lang: str) -> str:
    name = facility.get("name") or facility.get("id") or ""
    return str(name.get(lang) or name.get("zh") or name.get("en") or "") if isinstance(name, dict) else str(name)


def _verdict(verdict: Verdict | None, lang: str) -> Text:
    return Text("–") if verdict is None else Text(render(f"verdict.{verdict}", lang), style=_STYLES[verdict])


def _levels(assessment: Assessment, lang: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("level", "all", "known", "met", "not-met", "open", "causes"):
        table.add_column(render(f"evaluate.column.{column}", lang), overflow="fold")
    for level in assessment.levels:
        causes = ", ".join(f"{render(f'cause.{c}', lang)} {n}" for c, n in level.by_cause.items())
        title = Text(level.title[lang], style="bold" if level.asked else "dim")
        table.add_row(title, _verdict(level.verdict, lang), _verdict(level.known_part, lang), str(len(level.met)),
                      str(len(level.not_met)), str(len(level.indeterminate)), causes)
    return table


def _rests(console: Console, assessment: Assessment, level: Any, lang: str) -> None:
    def say(code: str, **args: object) -> None:
        console.print("  " + render(f"evaluate.{code}", lang, args), soft_wrap=True)

    console.print()
    console.print(Text(level.title[lang], style="bold"))
    s = level.sensitivity
    outcomes = ", ".join(f"{render(f'verdict.{v}', lang)} {n}" for v, n in s.outcomes[level.id].items())
    say("stable" if s.exhaustive else "stable-single", count=s.combinations, outcomes=outcomes)
    questions = {r.id: r for r in assessment.readings}
    for flip in s.single_flips:
        reading = questions[flip.reading]
        say("flip", question=reading.question[lang], alternative=reading.alternatives[flip.alternative]["title"][lang],
            verdict=render(f"verdict.{flip.verdict}", lang))
    if level.confidence is not None:
        say("confidence", confidence=render(f"confidence.{level.confidence}", lang))
    for rest in level.rests_on:
        if rest.could_flip and rest.kind == "parameter" and rest.flips_at is not None and rest.flips_to is not None:
            say("flips-at", id=rest.id, confidence=render(f"confidence.{rest.confidence}", lang),
                value=_amount(rest.flips_at), verdict=render(f"verdict.{rest.flips_to}", lang))
    if not level.robust:
        say("not-robust")


def _criteria(assessment: Assessment, lang: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("criterion", "title", "level", "verdict", "value", "threshold", "margin", "why"):
        table.add_column(render(f"evaluate.column.{column}", lang), overflow="fold")
    titles = {level.id: level.title[lang] for level in assessment.levels}
    for criterion in assessment.criteria:
        for level, outcome in criterion.levels.items():
            if level in assessment.asked:
                table.add_row(*_row(criterion, outcome, titles[level], lang))
    return table


def _row(criterion: CriterionOutcome, outcome: LevelOutcome, level: str, lang: str) -> list[Any]:
    margin = outcome.margin
    distance = "" if margin is None else f"{_number(margin.value, True)} {margin.unit or ''}".strip()
    why = ", ".join(render(f"cause.{c}", lang) for c in outcome.causes)
    if lever := next((r for r in outcome.levers if r.state == "works"), None):
        why = f"{lever.title[lang]}: {_number(lever.smallest)} {lever.unit}"
    limit = f"{outcome.operator or ''} {_amount(outcome.threshold)}".strip() if outcome.threshold else ""
    return [criterion.clause.printed, criterion.title[lang], level, _verdict(outcome.verdict, lang),
            _amount(outcome.value), limit, distance, why]


def _amount(amount: Amount | None) -> str:
    if amount is None:
        return ""
    value = amount.value
    if isinstance(value, Decimal):
        text = _number(value)
    else:
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{text} {amount.unit or ''}".strip()


def _number(value: Decimal | None, signed: bool = False) -> str:
    """A figure for the eye, four places at most; the record keeps every digit."""
    if value is None:
        return ""
    short = value.quantize(_DIGITS) if abs(value) < Decimal(10) ** 20 else value
    text = plain(short if short or not value else value.normalize())
    return f"+{text}" if signed and value > 0 else text


def _findings(console: Console, assessment: Assessment, lang: str) -> None:
    titles = {f"level:{level.id}": level.title[lang] for level in assessment.levels}
    titles |= {f"lever:{r.lever}": r.title[lang] for c in assessment.criteria for o in c.levels.values() for r in o.levers}
    for kind in ("nonconformity", "request", "action"):
        found = [f for f in assessment.findings if f.kind == kind]
        if not found:
            continue
        console.print()
        console.print(Text(render(f"evaluate.kind.{kind}", lang, {"count": len(found)}), style="bold"))
        for finding in found[:_FINDINGS]:
            console.print(f"  – {finding_text(finding, lang, titles)}", soft_wrap=True)
        if len(found) > _FINDINGS:
            console.print("  " + render("evaluate.more", lang, {"count": len(found) - _FINDINGS}))


def finding_text(finding: Finding, lang: str, titles: Mapping[str, str]) -> str:
    """The sentence of a finding, with its severity and who can settle it. *titles*: of ``level:…`` and ``lever:…``."""
    subject = finding.subject or finding.args.get("subject", "")
    args = {**finding.args, "subject": titles.get(f"lever:{subject}", subject)}
    if finding.level is not None:
        args["level"] = titles.get(f"level:{finding.level}", finding.level)
    sentence = finding.text[lang] if finding.text is not None else render(finding.code or "", lang, args)
    parts = [render(f"severity.{finding.severity}", lang)] if finding.severity else []
    if finding.kind == "request" and finding.settled_by is not None:
        parts.append(render(f"settler.{finding.settled_by}", lang))
    return (f"[{', '.join(parts)}] " if parts else "").replace("[", "\\[") + sentence
