"""How a check goes on without anything being kept here: the page carries its bundle, signed, and hands it back.

Only what this installation signed is unpacked, so neither its size nor its content is a stranger's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib

from flask import current_app
from itsdangerous import BadSignature, Signer

from zerofactory_engine.problems import Problem, ProblemsError

#: Largest piece of text that a page carries; of a larger check only files are given out.
MOST = 3_000_000
_SALT = "zerofactory.readiness.carry"


def packed(bundle: bytes) -> str | None:
    """*bundle* as text for a hidden field; None when it is too large for a page."""
    text = base64.urlsafe_b64encode(zlib.compress(bundle, 9))
    signed = _signer().sign(text)
    return signed.decode("ascii") if len(signed) <= MOST else None


def unpacked(text: str) -> bytes:
    """The bundle of a hidden field.

    Raises:
        ProblemsError: ``precheck.carried-broken``: it is not ours, or was changed.
    """
    try:
        return zlib.decompress(base64.urlsafe_b64decode(_signer().unsign(text.encode("ascii"))))
    except (BadSignature, UnicodeEncodeError, binascii.Error, zlib.error):
        raise ProblemsError([Problem("precheck.carried-broken")]) from None


def _signer() -> Signer:
    secret = current_app.secret_key
    assert secret is not None, "the application has a secret"
    return Signer(secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)
