"""Writing an input in the browser: a new one, or the next version of one; tables take a paste from a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from flask import Response, abort, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam.input import sheets as layout
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.cbam.input.sheets import Column
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.access import require_scope
from zerofactory_web.accounts.forms import done, typed
from zerofactory_web.exporter import access, forms, guarded, inputs, room, sheets
from zerofactory_web.exporter.inputs import Given, Piece
from zerofactory_web.exporter.pages_inputs import SECTORS, sectors
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.render import wants_json
from zerofactory_web.site.uploads import takes_files

BLUEPRINT = pages("deskwrite", __name__, "/exporter")
#: Sections of the main sheet that stand open from the beginning.
_OPEN = ("installation", "period")
#: Problems that are told beside one table.
MOST_TOLD = 20


@BLUEPRINT.route("/inputs/write", methods=["GET", "POST"])
@gate.required
@takes_files(forms.BESIDE_BYTES, field=sheets.MOST_TEXT)
def new() -> BaseResponse:
    """Write a new input; ``?sector=`` begins with rows that fit one."""
    require_scope(actor(), access.WRITE)
    sector = request.args.get("sector", "")
    if sector not in ("", *SECTORS):
        abort(404)
    if request.method == "GET":
        return _new(FormErrors(), 200, room.Listed(), guarded.begun(sector or None) if sector else None)
    try:
        found = _given(())
        made = inputs.add(portal().store, actor(), typed("organisation", 40), typed("name"), found,
                          request=request_id())
    except ProblemsError as error:
        return _refused(error.problems, _new, ("organisation", "name", "beside"))
    return done(url_for("deskinput.version", ident=made), "exporter.said-input")


def _new(errors: FormErrors, status: int, inside: room.Listed, begun: Mapping[str, Any] | None = None) -> Response:
    with portal().store.read() as session:
        organisations = access.exporters(session, actor())
    if not organisations:
        abort(404)
    data = {"organisations": [{"id": o.id, "name": room.name(o)} for o in organisations], **_values(begun)}
    return room.shown("write", data, room.say("write-new"), errors=errors, status=status, inside=inside,
                      places=room.places(organisations, typed("organisation", 40)), existing=None, kept_beside=(),
                      given={"name": typed("name", 300), "note": ""}, sectors=sectors(request.args.get("sector", "")),
                      **_shape(data, errors))


@BLUEPRINT.route("/inputs/<ident>/write", methods=["GET", "POST"])
@gate.required
@takes_files(forms.BESIDE_BYTES, field=sheets.MOST_TEXT)
def another(ident: str) -> BaseResponse:
    """Write the next version of an input, beginning with what the newest says."""
    store = portal().store
    with store.read() as session:
        access.input_of(session, actor(), ident, access.WRITE)
        last = inputs.versions(session, ident)[0]
        before = inputs.content(store, session, last)[1]
    draw = partial(_another, ident, [b.name for b in before])
    if request.method == "GET":
        return draw(FormErrors(), 200, room.Listed(), guarded.texts(json.loads(store.documents.read(last.tree))))
    try:
        found = _given(before)
        made = inputs.add_version(store, actor(), ident, found, typed("note"), request=request_id())
    except ProblemsError as error:
        return _refused(error.problems, draw, ("note", "beside"))
    return done(url_for("deskinput.version", ident=made), "exporter.said-version")


def _another(ident: str, kept: Sequence[str], errors: FormErrors, status: int, inside: room.Listed,
             begun: Mapping[str, Any] | None = None) -> Response:
    with portal().store.read() as session:
        row = access.input_of(session, actor(), ident)
        number = inputs.versions(session, ident)[0].number
    data = {"id": row.id, "name": row.name, "newest": number, **_values(begun)}
    return room.shown("write", data, room.say("write-version"),
                      [(row.name, url_for("deskinput.one", ident=ident))], errors=errors, status=status, inside=inside,
                      existing=row.name, kept_beside=kept, places=(), sectors=(),
                      given={"name": "", "note": typed("note")}, **_shape(data, errors))


# --- what was written ------------------------------------------------------------------------------------------------

def _given(before: Sequence[Piece]) -> Given:
    """What was written, read as the workbook that it is. Tables beside it: those uploaded, then those of *before*.

    Raises:
        ProblemsError: everything wrong with it, beside the field or table that it is in.
    """
    written = sheets.read(request.form, request.form)
    uploaded = forms.beside()
    names = {b.name for b in uploaded}
    beside = (*uploaded, *(b for b in before if b.name not in names))
    file = Piece(sheets.FILE, sheets.workbook(written, language()))
    try:
        return guarded.read(file, beside, source=sheets.SOURCE)
    except ProblemsError as error:
        raise ProblemsError([sheets.placed(p, written) for p in error.problems]) from None


def _values(begun: Mapping[str, Any] | None) -> dict[str, Any]:
    """Fields and tables of the form: as they were sent, else as *begun* says, else empty."""
    names = list(sheets.fields())
    tables = list(layout.sheets())
    if request.method == "POST":
        return {"fields": {n: typed(n) for n in names},
                "tables": {n: typed(n, sheets.MOST_TEXT) for n in tables}}
    main, filled = (begun["main"], begun["tables"]) if begun is not None else ({}, {})
    return {"fields": {n: main.get(n, "") for n in names},
            "tables": {n: filled.get(n) or sheets.heading(s) for n, s in layout.sheets().items()}}


def _refused(problems: Sequence[Problem], draw: room.Draw, own: Sequence[str]) -> Response:
    """The form once more, each problem beside its field or table, with the line where there is one."""
    status = status_of(problems)
    if wants_json() or status in (404, 503):
        return problem_answer(status, problems)
    known = {*own, *sheets.fields(), *layout.sheets()}
    errors, inside = FormErrors(), []
    for problem in problems:
        place = problem.place
        text = room.sentence(problem, place.path or "")
        if place.file is not None:
            inside.append(problem)
        elif place.path in known and place.line is not None:
            errors.add(place.path or "", _of_table(place.path or "", room.say(
                "in-line", line=place.line, column=place.cell or "", text=text)))
        else:
            errors.add(place.path if place.path in known and place.path else "", _of_table(place.path or "", text))
    if inside:
        errors.add("file-problems", room.say("file-problems", count=len(inside)))
    return draw(errors, status, room.listed(inside))


def _of_table(key: str, text: str) -> str:
    """*text* with the name of the table that it is about."""
    sheet = layout.sheets().get(key)
    return text if sheet is None else room.say("in-table", table=sheet.names[language()], text=text)


# --- how the form looks ----------------------------------------------------------------------------------------------

def _shape(data: Mapping[str, Any], errors: FormErrors) -> dict[str, Any]:
    """Groups of fields and tables with their columns, in the language of the page."""
    lang = language()
    groups: dict[str, list[dict[str, Any]]] = {}
    for key, column in sheets.fields().items():
        groups.setdefault(key.partition(".")[0] if "." in key else "", []).append(_field(key, column, lang))
    groups = {k: groups[k] for k in sorted(groups, key=lambda k: not k)}             # single fields come last
    titles = _titles(lang)
    tables = []
    for key, sheet in layout.sheets().items():
        text = data["tables"][key]
        said = errors.of(key)
        filled = sum(bool(line.strip()) for line in text.splitlines()[1:])
        tables.append({"key": key, "title": sheet.names[lang], "help": sheet.help[lang], "text": text,
                       "rows": min(max(text.count("\n") + 2, 4), 16), "open": bool(filled or said), "filled": filled,
                       "said": said[:MOST_TOLD], "more": max(len(said) - MOST_TOLD, 0),
                       "columns": [_field(k, c, lang) for k, c in sheet.all_columns().items()]})
    return {"groups": [{"key": k, "title": titles.get(k, room.say("write-other")), "fields": f,
                        "open": k in _OPEN or any(errors.of(x["key"]) for x in f)
                        or any(data["fields"][x["key"]] for x in f)} for k, f in groups.items()], "tables": tables}


def _field(key: str, column: Column, lang: str) -> dict[str, Any]:
    choices = [(c, column.meanings.get(c, {}).get(lang, "")) for c in column.choices] or (
        [("yes", ""), ("no", "")] if column.kind == "boolean" else [])
    return {"key": key, "title": column.title[lang], "help": column.help[lang], "units": ", ".join(column.units),
            "choices": choices, "example": column.example or "", "required": column.required,
            "kind": "date" if column.kind == "date" else "text"}


def _titles(lang: str) -> dict[str, str]:
    properties = schema().source["properties"]
    return {section: layout.both(properties[section]["title"])[lang] for section in layout.SECTIONS}
