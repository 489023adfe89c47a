"""Whether every line that the accounting can make has a place in every scheme."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from zerofactory_engine.accounting.classification import classification
from zerofactory_mappings.crosswalk.build import schemes

#: Stands for lines whose factor did not tell gases apart, and for gases outside the seven families.
UNSPLIT, OTHER = "CO2e", "other"


def possible() -> Iterator[tuple[str, str, str | None]]:
    """Every combination of source type, family of gases and place that the accounting can make."""
    table = classification()
    families = tuple(dict.fromkeys(table.families.values()))
    for source in table.sources:
        for gas in (*families, UNSPLIT):
            yield source, gas, None
            if source.startswith("exported_"):
                yield source, gas, "exported"
        yield source, "CO2", "biogenic_co2"
        yield source, OTHER, "other_gas"


def uncovered() -> Iterator[tuple[str, str, str, str | None]]:
    """Scheme and combination of which no rule of the scheme speaks."""
    for scheme, (source, gas, outside) in product(schemes().values(), tuple(possible())):
        if not any(rule.fits(source, gas, outside) for rule in scheme.rules):
            yield scheme.id, source, gas, outside


def unused() -> Iterator[tuple[str, str]]:
    """Rules that no combination reaches, because another one always comes first."""
    for scheme in schemes().values():
        reached = set()
        for source, gas, outside in possible():
            rule = next((r for r in scheme.rules if r.fits(source, gas, outside)), None)
            if rule is not None:
                reached.add(rule.id)
        yield from ((scheme.id, rule.id) for rule in scheme.rules if rule.id not in reached)
