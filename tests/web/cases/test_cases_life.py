"""The whole life of a certificate through the services, on both databases."""

from __future__ import annotations

from sqlalchemy import select
from tests.web.cases.conftest import PASSWORD

from zerofactory_web.cases.model import Case, Surveillance
from zerofactory_web.demo.build import build
from zerofactory_web.register import service as register
from zerofactory_web.store import audit
from zerofactory_web.store.unit import Store


def test_three_cases_at_three_stages(store: Store) -> None:
    made = build(store, PASSWORD)
    with store.read() as session:
        states = {c.number: c.state for c in session.scalars(select(Case))}
        assert states == {made.certified: "granted", made.waiting: "findings_open"}
        certificate = register.by_id(session, made.certificate)
        assert certificate is not None
        assert certificate.number == "ZC-2026-00001"
        assert certificate.content["levels"] == [{"id": "three_star", "title": {"zh": "三星", "en": "Three stars"}}]
        assert [s.status for s in register.history(session, certificate.id)] == ["active"]
        assert [(s.certificate_id, s.state) for s in session.scalars(select(Surveillance))] == [(made.certificate, "scheduled")]
        assert list(audit.faults(session)) == []
