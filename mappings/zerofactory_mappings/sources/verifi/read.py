"""Read an account of VERIFI (ORNL-AMO/VERIFI, the backup file of an account) into typed records.

Bounded and without trust: numbers stay the text that was written, a record that cannot be read safely becomes a
:class:`Refusal` and the rest goes on. What the file's own codes mean follows the VERIFI source: agreement types 1 grid,
2 on-site generation, 3 and 4 power purchase agreements, 5 utility green product, 6 certificates; readings applied
``backward`` close the interval that the reading before opened, ``fullMonth`` ones are the calendar month.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.json_text import scan_json
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar

#: Largest account that is read, in bytes; the values in it are bounded by the JSON reader.
ACCOUNT_BYTES = 40_000_000
#: Most records of one collection.
RECORDS = 100_000
#: Years that a reading may bear; another one is a typing mistake.
YEARS = range(1950, 2101)

#: Collections that this reader types; of every other one the report says that it is kept.
TYPED = ("facilities", "meters", "meterData", "predictors", "predictorDataV2", "facilityEnergyUseEquipment")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facility:
    """A site of the account."""

    id: str
    path: str
    name: str
    address: str
    city: str
    country: str
    naics: str


@dataclass(frozen=True, slots=True)
class Meter:
    """A utility meter. *unit* is that of its energy figures, *volume_unit* the one in which it counts."""

    id: str
    path: str
    facility: str
    name: str
    number: str
    source: str
    unit: str
    volume_unit: str
    agreement: str
    application: str


@dataclass(frozen=True, slots=True)
class Bill:
    """One reading or bill of a meter. *day* is the reading's date; what it covers follows from the meter."""

    id: str
    path: str
    meter: str
    day: date
    energy: str
    volume: str | None
    estimated: bool


@dataclass(frozen=True, slots=True)
class Predictor:
    """A monthly series beside the meters: production or weather. *unit* is empty where the account states none."""

    id: str
    path: str
    facility: str
    name: str
    production: bool
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class Production:
    """One monthly value of a predictor."""

    id: str
    path: str
    predictor: str
    year: int
    month: int
    amount: str


@dataclass(frozen=True, slots=True)
class Equipment:
    """One energy use of a piece of equipment; *size* is that of one of *number* pieces, in *unit*."""

    id: str
    path: str
    facility: str
    name: str
    kind: str
    carrier: str
    size: str
    number: str
    unit: str
    note: str
    retired: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that cannot be read safely: a message code with arguments. *series* and *stated* as far as known."""

    collection: str
    path: str
    id: str
    reason: str
    args: Mapping[str, str] = field(default_factory=dict)
    series: str | None = None
    stated: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Everything that an account file holds. *keys*: (collection, key path) → the record of each value that stands
    there, counted from 1 (0 where the collection is no list)."""

    name: str
    country: str
    facilities: Mapping[str, Facility]
    meters: Mapping[str, Meter]
    bills: tuple[Bill, ...]
    predictors: Mapping[str, Predictor]
    production: tuple[Production, ...]
    equipment: tuple[Equipment, ...]
    refusals: tuple[Refusal, ...]
    others: Mapping[str, int]
    keys: Mapping[tuple[str, str], tuple[int, ...]]


class _RefusedError(Exception):
    def __init__(self, reason: str, **args: str) -> None:
        self.reason, self.args_ = reason, args
        super().__init__(reason)


class _Record:
    """One object of a collection, with typed access that names what is missing."""

    def __init__(self, node: Node, path: str) -> None:
        if not isinstance(node, MapNode):
            raise _RefusedError("import.verifi-no-object")
        self.node, self.path = node, path

    def text(self, key: str, default: str | None = None) -> str:
        found = self.node.get(key)
        if isinstance(found, Scalar) and not found.is_null and found.text.strip():
            return found.text.strip()[:500]
        if default is None:
            raise _RefusedError("import.verifi-missing", key=key)
        return default

    def number(self, key: str) -> str:
        stated = self.text(key)
        if parse_decimal(stated) is None:
            raise _RefusedError("import.verifi-no-number", key=key, found=stated[:40])
        return stated

    def optional_number(self, key: str) -> str | None:
        return None if self.text(key, "") == "" else self.number(key)

    def whole(self, key: str) -> int:
        value = parse_decimal(self.text(key))
        if value is None or value != value.to_integral_value() or abs(value) > 10_000:
            raise _RefusedError("import.verifi-no-number", key=key, found=self.text(key)[:40])
        return int(value)

    def flag(self, key: str) -> bool:
        return self.text(key, "false") == "true"

    def below(self, key: str) -> list[_Record]:
        found = self.node.get(key)
        if not isinstance(found, ListNode) or not found.items:
            raise _RefusedError("import.verifi-missing", key=key)
        paths = (f"{self.path}/{key}/{i}" if i > 1 else self.path for i in range(1, len(found.items) + 1))
        return [_Record(item, path) for item, path in zip(found.items, paths, strict=True)]


def read_account(data: bytes, file: str) -> Account:
    """The account in *data*.

    Raises:
        ProblemsError: it is no JSON, too large, or no account of VERIFI.
    """
    scanned = scan_json(data, file, ACCOUNT_BYTES)
    fatal = [p for p in scanned.problems if p.severity is Severity.ERROR and p.code != "text.duplicate-key"]
    if scanned.tree is None or fatal:
        raise ProblemsError(scanned.problems)
    root = scanned.tree
    if not isinstance(root, MapNode) or not isinstance(root.get("meterData"), ListNode):
        raise ProblemsError([Problem("import.verifi-no-account", Place(file=file),
                                     accepted="facilities, meters, meterData")])
    reader = _Reader(root, file)
    return reader.account()


class _Reader:
    def __init__(self, root: MapNode, file: str) -> None:
        self.root, self.file = root, file
        self.refusals: list[Refusal] = []

    def account(self) -> Account:
        facilities = {f.id: f for f in self._each("facilities", _facility)}
        meters = {m.id: m for m in self._each("meters", _meter)}
        predictors = {p.id: p for p in self._each("predictors", _predictor)}
        bills = tuple(self._each("meterData", _bill))
        production = tuple(self._each("predictorDataV2", _production))
        equipment = tuple(use for uses in self._each("facilityEnergyUseEquipment", _equipment) for use in uses)
        others = {name: len(node.items) if isinstance(node, ListNode) else 1
                  for name, node in self.root.items() if name not in TYPED}
        account = self.root.get("account")
        head = _Record(account, "account") if isinstance(account, MapNode) else None
        name, country = (head.text("name", ""), head.text("country", "")) if head is not None else ("", "")
        return Account(name, country, facilities, meters, bills, predictors, production, equipment,
                       tuple(self.refusals), others, _values_by_key(self.root))

    def _each(self, collection: str, make: Callable[[_Record], T]) -> Iterator[T]:
        """Every record that can be read; the others become refusals, and so does a second one of the same id."""
        node = self.root.get(collection)
        items = node.items if isinstance(node, ListNode) else ()
        if len(items) > RECORDS:
            raise ProblemsError([Problem("import.verifi-too-many", Place(file=self.file, path=collection),
                                         found=f"{len(items):,}", accepted=f"{RECORDS:,}")])
        seen: dict[str, str] = {}
        for index, item in enumerate(items, 1):
            path, name = f"{collection}/{index}", ""
            try:
                record = _Record(item, path)
                name = record.text("guid")
                if name in seen:
                    raise _RefusedError("import.verifi-same-id", first=seen[name])
                made = make(record)
                seen[name] = path
            except _RefusedError as refused:
                series, stated = _amount_of(collection, item)
                self.refusals.append(Refusal(collection, path, name, refused.reason, refused.args_, series, stated))
                continue
            yield made


def _facility(r: _Record) -> Facility:
    return Facility(r.text("guid"), r.path, r.text("name"), r.text("address", ""), r.text("city", ""),
                    r.text("country", ""), r.text("naics3", r.text("naics2", "")))


def _meter(r: _Record) -> Meter:
    unit = r.text("energyUnit", r.text("startingUnit", ""))
    return Meter(r.text("guid"), r.path, r.text("facilityId"), r.text("name", r.text("meterNumber", "")),
                 r.text("meterNumber", ""), r.text("source"), unit, r.text("startingUnit", unit),
                 r.text("agreementType", ""), r.text("meterReadingDataApplication", "fullMonth"))


def _bill(r: _Record) -> Bill:
    return Bill(r.text("guid"), r.path, r.text("meterId"), _day(r), r.number("totalEnergyUse"),
                r.optional_number("totalVolume"), r.flag("isEstimated"))


def _day(r: _Record) -> date:
    year, month, day = r.whole("year"), r.whole("month"), r.whole("day")
    try:
        found = date(year, month, day)
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise _RefusedError("import.verifi-no-date", found=f"{year}-{month}-{day}")
    return found


def _predictor(r: _Record) -> Predictor:
    return Predictor(r.text("guid"), r.path, r.text("facilityId"), r.text("name"), r.flag("production"),
                     r.text("predictorType", ""), r.text("unit", ""))


def _production(r: _Record) -> Production:
    year, month = r.whole("year"), r.whole("month")
    if year not in YEARS or month not in range(1, 13):
        raise _RefusedError("import.verifi-no-date", found=f"{year}-{month}")
    return Production(r.text("guid"), r.path, r.text("predictorId"), year, month, r.number("amount"))


def _equipment(r: _Record) -> tuple[Equipment, ...]:
    end = r.node.get("noLongerInUse")
    retired = isinstance(end, MapNode) and _Record(end, r.path).flag("isNoLongerInUse")
    return tuple(Equipment(r.text("guid"), use.path, r.text("facilityId"), r.text("name"), r.text("equipmentType", ""),
                           use.text("energySource", ""), use.number("size"), use.number("numberOfEquipment"),
                           use.text("units"), r.text("notes", ""), retired) for use in r.below("utilityData"))


#: Where a refused record still says to which series it belongs and how much it states.
_AMOUNTS = {"meterData": ("meterId", "totalEnergyUse"), "predictorDataV2": ("predictorId", "amount")}


def _amount_of(collection: str, item: Node) -> tuple[str | None, str | None]:
    """Series and stated amount of a record that is refused, so far as both can be read: sums count it too."""
    if collection not in _AMOUNTS or not isinstance(item, MapNode):
        return None, None
    series, amount = (item.get(key) for key in _AMOUNTS[collection])
    if not isinstance(series, Scalar) or not isinstance(amount, Scalar) or parse_decimal(amount.text) is None:
        return None, None
    return series.text[:500], amount.text


def _values_by_key(root: MapNode) -> Mapping[tuple[str, str], tuple[int, ...]]:
    """The record of each value, by collection and key path; positions in deeper lists do not matter."""
    found: dict[tuple[str, str], list[int]] = {}

    def walk(node: Node, collection: str, path: str, record: int) -> None:
        if isinstance(node, MapNode):
            for key, value in node.items():
                walk(value, collection, f"{path}/{key}" if path else key, record)
        elif isinstance(node, ListNode):
            for index, item in enumerate(node.items, 1):
                walk(item, collection, path, record or index)
        else:
            found.setdefault((collection, path), []).append(record)

    for name, node in root.items():
        walk(node, name, "", 0)
    return {key: tuple(records) for key, records in sorted(found.items())}


def decimal_of(text: str) -> Decimal:
    """The exact number of a text that :func:`read_account` accepted."""
    value = parse_decimal(text)
    assert value is not None, text
    return value
