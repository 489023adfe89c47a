"""The proof of a figure, one step at a time: by which rule, from which operands, from where in the file or the law."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.messages import catalogue, render
from zerofactory_mappings.cbam.documents.items import steps as equations
from zerofactory_mappings.publishing.words import Words

#: Operands of one step that a page lists, and steps that use it.
MOST = 300
_NUMBERED = re.compile(r"([a-z-]+?)-?(\d+)")


class Proof:
    """The steps of one result with the names that its file gives to things."""

    def __init__(self, steps: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], words: Words) -> None:
        self.steps, self.names, self.words = steps, names, words

    def __contains__(self, ident: str) -> bool:
        return ident in self.steps

    def page(self, ident: str) -> dict[str, Any]:
        """Everything that a page says of the step *ident*."""
        step = self.steps[ident]
        below = list(step.get("operands", ()))
        above = [name for name, other in self.steps.items() if ident in other.get("operands", ())]
        return {**self.line(ident), **self._rule(step), **self._source(step),
                "operands": [self.line(o) for o in below[:MOST]], "more_operands": max(len(below) - MOST, 0),
                "used_by": [self.line(o) for o in above[:MOST]], "more_used_by": max(len(above) - MOST, 0)}

    def line(self, ident: str) -> dict[str, Any]:
        """A step in one line: what it is, its value (null where it is not known) and unit."""
        step = self.steps.get(ident, {})
        value = step.get("value")
        known = parse_decimal(value) if isinstance(value, str) else None
        return {"id": ident, "title": self.title(ident), "kind": step.get("kind"), "value": value,
                "unit": None if step.get("unit") in (None, "1") else step["unit"], "known": known is not None}

    def _rule(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """The equation with its formula and legal point; why a value is set, or why it is not known."""
        kind, detail = step["kind"], step.get("detail", {})
        equation = equations().get(kind)
        why = str(detail.get("why") or detail.get("missing") or "")
        known = why in catalogue(self.words.language)
        return {"formula": None if equation is None else equation["formula"],
                "point": None if equation is None else equation["point"] or None,
                "why": render(why, self.words.language) if known else why or None}

    def _source(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """Where a figure stands in the file, with its documents; where in the law, with how sure that is."""
        detail = step.get("detail", {})
        place = detail.get("place") or {}
        law = " ".join(str(detail[k]) for k in ("act", "annex") if detail.get(k)) if step["kind"] == "law" else ""
        return {"place": {k: place[k] for k in ("file", "line", "path", "sheet", "cell") if place.get(k) is not None},
                "documents": list(detail.get("documents", ())), "law": law or None,
                "confidence": detail.get("confidence") if law else None,
                "valid_from": detail.get("valid_from") if law else None}

    def title(self, ident: str) -> str:
        """The words of a step's id: whose it is, and what."""
        kind, _, rest = ident.partition(":")
        if kind == "law":
            detail = self.steps.get(ident, {}).get("detail", {})
            return self.words.t("exporter.law-figure", row=" ".join(
                str(detail.get(k, "")) for k in ("table", "row")).replace("_", " ").strip())
        if not rest:
            return self._tail(ident.split("/"))
        owner, _, field = rest.partition("/")
        if kind == "product":
            owner = self.names.get(f"product:{owner}", owner)
        elif kind == "routes":
            owner = " + ".join(self.names.get(m, m) for m in owner.split("+"))
        else:
            owner = self.names.get(owner, owner)
        tail = self._tail([p for p in field.split("/") if p])
        return f"{owner}{self.words.t('report.colon')}{tail}" if tail else owner

    def _tail(self, parts: list[str]) -> str:
        return " ".join(self._word(p) for p in parts)

    def _word(self, part: str) -> str:
        code = f"cbam-documents.step.{part}"
        if code in catalogue(self.words.language):
            return self.words.t(code)
        if part in self.names:
            return self.names[part]
        match = _NUMBERED.fullmatch(part)
        if match is not None and (code := f"cbam-documents.step.{match[1]}") in catalogue(self.words.language):
            return f"{self.words.t(code)} {match[2]}"
        return part if part.isdigit() else part.replace("-", " ").replace("_", " ")


def names_of(tree: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, str]:
    """Names of everything in an input by its id, and of products by their number."""
    found: dict[str, str] = {}
    for rows in tree.values():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and isinstance(row.get("id"), str):
                found[row["id"]] = str(row.get("name") or row.get("title") or row["id"])
    return found | {f"product:{p['number']}": p["name"] or p["cn"] or str(p["number"]) for p in summary["products"]}


def decimal_of(value: str | None) -> Decimal | None:
    """A figure of a record; None where it is not known."""
    return None if value is None else parse_decimal(value)
