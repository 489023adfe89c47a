"""How figures were quantified: approach by source and method, factor sets, and factors that rows state themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.lines import Line
from zerofactory_engine.accounting.totals import total
from zerofactory_mappings.iso14064_1.model import Approach, RowFactor, SetUsed
from zerofactory_mappings.iso14064_1.stated import best_for

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.dossier import Dossier
    from zerofactory_mappings.disclosures.statement import Statement

#: Names of terms that are a factor which a row states itself.
_OWN = frozenset({"factor", "supplier_factor"})
#: The method of a line that only says that its table is not complete.
NOT_COMPLETE = "not_complete"


def approaches(counted: Iterable[Line], statement: Statement) -> tuple[Approach, ...]:
    """One row for each subcategory, source type and method, with the reason that the statement gives."""
    groups: dict[tuple[str, str, str], list[Line]] = {}
    for line in counted:
        if line.method != NOT_COMPLETE:
            groups.setdefault((line.iso_subcategory, line.source.code, line.method), []).append(line)
    entries = statement.rows("approaches")
    single = {str(e["source"]): e for e in entries if e.get("source")}
    general = next((e for e in entries if not e.get("source") and not e.get("category")), None)
    out = []
    for (code, source, method), of in sorted(groups.items()):
        said = single.get(source) or _of_rows(of, single) or best_for(code, entries) or general or {}
        out.append(Approach(code, source, method, len(of), total(of, "location"), said.get("approach"),
                            said.get("reason")))
    return tuple(out)


def _of_rows(lines: Sequence[Line], single: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What is said about rows, when it is said about every row of the group in the same words."""
    if not single:
        return None
    found: Mapping[str, Any] | None = None
    for line in lines:
        said = single.get(line.row) or single.get(f"{line.table}/{line.row}")
        if said is None or (found is not None and said is not found):
            return None
        found = said
    return found


def factor_sets(inventory: Inventory) -> tuple[SetUsed, ...]:
    """The factor set of each role with its pin, and whether anything rests on it."""
    used = {entry.set_id for entry in inventory.entries}
    return tuple(SetUsed(role, found.id, found.pin.version, found.title, found.publisher, found.id in used)
                 for role, found in sorted(inventory.sets.items()))


def row_factors(dossier: Dossier, lines: Iterable[Line]) -> tuple[RowFactor, ...]:
    """Factors that rows state, each value with its unit, source and year once."""
    tables: dict[str, Mapping[str, Mapping[str, Any]]] = {}
    found: dict[tuple[str, str, str, str], RowFactor] = {}
    for line in lines:
        for term in {t.name: t for s in (*line.location.slices, *line.market.slices) for t in s
                     if t.entry is None and t.name in _OWN and "/" in t.unit}.values():
            rows = tables.get(line.table)
            if rows is None:
                rows = tables[line.table] = {r.id: r.values for r in dossier.rows.get(line.table, ())}
            values = rows.get(line.row, {})
            source = values.get("factor_source" if term.name == "factor" else "supplier")
            year = values.get("factor_year")
            key = (repr(term.value), term.unit, str(source), str(year))
            before = found.get(key)
            found[key] = RowFactor(term.value, term.unit, None if source is None else str(source),
                                   None if year is None else str(year),
                                   before.first_row if before else f"{line.table}/{line.row}",
                                   before.lines + 1 if before else 1)
    return tuple(found.values())
