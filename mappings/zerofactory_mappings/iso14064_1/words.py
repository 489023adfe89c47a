"""Sentences, names and figures of one language for this report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import Total
from zerofactory_engine.messages import catalogue, render, render_reason
from zerofactory_engine.reasons import Reason, Unknown
from zerofactory_mappings.disclosures.statement import picked
from zerofactory_mappings.iso14064_1.sections import SECTIONS
from zerofactory_mappings.iso14064_1.tables import category_titles, subcategory_titles
from zerofactory_mappings.publishing.codes import name_of
from zerofactory_mappings.publishing.numbers import percent, shown, signed, unit_text

#: Reasons that are told in full; of more, the number.
REASONS = 6
DASH = "—"
UNIT = "tCO2e"


class Words:
    """Everything that is said in *language* (zh, en)."""

    def __init__(self, language: str) -> None:
        self.language = language

    def t(self, code: str, **args: object) -> str:
        """The sentence of ``iso14064.<code>``."""
        return render(f"iso14064.{code}", self.language, args)

    def head(self, *names: str) -> list[str]:
        """Heads of the columns of a table."""
        return [self.t(f"head.{name}") for name in names]

    def text(self, said: object) -> str:
        """A text of a statement or dossier: of ``{zh, en}``, plain, a day, yes or no; a dash for nothing."""
        if said is None or said == "":
            return DASH
        if isinstance(said, bool):
            return self.t("yes" if said else "no")
        if isinstance(said, date):
            return said.isoformat()
        if isinstance(said, Decimal):
            return shown(said)
        return picked(said, self.language) if isinstance(said, Mapping) else str(said)

    def label(self, area: str, code: str | None) -> str:
        """What *code* of a closed list is called; one without a name stands as itself, with blanks."""
        if not code:
            return DASH
        key = f"iso14064.{area}.{code.replace(' ', '_')}"
        return render(key, self.language) if key in catalogue(self.language) else code.replace("_", " ")

    def named(self, code: str | None, *lists: str) -> str:
        """A code of the project's lists by its name."""
        return (name_of(code, self.language, *lists) or code.replace("_", " ")) if code else DASH

    def obtained(self, code: str | None) -> str:
        """How a figure was obtained."""
        return self.named(code.replace("_", " ") if code else None, "obtained") if code else DASH

    def source(self, code: str) -> str:
        """A source type by its name."""
        found = classification().sources.get(code)
        return found.title[self.language] if found is not None else code

    def category(self, code: str) -> str:
        """``4.3 disposal of solid and liquid waste``; ``2 Indirect emissions from imported energy``."""
        titles = category_titles() if "." not in code else subcategory_titles()
        title = titles.get(code)
        return f"{code} {title[self.language]}" if title is not None else code

    # -- figures ------------------------------------------------------------------------------------------------------

    def amount(self, value: Amount | None, unit: str = "") -> str:
        """A figure by the display rule, or that it is not known."""
        if value is None:
            return DASH
        if isinstance(value, Unknown):
            return self.t("unknown")
        return f"{shown(value)} {unit_text(unit, self.language)}" if unit else shown(value)

    def total(self, found: Total, unit: str = "") -> str:
        """A total; of one that is not known, the part that is; of nothing, that it was not quantified."""
        if not found.lines:
            return self.t("nothing-quantified")
        if isinstance(found.value, Unknown) and found.known:
            return self.t("known-part", known=self.amount(found.known, unit))
        return self.amount(found.value, unit)

    def brief(self, found: Total) -> str:
        """A total beside a bar: with its unit, or how much of it is known."""
        if isinstance(found.value, Unknown) and found.known:
            return self.t("known-brief", known=self.amount(found.known))
        return self.total(found, UNIT)

    def lacks(self, name: str, **args: object) -> str:
        """That something is missing from the report."""
        return self.t("missing", what=self.t(f"lacks.{name}", **args))

    def signed(self, value: Amount | None, unit: str = "") -> str:
        """A difference with its sign."""
        if value is None:
            return DASH
        if isinstance(value, Unknown):
            return self.t("unknown")
        return f"{signed(value)} {unit}".strip()

    def share(self, value: Amount | None) -> str:
        """A share as a percentage."""
        if value is None:
            return DASH
        return self.t("unknown") if isinstance(value, Unknown) else percent(value)

    def join(self, parts: Iterable[str]) -> str:
        """A list in a sentence."""
        return self.t("comma").join(parts)

    def list(self, *texts: object) -> str:
        """Whole clauses one after the other, those that are there."""
        return self.t("semicolon").join(self.text(t) for t in texts if t)

    def instrument(self, kind: str) -> str:
        """A contractual instrument: a certificate, or the source of a supply."""
        return self.t("instrument.certificate") if kind == "certificate" else self.named(kind, "electricity_source")

    def section(self, name: str) -> str:
        """A section of the report by number and title; another place as it stands."""
        return f"{SECTIONS.index(name) + 1}. {self.t(f'section.{name}')}" if name in SECTIONS else name

    def short(self, category: str) -> str:
        """A category in few words, for pictures: ``2 imported energy``."""
        return f"{category} {self.t(f'short.{category}')}"

    def reasons(self, unknown: Unknown) -> str:
        """Why something is not known: the first few reasons and the number of the rest."""
        told = list(dict.fromkeys(self.reason(r) for r in unknown.reasons))
        rest = len(told) - REASONS
        more = [self.t("and-more", count=rest)] if rest > 0 else []
        return self.t("semicolon").join([*told[:REASONS], *more])

    def reason(self, reason: Reason) -> str:
        """One reason."""
        return render_reason(reason, self.language)

    def group(self, name: str) -> str:
        """A group of the inventory (``all``, ``iso_category/2``, ``scope/1``) or a figure of the project's list."""
        kind, _, key = name.partition("/")
        if kind in ("iso_category", "iso_subcategory") and key:
            return self.category(key)
        if kind == "scope" and key:
            return self.t("scope", number=key)
        if name in ("all", "scopes_1_2"):
            return self.t(f"group.{name}")
        return self.named(name, "figures")
