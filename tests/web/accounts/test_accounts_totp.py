"""The second factor against the published vectors, and that a code counts once."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from zerofactory_web.accounts import totp

KEY = b"12345678901234567890"
SECRET = base64.b32encode(KEY).decode("ascii")

#: RFC 6238 appendix B, rows of SHA-1: seconds since 1970, code of eight digits.
RFC_6238 = [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
            (2000000000, "69279037"), (20000000000, "65353130")]
#: RFC 4226 appendix D: counter 0 to 9, code of six digits.
RFC_4226 = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_of(KEY, step, 8) == code
    assert totp.code_of(KEY, step) == code[2:]


def test_vectors_of_rfc_4226() -> None:
    assert [totp.code_of(KEY, counter) for counter in range(10)] == RFC_4226


NOON = datetime(2026, 11, 2, 12, 0, 10, tzinfo=UTC)
NOW = totp.step_of(NOON)


@pytest.mark.parametrize(("step", "used", "accepted"), [
    (NOW, None, True), (NOW - 1, None, True), (NOW + 1, None, True), (NOW - 2, None, False), (NOW + 2, None, False),
    (NOW, NOW, False), (NOW, NOW + 1, False), (NOW - 1, NOW - 1, False), (NOW, NOW - 1, True), (NOW + 1, NOW, True)])
def test_a_code_counts_near_its_time_and_once(step: int, used: int | None, accepted: bool) -> None:
    code = totp.code_of(KEY, step)
    assert totp.matching_step(SECRET, code, NOON, used) == (step if accepted else None)


@pytest.mark.parametrize("given", ["", "000000", "12345", "1234567", "六七八九十一", "x" * 10_000])
def test_what_is_no_code(given: str) -> None:
    assert totp.matching_step(SECRET, given, NOON, None) is None


def test_a_code_may_be_typed_with_a_space() -> None:
    code = totp.code_of(KEY, NOW)
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]} ", NOON, None) == NOW


def test_a_clock_that_is_half_a_minute_off_is_no_obstacle() -> None:
    for off in (-30, 0, 30):
        code = totp.code_of(KEY, totp.step_of(NOON + timedelta(seconds=off)))
        assert totp.matching_step(SECRET, code, NOON, None) is not None


def test_the_address_for_the_app() -> None:
    found = urlsplit(totp.address(SECRET, "anna@body.example"))
    assert (found.scheme, found.netloc, found.path) == ("otpauth", "totp", "/zerofactory%3Aanna%40body.example")
    assert parse_qs(found.query) == {"secret": [SECRET], "issuer": ["zerofactory"], "digits": ["6"], "period": ["30"]}


def test_recovery_codes_are_found_however_they_are_typed() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    for code in codes:
        assert len(code.replace("-", "")) == 24         # 120 bits: a plain hash may keep them (ASVS 6.5.2: 112)
        assert totp.recovery_normal(code.upper().replace("-", " ")) == code
    assert len(base64.b32decode(totp.new_secret())) == 20
