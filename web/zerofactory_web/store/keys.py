"""Keys of an installation, made when first needed, in a folder that only its owner reads."""

from __future__ import annotations

import contextlib
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
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = file.with_name(f".{secrets.token_hex(8)}.part")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(48))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):        # another process was first: its secret holds
            os.link(aside, file)
        aside.unlink()
    return file.read_bytes()
