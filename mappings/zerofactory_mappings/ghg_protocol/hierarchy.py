"""How many MWh each step of the market-based order covered, read from the factors that the lines really used.

GHG Protocol Scope 2 Guidance (2015), chapter 6: certificates, contracts, supplier-specific factor, residual mix, other
average with disclosure. Traded green power and the certificate that came with it are one claim: the MWh stands once,
under contracts. What the answers of an instrument leave open is undetermined and belongs to no step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zerofactory_engine.accounting.grid import AVERAGE, RESIDUAL
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import Amount, Slice, add, product
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.ghg_protocol.tables import steps

OWN, UNDETERMINED = "own_generation", "undetermined"
_VARIANTS = {RESIDUAL: "residual_mix", AVERAGE: "other_average"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its *id*, electricity covered in MWh, tCO2e of it, and the rows that it covered (all or in part)."""

    id: str
    mwh: Amount
    tco2e: Amount
    rows: tuple[str, ...]
    factors: tuple[str, ...]


def step_of(line: Line, terms: Slice) -> str:
    """The step under which one slice of a market-based figure was taken."""
    quantity, factor = terms[0], terms[1] if len(terms) > 1 else None
    if factor is None or isinstance(factor.value, Unknown):
        return UNDETERMINED
    if quantity.name == "covered":
        return "certificates"
    if factor.name == "supplier_factor":
        return "supplier_specific"
    variant = factor.entry.variant if factor.entry is not None else None
    if variant in _VARIANTS:
        return _VARIANTS[variant]
    return OWN if line.scope == 1 else "contracts"


def hierarchy(lines: Iterable[Line]) -> tuple[Step, ...]:
    """The steps as applied to the electricity of *lines* (shares of the boundary and of the group applied)."""
    found: dict[str, list[tuple[Line, Slice]]] = {name: [] for name in steps()}
    for line in lines:
        if line.table == "electricity" and line.row and line.flow == "consumed" and line.gas == "CO2":
            for terms in line.market.slices:
                if terms[0].value != 0 or len(line.market.slices) == 1:
                    found[step_of(line, terms)].append((line, terms))
        elif line.table == "electricity" and line.scope == 2:       # the table is not complete, or a row has no source
            found[UNDETERMINED].append((line, line.market.slices[0]))
    return tuple(_step(name, slices) for name, slices in found.items())


def _step(name: str, slices: list[tuple[Line, Slice]]) -> Step:
    factors = (t.entry.id for _, terms in slices for t in terms[1:2] if t.entry is not None)
    return Step(name, add(_quantity(terms) for _, terms in slices), add(product(terms) for _, terms in slices),
                tuple(dict.fromkeys(f"{line.table}/{line.row}" for line, _ in slices)), tuple(dict.fromkeys(factors)))


def _quantity(terms: Slice) -> Amount:
    """MWh of a slice: its first term times the shares behind the factor; unknown where the row states no source."""
    if isinstance(terms[0].value, Unknown):
        return terms[0].value
    return product((terms[0], *(t for t in terms[2:] if t.operation == "share")))
