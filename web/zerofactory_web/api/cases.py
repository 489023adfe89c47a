"""Applications and cases for programs: what the pages show, and what an applicant's program may send.

Who sees what is for :mod:`zerofactory_web.cases.access` to say; what belongs to others is not found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.api.dispatch import TAG, tag_of
from zerofactory_web.api.lists import CURSOR, LIMIT
from zerofactory_web.api.operation import FORM, JSON, Body, Call, Operation, Parameter, Result
from zerofactory_web.api.problems import refused
from zerofactory_web.cases import access, applications, dossiers, view
from zerofactory_web.cases.model import Application, Case, DossierVersion
from zerofactory_web.cases.states import APPLICANT
from zerofactory_web.site.uploads import shown_name
from zerofactory_web.store.unit import Actor, Store

APPLICATION = Parameter("number", "path", {"type": "string", "pattern": r"^A-\d{4}-\d{5,9}$"},
                        "api.parameter-application", required=True)
CASE = Parameter("number", "path", {"type": "string", "pattern": r"^C-\d{4}-\d{5,9}$"}, "api.parameter-case",
                 required=True)


def _visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """SQL: what :func:`access.may_see` lets through, so that pages of a list are full."""
    mine: ColumnElement[bool] = Application.organisation_id.in_(actor.organisations) if actor.organisations else false()
    looks = bool(access.staff_roles(session, actor) & access.LOOKING)
    return or_(mine, Application.submitted_at.is_not(None)) if looks else mine


def _next(rows: list[Any], limit: int) -> str | None:
    return rows[limit - 1][0].number if len(rows) > limit else None


# --- applications ----------------------------------------------------------------------------------------------------


def _applications(call: Call) -> Result:
    limit, cursor = call.query["limit"], call.query.get("cursor")
    with call.store.read() as session:
        wanted = _visible(session, call.actor)
        query = select(Application, Organisation).join(Organisation, Organisation.id == Application.organisation_id)
        rows = list(session.execute(query.where(and_(wanted, Application.number < cursor) if cursor else wanted)
                                    .order_by(Application.number.desc()).limit(limit + 1)))
        found = [{"number": a.number, "state": a.state, "organisation": _names(o),
                  "facility": {"zh": a.facility_zh, "en": a.facility_en}, "pack": a.pack,
                  "submitted_at": view.moment(a.submitted_at)}
                 for a, o in rows[:limit] if access.may_see(session, call.actor, a)]
    return Result({"applications": found, "next": _next(rows, limit)})


def _names(place: Organisation) -> dict[str, str]:
    return {"zh": place.name_zh, "en": place.name_en}


def _shown(session: Session, row: Application) -> dict[str, Any]:
    data = view.application(session, row)
    data["dossiers"] = data.pop("versions")
    return data


def _organisations(call: Call) -> Result:
    with call.store.read() as session:
        rows = session.scalars(select(Organisation).where(Organisation.id.in_(call.actor.organisations))
                               .order_by(Organisation.id)).all()
        return Result({"organisations": [{"id": o.id, "kind": o.kind, "name": _names(o)} for o in rows]})


def _application(call: Call) -> Result:
    with call.store.read() as session:
        return Result(_shown(session, access.application(session, call.actor, call.path["number"])))


def _read(store: Store, actor: Actor, number: str) -> dict[str, Any]:
    with store.read() as session:
        return _shown(session, access.application(session, actor, number, scope="apply"))


def _begin(call: Call) -> Result:
    made = applications.start(call.store, call.actor, call.fields["organisation"], request=call.request)
    data = _read(call.store, call.actor, made)
    return Result(data, 201, {"Location": f"/api/v1/applications/{made}"})


def _save(call: Call) -> Result:
    number = call.path["number"]
    before = _read(call.store, call.actor, number)
    tags = [t.strip() for t in (call.if_match or "").split(",")]
    if "*" not in tags and tag_of(before) not in tags:
        raise refused("api.changed", f"header.{TAG.name}")
    try:
        applications.save(call.store, call.actor, number, call.fields, before["version"], request=call.request)
    except ProblemsError as error:
        if any(p.code == "store.stale" for p in error.problems):
            raise refused("api.changed", f"header.{TAG.name}") from None
        raise
    return Result(_read(call.store, call.actor, number))


def _submit_dossier(call: Call) -> Result:
    store, number = call.store, call.path["number"]
    with store.read() as session:          # before anything of a stranger is kept
        row = access.application(session, call.actor, number, scope="apply")
        if not access.is_applicant(session, call.actor, row.organisation_id):
            raise access.refused("cases.not-yours", accepted=APPLICANT)
    file = call.files["dossier"]
    reading = dossiers.read(store, shown_name(file), cast(BinaryIO, file.stream))
    made = dossiers.add(store, call.actor, number, reading, reason=call.fields.get("reason", ""),
                        found_by=call.fields.get("found_by", "applicant"), request=call.request)
    with store.read() as session:
        data = view.version(session, session.get_one(DossierVersion, made))
    return Result(data, 201, {"Location": f"/api/v1/applications/{number}"})


def _submit(call: Call) -> Result:
    applications.submit(call.store, call.actor, call.path["number"], request=call.request)
    return Result(_read(call.store, call.actor, call.path["number"]))


# --- cases -----------------------------------------------------------------------------------------------------------


def _cases(call: Call) -> Result:
    limit, cursor = call.query["limit"], call.query.get("cursor")
    with call.store.read() as session:
        wanted = _visible(session, call.actor)
        query = select(Case, Application, Organisation).join(Application, Application.id == Case.application_id).join(
            Organisation, Organisation.id == Case.organisation_id)
        rows = list(session.execute(query.where(and_(wanted, Case.number < cursor) if cursor else wanted)
                                    .order_by(Case.number.desc()).limit(limit + 1)))
        found = [{"number": c.number, "state": c.state, "application": a.number, "organisation": _names(o),
                  "facility": {"zh": a.facility_zh, "en": a.facility_en}, "pack": c.pack,
                  "outcome_kind": c.outcome_kind}
                 for c, a, o in rows[:limit] if access.may_see(session, call.actor, a)]
    return Result({"cases": found, "next": _next(rows, limit)})


#: What stands in the head of a case for its pages alone.
_OF_PAGES = ("mine", "applicant", "staff", "planner", "statement_open", "events", "certificates")


def _case(call: Call) -> Result:
    with call.store.read() as session:
        row = access.case(session, call.actor, call.path["number"])
        head = view.case(session, call.actor, row)
        people = view.people(session, row) if head["staff"] else None
    team = None if people is None else [{n: p[n] for n in ("name", "role", "statement_at", "ended_at")}
                                        for p in people]
    certificates = [{n: c[n] for n in ("number", "status", "kind", "valid_until")} for c in head["certificates"]]
    return Result({**{n: v for n, v in head.items() if n not in _OF_PAGES}, "roles": head["mine"],
                   "certificates": certificates, "team": team})


Section = Callable[[Session, Case], Any]


def _section(name: str, read: Section, *, staff: bool = False) -> Callable[[Call], Result]:
    """An operation that reads a part of a case; *staff*: one that only the body sees."""
    def do(call: Call) -> Result:
        with call.store.read() as session:
            row = access.case(session, call.actor, call.path["number"])
            if staff and not access.staff_roles(session, call.actor) & access.LOOKING:
                raise ProblemsError([Problem("cases.not-found", found=row.number)])
            return Result({name: read(session, row)})
    return do


def _acts(call: Call) -> Result:
    data: dict[str, Any] = _section("acts", view.history, staff=True)(call).data
    return Result({"most": view.MOST_ACTS, **data})


def _findings(session: Session, row: Case) -> list[dict[str, Any]]:
    return [{n: v for n, v in f.items() if n != "events"} for f in view.nonconformities(session, row)]


def _of_case(ident: str, path: str, do: Callable[[Call], Result], schema: str) -> Operation:
    return Operation(ident, "GET", "/cases/{number}" + path, "cases", "read", do, {200: schema}, (CASE,))


OPERATIONS = (
    Operation("list-organisations", "GET", "/organisations", "applications", "read", _organisations,
              {200: "Organisations"}),
    Operation("list-applications", "GET", "/applications", "applications", "read", _applications,
              {200: "ApplicationPage"}, (LIMIT, CURSOR)),
    Operation("begin-application", "POST", "/applications", "applications", "apply", _begin, {201: "Application"},
              body=Body({JSON: "NewApplication"}), writes=True, more=(404,)),
    Operation("get-application", "GET", "/applications/{number}", "applications", "read", _application,
              {200: "Application"}, (APPLICATION,)),
    Operation("save-application", "PUT", "/applications/{number}", "applications", "apply", _save,
              {200: "Application"}, (APPLICATION, TAG), Body({JSON: "ApplicationFields"}), writes=True, guarded=True),
    Operation("submit-dossier", "POST", "/applications/{number}/dossiers", "applications", "apply", _submit_dossier,
              {201: "Dossier"}, (APPLICATION,), Body({FORM: "NewDossier"}, dossiers.LIMIT), writes=True, more=(507,)),
    Operation("submit-application", "POST", "/applications/{number}/submission", "applications", "apply", _submit,
              {200: "Application"}, (APPLICATION,), writes=True),
    Operation("list-cases", "GET", "/cases", "cases", "read", _cases, {200: "CasePage"}, (LIMIT, CURSOR)),
    _of_case("get-case", "", _case, "Case"),
    _of_case("list-verdicts", "/verdicts", _section("evaluations", view.runs), "Verdicts"),
    _of_case("list-findings", "/findings", _section("findings", _findings), "Findings"),
    _of_case("list-questions", "/questions", _section("questions", view.clarifications), "Questions"),
    _of_case("list-history", "/history", _acts, "History"))
