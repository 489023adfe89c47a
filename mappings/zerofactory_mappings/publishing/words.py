"""What a template may say: sentences by code, texts in two languages, figures by the display rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from zerofactory_engine.messages import catalogue, render
from zerofactory_mappings.publishing.codes import name_of
from zerofactory_mappings.publishing.formulas import marked_up
from zerofactory_mappings.publishing.numbers import decimal_of, percent, shown, shown_beside, signed, unit_text

#: Code lists whose words values of rule packs use.
NAMED_LISTS = ("technologies", "carriers", "electricity_source", "certificate_systems", "catalogue_level")
_DURATION = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?")
#: Marks that stand beside the word of a verdict, so that colour is never alone; every CJK font has them.
MARKS = {"met": "√", "not_met": "×", "indeterminate": "?", "not_applicable": "–", "error": "!"}


class Words:
    """Sentences and figures of one language (``zh`` or ``en``)."""

    def __init__(self, language: str) -> None:
        self.language = language

    def t(self, code: str, **args: object) -> str:
        """The sentence of *code*."""
        return render(code, self.language, args)

    def pick(self, text: object) -> str:
        """The text in this language: of ``{zh, en}``, of a plain string, or nothing."""
        if isinstance(text, Mapping):
            return str(text.get(self.language) or next(iter(text.values()), ""))
        return "" if text is None else str(text)

    def label(self, area: str, code: str | None) -> str:
        """What *code* of a closed list is called; a code without a name stands as itself, underscores as blanks."""
        if not code:
            return ""
        key = f"report.{area}.{code}"
        return render(key, self.language) if key in catalogue(self.language) else re.sub(r"[_-]+", " ", code)

    def has(self, area: str, code: str) -> bool:
        """Whether *code* has a name."""
        return f"report.{area}.{code}" in catalogue(self.language)

    def verdict(self, verdict: str | None) -> Markup:
        """A badge: mark, word and colour."""
        if not verdict:
            return Markup('<span class="soft">—</span>')
        return Markup('<span class="verdict {}">{} {}</span>').format(
            verdict, MARKS.get(verdict, "?"), self.label("verdict", verdict))

    def number(self, value: object) -> str:
        """A figure by the display rule; what is no figure stands as it is."""
        number = decimal_of(value)
        return shown(number) if number is not None else self.plain_value(value)

    def value(self, value: object) -> str:
        """A value of a record: a figure, a duration, words of the project's code lists by their names."""
        if isinstance(value, str):
            if match := _DURATION.fullmatch(value):
                return " ".join(self.t(f"report.{part}", count=n) for part, n in match.groupdict().items() if n)
            if decimal_of(value) is None:
                return name_of(value, self.language, *NAMED_LISTS) or value
        if isinstance(value, (list, tuple)):
            return self.join([self.value(v) for v in value]) or "—"
        return self.number(value)

    def plain_value(self, value: object) -> str:
        """A value of a record that is no number."""
        if value is None:
            return "—"
        if isinstance(value, bool):
            return self.t("report.yes") if value else self.t("report.no")
        if isinstance(value, (list, tuple)):
            return self.t("report.list-comma").join(self.number(v) for v in value) or "—"
        if isinstance(value, Mapping):
            return self.pick(value) if set(value) <= {"zh", "en"} else "; ".join(
                f"{k}: {self.number(v)}" for k, v in value.items())
        return str(value)

    def unit(self, unit: str | None) -> str:
        """A unit as people write it."""
        return unit_text(unit, self.language)

    def amount(self, amount: Mapping[str, Any] | None) -> str:
        """``{value, unit}`` as figure and unit; a dash when there is none."""
        if not amount or amount.get("value") is None:
            return "—"
        return self.with_unit(self.number(amount["value"]), amount.get("unit"))

    def with_unit(self, figure: str, unit: str | None) -> str:
        """A figure that is already shown, and its unit."""
        text = self.unit(unit)
        return f"{figure} {text}" if text else figure

    def beside(self, value: Mapping[str, Any] | None, limit: Mapping[str, Any] | None) -> tuple[str, str]:
        """Value and threshold with digits enough that they compare on paper as they do in the record."""
        if value and limit and value.get("unit") == limit.get("unit"):
            one, other = decimal_of(value.get("value")), decimal_of(limit.get("value"))
            if one is not None and other is not None:
                left, right = shown_beside(one, other)
                return self.with_unit(left, value.get("unit")), self.with_unit(right, limit.get("unit"))
        return self.amount(value), self.amount(limit)

    def signed(self, value: object, unit: str | None = None) -> str:
        """A difference with its sign and unit."""
        number = decimal_of(value)
        return "—" if number is None else self.with_unit(signed(number), unit)

    def share(self, value: object) -> str:
        """A share as a percentage."""
        number = value if isinstance(value, Decimal) else decimal_of(value)
        return "—" if number is None else percent(number)

    def join(self, parts: list[str] | tuple[str, ...]) -> str:
        """A list in a sentence."""
        return self.t("report.list-comma").join(parts)

    def sentence(self, text: str) -> str:
        """*text* with a full stop, unless it ends with a mark already."""
        return text if not text or text[-1] in ".!?。！？" else text + self.t("report.stop").strip()

    def html(self, text: object) -> Markup:
        """Escaped, with gas formulas set."""
        return marked_up(text)
