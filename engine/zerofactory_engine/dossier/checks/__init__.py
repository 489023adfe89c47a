"""What is wrong in substance: evidence that loads, and becomes a finding. A module a subject, a function a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from zerofactory_engine.dossier.checks import amounts, certificates, documents, energy, entities, series

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Dossier
    from zerofactory_engine.problems import Problem

CHECKS: tuple[Callable[[Dossier], Iterator[Problem]], ...] = (
    entities.identifiers, entities.titles, entities.management_systems, entities.boundary, entities.disorder,
    series.rows_that_overlap, series.holes_in_series, series.meters_without_rows, series.period_edges,
    series.gap_entries, series.empty_tables, series.calibration,
    amounts.negative_rows, amounts.shares, amounts.estimates, amounts.crosschecks, amounts.readings,
    energy.feedstock, energy.storage_discharge, energy.steam_state,
    certificates.serials, certificates.expired, certificates.quantities,
    documents.coverage, documents.kinds, documents.expired, documents.repeated, documents.basis,
)


def run_checks(dossier: Dossier) -> tuple[Problem, ...]:
    """Every check, in a fixed order."""
    return tuple(problem for check in CHECKS for problem in check(dossier))
