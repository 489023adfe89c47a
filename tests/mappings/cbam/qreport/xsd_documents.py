"""Documents made from the Commission's XSD itself, independent of our table: valid ones, and mutants of every kind.

Only the tests that have the reference folder use it. Everything is drawn from a ``random.Random`` with a given seed.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACE = "http://xmlns.ec.eu/BusinessObjects/CBAM/Types/V1"
_CHARACTERS = "abcXYZ019 -.,;/&<>'\"\t\näßéČ中文字😀e\u0301\u00a0\u3000\u0085\u2028"


@dataclass
class Child:
    """An element in a sequence."""

    name: str
    type: str
    low: int
    high: int


@dataclass
class Schema:
    """The two files of the XSD as plain data."""

    root: str
    root_type: str
    kinds: dict[str, list[Child]] = field(default_factory=dict)
    simple: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)


def read_schema(folder: Path) -> Schema:
    """The XSD in *folder*."""
    main = etree.parse(folder / "QReport_ver23.00.xsd").getroot()
    root = main.find(f"{XS}element")
    assert root is not None
    made = Schema(root.get("name", ""), root.get("type", ""))
    for kind in main.findall(f"{XS}complexType"):
        made.kinds[kind.get("name", "")] = [
            Child(e.get("name", ""), e.get("type", ""), int(e.get("minOccurs", "1")), int(e.get("maxOccurs", "1")))
            for e in kind.iter(f"{XS}element")]
    for simple in etree.parse(folder / "stypes.xsd").getroot().findall(f"{XS}simpleType"):
        (restriction,) = simple.findall(f"{XS}restriction")
        facets = {etree.QName(f).localname: f.get("value", "") for f in restriction}
        made.simple[simple.get("name", "")] = (restriction.get("base", ""), facets)
    return made


class Maker:
    """Makes valid elements. *full*: every optional element once; otherwise they come and go as chance has it."""

    def __init__(self, schema: Schema, chance: random.Random, *, full: bool = False, plain: bool = False,
                 minimal: bool = False) -> None:
        self.schema, self.chance = schema, chance
        self.full, self.plain, self.minimal = full, plain, minimal

    def document(self) -> etree._Element:
        """A whole valid document as a tree."""
        prefix = None if self.plain or self.chance.random() < 0.7 else self.chance.choice(["q", "cbam"])
        names: dict[str | None, str] = {prefix: NAMESPACE, "xsi": XSI}
        root = etree.Element(f"{{{NAMESPACE}}}{self.schema.root}", nsmap=names)  # type: ignore[arg-type]  # None is the default one
        self.fill(root, self.schema.root_type)
        return root

    def element(self, parent: etree._Element, child: Child) -> etree._Element:
        """A valid element below *parent*."""
        made = etree.SubElement(parent, f"{{{NAMESPACE}}}{child.name}")
        if child.type in self.schema.kinds:
            self.fill(made, child.type)
        else:
            made.text = self.text(child.type)
            self._decorate(made)
        return made

    def fill(self, element: etree._Element, kind: str) -> None:
        """Valid content of a complex type."""
        for child in self.schema.kinds[kind]:
            for _ in range(self._times(child)):
                self.element(element, child)
        if not self.plain:
            self._space(element)

    def _times(self, child: Child) -> int:
        if self.full or self.minimal:
            return 1 if self.full else child.low
        if child.low == 0 and self.chance.random() < 0.55:
            return 0
        if child.high > 1 and self.chance.random() < 0.35:
            return self.chance.randint(max(1, child.low), min(3, child.high))
        return max(1, child.low)

    def _space(self, element: etree._Element) -> None:
        """White space, comments and instructions between elements: all allowed."""
        if self.chance.random() < 0.3:
            for child in element:
                child.tail = self.chance.choice(["\n", " ", "\t\r\n  ", ""])
        if self.chance.random() < 0.05:
            element.insert(self.chance.randint(0, len(element)), etree.Comment(" comment "))
        if self.chance.random() < 0.05:
            element.insert(self.chance.randint(0, len(element)), etree.ProcessingInstruction("target", "data"))
        if self.chance.random() < 0.02:
            element.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} QReport_ver23.00.xsd")

    def _decorate(self, element: etree._Element) -> None:
        """A comment inside a value does not part it."""
        text = element.text or ""
        if not self.plain and len(text) > 2 and self.chance.random() < 0.02:
            comment = etree.Comment("inside")
            element.text, comment.tail = text[:1], text[1:]
            element.append(comment)

    def text(self, kind: str) -> str:
        """A value of a simple type, often at the edge of a facet."""
        base, facets = self.schema.simple.get(kind, (kind, {}))
        make: dict[str, Callable[[dict[str, str]], str]] = {
            "xs:string": self._string, "xs:int": self._whole, "xs:integer": self._digits, "xs:decimal": self._decimal,
            "xs:boolean": lambda _: self.chance.choice(["true", "false", "1", "0"]), "xs:base64Binary": self._base64,
            "xs:date": lambda _: self._date(), "xs:dateTime": self._moment}
        value = make[base](facets)
        if base != "xs:string" and not self.plain and self.chance.random() < 0.05:
            value = self.chance.choice([" ", "\n", "\t"]) + value + self.chance.choice(["", "  "])
        return value

    def _string(self, facets: dict[str, str]) -> str:
        low, high = int(facets["minLength"]), int(facets["maxLength"])
        size = self.chance.choice([low, high if high < 600 else low, self.chance.randint(low, min(high, low + 30))])
        if self.plain:
            return "x" * size
        return "".join(self.chance.choice(_CHARACTERS) for _ in range(size))

    def _whole(self, facets: dict[str, str]) -> str:
        digits = int(facets["totalDigits"])
        value = self.chance.choice([0, 1, 10 ** digits - 1, self.chance.randrange(10 ** digits)])
        return self.chance.choice(["", "", "", "+", "-", "00", "-000"]) + str(value)

    def _digits(self, facets: dict[str, str]) -> str:
        most = int(facets["pattern"].rstrip("}").rpartition(",")[2])
        return "".join(self.chance.choice("0123456789") for _ in range(self.chance.randint(1, most)))

    def _decimal(self, facets: dict[str, str]) -> str:
        total, fraction = int(facets.get("totalDigits", "20")), int(facets.get("fractionDigits", "10"))
        behind = self.chance.randint(0, fraction)
        before = self.chance.randint(0 if behind else 1, total - behind)
        whole = "".join(self.chance.choice("123456789") for _ in range(before))
        rest = "".join(self.chance.choice("0123456789") for _ in range(behind))
        text = whole + ("." + rest if rest or self.chance.random() < 0.1 else "")
        if "." in text and self.chance.random() < 0.2:
            text += "0" * self.chance.randint(1, 12)
        return self.chance.choice(["", "", "", "+", "-", "000"]) + text

    def _base64(self, facets: dict[str, str]) -> str:
        import base64

        raw = base64.b64encode(self.chance.randbytes(self.chance.randint(0, 40))).decode()
        return raw if self.plain or self.chance.random() < 0.6 else " ".join(raw)

    def _date(self) -> str:
        month = self.chance.randint(1, 12)
        return f"{self.chance.randint(1, 9999):04d}-{month:02d}-{self.chance.randint(1, 28):02d}"

    def _moment(self, facets: dict[str, str]) -> str:
        time = self.chance.choice(["00:00:00", "23:59:59", "24:00:00", f"{self.chance.randint(0, 23):02d}:30:05"])
        return f"{self._date()[:0]}{self.chance.randint(1, 9998):04d}-{self._date()[5:]}T{time}Z"


def written(root: etree._Element, chance: random.Random | None = None) -> bytes:
    """The bytes of a tree; sometimes in another encoding, sometimes indented."""
    encoding = "UTF-8" if chance is None else chance.choice(["UTF-8"] * 8 + ["UTF-16", "ISO-8859-1"])
    data = etree.tostring(root, encoding=encoding, xml_declaration=True)
    assert isinstance(data, bytes)
    return data


#: Texts that are the wrong type somewhere: every simple type refuses some of them.
WRONG = ["", " ", "x", "abcdefghij" * 60, "-1", "+1", "1.5", "1.123456789", "12345678901234567890", "123456", "true",
         "2025-02-30", "2025-01-31", "2025-01-31T12:00:00Z", "AAA", "AAAA", "٣", "1e5", "NaN", "0" * 30 + "1"]


def mutants(schema: Schema, path: str, full: etree._Element, chance: random.Random) -> Iterator[tuple[str, etree._Element]]:
    """Mutants of *full* (which holds every path once) at one path of the element list; not all of them are invalid."""
    names = path.split("/")[1:]
    child = _declared(schema, names)

    def fresh() -> tuple[etree._Element, etree._Element, etree._Element]:
        root = copy.deepcopy(full)
        parent, here = root, root
        for name in names:
            parent, here = here, next(c for c in here if c.tag == f"{{{NAMESPACE}}}{name}")
        return root, parent, here

    def change(label: str, act: Callable[[etree._Element, etree._Element], object]) -> tuple[str, etree._Element]:
        root, parent, here = fresh()
        act(parent, here)
        return f"{path}: {label}", root

    yield change("missing", lambda parent, here: parent.remove(here))
    for label, times in (("as often as it may", child.high), ("once too often", child.high + 1)):
        if times > 1_000:
            continue        # the goods: a test of its own
        small = Maker(schema, chance, minimal=True, plain=True)
        yield change(label, lambda parent, here, n=times, m=small: _repeat(parent, here, child, n, m))  # type: ignore[misc]
    yield change("after the next", _swap(1))
    yield change("before the one before", _swap(-1))
    yield change("unknown child", lambda parent, here: etree.SubElement(here, f"{{{NAMESPACE}}}Nope"))
    yield change("unknown neighbour", lambda parent, here: here.addnext(etree.Element(f"{{{NAMESPACE}}}Nope")))
    yield change("other namespace", lambda parent, here: setattr(here, "tag", child.name))
    yield change("other name", lambda parent, here: setattr(here, "tag", here.tag.lower()))
    yield change("attribute", lambda parent, here: here.set("id", "1"))
    yield change("nil", lambda parent, here: here.set(f"{{{XSI}}}nil", "false"))
    yield change("own xsi:type", lambda parent, here: here.set(f"{{{XSI}}}type", child.type))
    yield change("other xsi:type", lambda parent, here: here.set(f"{{{XSI}}}type", "an..9999"))
    yield change("empty", lambda parent, here: here.clear())
    yield change("text", lambda parent, here: setattr(here, "text", "text"))
    yield change("tail", lambda parent, here: setattr(here, "tail", "text"))
    yield change("comment", lambda parent, here: here.insert(0, etree.Comment("c")))
    if child.type not in schema.kinds:
        for text in WRONG:
            yield change(f"value {text[:20]!r}", lambda parent, here, t=text: setattr(here, "text", t))  # type: ignore[misc]


def _declared(schema: Schema, names: list[str]) -> Child:
    kind, child = schema.root_type, None
    for name in names:
        child = next(c for c in schema.kinds[kind] if c.name == name)
        kind = child.type
    assert child is not None
    return child


def _repeat(parent: etree._Element, here: etree._Element, child: Child, times: int, maker: Maker) -> None:
    for _ in range(times - 1):
        extra = maker.element(parent, child)
        here.addnext(extra)


def _swap(step: int) -> Callable[[etree._Element, etree._Element], None]:
    def swap(parent: etree._Element, here: etree._Element) -> None:
        index = parent.index(here)
        if 0 <= index + step < len(parent):
            parent.remove(here)
            parent.insert(index + step, here)
    return swap


def scrambled(root: etree._Element, chance: random.Random) -> etree._Element:
    """*root* after a few random changes anywhere: elements lost, copied, moved, renamed, emptied, given other texts."""
    root = copy.deepcopy(root)
    for _ in range(chance.choice([1, 1, 2])):
        every = [e for e in root.iter() if isinstance(e.tag, str) and e is not root]
        here = chance.choice(every)
        parent = here.getparent()
        assert parent is not None
        match chance.randrange(7):
            case 0:
                parent.remove(here)
            case 1:
                here.addnext(copy.deepcopy(here))
            case 2:
                _swap(chance.choice([-2, -1, 1, 2]))(parent, here)
            case 3:
                here.tag = f"{{{NAMESPACE}}}{chance.choice(['Name', 'Country', 'NetMass', 'City', 'Nope'])}"
            case 4:
                here.text = chance.choice(WRONG)
            case 5:
                chance.choice(every).append(copy.deepcopy(here))
            case _:
                here.clear()
    return root
