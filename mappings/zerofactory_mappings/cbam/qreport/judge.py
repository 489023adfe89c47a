"""Judge elements by the table: order, cardinality, names, attributes, text, values; every fault with its place.

The verdict agrees with the Commission's schema as XML Schema 1.0 reads it. That includes what is allowed without being
named there: comments and processing instructions anywhere, ``xsi:schemaLocation``, and an ``xsi:type`` that names the
declared type or a restriction of it. ``xsi:nil`` is never allowed, because no element is nillable.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from lxml import etree

from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_engine.typed_readers import listed, nearest
from zerofactory_mappings.cbam.qreport.elements import ComplexType, Particle, Table, table
from zerofactory_mappings.cbam.qreport.findings import LISTED, Collected, at, line_of
from zerofactory_mappings.cbam.qreport.rules import Rules
from zerofactory_mappings.cbam.qreport.values import WHITESPACE, SimpleType, shown

XS = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: Attributes that every element may have: hints where schemas lie, which nobody follows here.
_HINTS = frozenset({f"{{{XSI}}}schemaLocation", f"{{{XSI}}}noNamespaceSchemaLocation"})

#: How many declared prefixes are looked through for all ``xsi:type`` of a document; no real one has thousands.
_PREFIXES = 10_000_000
_ATTRIBUTED = etree.XPath("boolean(descendant-or-self::*/@*)")
#: Remarks that are told once for each value, not once for each element.
_BY_VALUE = frozenset({"qreport.rule-code", "qreport.rule-form"})
#: How many judged texts an element remembers, and how long they may be.
_KNOWN = 512
_KNOWN_LENGTH = 64


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


@cache
def repeated_names(of: Table) -> frozenset[str]:
    """Names of elements that may stand more than once."""
    return frozenset(p.name for _, p in of.paths() if p.repeated)


class Order:
    """Children of one complex type, taken one after the other."""

    def __init__(self, kind: ComplexType) -> None:
        self.kind = kind
        self.position = 0
        self.counts: dict[Particle, int] = dict.fromkeys(kind.particles, 0)

    def take(self, tag: object) -> tuple[Particle | None, str | None]:
        """The particle of a child, None for one that does not belong here, and the code of what is wrong."""
        particle = self.kind.by_tag.get(tag) if isinstance(tag, str) else None
        if particle is None:
            return None, "qreport.unknown-element"
        self.counts[particle] += 1
        if particle.index < self.position:
            return particle, "qreport.wrong-order"
        self.position = particle.index
        if self.counts[particle] > particle.high:
            return particle, "qreport.too-many" if self.counts[particle] == particle.high + 1 else ""
        return particle, None

    def expected(self) -> list[str]:
        """Names that may come next: up to the first one that has to come."""
        names = []
        for particle in self.kind.particles[self.position:]:
            if self.counts[particle] < particle.high:
                names.append(particle.name)
            if self.counts[particle] < particle.low:
                break
        return names

    def missing(self) -> list[Particle]:
        """What should have come and did not."""
        return [p for p in self.kind.particles if self.counts[p] < p.low]


class Judge:
    """Judges the elements of one document and gathers what is found.

    The children of the root come one after the other (:meth:`child`), so that a document need never be in memory whole.
    *place*: where the document stands; *strict*: findings beyond the schema that rest on the Commission's own files are
    errors, as when we write.
    """

    def __init__(self, of: Table | None = None, place: Place = NOWHERE, strict: bool = False) -> None:
        self.table = table() if of is None else of
        self.collected = Collected(strict)
        self.place = place
        self.elements = 1
        self.rules = Rules(self.table, self._remark)
        assert self.table.root.complex is not None
        self.sequence = Order(self.table.root.complex)
        self._repeated = repeated_names(self.table)
        self._top: etree._Element | None = None
        self._top_path = self._root_path = f"/{self.table.root.name}"
        self._attributed = False
        self._prefixes = 0

    def root(self, element: etree._Element) -> bool:
        """Judge the root element itself, without its children; False when it is another one and nothing else counts."""
        if element.tag != self.table.root.tag:
            name = etree.QName(element)
            other = name.localname == self.table.root.name
            self._error("qreport.wrong-namespace" if other else "qreport.root", element, found=shown(str(element.tag)),
                        accepted=self.table.root.tag)
            return False
        if element.keys():
            self._attributes(element, None, self.table.root.complex)
        return True

    def child(self, element: etree._Element, place: Place | None = None) -> Particle | None:
        """Judge a child of the root with all below it; its particle, or None when it does not belong there.

        *place*: where the child was made from, when the document is only being written.
        """
        sequence = self.sequence
        particle, code = sequence.take(element.tag)
        name = local(str(element.tag))
        number = sequence.counts[particle] if particle is not None else 1
        self._top, before = element, self.place
        self._top_path = f"{self._root_path}/{name}" + (f"[{number}]" if name in self._repeated or number > 1 else "")
        if place is not None:
            self.place = place
        if code is not None:
            self._misplaced(element, sequence, particle, code)
        if particle is not None:
            self.rules.child(particle, element, number)
            self._attributed = bool(_ATTRIBUTED(element))
            self._element(element, particle)
        self._top, self._top_path, self.place = None, self._root_path, before
        return particle

    def between(self, text: str | None, element: etree._Element) -> None:
        """Judge text that stands between the children of the root."""
        if text and text.strip(WHITESPACE):
            self._stray_text(element, text)

    def end(self, root: etree._Element | None = None) -> None:
        """Judge what is missing when the last child of the root has been taken."""
        self._missing(root, self.sequence)
        self.rules.end(root)

    def _element(self, element: etree._Element, particle: Particle) -> None:
        """One element with all below it."""
        self.elements += 1
        if particle.complex is None:
            self._leaf(element, particle)
            return
        if self._attributed and element.keys():
            self._attributes(element, None, particle.complex)
        self._children(element, particle.complex)

    def _children(self, element: etree._Element, kind: ComplexType) -> None:
        """The children of an element of a complex type, each with all below it."""
        children: Sequence[etree._Element] = list(element)
        tags = tuple([child.tag for child in children])
        plan: Sequence[Particle | None] | None = kind.plans.get(tags) or kind.plan(tags)
        if plan is None:
            plan = self._diagnosed(element, kind, children)
        if (text := element.text) is not None and text.strip(WHITESPACE):
            self._stray_text(element, text)
        attributed = self._attributed
        self.elements += len(plan)
        for child, particle in zip(children, plan, strict=True):
            if (tail := child.tail) is not None and tail.strip(WHITESPACE):
                self._stray_text(element, tail)
            if particle is None:
                self.elements -= 1
            elif particle.complex is not None:
                if attributed and child.keys():
                    self._attributes(child, None, particle.complex)
                self._children(child, particle.complex)
            elif child.text not in particle.known or attributed or len(child):
                self._leaf(child, particle)
        if kind in self.rules.kinds:
            self.rules.complex(kind, element, tags)

    def _diagnosed(self, element: etree._Element, kind: ComplexType,
                   children: Iterable[etree._Element]) -> list[Particle | None]:
        """The particle of each child of a list that is not plainly valid, after saying what is wrong with it."""
        sequence = Order(kind)
        plan: list[Particle | None] = []
        for child in children:
            tag: object = child.tag
            if not isinstance(tag, str):
                plan.append(None)          # a comment or a processing instruction
                continue
            particle, code = sequence.take(tag)
            if code is not None:
                self._misplaced(child, sequence, particle, code)
            plan.append(particle)
        self._missing(element, sequence)
        return plan

    def _misplaced(self, element: etree._Element, sequence: Order, particle: Particle | None, code: str) -> None:
        """Say that an element is unknown, out of order or one too many."""
        if self.collected.error_count >= LISTED:
            if code:
                self._error(code, element)     # only counted
            return
        name = local(str(element.tag))
        if code == "qreport.too-many":
            assert particle is not None
            self._error(code, element, found=str(particle.high + 1), accepted=str(particle.high), name=name)
        elif code == "qreport.wrong-order":
            self._error(code, element, found=name, name=name, before=sequence.kind.particles[sequence.position].name)
        elif code:
            names = [p.name for p in sequence.kind.particles]
            if name in names:
                self._error("qreport.wrong-namespace", element, found=shown(str(element.tag)),
                            accepted=self.table.namespace)
                return
            near = nearest(name, names)
            more = {"nearest": near} if near else {}
            self._error("qreport.unknown-element-near" if near else code, element, found=shown(name),
                        accepted=listed(sequence.expected()), **more)

    def _missing(self, element: etree._Element | None, sequence: Order) -> None:
        for particle in sequence.missing():
            found = sequence.counts[particle]
            self._error("qreport.missing-element", element, below=particle.name, found=str(found) if found else None,
                        accepted=str(particle.low) if particle.low > 1 else None, name=particle.name)

    def _leaf(self, element: etree._Element, particle: Particle) -> None:
        """An element of a simple type: its attributes, that nothing but text is in it, and its value."""
        simple = particle.simple
        assert simple is not None
        if self._attributed and element.keys():
            simple = self._attributes(element, simple, None) or simple
        text = self._text(element) if len(element) else element.text or ""
        fault = simple.fault(text)
        if fault is not None:
            self._error(fault.code, element, found=fault.found, accepted=fault.accepted)
        elif (self.rules.value(particle, element, text) and simple is particle.simple and len(text) <= _KNOWN_LENGTH
              and len(particle.known) < _KNOWN):
            particle.known.add(text)

    def _text(self, element: Any) -> str:
        """The text of an element that holds more than text: comments do not count, elements are an error."""
        pieces = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str) or isinstance(child, etree._Entity):
                self._error("qreport.element-in-value", element, found=shown(local(str(child.tag))))
            pieces.append(child.tail or "")
        return "".join(pieces)

    def _attributes(self, element: etree._Element, simple: SimpleType | None,
                    kind: ComplexType | None) -> SimpleType | None:
        """Judge the attributes of an element; the simple type that ``xsi:type`` puts in place of the declared one."""
        instead = None
        for name in element.keys():     # noqa: SIM118 - not a dict, and its items() takes quadratic time
            if name == f"{{{XSI}}}type":
                instead = self._type(element, str(element.get(name)), simple, kind)
            elif name == f"{{{XSI}}}nil":
                self._error("qreport.nil", element, found=f"xsi:nil={shown(str(element.get(name)))}")
            elif name not in _HINTS:
                self._error("qreport.attribute", element, found=shown(str(name)))
        return instead

    def _type(self, element: etree._Element, value: str, simple: SimpleType | None,
              kind: ComplexType | None) -> SimpleType | None:
        prefix, colon, name = value.rpartition(":")
        known = element.nsmap if self._prefixes < _PREFIXES else {}
        self._prefixes += len(known)
        namespace = known.get(prefix if colon else None)
        if namespace == self.table.namespace and kind is not None and name == kind.name:
            return None
        found = self.table.simple.get(f"xs:{name}" if namespace == XS else
                                      name if namespace == self.table.namespace else "")
        if found is not None and simple is not None and simple.name in found.ancestors:
            return found
        declared = simple.name if simple is not None else kind.name if kind is not None else ""
        self._error("qreport.xsi-type", element, found=shown(value), accepted=declared)
        return None

    def _stray_text(self, element: etree._Element, text: str) -> None:
        self._error("qreport.text", element, found=shown(text.strip(WHITESPACE)))

    def _error(self, code: str, element: etree._Element | None, below: str = "", found: str | None = None,
               accepted: str | None = None, **args: str) -> None:
        if self.collected.error_count >= LISTED:
            self.collected.error(Problem(code))          # only counted
            return
        self.collected.error(Problem(code, self._where(element, below), found=found or None, accepted=accepted,
                                     args=args))

    def _remark(self, code: str, element: etree._Element | None, firm: bool, below: str = "",
                found: str | None = None, accepted: str | None = None, **args: str) -> None:
        """Record a finding beyond the schema; *firm*: it rests on a file of the Commission."""
        value = found or "" if code in _BY_VALUE else ""
        key = (code, below or (local(str(element.tag)) if element is not None else ""), value)
        self.collected.remark(key, firm, lambda: Problem(
            code, self._where(element, below), found=found, accepted=accepted, args=args))

    def _where(self, element: etree._Element | None, below: str = "") -> Place:
        """Line and XPath of an element, or of one that is missing *below* it."""
        path = self._path(element) if element is not None else self._root_path
        return at(self.place, line_of(element) if element is not None else None, f"{path}/{below}" if below else path)

    def _path(self, element: etree._Element) -> str:
        if self._top is None:
            return self._root_path
        return path_below(self._top, self._top_path, element, self._repeated)


def path_below(top: etree._Element, top_path: str, element: etree._Element, repeated: Collection[str]) -> str:
    """The XPath of *element* below *top*, which stands at *top_path*; *repeated* elements carry their number."""
    parts: list[str] = []
    here = element
    while here is not top:
        parent = here.getparent()
        if parent is None:
            break
        same = [child for child in parent if child.tag == here.tag]
        name = local(str(here.tag))
        parts.append(name + (f"[{same.index(here) + 1}]" if name in repeated or len(same) > 1 else ""))
        here = parent
    return "/".join([top_path, *reversed(parts)])
