"""Which value of a parameter holds: law date, knowledge date and the values that say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import DatedValue, Parameter, Special


@dataclass(frozen=True, slots=True)
class Settled:
    """A parameter on its dates. *state*: ``value``, ``unknown``, ``none``, ``not_in_force``, ``not_known_then``.

    *value* is what expressions see: the value in base units, :data:`Special.NONE` when nothing is required, else an
    :class:`Unknown` whose cause is the limit.
    """

    state: str
    value: Any
    dated: DatedValue | None


def settle_parameter(parameter: Parameter, values: Iterable[DatedValue], valid_on: date,
                     known_on: date | None) -> Settled:
    """The value of *parameter* in force on *valid_on* as far as it was known on *known_on* (None: all that we know).

    Of several that hold, the one in force latest stands, and of those the one recorded last: a correction replaces.
    """
    in_force = [v for v in values if v.valid_from <= valid_on and (v.valid_to is None or valid_on <= v.valid_to)]
    if not in_force:
        return _missing("not_in_force", "reason.limit-not-in-force", parameter, date=valid_on.isoformat())
    known = [v for v in in_force if known_on is None or v.recorded is None or v.recorded <= known_on]
    if not known:
        assert known_on is not None
        return _missing("not_known_then", "reason.limit-not-known-then", parameter, date=known_on.isoformat())
    chosen = max(known, key=lambda v: (v.valid_from, v.recorded or date.min))
    if chosen.value is Special.UNKNOWN:
        return _missing("unknown", "reason.limit-unknown", parameter, chosen)
    if chosen.value is Special.NONE:
        return Settled("none", Special.NONE, chosen)
    return Settled("value", chosen.value, chosen)


def _missing(state: str, code: str, parameter: Parameter, dated: DatedValue | None = None, **args: str) -> Settled:
    reason = Reason(Cause.LIMIT, f"parameter:{parameter.id}", code, tuple(sorted(args.items())))
    return Settled(state, Unknown(reason), dated)
