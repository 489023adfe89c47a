"""Sentences, names and figures of one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from zerofactory_engine.accounting.factors import Entry
from zerofactory_engine.accounting.terms import Amount, Term
from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import catalogue, render
from zerofactory_mappings.disclosures.statement import picked
from zerofactory_mappings.gb_t_32150.model import Calculation, ClassRow, SourceRow, Step
from zerofactory_mappings.publishing.codes import name_of
from zerofactory_mappings.publishing.numbers import shown, unit_text

DASH = "—"
#: Rows of a dossier that are named one by one.
_NAMED = 3
_SAID_BY_SOURCE = frozenset({"electricity", "heat"})


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

    def total(self, row: ClassRow | SourceRow) -> str:
        """The total of a class, with the part that is known when the whole is not."""
        value = row.total.value
        if isinstance(value, Decimal):
            return shown(value)
        return self.t("unknown-known", known=shown(row.total.known))

    def origin(self, entry: Entry) -> str:
        """Where a factor comes from."""
        return entry.source.title

    def unit(self, unit: str) -> str:
        """A unit as people write it; nothing for a pure number."""
        return "" if unit == "1" else unit_text(unit, self.language)

    def named(self, area: str, code: object) -> str:
        """What a code of a closed list (``obtained``, ``part_kind``) is called; one without a name stands as itself."""
        return (name_of(str(code), self.language, area) or str(code).replace("_", " ")) if code else DASH

    def carrier(self, code: str | None) -> str:
        """What a carrier is called; nothing when there is none or the source bears its name."""
        if not code or code in _SAID_BY_SOURCE:
            return ""
        return name_of(code, self.language, "carriers") or code.replace("_", " ")

    def source(self, title: str, carrier: str | None) -> str:
        """A source with the carrier."""
        name = self.carrier(carrier)
        return self.t("of-carrier", source=title, carrier=name) if name else title

    def obtained(self, codes: Iterable[str]) -> str:
        """How figures were obtained."""
        return self.t("comma").join(self.named("obtained", code) for code in codes) or DASH

    def rows(self, rows: Sequence[str]) -> str:
        """Rows of a dossier: the first ones and how many there are."""
        text = self.t("comma").join(rows[:_NAMED])
        return text if len(rows) <= _NAMED else self.t("and-more", rows=text, count=len(rows))

    def term(self, name: str) -> str:
        """What a factor of a product is called; one without a name (a gas of a blend) stands as itself."""
        key = f"gbt.term-{name.replace('_', '-').lower()}"
        return render(key, self.language) if key in catalogue(self.language) else name.replace("_", " ")

    def factor(self, term: Term) -> str:
        """A factor with its name, value and unit."""
        if not isinstance(term.value, Decimal):
            value = self.t("unknown")
        elif term.below == 1:
            value = shown(term.value)
        else:
            value = f"{plain(term.value)}/{plain(term.below)}"
        return " ".join(part for part in (self.term(term.name), value, self.unit(term.unit)) if part)

    def factors(self, found: Calculation) -> str:
        """All factors of a calculation."""
        terms = [*found.factors, *([found.gwp] if found.gwp is not None else [])]
        return " × ".join(self.factor(t) for t in terms) or DASH

    def factor_names(self, terms: Iterable[Term]) -> str:
        """What the numbers of a calculation are, in their order."""
        return " × ".join(f"{self.term(t.name)} [{t.unit}]" for t in terms)

    def step(self, step: Step) -> str:
        """What a step of the reconciliation is."""
        if step.title is None:
            return self.t(f"step-{step.id}")
        return self.t("step-of", what=step.title[self.language])
