"""Match the credits of a dossier with the rows of registry downloads, by serials and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from zerofactory_engine.dossier.model import Dossier, Row
from zerofactory_mappings.sources.credit_registry.records import Record, range_between, shared

#: (head, tail) of the serials → place and record of every row of the downloads with such.
Known: TypeAlias = "dict[tuple[str, str], list[tuple[str, Record]]]"

@dataclass(frozen=True, slots=True)
class Match:
    """One row of the dossier. *status*: ``full``, ``part``, ``none``, ``cancelled`` or ``unknown`` (no serials to go
    by). *credits*: its serials; *retired*, *cancelled*: how many of them the registry has so. *rows*: registry rows
    that share any. *findings*: codes ``credits.match-…`` of what does not fit."""

    row: str
    status: str
    credits: int | None
    retired: int
    cancelled: int
    rows: tuple[str, ...]
    findings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"row": f"credits/{self.row}", "status": self.status, "credits": self.credits, "retired": self.retired,
                "cancelled": self.cancelled, "registry_rows": list(self.rows), "findings": list(self.findings)}


def match_credits(dossier: Dossier, downloads: Mapping[str, Iterable[Record]]) -> tuple[Match, ...]:
    """Every row of the table of credits against *downloads* (file name → records), in the order of the dossier."""
    known: Known = defaultdict(list)
    for file, records in downloads.items():
        for record in records:
            if record.serials is not None and record.fate in ("retired", "cancelled"):
                known[record.serials.head, record.serials.tail].append((f"{file}#{record.mark}", record))
    rows = dossier.rows.get("credits", ())
    doubled = _doubled(rows)
    return tuple(_match(dossier, row, doubled, known) for row in rows)


def _doubled(rows: Iterable[Row]) -> frozenset[str]:
    """Ids of the rows that share a serial with another row."""
    spans = sorted(((s.head, s.tail), s.low, s.high, row.id) for row in rows if (s := _range(row)) is not None)
    found: set[str] = set()
    furthest: tuple[tuple[str, str], int, str] | None = None       # series, last serial so far, whose it is
    for series, low, high, name in spans:
        if furthest is not None and furthest[0] == series and low <= furthest[1]:
            found |= {name, furthest[2]}
            if high <= furthest[1]:
                continue
        furthest = (series, high, name)
    return frozenset(found)


def _range(row: Row) -> Any:
    """The serials of a row of the dossier; None when it states none, or such that are no range."""
    stated = row.values.get("serials")
    found = range_between(str(stated["first"]), str(stated["last"])) if stated else None
    return found if found is not None and found.low <= found.high else None


def _match(dossier: Dossier, row: Row, doubled: frozenset[str], known: Known) -> Match:
    own = _range(row)
    if own is None:
        return Match(row.id, "unknown", None, 0, 0, (), ("credits.match-no-serials",))
    hits = [(name, r) for name, r in known.get((own.head, own.tail), ())
            if r.serials is not None and shared(own, r.serials)]
    count = own.high - own.low + 1
    retired, cancelled = (_covered(own, (r for _, r in hits if r.fate == fate)) for fate in ("retired", "cancelled"))
    status = "full" if retired == count else "part" if retired else "cancelled" if cancelled else "none"
    findings = set() if status == "full" else {f"credits.match-{status}"}
    if cancelled:
        findings.add("credits.match-cancelled")
    if row.id in doubled:
        findings.add("credits.match-overlap")
    for _, record in hits:
        if record.fate == "retired":
            findings |= _differences(dossier, row, record)
    return Match(row.id, status, count, retired, cancelled, tuple(name for name, _ in hits), tuple(sorted(findings)))


def _covered(own: Any, records: Iterable[Record]) -> int:
    """How many serials of *own* stand in any of *records*, each counted once."""
    spans = sorted((max(own.low, r.serials.low), min(own.high, r.serials.high))
                   for r in records if r.serials is not None)
    total, after = 0, own.low
    for low, high in spans:
        total += max(0, high - max(low, after) + 1)
        after = max(after, high + 1)
    return total


def _differences(dossier: Dossier, row: Row, record: Record) -> set[str]:
    """What a row says otherwise than the registry. What either does not state is no difference."""
    found: set[str] = set()
    start, end = row.values.get("vintage_from"), row.values.get("vintage_to")
    if start is not None and end is not None:
        apart = record.start is not None and record.end is not None and (record.start > end or record.end < start)
        other = record.vintage is not None and not start.year <= record.vintage <= end.year
        if other or (record.vintage is None and apart):
            found.add("credits.match-vintage")
    stated = record.text.get("beneficiary", "")
    if stated and not any(n.casefold() in stated.casefold() for n in _names(dossier, row.values.get("beneficiary"))):
        found.add("credits.match-beneficiary")
    day, claimed = record.retired_on, row.values.get("retired_on")
    if day is not None and ((claimed is not None and day != claimed) or day < dossier.period.start):
        found.add("credits.match-time")
    return found


def _names(dossier: Dossier, beneficiary: Any) -> set[str]:
    """The names under which the registry may know the beneficiary: what the row says, resolved where it is an id."""
    names = {str(beneficiary)} if beneficiary else set()
    for section in (dossier.facility, dossier.organisation):
        if beneficiary in (None, section.get("id"), dossier.facility.get("id")):
            name = section.get("name")
            names |= set(map(str, name.values())) if isinstance(name, Mapping) else {str(name)} if name else set()
    return {name for name in names if name}
