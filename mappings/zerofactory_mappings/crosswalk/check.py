"""Whether every line that the accounting can make has a place in every scheme."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from zerofactory_engine.accounting.classification import classification
from zerofactory_mappings.crosswalk.build import schemes

#: Stands for lines whose factor did not tell gases apart, and for gases outside the seven families.
UNSPLIT, OTHER = "CO2e", "other"


def possible() -> Iterator[tuple[str, str, str | None, bool]]:
    """Every combination of source type, family of gases, place and biogenic origin that the accounting can make."""
    table = classification()
    families = tuple(dict.fromkeys(table.families.values()))
    for source in table.sources:
        for gas in (*families, UNSPLIT):
            yield source, gas, None, False
            yield source, gas, None, True         # CH4 and N2O of biomass; its CO2 under the option that counts it
            if source.startswith("exported_"):
                yield source, gas, "exported", False
        yield source, "CO2", "biogenic_co2", True
        yield source, OTHER, "other_gas", False


def uncovered() -> Iterator[tuple[str, str, str, str | None, bool]]:
    """Scheme and combination of which no rule of the scheme speaks."""
    for scheme, found in product(schemes().values(), tuple(possible())):
        if not any(rule.fits(*found) for rule in scheme.rules):
            yield scheme.id, *found


def unused() -> Iterator[tuple[str, str]]:
    """Rules that no combination reaches, because another one always comes first."""
    for scheme in schemes().values():
        reached = set()
        for found in possible():
            rule = next((r for r in scheme.rules if r.fits(*found)), None)
            if rule is not None:
                reached.add(rule.id)
        yield from ((scheme.id, rule.id) for rule in scheme.rules if rule.id not in reached)
