"""Read a report back from XML: judged first, then the equal model; every fault with its place, nothing from outside.

No entities, no document type declaration, no network; sizes are bounded as in ``check``. The report of a whole file is
in memory; :class:`ReportStream` gives the goods one after the other instead.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.qreport.binding import Binding, Bound, binding, value_of
from zerofactory_mappings.cbam.qreport.check import Checked, judged, verdict
from zerofactory_mappings.cbam.qreport.findings import line_of
from zerofactory_mappings.cbam.qreport.judge import Judge
from zerofactory_mappings.cbam.qreport.model import ImportedGood, QReport
from zerofactory_mappings.cbam.qreport.rules import GOOD


def read_report(source: Path | bytes, file: str | None = None) -> QReport:
    """The report in a file or in *source* itself.

    Raises:
        ProblemsError: every fault of the document.
        OSError: the file cannot be read.
    """
    if isinstance(source, bytes):
        return _whole(io.BytesIO(source), file)
    with source.open("rb") as stream:
        return _whole(stream, file if file is not None else str(source))


def _whole(stream: BinaryIO, file: str | None) -> QReport:
    reading = ReportStream(stream, file)
    goods = tuple(reading)
    return replace(reading.head(), imported_good=goods)


class ReportStream:
    """The goods of a document one after the other (iterate once), then its head without them.

    Goods are given as they are read, so a fault further on is known only at the end: iterating raises
    :class:`ProblemsError` with every fault when the document is through.
    """

    def __init__(self, stream: BinaryIO, file: str | None = None) -> None:
        self._stream = stream
        self._judge = Judge(place=Place(file=file))
        self._binding = binding(self._judge.table)
        self._head: dict[str, Any] = {}
        self.checked: Checked | None = None

    def __iter__(self) -> Iterator[ImportedGood]:
        errors = self._judge.collected
        for particle, element in judged(self._stream, self._judge):
            if errors.error_count:
                continue
            bound = self._binding.by_tag[particle.tag]
            try:
                value = _value(element, bound)
            except OverflowError:
                errors.error(Problem("qreport.value-moment", Place(
                    self._judge.place.file, line_of(element), xpath=f"/QReport/{particle.name}")))
                continue
            if particle.name == GOOD:
                yield value
            else:
                self._head[bound.attribute] = value
        self.checked = verdict(self._judge)
        if not self.checked.valid:
            raise ProblemsError(self.checked.problems)

    def head(self) -> QReport:
        """The report without its goods; only after iterating to the end."""
        return QReport(**self._head)


def _value(element: etree._Element, bound: Bound) -> Any:
    """The value of an element that was judged."""
    if bound.below is not None:
        return _made(element, bound.below)
    assert bound.particle.simple is not None
    return value_of(element.text or "", bound.particle.simple)


def _made(element: etree._Element, kind: Binding) -> Any:
    """The object of an element of a complex type."""
    found: dict[str, Any] = {}
    for child in element:
        bound = kind.by_tag[str(child.tag)]
        value = _value(child, bound)
        if bound.repeated:
            found.setdefault(bound.attribute, []).append(value)
        else:
            found[bound.attribute] = value
    return kind.made(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})
