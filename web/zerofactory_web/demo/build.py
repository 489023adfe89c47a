"""Three cases at three stages: certified, waiting for corrective action, and just submitted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from zerofactory_web.cases import evaluating
from zerofactory_web.cases.model import Case
from zerofactory_web.demo import life
from zerofactory_web.demo.people import Cast, gather
from zerofactory_web.store.unit import Store


@dataclass(frozen=True)
class Demonstration:
    """Who there is, and the numbers of what they did; *certificate* is an id."""

    cast: Cast
    certified: str
    certificate: str
    waiting: str
    submitted: str


def build(store: Store, password: str) -> Demonstration:
    """Fill an empty store.

    Raises:
        ProblemsError: the password is too weak, or the store is not empty.
    """
    cast = gather(store, password)
    life.install_overlay(cast)
    files = life.FILES / "demo-body" / "dossiers"
    certified = life.accept(cast, life.apply(cast, "qingyan", ("青岩一厂", "Qingyan plant 1"), life.SCHEME,
                                             "three_star", files / "qingyan.yaml"))
    certificate = to_certificate(cast, certified)
    waiting = life.accept(cast, life.apply(cast, "haiyu", ("海屿电机厂", "Haiyu motor works"), life.SCHEME,
                                           "three_star", files / "haiyu.yaml"))
    life.plan(cast, waiting, version_of(store, waiting))
    life.look_at_evidence(cast, waiting)
    evaluating.evaluate(store, cast.actor("lin"), waiting)
    life.nonconformity(cast, waiting)
    submitted = life.apply(cast, "chuanrui", ("川锐示例电池一厂", "Chuanrui example battery plant 1"), life.READINESS,
                           "entry", life.FILES / "demo-battery-factory" / "dossier.yaml")
    return Demonstration(cast, certified, certificate, waiting, submitted)


def to_certificate(cast: Cast, case: str) -> str:
    """Take a planned case with its roles to its certificate; the id."""
    life.plan(cast, case, version_of(cast.store, case))
    life.look_at_evidence(cast, case)
    life.complete(cast, case)
    life.review(cast, case)
    issued = life.grant(cast, case)
    assert issued is not None
    return issued


def version_of(store: Store, number: str) -> int:
    """The version of a case."""
    with store.read() as session:
        return session.scalars(select(Case.version).where(Case.number == number)).one()
