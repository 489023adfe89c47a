"""Clause by clause: verdict, value, threshold, margin, evidence, readings, judgements and proof of every criterion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_engine.messages import render
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.charts import Bullet
from zerofactory_mappings.publishing.first_page import rest_name
from zerofactory_mappings.publishing.numbers import decimal_of
from zerofactory_mappings.publishing.proof_view import ProofPages
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.words import Words

#: Comparisons as people write them.
OPERATORS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "=", "!=": "≠", "in": "∈"}
#: Lines of evidence that one criterion lists; the rest is counted and stands in the attached bundle.
EVIDENCE_ROWS = 40
#: Rows without evidence that one line names, and reasons that one level lists.
NAMED_ROWS = 24
REASONS = 12


def clauses(case: Case, words: Words, proofs: ProofPages | None) -> list[dict[str, Any]]:
    """Every criterion in the pack's order, with the dimension it belongs to."""
    a = case.assessment
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    subjects = Subjects(case, words)
    return [_criterion(case, c, titles, words, proofs, subjects) for c in a["criteria"]]


def _criterion(case: Case, c: Mapping[str, Any], titles: Mapping[str, str], words: Words,
               proofs: ProofPages | None, subjects: Subjects) -> dict[str, Any]:
    clause, evidence = c["clause"], _evidence(c, words, subjects)
    return {
        "anchor": anchor(c["id"]), "printed": clause["printed"], "title": words.pick(c["title"]),
        "dimension": words.pick(case.assessment["pack"]["dimensions"].get(c["dimension"], c["dimension"])),
        "kind": words.label("criterion-kind", c["kind"]), "form": words.label("criterion-form", c["form"]),
        "applies": c["applies"],
        "source": clause["source"], "clause_read": clause["clause_read"], "ref": clause["ref"],
        "confidence": words.label("confidence", clause["confidence"]),
        "levels": [_outcome(case, level, outcome, titles, words, subjects) for level, outcome in case.outcomes(c)],
        "evidence": evidence[:EVIDENCE_ROWS], "evidence_more": max(len(evidence) - EVIDENCE_ROWS, 0),
        "evidence_counts": _evidence_counts(c, words),
        "sensitivity": _sensitivity(case, c, titles, words),
        "judgements": [_judgement(j, words) for j in c["judgements"]],
        "proof": proofs.of(case.outcomes(c)) if proofs else None,
    }


def anchor(criterion_id: str) -> str:
    """An HTML id."""
    return "c-" + "".join(ch if ch.isalnum() else "-" for ch in criterion_id)


def _outcome(case: Case, level: str, o: Mapping[str, Any], titles: Mapping[str, str], words: Words,
             subjects: Subjects) -> dict[str, Any]:
    value, threshold = words.beside(_figure(o.get("value")), _figure(o.get("threshold")))
    if threshold != "—":
        threshold = f"{OPERATORS.get(o.get('operator', ''), o.get('operator', ''))} {threshold}".strip()
    margin = o.get("margin")
    return {
        "level": titles.get(level, level), "verdict": o["verdict"], "on_values": o["on_values"],
        "evidence": words.label("evidence", o["evidence"]), "evidence_state": o["evidence"],
        "value": value, "threshold": threshold, "condition": o["condition"],
        "margin": words.signed(margin["value"], margin.get("unit")) if margin else
        words.label("side", o.get("side")) or "—",
        "relative": words.share(margin["relative"]) if margin and margin.get("relative") else "",
        "on_threshold": bool(margin and margin["on_threshold"]), "robust": not margin or margin["robust"],
        "uncertainty": words.with_unit(words.number(margin["uncertainty"]), margin.get("unit"))
        if margin and margin.get("uncertainty") else "",
        "row": margin.get("row", "") if margin else "", "due": o.get("due", ""),
        "confidence": words.label("confidence", o.get("confidence")),
        "reasons": reasons(o["reasons"][:REASONS], words, subjects), "more": max(len(o["reasons"]) - REASONS, 0),
        "rests": [{"name": rest_name(case, r, words), "confidence": words.label("confidence", r["confidence"]),
                   "flips": _flips(r, words)} for r in o["rests_on"]],
    }


def _figure(amount: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A value or threshold worth a column: yes and no are told by the verdict."""
    return None if amount is None or isinstance(amount.get("value"), bool) else amount


def _flips(rest: Mapping[str, Any], words: Words) -> str:
    """How a thing could change the verdict, in words; nothing when it cannot or was not tried."""
    if not rest.get("could_flip"):
        return words.t("report.cannot-flip") if rest.get("could_flip") is False else ""
    at = words.amount(rest.get("flips_at"))
    verdict = words.label("verdict", rest.get("flips_to"))
    return words.t("report.would-flip-at", value=at, verdict=verdict) if at != "—" else words.t(
        "report.would-flip", verdict=verdict)


def reasons(given: object, words: Words, subjects: Subjects) -> list[dict[str, str]]:
    """Why something is open and who can settle it."""
    out = []
    for reason in given if isinstance(given, (list, tuple)) else ():
        args = subjects.arguments(reason["subject"], reason.get("args", {}))
        out.append({"text": render(reason["code"], words.language, args), "cause": words.t(f"cause.{reason['cause']}"),
                    "settler": words.t(f"settler.{reason['settled_by']}")})
    return out


def _evidence(c: Mapping[str, Any], words: Words, subjects: Subjects) -> list[dict[str, Any]]:
    """Rows of one table in the same state stand together; what lacks a document comes first."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for e in sorted(c["evidence"], key=lambda e: e["state"] != "missing"):
        table = e["subject"].partition("/")[0] if "/" in e["subject"] else e["subject"]
        because = [r["code"] for r in e["reasons"]] if e["state"] == "missing" else []
        groups.setdefault((table, e["state"], *e["missing"], *because), []).append(e)
    return [_evidence_group(group, words, subjects) for group in groups.values()]


def _evidence_group(group: Sequence[Mapping[str, Any]], words: Words, subjects: Subjects) -> dict[str, Any]:
    first = group[0]
    subject = subjects.name(first["subject"])
    if len(group) > 1:
        rows = list(dict.fromkeys(e["subject"].partition("/")[2] for e in group))
        named = f"{rows[0]} – {rows[-1]} ({len(rows)})"
        if first["state"] == "missing":                          # each row that lacks something is told by its name
            more = f" … +{len(rows) - NAMED_ROWS}" if len(rows) > NAMED_ROWS else ""
            named = ", ".join(rows[:NAMED_ROWS]) + more
        subject = f"{subjects.name(first['subject'].partition('/')[0])} {named}".strip()
    places: dict[str, list[str]] = {}
    for e in group:
        for d in e["documents"]:
            places.setdefault(d["id"], []).append(d.get("at", ""))
    return {"subject": subject, "state": words.label("evidence", first["state"]),
            "missing": first["state"] == "missing",
            "documents": [_document(name, at) for name, at in places.items()],
            "lacks": _lacks(first, words, subjects)}


def _lacks(e: Mapping[str, Any], words: Words, subjects: Subjects) -> str:
    """Kinds of document that are lacking, else why what is there does not do (nobody has sighted it yet …)."""
    if e["missing"] or e["state"] != "missing":
        return words.join([subjects.document_kind(m) for m in e["missing"]])
    texts = [render(r["code"], words.language, {**subjects.arguments("", r.get("args", {})), "subject": ""})
             for r in e["reasons"]]
    return words.t("report.list-semicolon").join(dict.fromkeys(t.lstrip(" :：,，") for t in texts))


def _document(name: str, places: Sequence[str]) -> str:
    """A document with its page or cell (``D1#page=3``), or with the number of places in it."""
    known = list(dict.fromkeys(p for p in places if p))
    if len(known) == 1:
        return f"{name}#{known[0]}"
    return name + (f" ({len(known)})" if known else "")


def _evidence_counts(c: Mapping[str, Any], words: Words) -> str:
    states = [e["state"] for e in c["evidence"]]
    return words.join([f"{words.label('evidence', s)} {states.count(s)}" for s in dict.fromkeys(states)])


def _sensitivity(case: Case, c: Mapping[str, Any], titles: Mapping[str, str], words: Words) -> dict[str, Any]:
    s, readings = c["sensitivity"], case.index("readings")
    chosen: list[dict[str, Any]] = [{"ref": r["ref"], "question": words.pick(r["question"]),
               "chosen": words.pick(r["alternatives"].get(r["chosen"], {}).get("title", r["chosen"]))}
              for name in s["readings"] if (r := readings.get(name))]
    flips = []
    for f in s["single_flips"]:
        reading = readings.get(f["reading"])
        alternative = reading["alternatives"].get(f["alternative"], {}).get("title") if reading else None
        flips.append({"ref": reading["ref"] if reading else f["reading"],
                      "alternative": words.pick(alternative or f["alternative"]),
                      "level": titles.get(f["level"], f["level"]), "verdict": f["verdict"]})
    outcomes = [{"level": titles.get(level, level),
                 "counts": words.join([f"{words.label('verdict', v)} {n}" for v, n in counts.items()])}
                for level in titles if (counts := s["outcomes"].get(level))]
    for row in chosen:
        row["flips"] = [f for f in flips if f["ref"] == row["ref"]]
    return {"chosen": chosen, "flips": flips, "outcomes": outcomes, "combinations": s["combinations"],
            "exhaustive": s["exhaustive"]}


def _judgement(j: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {"question": j["question"] + (f" @ {j['row']}" if j.get("row") else ""),
            "answer": words.label("judged", j["answer"]), "grounds": j["grounds"], "person": j["person"],
            "on": j.get("on", ""), "seen": words.join(j["evidence_seen"])}


def distances(case: Case, words: Words) -> list[tuple[str, list[Bullet]]]:
    """Criteria with a row per level, for the chart of distances."""
    titles = {name: words.pick(title) for name, title in case.level_titles().items()}
    return [(f"{c['clause']['printed']} {words.pick(c['title'])}",
             [_distance(titles.get(level, level), o, words) for level, o in case.outcomes(c)])
            for c in case.assessment["criteria"]]


def _distance(level: str, o: Mapping[str, Any], words: Words) -> Bullet:
    """Value and threshold where both are known, else why the outcome is what it is."""
    value, threshold = words.beside(_figure(o.get("value")), _figure(o.get("threshold")))
    text = words.label("verdict", o["verdict"])
    if threshold != "—" and value != "—":
        unit = " " + words.unit(o["threshold"].get("unit"))
        if unit.strip() and value.endswith(unit):            # the unit once, behind the threshold
            value = value.removesuffix(unit)
        text += f"{words.t('report.colon')}{value} ({OPERATORS.get(o.get('operator', ''), '')} {threshold})"
    elif o["causes"]:
        text += words.t("report.colon") + words.join([words.t(f"cause.{c}") for c in o["causes"]])
    return Bullet(level, decimal_of((o.get("margin") or {}).get("relative")), o["verdict"], text)
