"""Check a document against the table of elements, as a stream, whatever its size.

The verdict is that of the Commission's schema, without having it. Beyond the verdict stand limits that no real report
reaches: a document type declaration, an encoding that no office uses, a text of ten million characters, elements nested
256 deep, one good of half a million elements, or a file of two billion bytes are refused unread.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from zerofactory_engine.problems import Place, Problem
from zerofactory_mappings.cbam.qreport.elements import Particle
from zerofactory_mappings.cbam.qreport.findings import Findings
from zerofactory_mappings.cbam.qreport.judge import Judge
from zerofactory_mappings.cbam.qreport.rules import GOOD

#: Largest document that is read, in bytes.
DOCUMENT_BYTES = 2_000_000_000
#: Most bytes, and most tags, between the end of one good and the next: what is in memory at once.
GOOD_BYTES = 200_000_000
GOOD_TAGS = 500_000

_CHUNK = 65_536
#: Until the root element has begun, little is fed at once, so that a document type declaration is seen before it acts.
_FIRST = 512
#: Encodings in which ``<`` is the byte that it is in ASCII, which counting tags rests on.
_ENCODINGS = re.compile(r"(utf-?8|utf-?16(le|be)?|us-?ascii|ascii|iso-?8859-?\d+|latin-?1|windows-125\d|gb2312|gbk|"
                        r"gb18030|big5|euc-(kr|jp)|shift_jis|koi8-[ru])", re.IGNORECASE)
#: What libxml2 calls errors of the encoding, and a document that does not even begin as one.
_ENCODING_ERRORS = frozenset({31, 32, 81, 6003})
_NOT_XML = frozenset({1, 4})
#: Words of its messages about its own limits (their numbers are shared with other errors).
_LIMITS = re.compile(r"too long|too big|too many|excessive depth|limit exceeded|amplification", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a document: its findings and how much was in it."""

    findings: Findings
    goods: int
    elements: int

    @property
    def valid(self) -> bool:
        """Whether the document keeps the table of elements; remarks beyond it do not count."""
        return self.findings.valid

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Errors, then remarks, both bounded and with a note of how many more there are."""
        return self.findings.problems


def check_file(path: Path) -> Checked:
    """Check the file at *path*; OSError when it cannot be read, every other fault is in the verdict."""
    with path.open("rb") as stream:
        return check_stream(stream, str(path))


def check_bytes(data: bytes, file: str | None = None) -> Checked:
    """Check a document in memory."""
    return check_stream(io.BytesIO(data), file)


def check_stream(stream: BinaryIO, file: str | None = None) -> Checked:
    """Check a document that is read piece by piece."""
    judge = Judge(place=Place(file=file))
    for _ in judged(stream, judge):
        pass
    return verdict(judge)


def check_tree(root: etree._Element, file: str | None = None) -> Checked:
    """Check a document that is a tree already."""
    judge = Judge(place=Place(file=file))
    if judge.root(root):
        judge.between(root.text, root)
        for child in root:
            if isinstance(child.tag, str):
                judge.child(child)
            judge.between(child.tail, root)
        judge.end(root)
    return verdict(judge)


def verdict(judge: Judge) -> Checked:
    """What *judge* found so far."""
    goods = next(n for p, n in judge.sequence.counts.items() if p.name == GOOD)
    return Checked(judge.collected.findings(), goods, judge.elements)


def judged(stream: BinaryIO, judge: Judge) -> Iterator[tuple[Particle, etree._Element]]:
    """The children of the root of a document, each judged and then freed; faults are in *judge*.

    A fault that stops reading (no XML, a document type declaration, a limit) ends the iteration.
    """
    try:
        yield from _Reading(stream, judge).children()
    except _StopError as stop:
        if stop.problem is not None:
            judge.collected.error(stop.problem)


class _StopError(Exception):
    """Nothing more is read; the problem that says why, unless the judge has said it already."""

    def __init__(self, problem: Problem | None) -> None:
        self.problem = problem
        super().__init__()


class _Reading:
    """Feeds a document to libxml2 piece by piece; what has been judged is taken out of the tree."""

    def __init__(self, stream: BinaryIO, judge: Judge) -> None:
        self.stream, self.judge = stream, judge
        tags = [judge.table.root.tag, f"{{{judge.table.namespace}}}{GOOD}"]
        self.good = tags[1]
        # "internal": entities of a document type declaration are known to libxml2, which then reports every undefined
        # one; nothing outside the document is ever opened, and a declaration stops the reading below.
        options: dict[str, Any] = {"resolve_entities": "internal", "no_network": True, "load_dtd": False,
                                   "dtd_validation": False, "huge_tree": False}
        self.parser: Any = etree.XMLPullParser(events=("start", "end"), tag=tags, remove_comments=True,
                                               remove_pis=True, **options)
        self.root: etree._Element | None = None
        self.last: etree._Element | None = None      # the last child that was judged, still in the tree

    def children(self) -> Iterator[tuple[Particle, etree._Element]]:
        """Every child of the root that belongs there, judged."""
        total = size = tags = 0
        while chunk := self.stream.read(_FIRST if self.root is None else _CHUNK):
            total, size, tags = total + len(chunk), size + len(chunk), tags + chunk.count(b"<")
            if total > DOCUMENT_BYTES:
                raise self._stop("qreport.too-large", found=f"> {DOCUMENT_BYTES:,} B", accepted=f"{DOCUMENT_BYTES:,} B")
            try:
                self.parser.feed(chunk)
            except etree.XMLSyntaxError as error:
                yield from self._events()
                raise self._syntax(error) from None
            goods = 0
            for child in self._events():
                goods += 1
                yield child
            if goods:
                size, tags = len(chunk), chunk.count(b"<")
            if size > GOOD_BYTES or tags > GOOD_TAGS:
                raise self._stop("qreport.good-too-large", found=f"{size:,} B, {tags:,} <",
                                 accepted=f"{GOOD_BYTES:,} B, {GOOD_TAGS:,} <")
        try:
            root = self.parser.close()
        except etree.XMLSyntaxError as error:
            yield from self._events()
            raise self._syntax(error) from None
        yield from self._events()
        yield from self._finish(root)

    def _events(self) -> Iterator[tuple[Particle, etree._Element]]:
        """What the fed pieces have completed."""
        for event, element in self.parser.read_events():
            if event == "start":
                if self.root is None:
                    self._begin(element)
            elif element.tag == self.good and element.getparent() is self.root:
                yield from self._up_to(element)

    def _begin(self, element: Any) -> None:
        """The first element of the document that has a name of ours: only as the root it counts."""
        root = element.getroottree().getroot()
        self.root = root
        info = root.getroottree().docinfo
        if info.doctype:
            raise self._stop("qreport.doctype", found=info.doctype[:80])
        if info.encoding and _ENCODINGS.fullmatch(info.encoding) is None:
            raise self._stop("qreport.encoding", found=info.encoding[:40], accepted="UTF-8")
        if not self.judge.root(root):
            raise _StopError(None)

    def _up_to(self, element: etree._Element) -> Iterator[tuple[Particle, etree._Element]]:
        """Judge the children from the last one judged to *element*, and free those before it."""
        assert self.root is not None
        waiting = [element]
        while (before := waiting[-1].getprevious()) is not None and before is not self.last:
            waiting.append(before)
        if self.last is None:
            self.judge.between(self.root.text, self.root)
        for child in reversed(waiting):
            self._forget_last()
            self.last = child
            particle = self.judge.child(child)
            if particle is not None:
                yield particle, child
            _empty(child)

    def _forget_last(self) -> None:
        """Take the last child that was judged out of the tree, with the text behind it."""
        if self.last is not None and self.root is not None:
            self.judge.between(self.last.tail, self.root)
            self.root.remove(self.last)
            self.last = None

    def _finish(self, root: etree._Element) -> Iterator[tuple[Particle, etree._Element]]:
        """Judge what follows the last good, and what is missing."""
        if self.root is None:
            self._begin(root)
        if root is not self.root:
            raise self._stop("qreport.syntax")
        if len(root) and root[-1] is not self.last:
            yield from self._up_to(root[-1])
        elif not len(root):
            self.judge.between(root.text, root)
        self._forget_last()
        self.judge.end(root)

    def _stop(self, code: str, found: str | None = None, accepted: str | None = None,
              line: int | None = None) -> _StopError:
        place = self.judge.place
        return _StopError(Problem(code, Place(place.file, line), found=found, accepted=accepted))

    def _syntax(self, error: etree.XMLSyntaxError) -> _StopError:
        """What libxml2 could not read, as one of our problems."""
        number = getattr(error, "code", 0)
        line, said = error.lineno, re.sub(r"\s*(, line \d+, column \d+)?\s*\(<string>, line \d+\)\s*$", "", str(error))
        code = ("qreport.too-large" if _LIMITS.search(said) else
                "qreport.encoding" if number in _ENCODING_ERRORS else
                "qreport.not-xml" if number in _NOT_XML else "qreport.syntax")
        column = error.position[1] if error.position and error.position[0] else None
        place = Place(self.judge.place.file, line or None, column or None)
        return _StopError(Problem(code, place, found=said.strip()[:200]))


def _empty(element: Any) -> None:
    """Take out what is in an element; the text behind it, of which more may come, stays."""
    element.clear(keep_tail=True)
