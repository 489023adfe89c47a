"""A job as pages and streams say it: plain values, in the language of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zerofactory_engine.messages import catalogue, render, render_problem
from zerofactory_web.jobs.model import OPEN, Job
from zerofactory_web.readiness.guard import problem_of
from zerofactory_web.store.model import time_text


def job_view(row: Job, lang: str) -> dict[str, Any]:
    """Everything that its page says."""
    name = f"jobs.name-{row.kind.replace('/', '-')}"
    return {
        "id": row.id, "kind": row.kind, "name": _said(name, "jobs.name-other", lang),
        **moving(row, lang), "attempts": row.attempts, "about": row.for_thing, "asked_at": time_text(row.created_at),
        "ended_at": _time(row.ended_at), "next_at": time_text(row.run_after) if row.state == "queued" else None,
        "problems": [{**p, "text": render_problem(problem_of(p), lang)} for p in row.problems],
        "result": row.result}


def row_view(row: Job, lang: str) -> dict[str, Any]:
    """What the list of jobs says of one: as its page does, without result and step; *seen_at*: the last sign of life
    of a worker that had it, the beginning of the try where there was no other."""
    told = job_view(row, lang)
    return {**{k: told[k] for k in ("id", "kind", "name", "state", "ended", "progress", "text", "attempts",
                                    "asked_at", "ended_at", "next_at", "problems")}, "seen_at": _time(row.beat_at),
            "waits_again": row.state == "queued" and row.attempts > 0}


def moving(row: Job, lang: str) -> dict[str, Any]:
    """What changes while it is done: state, progress (thousandths), step; *text* says it in a sentence."""
    state = "again" if row.state == "queued" and row.attempts else row.state
    return {"state": row.state, "ended": row.state not in OPEN, "progress": row.progress,
            "step": row.step, "step_text": _said(row.step, "", lang),
            "text": render(f"jobs.state-{state}", lang, {"percent": row.progress // 10})}


def _said(code: str, otherwise: str, lang: str) -> str:
    """The sentence of *code* where there is one."""
    code = code if code in catalogue(lang) else otherwise
    return render(code, lang) if code else ""


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else time_text(moment)
