"""Addresses for machines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from zerofactory_web.app import create_app
from zerofactory_web.settings import Settings
from zerofactory_web.site.context import Portal, portal_of
from zerofactory_web.site.metrics import Metrics
from zerofactory_web.store.unit import Store


def test_a_store_with_its_tables_is_ready(store: Store) -> None:
    client = create_app(store.settings, store).test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        200, {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "disk": "ok", "jobs": "ok"}})


def test_tables_of_another_version_are_not_ready(database: str, tmp_path: Path) -> None:
    empty = Store(Settings(data=tmp_path / "data", database=database))
    answer = create_app(empty.settings, empty).test_client().get("/readyz")
    empty.close()
    assert answer.status_code == 503
    assert answer.json == {"status": "not-ready", "checks": {
        "database": "ok", "migrations": "not-current", "disk": "ok", "jobs": "unavailable"}}


def test_a_database_that_is_gone_is_not_ready_but_the_process_lives(tmp_path: Path) -> None:
    gone = Store(Settings(data=tmp_path, database="postgresql://nobody@127.0.0.1:1/none"))
    client = create_app(gone.settings, gone).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["database"] == "unavailable"
    assert "127.0.0.1:1" not in answer.text
    assert client.get("/healthz").status_code == 200
    gone.close()


def test_a_full_disk_is_not_ready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - 1000, 1000))
    answer = client.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["checks"]["disk"]) == (503, "full")


def test_a_subject_adds_checks_of_its_own(client: FlaskClient) -> None:
    lag: Callable[[Portal], str | None] = lambda portal: "late"  # noqa: E731 - the type is the point
    portal_of(client.application).checks["jobs"] = lag
    answer = client.get("/readyz")
    assert answer.json is not None
    assert (answer.status_code, answer.json["checks"]["jobs"]) == (503, "late")


def test_the_version_names_program_and_tables(client: FlaskClient) -> None:
    told = client.get("/version").json
    assert told is not None
    assert set(told) == {"program", "version", "tables"}


def test_metrics_count_routes_and_never_name_paths(client: FlaskClient) -> None:
    client.get("/en/readiness/cn-miit-zcf-2026@0.1.0?who=wang")
    client.get("/en/wang-was-here")
    client.open("/en/", method="WANG")
    text = client.get("/metrics").text
    assert 'zerofactory_requests_total{method="GET",route="/<any(zh, en):lang>/readiness/<reference>",status="200"} 1' in text
    assert 'zerofactory_requests_total{method="GET",route="-",status="404"} 1' in text
    assert "zerofactory_request_seconds_count 3" in text
    assert "zerofactory_disk_free_bytes" in text
    assert "wang" not in text.lower()


def test_counters_add_up_and_escape() -> None:
    metrics = Metrics()
    metrics.count("a_total", kind='x"\n\\')
    metrics.count("a_total", by=2, kind="y")
    metrics.duration(0.02)
    metrics.duration(99)
    text = metrics.text({"free": 1.5})
    assert 'a_total{kind="x\\"\\n\\\\"} 1' in text
    assert 'a_total{kind="y"} 2' in text
    assert metrics.of("a_total") == 3
    assert 'le="0.005"} 0' in text
    assert 'le="0.025"} 1' in text
    assert 'le="+Inf"} 2' in text
    assert "free 1.5" in text
