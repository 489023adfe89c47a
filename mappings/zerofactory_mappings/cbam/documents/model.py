"""A document of the operator or verifier as data: for each item of the law what is stated and whether it is all.

Values are text, yes or no, a date, a count, a list of texts or a :class:`Quantity`; None is not known. Figures keep
full precision here and are rounded by the kind of their field when they are written (:mod:`.rounding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from zerofactory_engine.problems import Problem
from zerofactory_mappings.cbam.documents.items import Document, Item
from zerofactory_mappings.cbam.documents.plan import Plan, Row
from zerofactory_mappings.cbam.model import Installation
from zerofactory_mappings.cbam.result import CbamResult


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure with its unit."""

    value: Decimal
    unit: str


Value: TypeAlias = "str | bool | int | date | Quantity | tuple[str, ...] | None"
Line: TypeAlias = "Mapping[str, Value]"


@dataclass(frozen=True, slots=True)
class Content:
    """What is stated for one item: *facts* by field, *lists* of rows by name (None: nothing is known of the list)."""

    facts: Mapping[str, Value] = field(default_factory=dict)
    lists: Mapping[str, tuple[Line, ...] | None] = field(default_factory=dict)


class State(StrEnum):
    """How an item stands."""

    PRESENT = "present"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class ItemReport:
    """One item as it stands. *reason*: message code why it does not apply or that nobody says; *lacking*: fields that
    are missing (``operator_name``, ``goods/2/see_direct``); *content* empty when the item does not apply."""

    item: Item
    state: State
    content: Content
    reason: str | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that documents of one installation and period are made of. *statement*: what the plan's statements
    say for this period."""

    installation: Installation
    result: CbamResult
    plan: Plan | None = None
    statement: Row | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A document with every item judged. *case* is what it was made of; *problems* of the input, calculation and
    plan."""

    document: Document
    case: Case
    items: tuple[ItemReport, ...]
    issued: date
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether no item is missing: only then may the document call itself complete."""
        return all(i.state is not State.MISSING for i in self.items)

    def count(self, state: State) -> int:
        """How many items stand so."""
        return sum(i.state is state for i in self.items)

    def item(self, number: str) -> ItemReport:
        """The item of that number; KeyError when there is none."""
        for each in self.items:
            if each.item.number == number:
                return each
        raise KeyError(number)
