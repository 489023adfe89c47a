"""Write a report: goods one after the other into a file aside, judged on the way, renamed only when everything holds.

What is judged is what is written: each good becomes elements of lxml, the judge reads those, then lxml writes them.
Goods of the same shape (the same elements, other texts) share their elements, which are made once and filled anew; that
makes 99,999 goods quick and keeps them out of memory. Same report, same bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.qreport.binding import Binding, Bound, binding, exact_text, rounded, text_of
from zerofactory_mappings.cbam.qreport.check import Checked, verdict
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.findings import at
from zerofactory_mappings.cbam.qreport.judge import Judge, path_below, repeated_names
from zerofactory_mappings.cbam.qreport.model import ImportedGood, QReport
from zerofactory_mappings.cbam.qreport.official import Official, official_problems
from zerofactory_mappings.cbam.qreport.rules import GOOD

#: Shapes that are remembered, and the most elements of one.
_SHAPES = 200
_SHAPE_LENGTH = 2_000
#: Stands in a shape where an element ends.
_END = 0
#: What a character that XML does not allow is replaced with until it is reported.
_STAND_IN = "\ufffd"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: *sha256* of the file, how much is in it, how many figures were rounded to their element's
    decimals, what was found beyond the schema, and the Commission's schema when it was asked too.
    """

    checked: Checked
    bytes: int
    sha256: str
    rounded: int
    official: Official | None

    @property
    def goods(self) -> int:
        """Number of goods."""
        return self.checked.goods

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Warnings and notes."""
        note = Problem("qreport.rounded", severity=Severity.NOTE, args={"count": f"{self.rounded:,}"})
        return (*self.checked.problems, *([note] if self.rounded else []))


def write_report(report: QReport, out: Path | None, goods: Iterable[ImportedGood] = (), *,
                 official: Official | None = None, strict: bool = True, places: Callable[[int], Place] | None = None,
                 advance: Callable[[int], None] = lambda steps: None) -> Written:
    """Write *report*, its own goods and then those of *goods*, to *out*; without *out* only check.

    Our own check always judges what is written; *official*, when given, judges the finished file too. *strict*: rules
    that rest on the Commission's own files are kept to as well as its schema. *places*: where a good (counted from 1)
    was read from, for messages. *advance* is called for every good.

    Raises:
        ProblemsError: the report does not keep the table of elements or a firm rule (or the Commission's schema refuses
            it); nothing is left at *out* that was not there before.
        OSError: the file cannot be written.
    """
    with aside_file(out) as (path, stream):
        counted = _Counting(stream)
        judge = Judge(table(qualified=False), Place(file=str(out) if out is not None else None), strict=strict)
        writer = _Writer(judge, places)
        try:
            writer.write(counted, report, goods, advance)
        except ProblemsError as error:      # goods that could not even be read; what was read is judged all the same
            raise ProblemsError([*error.problems, *verdict(judge).findings.errors]) from None
        stream.close()
        checked = verdict(judge)
        if not checked.findings.usable:
            raise ProblemsError(checked.problems)
        refused = official_problems(path, official, "" if out is None else str(out)) if official is not None else ()
        if refused:
            raise ProblemsError(refused)
    return Written(checked, counted.bytes, f"sha256:{counted.hash.hexdigest()}", writer.rounded, official)


@contextmanager
def aside_file(out: Path | None) -> Iterator[tuple[Path, BinaryIO]]:
    """A file beside *out* that takes its name when the body succeeds, and goes away otherwise."""
    if out is None:
        descriptor, name = tempfile.mkstemp(suffix=".xml")
        aside = Path(name)
        os.close(descriptor)
    else:
        aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as stream:
            yield aside, stream
        if out is not None:
            os.replace(aside, out)
    except OSError as error:  # the reader knows the file by the name that was asked for
        if out is None or error.filename not in (None, str(aside)):
            raise
        raise OSError(error.errno, error.strerror or str(error), str(out)) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


class _Counting:
    """Counts and hashes what passes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.bytes = 0
        self.hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        self.hash.update(data)
        return self.stream.write(data)


@dataclass(slots=True, eq=False)
class _Template:
    """Elements of one shape with the texts that they hold at the moment."""

    element: etree._Element
    leaves: list[etree._Element]
    texts: list[str | None]


class _Writer:
    def __init__(self, judge: Judge, places: Callable[[int], Place] | None) -> None:
        self.judge, self.places = judge, places
        self.binding = binding(judge.table)
        self.rounded = 0
        self._templates: dict[tuple[int, ...], _Template] = {}
        self._by_number: dict[int, Bound] = {}
        _number(self.binding, self._by_number)
        self._bad: list[tuple[etree._Element, str]] = []

    def write(self, stream: _Counting, report: QReport, goods: Iterable[ImportedGood],
              advance: Callable[[int], None]) -> None:
        root = self.judge.table.root
        with etree.xmlfile(stream, encoding="UTF-8") as out:
            out.write_declaration()
            with out.element(root.name, nsmap={None: self.judge.table.namespace}):
                for bound, value in zip(self.binding.fields, self.binding.values(report), strict=True):
                    if bound.particle.name != GOOD:
                        if value is not None:
                            self._child(out, bound, value, None)
                        continue
                    for number, good in enumerate(_both(value, goods), 1):
                        self._child(out, bound, good, number)
                        advance(1)
                out.write("\n")
        self.judge.end()

    def _child(self, out: Any, bound: Bound, value: Any, number: int | None) -> None:
        """One child of the root: filled, judged, written."""
        shape: list[int] = []
        texts: list[str] = []
        if bound.below is not None:
            self._flatten(value, bound.below, shape, texts)
            element = self._filled(bound, tuple(shape), texts)
        else:
            text = self._text(value, bound)
            if not text and bound.droppable:
                return
            element = self._filled(bound, (), [text])
        place = self.places(number) if self.places is not None and number is not None else NOWHERE
        self.judge.child(element, place if place != NOWHERE else None)
        if self._bad:
            self._report_characters(element, number, place)
        out.write("\n")
        out.write(element)

    def _flatten(self, value: Any, kind: Binding, shape: list[int], texts: list[str]) -> None:
        """The elements of an object as numbers, and their texts."""
        for bound, item in zip(kind.fields, kind.values(value), strict=True):
            if item is None:
                continue
            if bound.below is None:
                text = item if type(item) is str else self._text(item, bound)
                if text or not bound.droppable:
                    shape.append(bound.number)
                    texts.append(text)
            elif bound.repeated:
                for each in item:
                    shape.append(bound.number)
                    self._flatten(each, bound.below, shape, texts)
                    shape.append(_END)
            else:
                shape.append(bound.number)
                self._flatten(item, bound.below, shape, texts)
                shape.append(_END)

    def _text(self, value: Any, bound: Bound) -> str:
        """The text of a value; figures that lose digits are counted."""
        simple = bound.particle.simple
        assert simple is not None
        if isinstance(value, Decimal):
            if (text := exact_text(value, simple)) is not None:
                return text
            self.rounded += rounded(value, simple) != value
        return text_of(value, simple)

    def _filled(self, bound: Bound, shape: tuple[int, ...], texts: list[str]) -> etree._Element:
        """Elements of that shape, holding *texts*."""
        key = (bound.number, *shape)
        template = self._templates.get(key)
        if template is None:
            template = self._made(bound, shape)
            if len(key) <= _SHAPE_LENGTH:
                if len(self._templates) >= _SHAPES:
                    self._templates.clear()
                self._templates[key] = template
        known = template.texts
        for index, text in enumerate(texts):
            if known[index] != text:
                try:
                    template.leaves[index].text = text
                except ValueError:
                    self._bad.append((template.leaves[index], text))
                    text = template.leaves[index].text = _NOT_XML.sub(_STAND_IN, text)
                known[index] = text
        return template.element

    def _made(self, bound: Bound, shape: tuple[int, ...]) -> _Template:
        top = etree.Element(bound.particle.tag)
        open_elements = [top]
        leaves = [top] if bound.below is None else []
        for number in shape:
            if number == _END:
                open_elements.pop()
                continue
            field = self._by_number[number]
            element = etree.SubElement(open_elements[-1], field.particle.tag)
            if field.below is None:
                leaves.append(element)
            else:
                open_elements.append(element)
        return _Template(top, leaves, [None] * len(leaves))

    def _report_characters(self, element: etree._Element, number: int | None, place: Place) -> None:
        """Say which characters XML does not allow."""
        for leaf, text in self._bad:
            match = _NOT_XML.search(text)
            top = f"/{self.judge.table.root.name}/{element.tag}" + (f"[{number}]" if number is not None else "")
            path = path_below(element, top, leaf, repeated_names(self.judge.table))
            where = at(place if place != NOWHERE else self.judge.place, None, path)
            self.judge.collected.error(Problem("qreport.character", where,
                                               found=f"U+{ord(match.group()):04X}" if match else None))
        self._bad.clear()


def _both(first: Iterable[ImportedGood], then: Iterable[ImportedGood]) -> Iterator[ImportedGood]:
    yield from first
    yield from then


def _number(kind: Binding, found: dict[int, Bound]) -> None:
    for bound in kind.fields:
        found[bound.number] = bound
        if bound.below is not None:
            _number(bound.below, found)


def rounded_report(report: QReport) -> QReport:
    """*report* with every figure rounded as it is written: what reading the file back gives."""
    return _rounded(report, binding(table()))  # type: ignore[no-any-return]


def rounded_good(good: ImportedGood) -> ImportedGood:
    """*good* with every figure rounded as it is written."""
    kind = next(b.below for b in binding(table()).fields if b.particle.name == GOOD)
    assert kind is not None
    return _rounded(good, kind)  # type: ignore[no-any-return]


def _rounded(value: Any, kind: Binding) -> Any:
    changed: dict[str, Any] = {}
    for bound, item in zip(kind.fields, kind.values(value), strict=True):
        if item is None:
            continue
        if bound.below is None:
            if isinstance(item, Decimal):
                assert bound.particle.simple is not None
                changed[bound.attribute] = rounded(item, bound.particle.simple)
        elif bound.repeated:
            changed[bound.attribute] = tuple(_rounded(each, bound.below) for each in item)
        else:
            changed[bound.attribute] = _rounded(item, bound.below)
    return replace(value, **changed)
