"""From when on a misstatement is material: percentages, absolute amounts and rules of a table; the smallest holds.

ISO 14064-3 sets no number. One comes from whoever agreed on it, or from ``standards/iso-14064-3-2019/materiality.yaml``
with its source. A misstatement of exactly the threshold is not above it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.part import Part

TOTAL = "total"
_WRITTEN = re.compile(r"(?:(?P<of>total|[1-6])\s*:\s*)?(?:(?P<number>[\d.]+)\s*(?P<unit>%|t|tCO2e?)|(?P<rule>[a-z_]+))",
                      re.IGNORECASE)
_EXAMPLES = "5%, 500t, 2:5%"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The threshold of ``total`` or ``category/N`` in tCO2e; *value* None: it cannot be said.

    *percent* is set where it follows from a percentage. *kind*: ``percent``, ``absolute`` or ``rule``.
    """

    of: str
    value: Decimal | None
    kind: str
    percent: Decimal | None = None
    rule: str | None = None
    clause: str | None = None
    source: str | None = None
    confidence: str | None = None
    holds: bool = False

    def as_json(self) -> dict[str, Any]:
        """Fields that are set."""
        out: dict[str, Any] = {"of": self.of, "tCO2e": self.value, "kind": self.kind, "holds": self.holds}
        more = {n: getattr(self, n) for n in ("percent", "rule", "clause", "source", "confidence")}
        return {**out, **{k: v for k, v in more.items() if v is not None}}


def written(given: Iterable[str]) -> list[dict[str, Any]]:
    """Thresholds as a person writes them (``5%``, ``500t``, ``2:5%`` for category 2, name of a rule) as entries.

    Raises:
        ProblemsError: all that cannot be read; a number without a unit is one of them.
    """
    problems: list[Problem] = []
    entries: list[dict[str, Any]] = []
    for text in given:
        match = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
        number = parse_decimal(match["number"]) if match is not None and match["number"] else None
        known = match is not None and (match["rule"] or "").lower() in tables.words("rule")
        if match is None or (number is None and not known) or (number is not None and number <= 0):
            problems.append(Problem("usage.verification-materiality", found=text[:80],
                                    accepted=f"{_EXAMPLES}, {', '.join(tables.words('rule'))}"))
            continue
        of = (match["of"] or TOTAL).lower()
        entry: dict[str, Any] = {"of": of if of == TOTAL else f"category/{of}"}
        if number is None:
            entry["rule"] = match["rule"].lower()
        else:
            entry["percent" if match["unit"] == "%" else "tCO2e"] = number
        entries.append(entry)
    if problems:
        raise ProblemsError(problems)
    return entries


def thresholds(entries: Sequence[Part], totals: Mapping[str, Decimal | None], years: Decimal) -> tuple[Threshold, ...]:
    """What the *entries* of a package come to for *totals* (``total``, ``category/2`` → tCO2e over *years*).

    Of several for one total the smallest is marked as the one that holds; while one is not known, none is.

    Raises:
        ProblemsError: a rule that no table has.
    """
    wrong = [Problem("verification.rule-unknown", e.place_of("rule"), found=e.text("rule"),
                     accepted=", ".join(tables.words("rule")))
             for e in entries if e.has("rule") and e.text("rule") not in tables.words("rule")]
    if wrong:
        raise ProblemsError(wrong)
    made = [t for e in entries for t in _thresholds(e, totals, years)]
    out: list[Threshold] = []
    for t in made:
        same = [o.value for o in made if o.of == t.of]
        known = [v for v in same if v is not None]
        first = next(o for o in made if o.of == t.of and known and o.value == min(known)) if known else None
        holds = len(known) == len(same) and t is first
        out.append(Threshold(t.of, t.value, t.kind, t.percent, t.rule, t.clause, t.source, t.confidence, holds))
    return tuple(out)


def _thresholds(entry: Part, totals: Mapping[str, Decimal | None], years: Decimal) -> Iterable[Threshold]:
    of, source = entry.text("of") or TOTAL, entry.text("source")
    base = totals.get(of)
    if (percent := entry.number("percent")) is not None:
        yield Threshold(of, _of(percent, base), "percent", percent, source=source)
    if (amount := entry.number("tCO2e")) is not None:
        yield Threshold(of, amount, "absolute", source=source)
    if (rule := entry.text("rule")) is not None:
        whole = totals.get(TOTAL)
        found = tables.rule_percent(rule, None if whole is None else CONTEXT.divide(whole, years))
        if found is None:
            yield Threshold(of, None, "rule", rule=rule)
        else:
            yield Threshold(of, _of(found.value, base), "rule", found.value, rule, found.clause, found.source,
                            found.confidence)


def _of(percent: Decimal, base: Decimal | None) -> Decimal | None:
    return None if base is None else CONTEXT.multiply(abs(base), CONTEXT.divide(percent, Decimal(100)))


def holding(found: Sequence[Threshold], of: str) -> Threshold | None:
    """The threshold that holds for ``total`` or ``category/N``; None when there is none, or it cannot be said."""
    return next((t for t in found if t.of == of and t.holds), None)


def is_material(effect: Decimal | None, threshold: Threshold | None) -> bool | None:
    """Whether |effect| is above the threshold; None when that cannot be said. Without an effect it never is."""
    if effect is None:
        return None
    if not effect:
        return False
    if threshold is None or threshold.value is None:
        return None
    return abs(effect) > threshold.value


def text_of(threshold: Threshold) -> str:
    """``5 %``, ``500 tCO2e`` or the rule with its percentage, as the package states it."""
    if threshold.percent is not None:
        return f"{plain(threshold.percent)} %" + (f" ({threshold.rule})" if threshold.rule else "")
    return threshold.rule or f"{plain(threshold.value or Decimal(0))} tCO2e"
