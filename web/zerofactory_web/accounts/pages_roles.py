"""Administration: roles at the body (rule 7: one grants, another confirms), competence (rule 11), links (rule 3)."""

from __future__ import annotations

from flask import Response, abort, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.accounts import competence, profile, roles, views
from zerofactory_web.accounts.forms import attempt, chosen, days, options, reason, sentence, shown, typed
from zerofactory_web.accounts.model import BODY_ROLES, BodyRole, Person
from zerofactory_web.accounts.pages_links import FIELDS, declare_for, end_of, form_parts
from zerofactory_web.accounts.pages_people import BLUEPRINT, above, administrators, crumbs_of
from zerofactory_web.accounts.sure import Question
from zerofactory_web.accounts.words import Words
from zerofactory_web.site.context import actor, portal, request_id
from zerofactory_web.site.forms import FormErrors
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import SYSTEM

_COMPETENCE = ("sector", "since", "until", "evidence")


@BLUEPRINT.get("/roles")
@administrators
def role_list() -> Response:
    """Grants that wait for a second administrator, and roles that are in force."""
    store, who = portal().store, actor()
    waiting, held = roles.waiting(store, who), roles.held(store, who)
    hands = [hand for r, _ in (*waiting, *held) for hand in (r.granted_by, r.confirmed_by) if hand is not None]
    names = profile.names(store, who, hands) | {SYSTEM.id: sentence("account.operator")}

    def row(r: BodyRole, p: Person) -> dict[str, object]:
        return {"id": r.id, "role": r.role, "person": p.id, "name": p.name, "granted_at": time_text(r.created_at),
                "granted_by": names.get(r.granted_by, ""), "confirmed_by": names.get(r.confirmed_by or "", ""),
                "confirmable": who.id not in (r.person_id, r.granted_by) and r.confirmed_by is None}

    return shown("roles", {"waiting": [row(r, p) for r, p in waiting], "held": [row(r, p) for r, p in held]},
                 sentence("account.roles-title"), above())


@BLUEPRINT.get("/people/<ident>/grant")
@administrators
def grant_form(ident: str) -> Response:
    """The form of a grant."""
    return _grant(ident)


@BLUEPRINT.post("/people/<ident>/grant")
@administrators
def grant(ident: str) -> BaseResponse:
    """Grant a role."""

    def act() -> None:
        words = Words()
        role, because = chosen(words, "role", BODY_ROLES), reason(words)
        words.done()
        roles.grant(portal().store, actor(), ident, role, reason=because, request=request_id())

    return attempt(act, url_for("office.person", ident=ident),
                   lambda errors, status: _grant(ident, errors, status), ("role", "reason"), "account.said-granted")


def _grant(ident: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    found = profile.of_person(portal().store, actor(), ident)
    held = {r.role for r in found.roles}
    free = [r for r in BODY_ROLES if r not in held]
    return shown("grant", {"person": views.person(found.person), "roles": free}, sentence("account.grant-title"),
                 crumbs_of(found.person.name, ident), errors=errors, status=status, reason=typed("reason"),
                 roles=options(free, "role", (typed("role", 40),), hints=True))


@BLUEPRINT.route("/roles/<ident>/confirm", methods=["GET", "POST"])
@administrators
def confirm(ident: str) -> BaseResponse:
    """Confirm a role that another administrator granted."""
    store, who = portal().store, actor()
    row, person = _row(ident)
    names = profile.names(store, who, [row.granted_by]) | {SYSTEM.id: sentence("account.operator")}
    facts = (("account.name", person.name), ("account.role", views.word("role", row.role)),
             ("account.granted-by", names.get(row.granted_by, "")))
    question = Question("account.role-confirm", facts, url_for("office.role_list"), "account.said-confirmed",
                        [*above(), (sentence("account.roles-title"), url_for("office.role_list"))], danger=False)
    return question.settle(lambda: roles.confirm(store, who, ident, reason=reason(), request=request_id()))


@BLUEPRINT.route("/roles/<ident>/end", methods=["GET", "POST"])
@administrators
def end_role(ident: str) -> BaseResponse:
    """End a role, or a grant that waits."""
    row, person = _row(ident)
    facts = (("account.name", person.name), ("account.role", views.word("role", row.role)))
    question = Question("account.role-end", facts, url_for("office.person", ident=person.id),
                        "account.said-role-ended", crumbs_of(person.name, person.id))
    return question.settle(lambda: roles.end(portal().store, actor(), ident, reason(), request=request_id()))


def _row(ident: str) -> tuple[BodyRole, Person]:
    """A role that has not ended, and whose it is; 404 when there is none."""
    store, who = portal().store, actor()
    found = next((x for x in (*roles.waiting(store, who), *roles.held(store, who)) if x[0].id == ident), None)
    return found or abort(404)


@BLUEPRINT.get("/people/<ident>/competence")
@administrators
def competence_form(ident: str) -> Response:
    """The form of a record."""
    return _competence(ident)


@BLUEPRINT.post("/people/<ident>/competence")
@administrators
def record_competence(ident: str) -> BaseResponse:
    """Note what a person is competent for."""

    def act() -> None:
        words = Words()
        found = days(words, "since", "until")
        if words.problems:                    # told together; otherwise the service looks at them, with the dates
            words.sector(typed("sector", 40))
            words.text("evidence", typed("evidence"), competence.EVIDENCE_LENGTH, lines=True)
        words.done()
        competence.record(portal().store, actor(), ident, sector=typed("sector", 40), since=found["since"],
                          until=found["until"], evidence=typed("evidence"), request=request_id())

    return attempt(act, url_for("office.person", ident=ident),
                   lambda errors, status: _competence(ident, errors, status), _COMPETENCE, "account.said-competence")


def _competence(ident: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    row = profile.of_person(portal().store, actor(), ident).person
    return shown("competence", {"person": views.person(row), "fields": list(_COMPETENCE)},
                 sentence("account.competence-title"), crumbs_of(row.name, ident), errors=errors, status=status,
                 given={name: typed(name) for name in _COMPETENCE})


@BLUEPRINT.route("/people/<ident>/competence/<record>/end", methods=["GET", "POST"])
@administrators
def end_competence(ident: str, record: str) -> BaseResponse:
    """End a record before its time."""
    found = profile.of_person(portal().store, actor(), ident)
    row = next((c for c in found.competence if c.id == record), None) or abort(404)
    facts = (("account.name", found.person.name), ("account.sector", row.sector),
             ("account.until", row.until.isoformat()), ("account.evidence", row.evidence))
    question = Question("account.competence-end", facts, url_for("office.person", ident=ident),
                        "account.said-competence-ended", crumbs_of(found.person.name, ident))
    return question.settle(lambda: competence.end(portal().store, actor(), record, reason(), request=request_id()))


@BLUEPRINT.get("/people/<ident>/links")
@administrators
def link_form(ident: str) -> Response:
    """The form of a declaration."""
    return _link(ident)


@BLUEPRINT.post("/people/<ident>/links")
@administrators
def declare_link(ident: str) -> BaseResponse:
    """Declare a link for a person."""
    return attempt(lambda: declare_for(ident), url_for("office.person", ident=ident),
                   lambda errors, status: _link(ident, errors, status), FIELDS, "account.said-link")


def _link(ident: str, errors: FormErrors | None = None, status: int = 200) -> Response:
    row = profile.of_person(portal().store, actor(), ident).person
    return shown("link", {"person": views.person(row), "fields": list(FIELDS)}, sentence("account.link-title"),
                 crumbs_of(row.name, ident), errors=errors, status=status, parts_of_form=form_parts())


@BLUEPRINT.route("/people/<ident>/links/<link>/end", methods=["GET", "POST"])
@administrators
def end_link(ident: str, link: str) -> BaseResponse:
    """Say when a link of a person ended."""
    name = profile.of_person(portal().store, actor(), ident).person.name
    return end_of(link, ident, url_for("office.person", ident=ident), crumbs_of(name, ident))
