"""A provider of identities on this machine, built on joserfc: right in everything, until a test bends one thing."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import requests
from flask import Flask, Response, abort, redirect, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from tests.web.portal import live, token_of
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response as BaseResponse

CLIENT_ID, CLIENT_SECRET = "portal", "quartz:ferry%19 plum/é"       # a secret with letters that Basic has to write otherwise
Key = RSAKey | ECKey | OKPKey
RSA: RSAKey = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
STRANGER: RSAKey = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass
class Grant:
    """A code that waits to be exchanged."""

    challenge: str
    nonce: str | None
    redirect_uri: str
    subject: str


@dataclass
class House:
    """The provider's inside. *bent*: what its documents say instead (None: nothing); *claims*, *header*: what its tokens
    say instead; *answers*: what a path answers instead; *asked*: how often each path was asked."""

    now: Callable[[], float] = lambda: 0.0
    base: str = ""
    subject: str = "u-1001"
    bent: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=lambda: [RSA])
    sign: Callable[[dict[str, Any], dict[str, Any]], str] | None = None
    grants: dict[str, Grant] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    page: bool = False

    def document(self) -> dict[str, Any]:
        """What it says of itself."""
        right = {"issuer": self.base, "authorization_endpoint": f"{self.base}/authorize", "token_endpoint": f"{self.base}/token",
                 "jwks_uri": f"{self.base}/jwks", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                 "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "Ed25519", "HS256", "none"],
                 "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}
        return {k: v for k, v in {**right, **self.bent}.items() if v is not None}

    def token(self, subject: str, nonce: str | None) -> str:
        """An ID token."""
        now = int(self.now())
        right = {"iss": self.base, "sub": subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce,
                 "email": "anna@body.example", "email_verified": True}
        claims = {k: v for k, v in {**right, **self.claims}.items() if v is not None}
        header = {k: v for k, v in {"alg": "RS256", "kid": self.keys[0].kid, **self.header}.items() if v is not None}
        return self.sign(header, claims) if self.sign is not None else signed_by(self.keys[0], header, claims)


def signed_by(key: Key | OctKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token signed with *key*."""
    from joserfc.jws import JWSRegistry

    return jwt.encode(header, claims, key, [header["alg"]], JWSRegistry(algorithms=[header["alg"]], strict_check_header=False))


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """A token without a signature, whatever its header says."""
    parts = [base64.urlsafe_b64encode(json.dumps(x).encode()).rstrip(b"=").decode() for x in (header, claims)]
    return ".".join((*parts, ""))


def provider_app(house: House) -> Flask:
    """The provider as an application."""
    app = Flask("provider")

    @app.before_request
    def asked() -> Response | None:
        house.asked[request.path] = house.asked.get(request.path, 0) + 1
        return house.answers.get(request.path)

    @app.get("/.well-known/openid-configuration")
    def document() -> dict[str, Any]:
        return house.document()

    @app.get("/jwks")
    def jwks() -> dict[str, Any]:
        return {"keys": [k.as_dict(private=False) for k in house.keys]}

    @app.get("/elsewhere")
    def elsewhere() -> dict[str, Any]:
        return house.document()

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> BaseResponse:
        given = request.args
        if given["client_id"] != CLIENT_ID or given["response_type"] != "code" or given["code_challenge_method"] != "S256":
            abort(400)
        house.seen = dict(given)
        if house.page and request.method == "GET":
            return Response('<!doctype html><title>Provider</title><form method="post"><button>Let me in</button></form>')
        code = secrets.token_urlsafe(20)
        house.grants[code] = Grant(given["code_challenge"], given.get("nonce"), given["redirect_uri"], house.subject)
        return redirect(f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}", 302)

    @app.post("/token")
    def token() -> tuple[dict[str, Any], int]:
        given, who = request.form, request.authorization
        if house.bent.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            known = (given.get("client_id"), given.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        else:
            known = who is not None and who.type == "basic" and _basic(who.username, who.password)
        if not known:
            return {"error": "invalid_client"}, 401
        grant = house.grants.pop(given.get("code", ""), None)            # a code is good once
        verifier = given.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if grant is None or challenge != grant.challenge or given.get("redirect_uri") != grant.redirect_uri:
            return {"error": "invalid_grant"}, 400
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 300,
                "id_token": house.token(grant.subject, grant.nonce)}, 200

    return app


def _basic(username: str | None, password: str | None) -> bool:
    """As RFC 6749, 2.3.1 has it: both are form-encoded first."""
    return (unquote_plus(username or ""), unquote_plus(password or "")) == (CLIENT_ID, CLIENT_SECRET)


@contextmanager
def running(house: House) -> Iterator[House]:
    """The provider on a free port of this machine."""
    with live(provider_app(house)) as base:
        house.base = base
        yield house


def sent(client: FlaskClient, *, to: str = "", lang: str = "en") -> str:
    """Press the button of the sign-in page; the provider's address that one is sent to."""
    token = token_of(client.get(f"/{lang}/sign-in").text)
    answer = client.post(f"/{lang}/sign-in/provider", data={"csrf_token": token, "next": to})
    assert answer.status_code == 303, answer.text
    return answer.location


def at_provider(address: str) -> str:
    """Sign in at the provider, which knows one already; the path of ours that one is sent back to."""
    answer = requests.get(address, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def danced(client: FlaskClient, *, to: str = "", lang: str = "en") -> TestResponse:
    """The whole way: button, provider, back."""
    return client.get(at_provider(sent(client, to=to, lang=lang)))


def asked_for(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
