"""What is slow and asked for often: products of installations by ``compute``, and default values; each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import Basis, Installation
from zerofactory_mappings.cbam.obligation.model import Computed

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.defaults.model import DefaultSet, DefaultValue
    from zerofactory_mappings.cbam.result import CbamResult
    from zerofactory_mappings.cbam.scope import Country


@dataclass(frozen=True, slots=True)
class ProductValues:
    """Per unit of sale: counted embedded emissions and free allocation; *reasons* why one is None."""

    see_direct: Decimal | None
    see_indirect: Decimal | None
    sefa: Decimal | None
    reasons: tuple[Problem, ...] = ()
    provisional: tuple[str, ...] = ()


class Computations:
    """Results of installations by year and readings; default values by code, country and year."""

    def __init__(self) -> None:
        self._results: dict[tuple[object, ...], CbamResult] = {}
        self._values: dict[tuple[object, ...], DefaultValue | ProblemsError] = {}

    def default_value(self, code: str, country: Country | None, year: int, variant: str | None,
                      sets: Sequence[DefaultSet] | None) -> DefaultValue:
        """As :func:`zerofactory_mappings.cbam.defaults.lookup.lookup`, looked up once; raises the same."""
        from zerofactory_mappings.cbam.defaults.lookup import lookup

        key = (code, None if country is None else country.id, year, variant)
        if key not in self._values:
            try:
                self._values[key] = lookup(code, country, year=year, variant=variant, sets=sets)
            except ProblemsError as error:
                self._values[key] = error
        found = self._values[key]
        if isinstance(found, ProblemsError):
            raise found
        return found

    def product(self, wanted: Computed, imported: int, produced: int, readings: Mapping[str, str],
                sets: Sequence[DefaultSet] | None) -> ProductValues:
        """The values of a product made in *produced* and imported in *imported*."""
        key = (id(wanted.installation), imported, produced, tuple(sorted(readings.items())))
        if key not in self._results:
            self._results[key] = compute(in_year(wanted.installation, produced), Basis.DEFINITIVE, import_year=imported,
                                         readings=readings, sets=sets)
        result = self._results[key]
        found = next(p for p in result.products if wanted.product in (p.name, p.cn_code))
        sefa, reasons = found.sefa, list[Problem]()
        if readings["joint_process_benchmark"] == "unknown" and any(p.included for p in result.given.processes):
            sefa = None
            reasons.append(Problem("cbam-obligation.joint-process", wanted.place, Severity.WARNING,
                                   found=wanted.product))
        if found.see_direct is None or found.see_indirect is None or found.sefa is None:
            reasons += [replace(p, severity=Severity.WARNING) for p in result.problems
                        if p.severity is not Severity.NOTE]
        return ProductValues(found.see_direct, found.see_indirect, sefa, tuple(reasons), result.provisional)


def in_year(installation: Installation, year: int) -> Installation:
    """The installation with its reporting period moved to *year*, everything else the same."""
    end = installation.period_end
    if end is None or end.year == year:
        return installation
    start = installation.period_start
    return replace(installation, period_end=_moved(end, year - end.year),
                   period_start=None if start is None else _moved(start, year - end.year))


def _moved(day: date, years: int) -> date:
    """*day* so many years later; 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
