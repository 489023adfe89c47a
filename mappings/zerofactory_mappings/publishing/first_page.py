"""The first page: what came out, on what it rests, what is open, and what kind of document this is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.words import Words

#: How many entries of a list the first page holds before it refers to the section that has all.
SHOWN = 5


def first_page(case: Case, words: Words) -> dict[str, Any]:
    """Everything the template needs for the page."""
    a = case.assessment
    readings = case.index("readings")
    levels = sorted(a["levels"], key=lambda level: level["order"])
    return {
        "levels": [_level(level, words) for level in levels],
        "causes": _causes(levels, words),
        "rests": _rests(case, words),
        "confidence": _confidence(a, words),
        "flips": _flips(levels, readings, words),
        "checked": _checked(levels, words),
        "gaps": _capped([words.pick(g) for g in a["pack"]["known_gaps"]]),
    }


def _capped(items: Sequence[Any], limit: int = SHOWN) -> dict[str, Any]:
    return {"items": list(items[:limit]), "more": max(len(items) - limit, 0), "count": len(items)}


def _level(level: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {"title": words.pick(level["title"]), "asked": level["asked"], "verdict": level["verdict"],
            "known_part": level.get("known_part"), "met": len(level["met"]), "not_met": len(level["not_met"]),
            "indeterminate": len(level["indeterminate"]), "not_applicable": len(level["not_applicable"]),
            "error": len(level["error"]), "stable": level["stable"], "robust": level["robust"]}


def _causes(levels: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Indeterminate criteria by cause: how many at each level and who can settle them."""
    causes = list(dict.fromkeys(c for level in levels for c in level["by_cause"]))
    rows = []
    for cause in causes:
        settlers = dict.fromkeys(s for level in levels for i in level["indeterminate"] if cause in i["causes"]
                                 for s in i["settled_by"] if _settles(cause, s))
        rows.append({"cause": words.t(f"cause.{cause}"),
                     "counts": [level["by_cause"].get(cause, 0) for level in levels],
                     "settlers": words.join([words.t(f"settler.{s}") for s in settlers])})
    return rows


def _settles(cause: str, settler: str) -> bool:
    """Whether *settler* is the one whom *cause* calls (a criterion with two causes names the settlers of both)."""
    from zerofactory_engine.reasons import SETTLED_BY, Cause

    return SETTLED_BY[Cause(cause)].value == settler


def _rests(case: Case, words: Words) -> dict[str, Any]:
    """Values, factors and clauses less than confirmed that can flip a level; how many more cannot, each once.

    Readings that flip a level stand in a list of their own.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for level in case.assessment["levels"]:
        for rest in level["rests_on"]:
            entry = found.setdefault((rest["kind"], rest["id"]), {
                "kind": words.label("rest", rest["kind"]), "name": rest_name(case, rest, words), "flips": [],
                "confidence": words.label("confidence", rest["confidence"]), "reading": rest["kind"] == "reading"})
            if rest.get("could_flip"):
                entry["flips"].append(_flip_words(level, rest, words))
    flipping = [e for e in found.values() if e["flips"] and not e["reading"]]
    return _capped(flipping) | {"others": sum(not e["flips"] for e in found.values())}


def _flip_words(level: Mapping[str, Any], rest: Mapping[str, Any], words: Words) -> str:
    target = words.label("verdict", rest.get("flips_to"))
    at = words.amount(rest.get("flips_at"))
    key = "report.flips-at" if at != "—" else "report.flips-to"
    return words.t(key, level=words.pick(level["title"]), verdict=target, value=at)


def rest_name(case: Case, rest: Mapping[str, Any], words: Words) -> str:
    """What a thing that an outcome rests on is called: its title and, where it has one, the criterion's code."""
    kind, name = rest["kind"], rest["id"]
    if kind == "parameter":
        entry = case.index("parameters").get(name)
        owner = name.split("/")[0] + " " if "/" in name else ""
        return owner + words.pick(entry["title"]) if entry else name
    if kind == "reading":
        entry = case.index("readings").get(name)
        return f"{entry['ref']} {words.pick(entry['question'])}" if entry else name
    if kind == "clause" and (criterion := case.criterion(name)):
        return f"{criterion['clause']['printed']} {words.pick(criterion['title'])}"
    return str(name)


def _confidence(a: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """How many values of the standard that enter here are confirmed, second-hand and unconfirmed."""
    used = [p for p in a["parameters"] if p["state"] == "value"]
    counts = {kind: sum(p.get("confidence") == kind for p in used)
              for kind in ("confirmed", "secondary", "unconfirmed")}
    return counts | {"unknown": sum(p["state"] == "unknown" for p in a["parameters"]),
                     "weakest": [(words.pick(level["title"]), words.label("confidence", level["confidence"]))
                                 for level in a["levels"] if level.get("confidence")]}


def _flips(levels: Sequence[Mapping[str, Any]], readings: Mapping[str, Mapping[str, Any]], words: Words
           ) -> dict[str, Any]:
    """Readings whose other alternative, alone, changes a level."""
    rows: dict[str, dict[str, Any]] = {}
    for level in levels:
        for flip in level["sensitivity"]["single_flips"]:
            if flip["level"] != level["id"]:
                continue
            reading = readings.get(flip["reading"])
            alternative = reading["alternatives"].get(flip["alternative"]) if reading else None
            name = f"{reading['ref']} {words.pick(reading['question'])}" if reading else flip["reading"]
            row = rows.setdefault(name, {"name": name, "ways": []})
            row["ways"].append({"alternative": words.pick(alternative["title"]) if alternative else flip["alternative"],
                                "level": words.pick(level["title"]), "verdict": flip["verdict"]})
    return _capped(list(rows.values()))


def _checked(levels: Sequence[Mapping[str, Any]], words: Words) -> list[str]:
    """How many combinations of readings were tried per level and what they gave."""
    out = []
    for level in levels:
        s = level["sensitivity"]
        outcomes = s["outcomes"].get(level["id"], {})
        if s["combinations"] > 1:
            listed = words.join([f"{words.label('verdict', v)} {n}" for v, n in outcomes.items()])
            key = "report.combinations" if s["exhaustive"] else "report.combinations-single"
            out.append(words.t(key, level=words.pick(level["title"]), count=s["combinations"], outcomes=listed))
    return out
