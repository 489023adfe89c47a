"""What a person sees of an assessment on the terminal: the first page of the report and the criteria, in zh or en.

Blocks of indented lines, not a table: titles and causes are sentences, and the page has to read well in 80 columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from zerofactory_engine.decimals import plain
from zerofactory_engine.evaluation.model import Amount, Assessment, CriterionOutcome, Finding, LevelOutcome, Verdict
from zerofactory_engine.messages import render

_STYLES = {Verdict.MET: "green", Verdict.NOT_MET: "bold red", Verdict.INDETERMINATE: "yellow",
           Verdict.NOT_APPLICABLE: "dim", Verdict.ERROR: "bold magenta"}
#: Columns of a line where the output is no terminal.
_WIDTH = 120
#: A text is not broken into lines of fewer columns than this, however narrow the terminal.
_NARROWEST = 24
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
    say("dates" if assessment.known_on else "dates-all", valid_on=assessment.valid_on, known_on=assessment.known_on)
    if pack["provisional"]:
        say("provisional")
    console.print()
    _levels(console, assessment, lang)
    for level in assessment.levels:
        if level.asked:
            _rests(console, assessment, level, lang)
    _criteria(console, assessment, lang)
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


def _indented(console: Console, text: str, by: int, first: Text | None = None) -> None:
    """Print *text* so that it keeps its indent of *by* columns where it is broken; *first* stands before it."""
    head = Text("") if first is None else first.copy()
    head.append(" " * (by - head.cell_len))
    for line in Text(text).wrap(console, max(console.width - by, _NARROWEST)):
        line.rstrip()
        console.print(head + line, soft_wrap=True)
        head = Text(" " * by)


def _levels(console: Console, assessment: Assessment, lang: str) -> None:
    """Every level with its verdict, then what is known of it and why the rest is open."""
    for level in assessment.levels:
        head = Text.assemble((f"{level.title[lang]} [{level.id}]", "bold" if level.asked else "dim"), "  ",
                             _verdict(level.verdict, lang))
        console.print(head, soft_wrap=True)
        args = {"met": len(level.met), "not_met": len(level.not_met), "open": len(level.indeterminate),
                "known": "–" if level.known_part is None else render(f"verdict.{level.known_part}", lang)}
        _indented(console, render("evaluate.counts", lang, args), 4)
        if level.by_cause:
            causes = ", ".join(f"{render(f'cause.{c}', lang)} {n}" for c, n in level.by_cause.items())
            _indented(console, render("evaluate.causes", lang, {"causes": causes}), 4)


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


def _criteria(console: Console, assessment: Assessment, lang: str) -> None:
    """A block for each asked level: verdict, clause and title of each criterion; below, figures, cause and lever."""
    width = max(cell_len(render(f"verdict.{verdict}", lang)) for verdict in Verdict) + 2
    for level in assessment.levels:
        if not level.asked:
            continue
        console.print()
        console.print(Text(render("evaluate.criteria", lang, {"level": level.title[lang]}), style="bold"))
        for criterion in assessment.criteria:
            if level.id in criterion.levels:
                _criterion(console, criterion, criterion.levels[level.id], width, lang)


def _criterion(console: Console, criterion: CriterionOutcome, outcome: LevelOutcome, width: int, lang: str) -> None:
    _indented(console, f"{criterion.clause.printed}  {criterion.title[lang]}", 2 + width,
              Text.assemble("  ", _verdict(outcome.verdict, lang)))
    parts = [_amount(outcome.value)]
    if outcome.threshold and _amount(outcome.threshold):
        limit = f"{outcome.operator or ''} {_amount(outcome.threshold)}".strip()
        parts.append(render("evaluate.limit", lang, {"limit": limit}))
    if outcome.margin is not None:
        margin = f"{_number(outcome.margin.value, True)} {outcome.margin.unit or ''}".strip()
        parts.append(render("evaluate.margin", lang, {"margin": margin}))
    parts.extend(render(f"cause.{c}", lang) for c in outcome.causes)
    if any(parts):
        _indented(console, " · ".join(part for part in parts if part), 2 + width)
    if lever := next((r for r in outcome.levers if r.state == "works"), None):
        change = {"lever": lever.title[lang], "amount": f"{_number(lever.smallest)} {lever.unit}"}
        _indented(console, render("evaluate.change", lang, change), 2 + width)


def _amount(amount: Amount | None) -> str:
    if amount is None or isinstance(amount.value, bool):  # a yes or no says nothing beside its verdict
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
    outcomes = [outcome for criterion in assessment.criteria for outcome in criterion.levels.values()]
    titles |= {f"lever:{lever.lever}": lever.title[lang] for outcome in outcomes for lever in outcome.levers}
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
