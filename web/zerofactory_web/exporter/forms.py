"""What the forms of the desk send: files, method, readings, prices, what the registry's XML needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.qreport.codes import codes
from zerofactory_web.accounts.forms import days, typed
from zerofactory_web.accounts.words import Words
from zerofactory_web.exporter.cost import PRICES
from zerofactory_web.exporter.inputs import Piece
from zerofactory_web.exporter.model import METHODS
from zerofactory_web.exporter.requests import YEARS, Asked
from zerofactory_web.readiness.forms import READING
from zerofactory_web.site.context import portal
from zerofactory_web.site.uploads import chosen, content, shown_name

#: Largest input, largest table beside it, and largest template, in bytes.
FILE_BYTES, BESIDE_BYTES, TEMPLATE_BYTES = 20_000_000, 20_000_000, 10_000_000
#: What an input may be, as browsers are told.
ACCEPT = ".yaml,.yml,.json,.xlsx"
REQUEST_FIELDS = ("company", "eori", "contact", "email", "goods", "year", "quarter", "received", "due", "note")
XML_FIELDS = ("company", "eori", "city", "year", "quarter", "role", "procedure", "methodology", "electricity_source")
#: Highest price that may be assumed, EUR per certificate; beyond it somebody has mistyped.
HIGHEST_PRICE = 100_000
_YEAR = re.compile(r"\d{4}", re.ASCII)


def uploaded(field: str = "file") -> tuple[Piece, tuple[Piece, ...]]:
    """The file of the form and the tables beside it.

    Raises:
        ProblemsError: there is none, it is empty or too large.
    """
    file = chosen(field)
    if file is None:
        raise ProblemsError([Problem("exporter.no-file", Place(path=field), accepted=ACCEPT.replace(",", ", "))])
    return _piece(file, FILE_BYTES), beside()


def beside() -> tuple[Piece, ...]:
    """The tables beside the file of the form.

    Raises:
        ProblemsError: one is empty or too large.
    """
    return tuple(_piece(b, BESIDE_BYTES) for b in request.files.getlist("beside") if b.filename)


def template() -> Piece:
    """The Commission's template of the form; raises as :func:`uploaded`."""
    file = chosen("template")
    if file is None:
        raise ProblemsError([Problem("exporter.no-template", Place(path="template"), accepted=".xlsx")])
    return _piece(file, TEMPLATE_BYTES)


def _piece(file: FileStorage, limit: int) -> Piece:
    return Piece(shown_name(file), content(file, min(limit, portal().settings.max_upload)))


def method(default: str) -> tuple[str, int | None, dict[str, str]]:
    """Method, year of import and readings of the form.

    Raises:
        ProblemsError: a method that there is not, a year that is none.
    """
    problems: list[Problem] = []
    taken = typed("method", 20) or default
    if taken not in METHODS:
        problems.append(Problem("exporter.not-method", Place(path="method"), found=taken, accepted=", ".join(METHODS)))
    year = typed("import_year", 20).strip()
    if year and not (_YEAR.fullmatch(year) and YEARS[0] <= int(year) <= YEARS[1]):
        problems.append(Problem("exporter.not-year", Place(path="import_year"), found=year, example="2027",
                                accepted=f"{YEARS[0]} … {YEARS[1]}"))
    if problems:
        raise ProblemsError(problems)
    readings = {n.removeprefix(READING): v[:80] for n, v in request.form.items() if n.startswith(READING) and v}
    return taken, int(year) if year else None, readings


def asked() -> Asked:
    """A request as it was typed.

    Raises:
        ProblemsError: a date that is none.
    """
    words = Words()
    found = days(words, "received", "due", optional=("received", "due"))
    words.done()
    return Asked(typed("company"), typed("eori", 40), typed("contact"), typed("email", 300), typed("goods", 20_000),
                 typed("year", 20), typed("quarter", 20), found.get("received"), found.get("due"), typed("note"))


def prices(given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Assumed prices and tonnes a year, each as exact text, empty where not stated.

    Raises:
        ProblemsError: what is no price or quantity; bounds that do not enclose the price.
    """
    problems: list[Problem] = []
    found: dict[str, str] = {}
    for name in PRICES:
        text = given.get(name, "").strip()[:40]
        value = parse_decimal(text) if text else None
        if text and (value is None or not 0 < value <= HIGHEST_PRICE):
            problems.append(Problem("exporter.price", Place(path=name), found=text, example="80"))
        elif text:
            found[name] = text
    order = [parse_decimal(found[n]) for n in PRICES if n in found]
    if not problems and any(a is not None and b is not None and a > b for a, b in pairwise(order)):
        problems.append(Problem("exporter.prices-order", Place(path="price")))
    tonnes = given.get("tonnes", "").strip()[:40]
    value = parse_decimal(tonnes) if tonnes else None
    if tonnes and (value is None or not 0 < value < 10 ** 12):
        problems.append(Problem("exporter.quantity", Place(path="tonnes"), found=tonnes, example="1200"))
    if problems:
        raise ProblemsError(problems)
    return found, tonnes


def xml() -> dict[str, Any]:
    """What the registry's XML needs beside the result.

    Raises:
        ProblemsError: everything that is missing or wrong; a quarter that the registry's report was not made for.
    """
    words = Words()
    made: dict[str, Any] = {name: words.text(name, typed(name, 300), 256) for name in ("company", "city")}
    made["eori"] = re.sub(r"\s", "", words.text("eori", typed("eori", 40), 17)).upper()
    made["role"] = words.among("role", typed("role", 10), codes().allowed["role"].codes)
    for field, example in (("methodology", "TOM01"), ("electricity_source", "SOE02")):
        made[field] = typed(field, 20).strip().upper()
        if not codes().allowed[field].knows(made[field]):
            words.problems.append(Problem("exporter.code", Place(path=field), found=made[field] or None,
                                          example=example))
    made["procedure"] = typed("procedure", 10).strip()
    if not re.fullmatch(r"[0-9A-Z]{2}", made["procedure"]):
        words.problems.append(Problem("exporter.code", Place(path="procedure"), found=made["procedure"] or None,
                                      example="40"))
    made |= _quarter(words)
    made["tonnes"] = {n.removeprefix("tonnes-"): v[:40] for n, v in request.form.items() if n.startswith("tonnes-")}
    words.done()
    return made


def _quarter(words: Words) -> dict[str, str]:
    first, last = codes().first, codes().last
    year, quarter = typed("year", 20).strip(), typed("quarter", 10).strip()
    fits = _YEAR.fullmatch(year) and quarter in ("Q1", "Q2", "Q3", "Q4") and (
        first.order <= (int(year), quarter) <= last.order)
    if not fits:
        words.problems.append(Problem("exporter.xml-quarter", Place(path="quarter"), found=f"{year} {quarter}".strip(),
                                      accepted=f"{first} … {last}"))
    return {"year": year, "quarter": quarter}
