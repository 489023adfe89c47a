"""Words of the statistical energy forms: ``forms.yaml`` of this package, with the project's carriers and units."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.units import is_unit, known_units
from zerofactory_mappings.sources.sheets.headers import Field
from zerofactory_mappings.sources.sheets.text import normal

#: Months of the wide ledger are fields of their own.
MONTHS = tuple(f"month_{n:02}" for n in range(1, 13))
#: Carriers that have tables of their own.
HEAT = {"heat": None, "steam": "steam", "hot_water": "hot_water"}
ELECTRICITY = "electricity"
#: What stands for fuels that a form states together, and for a total of all.
MIXED = "(mixed)"
TOTAL = "(total)"

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")
_CHINESE = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_NUMBERING = re.compile(r"^(?:其中:?|of which:?|\(?\d{1,2}(?:\.\d)*[.)/]+|[一二三四五六七八九十]+[./])+")


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the family: *read* says whether its rows become rows of a dossier."""

    id: str
    read: bool
    number: str
    titles: tuple[str, ...]
    title: str


@cache
def data() -> Mapping[str, Any]:
    """Everything in ``forms.yaml``, every scalar as text."""
    import yaml

    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader
    text = Path(__file__).with_name("forms.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - base loader, own file
    return loaded


@cache
def forms() -> tuple[Form, ...]:
    """All forms of the family and the ledger."""
    return tuple(Form(f["id"], f["read"] == "yes", f.get("number", ""), tuple(normal(t) for t in f["titles"]),
                      f["titles"][0])
                 for f in data()["forms"])


@cache
def fields(*names: str) -> tuple[Field, ...]:
    """Columns by name; months of the wide ledger are built from their numbers and names."""
    return tuple(Field(name, _month_titles(MONTHS.index(name)) if name in MONTHS else tuple(data()["columns"][name]),
                       _unit_texts()) for name in names)


def _month_titles(index: int) -> tuple[str, ...]:
    number = index + 1
    return (f"{number}月", f"{number:02}月", f"{number}月份", f"{_CHINESE[index]}月", f"{_CHINESE[index]}月份",
            _ENGLISH[index], _ENGLISH[index][:3])


@cache
def _unit_texts() -> Mapping[str, str]:
    return {text: text for text in data()["units"]}


@cache
def _carriers() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for code, entry in code_list("carriers").codes.items():
        names.setdefault(normal(entry["zh"]), code)
        names.setdefault(normal(entry["en"]), code)
        names.setdefault(normal(code), code)
    for code, synonyms in data()["carriers"].items():
        names.update({normal(s): code for s in synonyms})
    names.update({normal(s): MIXED for s in data()["mixed"]})
    names.update({normal(s): TOTAL for s in data()["totals"]})
    return names


def carrier_of(text: str) -> str | None:
    """What a name means: a carrier of our list, ``electricity``, ``heat``, ``steam``, :data:`MIXED`, :data:`TOTAL`."""
    wanted = _NUMBERING.sub("", normal(text))
    names = _carriers()
    return names.get(wanted) or names.get(re.sub(r"\([^()]*\)$", "", wanted))


def group_of(carrier: str) -> str:
    """Group of carriers that shares a band of coefficients."""
    if carrier == ELECTRICITY:
        return ELECTRICITY
    if carrier in HEAT:
        return "heat"
    return str(code_list("carriers").codes[carrier]["group"])


@cache
def _known_units() -> Mapping[str, str]:
    by_case: dict[str, list[str]] = {}
    for name in known_units():
        by_case.setdefault(name.casefold(), []).append(name)
    return {k: v[0] for k, v in by_case.items() if len(v) == 1}


def unit_of(text: str, carrier: str) -> tuple[str, bool] | None:
    """Our unit for what is written, and whether a bare cubic metre of gas was read as a standard one; None: unknown."""
    written = unicodedata.normalize("NFKC", text).strip().strip("()")
    key = normal(text).strip("()")
    found = data()["units"].get(key)
    if found is None and written:
        found = written if is_unit(written) else _known_units().get(key)
    gas: Mapping[str, str] = data()["gas_units"]
    if found in gas:
        codes = code_list("carriers").codes
        if carrier in codes and codes[carrier]["unit"] == "Nm3":
            return gas[found], True
        if not is_unit(found):
            return None
    return (found, False) if found else None


def tolerance(name: str) -> Decimal:
    """How far an identity may be off, relative to its larger side."""
    return Decimal(data()["tolerances"][name])


def band(carrier: str) -> tuple[Decimal, Decimal] | None:
    """Shares of the reference coefficient between which one is plausible; None where we have no band."""
    found = data()["bands"].get(group_of(carrier))
    return (Decimal(found["low"]), Decimal(found["high"])) if found is not None else None


def words(name: str) -> tuple[str, ...]:
    """A list of words of the file, normalised."""
    return tuple(normal(w) for w in data()[name])


def labels(name: str) -> tuple[str, ...]:
    """Labels of a fact that stands above a table, the longest first."""
    return tuple(sorted((normal(w) for w in data()["labels"][name]), key=len, reverse=True))
