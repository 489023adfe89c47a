"""Sentences and names of one language for this disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_engine.accounting.classification import classification
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

    def text(self, said: Mapping[str, Any] | str | None) -> str:
        """A text in this language: of ``{zh, en}``, of a plain text, or nothing."""
        if isinstance(said, Mapping):
            return str(said.get(self.language) or next(iter(said.values()), ""))
        return said or ""

    def label(self, area: str, code: str | None) -> str:
        """What *code* of a closed list is called here; one without a name stands as itself."""
        if not code:
            return ""
        if area == "obtained":
            return name_of(code, self.language, "obtained") or code.replace("_", " ")
        key = f"ghgp.{area}.{code}"
        return render(key, self.language) if key in catalogue(self.language) else code.replace("_", " ")

    def figure(self, name: str) -> str:
        """A figure of a base year: one of ours, one of the project's list, or as it stands."""
        kind, _, rest = name.partition("/")
        if kind == "iso_category" and rest:
            return render("ghgp.figure.iso_category", self.language, {"number": rest})
        key = f"ghgp.figure.{name}"
        if key in catalogue(self.language):
            return render(key, self.language)
        return name_of(name, self.language, "figures") or name.replace("_", " ")

    def source(self, code: str) -> str:
        """A source type by its name."""
        found = classification().sources.get(code)
        return found.title[self.language] if found is not None else code

    def credit(self, kind: str | None) -> str:
        """What kind of credit it is."""
        return (name_of(kind, self.language, "credit_kind") or kind) if kind else ""

    def role(self, role: str) -> str:
        """What a factor set is for."""
        key = f"report.role.{role}"
        return render(key, self.language) if key in catalogue(self.language) else role.replace("_", " ")

    def confidence(self, code: str) -> str:
        """How well a factor is known."""
        return render(f"report.confidence.{code}", self.language)

    def name(self, code: str | None) -> str:
        """A technology or carrier by its name."""
        return (name_of(code, self.language, "technologies", "carriers") or code) if code else ""


def reason_text(unknown: Unknown, said: Said) -> str:
    """Why a figure is not known: its reasons, each once, the first few with the number of the rest."""
    texts = list(dict.fromkeys(render_reason(r, said.language) for r in unknown.reasons))
    rest = len(texts) - _MAX_REASONS
    shown = said("ghgp.and").join(texts[:_MAX_REASONS])
    return shown + (said("ghgp.and-more", count=rest) if rest > 0 else "")
