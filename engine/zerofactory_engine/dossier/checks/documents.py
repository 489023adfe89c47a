"""Documents: what they cover, what kind they are, whether they still hold, whether one file stands for two."""

from __future__ import annotations

from collections.abc import Iterator

from zerofactory_engine.dossier.checks.common import finding
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.dossier.series import Span, holes
from zerofactory_engine.dossier.structure import SERIES_TABLES
from zerofactory_engine.problems import Problem, Severity
from zerofactory_engine.typed_readers import nearest

#: Tables whose rows' own dates have to lie inside what the document covers.
_DATED = (*SERIES_TABLES, "economics", "history")


def coverage(dossier: Dossier) -> Iterator[Problem]:
    """Rows whose days none of their documents covers, each day at least once."""
    for table in _DATED:
        for row in dossier.rows.get(table, ()):
            if row.start is None or row.end is None or not row.documents:
                continue
            named = [dossier.documents[e.document] for e in row.documents if e.document in dossier.documents]
            dated = [Span(d.covers_from, d.covers_to) for d in named
                     if d.covers_from is not None and d.covers_to is not None and d.covers_from <= d.covers_to]
            if not dated or len(dated) < len(named):
                continue                                  # one that does not say what it covers may cover the rest
            if missing := holes(Span(row.start, row.end), dated):
                yield finding("dossier.document-does-not-cover", row, "documents",
                              found=", ".join(map(str, missing)), documents=", ".join(d.id for d in named))


def kinds(dossier: Dossier) -> Iterator[Problem]:
    """Kinds that are not in the code list, documents without a kind."""
    known = code_list("document_kinds").codes
    for row in dossier.rows.get("documents", ()):
        kind = row.values.get("kind")
        if kind is None:
            yield finding("dossier.document-without-kind", row, "kind", severity=Severity.NOTE)
        elif kind not in known:
            yield finding("dossier.document-kind-unknown", row, "kind", found=kind, accepted=nearest(kind, list(known)))


def expired(dossier: Dossier) -> Iterator[Problem]:
    """Documents whose validity ended before the period did."""
    for document in dossier.documents.values():
        row = dossier.row("documents", document.id)
        if row is not None and document.valid_to is not None and document.valid_to < dossier.period.end:
            yield finding("dossier.document-expired", row, "valid_to", found=document.valid_to,
                          accepted=dossier.period.end)


def basis(dossier: Dossier) -> Iterator[Problem]:
    """Rows that say that somebody confirmed them, and not who or when."""
    for rows in dossier.rows.values():
        for row in rows:
            if row.basis.level != "claimed" and (row.basis.by is None or row.basis.on is None):
                yield finding("dossier.basis-without-person", row, "basis", found=row.basis.level, accepted="by, on")


def repeated(dossier: Dossier) -> Iterator[Problem]:
    """One file under two ids."""
    seen: dict[str, str] = {}
    for document in dossier.documents.values():
        row = dossier.row("documents", document.id)
        if document.sha256 is None or row is None:
            continue
        plain = document.sha256.removeprefix("sha256:")
        if plain in seen:
            yield finding("dossier.document-twice", row, "sha256", found=document.id, other=seen[plain])
        seen.setdefault(plain, document.id)
