"""The signed files of a certificate, made after its issue is committed: made twice they are still made once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zerofactory_engine.bundle import bundle_bytes, public_extract
from zerofactory_engine.canonical import content_hash, sha256
from zerofactory_engine.messages import render as sentence
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.register import service
from zerofactory_web.register.model import FILE_KINDS, LANGUAGES, Certificate, CertificateFile
from zerofactory_web.register.seal_key import Seal, opened
from zerofactory_web.store.unit import SYSTEM, Store

#: Largest file that is kept, in bytes.
LARGEST = 50_000_000
ALL = tuple((kind, language) for kind in FILE_KINDS for language in LANGUAGES)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Made:
    kind: str
    language: str
    data: bytes


def make(store: Store, certificate_id: str, beat: Progress = lambda thousandths: None) -> list[str]:
    """Make and keep the files that are missing; the kinds and languages that were made now.

    Raises:
        ProblemsError: ``register.not-found``, ``register.differs`` when the record is not what was hashed,
            ``register.seal-…``, ``register.timestamp-failed``, those of a report.
    """
    with store.read() as session:
        row = service.by_id(session, certificate_id)
        if row is None:
            raise ProblemsError([Problem("register.not-found", found=certificate_id[:40])])
        there = {(f.kind, f.language) for f in service.files(session, certificate_id)}
    missing = [each for each in ALL if each not in there]
    if not missing:
        return []
    if content_hash(row.content) != row.sha256:
        raise ProblemsError([Problem("register.differs", Place(path=row.number))])
    bundle = json.loads(store.documents.read(row.bundle))
    extract = bundle_bytes(public_extract(bundle))
    made = []
    with opened(store.settings, row.content["body"]["name"]["en"], store.clock()) as seal:
        for done, (kind, language) in enumerate(missing):
            beat(1000 * done // len(missing))
            data = _certificate(store, row, extract, seal, language) if kind == "certificate" else _report(
                row, bundle, language)
            _keep(store, row, _Made(kind, language, data), seal, sha256(extract))
            made.append(f"{kind}-{language}")
    return made


def _certificate(store: Store, row: Certificate, extract: bytes, seal: Seal, language: str) -> bytes:
    from zerofactory_web.register.paper import Sheet, render

    return render(Sheet(row.content, row.sha256, extract, seal.subject, seal.own, store.settings.public_url), language)


def _report(row: Certificate, bundle: Mapping[str, Any], language: str) -> bytes:
    """The public report of the evaluation: verdicts and declared values, with the extract inside."""
    from zerofactory_mappings.publishing.document import render_pdf
    from zerofactory_mappings.publishing.reading import case_of
    from zerofactory_mappings.publishing.style import Block, Style

    body, opinion = row.content["body"], row.content.get("opinion")
    told = {} if opinion is None else {"introduction": (Block(
        {lang: _stated(opinion, lang) for lang in LANGUAGES}, opinion["title"]),)}
    style = Style(name=body["name"], address=body["address"] if any(body["address"].values()) else None,
                  report_number=row.number, narrative=told, sha256=row.sha256)
    return render_pdf(case_of(bundle, public=True), language, style)


def _stated(opinion: Mapping[str, Any], language: str) -> str:
    """The opinion with its basis, as the report of its evaluation begins; braces are no places to fill in."""
    text = "\n\n".join(part for part in (sentence(f"register.opinion-means-{opinion['type']}", language),
                                         opinion["basis"][language]) if part)
    return text.replace("{", "｛").replace("}", "｝")


def _keep(store: Store, row: Certificate, made: _Made, seal: Seal, extract_hash: str) -> None:
    """Seal a file and note it. Whoever made the same one in the meantime has done the work."""
    from zerofactory_web.register.sign import seal_pdf

    code = "register.seal-reason-statement" if row.kind == "statement" else "register.seal-reason"
    reason = sentence(code, made.language, {"number": row.number})
    data = seal_pdf(made.data, seal, store.clock(), store.settings, reason)
    stored = store.documents.put(io.BytesIO(data), LARGEST)
    try:
        with store.change(SYSTEM) as change:
            if any((f.kind, f.language) == (made.kind, made.language) for f in service.files(change.session, row.id)):
                return
            file = CertificateFile(
                certificate_id=row.id, kind=made.kind, language=made.language, document=stored.sha256,
                size=stored.size, attached=extract_hash, signer=seal.subject, seal=seal.fingerprint,
                created_at=change.now)
            change.session.add(file)
            change.session.flush()
            change.record("certificate.file", "certificate", row.id, content=stored.sha256,
                          details={"number": row.number, "file": f"{made.kind}-{made.language}",
                                   "sha256": stored.sha256})
    except ProblemsError as error:
        if [p.code for p in error.problems] != ["store.taken"]:
            raise
