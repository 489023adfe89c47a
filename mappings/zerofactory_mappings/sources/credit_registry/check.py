"""What becomes of each record of a download, and which records claim the same serials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from zerofactory_engine.dossier.serials import SerialRange
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.sources.credit_registry.records import Record
from zerofactory_mappings.sources.report import Entry, State

_KEPT = {"cancelled": "credits.is-cancelled", "issued": "credits.is-issued"}


#: Pairs that are told one by one.
_TOLD = 1_000


def overlaps(ranges: Sequence[SerialRange]) -> Iterator[tuple[int, int]]:
    """Index pairs (smaller first) of ranges that share a serial, by a sweep over each series of serials."""
    order = sorted(range(len(ranges)), key=lambda i: (ranges[i].head, ranges[i].tail, ranges[i].low, i))
    live: list[int] = []
    for index in order:
        new = ranges[index]
        live = [i for i in live if (ranges[i].head, ranges[i].tail) == (new.head, new.tail)
                and ranges[i].high >= new.low]
        yield from ((min(i, index), max(i, index)) for i in live)
        live.append(index)


def overlap_problems(records: Iterable[Record], file: str) -> Iterator[Problem]:
    """A warning for every pair of records that claims the same serial; from the 1000th on their number only."""
    more = 0
    known = [(r, r.serials) for r in records if r.serials is not None]
    for count, (one, two) in enumerate(overlaps([s for _, s in known])):
        if count >= _TOLD:
            more += 1
            continue
        first, second = known[one][0], known[two][0]
        yield Problem("credits.overlap", Place(file=file, path=second.path), Severity.WARNING,
                      found=str(known[two][1]), args={"other": first.path})
    if more:
        yield Problem("credits.overlap-more", Place(file=file), Severity.WARNING, found=str(more))


def left_out(record: Record, facility: str | None, year: int | None) -> tuple[str, Mapping[str, str]] | None:
    """Why a retirement is not asked for: of another beneficiary than *facility*, or not retired in *year*."""
    stated = record.text.get("beneficiary", "")
    if facility is not None and facility.casefold() not in stated.casefold():
        return "credits.other-beneficiary", {"found": stated or "—"}
    if year is not None and record.retired_on is not None and record.retired_on.year != year:
        return "credits.other-year", {"found": str(record.retired_on)}
    return None


def entries_of(records: Iterable[Record], targets: Mapping[str, str], facility: str | None = None,
               year: int | None = None) -> tuple[Entry, ...]:
    """The fate of every row; *targets*: path of a row → what states it; *facility* and *year* as the user asked."""
    out = []
    for record in records:
        state = {"retired": State.USED, "refused": State.REFUSED}.get(record.fate, State.KEPT)
        other = left_out(record, facility, year) if state is State.USED else None
        state = State.KEPT if other else state
        stated = None if record.quantity is None else str(int(record.quantity))
        collection = "rows" if record.sheet is None else f"rows of {record.sheet}"
        out.append(Entry(
            collection, record.path, record.text.get("serials", ""), state,
            *(other or (record.reason or _KEPT.get(record.fate, ""), record.args)),
            series=stated and record.fate, stated=stated,
            unit=stated and "credit", target=targets.get(record.path) if state is State.USED else None))
    return tuple(out)
