"""The report of one enterprise: its classes, the total that they come to, and every line with its class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerofactory_engine.accounting.terms import Amount

if TYPE_CHECKING:
    from zerofactory_engine.accounting.factors import Entry
    from zerofactory_engine.accounting.lines import Line
    from zerofactory_engine.accounting.totals import Total
    from zerofactory_mappings.crosswalk.model import Placed
    from zerofactory_mappings.disclosures.subject import Subject

PLUS, MINUS, APART = "plus", "minus", "apart"


@dataclass(frozen=True, eq=False)
class ClassRow:
    """A class of the standard. *sign*: added to the total, subtracted, or told apart; *total* in tCO2e;
    *gases*: tCO2e by gas."""

    id: str
    title: Mapping[str, str]
    sign: str
    lines: tuple[Line, ...]
    total: Total
    gases: Mapping[str, Amount]


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
class Gbt32150:
    """The report. *total*: added classes less subtracted ones, tCO2e, exact (GB/T 32150-2015, formula of the total);
    *left_out*: lines that the standard leaves out, with their places."""

    subject: Subject
    classes: tuple[ClassRow, ...]
    total: Amount
    known: Amount
    activities: tuple[Activity, ...]
    factors: tuple[Entry, ...]
    placed: tuple[Placed, ...]
    left_out: tuple[Placed, ...]

    def row(self, class_id: str) -> ClassRow:
        """A class by its id; KeyError when there is none."""
        for each in self.classes:
            if each.id == class_id:
                return each
        raise KeyError(class_id)
