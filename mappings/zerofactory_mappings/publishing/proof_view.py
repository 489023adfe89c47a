"""The proof of a verdict as a reader follows it: the verdict first, below it what it was computed from, down to rows.

A step that several criteria share is shown once, where it is first needed; elsewhere its number stands. Rows that one
filter or sum took in are drawn together on one line with their documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zerofactory_mappings.publishing.words import Words

#: Lines of proof under one criterion; what lies beyond is counted and stands in the attached bundle.
LINES = 120
#: Deepest indentation that is drawn; deeper steps stand at this depth.
DEPTH = 6
#: Rows of evidence that one line names.
ROWS = 14
#: Kinds of step that are drawn together when one step has several of them.
GROUPED = frozenset({"row", "document", "line"})


class ProofPages:
    """Hands out the lines of each criterion's proof and remembers which step stands under which number."""

    def __init__(self, proof: Mapping[str, Any], words: Words) -> None:
        self._steps: Mapping[str, Mapping[str, Any]] = proof["steps"]
        self._words = words
        self._numbers: dict[str, int] = {}

    def of(self, criterion: Mapping[str, Any]) -> dict[str, Any]:
        """The lines of *criterion*'s proof, levels in order."""
        lines: list[dict[str, Any]] = []
        more = 0
        for outcome in criterion["levels"].values():
            for root in outcome["proof"]:
                for line in self._walk(root):
                    if len(lines) < LINES:
                        lines.append(line)
                    else:
                        more += 1
        return {"lines": lines, "more": more}

    def _walk(self, root: str) -> Iterator[dict[str, Any]]:
        """Lines in reading order: a step, then its operands, each step of the graph at most once."""
        stack: list[tuple[str, int]] = [(root, 0)]
        while stack:
            step_id, depth = stack.pop()
            step = self._steps.get(step_id)
            if step is None:
                continue
            if step_id in self._numbers:
                if depth:
                    yield self._reference(step_id, step, depth)
                continue
            self._numbers[step_id] = len(self._numbers) + 1
            operands = [o for o in step.get("operands", ()) if o in self._steps]
            grouped = [o for o in operands if self._steps[o]["kind"] in GROUPED]
            if len(grouped) < 2:
                grouped = []
            yield self._line(step_id, step, depth, grouped)
            stack.extend((o, depth + 1) for o in reversed(operands) if o not in grouped)

    def _reference(self, step_id: str, step: Mapping[str, Any], depth: int) -> dict[str, Any]:
        return {"number": self._numbers[step_id], "seen": True, "depth": min(depth, DEPTH),
                "what": self._title(step_id, step), "value": self._value(step), "rule": "", "source": ""}

    def _line(self, step_id: str, step: Mapping[str, Any], depth: int, grouped: Sequence[str]) -> dict[str, Any]:
        return {"number": self._numbers[step_id], "seen": False, "depth": min(depth, DEPTH), "kind": step["kind"],
                "kind_label": self._words.label("step", step["kind"]), "what": self._title(step_id, step),
                "value": self._value(step), "rule": self._rule(step, grouped), "source": self._source(step)}

    def _title(self, step_id: str, step: Mapping[str, Any]) -> str:
        detail = step.get("detail", {})
        if title := detail.get("title"):
            return self._words.pick(title)
        return step_id.split(":", 1)[-1]

    def _value(self, step: Mapping[str, Any]) -> str:
        value = step["value"]
        if step["kind"] in {"verdict", "condition", "applies"} and isinstance(value, str):
            return self._words.label("verdict", value)
        if (isinstance(value, Mapping) and "unknown" in value) or value is None:
            return self._words.t("report.not-known")
        return self._words.with_unit(self._words.number(value), step.get("unit"))

    def _rule(self, step: Mapping[str, Any], grouped: Sequence[str]) -> str:
        detail = step.get("detail", {})
        parts = [str(detail[k]) for k in ("expression", "text", "rule", "where") if detail.get(k)]
        if grouped:
            more = f" … +{len(grouped) - ROWS}" if len(grouped) > ROWS else ""
            names = "; ".join(self._short(g, before) for g, before in zip(grouped[:ROWS], ["", *grouped], strict=False))
            parts.append(self._words.t("report.rows-taken", count=len(grouped)) + " " + names + more)
        return " · ".join(parts)

    def _short(self, step_id: str, before: str) -> str:
        """A row and its value; the table is named only where it changes."""
        name, value = step_id.split(":", 1)[-1], self._value(self._steps[step_id])
        table, _, row = name.partition("/")
        shown = row if row and before.split(":", 1)[-1].startswith(table + "/") else name
        return shown if value == row else f"{shown} = {value}"

    def _source(self, step: Mapping[str, Any]) -> str:
        """Clause, reading, source, confidence and documents of a step, as far as it has them."""
        detail, words = step.get("detail", {}), self._words
        parts = [str(detail[k]) for k in ("clause", "source", "set") if detail.get(k)]
        if detail.get("confidence"):
            parts.append(words.label("confidence", detail["confidence"]))
        documents = detail.get("documents") or ()
        if isinstance(documents, (list, tuple)) and documents:
            parts.append(words.join([d if isinstance(d, str) else str(d.get("id", "")) for d in documents[:ROWS]]))
        return " · ".join(parts)
