"""Figures of an input: each with its unit, converted once and exactly into the unit of the model, with its place.

A figure is a text with a mandatory unit (``1837.5 t``), a share (``0.16`` or ``16 %``, never ``16``) or a plain number
whose unit its title names; written as ``{value: …, documents: […]}`` it has documents of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.typed import Schema, shipped_schema
from zerofactory_engine.typed_readers import Amount
from zerofactory_engine.units import unit
from zerofactory_engine.yaml_text import ListNode, MapNode, Node
from zerofactory_mappings.cbam.model import Given

#: Most significant digits of a figure: those of the calculation.
DIGITS = CONTEXT.prec
#: Digits within which a conversion is carried out; every unit of the list is a finite decimal of another.
_EXACT = 3 * CONTEXT.prec
ONE, HUNDRED = Decimal(1), Decimal(100)
#: Figures with a separator of thousands or a decimal comma: what they mean depends on where they were typed.
LOCALE_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[., \u00a0\u202f]\d{3})*,\d+|\d{1,3}(?:,\d{3})+(?:\.\d+)?"
                           r"|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:\.\d+)?)(?!\d)")
#: Kinds of figure by the definition of the schema that a field refers to.
FIGURE, NUMBER, SHARE, RATIO = "figure", "number", "share", "ratio"


def schema() -> Schema:
    """The published schema of an input."""
    return shipped_schema("cbam-input")


@dataclass(slots=True)
class Notes:
    """Problems found while an input is built: *refused* cannot be read, *substance* is wrong but readable."""

    refused: list[Problem] = field(default_factory=list)
    substance: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, place: Place, *, found: str | None = None, accepted: str | None = None,
               example: str | None = None, **args: str) -> None:
        """Record something that cannot be read."""
        self.refused.append(Problem(code, place, Severity.ERROR, found, accepted, example, args))

    def note(self, code: str, place: Place, severity: Severity = Severity.ERROR, *, found: str | None = None,
             accepted: str | None = None, example: str | None = None, **args: str) -> None:
        """Record something that is wrong in substance."""
        self.substance.append(Problem(code, place, severity, found, accepted, example, args))


def kind_of(declared: Mapping[str, Any]) -> str:
    """The definition that a field refers to (``figure``, ``share``, ``text`` …); empty when it has its own."""
    return str(declared.get("$ref", "")).rpartition("/")[2]


def at(place: Place, path: str) -> Place:
    """*place* with the path of the field that stands there."""
    return Place(place.file, place.line, place.column, path, place.sheet, place.cell)


def convert(number: Decimal, given: str, wanted: Sequence[str]) -> tuple[Decimal, str] | None:
    """*number* of the unit *given* in the first of *wanted* with the same dimension, exactly; None when none has it."""
    source = unit(given)
    for text in wanted:
        target = unit(text)
        if target.dimension == source.dimension:
            if target.factor == source.factor:
                return number, text
            with localcontext(CONTEXT) as context:
                context.prec = _EXACT
                value = number * source.factor / target.factor
            return CONTEXT.plus(value), text
    return None


class Row:
    """A mapping of the file: typed values beside the nodes that they were read from.

    *documents*: those of the row, which its figures have unless they state their own.
    """

    def __init__(self, values: Mapping[str, Any], node: Node | None, declared: Mapping[str, Any], path: str,
                 notes: Notes,
                 documents: tuple[str, ...] = ()) -> None:
        self.values, self.declared, self.path, self.notes = values, declared, path, notes
        self.node = node if isinstance(node, MapNode) else None
        own = values.get("documents") if "$ref" in declared.get("documents", {}) else None
        self.documents = documents if own is None else tuple(own)

    # --- where ------------------------------------------------------------------------------------------------------

    def node_of(self, name: str) -> Node | None:
        """The node of a field."""
        return None if self.node is None else self.node.get(name)

    def place(self, name: str | None = None) -> Place:
        """The place of the row, or of one of its fields."""
        own = Place() if self.node is None else self.node.place
        if name is None:
            return at(own, self.path)
        below = self.node_of(name)
        return at(own if below is None else below.place, f"{self.path}/{name}" if self.path else name)

    # --- plain values -----------------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether a value was read."""
        return self.values.get(name) is not None

    @property
    def ident(self) -> str:
        """The id of the row; empty when it has none."""
        return self.text("id") or ""

    def text(self, name: str) -> str | None:
        """A text, a code or an id."""
        found = self.values.get(name)
        return None if found is None else str(found)

    def yes(self, name: str) -> bool | None:
        """Yes or no; None when nothing is said."""
        found = self.values.get(name)
        return None if found is None else bool(found)

    def integer(self, name: str) -> int | None:
        """A whole number."""
        found = self.values.get(name)
        return None if found is None else int(found)

    def day(self, name: str) -> date | None:
        """A date."""
        found = self.values.get(name)
        return found if isinstance(found, date) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts or ids."""
        return tuple(str(v) for v in self.values.get(name) or ())

    # --- below ------------------------------------------------------------------------------------------------------

    def row(self, name: str) -> Row | None:
        """A mapping inside; None when there is none."""
        found = self.values.get(name)
        if not isinstance(found, Mapping):
            return None
        return Row(found, self.node_of(name), schema().resolved(self.declared[name])["properties"], self._below(name),
                   self.notes, self.documents)

    def rows(self, name: str) -> Iterator[Row]:
        """The mappings of a list; an entry of another shape is a problem already."""
        node, values = self.node_of(name), self.values.get(name)
        nodes = [n for n in node.items if isinstance(n, MapNode)] if isinstance(node, ListNode) else []
        found = [v for v in values if isinstance(v, Mapping)] if isinstance(values, list) else []
        declared = self.declared[name]["items"]["properties"]
        for number, (value, below) in enumerate(zip(found, nodes, strict=True), 1):
            label = str(value.get("id") or number)
            yield Row(value, below, declared, f"{self._below(name)}/{label}", self.notes, self.documents)

    def _below(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name

    # --- figures ----------------------------------------------------------------------------------------------------

    def given(self, name: str) -> Given | None:
        """The figure of a field in a unit of the model; None when none was stated, or it was refused."""
        return self.figure(self.values.get(name), self.declared[name], self.place(name))

    def mapping(self, name: str) -> dict[str, Given]:
        """A mapping from ids to figures."""
        found = self.values.get(name)
        if not isinstance(found, Mapping):
            return {}
        declared = self.declared[name]["additionalProperties"]
        return self.figures(found, declared, self.node_of(name), self.place(name))

    def figures(self, found: Mapping[str, Any], declared: Mapping[str, Any], node: Node | None,
                place: Place) -> dict[str, Given]:
        """Figures by key of a mapping that was read."""
        out: dict[str, Given] = {}
        for key, value in found.items():
            below = node.get(key) if isinstance(node, MapNode) else None
            where = at(place if below is None else below.place, f"{place.path}/{key}")
            made = self.figure(value, declared, where)
            if made is not None:
                out[key] = made
        return out

    def figure(self, value: Any, declared: Mapping[str, Any], place: Place) -> Given | None:
        """One figure by what the schema declares of it."""
        documents = self.documents
        if isinstance(value, Mapping):
            if value.get("documents") is not None:
                documents = tuple(value["documents"])
            value = value.get("value")
        if isinstance(value, Amount):
            return self._amount(value, declared, place, documents)
        if isinstance(value, Decimal):
            return Given(value, str(declared.get("x-unit-shown", "1")), place, documents)
        if isinstance(value, str) and kind_of(declared) in {SHARE, RATIO}:
            return self._share(value, declared, place, documents)
        return None

    def _amount(self, amount: Amount, declared: Mapping[str, Any], place: Place,
                documents: tuple[str, ...]) -> Given | None:
        wanted: Sequence[str] = declared["x-units"]
        assert amount.unit is not None, "a quantity has a unit"
        number = parse_decimal(amount.stated)
        assert number is not None, "a quantity was read as a number"
        found = convert(number, amount.unit, wanted)
        if found is None:
            dimension = unit(amount.unit).dimension
            code = "amount-is-energy" if wanted == ["t", "1000Nm3"] and str(dimension) == "energy" else "wrong-unit"
            self.notes.refuse(f"cbam-input.{code}", place, found=f"{amount.unit} ({dimension})",
                              accepted=", ".join(wanted),
                              example=f"{amount.stated} {wanted[0]}" if code == "wrong-unit"
                              else "amount: 1200 1000Nm3, ncv: 38.9 GJ/1000Nm3")
            return None
        value, in_unit = found
        bounds = declared.get("x-plausible", {}).get(in_unit)
        if bounds is not None and value and not Decimal(bounds[0]) <= value <= Decimal(bounds[1]):
            self.notes.note("cbam-input.implausible", place, Severity.WARNING, found=f"{plain(value)} {in_unit}",
                            accepted=f"{bounds[0]} … {bounds[1]} {in_unit}")
        return Given(value, in_unit, place, documents)

    def _share(self, text: str, declared: Mapping[str, Any], place: Place, documents: tuple[str, ...]) -> Given | None:
        value = self.share(text, place, ratio=kind_of(declared) == RATIO)
        if value is None:
            return None
        if declared.get("x-as") == "%":
            return Given(value.scaleb(2), "%", place, documents)
        return Given(value, declared.get("x-unit-shown", "1"), place, documents)

    def share(self, text: str, place: Place, *, ratio: bool = False) -> Decimal | None:
        """The share that *text* states; a bare number above 1 may be a percentage: refused, but of a *ratio*."""
        bare = text.strip().rstrip("%％").rstrip()
        percent = bare != text.strip()
        number = parse_decimal(bare)
        if number is None:
            self.notes.refuse("cbam-input.share", place, found=text[:80], accepted="0.16, 16 %")
            return None
        if not percent and not ratio and number > ONE:
            hint = f"{plain(number)} %" + (f", {plain(number.scaleb(-2))}" if number <= HUNDRED else "")
            self.notes.refuse("cbam-input.share-over-one", place, found=text[:80], accepted="0 … 1, 0 % … 100 %",
                              example=hint)
            return None
        value = number.scaleb(-2) if percent else number
        if value < 0 or (value > ONE and not ratio):
            self.notes.note("cbam-input.share-bounds", place, found=text[:80], accepted="0 % … 100 %")
        return value
