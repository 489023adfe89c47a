"""The certification report of a case: the assessment report of its bundle with the record of the certification in it.

Who did what and when, the plan, what was seen on site, findings and their corrections, review and decision, and what
each resubmission changed. It is the body's file: the full bundle is attached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.messages import render
from zerofactory_mappings.publishing.style import Block, Style
from zerofactory_web.cases import access, view
from zerofactory_web.cases.model import Application, Case
from zerofactory_web.store.unit import Actor

LANGUAGES = ("zh", "en")
Say = Callable[..., str]


def style_of(session: Session, actor: Actor, row: Case, body: tuple[str, str]) -> Style:
    """What the record of *row* adds to the report of its bundle; the same record gives the same style."""
    application = view.application(session, session.get_one(Application, row.application_id))
    record = {"case": view.case(session, actor, row), "application": application,
              "people": view.people(session, row), "plan": row.plan, "notes": view.fieldwork(session, row),
              "questions": view.clarifications(session, row), "findings": view.nonconformities(session, row),
              **view.outcomes(session, row)}
    sections = {"introduction": (_parties, _team, _plan), "evidence": (_fieldwork, _questions),
                "findings": (_findings,), "conclusion": (_outcomes, _versions)}
    narrative = {name: tuple(_block(f"casework.report-{part.__name__.strip('_')}", part, record) for part in parts)
                 for name, parts in sections.items()}
    return Style(name={"zh": body[0], "en": body[1]}, report_number=row.number, narrative=narrative,
                 title=_both("casework.report-title"),
                 sha256=content_hash({n: [dict(b.text) for b in blocks] for n, blocks in narrative.items()}))


def _both(code: str) -> dict[str, str]:
    return {lang: render(code, lang) for lang in LANGUAGES}


def _block(title: str, part: Callable[[dict[str, Any], Say, str], Iterator[str]], record: dict[str, Any]) -> Block:
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


def _parties(record: dict[str, Any], say: Say, lang: str) -> Iterator[str]:
    a, c = record["application"], record["case"]
    yield _pair(say, "casework.application", a["number"])
    yield _pair(say, "casework.organisation", a["organisation"][lang])
    yield _pair(say, "casework.facility", a["facility"][lang])
    yield _pair(say, "casework.agreed-scope", a["scope"][lang])
    yield _pair(say, f"casework.not-covered-{lang}", a["not_covered"][lang])
    yield _pair(say, "casework.scheme", c["pack"])
    yield _pair(say, "casework.pack-hash", c["pack_sha256"])
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
    for d in reversed(record["decisions"]):
        yield (f"{say('casework.section-decision')} {d['effective_on']}, {d['by']}, "
               f"{_word(say, 'decision', d['kind'])}{say('report.colon')}{d['reason']}")


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
