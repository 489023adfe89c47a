"""Law date and knowledge date choose a parameter's value; unknown and none are states of their own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from zerofactory_engine.evaluation.parameters import settle_parameter
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.model import Confidence, DatedValue, Parameter, Source, Special

SOURCE = Source("annex", "notice", Confidence.SECONDARY)


def value(start: str, number: object, end: str | None = None, recorded: str | None = None) -> DatedValue:
    return DatedValue(date.fromisoformat(start), number, SOURCE, date.fromisoformat(end) if end else None,
                      date.fromisoformat(recorded) if recorded else None)


OLD = value("2024-01-01", Decimal("0.28"), "2025-12-31")
NEW = value("2026-01-01", Decimal("0.30"))
CORRECTED = value("2026-01-01", Decimal("0.31"), recorded="2026-09-01")
OPEN = value("2026-05-01", Decimal("0.33"), recorded="2026-04-01")
VALUES = (OLD, NEW, CORRECTED, OPEN)
P = Parameter("ZCF-1.2/entry_share", {}, "number", "%", VALUES)


@pytest.mark.parametrize(("valid_on", "known_on", "expected"), [
    ("2024-01-01", None, OLD),
    ("2025-12-31", None, OLD),
    ("2026-01-01", None, CORRECTED),
    ("2026-01-01", "2026-08-31", NEW),
    ("2026-01-01", "2026-09-01", CORRECTED),
    ("2026-05-01", "2026-09-01", OPEN),
    ("2026-05-01", "2026-03-31", NEW),
    ("2026-05-01", "2026-04-01", OPEN),
])
def test_the_value_in_force_that_was_known(valid_on: str, known_on: str | None, expected: DatedValue) -> None:
    settled = settle_parameter(P, VALUES, date.fromisoformat(valid_on), date.fromisoformat(known_on) if known_on else None)
    assert (settled.state, settled.dated, settled.value) == ("value", expected, expected.value)


def missing(code: str, *args: tuple[str, str]) -> Unknown:
    return Unknown(Reason(Cause.LIMIT, "parameter:ZCF-1.2/entry_share", code, args))


def test_before_it_is_in_force_the_limit_is_not_known() -> None:
    settled = settle_parameter(P, VALUES, date(2023, 12, 31), None)
    assert (settled.state, settled.dated) == ("not_in_force", None)
    assert settled.value == missing("reason.limit-not-in-force", ("date", "2023-12-31"))


def test_in_force_but_not_yet_known_to_us() -> None:
    settled = settle_parameter(P, (CORRECTED,), date(2026, 2, 1), date(2026, 8, 31))
    assert settled.state == "not_known_then"
    assert settled.value == missing("reason.limit-not-known-then", ("date", "2026-08-31"))


def test_unknown_and_none_are_no_numbers() -> None:
    unknown, none = value("2026-01-01", Special.UNKNOWN), value("2026-01-01", Special.NONE)
    settled = settle_parameter(P, (unknown,), date(2026, 2, 1), None)
    assert (settled.state, settled.value, settled.dated) == ("unknown", missing("reason.limit-unknown"), unknown)
    settled = settle_parameter(P, (none,), date(2026, 2, 1), None)
    assert (settled.state, settled.value, settled.dated) == ("none", Special.NONE, none)
