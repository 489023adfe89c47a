"""What somebody enters for one installation, said once: cells of the template and the model are both made of it.

Rows, processes, precursors and products are keyed by their number in the template, so that gaps can be said. A figure is
the text of a decimal number, a :class:`Formula` that a user typed, or None for an empty cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula typed into an input cell. *gives*: its exact value; None: only the workbook can say it. *stored*: the
    workbook keeps the value beside the formula, as spreadsheets do when they save."""

    text: str
    gives: str | None = None
    stored: bool = False


Figure: TypeAlias = str | Formula | None


def rows(*items: T) -> dict[int, T]:
    """Items in rows 1, 2, 3 …"""
    return dict(enumerate(items, 1))


@dataclass(frozen=True, slots=True)
class Stream:
    """A source stream; *oxidation*, *conversion*, *biomass* as typed, in per cent."""

    method: str | None = "combustion"
    name: str | None = "fuel"
    amount: Figure = None
    unit: str | None = "t"
    ncv: Figure = None
    ef: Figure = None
    ef_unit: str | None = None
    carbon: Figure = None
    oxidation: Figure = None
    conversion: Figure = None
    biomass: Figure = None


@dataclass(frozen=True, slots=True)
class Pfc:
    """Electrolysis cells."""

    method: str | None = "slope"
    name: str | None = "cells"
    aluminium: Figure = None
    frequency: Figure = None
    duration: Figure = None
    slope: Figure = None
    overvoltage: Figure = None
    efficiency: Figure = None
    coefficient: Figure = None
    c2f6: Figure = None
    collection: Figure = None


@dataclass(frozen=True, slots=True)
class Meter:
    """A source measured continuously."""

    gas: str | None = "CO2"
    name: str | None = "stack"
    concentration: Figure = None
    hours: Figure = None
    flow: Figure = None
    biomass: Figure = None
    energy_fossil: Figure = None
    energy_biomass: Figure = None


@dataclass(frozen=True, slots=True)
class Process:
    """A production process: *made* by row of its block, *to* by number of the process that takes it."""

    category: str
    name: str | None = None
    made: Mapping[int, Figure] = field(default_factory=dict)
    to_market: Figure = None
    to: Mapping[int, Figure] = field(default_factory=dict)
    to_other: Figure = None
    included: tuple[str, ...] = ()
    heat_applies: bool | None = None
    gas_applies: bool | None = None
    direct: Figure = None
    heat_in: Figure = None
    heat_in_ef: Figure = None
    heat_out: Figure = None
    heat_out_ef: Figure = None
    gas_in: Figure = None
    gas_in_ef: Figure = None
    gas_out: Figure = None
    gas_out_ef: Figure = None
    power: Figure = None
    power_ef: Figure = None
    power_code: str | None = None
    export: Figure = None
    export_ef: Figure = None


@dataclass(frozen=True, slots=True)
class Precursor:
    """A bought precursor: *bought* by row of its block, *used* by number of the process."""

    category: str
    name: str | None = None
    country: str | None = "CN"
    bought: Mapping[int, Figure] = field(default_factory=dict)
    used: Mapping[int, Figure] = field(default_factory=dict)
    other: Figure = None
    direct: Figure = None
    power: Figure = None
    power_ef: Figure = None
    source: str | None = "measured"
    power_source: str | None = "measured"
    code: str | None = "D.4(a)"
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product line: *process* is the number of a process, or the text typed there."""

    process: int | str
    cn: str | None = None
    name: str | None = "good"


@dataclass(frozen=True, slots=True)
class Stated:
    """Totals typed by hand."""

    co2: Figure = None
    biomass: Figure = None
    n2o: Figure = None
    pfc: Figure = None
    indirect: Figure = None


@dataclass(frozen=True, slots=True)
class Chp:
    """The tool for cogeneration; empty reference efficiencies keep what the template presets."""

    fuel: Figure = None
    heat: Figure = None
    power: Figure = None
    emissions: Figure = None
    cleaning: Figure = None
    reference_heat: Figure = None
    reference_power: Figure = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One installation. *extra*: cells as somebody typed them beside or over the rest; *unknown*: numbers of processes
    for which this project gives no result although the workbook prints a figure, because nothing is produced."""

    name: str
    streams: Mapping[int, Stream] = field(default_factory=dict)
    pfc: Mapping[int, Pfc] = field(default_factory=dict)
    meters: Mapping[int, Meter] = field(default_factory=dict)
    processes: Mapping[int, Process] = field(default_factory=dict)
    precursors: Mapping[int, Precursor] = field(default_factory=dict)
    products: Mapping[int, Product] = field(default_factory=dict)
    stated: Stated = field(default_factory=Stated)
    chp: tuple[Chp | None, Chp | None] = (None, None)
    extra: Mapping[tuple[str, str], object] = field(default_factory=dict)
    unknown: frozenset[int] = frozenset()

    @property
    def exact(self) -> bool:
        """Whether the model can be made without a workbook: no cells beside the plan, no formula without its value."""
        return not self.extra and not any(isinstance(v, Formula) and v.gives is None for v in figures(self))


def figures(item: object) -> list[object]:
    """Every figure in a plan or a part of it."""
    if isinstance(item, Mapping):
        return [f for v in item.values() for f in figures(v)]
    if isinstance(item, tuple):
        return [f for v in item for f in figures(v)]
    if isinstance(item, Formula) or not hasattr(item, "__dataclass_fields__"):
        return [item]
    return [f for name in item.__dataclass_fields__ for f in figures(getattr(item, name))]
