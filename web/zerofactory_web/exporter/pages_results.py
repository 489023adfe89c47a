"""Pages of results: figures with the way to their proof, files for customers, cost over the years."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from flask import Response, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.qreport.codes import codes
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.forms import done, typed
from zerofactory_web.exporter import access, chart, forms, guarded, inputs, results, room
from zerofactory_web.exporter.cost import PRICES
from zerofactory_web.exporter.model import CbamInput, CbamInputVersion, CbamResult
from zerofactory_web.exporter.proofs import Proof, names_of
from zerofactory_web.exporter.results import Made
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.render import words
from zerofactory_web.site.uploads import takes_files

BLUEPRINT = pages("deskresult", __name__, "/exporter")
#: Files that need nothing but the result.
PLAIN = ("result", "proof", "goods", "summary")
_NOTHING = room.Listed()


@BLUEPRINT.get("/results/<ident>")
@gate.required
def one(ident: str) -> Response:
    """A result: figures of products and of the installation, problems, files."""
    return _one(ident, FormErrors(), 200, _NOTHING)


def _one(ident: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row, version, owner = access.result_of(session, actor(), ident)
        data: dict[str, Any] = {
            **room.result(row), "input": {"id": owner.id, "name": owner.name},
            "version": {"id": version.id, "number": version.number, "file": version.file_name,
                        "sha256": version.document},
            "by": access.name_of(session, row.made_by), "proof": row.proof, **row.summary,
            "problems": room.told(row.summary["problems"]),
            "files": [room.file(f, access.name_of(session, f.made_by)) for f in results.files(session, row.id)]}
    drawn = chart.products_chart(row.summary, words())
    units = sorted({p["unit"] for p in row.summary["products"] if p["unit"]})
    return room.shown("result", data, room.say("result-title"), _above(owner, version), errors=errors, status=status,
                      listed=room.listed(row.summary["problems"]), inside=inside, plain=PLAIN,
                      notes=sum(f["problems"] != [] for f in data["files"]),
                      chart_title=room.say("chart-title", unit=", ".join(units)),
                      chart=Markup(drawn) if drawn else None)  # noqa: S704 - drawn and escaped by our own charts


def _above(owner: CbamInput, version: CbamInputVersion) -> list[room.Crumb]:
    return [(owner.name, url_for("deskinput.one", ident=owner.id)),
            (room.say("version-title", number=version.number), url_for("deskinput.version", ident=version.id))]


def _here(row: CbamResult) -> room.Crumb:
    return room.say("result-title"), url_for("deskresult.one", ident=row.id)


@BLUEPRINT.get("/results/<ident>/proof")
@gate.required
def proof(ident: str) -> Response:
    """One step of the proof (``?step=``): from what it follows, and what follows from it."""
    store = portal().store
    with store.read() as session:
        row, version, owner = access.result_of(session, actor(), ident)
    found = Proof(results.steps(store, row), names_of(json.loads(store.documents.read(version.tree)), row.summary),
                  words())
    step = request.args.get("step", "installation/direct")
    if step not in found:
        raise access.not_found()
    data = {"result": row.id, "proof": row.proof, "step": found.page(step)}
    return room.shown("proof", data, room.say("proof-title"), [*_above(owner, version), _here(row)])


# --- files -----------------------------------------------------------------------------------------------------------

def _loaded(session: Session, ident: str) -> tuple[CbamResult, Any, Any]:
    row, version, _ = access.result_of(session, actor(), ident, access.WRITE)
    return row, *inputs.content(portal().store, session, version)


@BLUEPRINT.post("/results/<ident>/files")
@gate.required
@takes_files(forms.TEMPLATE_BYTES)
def make(ident: str) -> BaseResponse:
    """Make a file of a result and keep it."""
    kind = typed("kind", 20)
    try:
        with portal().store.read() as session:
            row, file, beside = _loaded(session, ident)
        if kind in ("result", "proof"):
            made = guarded.kept(row, kind)
        elif kind in PLAIN:
            made = guarded.make(row, file, beside, kind)
        elif kind == "workbook":
            piece = forms.template()
            made = guarded.make(row, file, beside, kind, template={"name": piece.name, "data": piece.data})
        else:
            raise access.refused("exporter.not-kind", "kind", found=kind, accepted=", ".join((*PLAIN, "workbook")))
        results.keep_file(portal().store, actor(), ident, made, request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, partial(_one, ident), ("kind", "template"), "template")
    return done(url_for("deskresult.one", ident=ident) + "#files", "exporter.said-file")


@BLUEPRINT.get("/files/<ident>")
@gate.required
def file(ident: str) -> Response:
    """A file made of a result."""
    with portal().store.read() as session:
        row = access.file_of(session, actor(), ident)
    return room.download(portal().store.documents.read(row.document), row.name)


@BLUEPRINT.route("/results/<ident>/xml", methods=["GET", "POST"])
@gate.required
def xml(ident: str) -> BaseResponse:
    """The registry's quarterly report of the transitional period with these goods, as a draft for the declarant."""
    draw = partial(_xml, ident)
    if request.method == "GET":
        return draw(FormErrors(), 200, _NOTHING)
    try:
        with portal().store.read() as session:
            row, version, beside = _loaded(session, ident)
        made: Made = guarded.make(row, version, beside, "xml", xml=forms.xml())
        results.keep_file(portal().store, actor(), ident, made, request=request_id())
    except ProblemsError as error:
        numbers = [n for n in request.form if n.startswith("tonnes-")]
        return room.refused(error.problems, draw, (*forms.XML_FIELDS, *numbers))
    return done(url_for("deskresult.one", ident=ident) + "#files", "exporter.said-file")


def _xml(ident: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row, version, owner = access.result_of(session, actor(), ident)
    known = codes()
    roles = [Option(code, title[language()], checked=code == (typed("role", 10) or "01"))
             for code, title in known.allowed["role"].codes.items()]
    data: dict[str, Any] = {
            "result": row.id, "method": row.method, "first": str(known.first), "last": str(known.last),
            "products": [{k: p[k] for k in ("number", "cn", "name")} for p in row.summary["products"]]}
    defaults = {"procedure": "40", "methodology": "TOM01", "electricity_source": "SOE02", "year": str(known.last.year)}
    given = {name: typed(name, 300) or defaults.get(name, "") for name in forms.XML_FIELDS}
    quarters = [Option(q, q, checked=q == (given["quarter"] or known.last.quarter)) for q in ("Q1", "Q2", "Q3", "Q4")]
    return room.shown("xml", data, room.say("xml-title"), [*_above(owner, version), _here(row)], errors=errors,
                      status=status, inside=inside, given=given, roles=roles, quarters=quarters,
                      tonnes={str(p["number"]): typed(f"tonnes-{p['number']}", 40) for p in data["products"]})


# --- cost over the years ---------------------------------------------------------------------------------------------

@BLUEPRINT.get("/results/<ident>/cost")
@gate.required
def cost(ident: str) -> Response:
    """What a product costs its importer, year by year, at prices that the reader assumes."""
    store = portal().store
    with store.read() as session:
        row, version, owner = access.result_of(session, actor(), ident)
        content = inputs.content(store, session, version)
    given = {name: request.args.get(name, "")[:40] for name in (*PRICES, "tonnes")}
    number = request.args.get("product", "1")
    number = number if number.isdigit() and len(number) < 5 else "1"
    errors, status, told = FormErrors(), 200, None
    try:
        prices, tonnes = forms.prices(given)
        told = guarded.cost(*content, int(number), prices, tonnes, row.readings)
    except ProblemsError as error:
        draw = partial(_cost, row, version, owner, number, given, None)
        return room.refused(error.problems, draw, (*PRICES, "tonnes", "product"))
    return _cost(row, version, owner, number, given, told, errors, status, _NOTHING)


def _cost(row: CbamResult, version: CbamInputVersion, owner: CbamInput, number: str, given: dict[str, str],
          told: dict[str, Any] | None, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    products = row.summary["products"]
    data = {"result": row.id, "product": int(number), "given": given,
            **({"years": [], "provisional": [], "reasons": [], "carried": [], "sources": []} if told is None else
               {k: told[k] for k in ("years", "provisional", "reasons", "carried", "sources")})}
    options = [Option(str(p["number"]), f"{p['cn'] or '—'} {p['name'] or ''}", checked=str(p["number"]) == number)
               for p in products]
    charts = [] if told is None else [Markup(svg) for svg in told["charts"]]  # noqa: S704 - escaped by our own charts
    return room.shown("cost", data, room.say("cost-title"), [*_above(owner, version), _here(row)], errors=errors,
                      status=status, inside=inside, products=options, charts=charts,
                      product=next((p for p in products if str(p["number"]) == number), None))
