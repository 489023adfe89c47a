"""What has to be right before a certificate is issued: every fault of a draft at once, and any refuses the issue.

In the spirit of pre-issuance linting: the record is looked at as others will see it, whatever made it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from zerofactory_engine.dossier.checks.entities import lei_is_sound, uscc_check_character
from zerofactory_engine.problems import Place, Problem
from zerofactory_mappings.verification.model import ADVERSE, DISCLAIMED, UNMODIFIED
from zerofactory_web.cases.model import OPINIONS
from zerofactory_web.register.model import CLASSES, KINDS
from zerofactory_web.register.order import IssueOrder

_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_NUMBER = re.compile(r"[A-Z]{2,12}-\d{4}-\d{5,7}")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
#: Kind of document in which an evaluation under a pack of that outcome kind ends.
ENDS_IN = {"certification": "certificate", "verification": "statement"}
#: Opinions that do not say that the claim holds.
NEGATIVE = (ADVERSE, DISCLAIMED)
#: Characters of one text on a certificate, at most: a page holds no more.
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about a draft. *outcome_kind*: that of the case's pack; *conflicts*: serials in force for
    another application; *replaced*: status and organisation of the certificate that the draft supersedes, if there is
    one; *number_taken*: whether a certificate bears the number already; *opinion*: the one that was decided."""

    outcome_kind: str | None = None
    conflicts: tuple[Problem, ...] = ()
    replaced: tuple[str, str] | None = None
    number_taken: bool = False
    opinion: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A certificate that would be issued *today* under *number*."""

    order: IssueOrder
    number: str
    today: date
    known: Known = Known()


Check = Callable[[Draft], Iterator[Problem]]


def _fault(code: str, path: str, found: object = None, accepted: str | None = None) -> Problem:
    return Problem(f"register.lint-{code}", Place(path=path), found=None if found is None else str(found)[:160],
                   accepted=accepted)


def _missing(value: object, path: str) -> Iterator[Problem]:
    if not isinstance(value, str) or not value.strip():
        yield _fault("missing", path)
    elif len(value) > LONGEST:
        yield _fault("long", path, f"{len(value)}", f"≤ {LONGEST}")
    elif _CONTROL.search(value):
        yield _fault("form", path, ascii(value)[:60])


def _both(text: object, path: str) -> Iterator[Problem]:
    given = text if isinstance(text, Mapping) else {}
    for lang in ("zh", "en"):
        yield from _missing(given.get(lang), f"{path}.{lang}")


def texts(draft: Draft) -> Iterator[Problem]:
    """Everything that readers need stands there, in both languages."""
    order = draft.order
    for path, text in (("client.name", order.client.get("name")), ("scope", order.scope),
                       ("standard.title", order.pack.get("title")), ("signatory.role", order.signatory.get("role"))):
        yield from _both(text, path)
    for path, value in (("signatory.name", order.signatory.get("name")), ("case", order.case_number),
                        ("standard.id", order.pack.get("id")), ("standard.version", order.pack.get("version")),
                        ("standard.edition", order.pack.get("edition"))):
        yield from _missing(value, path)
    if any(order.not_covered.values()):
        yield from _both(order.not_covered, "not_covered")


def places(draft: Draft) -> Iterator[Problem]:
    """There is a site, and every site has a name in both languages."""
    if not draft.order.sites:
        yield _fault("missing", "sites")
    for n, site in enumerate(draft.order.sites):
        yield from _both(site.get("name"), f"sites.{n}.name")


def levels(draft: Draft) -> Iterator[Problem]:
    """At least one level is met, and every one has a name; a statement that does not say so names none."""
    if not draft.order.levels and (draft.order.opinion or {}).get("type") not in NEGATIVE:
        yield _fault("missing", "levels")
    for n, level in enumerate(draft.order.levels):
        yield from _missing(level.get("id"), f"levels.{n}.id")
        yield from _both(level.get("title"), f"levels.{n}.title")


def dates(draft: Draft) -> Iterator[Problem]:
    """Decision, issue and validity follow each other; the period that was evaluated is over."""
    order, today = draft.order, draft.today
    if order.decided_on > today:
        yield _fault("dates", "decided_on", order.decided_on, f"≤ {today}")
    if order.valid_from < today:
        yield _fault("dates", "valid_from", order.valid_from, f"≥ {today}")
    if order.valid_until <= order.valid_from:
        yield _fault("dates", "valid_until", order.valid_until, f"> {order.valid_from}")
    due = order.surveillance_due
    if due is not None and not order.valid_from <= due <= order.valid_until:
        yield _fault("dates", "surveillance_due", due, f"{order.valid_from} … {order.valid_until}")


def period(draft: Draft) -> Iterator[Problem]:
    """The period has a first and a last day, and is over."""
    days = {}
    for name in ("start", "end"):
        try:
            days[name] = date.fromisoformat(str(draft.order.period.get(name)))
        except ValueError:
            yield _fault("form", f"period.{name}", draft.order.period.get(name), "2025-12-31")
    if len(days) == 2 and days["start"] >= days["end"]:
        yield _fault("dates", "period.start", days["start"], f"< {days['end']}")
    if "end" in days and days["end"] > draft.order.decided_on:
        yield _fault("dates", "period.end", days["end"], f"≤ {draft.order.decided_on}")


def duties(draft: Draft) -> Iterator[Problem]:
    """Whoever reviewed or decided did not evaluate (ISO/IEC 17065, 7.5 and 7.6)."""
    people = draft.order.people
    team = set(people.get("evaluators") or ())
    if not team:
        yield _fault("missing", "people.evaluators")
    for who in ("reviewer", "decider"):
        if not people.get(who):
            yield _fault("missing", f"people.{who}")
        elif people[who] in team:
            yield _fault("duty", f"people.{who}")


def hashes(draft: Draft) -> Iterator[Problem]:
    """What it rests on is named by hashes of the right form."""
    for path, value in (("standard.sha256", draft.order.pack.get("sha256")), ("bundle", draft.order.bundle)):
        if not _HASH.fullmatch(str(value)):
            yield _fault("form", path, value, "sha256:…")


def kinds(draft: Draft) -> Iterator[Problem]:
    """It is of a kind and class that there are, and of the kind in which the pack's evaluations end."""
    order = draft.order
    if order.kind not in KINDS:
        yield _fault("form", "kind", order.kind, ", ".join(KINDS))
    elif order.kind != (ends := ENDS_IN.get(str(draft.known.outcome_kind))):
        yield _fault("kind", "kind", order.kind, ends or "—")
    if order.certificate_class not in CLASSES:
        yield _fault("form", "class", order.certificate_class, ", ".join(CLASSES))


def number(draft: Draft) -> Iterator[Problem]:
    """The number is of the right form, of this year, and new."""
    if not _NUMBER.fullmatch(draft.number) or draft.number.split("-")[1] != str(draft.today.year):
        yield _fault("form", "number", draft.number, f"ZC-{draft.today.year}-00001")
    elif draft.known.number_taken:
        yield _fault("number", "number", draft.number)


def client(draft: Draft) -> Iterator[Problem]:
    """Codes of the client bear the right check characters (GB 32100, ISO 17442)."""
    code, lei = draft.order.client.get("credit_code") or "", draft.order.client.get("lei") or ""
    if code and (len(code) != 18 or uscc_check_character(code) != code[17]):
        yield _fault("form", "client.credit_code", code)
    if lei and not lei_is_sound(lei):
        yield _fault("form", "client.lei", lei)


def values(draft: Draft) -> Iterator[Problem]:
    """Declared values are exact decimals with a unit and a title in both languages."""
    for n, each in enumerate(draft.order.values):
        yield from _both(each.get("title"), f"values.{n}.title")
        if not _DECIMAL.fullmatch(str(each.get("value"))):
            yield _fault("form", f"values.{n}.value", each.get("value"), "123.4")
        yield from _missing(each.get("unit"), f"values.{n}.unit")


def conditions(draft: Draft) -> Iterator[Problem]:
    """An open minor nonconformity has a day until which it is corrected, within the validity."""
    for n, each in enumerate(draft.order.conditions):
        yield from _missing(each.get("text"), f"conditions.{n}.text")
        due = each.get("due")
        if not due:
            yield _fault("missing", f"conditions.{n}.due")
        elif not draft.today.isoformat() <= due <= draft.order.valid_until.isoformat():
            yield _fault("dates", f"conditions.{n}.due", due, f"{draft.today} … {draft.order.valid_until}")


def serials(draft: Draft) -> Iterator[Problem]:
    """No serial that it rests on is in force for another application."""
    yield from draft.known.conflicts


def supersedes(draft: Draft) -> Iterator[Problem]:
    """What it replaces is there, of the same client, and in force."""
    if draft.order.supersedes is None:
        return
    status, organisation = draft.known.replaced or ("—", "")
    if status != "active" or organisation != draft.order.organisation_id:
        yield _fault("supersedes", "supersedes", status, "active")


def opinion(draft: Draft) -> Iterator[Problem]:
    """A statement states the opinion that was decided, with all that an opinion has to name; nothing else states one.

    What was computed stands beside it and agrees: the claim is confirmed only where every level asked for is met.
    """
    order, given = draft.order, draft.order.opinion
    if order.kind != "statement":
        if given is not None or draft.known.opinion is not None:
            yield _fault("opinion", "opinion", (given or {}).get("type") or draft.known.opinion, "—")
        return
    if order.surveillance_due is not None:
        yield _fault("opinion", "surveillance_due", order.surveillance_due, "—")
    if given is None:
        yield _fault("missing", "opinion")
        return
    kind = given.get("type")
    if kind not in OPINIONS or kind != draft.known.opinion:
        yield _fault("opinion", "opinion.type", kind, draft.known.opinion or ", ".join(OPINIONS))
    yield from _opinion_texts(given)
    verdicts = given.get("verdicts") or ()
    if not verdicts:
        yield _fault("missing", "opinion.verdicts")
    if kind in NEGATIVE:
        if order.levels or order.serials:
            yield _fault("opinion", "levels" if order.levels else "serials", kind, "—")
    else:
        yield from (_fault("opinion", f"opinion.verdicts.{n}", v.get("verdict"), "met")
                    for n, v in enumerate(verdicts) if v.get("verdict") != "met")


def _opinion_texts(given: Mapping[str, Any]) -> Iterator[Problem]:
    """What an opinion has to name is there, in both languages."""
    for name in ("title", "addressee"):
        yield from _both(given.get(name), f"opinion.{name}")
    if given.get("type") != UNMODIFIED:
        yield from _both(given.get("basis"), "opinion.basis")
    for name in ("client", "body"):
        yield from _both((given.get("responsibilities") or {}).get(name), f"opinion.responsibilities.{name}")
    yield from _both((given.get("assurance") or {}).get("title"), "opinion.assurance.title")
    yield from _missing(given.get("method"), "opinion.method")


CHECKS: tuple[Check, ...] = (texts, places, levels, dates, period, duties, hashes, kinds, number, client, values,
                             conditions, serials, supersedes, opinion)


def lint(draft: Draft) -> list[Problem]:
    """Every fault of a draft; empty: it may be issued. (Whoever evaluated is looked at, and not told to the public.)"""
    return [problem for check in CHECKS for problem in check(draft)]
