"""What the page template shows of a verification and of changes of a plan: plain tables."""

from __future__ import annotations

from collections.abc import Sequence

from zerofactory_mappings.cbam.documents.building import say
from zerofactory_mappings.cbam.documents.plan_compare import Change
from zerofactory_mappings.cbam.documents.rounding import text
from zerofactory_mappings.cbam.documents.verification import Evaluation
from zerofactory_mappings.cbam.documents.view import Table, see_text, share_text
from zerofactory_mappings.cbam.documents.words import short_percent

_CHANGES = ("path", "before", "after", "kind", "significant")
_TOGETHER = ("cn", "good", "value", "reported", "corrected", "share", "limit", "material")
_ALONE = ("id", "path", "good", "value", "difference", "share", "material")
_SAMPLING = ("order", "path", "name", "emissions", "share", "cumulative", "selected")
_VISIT = ("rule", "clause", "allows", "forbids")


def change_rows(changes: Sequence[Change]) -> Table:
    """Changes between two versions of a plan."""
    rows = [[c.path, c.before or "—", c.after or "—", say(f"change.{c.kind}"), say(f"significant.{c.significant}")]
            for c in changes]
    return _plain("", [say(f"change-head.{h}") for h in _CHANGES], rows, (), (26, 23, 23, 15, 13), "")


def verification_tables(made: Evaluation) -> list[Table]:
    """Materiality, effects, sampling and site visit of a verification."""
    found = [_together(made), _alone(made), _sampled(made), _visit(made)]
    return [t for t in found if t["rows"]]


def _together(made: Evaluation) -> Table:
    rows = [[d.good.cn or "—", d.good.name, say(f"value.{d.value}"), see_text(d.reported), see_text(d.corrected),
             share_text(d.share), text(d.limit, "share"), _answer(d.material)] for d in made.together]
    return _table("together", _TOGETHER, rows, (3, 4, 5, 6), (12, 23, 15, 12, 12, 9, 8, 9),
                  say("verified.together-note"))


def _alone(made: Evaluation) -> Table:
    rows = [[m.id, m.path or "—", d.good.cn or d.good.name, say(f"value.{d.value}"), see_text(d.misstatement),
             share_text(d.share), _answer(d.material)] for m in made.misstatements for d in m.effects]
    return _table("alone", _ALONE, rows, (4, 5), (14, 26, 15, 15, 12, 9, 9), "")


def _sampled(made: Evaluation) -> Table:
    rows = [[str(number), row.of.path, row.of.name,
             "—" if row.of.emissions is None else text(row.of.emissions, "tonnes"), short_percent(row.share),
             short_percent(row.cumulative), _answer(row.selected)] for number, row in enumerate(made.sampling.rows, 1)]
    note = say("verified.sampling-note", coverage=text(made.sampling.coverage, "share"),
               reached=short_percent(made.sampling.reached))
    return _table("sampling", _SAMPLING, rows, (0, 3, 4, 5), (6, 27, 24, 11, 10, 12, 10), note)


def _visit(made: Evaluation) -> Table:
    rows = [[rule.names.en, f"2025/2546 {rule.clause}", ", ".join(say(f"visit.{v}") for v in rule.allow) or "—",
             ", ".join(say(f"visit.{v}") for v in rule.forbid) or "—"] for rule in made.visit.rules]
    note = say("verified.visit-note", allowed=", ".join(say(f"visit.{v}") for v in made.visit.allowed))
    if made.visit.by_reading:
        note += " " + say("paper.by-reading", reading=say(f"reading.{made.visit.reading}"))
    return _table("visit", _VISIT, rows, (), (47, 21, 16, 16), note)


def _table(ident: str, head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int],
           widths: Sequence[int], note: str) -> Table:
    return _plain(say(f"verified.{ident}"), [say(f"verified-head.{h}") for h in head], rows, numeric, widths, note)


def _plain(caption: str, head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int],
           widths: Sequence[int], note: str) -> Table:
    return {"caption": caption, "head": head, "rows": rows, "numeric": tuple(numeric),
            "widths": tuple(widths), "note": note, "wide": False}


def _answer(answer: bool | None) -> str:
    return say("answer.unknown" if answer is None else "answer.yes" if answer else "answer.no")
