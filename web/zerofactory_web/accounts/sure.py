"""The question before an act that is not taken back by a click: what it means, why it is done, a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_web.accounts.forms import Crumb, attempt, sentence, shown, typed
from zerofactory_web.site.forms import FormErrors


@dataclass(frozen=True, slots=True)
class Question:
    """*code*: its title, with ``-text`` and ``-do`` the explanation and the button; *facts*: what it is about, as code
    of a label and value; *back*: the page it came from, and went to afterwards; *reason*, *until*, *code_field*: what
    has to be told; *said*: what the page says afterwards."""

    code: str
    facts: Sequence[tuple[str, str]]
    back: str
    said: str
    crumbs: Sequence[Crumb]
    reason: bool = True
    until: bool = False
    danger: bool = True

    def ask(self, errors: FormErrors | None = None, status: int = 200) -> Response:
        """The page."""
        text = sentence(f"{self.code}-text")
        facts = [{"key": sentence(label), "value": value} for label, value in self.facts]
        fields = [name for name, asked in (("until", self.until), ("reason", self.reason)) if asked]
        return shown("sure", {"question": sentence(self.code), "text": text, "facts": facts, "fields": fields},
                     sentence(self.code), self.crumbs, errors=errors, status=status, question=self,
                     button=sentence(f"{self.code}-do"), given={name: typed(name) for name in fields})

    def settle(self, act: Callable[[], object]) -> BaseResponse:
        """Ask, or, when the page was sent, do it."""
        if request.method != "POST":
            return self.ask()
        return attempt(act, self.back, self.ask, ("reason", "until"), self.said)
