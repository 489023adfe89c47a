"""Our own rules beyond the schema: what a report that the schema accepts should still keep to.

They never make a document invalid. Codes and forms come from ``standards/eu-cbam/qreport/codes.yaml``; the rules here
compare elements with each other. A rule is *firm* when it rests on the Commission's own files; when we write, a broken
firm rule is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Protocol, TypeAlias

from lxml import etree

from zerofactory_mappings.cbam.qreport.codes import Allowed, Period, codes
from zerofactory_mappings.cbam.qreport.elements import ComplexType, Particle, Table
from zerofactory_mappings.cbam.qreport.values import WHITESPACE, day_of, shown, strays

GOOD = "ImportedGood"
#: Tags of the children of an element; what is no element there has another thing in its place.
Tags: TypeAlias = tuple[object, ...]

#: Elements of the root that rules look at.
_HEAD = frozenset({"ReportingPeriod", "Year"})
#: Elements of which a measure, and a statement of direct emissions, has one at least.
_QUANTITIES = frozenset({"NetMass", "SupplementaryUnits"})
_EMISSIONS = frozenset({"SpecificEmbeddedEmissions", "EmissionFactor", "TotalEmbeddedElectricityImported"})
#: How many lists of children are remembered of which these rules have nothing to say.
_FINE = 2_000
#: A number of an item has at most this many digits (n..5); longer ones are the schema's business.
_ITEM_DIGITS = 5


class Remark(Protocol):
    """Records a finding; worked out further only when it is new."""

    def __call__(self, code: str, element: etree._Element | None, firm: bool, below: str = "",
                 found: str | None = None, accepted: str | None = None, **args: str) -> None:
        """*code* at *element*, or at what is missing *below* it."""


@cache
def _watched(table: Table) -> dict[Particle, Allowed]:
    """Elements whose values are known to be codes."""
    known = codes()
    return {p: known.at[place] for kind in table.complex.values() for p in kind.particles
            if (place := f"{kind.name}/{p.name}") in known.at}


class Rules:
    """The rules of one document; fed by the judge in document order."""

    def __init__(self, table: Table, remark: Remark) -> None:
        self.remark = remark
        self._watched = _watched(table)
        named: dict[str, Callable[[etree._Element, ComplexType, Tags], None]] = {
            "MeasureType": self._quantity, "MeasureProcedureType": self._quantity, "CommodityCodeType": self._hs_code,
            "SupportingDocumentsType": self._validity, "InwardProcessingInfoType": self._days,
            "DirectEmissionsType": self._some_emissions,
        }
        self._of_kind = {table.complex[name]: rule for name, rule in named.items()}
        self._numbered = {kind for kind in table.complex.values()
                          if any(_is_numbered(p) for p in kind.particles if p.repeated)}
        self.kinds = frozenset((*self._of_kind, *self._numbered))
        self._fine: set[tuple[ComplexType, Tags]] = set()
        self._items = bytearray(10 ** _ITEM_DIGITS)
        self._head: dict[str, str] = {}

    def value(self, particle: Particle, element: etree._Element, text: str) -> bool:
        """Whether *text* is a known value of an element; unknown ones are told."""
        allowed = self._watched.get(particle)
        assert particle.simple is not None
        if particle.name in _QUANTITIES and text.lstrip(WHITESPACE).startswith("-") and text.strip("-0." + WHITESPACE):
            self.remark("qreport.rule-negative", element, False, found=shown(text), accepted="≥ 0")
            return False
        if allowed is None:
            return particle.simple.form != "base64" or self._base64(element, text)
        value = text.strip(WHITESPACE) if particle.simple.collapse else text
        if allowed.knows(value):
            return True
        code = "qreport.rule-code" if allowed.form is None else "qreport.rule-form"
        self.remark(code, element, allowed.firm, found=shown(value), accepted=allowed.accepted(), list=allowed.name)
        return False

    def _base64(self, element: etree._Element, text: str) -> bool:
        """Whether a file holds no characters that base64 does not have."""
        stray = strays(text)
        if stray is not None:
            self.remark("qreport.rule-base64", element, True, found=f"U+{ord(stray):04X}", accepted="A–Z a–z 0–9 + / =")
        return stray is None

    def child(self, particle: Particle, element: etree._Element, number: int) -> None:
        """A child of the root: the quarter is remembered, a good's number compared with those before."""
        if particle.name in _HEAD:
            self._head[particle.name] = (element.text or "").strip(WHITESPACE)
        elif particle.name == GOOD:
            self._item(element, number)

    def complex(self, kind: ComplexType, element: etree._Element, tags: Tags) -> None:
        """The rules of one complex type (of :attr:`kinds`); *tags* are those of the children."""
        if (rule := self._of_kind.get(kind)) is not None:
            rule(element, kind, tags)
        if kind in self._numbered and (kind, tags) not in self._fine:
            if len(set(tags)) < len(tags):
                self._sequence_numbers(kind, element)
            else:
                self._remember(kind, tags)

    def _remember(self, kind: ComplexType, tags: Tags) -> None:
        """Children of which no rule about their mere presence has anything to say."""
        if len(self._fine) < _FINE:
            self._fine.add((kind, tags))

    def end(self, root: etree._Element | None) -> None:
        """Rules that need the whole head: the quarter lies in the transitional period."""
        year, quarter = self._head.get("Year", ""), self._head.get("ReportingPeriod", "")
        known = codes()
        if not (_is_number(year.lstrip("+-")) and len(year) < 10 and known.allowed["reporting_period"].knows(quarter)):
            return
        asked = Period(int(year), quarter, False)
        if not known.first.order <= asked.order <= known.last.order:
            firm = known.first.firm if asked.order < known.first.order else known.last.firm
            self.remark("qreport.rule-period", root, firm, "ReportingPeriod", found=str(asked),
                        accepted=f"{known.first} … {known.last}")

    def _item(self, element: etree._Element, number: int) -> None:
        found = _first_text(element, "ItemNumber")
        if not (_is_number(found) and len(found) <= _ITEM_DIGITS):
            return
        item = int(found)
        if self._items[item]:
            self.remark("qreport.rule-item-repeated", element, True, "ItemNumber", found=found)
        elif item != number:
            self.remark("qreport.rule-item-order", element, False, "ItemNumber", found=found, accepted=str(number))
        self._items[item] = 1

    def _sequence_numbers(self, kind: ComplexType, element: etree._Element) -> None:
        """Numbers of repeated elements differ from each other."""
        tags = Counter(child.tag for child in element)
        for particle in kind.particles:
            if tags[particle.tag] > 1 and _is_numbered(particle):
                numbers = [_first_text(child, "SequenceNumber") for child in element if child.tag == particle.tag]
                for number, times in Counter(n.lstrip("0") or n for n in numbers if n).items():
                    if times > 1:
                        self.remark("qreport.rule-sequence-repeated", element, False, particle.name, found=number)

    def _quantity(self, element: etree._Element, kind: ComplexType, tags: Tags) -> None:
        """A measure states a mass or a number of supplementary units."""
        if (kind, tags) in self._fine:
            return
        if {p.name for p in kind.particles if p.tag in tags} & _QUANTITIES:
            self._remember(kind, tags)
        else:
            self.remark("qreport.rule-no-quantity", element, False, accepted=", ".join(sorted(_QUANTITIES)))

    def _hs_code(self, element: etree._Element, kind: ComplexType, tags: Tags) -> None:
        texts = _texts(element, kind)
        hs, cn = texts.get("HsCode", ""), texts.get("CnCode", "")
        if hs and cn and not cn.startswith(hs):
            self.remark("qreport.rule-hs-code", element, True, "HsCode", found=shown(hs), accepted=shown(cn[:len(hs)]))

    def _validity(self, element: etree._Element, kind: ComplexType, tags: Tags) -> None:
        texts = _texts(element, kind)
        start, end = (day_of(texts.get(name, "")) for name in ("ValidityStartDate", "ValidityEndDate"))
        if start is not None and end is not None and start > end:
            self.remark("qreport.rule-dates", element, False, "ValidityEndDate", found=end.isoformat(),
                        accepted=f"≥ {start.isoformat()}")

    def _days(self, element: etree._Element, kind: ComplexType, tags: Tags) -> None:
        """Days of inward processing are numbers of eight digits that are a date."""
        texts = _texts(element, kind)
        days: dict[str, date | None] = {}
        for name in ("StartTime", "EndTime", "Deadline"):
            text = texts.get(name, "")
            days[name] = day_of(f"{text[:4]}-{text[4:6]}-{text[6:]}")
            if text and days[name] is None:
                self.remark("qreport.rule-day", element, False, name, found=shown(text), accepted="YYYYMMDD")
        start, end = days["StartTime"], days["EndTime"]
        if start is not None and end is not None and start > end:
            self.remark("qreport.rule-dates", element, False, "EndTime", found=texts["EndTime"],
                        accepted=f"≥ {texts['StartTime']}")

    def _some_emissions(self, element: etree._Element, kind: ComplexType, tags: Tags) -> None:
        """Direct emissions are stated somehow, unless it is said that there are no data."""
        if (kind, tags) in self._fine:
            return
        if {p.name for p in kind.particles if p.tag in tags} & _EMISSIONS:
            self._remember(kind, tags)
        elif _texts(element, kind).get("DeterminationType") != codes().code("determination_type", "no_data"):
            self.remark("qreport.rule-no-emissions", element, False, accepted=", ".join(sorted(_EMISSIONS)))


def _texts(element: etree._Element, kind: ComplexType) -> dict[str, str]:
    """The texts of the children by name."""
    known = kind.by_tag
    return {known[child.tag].name: (child.text or "").strip(WHITESPACE) for child in element if child.tag in known}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_numbered(particle: Particle) -> bool:
    """Whether an element begins with a number among its like."""
    below = particle.complex.particles if particle.complex is not None else ()
    return bool(below) and below[0].name == "SequenceNumber"


def _first_text(element: etree._Element, name: str) -> str:
    """The text of a child when it is the first one; empty otherwise."""
    for child in element:
        if isinstance(child.tag, str):
            return (child.text or "").strip(WHITESPACE) if child.tag.rpartition("}")[2] == name else ""
    return ""
