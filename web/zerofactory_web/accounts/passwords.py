"""Passwords: Argon2id, what is accepted, and a check that takes the same time whether the account exists or not.

Cost: the least that OWASP names for Argon2id, 19 MiB of memory, two passes, one lane. A password that was hashed with a
lower cost is hashed again when it is next given.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.accounts.breached import is_breached

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
#: Characters that a password has at least, and at most (longer ones only cost time).
LEAST = 12
MOST = 256
#: Different characters that have to be left when what everybody tries first is taken out.
_LEFT = 5
_COMMON = (
    "password", "passwort", "passw0rd", "zerofactory", "certificate", "certification", "administrator",
    "administration", "factory", "welcome", "letmein", "changeme", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwerty",
    "qazwsxedc", "1qaz2wsx3edc", "iloveyou", "woaini", "secret", "master", "dragon", "monkey", "football", "baseball",
    "princess", "sunshine", "trustno", "superman", "starwars", "admin", "login", "hello", "test", "user", "pass",
    "carbon", "mima", "abcdefghijklmnopqrstuvwxyz", "密码", "管理员", "零碳工厂")
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_YEAR = re.compile(r"(19|20)\d\d")

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


def normal(password: str) -> str:
    """One form for what looks the same, however it was typed (NFKC): full-width letters of an input method too."""
    return unicodedata.normalize("NFKC", password)


def faults(password: str, *, about: tuple[str, ...] = (), place: str = "password", breached: str = "") -> list[Problem]:
    """Everything that keeps *password* from being taken; *about*: name and address, on which it may not rest;
    *breached*: path of a list of those that were in breaches, empty where there is none.

    Raises:
        ProblemsError: ``accounts.breached-unreadable``.
    """
    text = normal(password)
    found: list[Problem] = []
    at = Place(path=place)
    if len(text) < LEAST:
        found.append(Problem("accounts.password-short", at, args={"least": str(LEAST)}))
    elif len(text) > MOST:
        found.append(Problem("accounts.password-long", at, args={"most": str(MOST)}))
    elif _is_easy(text, about):
        found.append(Problem("accounts.password-easy", at))
    elif breached and is_breached(Path(breached), text):
        found.append(Problem("accounts.password-breached", at))
    return found


def _is_easy(text: str, about: tuple[str, ...]) -> bool:
    """Whether too little is left once everything that is tried first is taken out."""
    own = [part for word in about for part in re.split(r"[^\w]+", normal(word).lower()) if len(part) >= 3]
    plain = text.lower()
    return any(len(_left(form, own)) < _LEFT for form in (plain, plain.translate(_LEET)))


def _left(text: str, own: list[str]) -> set[str]:
    """The characters beside common words, years, and three or more in a row that rise, fall or repeat."""
    for word in sorted({*own, *_COMMON}, key=len, reverse=True):
        text = text.replace(word, " ")
    text = _YEAR.sub(" ", text)
    steps = [ord(b) - ord(a) for a, b in pairwise(text)]
    in_row = {i + k for i, (a, b) in enumerate(pairwise(steps)) if a == b and abs(a) <= 1 for k in range(3)}
    return {c for i, c in enumerate(text) if i not in in_row and not c.isspace()}


def make_hash(password: str) -> str:
    """The Argon2id hash of a password, with its salt and cost."""
    return _hasher.hash(normal(password))


@cache
def _nobody() -> str:
    """A hash that no password has, to spend on accounts that do not exist what a real check costs."""
    return make_hash("\x00 no account")


def holds(stored: str | None, password: str) -> bool:
    """Whether *password* is the one of *stored*; without a stored one it takes as long and is never."""
    text = normal(password)[:MOST + 1]
    try:
        return _hasher.verify(stored if stored is not None else _nobody(), text) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with another cost than today's."""
    return _hasher.check_needs_rehash(stored)
