"""Pages of the exporter's desk: overview, inputs, results, requests. Each is also data (``?format=json``)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from zerofactory_web.accounts import gate
from zerofactory_web.accounts.access import require_scope
from zerofactory_web.exporter import (
    access,
    guarded,
    inputs,
    pages_inputs,
    pages_requests,
    pages_results,
    pages_write,
    requests,
    room,
)
from zerofactory_web.exporter import results as kept
from zerofactory_web.exporter.model import CbamResult
from zerofactory_web.readiness.guard import Guard
from zerofactory_web.site.context import Way, actor, portal, portal_of
from zerofactory_web.site.language import pages
from zerofactory_web.store.unit import Actor

BLUEPRINT = pages("desk", __name__, "/exporter")
#: Results of an organisation on the overview.
_LATEST = 5


def register(app: Flask, guard: Guard | None = None) -> None:
    """Add the pages of this subject."""
    guarded.install(app, guard)
    app.jinja_env.filters.update(cbam_five=room.five, cbam_whole=room.whole, cbam_money=room.money,
                                 cbam_share=room.percent)
    for blueprint in (BLUEPRINT, pages_inputs.BLUEPRINT, pages_results.BLUEPRINT, pages_requests.BLUEPRINT,
                      pages_write.BLUEPRINT):
        app.register_blueprint(blueprint)
    portal_of(app).ways.append(Way("desk.start", "exporter.way", seen_by=_exports))


def _exports(who: Actor) -> bool:
    """Members of an organisation who hold no role at the body."""
    return who.known and bool(who.organisations) and not who.roles


@BLUEPRINT.get("/")
@gate.required
def start() -> Response:
    """Everything of the organisations that one exports for."""
    require_scope(actor(), access.READ)
    with portal().store.read() as session:
        found = [_organisation(session, o) for o in access.exporters(session, actor())]
    return room.shown("start", {"organisations": found}, room.say("title"),
                      today=portal().store.clock().date().isoformat())


def _organisation(session: Any, row: Any) -> dict[str, Any]:
    rows = inputs.listed(session, row.id)
    newest: dict[str, CbamResult] = {}
    for result in kept.of_version(session, [v.id for _, v in rows]):
        newest.setdefault(result.version_id, result)
    asked = requests.listed(session, row.id)
    return {"id": row.id, "name": room.name(row),
            "inputs": [{"id": i.id, "name": i.name, "version": room.version(v, access.name_of(session, v.made_by)),
                        "result": room.result(newest[v.id]) if v.id in newest else None} for i, v in rows],
            "results": [{**room.result(r), "input": name, "version": number}
                        for r, number, name, _ in kept.of_organisation(session, row.id, _LATEST)],
            "requests": [room.asked(r) for r in asked if r.state == "open"],
            "closed_requests": sum(r.state != "open" for r in asked)}
