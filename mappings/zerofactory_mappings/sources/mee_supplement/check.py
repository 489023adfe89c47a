"""The identities of a supplementary data sheet, each with its units, within what the rounding of the figures allows.

Fuel: emission = Σ consumption × net calorific value × carbon per energy × oxidation × 44/12 (``molar-ratios``). Total =
fuel + purchased electricity (+ purchased heat); purchased electricity = MWh × stated factor. Of what a unit supplies:
share of heat, standard coal per electricity and per heat (``gbt2589-2020``: energy of standard coal), CO2 per both. The
enterprise: its total is that of its units; intensity = total / output. What a form reports is compared, never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.units import NUMBER, Dimension, unit
from zerofactory_mappings.sources.mee_supplement.model import Block, FuelUse, Stated


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value in base units, its dimension, and how far it may be off by rounding."""

    value: Decimal
    dimension: Dimension
    slack: Decimal = Decimal(0)

    def __mul__(self, other: Quantity) -> Quantity:
        value = CONTEXT.multiply(self.value, other.value)
        one, two = CONTEXT.multiply(abs(self.value), other.slack), CONTEXT.multiply(abs(other.value), self.slack)
        slack = CONTEXT.add(one, two)
        slack = CONTEXT.add(slack, CONTEXT.multiply(self.slack, other.slack))
        return Quantity(value, self.dimension * other.dimension, slack)

    def __truediv__(self, other: Quantity) -> Quantity:
        """*other* is not zero."""
        value = CONTEXT.divide(self.value, other.value)
        slack = CONTEXT.divide(CONTEXT.add(self.slack, CONTEXT.multiply(abs(value), other.slack)), abs(other.value))
        return Quantity(value, self.dimension / other.dimension, slack)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(CONTEXT.add(self.value, other.value), self.dimension, CONTEXT.add(self.slack, other.slack))

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(CONTEXT.subtract(self.value, other.value), self.dimension, CONTEXT.add(self.slack, other.slack))


@dataclass(frozen=True, slots=True)
class Finding:
    """An identity that was carried out for *of*: *agrees* is None where the units do not fit. *stated* and *computed*
    are in the unit of *of*."""

    code: str
    of: Stated
    agrees: bool | None
    stated: str = ""
    computed: str = ""


@cache
def _constant(set_id: str, key: str, name: str) -> Quantity:
    """A constant of a shipped factor set."""
    from zerofactory_engine.accounting import FactorLibrary

    entry = FactorLibrary.shipped().set(set_id).find(key)
    assert entry is not None                           # a set of the project
    value = entry.values[name]
    assert value.value is not None
    return Quantity(unit(value.unit).to_base(value.value), value.dimension)


def quantity(figure: Stated | None) -> Quantity | None:
    """A figure in base units; None when it is not stated or is no amount."""
    if figure is None or figure.number is None or figure.measure is None:
        return None
    known = unit(figure.measure.unit) if figure.measure.unit != "1" else None
    if known is None:
        return Quantity(figure.amount, NUMBER, figure.slack)
    return Quantity(known.to_base(figure.amount), known.dimension, known.to_base(figure.slack))


def check_block(block: Block) -> list[Finding]:
    """Every identity of one unit whose figures are stated."""
    found = list(_shares(block))
    fossil = _fossil(block.fuels.values())
    stated = quantity(block.figures.get("fossil"))
    if fossil is not None:
        found += _compare("mee.fossil", block.figures.get("fossil"), fossil)
    power = _product(block, "purchased", "grid_factor")
    if power is not None:
        found += _compare("mee.power-emission", block.figures.get("power_emission"), power)
    heat = _product(block, "purchased_heat", "heat_factor")
    if heat is not None:
        found += _compare("mee.heat-emission", block.figures.get("heat_emission"), heat)
    parts = [stated or fossil, quantity(block.figures.get("power_emission")) or power]
    if all(p is not None for p in parts):
        parts.append(quantity(block.figures.get("heat_emission")) or heat)
        total = _sum([p for p in parts if p is not None])
        if total is not None:
            found += _compare("mee.total", block.figures.get("unit_total"), total)
    return found + list(_supplied(block))


def check_enterprise(blocks: Sequence[Block]) -> list[Finding]:
    """Totals of an enterprise in one year against its units, and its emission intensity."""
    head = blocks[0].head
    total = head.figures.get("total")
    found: list[Finding] = []
    units = [quantity(b.figures.get("unit_total")) for b in blocks]
    if all(u is not None for u in units):
        summed = _sum([u for u in units if u is not None])
    else:                                            # a sheet without units: its parts are those of the enterprise
        parts = [quantity(blocks[0].figures.get(n)) for n in ("fossil", "power_emission", "heat_emission")]
        summed = _sum([p for p in parts if p is not None]) if len(blocks) == 1 and parts[0] and parts[1] else None
    if summed is not None:
        found += _compare("mee.enterprise-total", total, summed)
    outputs = [quantity(b.figures.get("output")) for b in blocks]
    whole = quantity(total) or summed
    if len(blocks) == 1 and whole is not None and outputs[0] is not None and outputs[0].value:
        found += _compare("mee.intensity", blocks[0].figures.get("intensity"), whole / outputs[0])
    return found


def _fossil(uses: Iterable[FuelUse]) -> Quantity | None:
    """Emission of all fuels; None when a factor of one of them is not stated."""
    parts = []
    for use in uses:
        factors = [quantity(use.figures.get(n)) for n in ("consumption", "ncv", "carbon", "oxidation")]
        product = _constant("molar-ratios", "carbon", "co2")
        consumption = factors[0]
        if consumption is not None and not consumption.value:
            continue                                 # nothing was burnt, whatever its properties
        for factor in factors:
            if factor is None:
                return None
            product = factor * product
        parts.append(product)
    return _sum(parts)


def _sum(parts: Sequence[Quantity]) -> Quantity | None:
    if not parts:
        return None
    total = parts[0]
    for part in parts[1:]:
        if part.dimension != total.dimension:
            return Quantity(total.value, NUMBER)     # compares with nothing, and says that the units do not fit
        total = total + part
    return total


def _product(block: Block, amount: str, factor: str) -> Quantity | None:
    one, other = quantity(block.figures.get(amount)), quantity(block.figures.get(factor))
    return one * other if one is not None and other is not None else None


def _compare(code: str, figure: Stated | None, computed: Quantity) -> Iterator[Finding]:
    stated = quantity(figure)
    if figure is None or stated is None or figure.measure is None:
        return
    if stated.dimension != computed.dimension:
        yield Finding(code, figure, None, found_text(figure), str(computed.dimension))
        return
    off = abs(CONTEXT.subtract(stated.value, computed.value))
    agrees = off <= CONTEXT.add(stated.slack, computed.slack)
    value = unit(figure.measure.unit).from_base(computed.value) if figure.measure.unit != "1" else computed.value
    yield Finding(code, figure, agrees, found_text(figure), rounded(value, figure.measure.unit))


def found_text(figure: Stated) -> str:
    """A figure with its unit, as :attr:`Stated.amount` has it."""
    assert figure.measure is not None
    return rounded(figure.amount, figure.measure.unit)


def rounded(value: Decimal, unit_text: str) -> str:
    """*value* for people: at most eight significant digits behind the point are of use to nobody."""
    shown = value if abs(value) >= Decimal(10) ** 8 else CONTEXT.create_decimal(f"{value:.8g}")
    return f"{plain(shown)} {unit_text}".removesuffix(" 1")


# --- what a unit supplies -------------------------------------------------------------------------------------------


def _shares(block: Block) -> Iterator[Finding]:
    """Shares that are none: heat share and oxidation between 0 and 1, supplied electricity within what is generated."""
    for figure in block.all():
        told = quantity(figure)
        if figure.item.name in ("heat_share", "oxidation") and told is not None and not 0 <= told.value <= 1:
            yield Finding("mee.share", figure, False, found_text(figure), "0 … 1")
    made, gone = quantity(block.figures.get("generated")), quantity(block.figures.get("supplied"))
    if made is not None and gone is not None:
        figure = block.figures["supplied"]
        yield Finding("mee.supplied", figure, gone.value <= made.value, found_text(figure),
                      found_text(block.figures["generated"]))


def _supplied(block: Block) -> Iterator[Finding]:
    get = block.figures.get
    share, power, heat = quantity(get("heat_share")), quantity(get("supplied")), quantity(get("heat_supplied"))
    yield from _share_of_heat(block, power, heat)
    if share is None or not 0 <= share.value <= 1:
        return
    rest = Quantity(Decimal(1), NUMBER) - share
    coal = _coal(block)
    total = quantity(get("unit_total"))
    for code, whole, name, part, amount in (
            ("mee.supply-coal", coal, "supply_coal", rest, power), ("mee.heat-coal", coal, "heat_coal", share, heat),
            ("mee.power-intensity", total, "power_intensity", rest, power),
            ("mee.heat-intensity", total, "heat_intensity", share, heat)):
        figure = get(name)
        if whole is not None and amount is not None and amount.value and (
                figure is None or figure.measure is None or "Nm3" not in figure.measure.unit):
            yield from _compare(code, figure, whole * part / amount)


def _share_of_heat(block: Block, power: Quantity | None, heat: Quantity | None) -> Iterator[Finding]:
    """The share of heat from the standard coal that electricity and heat took."""
    per_power, per_heat = quantity(block.figures.get("supply_coal")), quantity(block.figures.get("heat_coal"))
    if power is None or heat is None or per_power is None or per_heat is None:
        return
    for_power, for_heat = power * per_power, heat * per_heat
    if for_power.dimension == for_heat.dimension and for_power.value + for_heat.value:
        # Both parts stand in the sum, so its rounding and that of the part are counted together: a wider bound.
        yield from _compare("mee.heat-share", block.figures.get("heat_share"), for_heat / (for_power + for_heat))


def _coal(block: Block) -> Quantity | None:
    """Energy of all fuels as standard coal."""
    parts = []
    for use in block.fuels.values():
        amount, ncv = quantity(use.figures.get("consumption")), quantity(use.figures.get("ncv"))
        if amount is None or (ncv is None and amount.value):
            return None
        if ncv is not None:
            parts.append(amount * ncv)
    total = _sum(parts)
    return None if total is None else total / _constant("gbt2589-2020", "standard_coal", "energy")
