"""What the portal believes of a provider: its tokens, its documents, its silence; over HTTP on this machine."""

from __future__ import annotations

import base64
import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Response
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from tests.web.accounts.accounts_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    RSA,
    STRANGER,
    House,
    Key,
    asked_for,
    at_provider,
    running,
    signed_by,
    unsigned,
)

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import oidc, oidc_provider
from zerofactory_web.accounts.oidc_provider import Provider
from zerofactory_web.accounts.oidc_token import LEEWAY, Identity, identity
from zerofactory_web.settings import Settings

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
NONCE = "n" * 43
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
SECOND = RSAKey.generate_key(2048, {"kid": "second"})


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def served() -> Iterator[House]:
    with running(House()) as made:
        yield made


@pytest.fixture
def outside(served: House) -> House:
    """The provider as if nobody had been there."""
    fresh = House(now=lambda: float(SECONDS), base=served.base)
    vars(served).update(vars(fresh))
    return served


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def provider(outside: House, moment: Moment, tmp_path: Path) -> Provider:
    secret = tmp_path / "client-secret"
    secret.write_text(CLIENT_SECRET + "\n", encoding="utf-8")
    return Provider(Settings(data=tmp_path, oidc_issuer=outside.base, oidc_client_id=CLIENT_ID, oidc_client_secret_file=str(secret),
                             oidc_trusted_acr="urn:strong phr", oidc_trusted_amr="otp"), moment)


def checked(provider: Provider, token: str, nonce: str = NONCE) -> Identity:
    return identity(provider, token, nonce=nonce, begun=SECONDS - 30, now=SECONDS)


def why(act: Callable[[], object]) -> str:
    """The code of the refusal and what of the answer it is about."""
    with pytest.raises(ProblemsError) as caught:
        act()
    [problem] = caught.value.problems
    return f"{problem.code.removeprefix('accounts.oidc-')} {problem.args.get('reason', '')}".strip()


def _public_as_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """The old trick: the public key, which everybody has, as the secret of HS256."""
    text = unsigned({**header, "alg": "HS256"}, claims).rstrip(".")
    digest = hmac.digest(RSA.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _tampered(header: dict[str, Any], claims: dict[str, Any]) -> str:
    first, _, last = signed_by(RSA, header, claims).split(".")
    return f"{first}.{unsigned(header, {**claims, 'sub': 'admin'}).split('.')[1]}.{last}"


#: What is wrong with a token; what is said about it.
CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"nonce": "x" * 43}, "nonce"), ({"nonce": None}, "nonce"), ({"nonce": 7}, "nonce"), ({"nonce": ""}, "nonce"),
    ({"iss": "https://evil.example"}, "iss"), ({"iss": None}, "iss"), ({"iss": ["x"]}, "iss"),
    ({"aud": "another"}, "aud"), ({"aud": None}, "aud"), ({"aud": []}, "aud"), ({"aud": {"portal": 1}}, "aud"),
    ({"aud": [CLIENT_ID, "another"]}, "azp"), ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "azp"), ({"azp": "another"}, "azp"),
    ({"exp": SECONDS - LEEWAY}, "exp"), ({"exp": None}, "exp"), ({"exp": "tomorrow"}, "exp"), ({"exp": True}, "exp"),
    ({"exp": float("nan")}, "exp"), ({"iat": SECONDS + LEEWAY + 1}, "iat"), ({"iat": None}, "iat"),
    ({"iat": SECONDS - 30 - LEEWAY - 1}, "iat"), ({"nbf": SECONDS + LEEWAY + 1}, "nbf"),
    ({"sub": None}, "sub"), ({"sub": 17}, "sub"), ({"sub": "x" * 256}, "sub"), ({"sub": "管理员"}, "sub"), ({"sub": ""}, "sub"),
    ({"sub": "a\nb"}, "sub")]


@pytest.mark.parametrize(("claims", "of"), CLAIMS)
def test_a_claim_that_does_not_hold(outside: House, provider: Provider, claims: dict[str, Any], of: str) -> None:
    outside.claims = claims
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == f"answer {of}"


SIGNATURES: list[tuple[str, Callable[[dict[str, Any], dict[str, Any]], str], str]] = [
    ("none", lambda h, c: unsigned({**h, "alg": "none"}, c), "alg"),
    ("none in other letters", lambda h, c: unsigned({**h, "alg": "NoNe"}, c), "alg"),
    ("the client's secret", lambda h, c: signed_by(OctKey.import_key(CLIENT_SECRET), {**h, "alg": "HS256"}, c), "alg"),
    ("the public key as a secret", _public_as_secret, "alg"),
    ("a key with the same name", lambda h, c: signed_by(STRANGER, h, c), "signature"),
    ("other claims under it", _tampered, "signature"),
    ("no signature", unsigned, "signature"),
    ("a key that it does not have", lambda h, c: signed_by(SECOND, {**h, "kid": "second"}, c), "kid"),
    ("a key of another kind", lambda h, c: signed_by(EC, {**h, "alg": "ES256"}, c), "kid"),
    ("a number for a name", lambda h, c: unsigned({**h, "kid": 1}, c), "form"),
    ("a header that must be understood", lambda h, c: unsigned({**h, "crit": ["x"], "x": 1}, c), "form"),
    ("no algorithm", lambda h, c: unsigned({}, c), "form"),
    ("words", lambda h, c: "not a token", "form"), ("letters of no code", lambda h, c: "ä.ö.ü", "form"),
    ("a list", lambda h, c: signed_by(RSA, h, c).replace(".", ".W10.", 1), "form"),
    ("five parts", lambda h, c: "a.b.c.d.e", "form"), ("very long", lambda h, c: "a" * 200_000, "form")]


@pytest.mark.parametrize(("name", "sign", "of"), SIGNATURES, ids=[name for name, _, _ in SIGNATURES])
def test_a_signature_that_does_not_hold(outside: House, provider: Provider, name: str,
                                        sign: Callable[[dict[str, Any], dict[str, Any]], str], of: str) -> None:
    outside.sign = sign
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == f"answer {of}"


GOOD: list[tuple[list[Key], dict[str, Any], dict[str, Any]]] = [
    ([RSA], {}, {}), ([RSA], {"alg": "PS256"}, {}), ([EC, RSA], {"alg": "ES256"}, {}), ([ED], {"alg": "Ed25519"}, {}),
    ([RSA, EC], {"kid": None}, {}), ([RSA], {"typ": "JWT", "own": "word"}, {}), ([RSA], {}, {"aud": [CLIENT_ID]}),
    ([RSA], {}, {"aud": [CLIENT_ID, "b"], "azp": CLIENT_ID}), ([RSA], {}, {"exp": SECONDS - LEEWAY + 1, "iat": SECONDS + LEEWAY})]


@pytest.mark.parametrize(("keys", "header", "claims"), GOOD)
def test_a_token_that_holds(outside: House, provider: Provider, keys: list[Key], header: dict[str, Any], claims: dict[str, Any]) -> None:
    outside.keys, outside.header, outside.claims = keys, header, claims
    assert checked(provider, outside.token("u-1", NONCE)) == Identity(outside.base, "u-1", False)
    assert outside.asked == {"/.well-known/openid-configuration": 1, "/jwks": 1}


@pytest.mark.parametrize(("claims", "strong"), [
    ({"acr": "phr"}, True), ({"acr": "urn:strong"}, True), ({"acr": "urn"}, False), ({"acr": "urn:strong phr"}, False), ({"acr": ["phr"]}, False),
    ({"amr": ["pwd", "otp"]}, True), ({"amr": ["pwd"]}, False), ({"amr": "otp"}, False), ({"amr": [["otp"], 1]}, False), ({}, False)])
def test_which_second_factor_of_the_provider_is_trusted(outside: House, provider: Provider, claims: dict[str, Any], strong: bool) -> None:
    outside.claims = claims
    assert checked(provider, outside.token("u-1", NONCE)).strong is strong


def test_a_key_that_is_new_is_asked_for_once(outside: House, provider: Provider, moment: Moment) -> None:
    checked(provider, outside.token("u-1", NONCE))
    outside.keys = [SECOND, RSA]
    checked(provider, outside.token("u-1", NONCE))
    checked(provider, outside.token("u-1", NONCE))
    assert outside.asked["/jwks"] == 2
    outside.header = {"kid": "third"}
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == "answer kid"
    assert outside.asked["/jwks"] == 3
    outside.header = {}
    moment.now += oidc_provider.KEPT
    checked(provider, outside.token("u-1", NONCE))
    assert outside.asked == {"/.well-known/openid-configuration": 2, "/jwks": 4}


def test_two_keys_and_no_name_are_not_guessed_between(outside: House, provider: Provider) -> None:
    outside.keys, outside.header = [RSA, SECOND], {"kid": None}
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == "answer kid"


def test_a_short_key_is_not_used(outside: House, provider: Provider) -> None:
    numbers = rsa.generate_private_key(65_537, 1024).public_key().public_numbers()
    n, e = (base64.urlsafe_b64encode(x.to_bytes((x.bit_length() + 7) // 8, "big")).rstrip(b"=").decode() for x in (numbers.n, numbers.e))
    outside.answers["/jwks"] = _json(f'{{"keys": [{{"kty": "RSA", "kid": "first", "n": "{n}", "e": "{e}"}}, 7, {{"kty": "oct", "k": "AAAA"}}]}}')
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == "answer kid"


@pytest.mark.parametrize(("key", "of"), [
    ({"n": "AQAB" * 100}, "signature"), ({"n": 7}, "kid"), ({"n": "Ö"}, "kid"), ({"e": 7}, "form"), ({"use": "enc"}, "kid"),
    ({"alg": "RS512"}, "kid"), ({"kty": "oct", "k": "AAAA"}, "kid"), ({"kty": ["RSA"]}, "kid")])
def test_a_key_that_is_not_for_this(outside: House, provider: Provider, key: dict[str, Any], of: str) -> None:
    outside.answers["/jwks"] = _json(json.dumps({"keys": [{**RSA.as_dict(private=False), **key}]}))
    assert why(lambda: checked(provider, outside.token("u-1", NONCE))) == f"answer {of}"


def _json(text: str, status: int = 200, **headers: str) -> Response:
    return Response(text, status, headers, content_type="application/json")


#: What the discovery document says, or what comes instead; the reason in the log.
DOCUMENTS: list[tuple[dict[str, Any] | Response, str]] = [
    ({"issuer": "https://evil.example"}, "issuer"), ({"issuer": None}, "issuer"),
    ({"token_endpoint": None}, "token_endpoint"), ({"token_endpoint": "http://192.0.2.1/token"}, "token_endpoint"),
    ({"token_endpoint": "file:///etc/passwd"}, "token_endpoint"), ({"token_endpoint": "https://u:p@idp.example/"}, "token_endpoint"),
    ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint"), ({"jwks_uri": 7}, "jwks_uri"),
    ({"authorization_endpoint": "https://idp.example; script-src *"}, "authorization_endpoint"),
    ({"authorization_endpoint": "https://idp.example:99999/"}, "authorization_endpoint"),
    ({"jwks_uri": "https://idp.example/" + "x" * 2_000}, "jwks_uri"), ({"response_types_supported": ["id_token"]}, "response_types_supported"),
    ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "id_token_signing_alg_values_supported"),
    (_json("nonsense"), "document"), (_json("[]"), "document"), (_json("[" * 100_000), "document"), (_json("{}", 500), "document"),
    (_json("", 302, Location="/elsewhere"), "document"), (_json(" " * (oidc_provider.LARGEST + 1) + "{}"), "document")]


@pytest.mark.parametrize(("document", "of"), DOCUMENTS)
def test_what_a_provider_may_not_say_of_itself(outside: House, provider: Provider, document: dict[str, Any] | Response, of: str) -> None:
    if isinstance(document, dict):
        outside.bent = document
    else:
        outside.answers["/.well-known/openid-configuration"] = document
    assert why(provider.told) == f"away {of}"
    assert "/elsewhere" not in outside.asked


def test_a_provider_that_fails_is_left_alone_for_a_while(outside: House, provider: Provider, moment: Moment) -> None:
    outside.answers["/.well-known/openid-configuration"] = _json("{}", 503)
    assert why(provider.told) == "away document"
    outside.answers.clear()
    assert why(provider.told) == "away left-alone"
    assert outside.asked == {"/.well-known/openid-configuration": 1}
    assert provider.origin() == outside.base                # that of the issuer, for the time being
    moment.now += oidc_provider.LEFT_ALONE
    outside.bent = {"authorization_endpoint": "https://login.idp.example:8443/a?b=c"}
    assert provider.origin() == "https://login.idp.example:8443"
    assert provider.told().authorize == "https://login.idp.example:8443/a?b=c"
    outside.answers["/.well-known/openid-configuration"] = _json("{}", 503)
    moment.now += oidc_provider.KEPT
    assert why(provider.told) == "away document"
    assert provider.origin() == "https://login.idp.example:8443"


def test_a_page_does_not_wait_for_somebody_else_who_asks(outside: House, provider: Provider) -> None:
    with provider._lock:
        assert provider.origin() == outside.base
    assert outside.asked == {}


def test_an_answer_that_takes_too_long(outside: House, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc_provider, "ALL_SECONDS", -1.0)
    assert why(provider.told) == "away document"


def test_nobody_listens(tmp_path: Path) -> None:
    gone = Provider(Settings(data=tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id="x"), Moment())
    assert why(gone.told) == "away document"


@pytest.mark.parametrize("answer", [
    b"", b"nonsense", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}x", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n[]"])
def test_an_answer_that_breaks_off(tmp_path: Path, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=once)
        thread.start()
        issuer = f"http://127.0.0.1:{listener.getsockname()[1]}"
        broken = Provider(Settings(data=tmp_path, oidc_issuer=issuer, oidc_client_id="x"), Moment())
        assert why(broken.told) in ("away document", "away issuer")
        thread.join(10)


def exchanged(outside: House, provider: Provider) -> tuple[str, str]:
    """A code of the provider, and its verifier."""
    address, kept = oidc.begin(provider, NOW, "en", None)
    way = oidc.way_of(provider.settings, kept, NOW)
    assert way is not None
    back = asked_for(at_provider(address))
    assert back["state"] == way.state
    return back["code"], way.verifier


@pytest.mark.parametrize("ways", [["client_secret_basic"], ["client_secret_post"], None])
def test_a_code_becomes_a_token_once(outside: House, provider: Provider, ways: list[str] | None) -> None:
    outside.bent = {"token_endpoint_auth_methods_supported": ways}
    code, verifier = exchanged(outside, provider)
    assert checked(provider, provider.id_token(code, verifier), outside.seen["nonce"]).subject == "u-1001"
    assert why(lambda: provider.id_token(code, verifier)) == "answer code"
    other, _ = exchanged(outside, provider)
    assert why(lambda: provider.id_token(other, verifier)) == "answer code"        # the verifier of another way


TOKENS: list[tuple[Response, str]] = [
    (_json('{"access_token": "x", "token_type": "Bearer"}'), "answer id_token"), (_json('{"id_token": 7}'), "answer id_token"),
    (_json("[]"), "answer code"), (_json("nonsense", 400), "away token"), (_json("{}", 500), "away token"), (_json("[" * 100_000), "answer code"),
    (_json("", 302, Location="/elsewhere"), "answer code"), (_json('{"error": "access_denied"}', 400), "answer code"),
    (_json(" " * (oidc_provider.LARGEST + 1) + "{}"), "away token")]


@pytest.mark.parametrize(("answer", "of"), TOKENS)
def test_what_comes_instead_of_a_token(outside: House, provider: Provider, answer: Response, of: str) -> None:
    code, verifier = exchanged(outside, provider)
    outside.answers["/token"] = answer
    assert why(lambda: provider.id_token(code, verifier)) == of
    assert "/elsewhere" not in outside.asked


def test_the_secret_is_read_when_it_is_needed(outside: House, provider: Provider) -> None:
    code, verifier = exchanged(outside, provider)
    path = Path(provider.settings.oidc_client_secret_file)
    path.write_text("another", encoding="utf-8")
    assert why(lambda: provider.id_token(code, verifier)) == "answer code"
    path.unlink()
    assert why(lambda: provider.id_token(code, verifier)) == "away secret"


def test_what_the_provider_is_asked(outside: House, provider: Provider) -> None:
    address, kept = oidc.begin(provider, NOW, "zh", "/zh/cases/")
    asked, way = asked_for(address), oidc.way_of(provider.settings, kept, NOW)
    assert way is not None
    assert asked == {"response_type": "code", "client_id": CLIENT_ID, "scope": "openid", "state": way.state, "nonce": way.nonce,
                     "redirect_uri": "http://127.0.0.1:8765/sign-in/provider/callback", "code_challenge_method": "S256",
                     "code_challenge": asked["code_challenge"], "acr_values": "urn:strong phr"}
    assert way.verifier not in address
    assert [x in kept for x in (way.state, way.nonce, way.verifier)] == [False] * 3
    again = oidc.way_of(provider.settings, oidc.begin(provider, NOW, "zh", None)[1], NOW)
    assert again is not None
    assert {again.state, again.nonce, again.verifier}.isdisjoint({way.state, way.nonce, way.verifier})


@pytest.mark.parametrize("kept", ["", "x", "AAAA", "!" * 60])
def test_a_cookie_that_is_not_ours(provider: Provider, kept: str) -> None:
    assert oidc.way_of(provider.settings, kept, NOW) is None


def test_a_way_is_good_for_ten_minutes(provider: Provider) -> None:
    _, kept = oidc.begin(provider, NOW, "en", None)
    assert oidc.way_of(provider.settings, kept, NOW + timedelta(seconds=599)) is not None
    assert oidc.way_of(provider.settings, kept, NOW + timedelta(seconds=600)) is None
    assert oidc.way_of(provider.settings, kept[:-8] + "AAAAAAA=", NOW) is None
