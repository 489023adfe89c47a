"""The demonstration body's people, and those of its applicants. None of them exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from zerofactory_web.accounts import competence, invitations, operator, roles
from zerofactory_web.accounts import people as accounts
from zerofactory_web.accounts.access import organisations_of, roles_in_force
from zerofactory_web.accounts.model import Person
from zerofactory_web.store.unit import Actor, Store

#: Name and address part of each, and the roles at the body.
STAFF: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "anna": ("安娜", ()), "bo": ("柏舟", ()), "lin": ("林予", ("evaluator",)), "wu": ("吴桐", ("evaluator",)),
    "he": ("何川", ("reviewer",)), "zhao": ("赵岚", ("decider",)), "qian": ("钱宁", ("complaints_handler",)),
    "ou": ("欧阳辰", ("observer",))}
#: Applicants: organisation in both languages, credit code, and who acts for it.
APPLICANTS: Mapping[str, tuple[str, str, str, str]] = {
    "qingyan": ("青岩精密部件有限公司", "Qingyan Precision Parts Ltd", "91510100MA6DEM01X7", "秦雨"),
    "haiyu": ("海屿电机有限公司", "Haiyu Motors Ltd", "91350200MA6DEM02YK", "海宁"),
    "chuanrui": ("川锐电池有限公司", "Chuanrui Battery Ltd", "", "川子")}
#: Who exports (:mod:`.desk`): name part of the address, then as of applicants.
EXPORTER = ("fasteners", ("示例紧固件有限公司", "Example Fasteners Co., Ltd.", "", "顾菁"))
BODY = ("零碳示例认证中心", "Demonstration Certification Centre")
DOMAIN = "body.example"


@dataclass(frozen=True)
class Cast:
    """Everybody by name: ids of persons, ids of applicants."""

    store: Store
    persons: Mapping[str, str]
    organisations: Mapping[str, str]

    def actor(self, name: str) -> Actor:
        """Who acts in a session of that person."""
        ident = self.persons[name]
        with self.store.read() as session:
            shown = session.get_one(Person, ident).name
            return Actor(ident, shown, organisations_of(session, ident), roles_in_force(session, ident))


def gather(store: Store, password: str) -> Cast:
    """Make everybody with *password*; the body's people with their roles and competence.

    Raises:
        ProblemsError: the password is too weak, or the store has people already.
    """
    links = operator.add_administrators(store, [f"anna@{DOMAIN}", f"bo@{DOMAIN}"], *BODY)
    persons = {name: invitations.take(store, link.secret, name=STAFF[name][0], password=password, language="zh")
               for name, link in zip(("anna", "bo"), links.values(), strict=True)}
    cast = Cast(store, persons, {})
    body = next(iter(cast.actor("anna").organisations))
    for name, (shown, held) in STAFF.items():
        if name not in persons:
            persons[name] = join(cast, body, name, shown, password)
        for role in held:
            roles.confirm(store, cast.actor("bo"), roles.grant(store, cast.actor("anna"), persons[name], role))
        if held and role != "observer":
            today = store.clock().date()
            competence.record(store, cast.actor("anna"), persons[name], sector="C", since=today - timedelta(days=400),
                              until=date(today.year + 2, 12, 31), evidence="示例 / demonstration")
    organisations = {}
    for name, (zh, en, code, contact) in APPLICANTS.items():
        organisations[name] = accounts.add_organisation(store, cast.actor("anna"), kind="applicant", name_zh=zh,
                                                        name_en=en, credit_code=code)
        persons[name] = join(cast, organisations[name], name, contact, password, "manager")
    return Cast(store, persons, organisations)


def join(cast: Cast, organisation: str, name: str, shown: str, password: str, as_what: str = "member") -> str:
    """Somebody of the demonstration takes an invitation to *organisation*; the id of the person."""
    given = invitations.invite(cast.store, cast.actor("anna"), organisation, f"{name}@{DOMAIN}", member_role=as_what)
    return invitations.take(cast.store, given.secret, name=shown, password=password, language="zh")
