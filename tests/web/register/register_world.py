"""Cases that were granted, and orders to issue from them.

The rows before a grant are brought in as a backup brings them (while the audit log has no head, the guards that look at
acts do not hold); everything of the register happens through its service, with every guard in force.
"""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts.model import Organisation, Person
from zerofactory_web.cases.model import Application, Case, Decision
from zerofactory_web.register import service
from zerofactory_web.register.model import Certificate
from zerofactory_web.register.order import IssueOrder
from zerofactory_web.store.audit import AuditHead
from zerofactory_web.store.unit import SYSTEM, Store

ROOT = Path(__file__).parents[3]
BUNDLE = "sha256:" + "b" * 64
PACK = "cn-miit-zcf-2026"
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@contextmanager
def refusing(*codes: str) -> Iterator[None]:
    """The body is refused with exactly these codes."""
    with pytest.raises(ProblemsError) as caught:
        yield
    assert [p.code for p in caught.value.problems] == list(codes)


@cache
def demo_bundle() -> bytes:
    """The full bundle of the demo dossier."""
    from zerofactory_engine.bundle import build_bundle, bundle_bytes
    from zerofactory_engine.dossier import read_dossier
    from zerofactory_engine.evaluation import Request, evaluate
    from zerofactory_engine.rulepack import load_folder

    folder = next((ROOT / "rules" / PACK).glob("*/pack.yaml")).parent
    dossier = read_dossier(ROOT / "examples/demo-battery-factory/dossier.yaml").dossier
    return bundle_bytes(build_bundle(evaluate(dossier, load_folder(folder), Request(valid_on=date(2026, 10, 1)))))


@dataclass
class World:
    """A store with granted cases; each is issued from once. *decisions*: grants; *later*: a suspension, a
    reinstatement, a withdrawal of each case."""

    store: Store
    bundle: str = BUNDLE
    client: str = ""
    cases: list[Case] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)
    later: list[dict[str, str]] = field(default_factory=list)
    used: int = 0

    def order(self, **changes: Any) -> IssueOrder:
        """An order of the next case that has none."""
        case, decision = self.cases[self.used], self.decisions[self.used]
        self.used += 1
        return dataclasses.replace(EXAMPLE, case_id=case.id, case_number=case.number, decision_id=decision,
                                   organisation_id=self.client, bundle=self.bundle, **changes)

    def issue(self, **changes: Any) -> Certificate:
        with self.store.change(SYSTEM) as change:
            return service.issue(change, self.order(**changes))

    def act(self, row: Certificate, event: str, **more: Any) -> None:
        """Take a certificate along an event, by the decision that its case has for it."""
        place = next(n for n, c in enumerate(self.cases) if c.id == row.case_id)
        with self.store.change(SYSTEM) as change:
            service.change_status(change, row.id, event, self.later[place].get(event), "内部理由", **more)

    def now(self, row: Certificate) -> str:
        with self.store.read() as session:
            return session.get_one(Certificate, row.id).status


EXAMPLE = IssueOrder(
    case_id="c", case_number="C-2026-00001", organisation_id="o", decision_id="d", decided_on=date(2026, 11, 2),
    kind="certificate", certificate_class="service", scheme_filing="CNCA-2026-118",
    client={"name": {"zh": "示例动力电池有限公司", "en": "Demo Power Battery Co., Ltd."},
            "address": {"zh": "江苏省常州市示例大道 88 号", "en": "88 Demo Avenue, Changzhou"},
            "credit_code": "91350100M000100Y43", "lei": ""},
    sites=[{"name": {"zh": "常州一工厂", "en": "Changzhou Plant 1"},
            "address": {"zh": "江苏省常州市", "en": "Changzhou, Jiangsu"}}],
    scope={"zh": "锂离子动力电池电芯与模组的制造。", "en": "Manufacture of lithium-ion cells and modules."},
    not_covered={"zh": "员工通勤。", "en": "Commuting of employees."},
    pack={"id": PACK, "version": "0.1.0", "sha256": "sha256:" + "a" * 64, "edition": "2026-01",
          "title": {"zh": "零碳工厂建设评价要求", "en": "Requirements for zero-carbon factories"}},
    levels=[{"id": "zcf", "title": {"zh": "零碳工厂", "en": "Zero-carbon factory"}}],
    period={"start": "2025-01-01", "end": "2025-12-31"},
    values=[{"title": {"zh": "绿电比例", "en": "Share of green electricity"}, "value": "87.5", "unit": "%"}],
    conditions=[], people={"evaluators": ["p1", "p2"], "reviewer": "p3", "decider": "p4"},
    signatory={"name": "王明", "role": {"zh": "认证决定人", "en": "Decision maker"}}, bundle=BUNDLE,
    serials=[], valid_from=date(2026, 11, 2), valid_until=date(2029, 11, 1), surveillance_due=date(2027, 11, 1))


BASIS = {"zh": "两块电表的校准证书缺失，所涉电量不能确认。", "en": "Calibration certificates of two meters are missing."}


def opinion(kind: str = "unmodified", **changes: Any) -> dict[str, Any]:
    """What a statement says of an opinion of that type."""
    from zerofactory_web.cases import opinions

    verdict = "met" if kind in opinions.POSITIVE else "not_met" if kind == "adverse" else "indeterminate"
    return {"type": kind, "title": opinions.title(kind), "basis": {"zh": "", "en": ""} if kind == "unmodified" else BASIS,
            "assurance": {"id": "reasonable", "title": {"zh": "合理保证", "en": "Reasonable assurance"}},
            "materiality_percent": "5", "method": opinions.STANDARD, "addressee": EXAMPLE.client["name"],
            "responsibilities": {who: {"zh": "负责。", "en": "Is responsible."} for who in ("client", "body")},
            "claim": {"version": 2, "submitted_on": "2026-10-20", "sha256": "sha256:" + "d" * 64},
            "verdicts": [{"id": "zcf", "title": EXAMPLE.levels[0]["title"], "verdict": verdict}],
            "open": [{"kind": "major", "clause": "6.2"}] if kind == "adverse" else [], **changes}


def statement(kind: str = "unmodified", **changes: Any) -> dict[str, Any]:
    """What differs from :data:`EXAMPLE` in the order of a statement."""
    more: dict[str, Any] = {} if kind in ("unmodified", "modified") else {"levels": [], "values": []}
    return {"kind": "statement", "surveillance_due": None, "scheme_filing": "", "opinion": opinion(kind), **more, **changes}


def prepared(store: Store, count: int = 3, *, bundle: bytes | None = None, outcome: str = "certification",
             applications: int | None = None, opinions: tuple[str, ...] = ("unmodified",)) -> World:
    """*count* granted cases of one client; *applications*: how many applications they belong to (all by default);
    *opinions*: those that were decided where the outcome is a verification, in turn."""
    world = World(store)
    if bundle is not None:
        world.bundle = store.documents.put(io.BytesIO(bundle), 50_000_000).sha256
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, Session(
            connection, expire_on_commit=False) as session, session.begin():
        head = session.get_one(AuditHead, 1)
        session.delete(head)
        session.flush()
        body = Organisation(kind="body", name_zh="华东零碳认证中心", name_en="East China Zero Carbon Centre",
                            address={"zh": "上海市", "en": "Shanghai"}, created_at=LONG_AGO)
        client = Organisation(kind="applicant", name_zh="示例动力电池有限公司", name_en="Demo Power Battery Co., Ltd.",
                              credit_code="91350100M000100Y43", created_at=LONG_AGO)
        person = Person(email="wang@body.example", name="王明", language="zh", active=True, created_at=LONG_AGO)
        session.add_all([body, client, person])
        session.flush()
        world.client = client.id
        makers: list[Application] = []
        for n in range(count):
            if applications is None or n < applications:
                makers.append(Application(number=f"A-2026-{n + 1:05d}", organisation_id=client.id, state="accepted",
                                          made_by=person.id, created_at=LONG_AGO))
                session.add(makers[-1])
                session.flush()
            case = Case(number=f"C-2026-{n + 1:05d}", application_id=makers[-1].id, organisation_id=client.id,
                        sector="3841", state="granted", pack=f"{PACK}@0.1.0", outcome_kind=outcome,
                        pack_sha256="sha256:" + "a" * 64, valid_on=date(2026, 10, 1), frozen_bundle=world.bundle,
                        frozen_assessment="sha256:" + "c" * 64, frozen_at=LONG_AGO, created_at=LONG_AGO)
            session.add(case)
            session.flush()
            made = {kind: Decision(case_id=case.id, kind=kind, by_person=person.id, reason="…", bundle=world.bundle,
                                   effective_on=date(2026, 11, 2), created_at=LONG_AGO)
                    for kind in ("grant", "suspend", "reinstate", "withdraw", "terminate")}
            if outcome == "verification":
                made["grant"].opinion = decided = opinions[n % len(opinions)]
                if decided != "unmodified":
                    made["grant"].basis_zh, made["grant"].basis_en = BASIS["zh"], BASIS["en"]
            session.add_all(made.values())
            session.flush()
            world.cases.append(case)
            world.decisions.append(made.pop("grant").id)
            world.later.append({kind: d.id for kind, d in made.items()})
        session.add(AuditHead(id=1, seq=head.seq, hash=head.hash))      # from here on every guard holds
    return world


def content(row: Certificate) -> str:
    """A record as readable JSON."""
    return json.dumps(row.content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
