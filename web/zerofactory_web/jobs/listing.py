"""The list of jobs for administrators, and putting a job that was given up back into the queue."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.messages import render
from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts.access import ADMINISTRATOR
from zerofactory_web.accounts.forms import again, done
from zerofactory_web.accounts.pages_people import above, administrators
from zerofactory_web.jobs import service
from zerofactory_web.jobs.model import STATES, Job
from zerofactory_web.jobs.view import row_view
from zerofactory_web.register.model import Certificate
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.render import page
from zerofactory_web.store.unit import Actor, Store

BLUEPRINT = pages("joblist", __name__, "/jobs")
#: Jobs on one page of the list.
PAGE = 50
Crumb = tuple[str, str]


def administers(who: Actor) -> bool:
    """Whether the list is for *who*."""
    return ADMINISTRATOR in who.roles


def crumbs(who: Actor) -> list[Crumb]:
    """The way to a job's page, which for an administrator leads through the list."""
    first = [(render("site.name", language()), url_for("portal.home"))]
    return [*first, *above(), (render("jobs.way", language()), url_for("joblist.start"))] if administers(who) else first


@BLUEPRINT.get("/")
@administrators
def start() -> Response:
    """The list: newest first, of one state where ``state`` says so."""
    return _list(FormErrors(), 200)


@BLUEPRINT.post("/<job_id>/revive")
@administrators
def revive(job_id: str) -> BaseResponse:
    """Put a job that was given up back into the queue; on to the page of the job that does it."""
    try:
        made = service.revive(portal().store, actor(), job_id, request=request_id())
    except ProblemsError as error:
        return again(error.problems, _list)
    return done(url_for("job.show", job_id=made), "jobs.said-revived")


def _list(errors: FormErrors, status: int) -> Response:
    store, lang = portal().store, language()
    wanted = request.args.get("state", "")
    state = wanted if wanted in STATES else None
    at = max(request.args.get("page", 1, int), 1)
    found = service.listed(store, actor(), state, start=(at - 1) * PAGE, most=PAGE)
    count = max(1, -(-found.found // PAGE))
    if at > count:
        at, found = count, service.listed(store, actor(), state, start=(count - 1) * PAGE, most=PAGE)
    things = subjects(store, found.rows)
    later = _asked_since(store, found.rows)
    rows = [{**row_view(row, lang), "subject": things.get(row.id), "again": later.get(row.id)}
            for row in found.rows]
    data = {"jobs": rows, "state": state, "found": found.found, "page": at, "pages": count,
            "counts": dict(found.counts)}
    title = render("jobs.way", lang)
    way = [*crumbs(actor())[:-1], (title, "")]
    return page("jobs/jobs.html", data, status=status, errors=errors, title=title, states=STATES, crumbs=way,
                total=sum(found.counts.values()), tries=service.ATTEMPTS,
                page_address=lambda n: url_for("joblist.start", state=state, page=n))


def subjects(store: Store, rows: Sequence[Job]) -> dict[str, dict[str, str]]:
    """What jobs are about, by their id: words, and the address of a page where there is one (else empty)."""
    of = {row.id: str(row.payload["certificate"]) for row in rows if "certificate" in row.payload}
    with store.read() as session:
        certificates = session.scalars(select(Certificate).where(Certificate.id.in_(set(of.values())))).all()
    numbers = {c.id: c.number for c in certificates}
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        number = numbers.get(of.get(row.id, ""))
        if number is not None:
            found[row.id] = {"text": render("jobs.certificate", language(), {"number": number}),
                             "page": url_for("directory.certificate", number=number)}
        elif text := str(row.payload.get("day") or row.for_thing):
            found[row.id] = {"text": text, "page": ""}
    return found


def _asked_since(store: Store, rows: Sequence[Job]) -> dict[str, str]:
    """For jobs that were given up: the job that does the same work since, where there is one."""
    given_up = [row for row in rows if row.state == "given_up"]
    if not given_up:
        return {}
    with store.read() as session:
        found = {row.id: service.since(session, row) for row in given_up}
    return {ident: other for ident, other in found.items() if other is not None}
