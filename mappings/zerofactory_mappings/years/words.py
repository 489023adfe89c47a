"""Sentences and figures of one language for the comparison; what is not known is marked and its reasons are kept."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.messages import render, render_reason
from zerofactory_engine.reasons import Reason, Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.publishing.numbers import percent, shown, signed, unit_text
from zerofactory_mappings.years.model import Comparison, Measure

UNKNOWN = "?"
DASH = "—"
#: Reasons that are told in full; of more, the number.
REASONS = 8


class Words:
    """What is said in *language* (zh, en). Reasons of figures that were shown as unknown are gathered in order."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._reasons: dict[Reason, None] = {}

    def t(self, code: str, **args: object) -> str:
        """The sentence of ``years.<code>``."""
        return render(f"years.{code}", self.language, args)

    def pick(self, title: str | Mapping[str, str] | None) -> str:
        """The text of this language, else any; one text for both stands as it is."""
        if not isinstance(title, Mapping):
            return title or ""
        return str(title.get(self.language) or next((v for v in title.values() if v), ""))

    def said(self, said: Said) -> str:
        """A sentence by its code."""
        return said.text(self.language)

    def amount(self, amount: Amount) -> str:
        """A figure; a question mark where it is not known."""
        return self._doubt(amount) if isinstance(amount, Unknown) else shown(amount)

    def change(self, amount: Amount) -> str:
        """A difference with its sign."""
        return self._doubt(amount) if isinstance(amount, Unknown) else signed(amount)

    def share(self, amount: Amount, *, sign: bool = True) -> str:
        """A share in percent, with its sign where it is a change."""
        if isinstance(amount, Unknown):
            return self._doubt(amount)
        return ("+" if sign and amount > 0 else "") + percent(amount)

    def unit(self, unit: str) -> str:
        """A unit as people write it; the unit of emissions stands as itself."""
        return unit_text(unit, self.language) or "1"

    def measure(self, measure: Measure) -> str:
        """A measure with its unit."""
        return self.t("with-unit", name=self.pick(measure.title), unit=self.unit(measure.unit))

    def facility(self, comparison: Comparison) -> str:
        """The facility's name."""
        return self.pick(comparison.facility)

    def answer(self, triggered: bool | Unknown) -> str:
        """Whether the base year has to be recalculated."""
        if isinstance(triggered, Unknown):
            self._doubt(triggered)
            return self.t("triggered-unknown")
        return self.t("triggered-yes" if triggered else "triggered-no")

    def why(self) -> list[str]:
        """The reasons gathered so far, each once; then they are forgotten."""
        found = [render_reason(r, self.language) for r in self._reasons]
        self._reasons.clear()
        told = list(dict.fromkeys(found))
        return told if len(told) <= REASONS else [*told[:REASONS], self.t("more-reasons", count=len(told) - REASONS)]

    def _doubt(self, unknown: Unknown) -> str:
        self._reasons.update(dict.fromkeys(unknown.reasons))
        return UNKNOWN
