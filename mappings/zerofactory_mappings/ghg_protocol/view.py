"""What every section of the document needs: the model, sentences of one language, and figures by the display rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.model import Both, GhgModel
from zerofactory_mappings.ghg_protocol.words import Said
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.numbers import percent, shown

DASH = "—"
#: Rows of a table on paper; of more, the first stand there and a sentence says where all of them are.
MAX_ROWS = 60


class View:
    """*model* told in the language of *said*."""

    def __init__(self, model: GhgModel, said: Said) -> None:
        self.model, self.said = model, said
        self.fonts = font_set().css

    def head(self, *names: str) -> list[str]:
        """Heads of columns."""
        return [self.said(f"ghgp.head.{n}") for n in names]

    def period(self) -> str:
        """First and last day."""
        subject = self.model.subject
        return self.said("ghgp.period", start=subject.start.isoformat(), end=subject.end.isoformat())

    def approach(self) -> str:
        """The approach of the group, or the one that the only dossier states."""
        code = self.model.consolidated.approach
        if code is None:
            stated = self.model.subject.members[0].dossier.boundary.get("approach")
            code = str(stated).replace(" ", "_") if stated else "not_stated"
        return self.said(f"ghgp.approach.{code}")

    # -- figures ------------------------------------------------------------------------------------------------------

    def figure(self, amount: Amount | None) -> str:
        """A figure by the display rule, or the word for unknown."""
        if amount is None:
            return DASH
        return self.said("ghgp.unknown") if isinstance(amount, Unknown) else shown(amount)

    def total(self, total: Total) -> str:
        """A total, or what is known of one that is not."""
        if isinstance(total.value, Unknown):
            return self.said("ghgp.known-part", known=shown(total.known))
        return shown(total.value)

    def stated_total(self, total: Total) -> str:
        """A total of scope 3: without any line nothing was reported, which is no zero."""
        return self.total(total) if total.lines else self.said("ghgp.nothing-stated")

    def tonnes(self, total: Total) -> str:
        """As :meth:`total`, with its unit."""
        return f"{self.total(total)} tCO2e"

    def pair(self, pair: Both) -> tuple[str, str]:
        """Both results."""
        return self.total(pair.location), self.total(pair.market)

    def share(self, value: Decimal | None) -> str:
        """A share as a percentage."""
        return DASH if value is None else percent(CONTEXT.plus(value))

    # -- what a reporter states ---------------------------------------------------------------------------------------

    def stated(self, path: str) -> Any:
        """What the statement holds at *path*."""
        return self.model.subject.statement.get(path)

    def say(self, value: Any) -> str:
        """A value of a statement or dossier; a word for nothing."""
        if value is None or value == "":
            return self.said("ghgp.not-stated")
        if isinstance(value, bool):
            return self.said(f"ghgp.answer.{'yes' if value else 'no'}")
        if isinstance(value, Decimal):
            return shown(value)
        if isinstance(value, date):
            return value.isoformat()
        return self.said.text(value) if isinstance(value, (Mapping, str)) else str(value)
