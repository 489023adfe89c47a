"""Pages on which a dossier is filled in: the list of its parts, the main fields, one page for each table."""

from __future__ import annotations

from functools import partial
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.dossier import layout, structure
from zerofactory_engine.dossier.structure import Column
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.forms import again, attempt, done, sentence, typed
from zerofactory_web.cases import dossiers, draft_files, drafts, room
from zerofactory_web.cases.model import FOUND_BY
from zerofactory_web.cases.pages_applications import BLUEPRINT
from zerofactory_web.readiness.guard import problem_of
from zerofactory_web.readiness.told import rows as problem_rows
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language
from zerofactory_web.site.uploads import chosen, shown_name, takes_files

#: Tables that most factories fill in; the others stand below.
USUAL = ("meters", "electricity", "energy", "heat", "processes", "fugitive", "certificates", "credits", "products",
         "economics", "documents")


def _crumbs(ref: str) -> list[tuple[str, str]]:
    return [(ref, url_for("applying.one", ref=ref)), (sentence("casework.task-dossier"), url_for(
        "applying.dossier", ref=ref))]


@BLUEPRINT.route("/<ref>/draft", methods=["GET", "POST"])
@gate.keyboard
def draft(ref: str) -> BaseResponse:
    """The parts of the draft; to read it, to submit it as a version, or to throw it away."""
    draw = partial(_draft, ref)
    if request.method == "GET":
        return draw()
    act = typed("act", 20)
    if act == "discard":
        return attempt(lambda: drafts.discard(portal().store, actor(), ref, request=request_id()),
                       url_for("applying.dossier", ref=ref), draw, (), "casework.said-discarded")
    try:
        reading = draft_files.read(portal().store, actor(), ref, language())
        if act != "submit":
            found = [problem_of(p) for p in reading.about["problems"]]
            return _draft(ref, checked=problem_rows(found, language()))
        dossiers.add(portal().store, actor(), ref, reading, reason=typed("reason"),
                     found_by=typed("found_by", 20) or FOUND_BY[0], drafted=True, request=request_id())
    except ProblemsError as error:
        listed = problem_rows([p for p in error.problems if p.place.sheet or p.place.file], language())
        return again(error.problems, partial(_draft, ref, unreadable=listed), ("reason", "found_by"))
    return done(url_for("applying.dossier", ref=ref), "casework.said-dossier")


def _draft(ref: str, errors: FormErrors | None = None, status: int = 200, *, checked: dict[str, Any] | None = None,
           unreadable: dict[str, Any] | None = None) -> Response:
    row, cells = drafts.cells_of(portal().store, actor(), ref)
    parts = [{"key": key, "title": dict(sheet.title), "rows": len(cells["rows"].get(key, ()))}
             for key, sheet in layout.sheets().items()]
    usual = [p for p in parts if p["key"] in USUAL or p["rows"]]
    others = [p for p in parts if p not in usual]
    files = len(draft_files.listed(portal().store, actor(), ref))
    return room.shown("draft", {"number": ref, "main": cells["main"], "parts": parts, "kept": row.draft is not None,
                                "files": files},
                      sentence("casework.draft"), _crumbs(ref), errors=errors, status=status, usual=usual,
                      others=others, checked=checked, unreadable=unreadable,
                      again=row.state == "accepted" or row.state == "returned",
                      reason=room.field("reason"),
                      found_by=room.options(FOUND_BY, "found-by", [room.field("found_by", FOUND_BY[0])]))


@BLUEPRINT.get("/<ref>/draft.xlsx")
@gate.keyboard
def draft_workbook(ref: str) -> Response:
    """The draft as a workbook, to go on in a spreadsheet."""
    _, cells = drafts.cells_of(portal().store, actor(), ref)
    return room.download(drafts.workbook(cells, language()), f"{ref}-dossier.xlsx")


@BLUEPRINT.route("/<ref>/draft/main", methods=["GET", "POST"])
@gate.keyboard
def draft_main(ref: str) -> BaseResponse:
    """The fields that stand once in a dossier."""
    draw = partial(_main, ref)
    if request.method == "GET":
        return draw()
    names = ("id", "complete", *layout.main_fields())
    return attempt(lambda: drafts.save_main(portal().store, actor(), ref, {n: typed(n) for n in names},
                                            request=request_id()),
                   url_for("applying.draft", ref=ref), draw, names, "casework.said-saved")


def _main(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    _, cells = drafts.cells_of(portal().store, actor(), ref)
    values = {n: room.field(n, cells["main"].get(n, "")) for n in ("id", "complete", *layout.main_fields())}
    groups = [{"title": shape.title[language()], "help": shape.help[language()],
               "open": any(values.get(f"{name}.{key}") for key, _ in layout.flat(shape.columns)),
               "fields": [_field(f"{name}.{key}", column) for key, column in layout.flat(shape.columns)]}
              for name, shape in structure.sections().items()]
    return room.shown("draft-main", {"number": ref, "values": values}, sentence("casework.draft-main"),
                      [*_crumbs(ref), (sentence("casework.draft"), url_for("applying.draft", ref=ref))], errors=errors,
                      status=status, groups=groups, tables=", ".join(structure.tables()))


def _field(name: str, column: Column) -> dict[str, Any]:
    title = column.title[language()]
    if column.kind == "texts":
        title = f"{title} ({name.rpartition('.')[2]})"
    return {"name": name, "title": title, "help": column.help[language()], "codes": column.codes,
            "kind": "date" if column.kind == "date" else "text"}


@BLUEPRINT.route("/<ref>/draft/tables/<key>", methods=["GET", "POST"])
@gate.keyboard
@takes_files(0, field=drafts.MOST_TEXT)
def draft_table(ref: str, key: str) -> BaseResponse:
    """One table, pasted from a spreadsheet."""
    draw = partial(_table, ref, key)
    if request.method == "GET":
        return draw()
    return attempt(lambda: drafts.save_table(portal().store, actor(), ref, key, typed("table", drafts.MOST_TEXT + 1),
                                             request=request_id()),
                   url_for("applying.draft", ref=ref), draw, ("table",), "casework.said-saved")


def _table(ref: str, key: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    sheet = drafts.sheet_of(key)
    _, cells = drafts.cells_of(portal().store, actor(), ref)
    rows = cells["rows"].get(key, [])
    text = request.form.get("table", drafts.shown(sheet, rows))[:drafts.MOST_TEXT]
    columns = [{"key": name, "title": column.title[language()], "help": column.help[language()],
                "unit": column.unit.text if column.unit is not None else "", "codes": column.codes,
                "example": column.example or ""} for name, column in sheet.columns.items()]
    return room.shown("draft-table", {"number": ref, "key": key, "rows": rows, "columns": columns},
                      sheet.title[language()],
                      [*_crumbs(ref), (sentence("casework.draft"), url_for("applying.draft", ref=ref))], errors=errors,
                      status=status, text=text, about=sheet.help[language()],
                      filled=[c for c in columns if any(c["key"] in r for r in rows)])


@BLUEPRINT.route("/<ref>/draft/files", methods=["GET", "POST"])
@gate.keyboard
@takes_files(dossiers.LIMIT)
def draft_documents(ref: str) -> BaseResponse:
    """The files of the documents: put one in, or leave one out."""
    draw = partial(_files, ref)
    if request.method == "GET":
        return draw()
    here = url_for("applying.draft_documents", ref=ref)
    if typed("act", 20) == "leave_out":
        return attempt(lambda: draft_files.leave_out(portal().store, actor(), ref, typed("path"), request=request_id()),
                       here, draw, ("path",), "casework.said-saved")
    return attempt(lambda: _put_in(ref), here, draw, ("document", "file"), "casework.said-saved")


def _put_in(ref: str) -> None:
    drafts.cells_of(portal().store, actor(), ref)          # before anything of a stranger is kept
    file = chosen("file")
    if file is None:
        raise ProblemsError([Problem("cases.file-missing", Place(path="file"))])
    draft_files.add(portal().store, actor(), ref, typed("document", 400), shown_name(file),
                    cast(BinaryIO, file.stream), request=request_id())


def _files(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    _, cells = drafts.cells_of(portal().store, actor(), ref)
    found = draft_files.listed(portal().store, actor(), ref)
    rows = [{"id": r["id"], "title": r.get("title", ""), "file": r.get("file", "")}
            for r in cells["rows"].get("documents", ()) if r.get("id")]
    wanted = room.field("document", next((r["id"] for r in rows if not r["file"]), ""))
    options = [{"value": r["id"], "text": " · ".join(t for t in (r["id"], r["title"], r["file"]) if t),
                "checked": r["id"] == wanted} for r in rows]
    data = {"number": ref, "documents": rows, "files": [
        {"path": f.path, "bytes": f.size or None, "documents": f.documents, "carried": f.carried} for f in found]}
    return room.shown("draft-files", data, sentence("casework.draft-files"),
                      [*_crumbs(ref), (sentence("casework.draft"), url_for("applying.draft", ref=ref))], errors=errors,
                      status=status, options=options, limit=dossiers.LIMIT // 1_000_000)


def blueprint() -> Blueprint:
    """That of applications, with the pages of drafts on it."""
    return BLUEPRINT
