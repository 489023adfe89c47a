"""Findings, checks, evidence, factors, readings and pins: the sections behind the clauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.messages import catalogue, render
from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.subjects import Subjects, stated
from zerofactory_mappings.publishing.words import Words

#: Order in which findings are shown.
_ORDER = ("nonconformity", "request", "action", "observation")


def findings(case: Case, words: Words) -> list[dict[str, Any]]:
    """Findings by kind, worst first, each with the smallest changes that would meet its criterion."""
    a = case.assessment
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    subjects = Subjects(case, words)
    groups = []
    for kind in _ORDER:
        found = [f for f in a["findings"] if f["kind"] == kind]
        found.sort(key=lambda f: f.get("severity") != "major")
        if found:
            groups.append({"title": words.label("finding", kind), "kind": kind, "count": len(found),
                           "items": _merged([_finding(case, f, titles, words, subjects) for f in found])})
    return groups


def _finding(case: Case, f: Mapping[str, Any], titles: Mapping[str, str], words: Words,
             subjects: Subjects) -> dict[str, Any]:
    criterion = case.criterion(f.get("criterion", ""))
    level = f.get("level", "")
    return {"severity": f.get("severity", ""), "severity_label": words.label("severity", f.get("severity")),
            "criterion": f"{criterion['clause']['printed']} {words.pick(criterion['title'])}" if criterion else
            f.get("criterion") or subjects.name(f.get("subject") or f["args"].get("subject", "")),
            "level": titles.get(level, level), "text": finding_text(f, titles, words, subjects), "rule": f["rule"],
            "settler": words.t(f"settler.{f['settled_by']}") if f.get("settled_by") else ""}


def _merged(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings that read the same stand once, with how often they were made."""
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for item in items:
        merged.setdefault((item["criterion"], item["level"], item["text"], item["settler"], item["severity"]),
                          item | {"times": 0})["times"] += 1
    return list(merged.values())


def finding_text(f: Mapping[str, Any], titles: Mapping[str, str], words: Words, subjects: Subjects) -> str:
    """The sentence of a finding: the pack's own text, else the sentence of its code."""
    if f.get("text"):
        return words.pick(f["text"])
    args = subjects.arguments(f.get("subject", ""), f["args"])
    args["level"] = titles.get(f["args"].get("level", ""), f["args"].get("level", ""))
    code = f.get("code", "")
    if code in catalogue(words.language):
        return render(code, words.language, args)
    return words.t(f"cause.{f['cause']}") if f.get("cause") else code


def levers(case: Case, words: Words) -> list[dict[str, Any]]:
    """The smallest change per unmet criterion, level and lever; levers without effect stand together."""
    rows = []
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    for c in case.assessment["criteria"]:
        for level, outcome in case.outcomes(c):
            for lever in outcome["levers"]:
                if lever["state"] not in {"not_needed", "no_effect"}:
                    rows.append(_lever(c, titles.get(level, level), lever, words))
            idle = [words.pick(lever["title"]) for lever in outcome["levers"] if lever["state"] == "no_effect"]
            if idle:
                rows.append({"criterion": c["clause"]["printed"], "level": titles.get(level, level), "smallest": "—",
                             "title": words.join(idle), "state": words.label("lever", "no_effect"), "bounds": "—",
                             "method": "", "works_for": "", "cost": "—"})
    return rows


def _lever(c: Mapping[str, Any], level: str, lever: Mapping[str, Any], words: Words) -> dict[str, Any]:
    smallest = lever.get("smallest")
    bounds = "—"
    if lever.get("maximum") is not None:
        least = words.number(lever.get("minimum", "0"))
        bounds = words.with_unit(f"{least} – {words.number(lever['maximum'])}", lever["unit"])
    return {"criterion": c["clause"]["printed"], "level": level, "title": words.pick(lever["title"]),
            "state": words.label("lever", lever["state"]), "bounds": bounds,
            "smallest": words.with_unit(words.number(smallest), lever["unit"]) if smallest is not None else "—",
            "method": words.label("method", lever["method"]) if lever["method"] == "bisection" else "",
            "works_for": words.label("works", lever["works_for"]),
            "cost": words.amount(lever.get("cost"))}


def crosschecks(case: Case, words: Words) -> list[dict[str, str]]:
    """Each cross-check as rows of what it states."""
    return [{"id": str(x["id"]), "quantity": str(x["quantity"]),
             "stated": _pairs("crosschecks", x, words, ("id", "quantity"))} for x in case.assessment["crosschecks"]]


def estimates(case: Case, words: Words) -> list[dict[str, str]]:
    """Estimated values with their method and share of the total."""
    subjects = Subjects(case, words)
    return [{"row": subjects.name(e["row"]),
             "obtained": codes.name_of(e["obtained"], words.language, "obtained") or e["obtained"],
             "value": words.amount({"value": e.get("value"), "unit": e.get("unit")}), "method": e.get("method", "—"),
             "conservative": words.plain_value(e.get("conservative")),
             "share": words.share(e["share"]) if e.get("share") else "—"} for e in case.assessment["estimates"]]


def gaps(case: Case, words: Words) -> list[dict[str, str]]:
    """Holes in the data."""
    return [{"id": str(g["id"]), "stated": _pairs("gaps", g, words, ("id", "table"))} for g in case.assessment["gaps"]]


def _pairs(part: str, entry: Mapping[str, Any], words: Words, skip: tuple[str, ...]) -> str:
    """What an entry states, field by field; lists inside it likewise."""
    colon, separator = words.t("report.colon"), words.t("report.list-semicolon")
    texts = [f"{title}{colon}{value}" for title, value in stated(part, entry, words, skip)]
    for key, value in entry.items():
        if isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            column = codes.section(part).get(key)
            inner = [words.join([v for _, v in stated(f"{part}.{key}", row, words)]) for row in value]
            texts.append(f"{words.pick(column.title) if column else key}{colon}{separator.join(inner)}")
    return separator.join(texts)


def documents(case: Case, words: Words) -> list[dict[str, str]]:
    """The list of evidence with hashes."""
    rows = []
    for d in case.assessment["documents"]:
        covers = " – ".join(x for x in (d.get("covers_from", ""), d.get("covers_to", "")) if x)
        kind = codes.name_of(d["kind"], words.language, "document_kinds") or d["kind"]
        rows.append({"id": d["id"], "kind": kind, "title": words.pick(d.get("title")),
                     "file": d.get("file", ""), "issued": d.get("issued_on", ""), "covers": covers,
                     "state": words.label("file", d["state"]), "sha256": d.get("sha256", "").removeprefix("sha256:"),
                     "used_by": words.join(d["used_by"])})
    return rows


def parameters(case: Case, words: Words) -> list[dict[str, Any]]:
    """Values that the standard sets, with dates of effect, source and confidence."""
    rows = []
    for p in case.assessment["parameters"]:
        state = p["state"]
        value = words.with_unit(words.value(p["value"]), p.get("unit")) if state == "value" and not p["masked"] else \
            words.label("parameter", "masked" if p["masked"] else state)
        effect = p.get("valid_from", "") + (f" – {p['valid_to']}" if p.get("valid_to") else "")
        rows.append({"id": p["id"], "title": words.pick(p["title"]), "value": value, "effect": effect,
                     "source": p.get("source", ""), "confidence": words.label("confidence", p.get("confidence")),
                     "confirmed": p.get("last_confirmed", "")})
    return rows


def readings(case: Case, words: Words) -> list[dict[str, Any]]:
    """How each unclear clause was read, why, and what else it could mean."""
    rows = []
    for r in case.assessment["readings"]:
        chosen = r["alternatives"].get(r["chosen"], {})
        others = [words.pick(alt["title"]) for name, alt in r["alternatives"].items() if name != r["chosen"]]
        rows.append({"ref": r["ref"], "question": words.pick(r["question"]),
                     "chosen": words.pick(chosen.get("title", r["chosen"])), "because": words.pick(r["because"]),
                     "by": words.label("chosen", r["chosen_by"]),
                     "others": words.t("report.list-semicolon").join(others),
                     "confidence": words.label("confidence", chosen.get("confidence"))})
    return rows


def pins(case: Case, words: Words) -> list[tuple[str, str, str]]:
    """Everything that the assessment used, with version and hash."""
    p = case.assessment["pins"]
    rows = [(words.t("report.pin-dossier"), p["dossier"]["id"], p["dossier"]["sha256"]),
            (words.t("report.pin-pack"), f"{p['pack']['id']} {p['pack']['version']}", p["pack"]["sha256"])]
    if p["overlay"]:
        rows.append((words.t("report.pin-overlay"), f"{p['overlay']['id']} {p['overlay']['version']}",
                     p["overlay"]["sha256"]))
    if p["judgements"]:
        rows.append((words.t("report.pin-judgements"), "", p["judgements"]["sha256"]))
    colon = words.t("report.colon")
    rows += [(words.t("report.pin-factors"), f"{f['role']}{colon}{f['id']} {f['version']}", f["sha256"])
             for f in p["factor_sets"]]
    rows += [(words.t("report.pin-codes"), c["id"], c["sha256"]) for c in p["code_lists"]]
    rows.append((words.t("report.pin-units"), "", p["units"]["sha256"]))
    return [(what, name, digest.removeprefix("sha256:")) for what, name, digest in rows]
