"""Where a change comes from: additive LMDI-I (Ang 2004, Energy Policy 32, 1131–1139), exact in the sum.

For each source: C = Q × (A/Q) × (C/A), with Q the activity of the facility (production or value added), A the source's
own activity data (MWh, t, Nm³, tkm …) and C its emissions. With L(x, y) = (x − y) / (ln x − ln y) the logarithmic mean,

=========  ==================================================  =====================================================
activity   L(C₁, C₀) · (ln Q₁ − ln Q₀)                         more or less was made
intensity  L(C₁, C₀) · (ln A₁ − ln A₀ − ln Q₁ + ln Q₀)         more or less of the source's activity for each unit made
factor     L(C₁, C₀) · (ln C₁ − ln C₀ − ln A₁ + ln A₀)         more or less emitted for each unit of the activity
=========  ==================================================  =====================================================

The three add up to C₁ − C₀, whatever the order of sources or years: what the rounding of logarithms leaves of nothing
is taken out, and the largest effect takes up the rest, so that a source has no remainder beyond the 34th digit.
Zero is taken by its analytical limit (Ang and Liu 2007, Energy Policy 35, 238–246): a source that appears or ends gives
its whole change to the intensity effect; one whose emissions become or stop being zero while its activity goes on
(power from a source without emissions) gives it to the factor effect. A source without activity figures of its own (a
mass balance of several materials) uses its emissions as its activity, so that its factor effect is zero; it is listed.
What has no logarithm is unknown, not guessed: emissions that change their sign, activity in another unit, a figure that
is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.terms import ZERO, Amount
from zerofactory_engine.accounting.totals import equivalent
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.reasons import Cause, Unknown
from zerofactory_mappings.years.amounts import merged, minus, plus, unknown

EFFECTS = ("activity", "intensity", "factor")
#: What happened to a source between two years.
BOTH, APPEARED, ENDED = "both", "appeared", "ended"
#: How the first term of a line may have come about to be an activity figure.
_ACTIVITY = frozenset({"cell", "sum"})

#: An effect below this share of the emissions is what the rounding of logarithms leaves of nothing.
_NOTHING = Decimal("1E-28")

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a year: *key* (table, source type, carrier), emissions in tCO2e, activity in *unit*.

    *activity* is None for a source without activity figures of its own.
    """

    key: Key
    emissions: Amount
    activity: Amount | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class SourceEffects:
    """Effects of one source, in tCO2e; *fate* is one of :data:`BOTH`, :data:`APPEARED`, :data:`ENDED`."""

    key: Key
    before: Amount
    after: Amount
    effects: Mapping[str, Amount]
    fate: str
    own_activity: bool
    unit: str | None

    @property
    def change(self) -> Amount:
        """Change of its emissions."""
        return minus(self.after, self.before)


@dataclass(frozen=True)
class Decomposition:
    """The change of a *group* (``all``, ``scopes_1_2``) between two years on one basis.

    Effects are in tCO2e, unknown with reasons where one is not known.
    """

    first: str
    second: str
    basis: str
    measure: str
    before: Amount
    after: Amount
    sources: tuple[SourceEffects, ...]
    effects: Mapping[str, Amount] = field(default_factory=dict)
    group: str = "all"

    @property
    def change(self) -> Amount:
        """What is decomposed."""
        return minus(self.after, self.before)

    @property
    def remainder(self) -> Amount:
        """Change less the three effects: rounding in the last of 34 digits."""
        return minus(self.change, plus(*self.effects.values()))


def sources_of(lines: Iterable[Line], basis: str) -> dict[Key, Source]:
    """Sources of *lines* (those inside the scopes), by table, source type and carrier."""
    grouped: dict[Key, list[Line]] = {}
    for line in lines:
        grouped.setdefault((line.table, line.source.code, line.carrier or ""), []).append(line)
    return {key: _source(key, found, basis) for key, found in sorted(grouped.items())}


def _source(key: Key, lines: list[Line], basis: str) -> Source:
    """One source: emissions of all gases, and the activity of each row once."""
    emissions = plus(*(equivalent(line, basis) for line in lines))
    rows: dict[tuple[str, str, str], tuple[Amount, str]] = {}
    for line in lines:
        found = _activity_of(line)
        at = (line.table, line.row, line.part)
        if found is None or rows.setdefault(at, found) != found:
            return Source(key, emissions, None, None)
    units = {unit for _, unit in rows.values()}
    if len(units) != 1:
        mixed = unknown("years.units-mixed", "/".join(key), cause=Cause.ARITHMETIC, units=", ".join(sorted(units)))
        return Source(key, emissions, mixed, None)
    return Source(key, emissions, plus(*(amount for amount, _ in rows.values())), units.pop())


def combined(several: Sequence[Mapping[Key, Source]]) -> dict[Key, Source]:
    """Sources of several dossiers of one year as one: rows of different dossiers may have the same id."""
    found: dict[Key, list[Source]] = {}
    for sources in several:
        for key, source in sources.items():
            found.setdefault(key, []).append(source)
    return {key: _together(key, sources) for key, sources in sorted(found.items())}


def _together(key: Key, sources: list[Source]) -> Source:
    emissions = plus(*(s.emissions for s in sources))
    activities = [s.activity for s in sources if s.activity is not None]
    if len(activities) < len(sources):
        return Source(key, emissions, None, None)
    units = {s.unit for s in sources if s.unit is not None}
    if len(units) > 1:
        mixed = unknown("years.units-mixed", "/".join(key), cause=Cause.ARITHMETIC, units=", ".join(sorted(units)))
        return Source(key, emissions, mixed, None)
    return Source(key, emissions, plus(*activities), units.pop() if units else None)


def _activity_of(line: Line) -> tuple[Amount, str] | None:
    """The amount that the line multiplies factors with; None where it is no single figure of the row."""
    if len(line.location.slices) != 1 or not line.location.slices[0]:
        return None
    first = line.location.slices[0][0]
    if first.entry is not None or first.operation not in _ACTIVITY or not first.cells:
        return None
    return first.value, first.unit


def decompose(before: Mapping[Key, Source], after: Mapping[Key, Source], activity: tuple[Amount, Amount], *,
              first: str = "0", second: str = "1", basis: str = "location", measure: str = "",
              group: str = "all", unclear: tuple[Sequence[Unknown], Sequence[Unknown]] = ((), ())
              ) -> Decomposition:
    """Decompose the change between two years; *activity* is Q of both, in one unit.

    *unclear*: by year, why its emissions as a whole are not known, whatever its sources say; then no effect is known
    either, because nobody can say which source it would be part of.
    """
    found = tuple(_effects(key, before.get(key), after.get(key), activity) for key in sorted({*before, *after}))
    totals = [plus(*(s.emissions for s in sources.values()), *why)
              for sources, why in zip((before, after), unclear, strict=True)]
    doubts = (*unclear[0], *unclear[1])
    return Decomposition(first, second, basis, measure, totals[0], totals[1], found,
                         {e: plus(*(s.effects[e] for s in found), *doubts) for e in EFFECTS}, group)


def _effects(key: Key, before: Source | None, after: Source | None, activity: tuple[Amount, Amount]) -> SourceEffects:
    old = before.emissions if before is not None else ZERO
    new = after.emissions if after is not None else ZERO
    own = all(s is None or s.activity is not None for s in (before, after))
    fate = APPEARED if before is None else ENDED if after is None else BOTH
    unit = next((s.unit for s in (after, before) if s is not None and s.unit), None)
    amounts: tuple[Amount, Amount] = (old, new)
    if own:
        amounts = (_own(before), _own(after))
    found = _checked("/".join(key), (old, new), amounts, activity, before, after, own)
    effects = dict.fromkeys(EFFECTS, found) if isinstance(found, Unknown) else dict(zip(EFFECTS, found, strict=True))
    return SourceEffects(key, old, new, effects, fate, own, unit)


def _own(source: Source | None) -> Amount:
    if source is None:
        return ZERO
    assert source.activity is not None, "asked only of sources with activity"
    return source.activity


def _checked(subject: str, emissions: tuple[Amount, Amount], amounts: tuple[Amount, Amount],
             activity: tuple[Amount, Amount], before: Source | None, after: Source | None, own: bool
             ) -> tuple[Decimal, Decimal, Decimal] | Unknown:
    """The three effects, or why there are none."""
    missing = merged(*emissions, *amounts, *activity)
    if missing is not None:
        return missing
    if own and before is not None and after is not None and before.unit != after.unit:
        return unknown("years.unit-changed", subject, cause=Cause.ARITHMETIC, before=str(before.unit),
                       after=str(after.unit))
    numbers = [a for a in (*emissions, *amounts, *activity) if isinstance(a, Decimal)]
    c0, c1, a0, a1, q0, q1 = numbers
    if q0 <= 0 or q1 <= 0:
        return unknown("years.no-activity", subject, cause=Cause.ARITHMETIC)
    if c0 * c1 < 0 or a0 * a1 < 0:
        return unknown("years.sign-changes", subject, cause=Cause.ARITHMETIC)
    if (not a0 and c0) or (not a1 and c1):
        return unknown("years.emissions-without-activity", subject, cause=Cause.ARITHMETIC)
    return three_effects((c0, c1), (a0, a1), (q0, q1))


def three_effects(c: tuple[Decimal, Decimal], a: tuple[Decimal, Decimal], q: tuple[Decimal, Decimal]
                  ) -> tuple[Decimal, Decimal, Decimal]:
    """Activity, intensity and factor effect of one source from its emissions, activity and the overall activity.

    Each pair is (before, after). Emissions of both years have one sign, activities as well; *q* is positive.
    """
    change = CONTEXT.subtract(c[1], c[0])
    if not change and c[0] == 0:
        return ZERO, ZERO, ZERO
    if a[0] == 0 or a[1] == 0:
        return ZERO, change, ZERO
    if c[0] == 0 or c[1] == 0:
        return ZERO, ZERO, change
    mean = logarithmic_mean(c[1], c[0])
    made, used = log_change(q), log_change(a)
    shares = (made, CONTEXT.subtract(used, made), CONTEXT.subtract(log_change(c), used))
    return _closed(change, [CONTEXT.multiply(mean, share) for share in shares], max(c[0].copy_abs(), c[1].copy_abs()))


def _closed(change: Decimal, effects: list[Decimal], size: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """*effects* without what the rounding of logarithms leaves of nothing; the largest takes up the rounding, so that
    their sum is the change."""
    nothing = CONTEXT.multiply(size, _NOTHING)
    kept = [effect if effect.copy_abs() > nothing else ZERO for effect in effects]
    largest = max(range(len(kept)), key=lambda i: (kept[i].copy_abs(), -i))
    if kept[largest]:
        kept[largest] = minus_all(change, [effect for i, effect in enumerate(kept) if i != largest])
    activity, intensity, factor = kept
    return activity, intensity, factor


def minus_all(whole: Decimal, parts: Iterable[Decimal]) -> Decimal:
    """*whole* less every one of *parts*."""
    for part in parts:
        whole = CONTEXT.subtract(whole, part)
    return whole


def log_change(pair: tuple[Decimal, Decimal]) -> Decimal:
    """ln of the second less ln of the first, of their absolute values; exactly the negative when they are swapped."""
    return CONTEXT.subtract(pair[1].copy_abs().ln(CONTEXT), pair[0].copy_abs().ln(CONTEXT))


def logarithmic_mean(x: Decimal, y: Decimal) -> Decimal:
    """L(x, y) = (x − y) / (ln x − ln y), and x where both are equal; for two figures of one sign."""
    logs = log_change((y, x))
    return CONTEXT.divide(CONTEXT.subtract(x, y), logs) if logs else x
