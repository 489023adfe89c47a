"""Monte Carlo simulation of an inventory's uncertainty (IPCC 2006, volume 1, chapter 3, approach 2).

What is drawn, and how, is fixed so that a reader gets the same figures on any machine:

* one stream of ``random.Random(seed)``; each uniform draw is turned into a standard normal one by its inverse
  distribution function. Results are rounded to :data:`DIGITS` digits of the standard deviation, which is more than the
  sampling error leaves certain, and labelled simulated: floats are used here, and nowhere else in a figure.
* a component (see :mod:`.components`) multiplies its lines by a draw with mean one and the standard deviation
  half-width / z, z the 97.5 % quantile of the standard normal: **normal** up to :attr:`Settings.lognormal_above`,
  **log-normal** with the same mean and standard deviation above, so that no draw is negative. At the default of 0.3,
  which is our choice, a normal draw below zero lies 6.5 standard deviations away; one that falls there counts as zero.
* lines that share a factor value which states an interval move together, the gases of one row as well; everything else
  is independent.
* rows with the same structure are drawn together: the sum of independent normal contributions is normal with the summed
  covariance, which is exact. Log-normal rows are drawn one by one, the :data:`SINGLE` largest of a structure; the many
  small ones behind them are drawn as the normal with their summed variance (central limit).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist
from typing import Any

from zerofactory_engine.accounting.inventory import Inventory
from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.present import amount_json
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.uncertainty.components import Component, Part, groups_of, part_of, shares_of

METHOD = "ipcc-2006-approach-2"
#: Digits of the standard deviation to which every simulated figure is rounded.
DIGITS = 2
#: Log-normal rows of one structure that are drawn one by one.
SINGLE = 64
_NORMAL = NormalDist()
#: Standard deviations from the mean to the end of a 95 % interval.
Z = _NORMAL.inv_cdf(0.975)
PERCENTILES = (("p2_5", 0.025), ("p50", 0.5), ("p97_5", 0.975))


@dataclass(frozen=True, slots=True)
class Settings:
    """Seed, number of draws, and the relative half-width above which a component is log-normal."""

    seed: int = 20_250_101
    draws: int = 10_000
    lognormal_above: Decimal = Decimal("0.3")

    def as_json(self) -> dict[str, str]:
        """Stable JSON shape."""
        return {"method": METHOD, "seed": str(self.seed), "draws": str(self.draws),
                "lognormal_above": plain(self.lognormal_above)}


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulated distribution of one group, in tCO2e, rounded as the module says.

    All figures are None where the total is unknown or nothing in the group states an uncertainty: there is nothing to
    simulate then, and an interval of no width would say the opposite.
    """

    group: str
    value: Amount
    not_stated: Decimal | None
    mean: Decimal | None = None
    deviation: Decimal | None = None
    p2_5: Decimal | None = None
    p50: Decimal | None = None
    p97_5: Decimal | None = None

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        out: dict[str, Any] = {"group": self.group, "tCO2e": amount_json(self.value), "simulated": True}
        for name in ("mean", "deviation", "p2_5", "p50", "p97_5", "not_stated"):
            if (value := getattr(self, name)) is not None:
                out[name] = plain(value)
        return out


@dataclass(frozen=True, slots=True)
class Simulation:
    """All groups of one simulation with its settings."""

    settings: Settings
    basis: str
    groups: Mapping[str, Simulated]

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape."""
        return {"settings": self.settings.as_json(), "basis": self.basis,
                "groups": [g.as_json() for g in self.groups.values()]}


#: What lines of one cell have in common: the groups that they belong to, and their factor components.
_Cell = tuple[tuple[str, ...], tuple[Component, ...]]


@dataclass(slots=True)
class _Block:
    """Row contributions that are drawn together: their cells, and the lower triangle that makes them of normals."""

    cells: tuple[int, ...]
    triangle: list[list[float]]


@dataclass(slots=True)
class _Single:
    """One log-normal row: its amount in each of its cells, and the parameters of its draw."""

    amounts: tuple[tuple[int, float], ...]
    mu: float
    sigma: float


@dataclass(slots=True)
class _Plan:
    """What is drawn: cells with their constant amounts and factors, and what is added to a cell by rows."""

    cells: list[_Cell]
    constants: list[float]
    blocks: list[_Block]
    singles: list[_Single]


def simulate(inventory: Inventory | Iterable[Line], basis: str = "location", settings: Settings | None = None
             ) -> Simulation:
    """Simulate every group of *inventory* on *basis*; the same lines and settings give the same result."""
    chosen = settings if settings is not None else Settings()
    lines = inventory.lines if isinstance(inventory, Inventory) else tuple(inventory)
    parts = {id(line): part_of(line, basis) for line in lines}
    groups = groups_of(lines)
    shares = {name: shares_of([parts[id(line)] for line in found]) for name, found in groups.items()}
    wanted = [name for name, s in shares.items() if s.stated and not isinstance(s.value, Unknown)]
    member: dict[int, list[str]] = {}
    for name in wanted:
        for line in groups[name]:
            member.setdefault(id(line), []).append(name)
    plan = _plan([(parts[key], tuple(names)) for key, names in member.items()], float(chosen.lognormal_above))
    drawn = _draw(plan, wanted, chosen)
    return Simulation(chosen, basis, {
        name: _summary(name, shares[name].value, shares[name].not_stated, drawn.get(name)) for name in shares})


def _plan(parts: Iterable[tuple[Part, tuple[str, ...]]], above: float) -> _Plan:
    """Put lines into cells and rows into blocks, in the order in which they come."""
    index: dict[_Cell, int] = {}
    constants: list[float] = []
    rows: dict[Component, dict[int, float]] = {}
    for part, names in parts:
        if not isinstance(part.amount, Decimal):
            continue
        cell: _Cell = (names, part.factors)
        at = index.setdefault(cell, len(index))
        if at == len(constants):
            constants.append(0.0)
        amount = float(part.amount)
        constants[at] += amount
        if part.row is not None:
            found = rows.setdefault(part.row, {})
            found[at] = found.get(at, 0.0) + amount
    plan = _Plan(list(index), constants, [], [])
    structures: dict[tuple[int, ...], list[tuple[float, list[float]]]] = {}
    for (_, width), amounts in rows.items():
        structures.setdefault(tuple(amounts), []).append((float(width), list(amounts.values())))
    for cells, found_rows in structures.items():
        _add_rows(plan, cells, found_rows, above)
    return plan


def _add_rows(plan: _Plan, cells: tuple[int, ...], rows: Sequence[tuple[float, list[float]]], above: float) -> None:
    """The rows of one structure: wide ones one by one, all others as one normal with their summed covariance."""
    wide = sorted((r for r in rows if r[0] > above), key=lambda r: -r[0] * max(map(abs, r[1])))
    for width, amounts in wide[:SINGLE]:
        mu, sigma = _lognormal(width)
        for at, amount in zip(cells, amounts, strict=True):
            plan.constants[at] -= amount                     # its draw has mean one and brings the amount itself
        plan.singles.append(_Single(tuple(zip(cells, amounts, strict=True)), mu, sigma))
    rest = [r for r in rows if r[0] <= above] + wide[SINGLE:]
    if not rest:
        return
    size = len(cells)
    covariance = [[math.fsum((w / Z) ** 2 * a[i] * a[j] for w, a in rest) for j in range(size)] for i in range(size)]
    plan.blocks.append(_Block(cells, _cholesky(covariance)))


def _lognormal(width: float) -> tuple[float, float]:
    """Parameters of the log-normal with mean one and standard deviation *width* / z."""
    variance = math.log1p((width / Z) ** 2)
    return -variance / 2, math.sqrt(variance)


def _cholesky(matrix: list[list[float]]) -> list[list[float]]:
    """The lower triangle L with L Lᵀ = *matrix*; a direction without variance of its own gets a column of zeros."""
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for j in range(size):
        rest = matrix[j][j] - math.fsum(x * x for x in lower[j][:j])
        if rest <= matrix[j][j] * 1e-12:
            continue
        lower[j][j] = math.sqrt(rest)
        for i in range(j + 1, size):
            shared = math.fsum(lower[i][k] * lower[j][k] for k in range(j))
            lower[i][j] = (matrix[i][j] - shared) / lower[j][j]
    return lower


def _normals(seed: int) -> Iterator[float]:
    """Standard normal draws by inversion; a uniform draw of exactly zero becomes the smallest one above."""
    uniform = random.Random(seed).random  # noqa: S311 - a simulation that anybody can repeat, no secret
    invert = _NORMAL.inv_cdf
    while True:
        yield invert(uniform() or 2.0 ** -54)


def _draw(plan: _Plan, wanted: Sequence[str], settings: Settings) -> dict[str, list[float]]:
    """The drawn total of each group."""
    factors = list(dict.fromkeys(c for _, components in plan.cells for c in components))
    number = {component: i for i, component in enumerate(factors)}
    shapes = [(float(w), *(_lognormal(float(w)) if w > settings.lognormal_above else (0.0, 0.0))) for _, w in factors]
    used = [tuple(number[c] for c in components) for _, components in plan.cells]
    place = {name: i for i, name in enumerate(wanted)}
    into = [tuple(place[n] for n in names) for names, _ in plan.cells]
    out: list[list[float]] = [[] for _ in wanted]
    draw = _normals(settings.seed)
    for _ in range(settings.draws):
        multipliers = [math.exp(mu + sigma * next(draw)) if sigma else max(0.0, 1 + width / Z * next(draw))
                       for width, mu, sigma in shapes]
        amounts = _rows_drawn(plan, draw)
        sums = [0.0] * len(wanted)
        for amount, indices, targets in zip(amounts, used, into, strict=True):
            for i in indices:
                amount *= multipliers[i]
            for t in targets:
                sums[t] += amount
        for values, value in zip(out, sums, strict=True):
            values.append(value)
    return dict(zip(wanted, out, strict=True))


def _rows_drawn(plan: _Plan, draw: Iterator[float]) -> list[float]:
    """Amounts of the cells with one draw of every row in them."""
    amounts = plan.constants.copy()
    for block in plan.blocks:
        normals = [next(draw) for _ in block.cells]
        for at, weights in zip(block.cells, block.triangle, strict=True):
            amounts[at] += sum(w * n for w, n in zip(weights, normals, strict=True))
    for single in plan.singles:
        multiplier = math.exp(single.mu + single.sigma * next(draw))
        for at, amount in single.amounts:
            amounts[at] += amount * multiplier
    return amounts


def _summary(name: str, value: Amount, not_stated: Decimal | None, drawn: list[float] | None) -> Simulated:
    if drawn is None:
        return Simulated(name, value, not_stated)
    ordered = sorted(drawn)
    mean = math.fsum(ordered) / len(ordered)
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in ordered) / max(len(ordered) - 1, 1))
    step = _step(deviation or abs(mean))
    found = {p: _rounded(_quantile(ordered, share), step) for p, share in PERCENTILES}
    return Simulated(name, value, not_stated, _rounded(mean, step), _rounded(deviation, step), **found)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile by linear interpolation between the two draws around it."""
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def _step(size: float) -> int:
    """The power of ten of the last digit that is kept beside a standard deviation of *size*."""
    return 0 if size == 0 else math.floor(math.log10(size)) - DIGITS + 1


def _rounded(value: float, step: int) -> Decimal:
    """*value* to a multiple of ten to the power of *step*, in plain notation."""
    return Decimal(plain(Decimal(value).quantize(Decimal(1).scaleb(step))))
