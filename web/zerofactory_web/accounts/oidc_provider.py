"""The provider over the network: what it says of itself, its keys, and the exchange of a code for an ID token.

Everything that it answers is bounded in time and size, no redirect is followed, cookies are not kept, proxies and
passwords of the environment are not used. What it says of itself comes from the address of the configured issuer and
names that issuer; its keys are kept, and asked for once more when a token names one that is not among them.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.settings import Settings, safe_address
from zerofactory_web.site.logs import log

#: Seconds to connect, and of silence; seconds in all; bytes of an answer.
CONNECT_SECONDS, SILENT_SECONDS, ALL_SECONDS = 3.05, 5.0, 10.0
LARGEST = 262_144
#: How long what the provider says of itself and its keys are kept, and after a failure nobody asks again.
KEPT, LEFT_ALONE = timedelta(hours=1), timedelta(seconds=60)
#: Signatures that are accepted: made with a key that only the provider has.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_DISCOVERY = "/.well-known/openid-configuration"
_ADDRESS_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says of itself. *says_issuer*: its answers name it (RFC 9207)."""

    authorize: str
    token: str
    keys: str
    algorithms: tuple[str, ...]
    authentication: str
    says_issuer: bool

    @property
    def origin(self) -> str:
        """Where people sign in, without the path."""
        return origin_of(self.authorize)


class Bounded(HTTPAdapter):
    """Takes no answer that is larger or slower than the limits."""

    def send(self, request: PreparedRequest, stream: bool = False, timeout: Any = None, verify: bool | str = True,
             cert: Any = None, proxies: Mapping[str, str] | None = None) -> Response:
        """Send *request* and read its whole answer."""
        end = time.monotonic() + ALL_SECONDS
        answer = super().send(request, stream=True, timeout=(CONNECT_SECONDS, SILENT_SECONDS), verify=verify)
        whole = bytearray()
        try:
            while part := answer.raw.read1(65_536, decode_content=False):
                whole += part
                if len(whole) > LARGEST or time.monotonic() > end:
                    raise RequestException("the answer is larger or slower than allowed")
        except (HTTPError, TimeoutError, ConnectionError) as error:
            raise RequestException("the answer broke off") from error
        finally:
            answer.close()
        answer.raw = io.BytesIO(bytes(whole))
        return answer


class Provider:
    """The provider of one installation, for all its threads."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._told: tuple[datetime, Told] | None = None
        self._keys: tuple[datetime, tuple[Mapping[str, Any], ...]] | None = None
        self._failed: datetime | None = None

    @property
    def issuer(self) -> str:
        """The provider's name for itself."""
        return self.settings.oidc_issuer

    def told(self) -> Told:
        """What it says of itself.

        Raises:
            ProblemsError: ``accounts.oidc-away`` when it cannot be reached or says nothing of use.
        """
        with self._lock:
            now = self._clock()
            if self._told is None or now - self._told[0] >= KEPT:
                if self._failed is not None and now - self._failed < LEFT_ALONE:
                    raise away("left-alone")
                try:
                    found = _told_by(self._document(self.issuer.rstrip("/") + _DISCOVERY), self.issuer)
                except ProblemsError:
                    self._failed = self._clock()
                    raise
                self._told, self._failed = (now, found), None
            return self._told[1]

    def origin(self) -> str:
        """Where people sign in, for a page: what was told before, else asked for now unless somebody else just asks;
        else that of the issuer itself, which it is with most providers."""
        if self._told is None and not self._lock.locked():
            with suppress(ProblemsError):
                return self.told().origin
        known = self._told
        return origin_of(self.issuer) if known is None else known[1].origin

    def keys(self, *, again: bool = False) -> tuple[Mapping[str, Any], ...]:
        """Its public keys (JWK); *again*: not those that were kept.

        Raises:
            ProblemsError: ``accounts.oidc-away``.
        """
        address = self.told().keys
        with self._lock:
            now = self._clock()
            if again or self._keys is None or now - self._keys[0] >= KEPT:
                found = self._document(address).get("keys")
                if not isinstance(found, list):
                    raise away("keys")
                self._keys = now, tuple(k for k in found if isinstance(k, dict))
            return self._keys[1]

    def session(self) -> OAuth2Session:
        """A client of the provider, for one use."""
        made = OAuth2Session(
            client_id=self.settings.oidc_client_id, client_secret=self._secret() or None, scope="openid",
            redirect_uri=redirect_address(self.settings), code_challenge_method="S256")
        made.trust_env = False
        made.verify = self.settings.oidc_ca_file or True
        made.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            made.mount(scheme, Bounded())
        return made

    def id_token(self, code: str, verifier: str) -> str:
        """The ID token that the provider gives for *code*.

        Raises:
            ProblemsError: ``accounts.oidc-away``; ``accounts.oidc-answer`` when it gives none.
        """
        told = self.told()
        with self.session() as client:
            _authenticate(client, told.authentication)
            try:
                found = client.fetch_token(told.token, grant_type="authorization_code", code=code,
                                           code_verifier=verifier, redirect_uri=client.redirect_uri,
                                           allow_redirects=False)
            except RequestException as error:
                log("oidc-away", 30, error=error)
                raise away("token") from None
            except (AuthlibBaseError, ValueError, RecursionError) as error:
                log("oidc-code-refused", 30, error=error)
                raise refused_answer("code") from None
        token = found.get("id_token")
        if not isinstance(token, str):
            raise refused_answer("id_token")
        return token

    def _document(self, address: str) -> dict[str, Any]:
        with self.session() as client:
            try:
                answer: Response = client.get(address, withhold_token=True, allow_redirects=False)
                content: Any = json.loads(answer.content) if answer.status_code == 200 else None
            except (RequestException, ValueError, RecursionError) as error:
                log("oidc-away", 30, error=error)
                raise away("document") from None
        if not isinstance(content, dict):
            raise away("document")
        return content

    def _secret(self) -> str:
        """The secret that the provider knows us by; it may be changed while the portal runs."""
        path = self.settings.oidc_client_secret_file
        try:
            return Path(path).read_text(encoding="utf-8").strip() if path else ""
        except (OSError, ValueError) as error:
            log("oidc-secret-unreadable", 40, error=error)
            raise away("secret") from None


def _authenticate(client: OAuth2Session, way: str) -> None:
    """Say in the provider's *way* who asks; both words are form-encoded for HTTP Basic (RFC 6749, 2.3.1)."""
    if not client.client_secret:
        way = "none"
    elif way == "client_secret_basic":
        client.client_id, client.client_secret = quote_plus(client.client_id), quote_plus(client.client_secret)
    client.token_endpoint_auth_method = way


def origin_of(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def redirect_address(settings: Settings) -> str:
    """Where the provider sends people back to: what is registered with it."""
    return f"{settings.public_url.rstrip('/')}/sign-in/provider/callback"


def away(reason: str) -> ProblemsError:
    """The provider is of no use at present; *reason* for the log."""
    return ProblemsError([Problem("accounts.oidc-away", args={"reason": reason})])


def refused_answer(reason: str) -> ProblemsError:
    """The provider's answer does not hold: *reason* is what of it."""
    return ProblemsError([Problem("accounts.oidc-answer", args={"reason": reason})])


def _told_by(document: Mapping[str, Any], issuer: str) -> Told:
    """The parts of a discovery document that are used.

    Raises:
        ProblemsError: ``accounts.oidc-away`` when it is about another issuer or names addresses of no use.
    """
    if document.get("issuer") != issuer:
        raise away("issuer")
    authorize, token, keys = (_address(document, name, issuer)
                              for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    if "code" not in _texts(document, "response_types_supported", ("code",)):
        raise away("response_types_supported")
    signed = _texts(document, "id_token_signing_alg_values_supported", ALGORITHMS)
    algorithms = tuple(a for a in ALGORITHMS if a in signed)
    if not algorithms:
        raise away("id_token_signing_alg_values_supported")
    known = _texts(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",))
    way = "client_secret_post" if "client_secret_basic" not in known and "client_secret_post" in known else (
        "client_secret_basic")
    return Told(authorize, token, keys, algorithms, way,
                document.get("authorization_response_iss_parameter_supported") is True)


def _address(document: Mapping[str, Any], name: str, issuer: str) -> str:
    found = document.get(name)
    if not isinstance(found, str) or len(found) > _ADDRESS_LENGTH or not safe_address(found) or (
            issuer.startswith("https:") and not found.startswith("https:")):
        raise away(name)
    return found


def _texts(document: Mapping[str, Any], name: str, usual: Sequence[str]) -> Sequence[str]:
    """A list of words, *usual* where the document has none."""
    found = document.get(name)
    return [x for x in found if isinstance(x, str)] if isinstance(found, list) else usual
