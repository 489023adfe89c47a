"""What is asked of an evaluation, checked against the pack, with every reading settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from zerofactory_engine.evaluation.sensitivity import inconsistent
from zerofactory_engine.problems import Collector, Problem
from zerofactory_engine.rulepack.model import Pack


@dataclass(frozen=True, slots=True)
class Request:
    """*levels*: those asked for (empty: the lowest of the pack). *valid_on*: law date; *known_on*: knowledge date.

    *readings*: alternatives chosen in place of the defaults. *documents_assumed*: evidence is not looked at.
    *quantities*: values by key in place of computed ones, in base units (cases and what-ifs). *levers*: whether the
    smallest changes are looked for.
    """

    valid_on: date
    levels: tuple[str, ...] = ()
    known_on: date | None = None
    readings: Mapping[str, str] = field(default_factory=dict)
    documents_assumed: bool = False
    quantities: Mapping[str, Any] = field(default_factory=dict)
    levers: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that fits its pack: the levels in their order and an alternative for every reading."""

    request: Request
    levels: tuple[str, ...]
    readings: Mapping[str, str]


def settle_request(request: Request, pack: Pack) -> Asked:
    """Check *request* against *pack*.

    Raises:
        ProblemsError: levels, readings, alternatives or quantities that the pack does not have, a reading that its
            overlay settled otherwise, an inconsistent combination of readings; all problems together.
    """
    problems = Collector()
    for level in request.levels:
        if level not in pack.levels:
            problems.add(Problem("evaluation.level-unknown", found=level, accepted=", ".join(pack.levels)))
    readings = {name: reading.settled or reading.default for name, reading in pack.readings.items()}
    for name, alternative in request.readings.items():
        reading = pack.readings.get(name)
        if reading is None:
            problems.add(Problem("evaluation.reading-unknown", found=name, accepted=", ".join(pack.readings)))
        elif alternative not in reading.alternatives:
            problems.add(Problem("evaluation.alternative-unknown", found=f"{name}={alternative}",
                                 accepted=", ".join(reading.alternatives)))
        elif reading.settled not in (None, alternative):
            problems.add(Problem("evaluation.reading-settled", found=f"{name}={alternative}", accepted=reading.settled))
        else:
            readings[name] = alternative
    for key in request.quantities:
        if not _has_quantity(pack, key):
            problems.add(Problem("evaluation.quantity-unknown", found=key))
    if not problems and (number := inconsistent(pack, readings)) is not None:
        found = ", ".join(f"{n}={a}" for n, a in pack.inconsistent[number].items())
        problems.add(Problem("evaluation.readings-inconsistent", found=found))
    problems.raise_errors()
    ordered = sorted(pack.levels.values(), key=lambda level: level.order)
    lowest = ordered[0].order if ordered else 0
    levels = tuple(v.id for v in ordered if (v.id in request.levels if request.levels else v.order == lowest))
    return Asked(request, levels, readings)


def _has_quantity(pack: Pack, key: str) -> bool:
    owner, _, name = key.rpartition("/")
    criterion = pack.criteria.get(owner)
    return key in pack.quantities if not owner else criterion is not None and name in criterion.quantities
