"""The operator's commands on a store of each kind: upgrade, sign, export, verify, back up, restore."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zerofactory_engine.cli import group
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import Actor, Store


def run(*words: str, **settings: str) -> Result:
    return CliRunner().invoke(group, [*words, "--lang", "en"], env={
        **{f"ZEROFACTORY_{k.upper()}": v for k, v in settings.items()}, "ZEROFACTORY_CONFIG": ""})


def test_the_life_of_a_store(database: str, tmp_path: Path) -> None:
    here = {"data": str(tmp_path / "data"), "database": database}
    assert run("db", "upgrade", **here).output.splitlines()[0] == "0001"
    assert run("db", "upgrade", **here).output.splitlines() == [run("db", "upgrade", **here).output.strip()]
    store = Store(Settings(data=tmp_path / "data", database=database))
    with store.change(Actor("anna", "Anna")) as change:
        change.record("case.noted", "case", "c1")
    store.close()
    assert run("audit", "sign", **here).exit_code == 0
    assert run("audit", "verify", **here).output.startswith("The audit log is whole: 1 rows")
    assert run("audit", "export", str(tmp_path / "log.jsonl"), **here).exit_code == 0
    assert len((tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()) == 2
    assert run("backup", str(tmp_path / "b.zip"), **here).exit_code == 0
    there = {"data": str(tmp_path / "other"), "database": f"sqlite:///{tmp_path / 'other.sqlite'}"}
    assert run("restore", str(tmp_path / "b.zip"), **there).exit_code == 0
    assert run("audit", "verify", **there).output.startswith("The audit log is whole: 1 rows")
    assert run("restore", str(tmp_path / "b.zip"), **there).exit_code == 3


def test_a_broken_log_ends_with_the_code_of_a_difference(tmp_path: Path) -> None:
    import sqlalchemy as sa

    here = {"data": str(tmp_path)}
    run("db", "upgrade", **here)
    store = Store(Settings(data=tmp_path))
    with store.change(Actor("anna")) as change:
        change.record("case.noted", "case", "c1")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_final_update"))
        connection.execute(sa.text("UPDATE audit SET reason = 'x'"))
    store.close()
    done = run("audit", "verify", "--json", **here)
    assert done.exit_code == 6
    assert json.loads(done.output)["faults"] == [{"seq": 1, "code": "audit.changed"}]


@pytest.mark.parametrize(("settings", "told"), [
    ({"database": "mysql://x"}, "mysql"), ({"max_upload": "much"}, "ZEROFACTORY_MAX_UPLOAD"),
    ({"database": "postgresql://127.0.0.1:9/none"}, "not available")])
def test_settings_of_no_use_are_told_without_a_traceback(settings: dict[str, str], told: str, tmp_path: Path) -> None:
    done = run("db", "upgrade", **{"data": str(tmp_path), **settings})
    assert done.exit_code in (2, 3)
    assert told in done.output
    assert "Traceback" not in done.output
