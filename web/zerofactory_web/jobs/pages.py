"""The page of a job: how far it is, by events where there is a script, by looking again where there is none.

The list of all jobs is :mod:`.listing`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, current_app, request

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts.gate import own_path, required
from zerofactory_web.jobs import listing, service
from zerofactory_web.jobs.stream import Streams
from zerofactory_web.jobs.view import job_view, moving
from zerofactory_web.site.context import Portal, Way, actor, portal, portal_of
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.render import page

BLUEPRINT = pages("job", __name__, "/jobs")
STREAMS = "zerofactory.streams"
#: Seconds by which jobs may be late before the installation says that it is not ready.
LATE = 300.0
#: Of the server's threads one in so many may hold a stream.
_SHARE = 4


def register(app: Flask) -> None:
    """Add the pages of jobs, the check of their lag and their numbers."""
    here = portal_of(app)
    app.extensions[STREAMS] = Streams(max(here.settings.threads // _SHARE, 1))
    for blueprint in (BLUEPRINT, listing.BLUEPRINT):
        app.register_blueprint(blueprint)
    here.account_ways.append(Way("joblist.start", "jobs.way", listing.administers))
    here.checks["jobs"] = late
    here.gauges.append(numbers)


@BLUEPRINT.get("/<job_id>")
@required
def show(job_id: str) -> Response:
    """One job, for whom it concerns and for the people of the body."""
    store, who = portal().store, actor()
    row = service.look(store, who, job_id)
    again = None
    if row.state == "given_up":
        with store.read() as session:
            again = service.since(session, row)
    return page("jobs/job.html", job_view(row, language()), onward=own_path(request.args.get("next")), again=again,
                crumbs=listing.crumbs(who), may_revive=row.state == "given_up" and again is None
                and listing.administers(who))


@BLUEPRINT.get("/<job_id>/events")
@required
def events(job_id: str) -> Response:
    """The same as a stream of events; 503 when as many are followed as may be."""
    store, who, lang = portal().store, actor(), language()
    service.look(store, who, job_id)
    streams: Streams = current_app.extensions[STREAMS]
    give_back = streams.place()
    if give_back is None:
        raise ProblemsError([Problem("jobs.busy")])
    answer = Response(_until_gone(streams, lambda: moving(service.look(store, who, job_id), lang)),
                      content_type="text/event-stream; charset=utf-8")
    answer.headers["X-Accel-Buffering"] = "no"       # a proxy passes every event on at once
    answer.headers["Cache-Control"] = "no-store, no-transform"
    answer.call_on_close(give_back)
    return answer


def _until_gone(streams: Streams, look: Callable[[], dict[str, Any]]) -> Iterator[str]:
    """The events, until the database is away: the browser asks again then."""
    try:
        yield from streams.events(look)
    except ProblemsError:
        return


def late(of: Portal) -> str | None:
    """Whether jobs wait longer than they should: no worker runs, or too few."""
    try:
        with of.store.read() as session:
            return "late" if service.lag(session, of.store.clock()) > LATE else None
    except ProblemsError:
        return "unavailable"


def numbers(of: Portal) -> dict[str, float]:
    """Jobs by state, and by how many seconds the oldest is late; nothing while the database is away."""
    try:
        with of.store.read() as session:
            return {"zerofactory_job_lag_seconds": service.lag(session, of.store.clock()),
                    **{f"zerofactory_jobs_{state}": float(n) for state, n in service.counts(session).items()}}
    except ProblemsError:
        return {}
