"""The audit log as a file that anybody can check without this program (``tools/verify_audit.py``)."""

from __future__ import annotations

from pathlib import Path

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_web.store.audit import rows
from zerofactory_web.store.checkpoints import checkpoints
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import Store


def export_log(store: Store, out: Path) -> int:
    """One JSON object a line: ``{"row": …, "hash": …}`` in order, then ``{"checkpoint": …}``; how many rows."""
    aside, count = out.with_name(out.name + ".part"), 0
    try:
        with store.read() as session, aside.open("wb") as file:
            for row in rows(session):
                file.write(canonical_bytes({"row": row.content(), "hash": row.hash}) + b"\n")
                count += 1
            for each in checkpoints(session):
                file.write(canonical_bytes({"checkpoint": {
                    "seq": each.seq, "hash": each.hash, "at": time_text(each.at), "key": each.key,
                    "signature": each.signature}}) + b"\n")
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return count
