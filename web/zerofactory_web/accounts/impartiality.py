"""How long a link to an organisation keeps a person from acting for it: a number of ``standards/``, with its source."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import read_yaml

FILE = STANDARDS_ROOT / "iso-iec-17065-2012" / "impartiality.yaml"


@dataclass(frozen=True, slots=True)
class LookBack:
    """*months* after the end of a link; where the number comes from and how well it is known."""

    months: int
    standard: str
    clause: str
    title: Mapping[str, str]
    source: str
    confidence: str
    last_confirmed: str


@cache
def look_back(file: Path = FILE) -> LookBack:
    """The period of the table."""
    tree = plain_tree(read_yaml(file.read_bytes(), file.name))
    entry = tree["look_back"]
    return LookBack(int(entry["months"]), tree["standard"], entry["clause"], {"zh": entry["zh"], "en": entry["en"]},
                    entry["source"], entry["confidence"], entry["last_confirmed"])


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    count = day.month - 1 + months
    year, month = day.year + count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
