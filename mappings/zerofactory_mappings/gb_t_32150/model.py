"""The report of one enterprise: its classes, the total that they come to, and how both follow from the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount

if TYPE_CHECKING:
    from decimal import Decimal

    from zerofactory_engine.accounting.factors import Entry
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.terms import Term
    from zerofactory_engine.accounting.totals import Total
    from zerofactory_mappings.crosswalk.model import Placed
    from zerofactory_mappings.disclosures.subject import Subject

PLUS, MINUS, APART = "plus", "minus", "apart"


@dataclass(frozen=True, eq=False)
class SourceRow:
    """A source type inside a class (title in zh and en), with tCO2e as the class states it and the number of lines."""

    code: str
    title: Mapping[str, str]
    total: Total


@dataclass(frozen=True, eq=False)
class ClassRow:
    """A class of the standard. *sign*: added to the total, subtracted, or told apart.

    *total* in tCO2e is what the class states: of a subtracted class the amount that is subtracted. *gases*: tCO2e by
    gas; *tables*: tables of a dossier that have to be complete before nothing in the class means that it does not
    occur.
    """

    id: str
    title: Mapping[str, str]
    sign: str
    clause: str
    tables: tuple[str, ...]
    total: Total
    gases: Mapping[str, Amount]
    sources: tuple[SourceRow, ...]

    @property
    def lines(self) -> int:
        """Number of lines."""
        return self.total.lines


@dataclass(frozen=True, eq=False)
class Activity:
    """The activity data of one row: what it is, how much in the unit of the first term, and how it was obtained."""

    row: str
    what: Mapping[str, str]
    class_id: str
    amount: Amount
    unit: str
    obtained: str | None


@dataclass(frozen=True, eq=False)
class Calculation:
    """Activity data of rows that share their factors: *activity* in *unit* × *factors* × *gwp*.

    *tco2e*: the product, tCO2e, as it stands in the inventory (negative where the accounting takes it off already);
    *counts*: what it is multiplied by to come into the total: 1, -1, or 0 (apart).
    """

    class_id: str
    source: Mapping[str, str]
    carrier: str | None
    gas: str
    activity: Amount
    unit: str
    below: Decimal
    factors: tuple[Term, ...]
    gwp: Term | None
    tco2e: Amount
    counts: int
    rows: tuple[str, ...]
    obtained: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Step:
    """One difference between scopes 1 and 2 of the inventory (location-based) and the total: *amount* in tCO2e with its
    sign. *id*: ``whole`` (the boundary's share is not applied), a class, or a rule of the crosswalk."""

    id: str
    title: Mapping[str, str] | None
    clause: str
    lines: int
    amount: Amount


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """From *start*, scopes 1 and 2 of the inventory (location-based), over *steps* to the total; *rest* is what is left
    of it in the 34th digit, or unknown as the total is."""

    start: Amount
    steps: tuple[Step, ...]
    rest: Amount


@dataclass(frozen=True, eq=False)
class Gbt32150:
    """The report. *total*: added classes less subtracted ones, tCO2e, exact (GB/T 32150-2015, formula of the total);
    *left_out*: lines that the standard leaves out, with their places; *inventory*: of the enterprise as a whole,
    *whole*: the boundary's share was set aside for it."""

    subject: Subject
    inventory: Inventory
    whole: bool
    classes: tuple[ClassRow, ...]
    total: Amount
    known: Decimal
    activities: tuple[Activity, ...]
    calculations: tuple[Calculation, ...]
    factors: tuple[Entry, ...]
    reconciliation: Reconciliation
    placed: tuple[Placed, ...]
    left_out: tuple[Placed, ...]

    def row(self, class_id: str) -> ClassRow:
        """A class by its id; KeyError when there is none."""
        for each in self.classes:
            if each.id == class_id:
                return each
        raise KeyError(class_id)
