"""What was wrong with a form, field by field: told in a summary that takes focus, and again beside each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Problem


@dataclass(frozen=True, slots=True)
class FieldError:
    """A sentence about the field whose HTML id is *field* (empty: about the whole form)."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a radio group, a group of boxes or a list."""

    value: str
    text: str
    hint: str = ""
    checked: bool = False


class FormErrors:
    """The errors of one form, in the order of its fields."""

    def __init__(self, errors: Iterable[FieldError] = ()) -> None:
        self._errors = list(errors)

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, field: str, text: str) -> None:
        """One more."""
        self._errors.append(FieldError(field, text))

    @property
    def all(self) -> Sequence[FieldError]:
        """Every error, for the summary."""
        return tuple(self._errors)

    def of(self, field: str) -> tuple[str, ...]:
        """Sentences about one field."""
        return tuple(e.text for e in self._errors if e.field == field)


def errors_of(problems: Iterable[Problem], language: str, fields: Mapping[str, str] | None = None) -> FormErrors:
    """Problems as errors of a form. *fields*: which field a problem is about, by its code or the last part of its path.

    A problem without a field stands in the summary only.
    """
    known = fields or {}
    made = FormErrors()
    for problem in problems:
        last = (problem.place.path or "").rpartition("/")[2]
        made.add(known.get(problem.code) or known.get(last, ""), sentence(problem, language))
    return made


def sentence(problem: Problem, language: str) -> str:
    """A problem without its place: what is wrong, what was found, what would be accepted, an example."""
    args = {"found": problem.found or "", "accepted": problem.accepted or "", "example": problem.example or "",
            **problem.args}
    parts = [render(problem.code, language, args)]
    parts += [render(f"problem.{name}", language, {"value": args[name]})
              for name in ("found", "accepted", "example") if args[name]]
    return " — ".join(parts)
