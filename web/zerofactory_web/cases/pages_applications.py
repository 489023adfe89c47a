"""Pages of applications: the list of everything, the applicant's task list, the body's intake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import BinaryIO, cast

from flask import Response, abort, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts import gate
from zerofactory_web.accounts.forms import attempt, done, number, sentence, typed
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases import access, applications, dossiers, opening, room, view
from zerofactory_web.cases.applications import Terms
from zerofactory_web.cases.model import FOUND_BY, Case
from zerofactory_web.cases.schemes import Scheme, scheme, schemes
from zerofactory_web.readiness.forms import READING, level_options, reading_fields
from zerofactory_web.readiness.told import rows as problem_rows
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.uploads import chosen, shown_name, takes_files

BLUEPRINT = pages("applying", __name__, "/applications")
ACCEPT = ".yaml,.yml,.json,.xlsx,.zip"
#: Pages of the applicant's task list, with the fields of each.
STEPS = {"facility": ("facility_zh", "facility_en", "sector"), "standard": ("pack", "level"),
         "scope": ("scope_zh", "scope_en", "not_covered_zh", "not_covered_en")}


@BLUEPRINT.get("/")
@gate.required
def start() -> Response:
    """Applications and cases that one sees, and the way to another one."""
    return _start()


def _start(errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    found = [{"number": a.number, "state": a.state, "organisation": {"zh": o.name_zh, "en": o.name_en},
              "facility": {"zh": a.facility_zh, "en": a.facility_en}, "pack": a.pack,
              "submitted_at": view.moment(a.submitted_at),
              "case": {"number": c.number, "state": c.state, "outcome_kind": c.outcome_kind} if c else None}
             for a, o, c in applications.listed(store, who)]
    with store.read() as session:
        mine = [o for o in (session.get(Organisation, i) for i in sorted(who.organisations))
                if o is not None and o.kind == "applicant"]
        staff = bool(access.staff_roles(session, who) & access.LOOKING)
    places = [Option(o.id, o.name_zh if language() == "zh" else o.name_en, checked=n == 0) for n, o in enumerate(mine)]
    return room.shown("start", {"applications": found}, sentence("casework.title"), errors=errors, status=status,
                      places=places, staff=staff)


@BLUEPRINT.post("/")
@gate.keyboard
def begin() -> BaseResponse:
    """Begin an application."""
    try:
        made = applications.start(portal().store, actor(), typed("organisation", 40), request=request_id())
    except ProblemsError as error:
        from zerofactory_web.accounts.forms import again

        return again(error.problems, _start, ("organisation",))
    return redirect(url_for("applying.one", ref=made), 303)


@BLUEPRINT.get("/<ref>")
@gate.required
def one(ref: str) -> Response:
    """An application: the applicant's task list, or what the body sees of it."""
    return _one(ref)


def _one(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.application(session, who, ref)
        data = view.application(session, row)
        kinds = {c.number: c.outcome_kind for c in session.scalars(select(Case).where(Case.application_id == row.id))}
        mine = access.is_applicant(session, who, row.organisation_id)
        planner = bool(access.staff_roles(session, who) & access.PLANNING)
    return room.shown("application", data, ref, errors=errors, status=status, mine=mine, planner=planner, kinds=kinds,
                      editable=mine and data["state"] in ("draft", "returned"), steps=STEPS)


# --- the applicant ---------------------------------------------------------------------------------------------------


@BLUEPRINT.route("/<ref>/<any(facility, standard, scope):step>", methods=["GET", "POST"])
@gate.keyboard
def fill(ref: str, step: str) -> BaseResponse:
    """One task: a form of a few fields that is kept as far as it is filled in."""
    draw = partial(_fill, ref, step)
    if request.method == "GET":
        return draw()
    values = {name: typed(name) for name in STEPS[step]}
    return attempt(lambda: applications.save(portal().store, actor(), ref, values, number("version"),
                                             request=request_id()),
                   url_for("applying.one", ref=ref), draw, STEPS[step], "casework.said-saved")


def _fill(ref: str, step: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.application(session, who, ref, scope="apply")
        if not access.is_applicant(session, who, row.organisation_id):
            abort(404)
        data = view.application(session, row)
        values = {name: room.field(name, getattr(row, name)) for name in STEPS[step]}
    packs = [Option(s.reference, _title(s), _about(s), s.reference == values.get("pack")) for s in schemes(
        store.settings)] if step == "standard" else []
    levels = _levels(values.get("pack", ""), values.get("level", "")) if step == "standard" else []
    return room.shown(f"fill-{step}", {"number": ref, "version": data["version"], "values": values},
                      sentence(f"casework.task-{step}"), [(ref, url_for("applying.one", ref=ref))], errors=errors,
                      status=status, packs=packs, levels=levels)


def _title(found: Scheme) -> str:
    extra = f" + {found.pack.overlay}" if found.pack.overlay else ""
    return f"{found.pack.title[language()]}{extra}"


def _about(found: Scheme) -> str:
    return (f"{found.reference} · {sentence('casework.kind-' + found.pack.outcome_kind.replace('_', '-'))}: "
            f"{found.pack.concluded_by[language()]}")


def _levels(reference: str, chosen_level: str) -> list[Option]:
    """The levels of the chosen scheme; before one is chosen, none."""
    try:
        found = scheme(portal().store.settings, reference) if reference else None
    except ProblemsError:
        return []
    return [] if found is None else level_options(found.pack, language(), [chosen_level] if chosen_level else ())


@BLUEPRINT.route("/<ref>/dossier", methods=["GET", "POST"])
@gate.required
@takes_files(dossiers.LIMIT)
def dossier(ref: str) -> BaseResponse:
    """Versions of the dossier, and the form for another."""
    if request.method == "GET":
        return _dossier(ref)
    return attempt(lambda: _submit_dossier(ref), url_for("applying.dossier", ref=ref), partial(_dossier, ref),
                   ("dossier", "reason", "found_by"), "casework.said-dossier")


def _submit_dossier(ref: str) -> None:
    store, who = portal().store, actor()
    with store.read() as session:          # before anything of a stranger is kept
        row = access.application(session, who, ref, scope="apply")
        if not access.is_applicant(session, who, row.organisation_id):
            raise access.refused("cases.not-yours", accepted="applicant")
    file = chosen("dossier")
    if file is None:
        raise ProblemsError([Problem("precheck.no-file", Place(path="dossier"), accepted=ACCEPT.replace(",", ", "))])
    reading = dossiers.read(store, shown_name(file), cast(BinaryIO, file.stream))
    dossiers.add(store, who, ref, reading, reason=typed("reason"), found_by=typed("found_by", 20) or "applicant",
                 request=request_id())


def _dossier(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.application(session, who, ref)
        data = view.application(session, row)
        found = view.problems(dossiers.newest(session, row.id))
        mine = access.is_applicant(session, who, row.organisation_id)
    again = bool(data["versions"]) and data["state"] != "draft"
    return room.shown("dossier", {"number": ref, "versions": data["versions"]}, sentence("casework.task-dossier"),
                      [(ref, url_for("applying.one", ref=ref))], errors=errors, status=status, mine=mine, again=again,
                      open=data["state"] in opening.OPEN, accept=ACCEPT, limit=dossiers.LIMIT // 1_000_000,
                      noted=problem_rows(found, language()), reason=room.field("reason"),
                      found_by=room.options(FOUND_BY, "found-by", [room.field("found_by", FOUND_BY[0])]))


@BLUEPRINT.get("/<ref>/dossier/<int:count>/file")
@gate.required
def dossier_file(ref: str, count: int) -> Response:
    """The bytes of a submission, as they were sent."""
    with portal().store.read() as session:
        row = access.application(session, actor(), ref)
        found = next((v for v in dossiers.versions(session, row.id) if v.number == count), None) or abort(404)
        name, document = found.file_name, found.document
    return room.download(portal().store.documents.read(document), name)


@BLUEPRINT.post("/<ref>/<any(submit, withdraw):event>")
@gate.keyboard
def hand_in(ref: str, event: str) -> BaseResponse:
    """Submit the application, or take it back."""
    act: Callable[..., None] = {"submit": applications.submit, "withdraw": applications.withdraw}[event]
    return attempt(lambda: act(portal().store, actor(), ref, request=request_id()), url_for("applying.one", ref=ref),
                   partial(_one, ref), (), f"casework.said-{event}")


# --- the body --------------------------------------------------------------------------------------------------------


@BLUEPRINT.post("/<ref>/answer")
@gate.keyboard
def answer(ref: str) -> BaseResponse:
    """Return an application for completion, or decline it."""
    return attempt(lambda: applications.answer(portal().store, actor(), ref, typed("event", 20), typed("reason"),
                                               request=request_id()),
                   url_for("applying.one", ref=ref), partial(_one, ref), ("event", "reason"), "casework.said-answered")


@BLUEPRINT.route("/<ref>/accept", methods=["GET", "POST"])
@gate.keyboard
def accept(ref: str) -> BaseResponse:
    """Take an application on: scheme, levels, readings, scope, and what was looked at."""
    draw = partial(_accept, ref)
    if request.method == "GET":
        return draw()
    if request.form.get("event") == "other-scheme":
        return draw()
    terms = Terms(typed("pack", 200), tuple(dict.fromkeys(request.form.getlist("level"))), _readings(),
                  typed("valid_on", 40), typed("scope_zh"), typed("scope_en"), typed("competence"),
                  typed("impartiality"), typed("capable"), typed("open_minors"))
    try:
        made = applications.accept(portal().store, actor(), ref, terms, request=request_id())
    except ProblemsError as error:
        from zerofactory_web.accounts.forms import again

        return again(error.problems, draw, ("pack", "level", "valid_on", "scope_zh", "scope_en", "competence",
                                            "impartiality", "capable", "open_minors"))
    return done(url_for("casefile.one", ref=made), "casework.said-accepted")


def _readings() -> dict[str, str]:
    return {n.removeprefix(READING)[:80]: v[:80] for n, v in request.form.items() if n.startswith(READING)}


def _accept(ref: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    store, who = portal().store, actor()
    with store.read() as session:
        row = access.application(session, who, ref, scope="evaluate")
        if not access.staff_roles(session, who) & access.PLANNING or row.state != "submitted":
            abort(404)
        data = view.application(session, row)
    reference = room.field("pack", data["pack"])
    try:
        found: Scheme | None = scheme(store.settings, reference)
    except ProblemsError:
        found = None
    names = ("scope_zh", "scope_en", "competence", "impartiality", "capable", "open_minors", "valid_on")
    stored = {"scope_zh": data["scope"]["zh"], "scope_en": data["scope"]["en"],
              "valid_on": store.clock().date().isoformat()}
    values = {n: room.field(n, stored.get(n, "")) for n in names}
    chosen_levels = request.form.getlist("level") or [data["level"]]
    readings = [] if found is None else reading_fields(
        found.pack, language(), {k: v for k, v in _readings().items() if k in found.pack.readings})
    levels = [] if found is None else level_options(
        found.pack, language(), [v for v in chosen_levels if v in found.pack.levels])
    return room.shown("accept", {"number": ref, "pack": reference, "values": values}, sentence("casework.accept-title"),
                      [(ref, url_for("applying.one", ref=ref))], errors=errors, status=status, levels=levels,
                      readings=readings, packs=[Option(s.reference, f"{_title(s)} ({s.reference})", "",
                                                       s.reference == reference) for s in schemes(store.settings)])
