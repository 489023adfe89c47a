"""What a dropped PDF says of itself, found out in a guarded process: its seal, the record and the bundle inside.

Whether the register knows the file is for the portal to say (:mod:`.judge`); nothing of the store is here.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zerofactory_engine.bundle import parse_document, verify_document
from zerofactory_engine.canonical import content_hash, sha256
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.publishing.pdf import attached_files
from zerofactory_web.readiness.guard import Done
from zerofactory_web.register import seal_key
from zerofactory_web.register.paper import RECORD_NAME

_BUNDLE = b'"zerofactory/bundle/'
#: Signatures that are looked at; a certificate has one.
_SIGNATURES = 4


def work(order: Mapping[str, Any]) -> Done:
    """Look at ``data``, called ``file``.

    Raises:
        ProblemsError: ``register.not-pdf``.
    """
    data: bytes = order["data"]
    try:
        inside = attached_files(data) if data[:1024].find(b"%PDF-") >= 0 else None
    except ProblemsError:
        inside = None
    if inside is None:
        raise ProblemsError([Problem("register.not-pdf", Place(path="pdf", file=order["file"]))])
    bundle = next((content for _, content in sorted(inside.items()) if _BUNDLE in content), None)
    return Done({"size": len(data), "sha256": sha256(data), "seal": seal(data), "record": _record(inside),
                 "bundle": None if bundle is None else _bundle(bundle)})


def _record(inside: Mapping[str, bytes]) -> dict[str, str] | None:
    """Number and hash of the record inside."""
    try:
        found = json.loads(inside[RECORD_NAME])
        return {"number": str(found["number"])[:30], "sha256": content_hash(found)}
    except (KeyError, ValueError, TypeError, RecursionError):
        return None


def _bundle(data: bytes) -> dict[str, Any]:
    """What a verification of the bundle comes to; a full one is computed again."""
    told: dict[str, Any] = {"sha256": sha256(data), "outcome": "different", "total": 0}
    try:
        document = parse_document(data)
        found = verify_document(document)
    except Exception:  # a bundle that a stranger wrote may be wrong in any way; then it is not what it says
        return told
    return told | {"outcome": str(found.outcome), "total": found.total, "kind": str(document.get("kind", ""))}


def seal(data: bytes) -> dict[str, Any] | None:
    """The seal of a PDF: ``state`` is ``whole`` (intact and over the whole file), ``part`` (intact, but something was
    added), ``broken``; None when there is none. Whose it is says ``fingerprint``; whom to trust, the caller knows."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    try:
        found = PdfFileReader(io.BytesIO(data), strict=False).embedded_signatures
        told = [_signature(each) for each in found[:_SIGNATURES]]
    except Exception:  # what was cut or bent makes a parser stumble in any way; a seal that nobody can read is broken
        return _BROKEN if b"/ByteRange" in data else None
    if not told:
        return _BROKEN if b"/ByteRange" in data else None
    worst = max(told, key=lambda t: _ORDER.index(t["state"]))
    return worst if len(found) == 1 or worst["state"] == "broken" else worst | {"state": "part"}


_ORDER = ("whole", "part", "broken")
_BROKEN: dict[str, Any] = {"state": "broken", "subject": "", "fingerprint": "", "at": None, "timestamp": None}


def _signature(signature: Any) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.errors import PathError

    signer = signature.signer_cert
    context = ValidationContext(trust_roots=[signer], allow_fetching=False, moment=signature.self_reported_timestamp)
    about = {"subject": seal_key.subject(signer), "fingerprint": seal_key.fingerprint(signer)}
    try:
        status = validate_pdf_signature(signature, context, skip_diff=True)
    except (SignatureValidationError, PathError, ValueError):
        return _BROKEN | about
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    state = "broken" if not (status.intact and status.valid) else "whole" if whole else "part"
    stamp = status.timestamp_validity
    return about | {
        "state": state, "at": _text(status.signer_reported_dt),
        "timestamp": None if stamp is None else {"good": bool(stamp.intact and stamp.valid),
                                                 "at": _text(stamp.timestamp)}}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
