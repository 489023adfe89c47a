"""Secrets that are handed out once, what is kept of them, and keys made from the installation's own secret.

The database holds hashes of session secrets, tokens, invitations and recovery codes. Only the seed of a second factor
has to be read again: it is sealed with a key that lies beside the database, so that a copy of it opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.settings import Settings
from zerofactory_web.store.keys import web_secret

#: Random bytes of a secret that is handed out.
SECRET_BYTES = 32
_NONCE = 12
_LEAST_KEY = 32


def new_secret(prefix: str = "") -> str:
    """A secret of 256 random bits in letters that an address may hold; *prefix* says to scanners what it is."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is kept of a secret that nobody can guess (``sha256:…``); a password needs Argon2 instead."""
    return f"sha256:{hashlib.sha256(secret.encode('utf-8')).hexdigest()}"


def derived(settings: Settings, purpose: str) -> bytes:
    """A key of 32 bytes for one *purpose*, from the installation's secret (HKDF, RFC 5869).

    Raises:
        ProblemsError: ``accounts.key-unusable`` when that secret is not whole.
    """
    secret = web_secret(settings)
    if len(secret) < _LEAST_KEY:
        raise ProblemsError([Problem("accounts.key-unusable")])
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"zerofactory/{purpose}".encode()).derive(secret)


def keyed(settings: Settings, text: str) -> str:
    """A hash of *text* that only this installation can make (addresses and names are few enough to be guessed)."""
    digest = hmac.new(derived(settings, "attempts"), text.encode("utf-8"), hashlib.sha256)
    return f"sha256:{digest.hexdigest()}"


def seal(settings: Settings, text: str, owner: str) -> str:
    """*text* encrypted (AES-256-GCM) for *owner*: it opens in no other row."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(derived(settings, "seal")).encrypt(nonce, text.encode("utf-8"), owner.encode("utf-8"))
    return base64.b64encode(nonce + sealed).decode("ascii")


def opened(settings: Settings, sealed: str, owner: str) -> str:
    """What :func:`seal` closed.

    Raises:
        ProblemsError: ``accounts.key-unusable`` when it was sealed with another key or for somebody else.
    """
    try:
        raw, key = base64.b64decode(sealed, validate=True), AESGCM(derived(settings, "seal"))
        return key.decrypt(raw[:_NONCE], raw[_NONCE:], owner.encode("utf-8")).decode("utf-8")
    except (InvalidTag, ValueError):
        raise ProblemsError([Problem("accounts.key-unusable")]) from None
