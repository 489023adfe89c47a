"""The ID token: whose signature it is, for whom, from when until when, and the answer to which question.

OpenID Connect Core 1.0, 3.1.3.7. Only signatures with a key that the provider alone has are accepted; what the token
says about addresses of mail is not looked at.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from zerofactory_web.accounts.oidc_provider import Provider, refused_answer

#: Seconds that the clocks of provider and portal may differ.
LEEWAY = 60
_SUBJECT_LENGTH = 255
_LEAST_RSA_BITS = 2_048
_HEADER_LENGTH = 8_192
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_KEYS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in at the provider. *strong*: in a way that the settings take for a second factor."""

    issuer: str
    subject: str
    strong: bool


def identity(provider: Provider, token: str, *, nonce: str, begun: int, now: int) -> Identity:
    """The identity that *token* states, in answer to the question with *nonce* that was put at *begun*.

    Raises:
        ProblemsError: ``accounts.oidc-answer`` with what does not hold; ``accounts.oidc-away`` without keys.
    """
    claims = _signed(provider, token)
    client = provider.settings.oidc_client_id
    try:
        jwt.JWTClaimsRegistry(
            now=now, leeway=LEEWAY, iss={"essential": True, "value": provider.issuer}, sub={"essential": True},
            aud={"essential": True, "value": client}, exp={"essential": True}, iat={"essential": True},
            nonce={"essential": True}).validate(claims)
    except ClaimError as error:
        raise refused_answer(error.claim.split(",")[0]) from None
    audience, party = claims["aud"], claims.get("azp")
    if (party is not None and party != client) or (party is None and isinstance(audience, list) and len(audience) > 1):
        raise refused_answer("azp")
    if claims["iat"] < begun - LEEWAY:              # it was made before anybody asked
        raise refused_answer("iat")
    given = claims["nonce"]
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise refused_answer("nonce")
    subject = claims["sub"]
    if not subject.isascii() or not subject.isprintable() or len(subject) > _SUBJECT_LENGTH:
        raise refused_answer("sub")
    return Identity(provider.issuer, subject, _is_strong(provider, claims))


def _is_strong(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that it saw what the settings trust."""
    acr, amr = claims.get("acr"), claims.get("amr")
    ways = {m for m in amr if isinstance(m, str)} if isinstance(amr, list) else set()
    settings = provider.settings
    return (isinstance(acr, str) and acr in settings.oidc_trusted_acr.split()) or bool(
        ways & set(settings.oidc_trusted_amr.split()))


def _signed(provider: Provider, token: str) -> dict[str, Any]:
    """The claims of a token whose signature holds."""
    allowed = provider.told().algorithms
    registry = jws.JWSRegistry(algorithms=allowed, strict_check_header=False)
    registry.max_header_length = _HEADER_LENGTH
    try:
        return jwt.decode(token, lambda found: _key(provider, found.headers()), allowed, registry).claims
    except UnsupportedAlgorithmError:
        raise refused_answer("alg") from None
    except BadSignatureError:
        raise refused_answer("signature") from None
    except (JoseError, ValueError, TypeError, RecursionError):
        raise refused_answer("form") from None


def _key(provider: Provider, header: Mapping[str, Any]) -> RSAKey | ECKey | OKPKey:
    """The one key of the provider that a token names; without a name, the only one of its kind."""
    algorithm, name = str(header["alg"]), header.get("kid")
    for again in (False, True):
        found = [k for k in provider.keys(again=again) if _fits(k, algorithm, name)]
        if len(found) == 1:
            return _KEYS[str(found[0]["kty"])].import_key(dict(found[0]))
        if found:
            break                                   # several: the token does not say which
    raise refused_answer("kid")


def _fits(key: Mapping[str, Any], algorithm: str, name: str | None) -> bool:
    return (key.get("kty") == _KINDS[algorithm[:2]] and key.get("use", "sig") == "sig" and key.get("alg", algorithm)
            == algorithm and (name is None or key.get("kid") == name) and (key["kty"] != "RSA" or _is_long(key)))


def _is_long(key: Mapping[str, Any]) -> bool:
    """Whether an RSA key has bits enough (NIST SP 800-131A)."""
    modulus = key.get("n")
    try:
        raw = base64.urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4)) if isinstance(modulus, str) else b""
    except ValueError:
        return False
    return int.from_bytes(raw, "big").bit_length() >= _LEAST_RSA_BITS
