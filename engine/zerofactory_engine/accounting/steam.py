"""Enthalpy of steam from its pressure, temperature and state: IAPWS-IF97, region 2 and the saturation line.

The coefficients are data (``standards/formulations/iapws-if97.yaml``). Nothing is guessed: without a stated kind of
pressure, outside the region, or where pressure and temperature do not settle whether steam is saturated, there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import read_yaml


@dataclass(frozen=True, slots=True)
class _Formulation:
    """Constants and coefficients; temperatures in K, pressures in MPa, energy in GJ/t."""

    gas_constant: Decimal
    kelvin: Decimal
    reducing: Decimal
    shift: Decimal
    atmosphere: Decimal
    lowest: Decimal
    highest: Decimal
    boundary_from: Decimal
    highest_pressure: Decimal
    saturation_from: Decimal
    saturation_to: Decimal
    ideal: tuple[tuple[int, Decimal], ...]
    residual: tuple[tuple[int, int, Decimal], ...]
    saturation: tuple[Decimal, ...]
    boundary: tuple[Decimal, ...]


@cache
def _formulation() -> _Formulation:
    path = STANDARDS_ROOT / "formulations" / "iapws-if97.yaml"
    data: dict[str, Any] = plain_tree(read_yaml(path.read_bytes(), str(path)))

    def constant(name: str) -> Decimal:
        return Decimal(data["constants"][name].split()[0])

    low, high = (Decimal(t) for t in data["constants"]["temperature_range"])
    return _Formulation(
        CONTEXT.divide(constant("gas_constant"), Decimal(1000)), constant("kelvin"), constant("reducing_temperature"),
        constant("shift"), constant("standard_atmosphere"), low, high, constant("boundary_from"),
        constant("highest_pressure"), constant("lowest_saturation"), constant("highest_saturation"),
        tuple((int(j), Decimal(n)) for j, n in data["ideal"]),
        tuple((int(i), int(j), Decimal(n)) for i, j, n in data["residual"]),
        tuple(Decimal(n) for n in data["saturation"]), tuple(Decimal(n) for n in data["boundary"]))


@lru_cache(maxsize=4096)
def enthalpy(pressure: Decimal | None, kind: str | None, temperature: Decimal | None, state: str | None
             ) -> Decimal | None:
    """Specific enthalpy in GJ/t of steam at *pressure* (MPa, ``gauge`` or ``absolute``) and *temperature* (degC).

    Saturated steam is taken dry and needs its pressure; superheated steam needs both. Without a state, steam hotter
    than the saturation temperature is superheated. None when that does not settle it or lies outside region 2.
    """
    form = _formulation()
    if pressure is None or kind is None:
        return None
    absolute = CONTEXT.add(pressure, form.atmosphere) if kind == "gauge" else pressure
    kelvin = None if temperature is None else CONTEXT.add(temperature, form.kelvin)
    boiling = saturation_temperature(absolute)
    if state == "saturated":
        kelvin = boiling
    elif kelvin is not None and boiling is not None and kelvin <= boiling:
        return None                                     # wet, or water: what is stated does not settle it
    if kelvin is None or not in_region_2(kelvin, absolute):
        return None
    return region_2_enthalpy(kelvin, absolute)


def saturation_temperature(pressure: Decimal) -> Decimal | None:
    """Temperature in K at which water boils under *pressure* in MPa (equation 31); None off the line of region 2."""
    form = _formulation()
    if not form.saturation_from <= pressure <= form.saturation_to:
        return None
    n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 = form.saturation
    times, plus, minus = CONTEXT.multiply, CONTEXT.add, CONTEXT.subtract
    beta = CONTEXT.sqrt(CONTEXT.sqrt(pressure))
    square = times(beta, beta)
    e = plus(plus(square, times(n3, beta)), n6)
    f = plus(plus(times(n1, square), times(n4, beta)), n7)
    g = plus(plus(times(n2, square), times(n5, beta)), n8)
    root = CONTEXT.sqrt(minus(times(f, f), times(times(Decimal(4), e), g)))
    d = CONTEXT.divide(times(Decimal(2), g), minus(-f, root))
    whole = plus(n10, d)
    under = minus(times(whole, whole), times(Decimal(4), plus(n9, times(n10, d))))
    return CONTEXT.divide(minus(whole, CONTEXT.sqrt(under)), Decimal(2))


def in_region_2(temperature: Decimal, pressure: Decimal) -> bool:
    """Whether steam at *temperature* (K) and *pressure* (MPa) lies in region 2 of the formulation."""
    form = _formulation()
    if not (form.lowest <= temperature <= form.highest and 0 < pressure <= form.highest_pressure):
        return False
    if temperature <= form.boundary_from:
        boiling = saturation_temperature(pressure)
        return pressure < form.saturation_from if boiling is None else temperature >= boiling
    n1, n2, n3 = form.boundary                          # equation 5: the boundary to region 3, up to 863.15 K
    limit = CONTEXT.add(CONTEXT.add(n1, CONTEXT.multiply(n2, temperature)),
                        CONTEXT.multiply(n3, CONTEXT.multiply(temperature, temperature)))
    return pressure <= limit


def region_2_enthalpy(temperature: Decimal, pressure: Decimal) -> Decimal:
    """Specific enthalpy in GJ/t at *temperature* (K) and *pressure* (MPa) (equations 15 to 17 and table 12)."""
    form = _formulation()
    tau = CONTEXT.divide(form.reducing, temperature)
    shifted = CONTEXT.subtract(tau, form.shift)
    total = Decimal(0)
    for power, n in form.ideal:
        if power:
            total = CONTEXT.add(total, CONTEXT.multiply(n * power, CONTEXT.power(tau, power - 1)))
    for i, j, n in form.residual:
        if j:
            part = CONTEXT.multiply(CONTEXT.power(pressure, i), CONTEXT.power(shifted, j - 1))
            total = CONTEXT.add(total, CONTEXT.multiply(n * j, part))
    return CONTEXT.multiply(CONTEXT.multiply(form.gas_constant, temperature), CONTEXT.multiply(tau, total))
