"""The process is killed in the middle of an act: what was acknowledged is there, and nothing is half-done."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select
from tests.web.faults import faults_child
from tests.web.faults.conftest import Ready
from tests.web.faults.faults_child import ACTS, child

from zerofactory_web.cases import dossiers
from zerofactory_web.cases.model import Case, Decision, DossierVersion
from zerofactory_web.jobs.model import Job
from zerofactory_web.register import files
from zerofactory_web.register.model import Certificate, CertificateFile, CertificateStatus
from zerofactory_web.settings import Settings
from zerofactory_web.store import audit, schema
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.unit import Store

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([faults_child.__name__])


def _run(folder: Path, database: str, act: str, names: dict[str, Any], *, fatal: int | None = None,
         seconds: float | None = None) -> tuple[list[str], int | None]:
    """What was acknowledged, and the number of points (None: it did not live to tell)."""
    ours, theirs = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=child, args=(theirs, str(folder), database, act, fatal, names), daemon=True)
    process.start()
    theirs.close()
    if seconds is not None:
        time.sleep(seconds)          # any moment of the act is as good as another
        process.kill()
    said: list[tuple[str, str]] = []
    try:
        while True:
            said.append(ours.recv())
    except EOFError:
        pass
    process.join(60)
    counted = [int(text) for kind, text in said if kind == "points"]
    return [text for kind, text in said if kind == "ack"], counted[0] if counted else None


@pytest.mark.parametrize("act", list(ACTS))
def test_killed_at_points_and_moments(stages: dict[str, Ready], act: str, tmp_path: Path, fault_count: int,
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    ready, seed = stages[act], random.Random(f"faults {act}")
    monkeypatch.setattr(dossiers, "GUARD", faults_child._Here())
    database = ready.copy(tmp_path / "whole")
    started = time.monotonic()
    acknowledged, points = _run(tmp_path / "whole", database, act, ready.names)
    took = time.monotonic() - started
    assert acknowledged
    assert points is not None
    _check(tmp_path / "whole", database, act, ready.names, acknowledged)
    chosen = sorted(seed.sample(range(points), min(fault_count, points)))
    died = 0
    for n, fatal in enumerate(chosen):
        died += _crash(ready, tmp_path / f"p{n}", act, fatal=fatal)
    assert died == len(chosen)                     # each point is met: the count is the same every time
    for n in range(fault_count):
        _crash(ready, tmp_path / f"t{n}", act, seconds=seed.uniform(0.0, took))


def _crash(ready: Ready, folder: Path, act: str, *, fatal: int | None = None, seconds: float | None = None) -> int:
    database = ready.copy(folder)
    acknowledged, counted = _run(folder, database, act, ready.names, fatal=fatal, seconds=seconds)
    _check(folder, database, act, ready.names, acknowledged)
    shutil.rmtree(folder)
    return int(counted is None)


def _check(folder: Path, database: str, act: str, names: dict[str, Any], acknowledged: list[str]) -> None:
    store = Store(Settings(data=folder, database=database, body_totp=False))
    try:
        if act != "migration":
            with store.read() as session:
                assert list(audit.faults(session)) == []
        CHECKS[act](store, names, acknowledged)
    finally:
        store.close()


def _check_upload(store: Store, names: dict[str, Any], acknowledged: list[str]) -> None:
    with store.read() as session:
        rows = session.scalars(select(DossierVersion).order_by(DossierVersion.number)).all()
        acts = session.scalar(select(func.count()).where(AuditRow.action == "submission.made"))
    assert {r.id for r in rows} >= set(acknowledged)
    assert [r.number for r in rows] == list(range(1, len(rows) + 1))
    assert acts == len(rows)
    assert len(acknowledged) <= len(rows) - 1 <= len(acknowledged) + 1
    for row in rows:
        store.documents.read(row.document)          # there, and with the hash that it is known by


def _check_decision(store: Store, names: dict[str, Any], acknowledged: list[str]) -> None:
    with store.read() as session:
        counts = [session.scalar(select(func.count()).select_from(t)) for t in (Decision, Certificate, CertificateStatus)]
        counts.append(session.scalar(select(func.count()).where(Job.kind == "certificate/files")))
        states = session.scalars(select(Case.state)).all()
        issued = session.scalars(select(Certificate.id)).all()
    whole = counts == [1, 1, 1, 1] and states == ["granted"]
    nothing = counts == [0, 0, 0, 0] and states == ["review_passed"]
    assert whole or nothing
    assert whole or not acknowledged
    assert set(acknowledged) <= set(issued)
    if nothing:                                     # and it can be done now
        faults_child.decision(store, names, lambda text: None)


def _check_issue(store: Store, names: dict[str, Any], acknowledged: list[str]) -> None:
    with store.read() as session:
        before = session.scalars(select(CertificateFile)).all()
    for row in before:
        assert store.documents.read(row.document)[:5] == b"%PDF-"
    assert {f"{r.kind}-{r.language}" for r in before} >= set(acknowledged)
    if len(before) < len(files.ALL) and not acknowledged:
        return                                      # the job does it again; once in a while we do too
    files.make(store, names["certificate"])
    with store.read() as session:
        after = session.scalars(select(CertificateFile)).all()
    assert sorted((r.kind, r.language) for r in after) == sorted(files.ALL)
    assert {r.document for r in before} <= {r.document for r in after}


def _check_migration(store: Store, names: dict[str, Any], acknowledged: list[str]) -> None:
    schema.upgrade(store.engine)
    assert schema.current(store.engine) == schema.newest()
    there = set(inspect(store.engine).get_table_names())
    from zerofactory_web.tables import metadata

    assert set(metadata.tables) <= there


CHECKS = {"upload": _check_upload, "decision": _check_decision, "issue": _check_issue, "migration": _check_migration}
