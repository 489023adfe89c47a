"""What the packs of Chinese schemes ask for beside the lines: heat, metering, data gaps, cross-checks row by row.

Each has what the dossier states, what a program can say of it, and what the verifier answered.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.terms import product
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.structure import SERIES_TABLES
from zerofactory_engine.reasons import Reason
from zerofactory_mappings.verification.part import Part

if TYPE_CHECKING:
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_engine.dossier.model import Dossier, Row
    from zerofactory_mappings.verification.statement import Statement

#: How a figure was obtained when it was not measured.
_ESTIMATED = "estimated"
#: Sources that a verifier can hold against a row.
SOURCES = ("invoice", "meter", "settlement", "other")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Heat:
    """A row of heat: *GJ* as the inventory computes it, None not known; *differs*: verified less than or more than."""

    row: Row
    gj: Decimal | None
    sampled: bool
    verified: Decimal | None
    confirmed: bool | None

    @property
    def difference(self) -> Decimal | None:
        """Reported less verified, GJ."""
        return None if self.gj is None or self.verified is None else CONTEXT.subtract(self.gj, self.verified)

    def as_json(self) -> dict[str, Any]:
        """Row, figures, answers."""
        return {"row": self.row.id, "GJ": self.gj, "sampled": self.sampled, "verified_GJ": self.verified,
                "difference_GJ": self.difference, "confirmed": self.confirmed}


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter. *valid*: its calibration, as stated, spans its service in the period; None when dates are missing.

    *sampled*: a sampled line rests on it.
    """

    row: Row
    valid: bool | None
    sampled: bool
    seen: bool | None
    calibrated: bool | None

    def as_json(self) -> dict[str, Any]:
        """Meter, what is stated, answers."""
        return {"meter": self.row.id, "calibration_as_stated": self.valid, "sampled": self.sampled, "seen": self.seen,
                "calibrated": self.calibrated}


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap. *kind*: ``stated`` (row of the table of gaps), ``estimated`` (row of a series), ``table`` (a table that is
    not declared complete or has a hole). *about*: the row or table that it is about."""

    id: str
    kind: str
    about: str
    row: Row | None
    accepted: bool | None
    reason: Reason | None = None

    def as_json(self) -> dict[str, Any]:
        """Id, kind and answer."""
        return {"gap": self.id, "kind": self.kind, "about": self.about, "accepted": self.accepted}


@dataclass(frozen=True, slots=True)
class Check:
    """A row held against other sources. *values*: source → figure, what the dossier states among them (``b``, ``c``).

    *difference*: the largest deviation from *reported* as a share; *tolerance* as a share; *within*: None when nothing
    was compared or there is no tolerance for a difference.
    """

    row: Row
    quantity: str
    unit: str | None
    reported: Decimal | None
    values: Mapping[str, Decimal]
    difference: Decimal | None
    tolerance: Decimal | None
    within: bool | None
    explanation: str | None

    @property
    def key(self) -> str:
        """``electricity/E1``."""
        return f"{self.row.table}/{self.row.id}"

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"row": self.key, "unit": self.unit, "reported": self.reported, "values": dict(self.values),
                "difference": self.difference, "tolerance": self.tolerance, "within": self.within,
                "explained": self.explanation is not None}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All sheets of the packs. *unused*: rows of the package that name nothing in the dossier, by section."""

    heat: tuple[Heat, ...] = ()
    meters: tuple[Meter, ...] = ()
    gaps: tuple[Gap, ...] = ()
    checks: tuple[Check, ...] = ()
    unused: tuple[tuple[str, Part], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """By sheet."""
        return {"heat": list(self.heat), "metering": list(self.meters), "gaps": list(self.gaps),
                "cross_checks": list(self.checks)}


def evidence(statement: Statement, root: Part, sampled_rows: frozenset[str]) -> Evidence:
    """What the dossier of *statement* has for the sheets of the packs, with the answers of *root*."""
    dossier = statement.dossier
    heat = tuple(_heat(statement, _answers(root, "heat", "row"), sampled_rows))
    meters = tuple(_meters(dossier, _answers(root, "metering", "meter"), sampled_rows))
    gaps = tuple(g for g in _gaps(dossier, _answers(root, "gaps", "gap")) if not statement.leaves_out(g.about))
    checks = tuple(_checks(dossier, root, sampled_rows))
    known = {"heat": {h.row.id for h in heat}, "metering": {m.row.id for m in meters}, "gaps": {g.id for g in gaps},
             "cross_checks": {c.key for c in checks}}
    keys = {"heat": "row", "metering": "meter", "gaps": "gap", "cross_checks": "row"}
    unused = tuple((section, part) for section, names in known.items() for part in root.each(section)
                   if part.text(keys[section]) not in names)
    return Evidence(heat, meters, gaps, checks, unused)


def _answers(root: Part, section: str, key: str) -> dict[str, Part]:
    return {part.text(key) or "": part for part in root.each(section)}


_NOTHING = Part({})


def _heat(statement: Statement, answers: Mapping[str, Part], sampled: frozenset[str]) -> Iterator[Heat]:
    lines: dict[str, list[Line]] = {}
    for line in statement.inventory.lines:
        if line.table == "heat":
            lines.setdefault(line.row, []).append(line)
    for row in statement.dossier.rows.get("heat", ()):
        if statement.dossier.is_outside(row) or statement.leaves_out(f"heat/{row.id}"):
            continue
        answer = answers.get(row.id, _NOTHING)
        yield Heat(row, _gigajoules(row, lines.get(row.id, ())), f"heat/{row.id}" in sampled,
                   answer.number("verified_GJ"), answer.flag("confirmed"))


def _gigajoules(row: Row, lines: Sequence[Line]) -> Decimal | None:
    """The heat of a row as its line items compute it (before the factor per GJ), else as stated; None not known."""
    stated = row.get("GJ")
    if isinstance(stated, Decimal):
        return stated
    total: Decimal | None = None
    for line in lines:
        for terms in line.location.slices:
            before = tuple(itertools.takewhile(lambda t: not t.unit.endswith("/GJ"), terms))
            heat = product(before) if len(before) < len(terms) else None
            if not isinstance(heat, Decimal):
                return None
            total = heat if total is None else CONTEXT.add(total, heat)
    return total


def _meters(dossier: Dossier, answers: Mapping[str, Part], sampled: frozenset[str]) -> Iterator[Meter]:
    used = {row.meter for table in SERIES_TABLES for row in dossier.rows.get(table, ())
            if f"{table}/{row.id}" in sampled and row.meter is not None}
    for row in dossier.rows.get("meters", ()):
        answer = answers.get(row.id, _NOTHING)
        yield Meter(row, calibration_valid(row, dossier.period.start, dossier.period.end), row.id in used,
                    answer.flag("seen"), answer.flag("calibrated"))


def calibration_valid(meter: Row, start: date, end: date) -> bool | None:
    """Whether the stated dates of calibration span the meter's service from *start* to *end*; None: no dates."""
    since, until = meter.get("calibrated_on"), meter.get("calibrated_until")
    first = max(start, meter.get("in_service_from") or start)
    last = min(end, meter.get("in_service_to") or end)
    if (since is not None and since > first) or (until is not None and until < last):
        return False
    return None if since is None or until is None else True


def _gaps(dossier: Dossier, answers: Mapping[str, Part]) -> Iterator[Gap]:
    stated: set[str] = set()
    for row in dossier.rows.get("gaps", ()):
        about = _about(dossier, row.get("row"))
        stated.add(about)
        yield Gap(row.id, "stated", about, row, answers.get(row.id, _NOTHING).flag("accepted"))
    for table in SERIES_TABLES:
        for row in dossier.rows.get(table, ()):
            key = f"{table}/{row.id}"
            if row.obtained == _ESTIMATED and key not in stated and not dossier.is_outside(row):
                yield Gap(key, "estimated", key, row, answers.get(key, _NOTHING).flag("accepted"))
        reasons = dossier.tables[table].gaps if dossier.rows.get(table) else ()
        for number, reason in enumerate(reasons, 1):
            ident = f"{table}#{number}"
            yield Gap(ident, "table", table, None, answers.get(ident, _NOTHING).flag("accepted"), reason)


def _about(dossier: Dossier, row_id: str | None) -> str:
    for table in SERIES_TABLES:
        if row_id is not None and dossier.row(table, row_id) is not None:
            return f"{table}/{row_id}"
    return row_id or ""


def _checks(dossier: Dossier, root: Part, sampled: frozenset[str]) -> Iterator[Check]:
    answers = _answers(root, "cross_checks", "row")
    general = root.part("sampling").number("tolerance_percent")
    for row in dossier.rows.get("crosschecks", ()):
        reported, own = row.get("value_a"), row.get("tolerance_percent")
        yield _check(row, str(row.get("quantity") or ""), row.get("unit"),
                     reported if isinstance(reported, Decimal) else None, dict(_compared(row)), answers,
                     own if isinstance(own, Decimal) else _share(general))
    for table in SERIES_TABLES:
        for row in dossier.rows.get(table, ()):
            key = f"{table}/{row.id}"
            if (key in sampled or key in answers) and (found := activity(row)) is not None:
                column, unit, value = found
                yield _check(row, column, unit, value, {}, answers, _share(general))


def _compared(row: Row) -> Iterator[tuple[str, Decimal]]:
    """The second and third source of a cross-check of the dossier, the second after its reconciling items."""
    second, third = row.get("value_b"), row.get("value_c")
    items = [item["amount"] for item in row.get("reconciling") or () if isinstance(item.get("amount"), Decimal)]
    if isinstance(second, Decimal):
        for amount in items:
            second = CONTEXT.add(second, amount)
        yield "b_reconciled" if items else "b", second
    if isinstance(third, Decimal):
        yield "c", third


def activity(row: Row) -> tuple[str, str | None, Decimal] | None:
    """Column, unit and figure of a row's activity: the first amount that it states; None when it states none."""
    shape = structure.tables()[row.table]
    for column in shape.targets:
        value = row.get(column.name)
        if isinstance(value, Decimal):
            return column.name, None if column.unit is None else column.unit.text, value
    return None


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else CONTEXT.divide(percent, _HUNDRED)


def _check(row: Row, quantity: str, unit: str | None, reported: Decimal | None, stated: Mapping[str, Decimal],
           answers: Mapping[str, Part], tolerance: Decimal | None) -> Check:
    answer = answers.get(f"{row.table}/{row.id}", _NOTHING)
    entered = {name: v for name in SOURCES if (v := answer.number(name)) is not None}
    values = {**stated, **entered}
    if (own := answer.number("tolerance_percent")) is not None:
        tolerance = _share(own)
    difference = deviation(reported, list(values.values()))
    within = None
    if difference is not None and (tolerance is not None or not difference):
        within = not difference or (tolerance is not None and difference <= tolerance)
    return Check(row, quantity, unit, reported, values, difference, tolerance, within, answer.text("explanation"))


def deviation(reported: Decimal | None, values: Sequence[Decimal]) -> Decimal | None:
    """The largest |value − reported| as a share of |reported|; None without values, or when reported is nothing."""
    if reported is None or not values:
        return None
    if not reported:
        return None if any(values) else Decimal(0)
    return max(CONTEXT.divide(abs(CONTEXT.subtract(v, reported)), abs(reported)) for v in values)
