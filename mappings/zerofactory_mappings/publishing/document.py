"""The assessment report as HTML and as PDF, in Chinese and English, from one template."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from zerofactory_mappings.publishing import annexes
from zerofactory_mappings.publishing.boundary import boundary
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.charts import bullets
from zerofactory_mappings.publishing.clauses import clauses, distances
from zerofactory_mappings.publishing.first_page import first_page
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.formulas import flat, marked_up
from zerofactory_mappings.publishing.inventory_view import factor_tables, inventory_view
from zerofactory_mappings.publishing.pdf import Attached, write_pdf
from zerofactory_mappings.publishing.proof_view import ProofPages
from zerofactory_mappings.publishing.style import Style, fill
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.words import Words

#: Fonts on a screen; a PDF names those that it carries.
SCREEN_FONTS = ('system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", '
                '"WenQuanYi Micro Hei", sans-serif')
LANGUAGE_TAGS = {"zh": "zh-Hans", "en": "en"}
SECTIONS = ("boundary", "inventory", "criteria", "findings", "checks", "evidence", "factors", "record")
#: Criteria in one chart of distances; more are drawn in a further one.
_CHART_ROWS = 6


def render_html(case: Case, language: str, style: Style | None = None) -> str:
    """The report as one self-contained HTML page for the screen: no script, nothing from another host."""
    return _render(case, language, style or Style(), SCREEN_FONTS, inline=True)


def render_pdf(case: Case, language: str, style: Style | None = None) -> bytes:
    """The report as PDF/A-3a and PDF/UA-1, with the case's file attached; the same input gives the same bytes.

    Raises:
        ProblemsError: no font, a character without glyph, too many pages.
    """
    style = style or Style()
    fonts = font_set()
    html = _render(case, language, style, fonts.css, inline=False)
    css = _style_sheet(fonts.css, style.accent)
    words = Words(language)
    seed = hashlib.sha256("\n".join([case.attachment_hash, language, style.sha256, html, css]).encode()).digest()
    description = words.t("report.description", facility=_name(words, case.assessment["subject"]["facility"]),
                          pack=words.pick(case.assessment["pack"]["title"]))
    return write_pdf(html, css, fonts, issued=date.fromisoformat(case.issued), seed=seed,
                     attachments=[Attached(case.attachment_name, case.attachment, description)])


@cache
def _resource(name: str) -> str:
    return (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _style_sheet(fonts: str, accent: str) -> str:
    return _resource("report.css").replace("VAR_FONT", fonts).replace("VAR_ACCENT", accent)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=False, lstrip_blocks=False, finalize=marked_up)
    environment.filters["flat"] = flat
    return environment


def _name(words: Words, thing: Mapping[str, Any] | None) -> str:
    """The name of a facility or organisation: of its entry, or of the first legal entity in it."""
    if not thing:
        return ""
    if thing.get("name"):
        return words.pick(thing["name"])
    entities = thing.get("entities") or ()
    return words.pick(entities[0].get("name")) if entities else str(thing.get("id", ""))


def _render(case: Case, language: str, style: Style, fonts: str, *, inline: bool) -> str:
    words, a = Words(language), case.assessment
    kind = a["outcome_kind"]
    facility, organisation = _name(words, a["subject"]["facility"]), _name(words, a["subject"].get("organisation"))
    pack_title = words.pick(a["pack"]["title"])
    titles = {name: words.t(f"report.section.{name}") for name in SECTIONS}
    kind_title = words.pick(style.title) if style.title else words.label("kind", kind)
    notice = words.label("notice", kind)
    values = {"facility": facility, "organisation": organisation or facility, "standard": pack_title,
              "edition": a["pack"]["edition"], "valid_on": a["valid_on"],
              "period_start": a["subject"]["period"]["start"], "period_end": a["subject"]["period"]["end"]}
    short_id = a["id"].removeprefix("sha256:")[:12]
    out: str = _environment().get_template("report.html.j2").render(
        lang_tag=LANGUAGE_TAGS[language], a=a, style=style, public=case.public, t=words.t, pick=words.pick,
        label=words.label, verdict=words.verdict, join=words.join, sentence=words.sentence,
        inline_css=_markup(_style_sheet(fonts, style.accent)) if inline else "",
        doc_title=f"{kind_title} – {facility} – {pack_title}", author=words.pick(style.name) or "zerofactory",
        issued=f"{case.issued}T00:00:00+00:00", facility=facility, organisation=organisation, pack_title=pack_title,
        kind_title=kind_title, notice=notice, short_id=short_id,
        running_title=f"{facility} · {pack_title}", running_number=style.report_number or short_id,
        running_kind=f"{kind_title} · {notice}", titles=titles, numbers={n: i for i, n in enumerate(SECTIONS, 1)},
        sections=[{"id": n, "title": titles[n]} for n in SECTIONS], narratives=_narratives(style, words, values),
        attachment_name=case.attachment_name, attachment_hash=case.attachment_hash, **_content(case, words, fonts))
    return out


def _content(case: Case, words: Words, fonts: str) -> dict[str, Any]:
    """What the sections show."""
    titles = {level["id"]: words.pick(level["title"]) for level in case.assessment["levels"]}
    proofs = ProofPages(case.proof, words, Subjects(case, words), titles) if case.proof and not case.public else None
    return {
        "first": first_page(case, words), "boundary": boundary(case, words),
        "inventory": inventory_view(case, words, fonts), "distance_charts": _distance_charts(case, words, fonts),
        "criteria": clauses(case, words, proofs), "findings": annexes.findings(case, words),
        "levers": annexes.levers(case, words), "crosschecks": annexes.crosschecks(case, words),
        "estimates": annexes.estimates(case, words), "gaps": annexes.gaps(case, words),
        "documents": annexes.documents(case, words), "factors": factor_tables(case, words),
        "parameters": annexes.parameters(case, words), "readings": annexes.readings(case, words),
        "pins": annexes.pins(case, words),
    }


def _narratives(style: Style, words: Words, values: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The body's own texts by section."""
    return {name: [{"title": words.pick(b.title), "paragraphs": fill(words.pick(b.text), values)} for b in blocks]
            for name, blocks in style.narrative.items()}


def _distance_charts(case: Case, words: Words, fonts: str) -> list[Any]:
    groups = distances(case, words)
    axis = (words.t("report.short-of"), words.t("report.threshold"), words.t("report.beyond"))
    title = words.t("report.chart.distances")
    return [_markup(bullets(f"distance{i}", title, groups[i:i + _CHART_ROWS], axis, fonts))
            for i in range(0, len(groups), _CHART_ROWS)]


def _markup(text: str) -> Any:
    """Text that this package made and escaped itself."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - charts escape what they draw; the style sheet is ours
