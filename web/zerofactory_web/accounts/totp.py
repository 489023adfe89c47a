"""The second factor: codes of six digits that change every 30 seconds (RFC 6238 over RFC 4226, HMAC-SHA1).

SHA-1 because authenticator apps know nothing else reliably; HMAC does not rest on what was broken in it. A code counts
once: whoever gave the code of a step cannot give one of that step or an earlier one again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
#: Steps before and after now that are accepted, for clocks that differ.
DRIFT = 1
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 15          # 120 bits: nobody guesses them, so a plain hash keeps them
_ISSUER = "zerofactory"


def new_secret() -> str:
    """A seed of 160 bits in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def step_of(moment: datetime) -> int:
    """The number of the time step (RFC 6238 section 4.2: T0 = 0, X = 30 s)."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_of(key: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step: HMAC-SHA1, dynamic truncation (RFC 4226 section 5.3)."""
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0x0F
    number = int(struct.unpack(">I", digest[at:at + 4])[0]) & 0x7FFF_FFFF
    return str(number % 10 ** digits).zfill(digits)


def matching_step(secret: str, given: str, moment: datetime, used: int | None) -> int | None:
    """The step whose code *given* is, near *moment* and later than *used*; None when there is none.

    Every candidate is compared, so that the time tells nothing.
    """
    text, key, found = re.sub(r"\s", "", given), base64.b32decode(secret), None
    for step in range(step_of(moment) - DRIFT, step_of(moment) + DRIFT + 1):
        same = hmac.compare_digest(code_of(key, step).encode(), text.encode("utf-8"))
        if same and (used is None or step > used):
            found = step
    return found


def address(secret: str, account: str) -> str:
    """The ``otpauth`` address that an app reads from a QR code."""
    asked = urlencode({"secret": secret, "issuer": _ISSUER, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{_ISSUER}:{account}')}?{asked}"


def recovery_codes() -> tuple[str, ...]:
    """Codes for the day on which the app is lost, each good once (six groups of four letters and digits)."""
    made = (base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode("ascii") for _ in range(RECOVERY_CODES))
    return tuple(recovery_normal(text) for text in made)


def recovery_normal(given: str) -> str:
    """A recovery code as it was handed out, however it was typed."""
    text = re.sub(r"[\s-]", "", given).lower()
    return "-".join(text[i:i + 4] for i in range(0, len(text), 4))
