"""The readers that :mod:`zerofactory_engine.typed` compiles from a JSON Schema: one class per shape of value.

Each takes a node of the untyped tree and gives the typed value, or :data:`BAD` after it recorded what is wrong.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Final

from zerofactory_engine.decimals import parse_decimal, significant_digits
from zerofactory_engine.problems import Place, Problem
from zerofactory_engine.units import Unit, UnitError, known_units, unit
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar


class _Bad:
    """Stands where a value could not be read."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Final = _Bad()

BOOLEANS: Mapping[str, bool] = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
#: The answer "we do not know", which is not the same as no answer.
NOT_KNOWN = "not known"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AMOUNT = re.compile(r"(?P<number>[+-]?[0-9.]+(?:[eE][+-]?[0-9]{1,4})?)(?P<unit>\s+\S.*|[^\W\d_].*|[%°℃].*)?")
#: Names listed after "accepted:" before the list is cut.
_LISTED = 40


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure: *value* in the base unit of its column's dimension, *stated* and *unit* as they were written.

    *unit* is None when the figure stood alone and is in the unit of its column.
    """

    value: Decimal
    stated: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Where a reader is in the tree, as a chain; written out only when there is something to say."""

    parent: Path | None
    key: str
    node: Node | None = None

    def __str__(self) -> str:
        name = self.key
        if isinstance(self.node, MapNode):               # a row goes by its id, where it has one
            own = self.node.get("id")
            if isinstance(own, Scalar) and 0 < len(own.text) <= 60:
                name = own.text
        return f"{self.parent}/{name}" if self.parent is not None else name


@dataclass(slots=True)
class Context:
    """What the readers of one file share."""

    digits: int | None = None
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, node: Node, path: Path | None, found: str | None = None, accepted: str | None = None,
               example: str | None = None, **args: str) -> _Bad:
        """Record a problem of *node* and give :data:`BAD`."""
        at = node.place
        place = Place(at.file, at.line, at.column, str(path) if path is not None else at.path, at.sheet, at.cell)
        self.problems.append(Problem(code, place, found=found, accepted=accepted, example=example, args=args))
        return BAD


def listed(names: Sequence[str]) -> str:
    """Names for a message, cut after :data:`_LISTED`."""
    return ", ".join(names[:_LISTED]) + (f", … ({len(names)})" if len(names) > _LISTED else "")


def nearest(text: str, names: Sequence[str]) -> str | None:
    """The name that *text* was probably meant to be."""
    lower = {name.lower(): name for name in reversed(names)}
    close = difflib.get_close_matches(text[:80].lower(), list(lower), 1, 0.6)
    return lower[close[0]] if close else None


def shown(node: Node) -> str:
    """What a message says was found."""
    if isinstance(node, Scalar):
        text = node.text if len(node.text) <= 80 else node.text[:77] + "…"
        return text if text or not node.is_null else "null"
    return "{…}" if isinstance(node, MapNode) else "[…]"


@dataclass
class Reader:
    """Reads one shape of value. *shapes* are the kinds of node that it takes."""

    nullable: bool = field(default=False, kw_only=True)
    example: str | None = field(default=None, kw_only=True)
    shapes: ClassVar[frozenset[type]] = frozenset({Scalar})
    kind: ClassVar[str] = "text"

    def read(self, node: Node, path: Path | None, context: Context) -> Any:
        """The typed value of *node*, None when nothing was written and that is allowed, or BAD."""
        if isinstance(node, Scalar) and node.is_null:
            return None if self.nullable else context.report("typed.empty", node, path, accepted=self.accepted())
        if type(node) not in self.shapes:
            return context.report("typed.wrong-shape", node, path, found=shown(node), accepted=self.accepted(),
                                  example=self.example)
        return self.value(node, path, context)

    def value(self, node: Any, path: Path | None, context: Context) -> Any:
        """The value of a node of the right shape."""
        raise NotImplementedError

    def accepted(self) -> str:
        """What is accepted, for messages."""
        return self.kind


@dataclass
class TextReader(Reader):
    """Text, with pattern and length; a list of codes where the schema closes it."""

    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] | None = None
    shortest: int = 0
    longest: int = 20_000

    def accepted(self) -> str:
        """The codes, or the pattern."""
        if self.choices is not None:
            return listed(self.choices)
        return self.pattern.pattern if self.pattern is not None else "text"

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The text."""
        text = node.text
        if self.choices is not None:
            if text in self.choices:
                return text
            near = nearest(text, self.choices)
            return context.report("typed.not-in-list-near" if near else "typed.not-in-list", node, path,
                                  found=shown(node), accepted=self.accepted(), **({"nearest": near} if near else {}))
        if not self.shortest <= len(text) <= self.longest:
            return context.report("typed.length", node, path, found=str(len(text)),
                                  accepted=f"{self.shortest} … {self.longest}")
        if self.pattern is not None and self.pattern.search(text) is None:
            return context.report("typed.pattern", node, path, found=shown(node), accepted=self.pattern.pattern,
                                  example=self.example)
        return text


@dataclass
class ConstReader(Reader):
    """Exactly these values, compared as text; gives the schema's own value."""

    values: tuple[Any, ...] = ()

    def accepted(self) -> str:
        """The values."""
        return listed([_text_of(v) for v in self.values])

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The value of the schema that is written like the text."""
        for value in self.values:
            if _text_of(value) == node.text:
                return value
        return context.report("typed.not-in-list", node, path, found=shown(node), accepted=self.accepted())


def _text_of(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@dataclass
class NumberReader(Reader):
    """An exact decimal, in bounds."""

    kind: ClassVar[str] = "number"
    low: Decimal | None = None
    high: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    whole: bool = False

    def accepted(self) -> str:
        """Number, and its bounds."""
        parts = ["integer" if self.whole else "number"]
        signs = ((self.low, "≥"), (self.above, ">"), (self.high, "≤"), (self.below, "<"))
        return " ".join(parts + [f"{sign} {bound}" for bound, sign in signs if bound is not None])

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The decimal, an int when the schema wants an integer."""
        number = self.parse(node.text, node, path, context)
        if isinstance(number, _Bad):
            return BAD
        return int(number) if self.whole else number

    def parse(self, text: str, node: Scalar, path: Path | None, context: Context) -> Decimal | _Bad:
        """*text* as a decimal that keeps the bounds."""
        number = parse_decimal(text)
        if number is None or (self.whole and number != number.to_integral_value()):
            return context.report("typed.not-a-number", node, path, found=shown(node), accepted=self.accepted(),
                                  example=self.example or ("12" if self.whole else "1234.5"))
        if context.digits is not None and significant_digits(number) > context.digits:
            return context.report("typed.too-many-digits", node, path, found=shown(node), accepted=str(context.digits))
        low, high, above, below = self.low, self.high, self.above, self.below
        if ((low is not None and number < low) or (high is not None and number > high)
                or (above is not None and number <= above) or (below is not None and number >= below)):
            return context.report("typed.out-of-bounds", node, path, found=shown(node), accepted=self.accepted())
        return number


@dataclass
class AmountReader(NumberReader):
    """A figure in the unit of its column, or with a unit of its own of the same dimension (``10 GWh``)."""

    unit: Unit | None = None
    needs_unit: bool = False

    def accepted(self) -> str:
        """Number, and the unit that it is in when none is written."""
        if self.needs_unit:
            return f"{super().accepted()} + unit"
        return f"{super().accepted()} [{self.unit}]" if self.unit is not None else super().accepted()

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The :class:`Amount`, converted once into the base unit of the column's dimension."""
        match = _AMOUNT.fullmatch(node.text.strip())
        if self.needs_unit:
            return self._with_own_unit(match, node, path, context)
        if match is None or self.unit is None:
            number = self.parse(node.text, node, path, context)
            return BAD if isinstance(number, _Bad) else Amount(self._base(number), node.text.strip())
        number = self.parse(match["number"], node, path, context)
        if isinstance(number, _Bad):
            return BAD
        if match["unit"] is None:
            return Amount(self._base(number), match["number"])
        return convert(number, match["number"], match["unit"].strip(), self.unit, node, path, context)

    def _with_own_unit(self, match: re.Match[str] | None, node: Scalar, path: Path | None, context: Context) -> Any:
        if match is None or match["unit"] is None:
            return context.report("typed.needs-unit", node, path, found=shown(node), accepted=self.accepted(),
                                  example=self.example)
        number = self.parse(match["number"], node, path, context)
        if isinstance(number, _Bad):
            return BAD
        try:
            given = unit(match["unit"])
        except UnitError:
            return context.report("typed.unknown-unit", node, path, found=match["unit"].strip(),
                                  accepted=listed(known_units()))
        return Amount(given.to_base(number), match["number"], given.text)

    def _base(self, number: Decimal) -> Decimal:
        return number if self.unit is None else self.unit.to_base(number)


def convert(number: Decimal, stated: str, unit_text: str, wanted: Unit, node: Node, path: Path | None,
            context: Context) -> Amount | _Bad:
    """*number* of the unit *unit_text* as an amount of the dimension of *wanted*, or BAD with the problem recorded."""
    try:
        given = unit(unit_text)
    except UnitError:
        return context.report("typed.unknown-unit", node, path, found=unit_text,
                              accepted=listed(known_units(wanted.dimension)))
    if given.dimension != wanted.dimension:
        return context.report("typed.wrong-dimension", node, path, found=f"{unit_text} ({given.dimension})",
                              accepted=f"{wanted} ({wanted.dimension})")
    return Amount(given.to_base(number), stated, given.text)


@dataclass
class BooleanReader(Reader):
    """Yes or no, as words or as JSON booleans."""

    kind: ClassVar[str] = "yes, no, true, false, 是, 否"

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The truth value."""
        value = BOOLEANS.get(node.text.lower())
        if value is None:
            return context.report("typed.not-yes-or-no", node, path, found=shown(node), accepted=self.kind)
        return value


@dataclass
class TriReader(BooleanReader):
    """Yes, no, or the answer that it is not known."""

    kind: ClassVar[str] = BooleanReader.kind + ", not known"

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The truth value, or ``not known``."""
        return NOT_KNOWN if node.text == NOT_KNOWN else super().value(node, path, context)


@dataclass
class ReferencesReader(Reader):
    """One text or a list of texts; gives a list."""

    shapes: ClassVar[frozenset[type]] = frozenset({Scalar, ListNode})
    kind: ClassVar[str] = "text, […]"
    one: Reader = field(default_factory=lambda: TextReader())
    many: Reader = field(default_factory=lambda: ListReader())

    def value(self, node: Scalar | ListNode, path: Path | None, context: Context) -> Any:
        """The texts."""
        if isinstance(node, ListNode):
            return self.many.read(node, path, context)
        one = self.one.read(node, path, context)
        return BAD if one is BAD else [one]


@dataclass
class DateReader(Reader):
    """A civil date."""

    kind: ClassVar[str] = "YYYY-MM-DD"
    pattern: re.Pattern[str] = _DATE

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """The date."""
        if _DATE.fullmatch(node.text) is not None and self.pattern.search(node.text) is not None:
            try:
                return date.fromisoformat(node.text)
            except ValueError:
                pass
        return context.report("typed.not-a-date", node, path, found=shown(node), accepted=self.kind,
                              example="2025-12-31")


@dataclass
class NullReader(Reader):
    """Nothing."""

    kind: ClassVar[str] = "null"

    def value(self, node: Scalar, path: Path | None, context: Context) -> Any:
        """Whatever is written is too much."""
        return context.report("typed.wrong-shape", node, path, found=shown(node), accepted=self.kind)


@dataclass
class AnyReader(Reader):
    """Anything; scalars stay text."""

    shapes: ClassVar[frozenset[type]] = frozenset({Scalar, MapNode, ListNode})
    kind: ClassVar[str] = "any"

    def read(self, node: Node, path: Path | None, context: Context) -> Any:
        """Text, dict or list, None where nothing is written."""
        if isinstance(node, Scalar):
            return None if node.is_null else node.text
        if isinstance(node, ListNode):
            return [self.read(n, path, context) for n in node.items]
        return {key: self.read(n, path, context) for key, n in node.items()}


@dataclass
class ListReader(Reader):
    """A list of one kind of item."""

    shapes: ClassVar[frozenset[type]] = frozenset({ListNode})
    kind: ClassVar[str] = "[…]"
    item: Reader = field(default_factory=AnyReader)
    fewest: int = 0
    most: int = 1_000_000
    unique: bool = False

    def value(self, node: ListNode, path: Path | None, context: Context) -> Any:
        """The items that could be read."""
        if not self.fewest <= len(node.items) <= self.most:
            return context.report("typed.list-length", node, path, found=str(len(node.items)),
                                  accepted=f"{self.fewest} … {self.most}")
        values = []
        for index, item in enumerate(node.items, 1):
            at = Path(path, str(index), item)
            value = self.item.read(item, at, context)
            if self.unique and value in values and value is not BAD:
                context.report("typed.repeated", item, at, found=shown(item))
            values.append(value)
        return [v for v in values if v is not BAD]


@dataclass
class MapReader(Reader):
    """A mapping with known keys; unknown ones are problems unless the schema says what they hold."""

    shapes: ClassVar[frozenset[type]] = frozenset({MapNode})
    kind: ClassVar[str] = "{…}"
    properties: Mapping[str, Reader] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    patterns: tuple[tuple[re.Pattern[str], Reader], ...] = ()
    others: Reader | None = None
    key_pattern: re.Pattern[str] | None = None
    fewest: int = 0
    most: int = 1_000_000

    def reader_of(self, key: str) -> Reader | None:
        """The reader of the value of *key*, or None for an unknown key."""
        if (known := self.properties.get(key)) is not None:
            return known
        return next((reader for pattern, reader in self.patterns if pattern.search(key)), self.others)

    def value(self, node: MapNode, path: Path | None, context: Context) -> Any:
        """The values by key that could be read."""
        out: dict[str, Any] = {}
        for name, below in node.entries:
            key = name.text
            reader = self.reader_of(key)
            if reader is None:
                self._unknown(key, name, path, context)
                continue
            if self.key_pattern is not None and self.key_pattern.search(key) is None:
                context.report("typed.pattern", name, path, found=key, accepted=self.key_pattern.pattern)
                continue
            value = reader.read(below, Path(path, key), context)
            if value is not BAD:
                out[key] = value
        keys = node.keys()
        for key in self.required:
            if key not in keys:
                context.report("typed.missing-key", node, path, accepted=key)
        if not self.fewest <= len(keys) <= self.most:
            context.report("typed.list-length", node, path, found=str(len(keys)),
                           accepted=f"{self.fewest} … {self.most}")
        return out

    def _unknown(self, key: str, name: Scalar, path: Path | None, context: Context) -> None:
        names = tuple(self.properties)
        near = nearest(key, names)
        context.report("typed.unknown-key-near" if near else "typed.unknown-key", name, path, found=key[:80],
                       accepted=listed(names), **({"nearest": near} if near else {}))


@dataclass
class EitherReader(Reader):
    """One of several shapes: the one that fits the node; among several that do, the first that reads it well."""

    options: tuple[Reader, ...] = ()

    def accepted(self) -> str:
        """All shapes."""
        return " | ".join(dict.fromkeys(o.accepted() for o in self.options))

    def read(self, node: Node, path: Path | None, context: Context) -> Any:
        """The value by the option that fits."""
        if isinstance(node, Scalar) and node.is_null and (self.nullable or any(o.nullable for o in self.options)):
            return None
        fitting = [o for o in self.options if _fits(o, node)]
        if not fitting:
            return context.report("typed.wrong-shape", node, path, found=shown(node), accepted=self.accepted(),
                                  example=self.example)
        fitting = [o for o in fitting if _agrees(o, node)] or fitting
        best: tuple[Any, Context] | None = None
        for option in fitting:
            trial = Context(context.digits)
            value = option.read(node, path, trial)
            if not trial.problems:
                return value
            if best is None or len(trial.problems) < len(best[1].problems):
                best = (value, trial)
        assert best is not None
        if isinstance(node, Scalar) and len(fitting) > 1:
            return context.report("typed.no-alternative", node, path, found=shown(node), accepted=self.accepted(),
                                  example=self.example)
        context.problems.extend(best[1].problems)
        return best[0]


def _fits(option: Reader, node: Node) -> bool:
    if isinstance(option, EitherReader):
        return any(_fits(o, node) for o in option.options)
    if not isinstance(option, LateReader):
        return type(node) in option.shapes
    return _fits(option.target(), node)


def _agrees(option: Reader, node: Node) -> bool:
    """Whether a mapping says what the option says where that allows one thing only (``kind: a``)."""
    if not isinstance(option, MapReader) or not isinstance(node, MapNode):
        return True
    for key, reader in option.properties.items():
        given = node.get(key)
        if isinstance(reader, TextReader) and reader.choices is not None and len(reader.choices) == 1 and (
                not isinstance(given, Scalar) or given.text != reader.choices[0]):
            return False
    return True


@dataclass
class LateReader(Reader):
    """A definition that refers to itself: found when it is first needed."""

    find: Any = None

    def target(self) -> Reader:
        """The reader of the definition."""
        found: Reader = self.find()
        return found

    def read(self, node: Node, path: Path | None, context: Context) -> Any:
        """As the definition reads it."""
        return self.target().read(node, path, context)

    def accepted(self) -> str:
        """As the definition says."""
        return self.target().kind
