"""Record of what was disclosed to whom: an append-only ledger with a chain of hashes.

Each entry names recipient, day, goods, the names of figures, basis, period and the hash of the file that was sent
(``zerofactory/cbam-disclosures/1``). There is no place for quantities or values, and texts that look like one are
refused. A changed, removed or inserted entry
breaks the chain; a cut end shows against a head that was kept elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.problems import NOWHERE, Collector, Place, Problem, ProblemsError
from zerofactory_engine.typed import shipped_schema
from zerofactory_engine.yaml_text import scan_yaml
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.model import Basis

FORMAT = "zerofactory/cbam-disclosures/1"
#: Largest ledger that is read, in bytes.
LEDGER_BYTES = 5_000_000
_HEAD = f"format: {FORMAT}\nentries:\n"
#: A figure with a unit of mass, energy, money, emissions or pieces: what a record of disclosures must not hold.
_QUANTITY = re.compile(
    r"[0-9][0-9.,\s]*\s*(?:t|kt|kg|g|tonnes?|tons?|吨|千克|公斤|kwh|mwh|gwh|千瓦时|度|tj|gj|eur|usd|cny|rmb|€|\$|¥|元|欧元|美元"
    r"|tco2e?|kgco2e?|pcs|pieces|件|个|%|％)(?![a-z0-9])|(?<![a-z])(?:eur|usd|cny|rmb|€|\$|¥)\s*[0-9]", re.IGNORECASE)


_SEPARATORS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One disclosure. *corrects*: number of the entry whose figures it corrects."""

    number: int
    on: date
    to: str
    goods: tuple[str, ...]
    figures: tuple[str, ...]
    basis: Basis
    start: date
    end: date
    file: str
    sha256: str
    corrects: int | None
    previous: str | None
    hash: str
    place: Place = NOWHERE

    def as_json(self) -> dict[str, Any]:
        """The entry as it stands in the ledger."""
        return {**self.content(), "hash": self.hash}

    def content(self) -> dict[str, Any]:
        """What is hashed: everything but the hash."""
        out: dict[str, Any] = {
            "number": str(self.number), "on": self.on.isoformat(), "to": self.to, "goods": list(self.goods),
            "figures": list(self.figures), "basis": self.basis.value,
            "period": {"start": self.start.isoformat(), "end": self.end.isoformat()},
            "file": {"name": self.file, "sha256": self.sha256}}
        if self.corrects is not None:
            out["corrects"] = str(self.corrects)
        return out if self.previous is None else {**out, "previous": self.previous}

    def shares(self, other: Entry) -> bool:
        """Whether both tell the same figure of the same good, period and basis."""
        return (self.basis is other.basis and (self.start, self.end) == (other.start, other.end)
                and bool(set(self.goods) & set(other.goods)) and bool(set(self.figures) & set(other.figures)))

    def covers(self, entry: Entry, old: Entry) -> bool:
        """Whether this entry tells anew every figure that *entry* and *old* have in common."""
        return (set(entry.goods) & set(old.goods) <= set(self.goods)
                and set(entry.figures) & set(old.figures) <= set(self.figures) and self.shares(entry))


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What somebody records: an entry before it has its place in the chain."""

    on: date
    to: str
    goods: tuple[str, ...]
    figures: tuple[str, ...]
    basis: Basis
    start: date
    end: date
    file: str
    sha256: str
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who received a figure that was corrected later. *told*: entry that gave them the correction."""

    to: str
    entry: Entry
    told: int | None

    def as_json(self) -> dict[str, Any]:
        """Recipient, entry, day, goods and figures, and whether they have the correction."""
        return {"to": self.to, "entry": self.entry.number, "on": self.entry.on.isoformat(),
                "goods": list(self.entry.goods), "figures": list(self.entry.figures), "file": self.entry.file,
                "told": self.told}


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries in their order."""

    entries: tuple[Entry, ...] = ()

    @property
    def head(self) -> str | None:
        """Hash of the last entry: kept elsewhere, it shows that nothing was cut off."""
        return self.entries[-1].hash if self.entries else None

    def corrected(self) -> frozenset[int]:
        """Numbers of the entries that a later one corrects."""
        return frozenset(e.corrects for e in self.entries if e.corrects is not None)

    def holders(self, number: int) -> tuple[Holder, ...]:
        """Who received a figure that entry *number* told and a later entry corrects, and who has the correction.

        Everybody whose entry shares a good, figure, period and basis with it and was made before its first correction,
        or who was sent the old file after that.
        """
        old = self.entries[number - 1]
        corrections = [e for e in self.entries if e.number > number and (e.corrects == number or (
            e.corrects is not None and e.shares(old) and self.entries[e.corrects - 1].shares(old)))]
        first = min((e.number for e in corrections), default=len(self.entries) + 1)
        received = [e for e in self.entries if e.shares(old) and (e.number < first or e.sha256 == old.sha256)]
        return tuple(Holder(e.to, e, next((c.number for c in corrections if c.number > e.number and _same(c.to, e.to)
                                           and c.covers(e, old)), None)) for e in received)


def _same(one: str, other: str) -> bool:
    """Whether two names of recipients are the same but for case and spaces."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


# --- read and verify -------------------------------------------------------------------------------------------------

def read_ledger(data: bytes, file: str) -> Ledger:
    """The ledger in *data*; nothing is said of its chain.

    Raises:
        ProblemsError: it does not have the format, or holds more than the format has a place for.
    """
    scanned = scan_yaml(data, file, LEDGER_BYTES)
    problems = Collector()
    problems.extend(scanned.problems)
    problems.raise_errors()
    assert scanned.tree is not None, "without an error there is a tree"
    typed = shipped_schema("cbam-disclosures").read(scanned.tree)
    problems.extend(typed.problems)
    problems.raise_errors()
    return Ledger(tuple(_entry(e, replace(typed.place("entries", n), path=f"entries/{n + 1}"))
                        for n, e in enumerate(typed.value["entries"] or ())))


def _entry(entry: dict[str, Any], place: Place) -> Entry:
    return Entry(entry["number"], entry["on"], entry["to"], tuple(entry["goods"]), tuple(entry["figures"]),
                 Basis(entry["basis"]), entry["period"]["start"], entry["period"]["end"], entry["file"]["name"],
                 entry["file"]["sha256"], entry.get("corrects"), entry.get("previous"), entry["hash"], place)


def verify(ledger: Ledger, head: str | None = None) -> tuple[Problem, ...]:
    """Every place where the ledger is not what was written; empty: it is. *head*: the last hash as kept elsewhere."""
    found: list[Problem] = []
    previous: str | None = None
    for position, entry in enumerate(ledger.entries, 1):
        args = {"number": str(entry.number)}
        if entry.number != position:
            found.append(Problem("cbam-exchange.ledger-number", entry.place, found=str(entry.number),
                                 accepted=str(position), args=args))
        if entry.previous != previous:
            found.append(Problem("cbam-exchange.ledger-chain", entry.place, found=entry.previous,
                                 accepted=previous, args=args))
        if content_hash(entry.content()) != entry.hash:
            found.append(Problem("cbam-exchange.ledger-hash", entry.place, found=entry.hash,
                                 accepted=content_hash(entry.content()), args=args))
        if entry.corrects is not None and not 0 < entry.corrects < position:
            found.append(Problem("cbam-exchange.ledger-corrects", entry.place, found=str(entry.corrects),
                                 accepted=f"1 … {position - 1}", args=args))
        previous = entry.hash
    if head is not None and head != ledger.head:
        found.append(Problem("cbam-exchange.ledger-head", found=ledger.head or "–", accepted=head))
    return tuple(found)


# --- add -------------------------------------------------------------------------------------------------------------

def add(data: bytes | None, disclosure: Disclosure, file: str) -> tuple[bytes, Ledger]:
    """The ledger with one entry more, as bytes that begin with the old ones, and as a value. None: a new ledger.

    Raises:
        ProblemsError: the ledger is not what was written, or the entry holds something that does not belong there.
    """
    ledger = Ledger() if data is None else read_ledger(data, file)
    wrong = [*verify(ledger), *_wrong(ledger, disclosure)]
    if wrong:
        raise ProblemsError(wrong)
    entry = Entry(len(ledger.entries) + 1, disclosure.on, disclosure.to.strip(), disclosure.goods, disclosure.figures,
                  disclosure.basis, disclosure.start, disclosure.end, disclosure.file, disclosure.sha256,
                  disclosure.corrects, ledger.head, "")
    entry = replace(entry, hash=content_hash(entry.content()))
    before = _HEAD.encode() if data is None or not ledger.entries else data
    if not before.endswith(b"\n"):
        before += b"\n"
    made = before + f"- {_line(entry)}\n".encode()
    return made, read_ledger(made, file)


def _line(entry: Entry) -> str:
    """An entry as one line: JSON, which YAML reads, but for separators of lines that it would fold."""
    import json

    text = json.dumps(entry.as_json(), ensure_ascii=False)
    return _SEPARATORS.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def _wrong(ledger: Ledger, disclosure: Disclosure) -> list[Problem]:
    found: list[Problem] = []
    for name, text in (("to", disclosure.to), ("file", disclosure.file)):
        if match := _QUANTITY.search(text):
            found.append(Problem("cbam-exchange.ledger-quantity", found=match.group().strip(), args={"field": name}))
    for code in disclosure.goods:
        reading = scope.read_cn(code)
        found += [p for p in reading.problems if reading.good is None]
    names = figure_names()
    found += [Problem("cbam-exchange.ledger-figure", found=f, accepted=", ".join(names))
              for f in disclosure.figures if f not in names]
    if not disclosure.goods:
        found.append(Problem("cbam-exchange.ledger-lacks", args={"field": "goods"}))
    if not disclosure.figures:
        found.append(Problem("cbam-exchange.ledger-lacks", accepted=", ".join(names), args={"field": "figures"}))
    if not disclosure.to.strip():
        found.append(Problem("cbam-exchange.ledger-lacks", args={"field": "to"}))
    if disclosure.end < disclosure.start:
        found.append(Problem("cbam-exchange.ledger-period", found=f"{disclosure.start} … {disclosure.end}"))
    if ledger.entries and disclosure.on < ledger.entries[-1].on:
        found.append(Problem("cbam-exchange.ledger-order", found=disclosure.on.isoformat(),
                             accepted=f"≥ {ledger.entries[-1].on.isoformat()}"))
    corrected = disclosure.corrects
    if corrected is not None and not 0 < corrected <= len(ledger.entries):
        found.append(Problem("cbam-exchange.ledger-corrects", found=str(corrected),
                             accepted=f"1 … {len(ledger.entries)}", args={"number": str(len(ledger.entries) + 1)}))
    elif corrected is not None and not _as_entry(disclosure).shares(ledger.entries[corrected - 1]):
        found.append(Problem("cbam-exchange.ledger-other-figures", found=", ".join(disclosure.goods),
                             accepted=", ".join(ledger.entries[corrected - 1].goods), args={"number": str(corrected)}))
    return found


def _as_entry(d: Disclosure) -> Entry:
    return Entry(0, d.on, d.to, d.goods, d.figures, d.basis, d.start, d.end, d.file, d.sha256, d.corrects, None, "")


def figure_names() -> Sequence[str]:
    """Names of the figures and documents that an entry may list."""
    items = shipped_schema("cbam-disclosures").source["properties"]["entries"]["items"]
    names: list[str] = items["properties"]["figures"]["items"]["enum"]
    return names
