"""Sentences and names of one language for this disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.messages import catalogue, render, render_reason
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.publishing.codes import name_of

_MAX_REASONS = 5


class Said:
    """Sentences of *language* (zh, en) by code."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, code: str, **args: object) -> str:
        """The sentence of *code*."""
        return render(code, self.language, args)

    def of(self, said: Any) -> str:
        """The sentence of a code with arguments, as completeness keeps them."""
        return render(said.code, self.language, said.args)

    def text(self, said: Mapping[str, Any] | str | None) -> str:
        """A text in this language: of ``{zh, en}``, of a plain text, or nothing."""
        if isinstance(said, Mapping):
            return str(said.get(self.language) or next(iter(said.values()), ""))
        return said or ""

    def label(self, area: str, code: str | None) -> str:
        """What *code* of a closed list is called here; one without a name stands as itself."""
        if not code:
            return ""
        key = f"accounting.obtained.{code.replace(' ', '_')}" if area == "obtained" else f"ghgp.{area}.{code}"
        return render(key, self.language) if key in catalogue(self.language) else code.replace("_", " ")

    def name(self, code: str | None) -> str:
        """A technology or carrier by its name."""
        return (name_of(code, self.language, "technologies", "carriers") or code) if code else ""


def reason_text(unknown: Unknown, said: Said) -> str:
    """Why a figure is not known: its reasons, each once, the first few with the number of the rest."""
    texts = list(dict.fromkeys(render_reason(r, said.language) for r in unknown.reasons))
    rest = len(texts) - _MAX_REASONS
    shown = said("ghgp.and").join(texts[:_MAX_REASONS])
    return shown + (said("ghgp.and-more", count=rest) if rest > 0 else "")
