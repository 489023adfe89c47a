"""A report as neutral blocks, laid out by one template as HTML for the screen and as PDF.

Whoever builds a document has chosen the language and rendered every sentence and figure; here nothing is computed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from zerofactory_engine.messages import render

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.completeness import Completeness

#: Mark and look of each key of completeness; the look is one of the verdicts of the page kit.
LOOKS: Mapping[str, tuple[str, str]] = {
    "present": ("met", "√"), "partly": ("indeterminate", "?"), "missing": ("not_met", "×"),
    "NO": ("not_applicable", "–"), "NE": ("indeterminate", "?"), "IE": ("not_applicable", "–"),
    "NA": ("not_applicable", "–"),
}
#: Columns from which on a table is set smaller.
_WIDE = 8


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A boxed notice: *kind* ``info`` or ``warning``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values in two columns under a *title*."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts: *numeric* columns stand to the right, *totals* are row numbers that are set bold, *widths* are
    shares of the text width in percent (all of them or none)."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[int] = ()
    totals: Sequence[int] = ()
    note: str = ""
    widths: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG that this project drew and escaped itself, with the figures beside it."""

    caption: str
    svg: str
    grid: Grid | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """The completeness table."""

    completeness: Completeness


Block: TypeAlias = Paragraph | Note | Facts | Grid | Picture | Items


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; *id* is its anchor."""

    id: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """A report in one *language* (``zh`` or ``en``).

    *kind* says above the title what the document is, *facts*, *notices* and the blocks of *first* (key figures)
    stand on the first page, *issued* fixes every date in the file. *json* is the file that a PDF
    carries under *json_name*.
    """

    kind: str
    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    notices: Sequence[str]
    sections: Sequence[Section]
    language: str
    issued: date
    json: bytes = b""
    json_name: str = ""
    running: str = ""
    first: Sequence[Block] = ()


def html_of(document: Document) -> bytes:
    """The document as one self-contained HTML page for the screen: no script, nothing from another host."""
    from zerofactory_mappings.publishing.document import SCREEN_FONTS

    return _render(document, SCREEN_FONTS, inline=True).encode("utf-8")


def pdf_of(document: Document) -> bytes:
    """The document as PDF/A-3a and PDF/UA-1 with its JSON attached; the same input gives the same bytes.

    Raises:
        ProblemsError: no font, a character without glyph, too many pages.
    """
    from zerofactory_mappings.publishing.fonts import font_set
    from zerofactory_mappings.publishing.pdf import Attached, write_pdf

    fonts = font_set()
    html, css = _render(document, fonts.css, inline=False), _style(fonts.css)
    seed = hashlib.sha256(b"\n".join([document.json, html.encode("utf-8"), css.encode("utf-8")])).digest()
    attached = []
    if document.json:
        description = render("disclosure.attachment", document.language,
                             {"kind": document.kind, "title": document.title})
        attached = [Attached(document.json_name, document.json, description)]
    return write_pdf(html, css, fonts, issued=document.issued, seed=seed, attachments=attached)


@cache
def _resource(name: str) -> str:
    """A template or style sheet of ours, else of the page kit."""
    own = resources.files(__package__) / "templates" / name
    kit = resources.files("zerofactory_mappings.publishing") / "templates" / name
    return (own if own.is_file() else kit).read_text(encoding="utf-8")


def _style(fonts: str) -> str:
    from zerofactory_mappings.publishing.style import Style

    return (_resource("report.css") + _resource("disclosure.css")).replace("VAR_FONT", fonts).replace(
        "VAR_ACCENT", Style().accent)


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    from zerofactory_mappings.publishing.formulas import flat, marked_up

    environment = Environment(loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=False, lstrip_blocks=False, finalize=marked_up)
    environment.filters["flat"] = flat
    return environment


def _render(document: Document, fonts: str, *, inline: bool) -> str:
    from zerofactory_mappings.publishing.document import LANGUAGE_TAGS

    def say(code: str, **args: object) -> str:
        return render(f"disclosure.{code}", document.language, args)

    titles = {s.id: f"{n}. {s.title}" for n, s in enumerate(document.sections, 1)}
    out: str = _environment().get_template("disclosure.html.j2").render(
        d=document, t=say, lang_tag=LANGUAGE_TAGS[document.language], issued=document.issued.isoformat(),
        inline_css=_markup(_style(fonts)) if inline else "", attached=bool(document.json) and not inline,
        first=[_view(b, document.language, titles) for b in document.first],
        sections=[{"id": s.id, "title": s.title, "blocks": [_view(b, document.language, titles) for b in s.blocks]}
                  for s in document.sections])
    return out


def _view(block: Block, language: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """A block as the template takes it."""
    if isinstance(block, Items):
        return {"kind": "items", **_items_view(block.completeness, language, titles)}
    if isinstance(block, Picture):
        return {"kind": "picture", "caption": block.caption, "svg": _markup(block.svg), "note": block.note,
                "grid": None if block.grid is None else _view(block.grid, language, titles)}
    if isinstance(block, Grid):
        return {"kind": "grid", "grid": block, "small": len(block.head) >= _WIDE, "short": len(block.rows) <= 12}
    if isinstance(block, Facts):
        return {"kind": "facts", "title": block.title, "rows": block.rows}
    if isinstance(block, Note):
        return {"kind": "note", "warning": block.kind == "warning", "text": block.text}
    return {"kind": "paragraph", "text": block.text}


def _items_view(found: Completeness, language: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """Rows of the completeness table by kind of item; a place that is a section of the report bears its title."""
    from zerofactory_mappings.disclosures.completeness import KINDS

    parts = []
    for kind in KINDS:
        rows = [{"id": r.item.id, "clause": r.item.clause, "title": r.item.title[language], "key": r.key,
                 "css": LOOKS[r.key][0], "mark": LOOKS[r.key][1],
                 "state": render(f"disclosure.key.{r.key}", language),
                 "why": [*(m.text(language) for m in r.missing), *([r.note.text(language)] if r.note else [])],
                 "where": [titles.get(w, w) for w in r.where]}
                for r in found.results if r.item.kind == kind]
        if rows:
            parts.append({"title": render(f"disclosure.kind.{kind}", language), "rows": rows})
    return {"parts": parts, "complete": found.complete, "when": found.complete_when[language],
            "confidence": found.confidence, "source": found.source}


def _markup(text: str) -> Any:
    """Text that this package made and escaped itself."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - charts escape what they draw; the style sheet is ours
