"""Sentences, names and figures of one language."""

from __future__ import annotations

from decimal import Decimal

from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.messages import render
from zerofactory_mappings.disclosures.statement import picked
from zerofactory_mappings.gb_t_32150.model import ClassRow
from zerofactory_mappings.publishing.codes import name_of
from zerofactory_mappings.publishing.numbers import shown, unit_text

DASH = "—"


class Words:
    """Everything that is said in *language* (zh, en)."""

    def __init__(self, language: str) -> None:
        self.language = language

    def t(self, code: str, **args: object) -> str:
        """The sentence of ``gbt.<code>``."""
        return render(f"gbt.{code}", self.language, args)

    def heads(self, *names: str) -> list[str]:
        """Heads of the columns of a table."""
        return [self.t(f"head-{name}") for name in names]

    def text(self, said: object) -> str:
        """A text of a dossier or statement, a dash for nothing."""
        if isinstance(said, bool):
            return self.t("yes" if said else "no")
        return (picked(said, self.language) if isinstance(said, dict) else str(said or "")) or DASH

    def amount(self, value: Amount) -> str:
        """A figure by the display rule; of an unknown one that it is not known."""
        return shown(value) if isinstance(value, Decimal) else self.t("unknown")

    def total(self, row: ClassRow) -> str:
        """The total of a class, with the part that is known when the whole is not."""
        value = row.total.value
        if isinstance(value, Decimal):
            return shown(value)
        return self.t("unknown-known", known=shown(row.total.known))

    def origin(self, entry: Entry) -> str:
        """Where a factor comes from."""
        return entry.source.title

    def unit(self, unit: str) -> str:
        """A unit as people write it."""
        return unit_text(unit, self.language)

    def named(self, area: str, code: object) -> str:
        """What a code of a closed list (``obtained``, ``part_kind``) is called; one without a name stands as itself."""
        return (name_of(str(code), self.language, area) or str(code).replace("_", " ")) if code else DASH
