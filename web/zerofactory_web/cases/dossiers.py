"""Dossiers of applications: reading a submission, its versions, and what changed between two of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, Severity
from zerofactory_web.accounts.access import content_of, require_scope
from zerofactory_web.cases import access, opening
from zerofactory_web.cases.model import Application, DossierVersion, DraftFile
from zerofactory_web.cases.words import Words
from zerofactory_web.cases.work import work
from zerofactory_web.readiness.guard import Guard
from zerofactory_web.store.documents import Stored
from zerofactory_web.store.unit import Actor, Store

#: Largest submission, in bytes.
LIMIT = 50_000_000
#: Changed cells that a version lists; of more, the count is told.
MOST_CHANGES = 2_000
#: Reads and evaluates strangers' files; one for the process, so that turns are taken together.
GUARD = Guard(work)


@dataclass(frozen=True, slots=True)
class Reading:
    """A dossier as it was read: *about* it (:func:`.work.about`), its canonical *tree*, and the file in the store."""

    about: Mapping[str, Any]
    tree: Mapping[str, Any]
    stored: Stored
    name: str


def read(store: Store, name: str, stream: BinaryIO) -> Reading:
    """Keep a submission's bytes and read them, in a guarded process.

    Raises:
        ProblemsError: it is too large, or cannot be read; every problem with its place. What is kept then belongs to
            nothing and is never served.
    """
    stored = store.documents.put(stream, min(LIMIT, store.settings.max_upload))
    done = GUARD.run({"do": "read", "name": name, "data": store.documents.read(stored.sha256)})
    return Reading(done.told, json.loads(done.data), stored, name)


def versions(session: Session, application_id: str) -> Sequence[DossierVersion]:
    """All submissions, the newest first."""
    return session.scalars(select(DossierVersion).where(DossierVersion.application_id == application_id)
                           .order_by(DossierVersion.number.desc())).all()


def newest(session: Session, application_id: str) -> DossierVersion | None:
    """The submission that counts."""
    return session.scalar(select(DossierVersion).where(DossierVersion.application_id == application_id)
                          .order_by(DossierVersion.number.desc()).limit(1))


def add(store: Store, actor: Actor, number: str, reading: Reading, *, reason: str = "", found_by: str = "applicant",
        drafted: bool = False, request: str = "") -> str:
    """Submit a version of the dossier; the id. From the second on a *reason* says why, *found_by* who found it. When it
    was *drafted* in the browser, the draft is over.

    Raises:
        ProblemsError: ``cases.not-found``, ``cases.not-yours``, ``cases.frozen`` while the evaluation is complete and
            after, ``cases.dossier-same`` when nothing changed, ``cases.dossier-other`` when it is of another facility
            or period than before.
    """
    with store.change(actor, request) as change:
        require_scope(actor, "apply")
        row = access.application(change.session, actor, number, scope="apply")
        opening.require_open_dossier(change.session, actor, row)
        last = newest(change.session, row.id)
        words = Words()
        told = words.text("reason", reason, 1_000, lines=True) if last is not None and row.state != "draft" else (
            reason.strip()[:1_000])
        words.among("found_by", found_by, ("applicant", "evaluator"))
        changes = [] if last is None else list(difference(tree_of(store, last), reading.tree))
        if last is not None:
            words.problems += _unfit(last, reading)
        words.done()
        made = DossierVersion(
            application_id=row.id, number=_next(change.session, row.id), file_name=reading.name,
            document=reading.stored.sha256, canonical_sha256=reading.about["sha256"], submitted_by=actor.id,
            found_by=found_by, reason=told, summary={k: v for k, v in reading.about.items() if k != "problems"},
            problems=list(reading.about["problems"]), difference=changes[:MOST_CHANGES], created_at=change.now)
        change.session.add(made)
        change.session.flush()
        change.record("submission.made", "dossier_version", made, content=content_of(made), reason=told,
                      details={"application": row.number, "changes": len(changes)})
        if drafted:
            clear_draft(change.session, row)
        return made.id


def clear_draft(session: Session, row: Application) -> None:
    """There is no draft any more, nor anything that was put in or left out, as part of a running change."""
    row.draft = None
    session.execute(delete(DraftFile).where(DraftFile.application_id == row.id))


def _unfit(last: DossierVersion, reading: Reading) -> Iterator[Problem]:
    if last.canonical_sha256 == reading.about["sha256"]:
        yield Problem("cases.dossier-same", found=f"{last.number}")
    for name in ("id", "period"):
        if (was := last.summary.get(name)) != (now := reading.about[name]):
            yield Problem("cases.dossier-other", found=f"{name}: {now}", accepted=str(was))


def _next(session: Session, application_id: str) -> int:
    last = session.scalar(select(func.max(DossierVersion.number)).where(
        DossierVersion.application_id == application_id))
    return (last or 0) + 1


def tree_of(store: Store, version: DossierVersion) -> Mapping[str, Any]:
    """The canonical tree of a version, read again from its bytes."""
    done = GUARD.run({"do": "read", "name": version.file_name, "data": store.documents.read(version.document)})
    tree: Mapping[str, Any] = json.loads(done.data)
    return tree


def has_errors(version: DossierVersion) -> bool:
    """Whether something in it could not be read."""
    return any(p["severity"] == str(Severity.ERROR) for p in version.problems)


# --- what changed ----------------------------------------------------------------------------------------------------


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What changed from one canonical tree to another: ``{at, before, after}``; rows are matched by their id.

    ``before`` is absent for what was added, ``after`` for what was removed; a computed zero or an empty text is a
    value.
    """
    yield from _changes("", before, after)


def _changes(at: str, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            yield from _pair(f"{at}/{key}" if at else str(key), before, after, key)
    elif _are_rows(before) and _are_rows(after):
        old, new = {r["id"]: r for r in before}, {r["id"]: r for r in after}
        for key in dict.fromkeys((*old, *new)):
            yield from _pair(f"{at}/{key}", old, new, key)
    elif before != after:
        yield {"at": at, "before": before, "after": after}


def _pair(at: str, before: Mapping[Any, Any], after: Mapping[Any, Any], key: Any) -> Iterator[dict[str, Any]]:
    if key not in before:
        yield {"at": at, "after": after[key]}
    elif key not in after:
        yield {"at": at, "before": before[key]}
    else:
        yield from _changes(at, before[key], after[key])


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(r, Mapping) and "id" in r for r in value) and (
        len({r["id"] for r in value}) == len(value))
