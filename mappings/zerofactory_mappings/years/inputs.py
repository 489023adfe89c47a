"""From what was asked for to a comparison: dossiers, a statement of the report, sold parts and bought facilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.accounting import FactorLibrary, Options
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.disclosures.statement import EMPTY, Statement, picked, read_statement
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.uncertainty import Settings
from zerofactory_mappings.years.build import build
from zerofactory_mappings.years.changes import Acquired, Change, Correction, Sold
from zerofactory_mappings.years.model import Comparison, StatedChange

#: The standard whose table says which changes of a boundary take a part out of the base year.
STANDARD = "iso-14064-1-2018"
_HUNDRED = Decimal(100)


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked for: files, and choices that the files do not make. *threshold* in percent."""

    dossiers: Sequence[Path]
    statement: Path | None = None
    acquired: Sequence[Path] = ()
    sold: Sequence[str] = ()
    now: Options = field(default_factory=Options)
    then: Options | None = None
    threshold: Decimal | None = None
    against: str = "all"
    measure: str | None = None
    annualise: bool = False
    settings: Settings = field(default_factory=Settings)
    factors: Sequence[Path] = ()


@dataclass(frozen=True, eq=False)
class Loaded:
    """The comparison, the statement, and the warnings of reading its files."""

    comparison: Comparison
    statement: Statement
    problems: tuple[Problem, ...]


def load(asked: Asked) -> Loaded:
    """Read every file and compare.

    Raises:
        ProblemsError: everything that is wrong in any of the files, or with what was asked.
    """
    problems: list[Problem] = []
    compared, bought = (_read(paths, problems) for paths in (asked.dossiers, asked.acquired))
    statement = EMPTY
    if asked.statement is not None:
        try:
            statement = read_statement(asked.statement.read_bytes(), asked.statement.name)
        except ProblemsError as error:
            problems += error.problems
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    ordered = sorted(compared, key=lambda d: (d.period.start, d.period.end, d.id))
    changes = _changes(ordered, bought, asked.sold, statement)
    threshold = asked.threshold if asked.threshold is not None else statement.get("base_year.threshold_percent")
    comparison = build(
        ordered, then=asked.then or _then(statement, asked.now) or asked.now, now=asked.now, changes=changes,
        library=FactorLibrary.shipped(asked.factors), annualise=asked.annualise, measure=asked.measure,
        threshold=CONTEXT.divide(threshold, _HUNDRED) if isinstance(threshold, Decimal) else None,
        threshold_from=None if asked.threshold is not None else statement.file,
        policy=statement.get("base_year.policy"), against=asked.against, settings=asked.settings,
        stated_changes=_stated(statement))
    stated = statement.get("base_year.year") or ordered[-1].base_year.get("year")
    if stated is not None and int(stated) != ordered[0].period.start.year:
        problems.append(Problem("years.not-the-base-year", Place(path=ordered[0].id), Severity.WARNING,
                                found=comparison.years[0].label, args={"stated": str(int(stated))}))
    return Loaded(comparison, statement, tuple(problems))


def _read(paths: Iterable[Path], problems: list[Problem]) -> list[Dossier]:
    """The dossiers; what keeps one from being read goes to *problems* with the name of its file."""
    out: list[Dossier] = []
    for path in paths:
        try:
            out.append(read_dossier(path).dossier)
        except ProblemsError as error:
            problems += [p if p.place.file else replace(p, place=replace(p.place, file=path.name))
                         for p in error.problems]
    return out


def _then(statement: Statement, now: Options) -> Options | None:
    """The options that the statement says the base year was reported with; None when it says nothing."""
    said = statement.get("base_year.reported_with")
    if not isinstance(said, Mapping):
        return None
    return replace(now, factor_sets={**now.factor_sets, **(said.get("factor_sets") or {})},
                   options={**now.options, **(said.get("options") or {})},
                   known_on=said.get("known_on") or now.known_on)


def _changes(ordered: Sequence[Dossier], bought: Sequence[Dossier], sold: Sequence[str], statement: Statement
             ) -> dict[str, list[Change]]:
    """Changes by dossier id: corrections of the base year, parts that were sold, facilities that were bought."""
    problems: list[Problem] = []
    out: dict[str, list[Change]] = {d.id: [] for d in ordered}
    if not ordered:
        return out
    base, latest = ordered[0], ordered[-1]
    for entry in statement.rows("base_year.corrections"):
        table, _, row = str(entry["row"]).partition("/")
        out[base.id].append(Correction.of(table, row, str(entry["column"]), str(entry["value"]),
                                          entry["reason"]))
    gone = dict.fromkeys(sold, "") | _declared_sold(latest)
    for part in sold:
        if not any(part in _parts(d) for d in ordered):
            accepted = ", ".join(dict.fromkeys(p for d in ordered for p in _parts(d)))
            problems.append(Problem("years.no-such-part", Place(path="boundary.parts"), found=part,
                                    accepted=accepted or None))
    for dossier in ordered:
        out[dossier.id] += [Sold.of(part, reason) for part, reason in gone.items() if part in _parts(dossier)]
    for facility in bought:
        period = (facility.period.start, facility.period.end)
        fitting = [d for d in ordered if (d.period.start, d.period.end) == period]
        if not fitting:
            problems.append(Problem(
                "years.acquired-nowhere", Place(path=facility.id), found=f"{period[0]} … {period[1]}",
                accepted=", ".join(f"{d.period.start} … {d.period.end}" for d in ordered)))
        for dossier in fitting:
            out[dossier.id].append(Acquired.of(facility, ""))
    if problems:
        raise ProblemsError(problems)
    return out


def _parts(dossier: Dossier) -> list[str]:
    return [str(p["id"]) for p in dossier.boundary.get("parts") or () if p.get("id")]


def _declared_sold(latest: Dossier) -> dict[str, str]:
    """Parts that the latest dossier declares as sold or shut out, with what it says of them."""
    kinds = frozenset(table_of(STANDARD, "rules")["sold_kinds"])
    return {str(c["part"]): str(c.get("what") or "") for c in latest.boundary.get("changes") or ()
            if c.get("kind") in kinds and c.get("part")}


def _stated(statement: Statement) -> tuple[StatedChange, ...]:
    """Changes of approach that the statement tells in words."""
    return tuple(StatedChange("—", str(entry.get("on") or ""), _both(entry.get("what"), entry),
                              _both(entry.get("reason"), {})) for entry in statement.rows("changes"))


def _both(text: Any, entry: Mapping[str, Any]) -> dict[str, str]:
    """A text in both languages, with what it was before and after."""
    return {lang: picked(text, lang) + _before_after(entry, lang) for lang in ("zh", "en")}


def _before_after(entry: Mapping[str, Any], lang: str) -> str:
    if not entry.get("before") and not entry.get("after"):
        return ""
    return f": {picked(entry.get('before'), lang) or '—'} → {picked(entry.get('after'), lang) or '—'}"
