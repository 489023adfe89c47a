"""The work itself, done in a guarded process: read, evaluate, and make the page's content or a file.

An order is plain values: ``file`` (``{name, data}``), ``demo`` (a path) or ``bundle`` (one that we signed), and
``folder`` of the pack, ``levels``, ``readings``, ``valid_on``, ``now``, ``language``, ``output``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from zerofactory_engine.bundle import build_bundle, bundle_bytes
from zerofactory_engine.bundle.documents import FORMAT as BUNDLE
from zerofactory_engine.bundle.documents import FULL, parse_document, unhashed
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.dossier import Dossier, dossier_from_tree, read_dossier
from zerofactory_engine.dossier.read import read_bytes
from zerofactory_engine.evaluation import Request, evaluate
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.rulepack import load_folder
from zerofactory_mappings.publishing import document
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.reading import case_made
from zerofactory_mappings.publishing.style import Block, Style
from zerofactory_mappings.publishing.words import Words
from zerofactory_web.readiness.guard import Done
from zerofactory_web.readiness.view import result_view

#: What a check can give back, and the media type of its file.
OUTPUTS = {"page": "text/html", "pdf": "application/pdf", "html": "text/html", "bundle": "application/json"}
#: Problems of a file that are given back; of a file with more, the first ones.
MOST_PROBLEMS = 500
#: How a file says that it is a bundle; in canonical JSON that comes late, after the assessment.
_BUNDLE = re.compile(rb'"format"\s*:\s*"' + re.escape(BUNDLE.encode()) + b'"')


def work(order: Mapping[str, Any]) -> Done:
    """Do *order*.

    Raises:
        ProblemsError: every problem of the file or of the request.
    """
    try:
        dossier, notes = _dossier(order)
    except ProblemsError as error:
        raise ProblemsError(error.problems[:MOST_PROBLEMS]) from None
    valid_on = date.fromisoformat(order["valid_on"]) if order["valid_on"] else _today(dossier, order["now"])
    request = Request(valid_on=valid_on, levels=tuple(order["levels"]), readings=order["readings"])
    assessment = evaluate(dossier, load_folder(Path(order["folder"])), request)
    case = case_made(assessment, build_bundle(assessment))
    return _made(order["output"], case, order["language"], notes)


def _made(output: str, case: Case, language: str, notes: list[dict[str, Any]]) -> Done:
    told = {"id": case.assessment["id"], "outcomes": {v["id"]: v["verdict"] for v in case.assessment["levels"]}}
    if output == "bundle":
        return Done(told, case.attachment)
    if output == "pdf":
        return Done(told, document.render_pdf(case, language, _style()))
    if output == "html":
        return Done(told, document.render_html(case, language, _style()).encode("utf-8"))
    return Done(told | {"view": result_view(case, Words(language)), "assessment": case.assessment, "notes": notes},
                case.attachment)


def _dossier(order: Mapping[str, Any]) -> tuple[Dossier, list[dict[str, Any]]]:
    """The dossier of an order, and what was noted while reading it."""
    if order.get("bundle") is not None:
        return dossier_from_tree(json.loads(order["bundle"])["dossier"]), []
    if order.get("demo"):
        read = read_dossier(order["demo"])
        return read.dossier, [p.as_json() for p in read.problems]
    name, data = order["file"]["name"], order["file"]["data"]
    if name.lower().endswith(".json") and _BUNDLE.search(data):
        return _of_bundle(data, name), []
    read = read_bytes(data, name)
    return read.dossier, [p.as_json() for p in read.problems]


def _of_bundle(data: bytes, name: str) -> Dossier:
    """The dossier of the bundle of an earlier check, once its content has the hash that it states."""
    bundle = parse_document(data, name)
    if bundle.get("kind") != FULL:
        raise ProblemsError([Problem("precheck.no-dossier-in-it", Place(file=name))])
    if bundle["id"] != (expected := content_hash(unhashed(bundle))):
        raise ProblemsError([Problem("report.differs", Place(file=name, path="id"), found=bundle["id"],
                                     accepted=expected)])
    return dossier_from_tree(bundle["dossier"])


def _today(dossier: Dossier, now: str) -> date:
    """The civil date at the facility: limits in force on it count unless another day is asked for."""
    return datetime.fromisoformat(now).astimezone(ZoneInfo(dossier.period.zone)).date()


def _style() -> Style:
    """What a report of a pre-check says beside its outcome: what it is and what it is not."""
    words = {lang: Words(lang) for lang in ("zh", "en")}
    texts = {code: {lang: w.t(f"precheck.{code}") for lang, w in words.items()}
             for code in ("name", "report-title", "notice", "notice-text")}
    digest = hashlib.sha256(bundle_bytes(texts)).hexdigest()
    return Style(name=texts["name"], title=texts["report-title"], sha256=digest,
                 narrative={"introduction": (Block(texts["notice-text"], texts["notice"]),)})
