"""How much of each total is estimated: by table and column, over the rows that count in it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import structure

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Dossier, Row

#: Ways of obtaining a figure that count as estimates.
ESTIMATED = frozenset({"estimated", "default"})
#: Columns whose codes make rows of one table different things; a total never runs over two of them.
_APART = ("flow", "direction", "carrier", "medium", "gas", "category")


@dataclass(frozen=True, slots=True)
class EstimatedShare:
    """The estimated part of a total in base units. *group* are the codes that the total is of; *rows* the estimates."""

    table: str
    column: str
    group: tuple[tuple[str, str], ...]
    estimated: Decimal
    total: Decimal
    rows: tuple[Row, ...]

    @property
    def share(self) -> Decimal | None:
        """Estimated over total; None when the total is zero."""
        return CONTEXT.divide(self.estimated, self.total) if self.total else None


def estimated_shares(dossier: Dossier) -> tuple[EstimatedShare, ...]:
    """Of every amount that some rows estimate, how much; in the order of the tables."""
    made = []
    for table in structure.SERIES_TABLES:
        rows = dossier.rows.get(table, ())
        for column in structure.tables()[table].columns.values():
            if column.kind != "amount" or not (column.target or table in ("storage", "fugitive", "carbon_capture")):
                continue
            groups: dict[tuple[tuple[str, str], ...], list[Row]] = {}
            for row in rows:
                if isinstance(row.values.get(column.name), Decimal):
                    key = tuple((n, str(row.values[n])) for n in _APART if row.values.get(n) is not None)
                    groups.setdefault(key, []).append(row)
            for group, members in groups.items():
                guessed = tuple(r for r in members if r.obtained in ESTIMATED)
                if guessed:
                    made.append(EstimatedShare(table, column.name, group, _total(guessed, column.name),
                                               _total(members, column.name), guessed))
    return tuple(made)


def _total(rows: tuple[Row, ...] | list[Row], column: str) -> Decimal:
    total = Decimal(0)
    for row in rows:
        total = CONTEXT.add(total, row.values[column])
    return total
