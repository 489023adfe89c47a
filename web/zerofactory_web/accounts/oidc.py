"""Signing in by OpenID Connect: the way to the provider and back (authorization code with PKCE), and what it opens.

The way is kept in a cookie that only this installation can read and write, for ten minutes; its state is used up in the
database when the person comes back, so that it holds once. An identity opens the account that its owner linked it with.
A second factor that is set up here is asked for all the same, unless the settings trust what the provider says it saw.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import identities, secret_text, sessions, throttle
from zerofactory_web.accounts.access import one, refused
from zerofactory_web.accounts.model import Person
from zerofactory_web.accounts.oidc_provider import Provider, refused_answer
from zerofactory_web.accounts.oidc_token import Identity, identity
from zerofactory_web.accounts.sessions import Login
from zerofactory_web.settings import Settings
from zerofactory_web.store.unit import PUBLIC, Actor, Store

LIFE = timedelta(minutes=10)
_OWNER = "oidc-way"
_BYTES = 32
_CODE_LENGTH = 4_096


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the provider that was begun. *verifier*: of PKCE; *begun*: seconds since 1970; *language*: of the page;
    *to*: where the person wants to go; *session*: that in which an identity is to be linked, empty for signing in."""

    state: str
    nonce: str
    verifier: str
    begun: int
    language: str
    to: str | None
    session: str

    @property
    def ends(self) -> datetime:
        """Until when somebody may come back on it."""
        return datetime.fromtimestamp(self.begun, UTC) + LIFE

    @property
    def links(self) -> bool:
        """Whether it is for linking an identity."""
        return bool(self.session)


def begin(provider: Provider, now: datetime, language: str, to: str | None, session: str = "") -> tuple[str, str]:
    """A new way: the provider's address to send the person to, and what the cookie keeps.

    Raises:
        ProblemsError: ``accounts.oidc-away``.
    """
    told = provider.told()
    way = Way(secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES),
              int(now.timestamp()), language, to, session)
    asked = provider.settings.oidc_trusted_acr.split()
    more = {"acr_values": " ".join(asked)} if asked else {}
    with provider.session() as client:
        address, _ = client.create_authorization_url(told.authorize, state=way.state, nonce=way.nonce,
                                                     code_verifier=way.verifier, **more)
    return str(address), secret_text.seal(provider.settings, json.dumps(asdict(way)), _OWNER)


def way_of(settings: Settings, kept: str, now: datetime) -> Way | None:
    """The way that a cookie keeps, while it is good."""
    if not kept:
        return None
    try:
        way = Way(**json.loads(secret_text.opened(settings, kept, _OWNER)))
    except (ProblemsError, ValueError, TypeError):
        return None
    return way if now < way.ends else None


def come_back(provider: Provider, store: Store, way: Way | None, given: Mapping[str, str], *, address: str,
              session: str = "", request: str = "") -> tuple[Identity, str]:
    """Who signed in at the provider, and the attempt of the throttle, which counts as failed until something is opened.

    *given*: what the provider sent back; *session*: that of the person at the keyboard.

    Raises:
        ProblemsError: ``accounts.wait``; ``accounts.oidc-state`` for a way that is unknown, over or used;
            ``accounts.oidc-declined`` when the provider or the person said no; ``accounts.oidc-answer``,
            ``accounts.oidc-away``.
    """
    attempt = throttle.enter(store, f"oidc:{way.state if way is not None else address}", address, request)
    state = given.get("state", "")
    if way is None or not hmac.compare_digest(state.encode("utf-8"), way.state.encode("utf-8")) or (
            way.links and way.session != session):
        raise refused("accounts.oidc-state")
    identities.spend(store, way.state, way.ends, request=request)
    if given.get("iss", provider.issuer) != provider.issuer or (provider.told().says_issuer and "iss" not in given):
        raise refused_answer("iss")
    if "error" in given:
        raise refused("accounts.oidc-declined")
    code = given.get("code", "")
    if not code or len(code) > _CODE_LENGTH:
        raise refused_answer("code")
    token = provider.id_token(code, way.verifier)
    now = int(store.clock().timestamp())
    return identity(provider, token, nonce=way.nonce, begun=way.begun, now=now), attempt


def sign_in(store: Store, who: Identity, attempt: str, *, agent: str = "", request: str = "") -> Login:
    """Begin a session of the person whose identity it is; a half one where a second factor is still to be given.

    Raises:
        ProblemsError: ``accounts.oidc-unknown``, also for an account that is closed.
    """
    with store.read() as session:
        person = identities.person_of(session, who.issuer, who.subject)
    if person is None:
        raise refused("accounts.oidc-unknown")
    with store.change(Actor(person.id, person.name), request) as change:
        found = identities.person_of(change.session, who.issuer, who.subject)
        if found is None or found.id != person.id:                       # unlinked or closed a moment ago
            raise refused("accounts.oidc-unknown")
        throttle.succeeded(change, attempt)
        row = one(change.session, Person, person.id)
        second = who.strong and row.totp_secret is not None
        details = {"method": "oidc"} | ({"code": "provider"} if second else {})
        return sessions.begun(change, row, store.settings, agent, second=second, details=details)


def note_refusal(store: Store, error: ProblemsError, way: Way | None, actor: Actor, *, who: Identity | None = None,
                 request: str = "") -> None:
    """Keep in the audit log that somebody came back in vain, and why; whoever has to wait is not counted again."""
    problem = error.problems[0]
    if problem.code == "accounts.wait":
        return
    links = way is not None and way.links and actor.known
    ident = "unknown" if who is None else secret_text.keyed(
        store.settings, f"{who.issuer} {who.subject}").removeprefix("sha256:")[:16]
    with store.change(actor if links else PUBLIC, request) as change:
        change.record("identity.refused" if links else "login.refused", "account", ident, details={
            "method": "oidc", "why": problem.code.partition(".")[2], "of": str(problem.args.get("reason", ""))})
