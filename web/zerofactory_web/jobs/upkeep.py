"""What is done every day without anybody asking: certificates expire, the audit log gets a signed checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.jobs import service
from zerofactory_web.jobs.model import Job
from zerofactory_web.store.unit import SYSTEM, Store

#: Kinds of daily work.
DAILY = ("certificate/expire", "audit/checkpoint")


def schedule(store: Store) -> None:
    """Ask for today's work, once a day, whoever looks first."""
    today = store.clock().date().isoformat()
    wanted = {f"{kind}/{today}": kind for kind in DAILY}
    with store.read() as session:
        there = set(session.scalars(select(Job.key).where(Job.key.in_(wanted))))
    for key, kind in wanted.items():
        if key in there:
            continue
        try:
            with store.change(SYSTEM) as change:
                if change.session.scalar(select(Job.id).where(Job.key == key).limit(1)) is None:
                    service.enqueue(change, kind, {"day": today}, key=key)
        except ProblemsError:
            continue                       # another worker was first


def checkpoint(store: Store, payload: Mapping[str, Any], beat: Callable[[int], None]) -> Mapping[str, Any]:
    """Sign the head of the audit log."""
    from zerofactory_web.store import checkpoints
    from zerofactory_web.store.keys import audit_signer

    with store.change(SYSTEM) as change:
        made = checkpoints.checkpoint(change.session, audit_signer(store.settings), change.now)
        return {"seq": made.seq if made is not None else None}


HANDLERS = {"audit/checkpoint": checkpoint}
