"""What a check found: errors of the schema and findings beyond it, apart, each list bounded and counted to the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zerofactory_engine.problems import Place, Problem, Severity

#: How many problems of each kind are listed; the others are counted.
LISTED = 200


@dataclass(frozen=True, slots=True)
class Findings:
    """*errors* make a document invalid; *remarks* (warnings, or errors when we write) are our own beyond the schema.

    The counts go to the end, the lists stop at :data:`LISTED`. Remarks that say the same of the same element
    stand once (those about codes: for each value once), with the number of places in the argument ``count``.
    """

    errors: tuple[Problem, ...]
    error_count: int
    remarks: tuple[Problem, ...]
    remark_count: int

    @property
    def valid(self) -> bool:
        """Whether the schema's demands are met."""
        return self.error_count == 0

    @property
    def usable(self) -> bool:
        """Whether, beyond that, no remark is an error."""
        return self.valid and all(p.severity is not Severity.ERROR for p in self.remarks)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors, then remarks, each with a note of how many more there are."""
        return (*self.errors, *_more(self.errors, self.error_count, Severity.ERROR),
                *self.remarks, *_more(self.remarks, self.remark_count, Severity.NOTE))


def _more(listed: Sequence[Problem], count: int, severity: Severity) -> list[Problem]:
    told = sum(int(p.args.get("count", "1")) for p in listed)
    return [Problem("qreport.more", severity=severity, args={"count": f"{count - told:,}"})] if count > told else []


class Collected:
    """Gathers the findings of one document. *strict*: remarks that rest on the Commission's own files are errors."""

    def __init__(self, strict: bool = False) -> None:
        self.strict = strict
        self.error_count = self.remark_count = 0
        self._errors: list[Problem] = []
        self._remarks: dict[tuple[str, str, str], tuple[Problem, int]] = {}

    def error(self, problem: Problem) -> None:
        """An error of the schema, or one that stops reading."""
        self.error_count += 1
        if len(self._errors) < LISTED:
            self._errors.append(problem)

    def remark(self, key: tuple[str, str, str], firm: bool, make: Callable[[], Problem]) -> None:
        """Something beyond the schema; *firm*: it rests on a file of the Commission. Made in full when *key* is new."""
        self.remark_count += 1
        if (known := self._remarks.get(key)) is not None:
            self._remarks[key] = known[0], known[1] + 1
        elif len(self._remarks) < LISTED:
            severity = Severity.ERROR if self.strict and firm else Severity.WARNING
            self._remarks[key] = replace(make(), severity=severity), 1

    def findings(self) -> Findings:
        """What was found so far."""
        remarks = [replace(p, args={**p.args, "count": str(n)}) for p, n in self._remarks.values()]
        return Findings(tuple(self._errors), self.error_count, tuple(remarks), self.remark_count)


def line_of(element: Any) -> int | None:
    """The line of an element of lxml; None for one that was not read from a file."""
    line: int | None = element.sourceline
    return line


def at(place: Place, line: int | None, xpath: str) -> Place:
    """*place* with the line (its own prevails when there is none) and the path of an element."""
    return Place(place.file, line if line is not None else place.line, None, place.path, place.sheet, place.cell,
                 xpath=xpath)
