"""Keys of an installation, made when first needed, in a folder that only its owner reads."""

from __future__ import annotations

import os
import secrets

from zerofactory_web.settings import Settings
from zerofactory_web.store.checkpoints import Signer


def audit_signer(settings: Settings) -> Signer:
    """The key that signs checkpoints of the audit log."""
    return Signer(settings.data / "keys" / "audit-key.pem")


def web_secret(settings: Settings) -> bytes:
    """The secret under which forms and cookies are signed."""
    file = settings.data / "keys" / "web-secret"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    made = secrets.token_bytes(48)
    with os.fdopen(handle, "wb") as out:
        out.write(made)
    return made
