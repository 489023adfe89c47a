"""The certificate on paper: one page that says all that matters, and an annex; PDF/A-3a and PDF/UA-1, zh and en.

Headings are in both languages, texts in that of the edition. It carries the record as data and the public extract of
the evaluation, nothing else of it.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from zerofactory_engine.canonical import canonical_bytes, sha256
from zerofactory_mappings.publishing.document import LANGUAGE_TAGS
from zerofactory_mappings.publishing.fonts import FontSet, font_set
from zerofactory_mappings.publishing.formulas import marked_up
from zerofactory_mappings.publishing.pdf import Attached, write_pdf
from zerofactory_mappings.publishing.style import ACCENT
from zerofactory_mappings.publishing.words import Words

RECORD_NAME, EXTRACT_NAME = "certificate.json", "public-extract.json"
#: Characters of the hash of the record that stand on paper: enough to tell that a print is of this record.
CODE = 16
#: What the first page has room for of the scope, of the names of sites and of the basis of an opinion, in widths of a
#: Latin letter; longer ones stand in full in the annex.
_SCOPE, _SITES, _BASIS = 330, 160, 420
#: Widths that one line of a name holds at its usual size, and the millimetres of a further line; a first page that
#: needs more millimetres than :data:`_SPARE` is set closer.
_LINES = {"client": (52, 8.3), "other": (84, 5.2), "address": (110, 4.6), "standard": (70, 6.2), "levels": (60, 10.0),
          "table": (96, 4.6), "basis": (112, 4.7)}
_SPARE = (20.0, 62.0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a certificate is printed from. *record*: what ``service.record`` made; *record_hash*: its hash; *extract*:
    the public extract; *sealed_by*: who seals, *own*: by a key of the installation's own; *public_url*: of the portal.
    """

    record: Mapping[str, Any]
    record_hash: str
    extract: bytes
    sealed_by: str
    own: bool
    public_url: str

    @property
    def address(self) -> str:
        """Where the certificate is checked."""
        return f"{self.public_url.rstrip('/')}/verify/{self.record['number']}"

    @property
    def code(self) -> str:
        """The code under which the print belongs to the record."""
        return self.record_hash.removeprefix("sha256:")[:CODE]


def render(sheet: Sheet, language: str) -> bytes:
    """The certificate as PDF, not yet sealed; the same sheet gives the same bytes.

    Raises:
        ProblemsError: no font, or a character without glyph: a certificate with empty boxes is never issued.
    """
    fonts, words = font_set(), Words(language)
    html, css = page(sheet, language), style_sheet(fonts)
    seed = hashlib.sha256("\n".join((sheet.record_hash, language, html, css)).encode("utf-8")).digest()
    return write_pdf(html, css, fonts, issued=date.fromisoformat(sheet.record["issued_on"]), seed=seed, attachments=[
        Attached(RECORD_NAME, canonical_bytes(sheet.record), words.t("register.paper-record"), "Source"),
        Attached(EXTRACT_NAME, sheet.extract, words.t("register.paper-extract"))])


def page(sheet: Sheet, language: str) -> str:
    """The HTML that is laid out."""
    words, record = Words(language), sheet.record
    other = Words("en" if language == "zh" else "zh")
    scope, sites = words.pick(record["scope"]), [words.pick(s["name"]) for s in record["sites"]]
    named, all_sites = _cut(scope, _SCOPE), words.t("report.list-semicolon").join(sites)
    opinion = record.get("opinion")
    basis = _cut(" ".join(words.pick(opinion["basis"]).split()), _BASIS) if opinion else ""
    out: str = _environment().get_template("certificate.html.j2").render(
        r=record, t=words.t, pick=words.pick, w=words, lang_tag=LANGUAGE_TAGS[language],
        other_tag=LANGUAGE_TAGS[other.language], both=lambda code: (words.t(code), other.t(code)),
        other=other, sheet=sheet, o=opinion, basis_brief=basis, concludes=conclusion(record),
        materiality=_materiality(opinion, words), brief=named, short=named == scope, sites=_cut(all_sites, _SITES),
        all_sites=all_sites, close=_closeness(record, words, other, (named, _cut(all_sites, _SITES), basis)),
        extract_hash=sha256(sheet.extract), qr=qr_code(f"{sheet.address}#{sheet.code}"))
    return out


def _width(text: str) -> int:
    """How wide *text* is, in Latin letters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, room: int) -> str:
    """As much of *text* as there is room for, to the last whole word."""
    if _width(text) <= room:
        return text
    end = next(n for n in range(len(text)) if _width(text[:n + 1]) > room - 2)
    cut = text[:end]
    return (cut.rpartition(" ")[0] if " " in cut[-30:] else cut).rstrip() + "…"


def conclusion(record: Mapping[str, Any]) -> str:
    """Code of the sentence in which the document concludes; at limited assurance it concludes negatively."""
    opinion = record.get("opinion")
    if not opinion:
        return f"register.paper-fulfils-{record['kind']}"
    limited = opinion["assurance"]["id"] == "limited" and opinion["type"] in ("unmodified", "modified")
    return f"register.concludes-{opinion['type']}{'-limited' if limited else ''}"


def _materiality(opinion: Mapping[str, Any] | None, words: Words) -> str:
    """The materiality behind the level of assurance, where one was set."""
    if not opinion or not opinion["materiality_percent"]:
        return ""
    return words.t("report.list-semicolon") + words.t("register.materiality-of",
                                                      percent=opinion["materiality_percent"])


def _closeness(record: Mapping[str, Any], words: Words, other: Words, cut: tuple[str, str, str]) -> int:
    """How closely the first page is set: 0 as usual, up to 2; by the lines that names take beyond their first."""
    client, standard, (scope, sites, basis) = record["client"], record["standard"], cut
    texts = [("client", words.pick(client["name"])), ("other", other.pick(client["name"])),
             ("address", words.pick(client.get("address") or {})), ("standard", words.pick(standard["title"])),
             ("levels", "    ".join(words.pick(level["title"]) for level in record["levels"])), ("table", scope),
             ("table", sites), ("other", words.pick(record["body"]["name"]))]
    more = sum((-(-_width(text) // _LINES[kind][0]) - 1) * _LINES[kind][1] for kind, text in texts if text)
    more += sum(7.0 for part in ("scheme_filing", "conditions") if record[part])
    if opinion := record.get("opinion"):        # a line in the heading, two rows, and the basis with its heading
        verdicts = "; ".join(words.pick(v["title"]) + "          " for v in opinion["verdicts"])
        for kind, text in (("basis", basis), ("table", verdicts), ("table", words.pick(opinion["addressee"]))):
            more += (-(-_width(text) // _LINES[kind][0]) - 1) * _LINES[kind][1] if text else 0
        more += 24.0 + (11.0 if basis else 0.0) - (0.0 if record["levels"] else 14.0)
    return sum(more > spare for spare in _SPARE)


def qr_code(content: str) -> str:
    """A QR code as ``data:`` URL of an SVG."""
    import io

    import segno

    out = io.BytesIO()
    segno.make_qr(content, error="m").save(out, kind="svg", xmldecl=False, svgns=True, border=2, dark="#101820",
                                           light="#ffffff", omitsize=True)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode("ascii")


def style_sheet(fonts: FontSet) -> str:
    """The style of paper."""
    return _resource("certificate.css").replace("VAR_FONT", fonts.css).replace("VAR_ACCENT", ACCENT)


@cache
def _resource(name: str) -> str:
    return (resources.files(__package__) / "templates" / "paper" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(loader=FunctionLoader(_resource), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                       lstrip_blocks=True, finalize=marked_up)
