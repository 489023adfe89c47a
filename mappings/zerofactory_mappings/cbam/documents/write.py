"""Documents as JSON (``zerofactory/cbam-report/1``), HTML and PDF, in English, the language of the law.

JSON keeps every figure rounded as the law has its kind and, except in the summary, at full precision beside it. The
PDF is PDF/A-3a and PDF/UA-1 at once and carries the JSON; the same input gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.decimals import plain
from zerofactory_mappings.cbam.documents import texts
from zerofactory_mappings.cbam.documents.building import say
from zerofactory_mappings.cbam.documents.items import Field, completeness
from zerofactory_mappings.cbam.documents.model import ItemReport, Quantity, Report, State, Value
from zerofactory_mappings.cbam.documents.plan_compare import Change
from zerofactory_mappings.cbam.documents.rounding import rounded
from zerofactory_mappings.cbam.documents.verification import Evaluation

FORMAT = "zerofactory/cbam-report/1"
SUMMARY, EMISSIONS, PLAN, VERIFICATION = "summary_report", "emissions_report", "monitoring_plan", "verification_report"
#: Decimals of a share in the summary.
_SHARE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Beside:
    """What some documents show beside their items: changes of a plan against an earlier one, the evaluation of a
    verification."""

    changes: tuple[Change, ...] | None = None
    previous: str = ""
    evaluation: Evaluation | None = None


NOTHING = Beside()


# --- JSON ------------------------------------------------------------------------------------------------------------

def report_json(report: Report, beside: Beside = NOTHING) -> dict[str, Any]:
    """The document as plain data. A summary holds no exact figure, no problem and no proof: they would tell
    quantities."""
    case, public = report.case, report.document.id == SUMMARY
    given = case.installation
    out: dict[str, Any] = {
        "format": FORMAT, "document": report.document.id, "title": report.document.names.en, "act": report.document.act,
        "annex": report.document.annex, "basis": str(case.result.basis),
        "installation": {"name": given.name, "registry_id": given.registry_id, "country": given.country},
        "period": {"start": given.period_start, "end": given.period_end}, "issued": report.issued,
        "complete": report.complete, "complete_when": completeness()["complete_when"]["en"],
        "counts": {str(s): report.count(s) for s in State},
        "items": [_item_json(i, public) for i in report.items], "rounding": texts.rounding_rule(),
        "dates": [{"what": what, "when": when, "source": source} for what, when, source in texts.dates(report)],
        "sources": [name for name, _ in texts.acts(report)], "provisional": list(case.result.provisional),
        "plan": None if case.plan is None else {
            "version": case.plan.current.text("version"), "date": case.plan.current.day("date"),
            "sha256": case.plan.sha256},
    }
    if report.document.id == VERIFICATION:
        out["working_paper"] = say("paper.working-paper")
    if not public:
        out["problems"] = list(report.problems)
    if report.document.id == EMISSIONS and case.result.proof is not None:
        out["proof"] = case.result.proof.as_json()
    if beside.changes is not None:
        out["changes"] = {"from": beside.previous, "list": list(beside.changes)}
    if beside.evaluation is not None:
        out["results"] = beside.evaluation.as_json()
    found: dict[str, Any] = jsonable(out)
    return found


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Indented JSON in UTF-8."""
    return (json.dumps(jsonable(value), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _item_json(each: ItemReport, public: bool) -> dict[str, Any]:
    item = each.item
    fields = {f.id: f for f in item.fields}
    out: dict[str, Any] = {"item": item.number, "id": item.id, "title": item.names.en, "clause": item.clause,
                           "comes_from": item.origin.en, "state": each.state}
    if each.reason is not None:
        out["reason"] = each.reason.removeprefix("cbam-documents.")
    if each.lacking:
        out["lacking"] = list(each.lacking)
    if facts := {k: _value(v, fields[k], public) for k, v in each.content.facts.items()}:
        out["facts"] = facts
    of_lists = {x.id: {f.id: f for f in x.fields} for x in item.lists}
    lists = {name: None if rows is None else [{k: _value(v, of_lists[name][k], public) for k, v in row.items()}
                                              for row in rows]
             for name, rows in each.content.lists.items()}
    if lists:
        out["lists"] = lists
    return out


def _value(value: Value, field: Field, public: bool) -> Any:
    if not isinstance(value, Quantity):
        return list(value) if isinstance(value, tuple) else value
    shown = rounded(value.value, field.kind)
    if public and field.kind == "share":
        shown = value.value.quantize(_SHARE)
    out = {"value": plain(shown), "unit": value.unit}
    if shown != value.value and not public:
        out["exact"] = plain(value.value)
    return out


# --- pages -----------------------------------------------------------------------------------------------------------

def render_html(report: Report, beside: Beside = NOTHING) -> str:
    """The document as one self-contained HTML page for the screen: no script, nothing from another host."""
    from zerofactory_mappings.cbam.documents.pages import html_page

    return html_page(report, beside)


def render_pdf(report: Report, beside: Beside = NOTHING) -> bytes:
    """The document as PDF/A-3a and PDF/UA-1 with its JSON attached; the same input gives the same bytes.

    Raises:
        ProblemsError: no font, a character without glyph, too many pages.
    """
    from zerofactory_mappings.cbam.documents.pages import pdf_file

    return pdf_file(report, beside, json_bytes(report_json(report, beside)))


def lines_of(report: Report, language: str) -> Sequence[str]:
    """The overview of items for a terminal."""
    from zerofactory_engine.messages import render

    found = []
    for each in report.items:
        state = render(f"cbam-documents.item-state.{each.state}", language)
        why = render(each.reason, language) if each.reason else "; ".join(
            texts.few(texts.lacking_texts(each.item, each.lacking, language)))
        found.append(f"{each.item.number:>4}  {state}  {each.item.names.of(language)}" + (f": {why}" if why else ""))
    return found

