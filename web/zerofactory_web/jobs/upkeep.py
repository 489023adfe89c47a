"""What is done every day without anybody asking: certificates expire, the audit log gets a signed checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import select

from zerofactory_web.jobs import service
from zerofactory_web.jobs.model import Job
from zerofactory_web.store.unit import SYSTEM, Store

#: Kinds of daily work; a day is one of UTC. One without handler is not asked for.
DAILY = ("certificate/expire", "audit/checkpoint")


class Upkeep:
    """Asks for the work of the day; remembers for which day it last did, so that asking again costs nothing."""

    def __init__(self, known: Collection[str]) -> None:
        self._kinds = [kind for kind in DAILY if kind in known]
        self._day = ""

    def schedule(self, store: Store) -> None:
        """Ask for what today wants and nobody has asked for yet."""
        today = store.clock().date().isoformat()
        if today == self._day:
            return
        wanted = {f"{kind}/{today}": kind for kind in self._kinds}
        with store.read() as session:
            there = set(session.scalars(select(Job.key).where(Job.key.in_(wanted))))
        for key in wanted.keys() - there:
            with store.change(SYSTEM) as change:
                service.enqueue(change, wanted[key], {"day": today}, key=key)
        self._day = today


def checkpoint(store: Store, payload: Mapping[str, Any], beat: Callable[[int], None]) -> Mapping[str, Any]:
    """Sign the head of the audit log."""
    from zerofactory_web.store import checkpoints
    from zerofactory_web.store.keys import audit_signer

    with store.change(SYSTEM) as change:
        made = checkpoints.checkpoint(change.session, audit_signer(store.settings), change.now)
        return {"seq": made.seq if made is not None else None}


HANDLERS = {"audit/checkpoint": checkpoint}
