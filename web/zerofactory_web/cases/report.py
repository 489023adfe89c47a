"""The certification report of a case: the assessment report of its bundle with the record of the certification in it.

Who did what and when, the plan, what was seen on site, findings and their corrections, review and decision, and what
each resubmission changed. It is the body's file: the full bundle is attached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.messages import render
from zerofactory_mappings.publishing.style import Block, Style
from zerofactory_web.cases import access, decisions, view
from zerofactory_web.cases.model import Application, Case
from zerofactory_web.store.unit import Actor

LANGUAGES = ("zh", "en")
Say = Callable[..., str]
Part = Callable[[dict[str, Any], Say, str], Iterator[str]]


#: Titles of the body's own report of a case, by the kind of its outcome.
_TITLES = {"verification": "casework.report-title-verification", "readiness": "casework.report-title-readiness"}


def style_of(session: Session, actor: Actor, row: Case, body: tuple[str, str]) -> Style:
    """What the record of *row* adds to the report of its bundle; the same record gives the same style."""
    sections = {"introduction": (_parties, _team, _plan), "evidence": (_fieldwork, _questions),
                "findings": (_findings,), "conclusion": (_outcomes, _versions)}
    return _style(_record(session, actor, row), body, row.number,
                  _TITLES.get(row.outcome_kind, "casework.report-title"), sections)


def readiness_number(session: Session, row: Case) -> str | None:
    """The number of the readiness report of *row*, once it is granted."""
    return next((d.report_number for d in decisions.listed(session, row) if d.report_number), None)


def readiness_style(session: Session, actor: Actor, row: Case, body: tuple[str, str], number: str) -> Style:
    """The readiness report under its *number*: what the applicant may read of the record, and what it is not."""
    sections = {"introduction": (_about, _facility), "findings": (_findings,), "conclusion": (_decision, _versions)}
    return _style(_record(session, actor, row), body, number, _TITLES["readiness"], sections)


def _record(session: Session, actor: Actor, row: Case) -> dict[str, Any]:
    application = view.application(session, session.get_one(Application, row.application_id))
    return {"case": view.case(session, actor, row), "application": application,
            "people": view.people(session, row), "plan": row.plan, "notes": view.fieldwork(session, row),
            "questions": view.clarifications(session, row), "findings": view.nonconformities(session, row),
            **view.outcomes(session, row)}


def _style(record: dict[str, Any], body: tuple[str, str], number: str, title: str,
           sections: Mapping[str, tuple[Part, ...]]) -> Style:
    narrative = {name: tuple(_block(_heading(part), part, record)
                             for part in parts) for name, parts in sections.items()}
    return Style(name={"zh": body[0], "en": body[1]}, report_number=number, narrative=narrative, title=_both(title),
                 sha256=content_hash({n: [dict(b.text) for b in blocks] for n, blocks in narrative.items()}))


def _heading(part: Part) -> str:
    """Code of the title over *part*."""
    name = part.__name__.strip("_")
    return "casework.report-parties" if name == "facility" else f"casework.report-{name}"


def _both(code: str) -> dict[str, str]:
    return {lang: render(code, lang) for lang in LANGUAGES}


def _block(title: str, part: Part, record: dict[str, Any]) -> Block:
    """A block in both languages, a paragraph for each line that *part* gives."""
    texts = {}
    for lang in LANGUAGES:
        def say(code: str, lang: str = lang, **args: object) -> str:
            return render(code, lang, args)

        lines = [line for line in part(record, say, lang) if line]
        texts[lang] = _plain("\n\n".join(lines) or render("casework.report-nothing", lang))
    return Block(texts, _both(title))


def _plain(text: str) -> str:
    """Braces of what people typed are no places to fill in."""
    return text.replace("{", "｛").replace("}", "｝")


def _word(say: Say, area: str, value: str) -> str:
    return say(f"casework.{area}-{value.replace('_', '-')}")


def _pair(say: Say, code: str, value: object) -> str:
    return f"{say(code)}{say('report.colon')}{value}" if value not in (None, "") else ""


def _about(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    yield say("casework.report-about-readiness")
    yield _pair(say, "casework.case-head", record["case"]["number"])


def _facility(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    a, c = record["application"], record["case"]
    yield _pair(say, "casework.application", a["number"])
    yield _pair(say, "casework.organisation", a["organisation"][lang])
    yield _pair(say, "casework.facility", a["facility"][lang])
    yield _pair(say, "casework.agreed-scope", a["scope"][lang])
    yield _pair(say, f"casework.not-covered-{lang}", a["not_covered"][lang])
    yield _pair(say, "casework.scheme", c["pack"])
    yield _pair(say, "casework.pack-hash", c["pack_sha256"])


def _parties(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    yield from _facility(record, say, lang)
    a = record["application"]
    for name in ("competence", "impartiality", "capable", "open_minors"):
        yield _pair(say, f"casework.{name.replace('_', '-')}", a["checks"].get(name, ""))


def _team(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for p in record["people"]:
        signed = say("casework.report-signed", at=_day(p["statement_at"])) if p["statement_at"] else (
            say("casework.unsigned"))
        yield f"{_word(say, 'role', p['role'])}{say('report.colon')}{p['name']} ({signed})"


def _plan(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    plan = record["plan"]
    if not plan:
        return
    yield _pair(say, "casework.objectives", plan["objectives"])
    yield _pair(say, "casework.assurance", _word(say, "assurance", plan["assurance"]))
    for name, code in (("materiality_percent", "materiality"), ("audit_days", "audit-days"),
                       ("remote_percent", "remote"), ("visit_on", "visit-on"), ("no_visit_reason", "no-visit"),
                       ("sampling", "sampling")):
        yield _pair(say, f"casework.{code}", plan[name])


def _fieldwork(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for n in record["notes"]:
        fields = "; ".join(_pair(say, f"casework.content-{k.replace('_', '-')}", v) for k, v in n["content"].items())
        yield f"{n['day']} {_word(say, 'note', n['kind'])} ({n['by']}){say('report.colon')}{n['text']}" + (
            f" — {fields}" if fields else "") + (f" [{n['document_name']} {n['document']}]" if n["document"] else "")


def _questions(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for q in reversed(record["questions"]):
        yield f"{q['subject']}{say('report.colon')}{q['text']} ({q['by']}, {say('casework.due', day=q['due'])})"
        if q["answered_at"]:
            yield f"→ {q['answer']} ({q['answered_by']}, {_day(q['answered_at'])})"


def _findings(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for f in record["findings"]:
        yield (f"{_word(say, 'finding', f['kind'])} · {f['clause']} · {_word(say, 'finding-state', f['state'])}"
               f"{say('report.colon')}{f['text']}")
        for name in ("cause", "correction"):
            yield _pair(say, f"casework.{name}", f[name])
        yield _pair(say, "casework.shown-by", f["answer"])


def _outcomes(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for r in reversed(record["reviews"]):
        yield (f"{say('casework.section-review')} {_day(r['at'])}, {r['by']}, {_word(say, 'review', r['outcome'])}"
               f"{say('report.colon')}{r['text']}")
    yield from _decision(record, say, lang)


def _decision(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    for d in reversed(record["decisions"]):
        ends = d["opinion_title"][lang] if d["opinion"] else (
            say("casework.readiness-report", number=d["report_number"]) if d["report_number"] else
            _word(say, "decision", d["kind"]))
        yield (f"{say('casework.section-decision')} {d['effective_on']}, {d['by']}, {ends}{say('report.colon')}"
               f"{d['reason']}")
        yield _pair(say, "register.opinion-basis", d["basis"][lang])


def _versions(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    versions: Sequence[dict[str, Any]] = record["application"]["versions"]
    for v in reversed(versions):
        yield (f"{say('casework.version', number=v['number'])}, {_day(v['submitted_at'])}, {v['by']}, {v['sha256']}"
               + (f" — {_word(say, 'found-by', v['found_by'])}{say('report.colon')}{v['reason']}"
                  if v["reason"] else ""))
        shown = v["changes"][:40]
        for c in shown:
            yield f"· {c['at']}{say('report.colon')}{c.get('before', '—')} → {c.get('after', '—')}"
        if len(v["changes"]) > len(shown):
            yield say("casework.report-more", count=len(v["changes"]) - len(shown))


def _day(moment: str) -> str:
    return moment[:10]


def body_of(session: Session) -> tuple[str, str]:
    """The certification body's names, zh and en."""
    from sqlalchemy import select

    from zerofactory_web.accounts.model import Organisation

    found = session.scalar(select(Organisation).where(Organisation.kind == "body").order_by(Organisation.created_at))
    if found is None:
        raise access.refused("register.no-body")
    return found.name_zh, found.name_en
