"""Global warming potentials of one set; one inventory uses one set."""

from __future__ import annotations

from zerofactory_engine.accounting.factors import Entry, FactorSet
from zerofactory_engine.accounting.terms import Term, from_entry, missing_factor

#: Where the carbon of methane comes from.
FOSSIL = "fossil"
NON_FOSSIL = "non_fossil"
UNSPECIFIED = "unspecified"
#: The gas of a figure whose factor was already CO2-equivalent.
EQUIVALENT = "CO2e"


class Potentials:
    """Warming potentials by gas and origin. *by_origin* false: methane has the single value of the set."""

    def __init__(self, factors: FactorSet, *, by_origin: bool = True) -> None:
        self._factors = factors
        self._by_origin = by_origin
        self._terms: dict[tuple[str, str | None], Term] = {}

    def term(self, gas: str, origin: str | None = None) -> Term:
        """The potential of *gas* as a term; unknown when the set has none.

        Methane of unspecified origin has a value only where the set has a single one (AR4) or the option asks for it.
        """
        key = (gas, origin)
        if key not in self._terms:
            entry = self._entry(gas, origin)
            self._terms[key] = from_entry(entry, "gwp") if entry else missing_factor("gwp", gas, self._factors.id)
        return self._terms[key]

    def _entry(self, gas: str, origin: str | None) -> Entry | None:
        entries = self._factors.all(gas)
        if len(entries) <= 1:
            return entries[0] if entries else None
        wanted = (origin or UNSPECIFIED) if self._by_origin else UNSPECIFIED
        if wanted == UNSPECIFIED and self._by_origin:
            return None
        return self._factors.find(gas, variant=wanted)
