"""Documents as pages: HTML for the screen and PDF, from one template, with autoescape."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any

from zerofactory_mappings.cbam.documents import texts, view, view_verification
from zerofactory_mappings.cbam.documents.building import LANGUAGE, say
from zerofactory_mappings.cbam.documents.items import completeness
from zerofactory_mappings.cbam.documents.model import Report, State
from zerofactory_mappings.cbam.documents.proof_annex import proof_parts
from zerofactory_mappings.cbam.documents.words import first_up
from zerofactory_mappings.cbam.documents.write import EMISSIONS, SUMMARY, VERIFICATION, Beside
from zerofactory_mappings.cbam.model import Basis


def html_page(report: Report, beside: Beside) -> str:
    """The document as one self-contained HTML page for the screen: no script, nothing from another host."""
    from zerofactory_mappings.publishing.document import SCREEN_FONTS

    return _render(report, beside, SCREEN_FONTS, inline=True)


def pdf_file(report: Report, beside: Beside, data: bytes) -> bytes:
    """The document as PDF/A-3a and PDF/UA-1 with *data*, its JSON, attached; the same input gives the same bytes.

    Raises:
        ProblemsError: no font, a character without glyph, too many pages.
    """
    from zerofactory_mappings.publishing.fonts import font_set
    from zerofactory_mappings.publishing.pdf import Attached, write_pdf

    fonts = font_set()
    html, css = _render(report, beside, fonts.css, inline=False), _style(fonts.css)
    seed = hashlib.sha256(b"\n".join([data, html.encode("utf-8"), css.encode("utf-8")])).digest()
    description = say("attachment", title=report.document.names.en, installation=report.case.installation.name)
    return write_pdf(html, css, fonts, issued=report.issued, seed=seed,
                     attachments=[Attached(f"{report.document.id}.json", data, description)])


@cache
def _resource(name: str) -> str:
    """A template or style sheet of ours, else of the page kit."""
    own = resources.files(__package__) / "templates" / name
    kit = resources.files("zerofactory_mappings.publishing") / "templates" / name
    return (own if own.is_file() else kit).read_text(encoding="utf-8")


def _style(fonts: str) -> str:
    from zerofactory_mappings.publishing.style import Style

    return (_resource("report.css") + _resource("document.css")).replace("VAR_FONT", fonts).replace(
        "VAR_ACCENT", Style().accent)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    from zerofactory_mappings.publishing.formulas import flat, marked_up

    environment = Environment(loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=False, lstrip_blocks=False, finalize=marked_up)
    environment.filters["flat"] = flat
    environment.filters["first_up"] = first_up
    environment.globals["zip"] = zip
    return environment


def _render(report: Report, beside: Beside, fonts: str, *, inline: bool) -> str:
    out: str = _environment().get_template("document.html.j2").render(
        t=say, inline_css=_markup(_style(fonts)) if inline else "", attached=not inline, **_first_page(report, fonts),
        **_body(report), **_of_kind(report, beside))
    return out


def _first_page(report: Report, fonts: str) -> dict[str, Any]:
    """What the document is, how complete it is, and its key figures."""
    case, document = report.case, report.document
    given, emissions = case.installation, document.id == EMISSIONS
    with_key = (emissions or document.id == SUMMARY) and bool(case.result.products)
    return {
        "title": document.names.en, "act": document.act, "annex": document.annex, "confidence": document.confidence,
        "installation": given.name or "—", "period": f"{given.period_start or '—'} – {given.period_end or '—'}",
        "basis": say(f"basis.{case.result.basis}"), "transitional": case.result.basis is Basis.TRANSITIONAL,
        "issued": report.issued.isoformat(), "plan_version": _plan_version(report), "complete": report.complete,
        "counts": {str(s): report.count(s) for s in State},
        "complete_when": completeness()["complete_when"][LANGUAGE], "working_paper": document.id == VERIFICATION,
        "key": view.key_goods(report) if with_key else None, "charts": _charts(report, fonts) if emissions else [],
    }


def _body(report: Report) -> dict[str, Any]:
    """Items, rules, dates and sources; the summary shows no problems, which would tell quantities."""
    public = report.document.id == SUMMARY
    return {
        "overview": view.completeness_table(report),
        "items": [view.item_view(i, report.document.act) for i in report.items],
        "rounding": texts.rounding_rule(), "dates": texts.dates(report), "acts": texts.acts(report),
        "provisional": texts.provisional(report), "show_problems": not public,
        "problems": [] if public else texts.problem_lines(report.problems), "json_name": f"{report.document.id}.json",
    }


def _of_kind(report: Report, beside: Beside) -> dict[str, Any]:
    """What only one kind of document has: proof, changes of a plan, evaluation of a verification."""
    evaluation, changes = beside.evaluation, beside.changes
    conclusion = None if evaluation is None else evaluation.conclusion
    return {
        "proof": proof_parts(report.case) if report.document.id == EMISSIONS else (),
        "changes": None if changes is None else view_verification.change_rows(changes), "previous": beside.previous,
        "verified": [] if evaluation is None else view_verification.verification_tables(evaluation),
        "conclusion": None if conclusion is None else {
            "kind": say(f"statement.{conclusion.kind}"),
            "reasons": [line["text"] for line in texts.problem_lines(conclusion.reasons)]},
    }


def _plan_version(report: Report) -> str:
    if report.case.plan is None:
        return say("no-plan")
    current = report.case.plan.current
    return f"{current.text('version')} ({current.day('date')})"


def _charts(report: Report, fonts: str) -> list[dict[str, Any]]:
    found = {"goods": view.goods_chart(report, fonts), "sources": view.source_chart(report, fonts)}
    return [{"caption": say(f"chart.{name}"), "svg": _markup(svg)} for name, svg in found.items() if svg]


def _markup(text: str) -> Any:
    """Text that this package made and escaped itself."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - charts escape what they draw; the style sheet is ours
