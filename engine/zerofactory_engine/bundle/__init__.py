"""Bundles: an assessment with all that it used, so that anybody can compute it again; and their verification."""

from __future__ import annotations

from zerofactory_engine.bundle.documents import (
    build_bundle,
    bundle_bytes,
    parse_document,
    read_document,
    recomputed,
    write_bundle,
)
from zerofactory_engine.bundle.extract import public_extract
from zerofactory_engine.bundle.verify import Difference, Outcome, Verification, verify, verify_document

__all__ = ["Difference", "Outcome", "Verification", "build_bundle", "bundle_bytes", "parse_document", "public_extract",
           "read_document", "recomputed", "verify", "verify_document", "write_bundle"]
