"""Where the electricity of a period came from, and what certificates cover: sums over the dossier's own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.decimals import CONTEXT

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier

#: Order in which supplies are stacked; the discharge of a storage is never a supply.
SOURCES = ("grid", "green trade", "on-site", "direct line", "dedicated supply")


@dataclass(frozen=True, slots=True)
class Supply:
    """MWh consumed by source, MWh of unbundled certificates that count, and whether every row states its amount.

    *complete*: the applicant declared the table complete and every metered series tiles the period.
    """

    sources: Mapping[str, Decimal]
    certificates: Decimal
    complete: bool

    @property
    def total(self) -> Decimal:
        """All electricity consumed, MWh."""
        total = Decimal(0)
        for amount in self.sources.values():
            total = CONTEXT.add(total, amount)
        return total


def supply_of(dossier: Dossier, instruments: Sequence[Mapping[str, Any]]) -> Supply:
    """The supply of *dossier*; *instruments* are the inventory's: a certificate counts when they say so."""
    tables = dossier.scope(("electricity", "certificates"))
    electricity, certificates = tables["electricity"], tables["certificates"]
    found: dict[str, Decimal] = {}
    whole = not electricity.gaps
    for index in range(len(electricity)):
        row = electricity.row(index)
        source = row.get("source")
        if row.get("flow") != "consumed" or source not in SOURCES:
            continue
        if isinstance(row["MWh"], Decimal):
            found[source] = CONTEXT.add(found.get(source, Decimal(0)), row["MWh"])
        else:
            whole = False
    counting = {i["row"].partition("/")[2] for i in instruments
                if i["row"].startswith("certificates/") and i["counts"] == "yes"}
    covered = Decimal(0)
    for index, row_id in enumerate(certificates.row_ids):
        amount = certificates.row(index)["MWh"]
        if row_id in counting and isinstance(amount, Decimal):
            covered = CONTEXT.add(covered, amount)
    return Supply({s: found[s] for s in SOURCES if s in found}, covered, whole)
