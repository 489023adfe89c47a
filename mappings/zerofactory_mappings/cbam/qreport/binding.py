"""Ties the dataclasses of the model to the table of elements, and values of Python to texts of XML.

Every field is compared with its element when a binding is made: name, order, whether it may be left out or repeated,
and its type. So the model cannot drift from the table unnoticed.
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_mappings.cbam.qreport import model
from zerofactory_mappings.cbam.qreport.elements import ComplexType, Particle, Table
from zerofactory_mappings.cbam.qreport.values import (
    BOOLEANS,
    WHITESPACE,
    SimpleType,
    base64_letters,
    day_of,
    moment_of,
)

#: Half away from zero, with room for every figure that an element can hold.
_WIDE = Context(prec=1_000, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999)
#: Largest power of ten of a figure that is written out; a larger one is no figure of a report.
_EXPONENTS = 500

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

#: Form of a simple type → type of Python.
PYTHON = {"string": "str", "integer": "int", "decimal": "Decimal", "boolean": "bool", "base64": "bytes", "date": "date",
          "dateTime": "datetime"}


def field_name(element: str) -> str:
    """The field of an element: ``CnCode`` → ``cn_code``, ``POBox`` → ``po_box``."""
    return _WORDS.sub("_", element).lower()


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A field and its element. *number* is unique in a binding of a whole report; *below* binds a complex element.

    *repeated* and *droppable* (an optional text: when it is empty the element is left out) save looking them up.
    """

    number: int
    attribute: str
    particle: Particle
    below: Binding | None
    repeated: bool
    droppable: bool


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A dataclass and its complex type; *values* gives the values of all fields of an object at once."""

    kind: ComplexType
    made: Callable[..., Any]
    fields: tuple[Bound, ...]
    by_tag: Mapping[str, Bound]
    values: Callable[[Any], tuple[Any, ...]]


@cache
def binding(of: Table) -> Binding:
    """The binding of the whole report; TypeError when the model does not fit the table (a program's mistake)."""
    assert of.root.complex is not None
    return _Binder().bind(of.root.complex)


class _Binder:
    def __init__(self) -> None:
        self._made: dict[ComplexType, Binding] = {}
        self._number = 0

    def bind(self, kind: ComplexType) -> Binding:
        if kind in self._made:
            return self._made[kind]
        made = getattr(model, kind.name.removesuffix("Type"))
        wanted = [(field_name(p.name), _annotation(p)) for p in kind.particles]
        found = [(f.name, f.type) for f in dataclasses.fields(made)]
        if found != wanted:
            raise TypeError(f"{kind.name}: {set(found) ^ set(wanted) or 'order'}")
        bound = tuple(self._bound(p) for p in kind.particles)
        names = [b.attribute for b in bound]
        get = attrgetter(*names)
        values: Callable[[Any], tuple[Any, ...]] = get if len(names) > 1 else lambda each: (get(each),)
        self._made[kind] = Binding(kind, made, bound, {b.particle.tag: b for b in bound}, values)
        return self._made[kind]

    def _bound(self, particle: Particle) -> Bound:
        below = self.bind(particle.complex) if particle.complex is not None else None
        self._number += 1
        droppable = particle.optional and particle.simple is not None and particle.simple.form == "string"
        return Bound(self._number, field_name(particle.name), particle, below, particle.repeated, droppable)


def _annotation(particle: Particle) -> str:
    """How the model writes the type of an element."""
    if particle.complex is not None:
        kind = particle.complex.name.removesuffix("Type")
    else:
        assert particle.simple is not None
        kind = PYTHON[particle.simple.form]
    if particle.repeated:
        return f"tuple[{kind}, ...]"
    return f"{kind} | None" if particle.optional else kind


def rounded(value: Decimal, simple: SimpleType) -> Decimal:
    """*value* with the decimals of its type, half away from zero; unchanged where the type does not limit them."""
    if simple.fraction_digits is None or not value.is_finite() or abs(value.adjusted()) > _EXPONENTS:
        return value
    return _WIDE.quantize(value, _step(simple.fraction_digits))


@cache
def _step(digits: int) -> Decimal:
    return Decimal(1).scaleb(-digits)


def exact_text(value: Decimal, simple: SimpleType) -> str | None:
    """The text of a figure that needs no rounding and no exponent; None for any other, which :func:`text_of` writes."""
    text = str(value)
    if "E" in text or not text[-1].isdigit():      # NaN, Infinity
        return None
    point = text.find(".")
    if point >= 0:
        if simple.fraction_digits is not None and len(text) - point - 1 > simple.fraction_digits:
            return None
        text = text.rstrip("0").rstrip(".")
    return text if text != "-0" else "0"


def text_of(value: Any, simple: SimpleType) -> str:
    """A value of the model as the text of its element. A value that has none becomes a text that the check refuses."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        value = rounded(value, simple)
        return plain(value) if value.is_finite() and abs(value.adjusted()) <= _EXPONENTS else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo is not None else value
        return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value of a report")


def value_of(text: str, simple: SimpleType) -> Any:
    """The value of a text that was judged to be one of its type; OverflowError for a moment after the year 9999."""
    if simple.form == "string":
        return text
    if simple.form == "base64":
        return base64.b64decode(base64_letters(text))
    text = text.strip(WHITESPACE)
    if simple.form == "integer":
        sign = -1 if text[0] == "-" else 1
        return sign * int(text.lstrip("+-").lstrip("0") or "0")
    if simple.form == "decimal":
        return Decimal(text)
    if simple.form == "boolean":
        return BOOLEANS[text]
    if simple.form == "date":
        return day_of(text)
    moment = moment_of(text)
    assert moment is not None
    return datetime.combine(moment[0], time(), UTC) + timedelta(seconds=moment[1])
