"""``zerofactory work`` and ``zerofactory serve`` as processes, under both servers; what a proxy may say."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from tests.web.jobs.jobs_world import ask, job, jobs

from zerofactory_engine.problems import ProblemsError
from zerofactory_web import commands
from zerofactory_web.serving import Proxied, gunicorn_config
from zerofactory_web.settings import Settings, read_settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

_CODE = "import sys\nfrom zerofactory_web import commands\ngetattr(commands, sys.argv.pop(1))()"


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Store]:
    """An embedded store with its tables, in the real time of the processes that use it."""
    made = Store(Settings(data=tmp_path / "data"))
    schema.upgrade(made.engine)
    yield made
    made.close()


@contextmanager
def running(store: Store, *command: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A command with ``--json`` as a process of its own, and what it said first; ended with SIGTERM."""
    environment = {**os.environ, "ZEROFACTORY_DATA": str(store.settings.data), **more}
    with subprocess.Popen([sys.executable, "-c", _CODE, *command, "--json"], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            line = process.stdout.readline()
            assert line, "it ended before it said anything"
            said += line
        try:
            yield process, json.loads(said)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def get(address: str, path: str, **headers: str) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), answer.headers
    connection.close()
    return found


def until_done(store: Store, ident: str) -> None:
    """Wait for a process to do it: a pipe would be no part of what users have."""
    for _ in range(600):
        if job(store, ident).state == "done":
            return
        subprocess.run(["sleep", "0.1"], check=True)
    raise AssertionError("nobody did it")


def test_work_does_what_is_due_and_ends(plain: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEROFACTORY_DATA", str(plain.settings.data))
    ask(plain, "audit/checkpoint", payload={"day": "2026-11-02"})
    result = CliRunner().invoke(commands.work, ["--once", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {"jobs": 3}                     # this one and the two of the day
    assert {j.state for j in jobs(plain)} == {"done"}
    again = CliRunner().invoke(commands.work, ["--once", "--lang", "zh"])
    assert again.output == "已处理 0 项任务\n"


def test_work_refuses_tables_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZEROFACTORY_DATA", str(tmp_path))
    result = CliRunner().invoke(commands.work, ["--once", "--lang", "en"])
    assert result.exit_code == 3
    assert "zerofactory db upgrade" in result.output
    assert "Traceback" not in result.output


def test_work_waits_for_jobs_until_it_is_told_to_stop(plain: Store) -> None:
    with running(plain, "work", "--threads", "2") as (process, said):
        assert said == {"threads": 2}
        until_done(plain, ask(plain, "audit/checkpoint", payload={}))    # asked for in another process than the one that works
    assert process.returncode == 0


def test_serve_under_waitress_does_jobs_too(plain: Store) -> None:
    with running(plain, "serve", "--port", "0") as (process, said):
        assert get(said["address"], "/readyz")[0] == 200
        until_done(plain, ask(plain, "audit/checkpoint", payload={}))
    assert process.returncode == 0


@pytest.mark.full
def test_serve_without_threads_for_jobs_leaves_them_to_work(plain: Store) -> None:
    ident = ask(plain, "audit/checkpoint", payload={})
    with running(plain, "serve", "--port", "0", ZEROFACTORY_JOB_THREADS="0") as (_, said):
        assert get(said["address"], "/healthz")[0] == 200
    assert job(plain, ident).state == "queued"


def test_serve_under_gunicorn_answers_alike_and_does_no_jobs(plain: Store) -> None:
    pytest.importorskip("gunicorn")
    ident = ask(plain, "audit/checkpoint", payload={})
    with running(plain, "serve", "--port", "0", ZEROFACTORY_SERVER="gunicorn", ZEROFACTORY_THREADS="2") as (process, said):
        status, text, headers = get(said["address"], "/en/")
        assert status == 200
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "<html" in text
        assert get(said["address"], "/en/none")[0] == 404
        assert get(said["address"], "/readyz")[0] == 200
    assert process.returncode == 0
    assert job(plain, ident).state == "queued"


@pytest.mark.full
@pytest.mark.parametrize("server", ["waitress", "gunicorn"])
def test_an_address_that_is_taken_is_a_problem_under_both_servers(plain: Store, server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run = subprocess.run([sys.executable, "-c", _CODE, "serve", "--port", port, "--lang", "en"], text=True,
                             capture_output=True, timeout=60, check=False, env={
                                 **os.environ, "ZEROFACTORY_DATA": str(plain.settings.data), "ZEROFACTORY_SERVER": server})
    assert run.returncode == 3
    assert f"127.0.0.1:{port}" in run.stderr
    assert "Traceback" not in run.stderr


# --- proxies ---------------------------------------------------------------------------------------------------------


def seen(proxy: str | None, peer: str, **headers: str) -> tuple[str, str, list[str]]:
    """Address and scheme that the portal sees, and what is left of forwarding headers."""
    found: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ: dict[str, Any] = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http",
                               **{f"HTTP_{n}": v for n, v in headers.items()}}
    Proxied(app, "http", proxy)(environ, lambda *_: lambda _data: None)
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"], [n for n in found if "FORWARDED" in n]


SAID = {"X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7", "X_FORWARDED_PROTO": "https", "X_FORWARDED_HOST": "evil", "FORWARDED": "for=evil"}


def test_only_the_proxy_that_is_named_is_believed_and_only_its_own_word() -> None:
    assert seen("127.0.0.1", "127.0.0.1", **SAID) == ("198.51.100.7", "https", [])
    assert seen("127.0.0.1", "192.0.2.1", **SAID) == ("192.0.2.1", "http", [])
    assert seen(None, "127.0.0.1", **SAID) == ("127.0.0.1", "http", [])
    assert seen("127.0.0.1", "127.0.0.1") == ("127.0.0.1", "http", [])
    assert seen("127.0.0.1", "127.0.0.1", X_FORWARDED_PROTO="gopher")[1] == "http"


def test_gunicorn_believes_nobody_by_itself() -> None:
    pytest.importorskip("gunicorn")
    told = gunicorn_config(Settings(processes=3, threads=5), 7)
    assert (told["bind"], told["workers"], told["threads"], told["worker_class"]) == ("fd://7", 3, 5, "gthread")
    assert (told["forwarded_allow_ips"], told["secure_scheme_headers"], told["preload_app"]) == ("", {}, False)


# --- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value", "accepted"), [
    ("SERVER", "apache", "waitress, gunicorn"), ("SERVER", "", "waitress, gunicorn"), ("PROCESSES", "0", "1 …"),
    ("THREADS", "0", "1 …"), ("JOB_LEASE", "9", "10 …"), ("JOB_THREADS", "-1", "0, 1, 2, …")])
def test_settings_of_serving_are_checked(name: str, value: str, accepted: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_settings({f"ZEROFACTORY_{name}": value})
    assert [(p.code, p.accepted) for p in caught.value.problems] == [("web.setting-value", accepted)]


def test_settings_of_serving_are_taken() -> None:
    found = read_settings({"ZEROFACTORY_SERVER": "gunicorn", "ZEROFACTORY_PROCESSES": "3", "ZEROFACTORY_JOB_THREADS": "0"})
    assert (found.server, found.processes, found.job_threads) == ("gunicorn", 3, 0)


def test_every_setting_is_documented(root: Path) -> None:
    text = (root / "docs/commands.md").read_text(encoding="utf-8")
    assert [f.name for f in fields(Settings) if f"`ZEROFACTORY_{f.name.upper()}`" not in text] == []
