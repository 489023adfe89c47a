"""What people type about themselves and their organisations, in one form, or refused with all reasons at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from zerofactory_engine.dossier.checks.entities import lei_is_sound, uscc_check_character
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import CONTROL

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_SECTOR = re.compile(r"\*|[A-T](\d{2,4})?")
_CODE, _LEI = re.compile(r"[0-9A-Z]{18}"), re.compile(r"[0-9A-Z]{18}[0-9]{2}")
EMAIL_LENGTH = 254


class Words:
    """Collects what is wrong while it reads; :meth:`done` raises all of it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def _wrong(self, path: str, found: str, accepted: str | None = None, example: str | None = None) -> None:
        self.problems.append(Problem("accounts.value", Place(path=path), found=found[:80], accepted=accepted,
                                     example=example))

    def text(self, path: str, given: str, most: int, *, lines: bool = False) -> str:
        """A text that is not empty: NFC, no control characters, at most *most* characters; one line unless *lines*."""
        text = unicodedata.normalize("NFC", given).replace("\r\n", "\n").strip()
        if not text:
            self.problems.append(Problem("accounts.value-missing", Place(path=path)))
        elif CONTROL.search(text) or (not lines and ("\n" in text or "\t" in text)):
            self._wrong(path, CONTROL.sub("�", text))
        elif len(text) > most:
            self.problems.append(Problem("accounts.value-long", Place(path=path), found=str(len(text)),
                                         accepted=f"≤ {most}"))
        return text

    def email(self, given: str, path: str = "email") -> str:
        """An address in small letters."""
        text = email_form(given)
        if len(text) > EMAIL_LENGTH or not _EMAIL.fullmatch(text):
            self._wrong(path, text, example="anna@example.org")
        return text

    def among(self, path: str, given: str, values: Iterable[str]) -> str:
        """One of the words of a list."""
        known = tuple(values)
        if given not in known:
            self._wrong(path, given, ", ".join(known))
        return given

    def sector(self, given: str) -> str:
        """A prefix of GB/T 4754, or ``*`` for any."""
        text = given.strip().upper()
        if not _SECTOR.fullmatch(text):
            self._wrong("sector", text, example="C38, C3841, *")
        return text

    def credit_code(self, given: str | None) -> str | None:
        """A unified social credit code (GB 32100) with its check character, or none."""
        text = (given or "").strip().upper()
        if text and not (_CODE.fullmatch(text) and uscc_check_character(text) == text[17]):
            self._wrong("credit_code", text)
        return text or None

    def lei(self, given: str | None) -> str | None:
        """A legal entity identifier (ISO 17442) with its check digits, or none."""
        text = (given or "").strip().upper()
        if text and not (_LEI.fullmatch(text) and lei_is_sound(text)):
            self._wrong("lei", text)
        return text or None

    def done(self) -> None:
        """Raise what was wrong.

        Raises:
            ProblemsError: every problem found.
        """
        if self.problems:
            raise ProblemsError(self.problems)


def email_form(given: str) -> str:
    """An address as it is kept and looked up: no spaces around it, small letters; NUL, which PostgreSQL does not take
    even to look, made visible."""
    return unicodedata.normalize("NFKC", given).strip().lower().replace("\x00", "�")
