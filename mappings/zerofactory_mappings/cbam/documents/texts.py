"""Texts that documents, workbook and terminal share: what is missing, the rounding rule, dates, acts, problems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zerofactory_engine.messages import render_problem
from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.documents.building import LANGUAGE, say
from zerofactory_mappings.cbam.documents.items import Item
from zerofactory_mappings.cbam.documents.model import Report
from zerofactory_mappings.cbam.documents.rounding import decimals
from zerofactory_mappings.cbam.documents.words import first_up, provisional_name

#: Deadlines that concern an operator's documents.
_DEADLINES = ("declaration", "retention_operator", "retention_declarant")


def lacking_texts(item: Item, lacking: Iterable[str], language: str = LANGUAGE) -> list[str]:
    """What is missing, in words, each once with how often."""
    counts: dict[str, int] = {}
    for path in lacking:
        parts = path.split("/")
        name = _name_in(item, parts, language)
        counts[name] = counts.get(name, 0) + 1
    return [name if n == 1 else f"{name} ({n}×)" for name, n in counts.items()]


def _name_in(item: Item, parts: Sequence[str], language: str) -> str:
    fields = {f.id: f.names.of(language) for f in item.fields}
    lists = {x.id: x for x in item.lists}
    if len(parts) == 1:
        return lists[parts[0]].names.of(language) if parts[0] in lists else fields.get(parts[0], parts[0])
    of_list = lists[parts[0]]
    inner = {f.id: f.names.of(language) for f in of_list.fields}
    return f"{of_list.names.of(language)}: {inner.get(parts[-1], parts[-1])}"


def few(names: Sequence[str], most: int = 4) -> list[str]:
    """The first names, and how many more there are."""
    return [*names[:most], *([f"… +{len(names) - most}"] if len(names) > most else [])]


def rounding_rule() -> str:
    """The rounding rule, as it is printed."""
    return say("rounding", see=decimals("see"), tonnes=decimals("tonnes"))


def dates(report: Report) -> list[tuple[str, str, str]]:
    """Retention and deadlines that concern the period: what, when, by which act."""
    end = report.case.installation.period_end
    rows: list[tuple[str, str, str]] = []
    if end is not None:
        rows += [(first_up(d.en), d.date.isoformat(), f"{d.source.act} {d.source.annex}")
                 for d in tables.deadlines(end.year) if d.id in _DEADLINES]
    for name in ("retention_data_years", "retention_verification_years"):
        cited = tables.constant(name)
        rows.append((say(f"retention.{name}"), say("retention.years", years=f"{cited.value:f}"),
                     f"{cited.source.act} {cited.source.annex}"))
    return rows


def acts(report: Report) -> list[tuple[str, str]]:
    """Acts that figures were taken from, with their names."""
    found = []
    for name in dict.fromkeys([report.document.act, *report.case.result.sources]):
        row = tables.act(name)
        found.append((name, row.text("en") if row is not None else ""))
    return found


def problem_lines(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """Problems in English, the worst first."""
    order = {"error": 0, "warning": 1, "note": 2}
    return [{"severity": say(f"severity.{p.severity}"), "text": render_problem(p, LANGUAGE)}
            for p in sorted(problems, key=lambda p: order[p.severity])]


def provisional(report: Report) -> list[str]:
    """What is provisional, in words."""
    return list(dict.fromkeys(provisional_name(p) for p in report.case.result.provisional))
