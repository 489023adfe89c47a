"""The proof of a report as a reader follows it: from each good down to source stream, factor and point of the law.

Every step of the calculation stands once, where it is first needed; elsewhere its number. Long series of figures
(hours of a measurement) are drawn together on one line with their count. The whole graph is in the file beside the
document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.messages import catalogue, render
from zerofactory_engine.proof import Graph, Step
from zerofactory_mappings.cbam.documents.building import LANGUAGE, say, spaced
from zerofactory_mappings.cbam.documents.items import steps
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.rounding import grouped, text
from zerofactory_mappings.cbam.documents.words import law_name, unit_name
from zerofactory_mappings.cbam.model import (
    Basis,
    EnergyUnit,
    MeasuredSource,
    PfcSource,
    Precursor,
    Process,
    SourceStream,
)
from zerofactory_mappings.publishing.numbers import shown

#: Lines of one annex; what lies beyond is counted and stands in the file beside the document.
LINES = 1200
#: Deepest indentation that is drawn.
DEPTH = 7
#: A step with more figures than this that were entered shows them on one line.
FIGURES = 12
#: Significant digits of computed figures in the annex.
DIGITS = 8
_STATED = frozenset({"given", "law", "rule", "unknown"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: *number* (empty for figures drawn together), *seen* when it stands further up already."""

    number: str
    seen: bool
    depth: int
    what: str
    rule: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Part:
    """The proof of one figure of the report."""

    title: str
    lines: tuple[Line, ...]
    more: int


def proof_parts(case: Case) -> tuple[Part, ...]:
    """The proof of the total direct emissions and of every good; nothing without a graph."""
    graph = case.result.proof
    return () if graph is None else tuple(_Annex(case, graph).parts())


class _Annex:
    """Hands out the lines and remembers which step stands under which number."""

    def __init__(self, case: Case, graph: Graph) -> None:
        self.case, self.graph = case, graph
        self.numbers: dict[str, int] = {}
        self.left = LINES
        given = case.installation
        named: tuple[SourceStream | PfcSource | MeasuredSource | EnergyUnit | Process | Precursor, ...] = (
            *given.streams, *given.pfc, *given.measured, *given.units, *given.processes, *given.precursors)
        self.names = {s.id: s.name or s.id for s in named}

    def parts(self) -> Iterator[Part]:
        """One part for each figure that a reader asks about."""
        for title, roots in self._roots():
            found = [r for r in roots if r in self.graph and self.graph[r].value != 0]
            if not found:
                continue
            lines, more = [], 0
            for root in found:
                for line in self._walk(root):
                    if self.left > 0:
                        lines.append(line)
                        self.left -= 1
                    else:
                        more += 1
            yield Part(title, tuple(lines), more)

    def _roots(self) -> Iterator[tuple[str, list[str]]]:
        yield say("proof.direct"), ["installation/direct"]
        for number, product in enumerate(self.case.installation.products, 1):
            name = " ".join(x for x in (spaced(product.cn), product.name) if x)
            roots = [self._root(number, product.process, f) for f in ("see-direct", "see-indirect")]
            yield say("proof.good", good=name), [*roots, self._allocation(number, product.process)]
        if not self.case.installation.products:
            for process in self.case.installation.processes:
                base = f"process:{process.id}"
                yield say("proof.good", good=process.name), [f"{base}/see-direct", f"{base}/see-indirect"]

    def _root(self, number: int, process: str, name: str) -> str:
        """The step that gives a value of a product: per unit of sale, averaged over routes, or of its process."""
        of_product = f"product:{number}/{name}"
        if of_product in self.graph:
            return of_product
        for step in self.graph:
            if step.id.startswith("routes:") and step.id.endswith(f"/{name}"):
                members = step.id.removeprefix("routes:").removesuffix(f"/{name}").split("+")
                if process in members:
                    return step.id
        return f"process:{process}/{name}"

    def _allocation(self, number: int, process: str) -> str:
        for name in (f"product:{number}/sefa", f"product:{number}/sefa-unit"):
            if name in self.graph:
                return name
        return f"process:{process}/sefa"

    def _walk(self, root: str) -> Iterator[Line]:
        stack: list[tuple[str, int]] = [(root, 0)]
        while stack:
            ident, depth = stack.pop()
            step = self.graph[ident]
            if ident in self.numbers:
                yield self._line(step, depth, seen=True)
                continue
            self.numbers[ident] = len(self.numbers) + 1
            yield self._line(step, depth, seen=False)
            entered = [o for o in step.operands if self.graph[o].kind == "given"]
            together = frozenset(entered) if len(entered) > FIGURES else frozenset()
            if together:
                yield self._together(entered, depth + 1)
            below = [o for o in dict.fromkeys(step.operands) if o not in together and not self._idle(step, o)]
            stack.extend((o, depth + 1) for o in reversed(below))

    def _idle(self, step: Step, operand: str) -> bool:
        """An operand that changes nothing and that no one entered: a zero of a sum, a one of a product."""
        below = self.graph[operand]
        if below.kind != "rule" or not isinstance(below.value, Decimal):
            return False
        return (step.kind in {"E55", "E55-transitional", "sum", "difference"} and below.value == 0) or (
            step.kind in {"E10", "E15"} and below.value == 0)

    def _line(self, step: Step, depth: int, *, seen: bool) -> Line:
        return Line(str(self.numbers[step.id]), seen, min(depth, DEPTH), self._title(step.id),
                    "" if seen else self._rule(step), self._value(step), "" if seen else self._source(step))

    def _together(self, entered: Sequence[str], depth: int) -> Line:
        first, last = self.graph[entered[0]], self.graph[entered[-1]]
        return Line("", False, min(depth, DEPTH), say("proof.figures", count=len(entered)),
                    f"{self._title(first.id)} … {self._title(last.id)}", "", "")

    # --- what a line says -------------------------------------------------------------------------------------------

    def _value(self, step: Step) -> str:
        if not isinstance(step.value, Decimal):
            return say("not-known")
        unit = unit_name(step.unit)
        if step.kind in _STATED:
            figure = text(step.value, "parameter")
        else:
            figure = shown(step.value, DIGITS) if step.value else grouped(Decimal(0))
        return f"{figure} {unit}".strip()

    def _rule(self, step: Step) -> str:
        """The formula of an equation; why a value is set; what is missing."""
        if step.kind == "rule":
            return render(str(step.detail.get("why", "")), LANGUAGE)
        if step.kind == "unknown":
            return render(str(step.detail.get("missing", "")), LANGUAGE)
        return steps()[step.kind]["formula"] if step.kind in steps() else ""

    def _source(self, step: Step) -> str:
        """The legal point of an equation; act, place and confidence of a figure of law; documents of an entry."""
        detail = step.detail
        if step.kind == "law":
            doubt = "" if detail.get(
                "confidence") == "confirmed" else f" ({say('confidence.' + str(detail.get('confidence')))})"
            return f"{detail.get('act', '')} {detail.get('annex', '')}".strip() + doubt
        if step.kind == "given":
            place = detail.get("place", {})
            where = str(place.get("path") or "") or " ".join(x for x in (place.get("sheet"), place.get("cell")) if x)
            papers = ", ".join(detail.get("documents", ()))
            return "; ".join(x for x in (papers, where) if x) or say("proof.entered")
        point = steps().get(step.kind, {}).get("point", "")
        if not point:
            return ""
        if re.match(r"\d{4}/|Commission", point):
            return point
        if self.case.result.basis is Basis.DEFINITIVE:
            return f"2025/2547 {point}"
        return say("proof.transitional", point=point.rpartition(", ")[2])

    def _title(self, ident: str) -> str:
        kind, _, rest = ident.partition(":")
        if kind == "law":
            detail = self.graph[ident].detail
            return law_name(str(detail.get("table", "")), str(detail.get("row", "")))
        if kind == "product":
            number, _, field = rest.partition("/")
            product = self.case.installation.products[int(number) - 1] if number.isdigit() else None
            name = product.name or spaced(product.cn) if product is not None else number
            return self._joined(name, field)
        if kind == "routes":
            members, _, field = rest.partition("/")
            return self._joined(" + ".join(self.names.get(m, m) for m in members.split("+")), field)
        if rest:
            owner, _, field = rest.partition("/")
            return self._joined(self.names.get(owner, owner), field)
        return self._joined("", ident)

    def _joined(self, owner: str, field: str) -> str:
        parts = [p for p in field.split("/") if p]
        words = [self._word(p) if before != "produced" else re.sub(r"\d+$", "", p).replace("_", " ")
                 for before, p in zip(["", *parts], parts, strict=False)]
        tail = " ".join(words)
        return f"{owner}: {tail}" if owner and tail else owner or tail[:1].upper() + tail[1:]

    def _word(self, part: str) -> str:
        """A part of a step's id in words: a known word, a name, a word with its number, a code."""
        code = f"cbam-documents.step.{part}"
        if code in catalogue(LANGUAGE):
            return render(code, LANGUAGE)
        if part in self.names:
            return self.names[part]
        match = re.fullmatch(r"([a-z-]+?)-?(\d+)", part)
        if match is not None and (code := f"cbam-documents.step.{match[1]}") in catalogue(LANGUAGE):
            return f"{render(code, LANGUAGE)} {match[2]}"
        return spaced(part) if part.isdigit() and len(part) == 8 else part.replace("-", " ").replace("_", " ")

