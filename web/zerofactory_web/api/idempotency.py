"""Writes that come with a key of their own are done once: the same request under it gets the same answer again.

A key is noted before the act and answered after it. Where the program ended in between nobody knows whether the act
was done, so such a key is never tried again: it stays taken until its day is over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import ProblemsError
from zerofactory_web.api.checks import Sent, json_bytes
from zerofactory_web.api.model import IdempotencyKey
from zerofactory_web.api.problems import refused
from zerofactory_web.store.unit import Actor, Store

#: How long an answer is kept.
KEPT = timedelta(hours=24)
_AT = "header.Idempotency-Key"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: str


def hash_of(method: str, path: str, sent: Sent, if_match: str | None) -> str:
    """What tells one request from another; the boundary of a form does not."""
    return content_hash({
        "method": method, "path": path, "if_match": if_match, "fields": json_bytes(sent.fields).decode("utf-8"),
        "files": {name: [file.filename or "", _hash(file)] for name, file in sorted(sent.files.items())}})


def _hash(file: Any) -> str:
    import hashlib

    digest = hashlib.sha256()
    while chunk := file.stream.read(_CHUNK):
        digest.update(chunk)
    file.stream.seek(0)
    return digest.hexdigest()


def reserve(store: Store, actor: Actor, key: str, asked: str) -> Answered | None:
    """Take *key* for the request *asked*; the answer that was given to it before, if there is one.

    The table is no act and stands beside the audit log; answers of another day are removed on the way.

    Raises:
        ProblemsError: ``api.key-reused``: another request came under it; ``api.key-running``: it is being done, or
            was interrupted.
    """
    try:
        with store.change(actor) as change:
            change.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= change.now - KEPT))
            row = change.session.scalar(select(IdempotencyKey).where(
                IdempotencyKey.person_id == actor.id, IdempotencyKey.key == key))
            if row is None:
                change.session.add(IdempotencyKey(person_id=actor.id, key=key, request_hash=asked,
                                                  created_at=change.now))
                return None
    except ProblemsError as error:
        if [p.code for p in error.problems] != ["store.taken"]:
            raise
        raise refused("api.key-running", _AT) from None      # somebody else took it in this very moment
    if row.request_hash != asked:
        raise refused("api.key-reused", _AT)
    if row.status is None or row.answer is None:
        raise refused("api.key-running", _AT)
    told = json.loads(row.answer)
    return Answered(row.status, told["headers"], told["body"])


def keep(store: Store, actor: Actor, key: str, answer: Answered) -> None:
    """Keep the answer to the request that took *key*."""
    with store.change(actor) as change:
        row = _row(change.session, actor, key)
        row.status = answer.status
        row.answer = json.dumps({"headers": dict(answer.headers), "body": answer.body}, ensure_ascii=False)


def release(store: Store, actor: Actor, key: str) -> None:
    """Give *key* back: nothing was done, and the same request may come again."""
    with store.change(actor) as change:
        change.session.delete(_row(change.session, actor, key))


def _row(session: Any, actor: Actor, key: str) -> IdempotencyKey:
    found: IdempotencyKey = session.scalars(select(IdempotencyKey).where(
        IdempotencyKey.person_id == actor.id, IdempotencyKey.key == key)).one()
    return found
