"""Acts that are done in a process of their own, which is killed at a point of them or at any moment.

A point is just before and just after each commit, and just before and after each fsync and rename of a document.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from zerofactory_web.cases import dossiers
from zerofactory_web.cases.work import work
from zerofactory_web.demo import life
from zerofactory_web.demo.people import Cast
from zerofactory_web.register import files
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

Say = Callable[[str], None]


class Points:
    """Counts points; at number *fatal* the process ends as if the plug was pulled."""

    def __init__(self, fatal: int | None) -> None:
        self.count, self.fatal = 0, fatal

    def __call__(self) -> None:
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def around(self, owner: Any, name: str, patch: pytest.MonkeyPatch) -> None:
        real = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self()
            found = real(*args, **kwargs)
            self()
            return found

        patch.setattr(owner, name, watched)


class _Here:
    def run(self, order: dict[str, Any]) -> Any:
        return work(order)


def child(out: Connection, folder: str, database: str, act: str, fatal: int | None, names: dict[str, Any]) -> None:
    """Do *act* on the store; say what was acknowledged, then the number of points."""
    patch = pytest.MonkeyPatch()
    points = Points(fatal)
    patch.setattr(dossiers, "GUARD", _Here())
    store = Store(Settings(data=Path(folder), database=database, body_totp=False))
    points.around(os, "fsync", patch)
    points.around(os, "replace", patch)
    points.around(store.engine.dialect, "do_commit", patch)
    ACTS[act](store, names, lambda text: out.send(("ack", text)))
    out.send(("points", str(points.count)))
    out.close()


def _cast(store: Store, names: dict[str, Any]) -> Cast:
    return Cast(store, names["persons"], names["organisations"])


def upload(store: Store, names: dict[str, Any], say: Say) -> None:
    """Two submissions, one after the other."""
    cast = _cast(store, names)
    original = (life.FILES / "demo-body" / "dossiers" / "qingyan.yaml").read_text(encoding="utf-8")
    for amount in (14, 13):
        text = original.replace("amount: 15", f"amount: {amount}", 1)
        reading = dossiers.read(store, "qingyan.yaml", BytesIO(text.encode()))
        say(dossiers.add(store, cast.actor("qingyan"), names["application"], reading, reason=f"{amount}"))


def decision(store: Store, names: dict[str, Any], say: Say) -> None:
    """The grant, which issues a certificate."""
    issued = life.grant(_cast(store, names), names["case"])
    assert issued is not None
    say(issued)


def issue(store: Store, names: dict[str, Any], say: Say) -> None:
    """The signed files of a certificate."""
    for made in files.make(store, names["certificate"]):
        say(made)


def migration(store: Store, names: dict[str, Any], say: Say) -> None:
    """All tables of an empty database."""
    for step in schema.upgrade(store.engine):
        say(step)


ACTS = {"upload": upload, "decision": decision, "issue": issue, "migration": migration}
