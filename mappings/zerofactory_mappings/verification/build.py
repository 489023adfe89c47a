"""A package to begin with: what is verified, what was agreed on, the sample, the rows to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.disclosures.subject import name_of_dossier
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.check import sampled
from zerofactory_mappings.verification.evidence import evidence
from zerofactory_mappings.verification.materiality import TOTAL
from zerofactory_mappings.verification.model import FORMAT
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.statement import Statement, options_json, planned

#: Sections whose entries an earlier package hands on.
_KEPT = ("verifier", "team", "misstatements", "nonconformities", "limitations", "review", "opinion", "facts_after")
#: Lists with rows of the dossier: section → key.
_ROWS = {"heat": "row", "metering": "meter", "gaps": "gap", "cross_checks": "row"}


def new_package(statement: Statement, *, assurance: str, materiality: Sequence[Mapping[str, Any]], language: str,
                coverage: Decimal | None = None, monetary_units: int = 0, tolerance: Decimal | None = None,
                plan_date: date | None = None, before: Part | None = None) -> tuple[Part, tuple[Problem, ...]]:
    """The package for *statement*; *before*: an earlier one whose entries are handed on.

    The second value: notes on entries of *before* that name nothing any more and were left out.
    """
    values: dict[str, Any] = {"format": FORMAT, "subject": subject(statement, language)}
    old = before if before is not None else Part({})
    values["engagement"] = {"kind": "verification", "standard": "ISO 14064-3:2019", **old.part("engagement").values,
                            "assurance": assurance, **({"plan_date": plan_date} if plan_date is not None else {})}
    values["materiality"] = [dict(m) for m in materiality]
    sampling: dict[str, Any] = {**old.part("sampling").values}
    if coverage is not None or "coverage" not in sampling:      # the plan fixes it, whatever the table says later
        sampling["coverage"] = tables.default_coverage(assurance).value if coverage is None else coverage
    if monetary_units:
        sampling["monetary_units"] = monetary_units
    if tolerance is not None:
        sampling["tolerance_percent"] = tolerance
    values["sampling"] = sampling
    values |= {name: old.values[name] for name in _KEPT if name in old.values}
    notes = _rows(values, statement, old)
    return Part(values), notes


def subject(statement: Statement, language: str) -> dict[str, Any]:
    """What is verified, with the hashes by which a change is found."""
    dossier = statement.dossier
    organisation = dossier.organisation.get("name")
    named = organisation.get(language) or next(iter(organisation.values()), None) if isinstance(
        organisation, Mapping) else organisation
    total = planned(statement.totals[TOTAL])
    made: dict[str, Any] = {
        "dossier": dossier.id, "sha256": dossier.sha256, "lines_sha256": statement.lines_sha256,
        "organisation": named, "facility": name_of_dossier(dossier)[language], "period_start": dossier.period.start,
        "period_end": dossier.period.end, "basis": statement.basis, "categories": list(statement.categories) or None,
        "lines": len(statement.lines), "total_tCO2e": total, **options_json(statement)}
    return {k: v for k, v in made.items() if v is not None}


def _rows(values: dict[str, Any], statement: Statement, old: Part) -> tuple[Problem, ...]:
    """The sampled lines and the rows of the sheets, with what an earlier package has for them."""
    notes: list[Problem] = []
    items = {part.text("line") or "": part for part in old.each("items")}
    plan = sampled(Part(values), statement)
    lines: list[dict[str, Any]] = []
    for row in plan.selected:
        kept = dict(items.pop(row.of.id).values) if row.of.id in items else {}
        kept.pop("planned_tCO2e", None)
        figure = planned(row.of.emissions)
        lines.append({"line": row.of.id, **({} if figure is None else {"planned_tCO2e": figure}), **kept})
    lines += _left(items, "items", frozenset(statement.by_id), notes)
    values["items"] = lines
    found = evidence(statement, Part(values), frozenset(r.of.row for r in plan.selected))
    known: Mapping[str, Iterable[str]] = {
        "heat": [h.row.id for h in found.heat], "metering": [m.row.id for m in found.meters],
        "gaps": [g.id for g in found.gaps], "cross_checks": [c.key for c in found.checks]}
    for section, key in _ROWS.items():
        answers = {part.text(key) or "": part for part in old.each(section)}
        rows = [{key: name, **(dict(answers.pop(name).values) if name in answers else {})} for name in known[section]]
        series = frozenset(f"{t}/{r.id}" for t, rs in statement.dossier.rows.items() for r in rs)
        rows += _left(answers, section, series if section == "cross_checks" else frozenset(), notes)
        if rows:
            values[section] = rows
    return tuple(notes)


def _left(answers: Mapping[str, Part], section: str, known: frozenset[str], notes: list[Problem]
          ) -> list[dict[str, Any]]:
    """Entries beside the sample: kept while they name something, otherwise told and left out."""
    kept = []
    for name, part in answers.items():
        if name in known:
            kept.append({k: v for k, v in part.values.items() if k != "planned_tCO2e"})
        elif len(part.values) > 1:
            notes.append(Problem("verification.entry-dropped", part.place, Severity.WARNING, found=name,
                                 args={"section": section}))
    return kept
