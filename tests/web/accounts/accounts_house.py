"""The portal over a founded body: Anna and Bo administer, Eve evaluates, Cai manages the works, Dan another applicant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import enrolled, signed_in
from tests.web.accounts.accounts_world import PASSWORD, World

from zerofactory_web.accounts import competence, invitations, links, roles
from zerofactory_web.app import create_app
from zerofactory_web.store.unit import Store

SUBJECTS = ("zerofactory_web.accounts.pages",)


@dataclass
class House:
    """Ids of the people and organisations, seeds of second factors, and browsers that are signed in."""

    world: World
    app: Flask
    eve: str
    cai: str
    dan: str
    works: str
    other: str
    waiting: str
    record: str
    link: str
    seeds: dict[str, str] = field(default_factory=dict)
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        return self.world.store

    def browser(self, email: str, ident: str, *, second_factor: bool = True) -> FlaskClient:
        """A browser in which that person is signed in; the same one each time."""
        if email not in self.browsers:
            if second_factor and email not in self.seeds:
                self.seeds[email] = enrolled(self.store, ident)
            self.browsers[email] = signed_in(self.app.test_client(), email, PASSWORD, self.seeds.get(email))
        return self.browsers[email]

    def anna(self) -> FlaskClient:
        return self.browser("anna@body.example", self.world.anna)

    def bo(self) -> FlaskClient:
        return self.browser("bo@body.example", self.world.bo)

    def evaluator(self) -> FlaskClient:
        return self.browser("eve@body.example", self.eve)

    def manager(self) -> FlaskClient:
        return self.browser("cai@works.example", self.cai, second_factor=False)

    def stranger(self) -> FlaskClient:
        return self.browser("dan@other.example", self.dan, second_factor=False)


def house_of(world: World) -> House:
    """People, roles, a grant of Bo that waits, a competence record and a link."""
    works, other = world.applicant(), world.applicant("Other Works")
    cai, dan = world.member("cai@works.example", works, "manager"), world.member("dan@other.example", other, "manager")
    eve = world.member("eve@body.example", world.body)
    world.role(eve, "evaluator")
    waiting = roles.grant(world.store, world.second, eve, "reviewer")
    record = competence.record(world.store, world.admin, eve, sector="C38", since=date(2026, 1, 1),
                               until=date(2027, 1, 1), evidence="<b>course</b>")
    link = links.declare(world.store, world.admin, other, kind="consulted", since=date(2020, 1, 1), until=None,
                         text="advised on meters", person_id=eve)
    invitations.invite(world.store, world.admin, works, "new@works.example")
    app = create_app(world.store.settings, world.store, SUBJECTS)
    return House(world, app, eve, cai, dan, works, other, waiting, record, link)
