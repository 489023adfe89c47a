"""The audit log: a chain that shows every change, a database that refuses to make one, checkpoints that others keep."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.web.conftest import Clock

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.store import audit
from zerofactory_web.store.checkpoints import Signer, checkpoint, checkpoint_faults
from zerofactory_web.store.database import is_sqlite
from zerofactory_web.store.export import export_log
from zerofactory_web.store.unit import Actor, Store

ANNA = Actor("anna", "Anna 安娜", roles=frozenset({"evaluator"}))


def act(store: Store, count: int = 1, actor: Actor = ANNA) -> None:
    for number in range(count):
        with store.change(actor, request="r1") as change:
            change.record("case.noted", "case", f"c{number}", content={"text": "核查"}, reason="因为", details={"n": number})


def faults(store: Store) -> list[tuple[int, str]]:
    with store.read() as session:
        return [(f.seq, f.code) for f in (*audit.faults(session), *checkpoint_faults(session))]


def test_rows_form_a_chain(store: Store) -> None:
    act(store, 3)
    with store.read() as session:
        rows = list(audit.rows(session, size=2))
    assert [r.seq for r in rows] == [1, 2, 3]
    assert [r.previous for r in rows] == [audit.GENESIS, rows[0].hash, rows[1].hash]
    assert rows[0].details == {"n": 0}
    assert faults(store) == []


@pytest.mark.parametrize("sql", ["UPDATE audit SET reason = 'x' WHERE seq = 2", "DELETE FROM audit WHERE seq = 3",
                                 "UPDATE audit SET seq = 9 WHERE seq = 1"])
def test_the_database_refuses_to_change_the_log(store: Store, sql: str) -> None:
    act(store, 3)
    with pytest.raises(ProblemsError) as caught, store.change(ANNA) as change:
        change.session.execute(sa.text(sql))
    assert [p.code for p in caught.value.problems] == ["store.audit-is-final"]
    assert faults(store) == []


@pytest.mark.parametrize(("sql", "found"), [
    ("UPDATE audit SET reason = 'x' WHERE seq = 2", [(2, "audit.changed")]),
    ("DELETE FROM audit WHERE seq = 2", [(3, "audit.gap"), (3, "audit.link")]),
    ("DELETE FROM audit WHERE seq = 3", [(2, "audit.head")])])
def test_who_gets_around_the_triggers_is_seen(store: Store, sql: str, found: list[tuple[int, str]]) -> None:
    act(store, 3)
    with store.engine.begin() as connection:
        if is_sqlite(store.engine):
            for name in ("audit_final_update", "audit_final_delete"):
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(sa.text(sql))
    assert faults(store) == found


def test_a_checkpoint_shows_a_log_that_was_written_anew(store: Store, tmp_path: Path) -> None:
    signer = Signer(tmp_path / "key.pem")
    act(store, 3)
    with store.change(ANNA) as change:
        made = checkpoint(change.session, signer, change.now)
        assert made is not None
        assert checkpoint(change.session, signer, change.now) is None
    act(store)
    assert faults(store) == []
    with store.engine.begin() as connection:
        if is_sqlite(store.engine):
            connection.execute(sa.text("DROP TRIGGER audit_final_update"))
        else:
            connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(sa.text("UPDATE audit SET hash = 'sha256:0' WHERE seq = 3"))
    assert (3, "audit.not-continued") in faults(store)


def test_an_act_is_kept_with_its_change_or_not_at_all(store: Store) -> None:
    def fail() -> None:
        with store.change(ANNA) as change:
            change.record("case.noted", "case", "c1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as session:
        assert list(audit.rows(session)) == []
    act(store)
    assert faults(store) == []


def test_a_clock_that_was_set_back_stands_still_in_the_log(store: Store, clock: Clock) -> None:
    act(store)
    clock.now -= timedelta(days=1)
    act(store)
    with store.read() as session:
        first, second = audit.rows(session)
    assert second.at == first.at
    assert second.details["clock"].startswith("2026-11-01T")
    assert faults(store) == []


def test_writers_at_once_make_one_chain(store: Store) -> None:
    threads = [threading.Thread(target=act, args=(store, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert len(list(audit.rows(session))) == 40
    assert faults(store) == []


def test_the_stand_alone_script_agrees(store: Store, tmp_path: Path, root: Path) -> None:
    act(store, 3)
    signer = Signer(tmp_path / "key.pem")
    with store.change(ANNA) as change:
        checkpoint(change.session, signer, change.now)
    log = tmp_path / "log.jsonl"
    assert export_log(store, log) == 3

    def check(*more: str) -> tuple[int, str]:
        done = subprocess.run([sys.executable, "-I", str(root / "tools/verify_audit.py"), str(log), *more],
                              check=False, capture_output=True, text=True)
        return done.returncode, done.stdout

    assert check(signer.public) == (0, "the log is whole\n")
    assert check("other")[0] == 1
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    lines[1]["row"]["reason"] = "变"
    log.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", encoding="utf-8")
    assert check() == (1, "row 2: its content does not have its hash\n")
