"""The proof of a verdict as a reader follows it: the verdict first, below it what it was computed from, down to rows.

A step that several criteria share is shown once, where it is first needed; elsewhere its number stands. Line items and
converted quantities that one sum takes in are drawn together on one line, the first of them as the product it is; every
single one with its factors is in the attached record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.words import Words

#: Lines of proof under one criterion; what lies beyond is counted and stands in the attached bundle.
LINES = 120
#: Deepest indentation that is drawn; deeper steps stand at this depth.
DEPTH = 8
#: Rows that one line names.
ROWS = 12
#: Longest value that a reference repeats, in characters.
SHORT = 48
#: Kinds of step that are drawn together when one step has several of them.
GROUPED = frozenset({"row", "document", "line", "line_co2e", "derived"})
#: Kinds that are drawn as a product of their terms rather than step by step.
PRODUCTS = frozenset({"line", "line_co2e", "derived"})
#: Kinds that are told by the step above them.
FOLDED = frozenset({"table"})

Step = Mapping[str, Any]


class ProofPages:
    """Hands out the lines of each criterion's proof and remembers which step stands under which number."""

    def __init__(self, proof: Mapping[str, Any], words: Words, subjects: Subjects, levels: Mapping[str, str]) -> None:
        self._steps: Mapping[str, Step] = proof["steps"]
        self._words = words
        self._subjects = subjects
        self._levels = levels
        self._numbers: dict[str, int] = {}

    def of(self, outcomes: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
        """The lines of the proof of one criterion, of its *outcomes* by level in their order."""
        lines: list[dict[str, Any]] = []
        more = 0
        for _, outcome in outcomes:
            for root in outcome["proof"]:
                for line in self._walk(root):
                    if len(lines) < LINES:
                        lines.append(line)
                    else:
                        more += 1
        return {"lines": lines, "more": more}

    def _walk(self, root: str) -> Iterator[dict[str, Any]]:
        """Lines in reading order: a step, then its operands, each step of the graph at most once."""
        stack: list[tuple[str, int, str, str]] = [(root, 0, "", "")]
        while stack:
            step_id, depth, above, said = stack.pop()
            step = self._steps.get(step_id)
            if step is None:
                continue
            if step_id in self._numbers:
                if depth and above != "filter":              # what a filter uses stands beside it already
                    value = self._value(step)
                    yield {"number": self._numbers[step_id], "seen": True, "depth": min(depth, DEPTH), "rule": "",
                           "what": self._title(step_id, step), "value": value if len(value) <= SHORT else "…",
                           "source": ""}
                continue
            self._numbers[step_id] = len(self._numbers) + 1
            operands = [o for o in step.get("operands", ())
                        if o in self._steps and self._steps[o]["kind"] not in FOLDED]
            grouped = [o for o in operands if self._steps[o]["kind"] in GROUPED]
            yield self._line(step_id, step, depth, said)
            if grouped:
                yield self._group(grouped, depth + 1)
            if step["kind"] not in PRODUCTS:
                expression = str(step.get("detail", {}).get("expression", ""))
                stack.extend((o, depth + 1, step["kind"], expression) for o in reversed(operands) if o not in grouped)

    def _line(self, step_id: str, step: Step, depth: int, said: str) -> dict[str, Any]:
        """One step; *said* is the expression of the step above, which need not be repeated."""
        value, rule = self._value(step), self._rule(step, said)
        if len(value) > SHORT and isinstance(step["value"], (list, tuple)):       # a long list stands below the name
            rule = " · ".join(x for x in (rule, value) if x)
            value = self._words.t("report.entries", count=len(step["value"]))
        return {"number": self._numbers[step_id], "seen": False, "depth": min(depth, DEPTH),
                "what": self._title(step_id, step), "value": value, "rule": rule, "source": self._source(step)}

    # --- lines drawn together -----------------------------------------------------------------------------------

    def _group(self, ids: Sequence[str], depth: int) -> dict[str, Any]:
        """Several rows, line items or converted quantities on one line."""
        kind = self._steps[ids[0]]["kind"]
        names = "; ".join(self._short(i, before) for i, before in zip(ids[:ROWS], ["", *ids], strict=False))
        more = f" … +{len(ids) - ROWS}" if len(ids) > ROWS else ""
        product = self._product(ids[0]) if kind in PRODUCTS else ""
        example = self._words.t("report.such-as", product=product) if product else ""
        return {"number": "", "seen": False, "depth": min(depth, DEPTH), "value": "", "source": "",
                "what": f"{self._words.label('step', kind)} ({len(ids)})",
                "rule": names + more + example}

    def _short(self, step_id: str, before: str) -> str:
        """A row and its value; the table is named only where it changes."""
        name, value = _tail(step_id), self._value(self._steps[step_id])
        table, _, row = name.partition("/")
        shown = row if row and _tail(before).startswith(table + "/") else name
        return shown if value == row else f"{shown} = {value}"

    def _product(self, step_id: str) -> str:
        """``138,420 Nm³ × 0.00133 tce/Nm³``: what a line item or a converted quantity is the product of."""
        step = self._steps[step_id]
        if step["kind"] == "line_co2e":
            mass, potential = (self._steps.get(o) for o in step["operands"][:2])
            terms = self._product(step["operands"][0]) if mass else ""
            factor = self._value(potential) if potential else ""
            return f"({terms}) × {factor}" if "+" in terms else f"{terms} × {factor}"
        slices = (self._steps.get(o, {}) for o in step.get("operands", ()))
        return " + ".join(" × ".join(self._term(t) for t in s.get("operands", ())) for s in slices)

    def _term(self, step_id: str) -> str:
        step = self._steps.get(step_id, {"kind": "value", "value": None})
        detail = step.get("detail", {})
        if "numerator" in detail and "denominator" in detail:
            return f"{self._words.number(detail['numerator'])}/{self._words.number(detail['denominator'])}"
        return self._value(step)

    # --- one line -------------------------------------------------------------------------------------------------

    def _title(self, step_id: str, step: Step) -> str:
        kind, detail, words = step["kind"], step.get("detail", {}), self._words
        label = words.label("step", kind)
        if kind in {"verdict", "condition", "applies"}:
            level = re.split(r"[/#?]", step_id)[-1]
            name = self._levels.get(level)
            return f"{label}{words.t('report.colon')}{name}" if name else label
        if kind == "filter":
            table = codes.table_title(str(detail.get("table", "")))
            return f"{label}{words.t('report.colon')}{words.pick(table)}" if table else label
        if kind == "reading" and detail.get("title"):
            return f"{detail.get('ref', '')} {words.pick(detail['title'])}".strip()
        if title := detail.get("title"):
            return words.pick(title)
        return self._subjects.name(step_id if kind == "figure" else _tail(step_id))

    def _value(self, step: Step) -> str:
        kind, value, words = step["kind"], step["value"], self._words
        detail = step.get("detail", {})
        if value is None or (isinstance(value, Mapping) and "unknown" in value):
            return words.t("report.not-known")
        if kind == "reading" and detail.get("alternative"):
            return words.pick(detail["alternative"])
        if kind == "filter" and "of" in detail:
            return words.t("report.taken-of", taken=detail.get("taken", len(value)), of=detail["of"])
        if kind in {"verdict", "condition", "applies"} and isinstance(value, str):
            return words.label("verdict", value)
        if kind == "judgement":
            return words.label("judged", str(value))
        return words.with_unit(words.value(value), step.get("unit"))

    def _rule(self, step: Step, said: str) -> str:
        """The expression, unless the step above has said it, and the rows that a filter took in."""
        detail = step.get("detail", {})
        parts = [str(detail[k]) for k in ("expression", "text", "rule", "where", "grounds") if detail.get(k)]
        if step["kind"] == "filter" and said:
            parts = [p for p in parts if _letters(p) not in _letters(said)]
        value = step["value"]
        if step["kind"] == "filter" and isinstance(value, (list, tuple)):
            more = f" … +{len(value) - ROWS}" if len(value) > ROWS else ""
            parts.append(", ".join(str(v).replace("…", "–") for v in value[:ROWS]) + more)
        return " · ".join(p for p in parts if p)

    def _source(self, step: Step) -> str:
        """Clause, source, confidence and documents of a step, as far as it has them."""
        detail, words = step.get("detail", {}), self._words
        parts = [str(detail[k]) for k in ("clause", "source", "set", "person") if detail.get(k)]
        if detail.get("confidence"):
            parts.append(words.label("confidence", detail["confidence"]))
        if documents := detail.get("documents"):
            parts.append(words.join(documents_in_short(documents)))
        return " · ".join(parts)


def _tail(step_id: str) -> str:
    return step_id.split(":", 1)[-1]


def _letters(text: str) -> str:
    """An expression without the blanks and brackets in which its spelling may differ."""
    return re.sub(r"[\s()]", "", text)


def documents_in_short(documents: Sequence[Any]) -> list[str]:
    """``D-E1#row=2`` for one place in a document, ``D-E1 (12)`` for several."""
    places: dict[str, list[str]] = {}
    for given in documents:
        name, _, at = (given if isinstance(given, str) else str(given.get("id", ""))).partition("#")
        places.setdefault(name, []).append(at)
    return [name if not any(at) else f"{name}#{at[0]}" if len(at) == 1 else f"{name} ({len(at)})"
            for name, at in places.items()]
