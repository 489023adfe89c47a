"""Dimensions and units; exact, and checked when a pack loads rather than when a case is evaluated.

tce, CO2, CO2e, each gas, electricity, heat, each currency, items and credits are dimensions of their own: nothing
crosses them but a cited factor. Units of one dimension differ by a finite decimal, so no tie at a threshold is lost.
The list of units is data: ``standards/units.yaml``.

    >>> unit("kgce/kWh").factor == unit("tce/MWh").factor
    True
    >>> str(unit("tCO2").dimension / unit("tce").dimension)
    'CO2/standard_coal'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import yaml

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.locate import STANDARDS_ROOT


class UnitError(ValueError):
    """A unit that is not in ``standards/units.yaml``."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A product of named dimensions with integer powers, sorted by name; empty for a pure number."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: Dimension) -> Dimension:
        return self._merge(other, 1)

    def __truediv__(self, other: Dimension) -> Dimension:
        return self._merge(other, -1)

    def __pow__(self, exponent: int) -> Dimension:
        return Dimension(tuple((n, p * exponent) for n, p in self.powers if exponent))

    def _merge(self, other: Dimension, sign: int) -> Dimension:
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + sign * power
        return Dimension(tuple(sorted((n, p) for n, p in powers.items() if p)))

    def __str__(self) -> str:
        def side(wanted: int) -> str:
            return "·".join(n if abs(p) == 1 else f"{n}^{abs(p)}" for n, p in self.powers if p * wanted > 0)

        below = side(-1)
        return (side(1) or "1") + (f"/{below}" if below else "")

    @property
    def base_unit(self) -> str:
        """The unit in which values of this dimension are kept, written ``tCO2/tce``."""
        bases = _registry().bases

        def side(wanted: int) -> str:
            return "*".join("*".join([bases[n]] * abs(p)) for n, p in self.powers if p * wanted > 0)

        below = side(-1)
        return (side(1) or "1") + (f"/{below}" if below else "").replace("*", "/")


NUMBER = Dimension()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, its dimension and the factor that turns a value of it into the base unit."""

    text: str
    dimension: Dimension
    factor: Decimal

    def to_base(self, value: Decimal) -> Decimal:
        """*value* of this unit in the base unit of the dimension."""
        return value if self.factor == 1 else CONTEXT.multiply(value, self.factor)

    def from_base(self, value: Decimal) -> Decimal:
        """A value of the base unit in this unit."""
        return value if self.factor == 1 else CONTEXT.divide(value, self.factor)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class _Registry:
    units: Mapping[str, Unit]
    aliases: Mapping[str, str]
    bases: Mapping[str, str]
    titles: Mapping[str, Mapping[str, str]]
    gases: tuple[str, ...]


@cache
def _registry() -> _Registry:
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader  # every scalar as text
    data: dict[str, Any] = yaml.load((STANDARDS_ROOT / "units.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - base loader
    bases = {name: entry["base"] for name, entry in data["dimensions"].items()}
    titles = {name: {"zh": entry["zh"], "en": entry["en"]} for name, entry in data["dimensions"].items()}
    units: dict[str, Unit] = {}
    for text, entry in data["units"].items():
        name = entry["dimension"]
        powers: tuple[tuple[str, int], ...] = () if name == "ratio" else ((name, 1),)
        units[text] = Unit(text, Dimension(powers), Decimal(entry["factor"]))
    for gas in data["gases"]:
        bases[gas] = f"t{gas}"
        titles[gas] = {"zh": gas, "en": gas}
        for prefix, factor in data["gas_prefixes"].items():
            units[prefix + gas] = Unit(prefix + gas, Dimension(((gas, 1),)), Decimal(factor))
    return _Registry(units, data["aliases"], bases, titles, tuple(data["gases"]))


@lru_cache(maxsize=1024)
def unit(text: str) -> Unit:
    """The unit that *text* states: names joined by ``*`` and ``/`` (``tCO2/tce``, ``GJ/10kNm3``).

    Raises:
        UnitError: a name is not known; the message names it.
    """
    wanted = text.strip().replace(" ", "")
    registry = _registry()
    if not wanted:
        raise UnitError("empty unit")
    factor, dimension, sign = Decimal(1), NUMBER, 1
    for part in wanted.replace("/", "\0/\0").replace("*", "\0*\0").split("\0"):
        if part in "/*" and part:
            sign = -1 if part == "/" or sign < 0 else 1  # everything behind the first / is below
            continue
        known = registry.units.get(registry.aliases.get(part, part))
        if known is None:
            raise UnitError(part or wanted)
        dimension = dimension * known.dimension if sign > 0 else dimension / known.dimension
        factor = CONTEXT.multiply(factor, known.factor) if sign > 0 else CONTEXT.divide(factor, known.factor)
    return Unit(wanted, dimension, factor)


def is_unit(text: str) -> bool:
    """Whether :func:`unit` knows *text*."""
    try:
        unit(text)
    except UnitError:
        return False
    return True


def known_units(dimension: Dimension | None = None) -> tuple[str, ...]:
    """Names of the simple units, of one dimension or of all, for messages and drop-down lists."""
    return tuple(n for n, u in _registry().units.items() if dimension is None or u.dimension == dimension)


def gases() -> tuple[str, ...]:
    """Gases that have a dimension of their own."""
    return _registry().gases


def dimension(name: str) -> Dimension:
    """The simple dimension called *name* (``electricity``, ``CO2``); ``ratio`` is a pure number."""
    if name == "ratio":
        return NUMBER
    if name not in _registry().bases:
        raise UnitError(name)
    return Dimension(((name, 1),))


def dimension_title(name: str, language: str) -> str:
    """What people call the simple dimension *name*."""
    return _registry().titles[name][language]
