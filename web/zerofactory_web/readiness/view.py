"""What the result page says, in plain values: verdicts, progress, what is missing, distances, changes, readings.

It is made of the same parts as the assessment report, so that page and PDF never differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zerofactory_mappings.publishing import annexes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.charts import Bullet, bullets
from zerofactory_mappings.publishing.clauses import clauses, distances, reasons
from zerofactory_mappings.publishing.document import SCREEN_FONTS
from zerofactory_mappings.publishing.first_page import first_page
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.words import Words

#: The order in which those who can settle something are listed: whom the reader is comes first.
SETTLERS = ("applicant", "body", "issuer")
#: Open points of one settler that are listed; the report has all.
MOST_POINTS = 120
#: Criteria in one chart.
CHART_ROWS = 8
#: Units of a bar of progress, and between its parts.
BAR, GAP = 1000, 5
_PARTS = ("met", "not_applicable", "not_met", "error", "indeterminate")


def result_view(case: Case, words: Words) -> dict[str, Any]:
    """Everything that the template needs, and the sections of the JSON answer."""
    a = case.assessment
    first = first_page(case, words)
    subject, pack = a["subject"], a["pack"]
    rows = clauses(case, words, None)
    return {
        "facility": _name(subject["facility"], words), "organisation": _name(subject.get("organisation"), words),
        "period": subject["period"], "dossier": subject["dossier"], "valid_on": a["valid_on"], "id": a["id"],
        "pack": {"title": words.pick(pack["title"]), "edition": pack["edition"], "id": pack["id"],
                 "version": pack["version"], "concluded_by": words.pick(pack["concluded_by"]),
                 "provisional": pack["provisional"]},
        "levels": [_level(level, one) for level, one in zip(_levels(case), first["levels"], strict=True)],
        "criteria": [_criterion(row, case, words) for row in rows],
        "missing": _missing(case, words), "charts": _charts(case, words),
        "levers": _levers(case, words),
        "flips": first["flips"]["items"], "checked": first["checked"], "rests": first["rests"]["items"],
        "readings": annexes.readings(case, words), "gaps": [words.pick(g) for g in pack["known_gaps"]],
    }


def _levels(case: Case) -> list[Mapping[str, Any]]:
    return sorted(case.assessment["levels"], key=lambda level: level["order"])


def _name(thing: Mapping[str, Any] | None, words: Words) -> str:
    if not thing:
        return ""
    if thing.get("name"):
        return words.pick(thing["name"])
    entities = thing.get("entities") or ()
    return words.pick(entities[0].get("name")) if entities else str(thing.get("id", ""))


def _level(level: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Verdict and counts of a level, and the parts of its bar of progress (of :data:`BAR` units)."""
    total = sum(shown[part] for part in _PARTS)
    bar, at = [], 0
    for part in _PARTS:
        width = BAR * shown[part] // total if total else 0
        if width:
            bar.append({"part": part, "x": at, "width": max(width - GAP, GAP)})
            at += width
    return {**shown, "id": level["id"], "total": total, "settled": shown["met"] + shown["not_applicable"], "bar": bar}


def _criterion(row: Mapping[str, Any], case: Case, words: Words) -> dict[str, Any]:
    """One criterion with what the page's tables say of it."""
    outcomes = [{key: o[key] for key in ("level", "verdict", "value", "threshold", "margin", "relative", "robust")}
                for o in row["levels"]]
    return {"code": row["printed"], "title": row["title"], "dimension": row["dimension"], "kind": row["kind"],
            "levels": outcomes, "numbers": any(o["threshold"] != "—" for o in outcomes)}


def _missing(case: Case, words: Words) -> list[dict[str, Any]]:
    """Open points by who can settle them: criterion, why, and the levels that it keeps open."""
    points: dict[str, dict[tuple[str, str, str], dict[str, Any]]] = {}
    for settler, criterion, level, reason in _open(case, words):
        entry = points.setdefault(settler, {}).setdefault((criterion, reason["text"], reason["cause"]), {
            "criterion": criterion, "text": reason["text"], "cause": reason["cause"], "levels": []})
        if level not in entry["levels"]:
            entry["levels"].append(level)
    return [{"settler": settler, "name": words.t(f"settler.{settler}"), "count": len(found),
             "items": list(found.values())[:MOST_POINTS], "more": max(len(found) - MOST_POINTS, 0)}
            for settler in SETTLERS if (found := points.get(settler))]


def _open(case: Case, words: Words) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(settler, criterion, level, reason) of every open point at the levels asked for."""
    subjects = Subjects(case, words)
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    asked = set(case.assessment["asked"])
    for c in case.assessment["criteria"]:
        name = f"{c['clause']['printed']} {words.pick(c['title'])}"
        for level, outcome in case.outcomes(c):
            if level not in asked or outcome["verdict"] not in ("indeterminate", "error"):
                continue
            told = reasons(outcome["reasons"], words, subjects)
            for given, reason in zip(outcome["reasons"], told, strict=True):
                yield given["settled_by"], name, titles.get(level, level), reason


def _levers(case: Case, words: Words) -> list[dict[str, Any]]:
    """The smallest change of each lever for each unmet criterion at the levels asked for; those that do it first."""
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    rows = []
    for c in case.assessment["criteria"]:
        for level, outcome in case.outcomes(c):
            if level not in case.assessment["asked"]:
                continue
            rows += [_lever(c, titles.get(level, level), lever, words) for lever in outcome["levers"]
                     if lever["state"] not in ("not_needed", "no_effect")]
    return sorted(rows, key=lambda row: not row["works"])


def _lever(criterion: Mapping[str, Any], level: str, lever: Mapping[str, Any], words: Words) -> dict[str, Any]:
    smallest, most = lever.get("smallest"), lever.get("maximum")
    return {"criterion": f"{criterion['clause']['printed']} {words.pick(criterion['title'])}", "level": level,
            "title": words.pick(lever["title"]), "works": lever["state"] == "works",
            "state": words.label("lever", lever["state"]), "works_for": words.label("works", lever["works_for"]),
            "smallest": words.with_unit(words.number(smallest), lever["unit"]) if smallest is not None else "—",
            "most": words.with_unit(words.number(most), lever["unit"]) if most is not None else "—",
            "cost": words.amount(lever.get("cost"))}


def _charts(case: Case, words: Words) -> list[str]:
    """Charts of the criteria at which a distance is known; the others stand in the table only."""
    groups: list[tuple[str, list[Bullet]]] = [
        (label, rows) for label, rows in distances(case, words) if any(r.relative is not None for r in rows)]
    axis = (words.t("report.short-of"), words.t("report.threshold"), words.t("report.beyond"))
    title = words.t("report.chart.distances")
    return [bullets(f"distance{i}", title, groups[i:i + CHART_ROWS], axis, SCREEN_FONTS)
            for i in range(0, len(groups), CHART_ROWS)]
