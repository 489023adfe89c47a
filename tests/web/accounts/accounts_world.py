"""A small body to test with: two founders, an applicant, people who join; and actors as their sessions would give them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import invitations, operator, people, roles
from zerofactory_web.accounts.access import organisations_of, roles_in_force
from zerofactory_web.accounts.model import BodyRole
from zerofactory_web.store.unit import Actor, Store

PASSWORD = "magpie lantern oxbow 47"
ADDRESS = "192.0.2.7"


@contextmanager
def refusing(*codes: str) -> Iterator[None]:
    """The body is refused with exactly these codes."""
    with pytest.raises(ProblemsError) as caught:
        yield
    assert [p.code for p in caught.value.problems] == list(codes)


def actor(store: Store, person_id: str) -> Actor:
    """Who acts in a session of the person in which everything was given."""
    with store.read() as session:
        return Actor(person_id, person_id, organisations_of(session, person_id), roles_in_force(session, person_id))


@dataclass(frozen=True)
class World:
    """Two administrators and the body, ids."""

    store: Store
    anna: str
    bo: str
    body: str

    @property
    def admin(self) -> Actor:
        return actor(self.store, self.anna)

    @property
    def second(self) -> Actor:
        return actor(self.store, self.bo)

    def applicant(self, name: str = "Battery Works") -> str:
        return people.add_organisation(self.store, self.admin, kind="applicant", name_zh="电池厂", name_en=name)

    def member(self, email: str, organisation_id: str, member_role: str = "member") -> str:
        """Invite somebody, who takes the link; the id."""
        given = invitations.invite(self.store, self.admin, organisation_id, email, member_role=member_role)
        return invitations.take(self.store, given.secret, name=email.split("@")[0], password=PASSWORD, language="zh")

    def role(self, person_id: str, role: str) -> str:
        """Grant a role and confirm it; the id."""
        made = roles.grant(self.store, self.admin, person_id, role)
        roles.confirm(self.store, self.second, made)
        return made

    def role_rows(self) -> list[BodyRole]:
        with self.store.read() as session:
            return list(session.query(BodyRole).all())


def founded(store: Store) -> World:
    """Anna and Bo, named at the server, have taken their links."""
    links = operator.add_administrators(store, ["anna@body.example", "bo@body.example"], "认证中心", "The Body")
    anna, bo = (invitations.take(store, link.secret, name=name, password=PASSWORD, language="zh")
                for link, name in zip(links.values(), ("安娜", "Bo"), strict=True))
    body = next(iter(actor(store, anna).organisations))
    return World(store, anna, bo, body)
