"""What limits the comparability of a base year that is computed again (ISO 14064-1:2018, 9.3.1 l)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.totals import BASES
from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.completeness import Said
from zerofactory_mappings.years.names import group_title

if TYPE_CHECKING:
    from zerofactory_mappings.years.changes import State
    from zerofactory_mappings.years.recalculate import Computed

#: Figures of the base year that the dossier may state, and the total and basis that computes the same thing.
STATED = {"total_emissions": ("all", "location"), "scope_1_emissions": ("scope/1", "location"),
          "scope_2_location_emissions": ("scope/2", "location"), "scope_2_market_emissions": ("scope/2", "market"),
          "scope_3_emissions": ("scope/3", "location")}


def limits_of(base: Dossier, original: Computed, state: State) -> tuple[Said, ...]:
    """Every limit that can be seen from the evidence, in a fixed order."""
    out: list[Said] = []
    if base.period.months != Decimal(12):
        out.append(Said("years.limit-part-year", {"from": str(base.period.start), "to": str(base.period.end)}))
    for name, (group, basis) in STATED.items():
        stated = next((f.get("amount") for f in base.base_year.get("figures") or () if f.get("figure") == name), None)
        computed = original.total(group, basis)
        if isinstance(stated, Decimal) and isinstance(computed, Decimal) and stated != computed:
            out.append(Said("years.limit-stated-differs", {"figure": group_title(group), "stated": plain(stated),
                                                           "computed": plain(computed)}))
    out += [Said("years.limit-unknown", {"group": group_title(group)}) for group in ("scope/1", "scope/2", "scope/3")
            if any(isinstance(original.total(group, basis), Unknown) for basis in BASES)]
    estimated = sum(1 for rows in base.rows.values() for row in rows if row.obtained == "estimated")
    if estimated:
        out.append(Said("years.limit-estimated", {"rows": str(estimated)}))
    out += [Said("years.limit-excluded", {"what": str(e.get("what") or e.get("id") or "")})
            for e in base.boundary.get("exclusions") or ()]
    out += [said for n, said in enumerate(state.limits) if said not in state.limits[:n]]
    if state.unclear:
        out.append(Said("years.limit-unclear", {"count": str(len(state.unclear))}))
    if state.options.known_on is not None:
        out.append(Said("years.limit-known-on", {"on": str(state.options.known_on)}))
    return tuple(out)
