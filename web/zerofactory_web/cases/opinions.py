"""The opinion in which a verification ends (ISO 14064-3, clause 9): what may be issued, and what its statement says.

Whoever decides chooses among the opinions that computed verdicts and open findings leave; he overrides none of them,
and the statement shows them beside the opinion. An unmodified one stands where a certificate could be granted. A
modified one needs every level that was asked for met, a disclaimer only its basis. An adverse one needs something that
is known to be wrong: a level that is not met, or a major finding that stands open; what is merely unknown is
disclaimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.model import ADVERSE, MODIFIED, UNMODIFIED
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.cases import findings, serials
from zerofactory_web.cases.model import OPINIONS, Application, Case, Decision, DossierVersion, Evaluation, Finding
from zerofactory_web.cases.words import Words

#: Kind of outcome that ends in an opinion.
VERIFICATION = "verification"
#: Opinions that state that the claim holds, with or without an exception.
POSITIVE = (UNMODIFIED, MODIFIED)
LANGUAGES = ("zh", "en")
#: Standard by which the verification is done, as statements name it.
STANDARD = "ISO 14064-3:2019"
#: A basis and an addressee, at most.
_BASIS, _ADDRESSEE = 2_000, 200


@dataclass(frozen=True, slots=True)
class Stated:
    """An opinion as it is decided: its type, its basis and whom it is for; both texts zh and en."""

    opinion: str
    basis: Mapping[str, str]
    addressee: Mapping[str, str]


def stated(words: Words, case: Case, kind: str, opinion: str, basis: Mapping[str, str],
           addressee: Mapping[str, str]) -> Stated | None:
    """What was typed; None where the case ends in no opinion. Problems go to *words*: ``cases.opinion-kind`` for an
    opinion on a case or decision that has none, ``cases.opinion-missing``, ``cases.opinion-basis``."""
    if kind != "grant" or case.outcome_kind != VERIFICATION:
        if opinion:
            words.problems.append(Problem("cases.opinion-kind", Place(path="opinion"), found=opinion[:40]))
        return None
    if not opinion:
        words.problems.append(Problem("cases.opinion-missing", Place(path="opinion"), accepted=", ".join(OPINIONS)))
    elif opinion not in OPINIONS:
        words.among("opinion", opinion, OPINIONS)
    texts = {}
    for lang in LANGUAGES:
        texts[lang] = words.optional(f"basis_{lang}", basis.get(lang, ""), _BASIS)
        if opinion in OPINIONS and opinion != UNMODIFIED and not texts[lang]:
            words.problems.append(Problem("cases.opinion-basis", Place(path=f"basis_{lang}")))
    named = {lang: words.optional(f"addressee_{lang}", addressee.get(lang, ""), _ADDRESSEE, lines=False)
             for lang in LANGUAGES}
    return Stated(opinion, texts, named)


# --- what may be issued ----------------------------------------------------------------------------------------------


def obstacles(session: Session, case: Case, bundle: Mapping[str, Any], opinion: str) -> list[Problem]:
    """What keeps *opinion* from being issued on *case*; empty: it may be.

    Codes: ``cases.criteria-open`` for every level that is not met, ``cases.major-open``, ``cases.minor-open``,
    ``cases.serial-twice``, ``cases.nothing-against``.
    """
    if opinion == ADVERSE:
        wrong = any(v["verdict"] == "not_met" for v in asked(bundle)) or any(
            f.kind == "major" for f in open_findings(session, case))
        return [] if wrong else [Problem("cases.nothing-against", Place(path="opinion"), found=opinion)]
    if opinion not in POSITIVE:
        return []
    found = unmet(bundle)
    if opinion == UNMODIFIED:
        found += standing(session, case)
    return [*found, *serials.conflicts(session, case)]


def asked(bundle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The levels that were asked for with their computed verdicts."""
    return [{"id": v["id"], "title": v["title"], "verdict": v["verdict"]} for v in bundle["assessment"]["levels"]
            if v["asked"]]


def unmet(bundle: Mapping[str, Any]) -> list[Problem]:
    """``cases.criteria-open`` for every level asked for that is not met."""
    return [Problem("cases.criteria-open", Place(path=level["id"]), found=level["verdict"], accepted="met")
            for level in asked(bundle) if level["verdict"] != "met"]


def open_findings(session: Session, case: Case) -> list[Finding]:
    """Nonconformities and misstatements that are not closed."""
    return [f for f in findings.listed(session, case) if f.state != "closed" and f.kind != "observation"]


def standing(session: Session, case: Case) -> list[Problem]:
    """Open findings that exclude a grant: every major one, and a minor one for which the scheme allows no plan or there
    is none."""
    allowed = session.get_one(Application, case.application_id).checks.get("open_minors", "")
    found = []
    for each in open_findings(session, case):
        planned = each.state in ("planned", "shown") and each.due is not None
        if each.kind == "major" or not (allowed and planned):
            found.append(Problem(f"cases.{each.kind}-open", Place(path=each.clause), found=each.text[:80]))
    return found


# --- what the statement says -----------------------------------------------------------------------------------------


def title(opinion: str) -> dict[str, str]:
    """What *opinion* is called in both languages, as a heading."""
    return {lang: _heading(tables.title("opinion", opinion, lang)) for lang in LANGUAGES}


def _heading(text: str) -> str:
    return text[:1].upper() + text[1:]


def content(session: Session, case: Case, given: Stated, bundle: Mapping[str, Any]) -> dict[str, Any]:
    """What a statement says of its opinion, in both languages: all that an opinion has to name. Of open findings it
    names kind and clause; their words are the body's own, the basis is what the public reads."""
    client = session.get_one(Organisation, case.organisation_id)
    assurance = str(case.plan.get("assurance") or "")
    return {
        "type": given.opinion, "title": title(given.opinion), "basis": dict(given.basis),
        "assurance": {"id": assurance, "title": {lang: _heading(tables.title("assurance", assurance, lang))
                                                 for lang in LANGUAGES}},
        "materiality_percent": str(case.plan.get("materiality_percent") or ""), "method": STANDARD,
        "addressee": {lang: given.addressee[lang] or getattr(client, f"name_{lang}") for lang in LANGUAGES},
        "responsibilities": {who: {lang: render(f"register.responsibility-{who}", lang) for lang in LANGUAGES}
                             for who in ("client", "body")},
        "claim": _claim(session, case), "verdicts": asked(bundle),
        "open": [{"kind": f.kind, "clause": f.clause} for f in open_findings(session, case)]}


def _claim(session: Session, case: Case) -> dict[str, Any]:
    """Which submission of the dossier the opinion is about: the one of the frozen evaluation."""
    version = session.scalar(select(DossierVersion).join(Evaluation, Evaluation.dossier_version_id == DossierVersion.id)
                             .where(Evaluation.case_id == case.id, Evaluation.bundle == case.frozen_bundle).limit(1))
    if version is None:
        return {}
    return {"version": version.number, "submitted_on": version.created_at.date().isoformat(),
            "sha256": version.document}


def shown(row: Decision) -> dict[str, Any]:
    """The opinion and the number of the readiness report of a decision, as pages say it."""
    return {"opinion": row.opinion, "opinion_title": title(row.opinion) if row.opinion else None,
            "basis": {"zh": row.basis_zh, "en": row.basis_en}, "report_number": row.report_number}


def choices(session: Session, case: Case, bundle: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str],
                                                                                       list[Problem]]]:
    """Every opinion with when it is issued (zh, en), and what keeps it from being issued now."""
    for name in OPINIONS:
        yield name, dict(tables.words("opinion")[name]["when"]), obstacles(session, case, bundle, name)
