"""What became of every record and every key of an imported file: used, kept or refused, and why. Nothing is lost.

*used*: the record's value stands in a dossier. *kept*: it was read and stands in this report, but no dossier states it,
with the reason. *refused*: it cannot be read safely, with the reason. A row that was not understood is kept under the
reason :data:`NOT_UNDERSTOOD`; the report for people counts and names such rows apart. Amounts stand as the file writes
them; where a dossier holds fewer digits, the amount that it holds stands beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Problem

FORMAT = "zerofactory/import-report/1"
#: Reason of the entries of rows that nobody understood: kept, so that they stand in the report one by one.
NOT_UNDERSTOOD = "sheets.row-not-understood"
#: Most places of rows that were not understood which the report for people names, for each collection.
NAMED = 20


class State(StrEnum):
    """What became of a record or a key."""

    USED = "used"
    KEPT = "kept"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of the file. *path* is its place there, *target* the dossier and row that state it.

    *stated* and *unit* are the amount as written; *amount* what the dossier holds when that is not the same. *reason*
    is a message code, empty for records used as they stand.
    """

    collection: str
    path: str
    id: str
    state: State
    reason: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    series: str | None = None
    stated: str | None = None
    unit: str | None = None
    amount: str | None = None
    target: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields that are set."""
        names = ("collection", "path", "id", "state", "reason", "series", "stated", "unit", "amount", "target")
        out: dict[str, Any] = {n: v for n in names if (v := getattr(self, n)) not in (None, "")}
        if self.args:
            out["args"] = dict(self.args)
        return out


@dataclass(frozen=True, slots=True)
class Key:
    """One key path of a collection and how many values stand there: *used* ones decided what a dossier holds, *kept*
    and *refused* ones belong to records of that fate, or to a key that this reader does not use (then with a *reason*).
    """

    collection: str
    path: str
    used: int
    kept: int
    refused: int
    reason: str = ""

    @property
    def count(self) -> int:
        """All values under the key."""
        return self.used + self.kept + self.refused

    @property
    def state(self) -> State:
        """The best fate of a value under the key."""
        return State.USED if self.used else State.KEPT if self.kept else State.REFUSED

    def as_json(self) -> dict[str, Any]:
        """All fields; *reason* only when there is one."""
        out: dict[str, Any] = {"collection": self.collection, "path": self.path, "state": self.state,
                               "used": self.used, "kept": self.kept, "refused": self.refused}
        return out | ({"reason": self.reason} if self.reason else {})


@dataclass(frozen=True, slots=True)
class Sum:
    """Records and exact total of one series in one unit, over all records and over those of each state."""

    series: str
    title: str
    unit: str
    records: int
    total: Decimal
    used: Decimal
    kept: Decimal
    refused: Decimal

    def as_json(self) -> dict[str, Any]:
        """All fields; totals as text."""
        return {"series": self.series, "title": self.title, "unit": self.unit, "records": self.records,
                "total": plain(self.total), "used": plain(self.used), "kept": plain(self.kept),
                "refused": plain(self.refused)}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """All entries, keys and sums of one import, and the files that were written."""

    source: str
    file: str
    sha256: str
    entries: tuple[Entry, ...]
    keys: tuple[Key, ...]
    sums: tuple[Sum, ...]
    written: tuple[str, ...]
    problems: tuple[Problem, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Collection → state → number of records."""
        found: dict[str, Counter[str]] = {}
        for entry in self.entries:
            found.setdefault(entry.collection, Counter())[entry.state.value] += 1
        return {name: {s.value: counter[s.value] for s in State} for name, counter in found.items()}

    def reasons(self) -> dict[tuple[str, str, str], int]:
        """(collection, state, reason) → number of records."""
        return dict(Counter((e.collection, e.state.value, e.reason) for e in self.entries if e.reason))

    def not_understood(self) -> dict[str, list[str]]:
        """Collection → places of the rows that were not understood; only collections that have such."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            if entry.reason == NOT_UNDERSTOOD:
                found.setdefault(entry.collection, []).append(entry.path)
        return found

    def as_json(self) -> dict[str, Any]:
        """Stable JSON shape, ``format: zerofactory/import-report/1``."""
        return {"format": FORMAT, "source": self.source, "file": self.file, "sha256": self.sha256,
                "counts": self.counts(), "not_understood": self.not_understood(),
                "sums": [s.as_json() for s in self.sums], "written": list(self.written),
                "entries": [e.as_json() for e in self.entries], "keys": [k.as_json() for k in self.keys],
                "problems": [p.as_json() for p in self.problems]}

    def as_text(self, language: str) -> str:
        """The report for people: counts, reasons, sums, files; every single record stands in the JSON report."""
        from zerofactory_engine.messages import render

        def say(code: str, **args: object) -> str:
            return render(code, language, args)

        lines = [say("import.read", source=self.source, file=self.file, sha256=self.sha256), "",
                 *self._collections(say)]
        if self.sums:
            lines += ["", say("import.sums")]
        for each in self.sums:
            lines.append(f"  {each.title} [{each.unit}]  " + say(
                "import.sum", records=each.records, total=plain(each.total), used=plain(each.used),
                kept=plain(each.kept), refused=plain(each.refused)))
        if self.keys:
            lines += ["", say("import.keys", keys=len(self.keys), values=sum(k.count for k in self.keys),
                              used=sum(k.used for k in self.keys))]
        lines += ["", *(say("import.written", file=name) for name in self.written)]
        return "\n".join(lines)

    def _collections(self, say: Callable[..., str]) -> Iterator[str]:
        """Lines of each collection: its counts, every reason with its first record, and what was not understood."""
        firsts: dict[tuple[str, str, str], Entry] = {}
        for entry in self.entries:
            firsts.setdefault((entry.collection, entry.state.value, entry.reason), entry)
        unknown, reasons = self.not_understood(), self.reasons()
        for collection, states in self.counts().items():
            missed = unknown.get(collection, [])
            yield say("import.counts", collection=collection, records=sum(states.values()), used=states["used"],
                      kept=states["kept"] - len(missed), refused=states["refused"], missed=len(missed))
            for (of, state, reason), count in reasons.items():
                first = firsts[of, state, reason]
                if of == collection and reason != NOT_UNDERSTOOD:
                    where = "" if count == 1 and not first.path else " " + say("import.first", path=first.path)
                    yield f"  {count:>6}  {say('import.state-' + state)}: {say(reason, **first.args)}{where}"
            if missed:
                more = " " + say("import.more-rows", count=len(missed) - NAMED) if len(missed) > NAMED else ""
                yield f"  {len(missed):>6}  {say(NOT_UNDERSTOOD)}: {', '.join(missed[:NAMED])}{more}"


def sum_up(entries: Iterable[Entry], titles: Mapping[str, str]) -> tuple[Sum, ...]:
    """Exact totals of the stated amounts by series and unit, in the order in which the series come."""
    totals: dict[tuple[str, str], dict[str, Decimal]] = {}
    records: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if entry.series is None or entry.stated is None or entry.unit is None:
            continue
        key = (entry.series, entry.unit)
        by_state = totals.setdefault(key, {s.value: Decimal(0) for s in State})
        by_state[entry.state.value] = CONTEXT.add(by_state[entry.state.value], Decimal(entry.stated))
        records[key] += 1
    return tuple(
        Sum(series, titles.get(series, series), unit, records[series, unit],
            CONTEXT.add(CONTEXT.add(t["used"], t["kept"]), t["refused"]), t["used"], t["kept"], t["refused"])
        for (series, unit), t in totals.items())
