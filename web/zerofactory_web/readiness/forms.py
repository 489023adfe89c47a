"""The form of a pre-check: which file, which levels, how unclear clauses are read, what is wanted back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.rulepack.model import Pack, Reading
from zerofactory_web.readiness.work import OUTPUTS
from zerofactory_web.site.forms import Option

#: Name of the field of a reading: this and its id.
READING = "reading-"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a check. *valid_on*: the law date as text, empty for today at the facility."""

    levels: tuple[str, ...]
    readings: Mapping[str, str]
    valid_on: str
    output: str


def read_wish(form: MultiDict[str, str], pack: Pack) -> Wish:
    """The wish that *form* states under *pack*; levels and readings are checked again by the evaluation.

    Raises:
        ProblemsError: a law date that is none, an output that is not offered, a level or reading that *pack* lacks.
    """
    problems: list[Problem] = []
    levels = tuple(dict.fromkeys(form.getlist("level")))
    problems += [Problem("evaluation.level-unknown", Place(path="level"), found=level[:80],
                         accepted=", ".join(pack.levels)) for level in levels if level not in pack.levels]
    given = {name.removeprefix(READING): value for name, value in form.items() if name.startswith(READING)}
    problems += [Problem("evaluation.reading-unknown", Place(path="readings"), found=name[:80])
                 for name in given if name not in pack.readings]
    problems += [Problem("evaluation.alternative-unknown", Place(path=READING + name), found=value[:80],
                         accepted=", ".join(pack.readings[name].alternatives))
                 for name, value in given.items()
                 if name in pack.readings and value not in pack.readings[name].alternatives]
    output = form.get("output", "page")
    if output not in OUTPUTS:
        problems.append(Problem("precheck.output-unknown", Place(path="output"), found=output[:80],
                                accepted=", ".join(OUTPUTS)))
    valid_on = form.get("valid_on", "").strip()
    if valid_on and not _is_day(valid_on):
        problems.append(Problem("precheck.not-a-day", Place(path="valid_on"), found=valid_on[:80],
                                example="2026-11-27"))
    if problems:
        raise ProblemsError(problems)
    chosen = {name: value for name, value in given.items() if value != _default(pack.readings[name])}
    return Wish(levels, chosen, valid_on, output)


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text).year >= 1990
    except ValueError:
        return False


def _default(reading: Reading) -> str:
    return reading.settled or reading.default


@dataclass(frozen=True, slots=True)
class ReadingField:
    """One unclear clause on the page: its question, why the default is what it is, and a choice."""

    name: str
    label: str
    hint: str
    options: tuple[Option, ...]


def level_options(pack: Pack, language: str, chosen: Iterable[str] = ()) -> list[Option]:
    """The levels of *pack* in their order; without a choice the lowest is taken."""
    ordered = sorted(pack.levels.values(), key=lambda level: level.order)
    asked = set(chosen) or {ordered[0].id if ordered else ""}
    return [Option(level.id, level.title[language], checked=level.id in asked) for level in ordered]


def reading_fields(pack: Pack, language: str, chosen: Mapping[str, str] | None = None) -> list[ReadingField]:
    """A field for every reading of *pack* that is still open."""
    taken = chosen or {}
    return [ReadingField(READING + name, f"{reading.ref} {reading.question[language]}", reading.because[language],
                         tuple(Option(key, alternative.title[language],
                                      checked=key == taken.get(name, _default(reading)))
                               for key, alternative in reading.alternatives.items()))
            for name, reading in pack.readings.items() if reading.settled is None]
