"""Pages of inputs: a new one by upload or from an example, its versions and what changed between them, computing."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.access import require_scope
from zerofactory_web.accounts.forms import done, typed
from zerofactory_web.exporter import access, forms, guarded, inputs, results, room
from zerofactory_web.exporter.inputs import Given
from zerofactory_web.exporter.model import METHODS, CbamInputFile, CbamInputVersion
from zerofactory_web.readiness.forms import READING
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import pages
from zerofactory_web.site.uploads import takes_files

BLUEPRINT = pages("deskinput", __name__, "/exporter")
SECTORS = ("steel", "aluminium", "cement", "fertilisers", "hydrogen")
#: Changes between two versions that a page lists; the JSON answer lists all.
MOST_CHANGES = 300
_NOTHING = room.Listed()


@BLUEPRINT.route("/inputs/new", methods=["GET", "POST"])
@gate.required
@takes_files(forms.FILE_BYTES + forms.BESIDE_BYTES)
def new() -> BaseResponse:
    """Make an input: of a file, or of an example."""
    require_scope(actor(), access.WRITE)
    if request.method == "GET":
        return _new(FormErrors(), 200, _NOTHING)
    try:
        made = inputs.add(portal().store, actor(), typed("organisation", 40), typed("name"), _given(),
                          request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, _new, ("organisation", "name", "source", "file", "beside"))
    return done(url_for("deskinput.version", ident=made), "exporter.said-input")


def _new(errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        organisations = access.exporters(session, actor())
    if not organisations:
        abort(404)
    taken = typed("source", 80) or request.args.get("source", "")
    names = room.examples()
    sources = [Option("file", room.say("source-file"), checked=taken not in names)] + [
        Option(n, room.say(f"example-{n}"), checked=n == taken) for n in names]
    data = {"organisations": [{"id": o.id, "name": room.name(o)} for o in organisations], "accept": forms.ACCEPT,
            "examples": list(names), "problems": list(inside.rows)}
    return room.shown("input-new", data, room.say("new-input"), errors=errors, status=status, inside=inside,
                      sources=sources, places=room.places(organisations, typed("organisation", 40)),
                      given={"name": typed("name", 300)}, sectors=sectors(), limit=forms.FILE_BYTES // 1_000_000)


def sectors(taken: str = "") -> list[Option]:
    """What a file, or an input that is written, may begin with."""
    return [Option("", room.say("sector-none"), checked=not taken)] + [
        Option(s, room.say(f"sector-{s}"), checked=s == taken) for s in SECTORS]


def _given() -> Given:
    """What the file of the form says, or the example that was chosen.

    Raises:
        ProblemsError: everything that is wrong with the file.
    """
    source = typed("source", 80)
    if source in room.examples():
        return guarded.read(*room.example(source), source=source)
    return guarded.read(*forms.uploaded())


@BLUEPRINT.get("/inputs/<ident>")
@gate.required
def one(ident: str) -> Response:
    """An input: versions, results of each, and what changed between two of them."""
    store = portal().store
    with store.read() as session:
        row = access.input_of(session, actor(), ident)
        rows = inputs.versions(session, row.id)
        found = results.of_version(session, [v.id for v in rows])
        before, after = _pair(rows)
        changes = inputs.changes(store, before, after) if before is not None and after is not None else ()
        data: dict[str, Any] = {
            "id": row.id, "name": row.name, "organisation": row.organisation_id,
            "versions": [{**room.version(v, access.name_of(session, v.made_by)),
                          "results": [room.result(r) for r in found if r.version_id == v.id]} for v in rows],
            "compared": None if before is None or after is None else {"from": before.number, "to": after.number},
            "changes": [{"path": c.path, "kind": c.kind, "before": c.before, "after": c.after} for c in changes]}
    return room.shown("input", data, row.name, shown_changes=data["changes"][:MOST_CHANGES],
                      more_changes=max(len(changes) - MOST_CHANGES, 0))


def _pair(rows: Any) -> tuple[CbamInputVersion | None, CbamInputVersion | None]:
    """The two versions to compare: those asked for, else the newest and the one before it."""
    by_number = {str(v.number): v for v in rows}
    after = by_number.get(request.args.get("to", ""), rows[0] if rows else None)
    earlier = str(after.number - 1) if after is not None else ""
    before = by_number.get(request.args.get("from", earlier))
    return (before, after) if before is not None and before is not after else (None, None)


@BLUEPRINT.route("/inputs/<ident>/version", methods=["GET", "POST"])
@gate.required
@takes_files(forms.FILE_BYTES + forms.BESIDE_BYTES)
def another(ident: str) -> BaseResponse:
    """Add a version."""
    draw = partial(_another, ident)
    with portal().store.read() as session:
        access.input_of(session, actor(), ident, access.WRITE)
    if request.method == "GET":
        return draw(FormErrors(), 200, _NOTHING)
    try:
        made = inputs.add_version(portal().store, actor(), ident, guarded.read(*forms.uploaded()), typed("note"),
                                  request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, draw, ("file", "beside", "note"))
    return done(url_for("deskinput.version", ident=made), "exporter.said-version")


def _another(ident: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row = access.input_of(session, actor(), ident)
        number = inputs.versions(session, ident)[0].number
    data = {"id": row.id, "name": row.name, "newest": number, "accept": forms.ACCEPT, "problems": list(inside.rows)}
    return room.shown("input-version", data, room.say("new-version"),
                      [(row.name, url_for("deskinput.one", ident=ident))], errors=errors, status=status,
                      inside=inside, given={"note": typed("note")}, limit=forms.FILE_BYTES // 1_000_000)


@BLUEPRINT.get("/versions/<ident>")
@gate.required
def version(ident: str) -> Response:
    """A version: what was found in its file, and how to compute it."""
    return _version(ident, FormErrors(), 200, _NOTHING)


def _version(ident: str, errors: FormErrors, status: int, inside: room.Listed) -> Response:
    with portal().store.read() as session:
        row, owner = access.version_of(session, actor(), ident)
        beside = session.query(CbamInputFile).filter_by(version_id=row.id).order_by(CbamInputFile.name).all()
        data: dict[str, Any] = {
            **room.version(row, access.name_of(session, row.made_by)), "input": {"id": owner.id, "name": owner.name},
            "problems": room.told(row.problems), "methods": list(METHODS),
            "beside": [{"id": b.id, "name": b.name, "sha256": b.document, "size": b.size} for b in beside],
            "results": [room.result(r) for r in results.of_version(session, [row.id])]}
    taken = typed("method", 20) or "definitive"
    given = {n.removeprefix(READING): v for n, v in request.form.items() if n.startswith(READING)}
    return room.shown("version", data, room.say("version-title", number=row.number),
                      [(owner.name, url_for("deskinput.one", ident=owner.id))], errors=errors, status=status,
                      listed=room.listed(row.problems), inside=inside,
                      methods=[Option(m, room.say(f"method-{m}"), room.say(f"method-{m}-hint"), m == taken)
                               for m in reversed(METHODS)],
                      readings=room.reading_fields(given), given={"import_year": typed("import_year", 20)})


@BLUEPRINT.post("/versions/<ident>/compute")
@gate.required
def compute(ident: str) -> BaseResponse:
    """Compute a version by a method; on to the result."""
    store = portal().store
    try:
        with store.read() as session:
            row, _ = access.version_of(session, actor(), ident, access.WRITE)
            method, year, readings = forms.method("definitive")
            file, beside = inputs.content(store, session, row)
        computed = guarded.compute(file, beside, method, year, readings)
        made = results.keep(store, actor(), ident, computed, request=request_id())
    except ProblemsError as error:
        return room.refused(error.problems, partial(_version, ident), ("method", "import_year", "readings"))
    return redirect(url_for("deskresult.one", ident=made), 303)


@BLUEPRINT.get("/versions/<ident>/file")
@gate.required
def original(ident: str) -> Response:
    """The file of a version, as it came."""
    with portal().store.read() as session:
        row, _ = access.version_of(session, actor(), ident)
    return room.download(portal().store.documents.read(row.document), row.file_name)


@BLUEPRINT.get("/versions/<ident>/beside/<part>")
@gate.required
def beside(ident: str, part: str) -> Response:
    """A table beside a version's file, as it came."""
    with portal().store.read() as session:
        row, _ = access.version_of(session, actor(), ident)
        found = session.query(CbamInputFile).filter_by(version_id=row.id, id=part if part.isalnum() else "").first()
    if found is None:
        raise access.not_found()
    return room.download(portal().store.documents.read(found.document), found.name)


@BLUEPRINT.get("/blank")
@gate.required
def blank() -> Response:
    """A file to fill in: a workbook or YAML, empty or begun for a sector."""
    kind = "yaml" if request.args.get("kind") == "yaml" else "xlsx"
    sector = request.args.get("sector") or None
    if sector is not None and sector not in SECTORS:
        abort(404)
    return room.download(guarded.blank(kind, sector), f"cbam-input{'-' + sector if sector else ''}.{kind}")
