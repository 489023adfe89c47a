"""The Commission's XSD and our own check give the same verdict: valid documents, mutants of every path, scrambled ones.

Documents are made from the XSD (``xsd_documents``), not from our table.
"""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from lxml import etree
from tests.mappings.cbam.qreport.xsd_documents import (
    NAMESPACE,
    Maker,
    Schema,
    mutants,
    read_schema,
    scrambled,
    written,
)
from tests.published.test_cbam_qreport import VALID as PUBLISHED
from tests.published.test_cbam_qreport import VERDICTS

from zerofactory_mappings.cbam.qreport.check import check_bytes, check_tree
from zerofactory_mappings.cbam.qreport.read import read_report
from zerofactory_mappings.cbam.qreport.write import write_report

VALID = 1_000


def officially(xsd: etree.XMLSchema, data: bytes) -> bool:
    """The verdict of the Commission's schema on the bytes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return bool(xsd.validate(etree.parse(io.BytesIO(data), parser)))


@pytest.mark.parametrize("part", range(4))
def test_valid_documents_are_valid_for_both_and_give_themselves_back(
        xsd: etree.XMLSchema, schema: Schema, tmp_path: Path, part: int) -> None:
    """A quarter of 1,000 documents: valid for both; written from what was read they hold the same and stay valid."""
    out = tmp_path / "again.xml"
    for number in range(part, VALID, 4):
        chance = random.Random(number)
        data = written(Maker(schema, chance).document(), chance)
        assert officially(xsd, data), f"document {number} is not what it should be: {xsd.error_log}"
        checked = check_bytes(data)
        assert checked.valid, f"document {number}: {checked.problems}"
        report = read_report(data)
        write_report(report, out, strict=False)
        again = out.read_bytes()
        assert read_report(again) == report, f"document {number}"
        assert officially(xsd, again), f"document {number}, written: {xsd.error_log}"


@pytest.mark.parametrize("part", range(8))
def test_mutants_of_every_path_are_judged_alike(xsd: etree.XMLSchema, schema: Schema, xsd_folder: Path, part: int) -> None:
    with (xsd_folder / "qreport_elements.csv").open(encoding="utf-8") as stream:
        every = [row["path"] for row in csv.DictReader(stream)]
    assert len(every) == 243
    full = Maker(schema, random.Random(1), full=True, plain=True).document()
    invalid: dict[str, int] = {}
    for number, path in list(enumerate(every))[part::8]:
        for label, root in mutants(schema, path, full, random.Random(number)):
            data = written(root)
            official, own = officially(xsd, data), check_bytes(data)
            assert own.valid == official, f"{label}: XSD {official}, own {own.problems} {xsd.error_log}"
            invalid[path] = invalid.get(path, 0) + (not official)
    assert min(invalid.values()) >= 5, "a path has hardly any invalid mutant"


def test_scrambled_documents_are_judged_alike(xsd: etree.XMLSchema, schema: Schema) -> None:
    """Verdicts of both on 700 documents with random changes, as a stream and as a tree."""
    found = {True: 0, False: 0}
    for number in range(700):
        chance = random.Random(100_000 + number)
        root = scrambled(Maker(schema, chance).document(), chance)
        data = written(root)
        official = officially(xsd, data)
        own = check_bytes(data)
        assert own.valid == official, f"document {number}: XSD {official}, own {own.problems} {xsd.error_log}"
        assert check_tree(etree.fromstring(data)).valid == official, f"tree {number}"
        found[official] += 1
    assert min(found.values()) > 60, found


@pytest.mark.parametrize(("name", "limit"), [
    ("ImportedQuantity", 9), ("MeasureProcedureImported", 2), ("InwardProcessingInfo", 999), ("SupportingDocuments", 99),
    ("GoodsEmissions", 999), ("ContactDetails", 9), ("DirectQualifyingParameters", 99), ("CarbonPriceDue", 99),
    ("ProductsCovered", 9), ("RemarksEmissions", 9)])
def test_both_count_alike_around_the_limit(xsd: etree.XMLSchema, schema: Schema, name: str, limit: int) -> None:
    for times, valid in ((limit - 1, True), (limit, True), (limit + 1, False), (limit + 5, False)):
        root = Maker(schema, random.Random(2), full=True, plain=True).document()
        here = next(e for e in root.iter() if e.tag == f"{{{NAMESPACE}}}{name}")
        parent = here.getparent()
        assert parent is not None
        kind = next(c for children in schema.kinds.values() for c in children if c.name == name)
        small = Maker(schema, random.Random(3), minimal=True, plain=True)
        for _ in range(times - 1):
            here.addnext(small.element(parent, kind))
        data = written(root)
        assert (officially(xsd, data), check_bytes(data).valid) == (valid, valid), times


@pytest.mark.full
def test_both_count_goods_alike(xsd_folder: Path, xsd: etree.XMLSchema) -> None:
    """99,999 goods are valid and 100,000 are not."""
    schema = read_schema(xsd_folder)
    root = Maker(schema, random.Random(4), minimal=True, plain=True).document()
    text = written(root).decode()
    start, end = text.index("<ImportedGood>"), text.index("</QReport>")
    for times, valid in ((99_999, True), (100_000, False)):
        data = (text[:start] + text[start:end] * times + text[end:]).encode()
        assert (officially(xsd, data), check_bytes(data).valid) == (valid, valid), times


def test_attributes_and_types_named_by_the_document(xsd: etree.XMLSchema, schema: Schema) -> None:
    """``xsi:type`` with every type of both schemas on a decimal, with prefixes and without; other attributes of XML."""
    names = [*schema.simple, *(f"xs:{n}" for n in (
        "decimal", "integer", "nonPositiveInteger", "negativeInteger", "long", "int", "short", "byte", "nonNegativeInteger",
        "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "positiveInteger", "string", "float", "double",
        "boolean", "date", "anyType", "anySimpleType", "nothing"))]
    full = written(Maker(schema, random.Random(1), full=True, plain=True).document()).decode()
    full = full.replace("<QReport ", f'<QReport xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}" ', 1)
    start = full.index("<Amount>")
    end = full.index("</Amount>")
    for name in names:
        for prefix in ("", "t:"):
            for value in ("5", "-5", "0", "5.5", "123", "70000", "-200", "99999999999999999999", "123456"):
                if prefix and name.startswith("xs:"):
                    continue
                data = (full[:start] + f'<Amount xsi:type="{prefix}{name}">{value}' + full[end:]).encode()
                own = check_bytes(data)
                assert own.valid == officially(xsd, data), (prefix + name, value, own.problems)
    for attribute in ('xml:lang="en"', 'xml:space="preserve"', 'xml:base="a"', 'xml:id="a"', 'xsi:nil="0"', 'xsi:x="1"',
                      'xsi:schemaLocation="a"', 'xsi:noNamespaceSchemaLocation=""', 'xsi:type=""', 'xsi:type="u:an..5"',
                      'xsi:type=" xs:decimal"', 'xsi:type="xs:decimal:x"', 'xsi:type="decimal"', 'xmlns:u="urn:u"',
                      'xmlns:u="urn:u" u:a="1"', f'xmlns="{NAMESPACE}" xsi:type="dec16-7"', 'xmlns:t="urn:t" xsi:type="t:n1"'):
        for element in ("Amount", "CarbonPriceDue", "QReport"):
            at = full.index(f"<{element}") + len(element) + 1
            data = (full[:at] + " " + attribute + full[at:]).encode()
            try:
                official = officially(xsd, data)
            except etree.XMLSyntaxError:
                continue        # an attribute twice
            own = check_bytes(data)
            assert own.valid == official, (element, attribute, own.problems, official)


def test_the_verdicts_typed_into_the_published_test_are_those_of_the_xsd(xsd: etree.XMLSchema) -> None:
    for old, new, accepted in VERDICTS:
        data = (PUBLISHED.replace(old, new, 1) if old else PUBLISHED).encode()
        assert officially(xsd, data) == accepted, (old, new)


@pytest.mark.parametrize("change", [
    ("<Year>", "x<Year>"), ("<Year>", "&#160;<Year>"), ("<Year>", "&#32;&#13;<Year>"), ("<Year>", "<![CDATA[ ]]><Year>"),
    ("<Year>", "<![CDATA[x]]><Year>"), ("<Year>", "<!-- a --> <?b?><Year>"), ("</QReport>", "x</QReport>"),
    ("<Year>", "<!-- a -->x<Year>"), ("</ImportedGood>", "</ImportedGood>x"), ("</ImportedGood>", "</ImportedGood><Year>1</Year>"),
    ("</ImportedGood>", "</ImportedGood><Nope/>"), ("<Description>", "x<Description>"), ("<Year>", '<Year xmlns="">'),
    ("<Year>", f'<Year xmlns="{NAMESPACE}">'), ("<QReport ", "<qreport "), ("/V1", "/V2"), ("<Declarant>", "<Declarant><Declarant>"),
    ("<Name>", "<Name><![CDATA[]]>"), ("<Name>", "<Name><!-- -->"), ("<Name>", "<Name><b/>"), ("<Name>", "<Name>&lt;b/>")])
def test_text_and_names_in_odd_places(xsd: etree.XMLSchema, schema: Schema, change: tuple[str, str]) -> None:
    data = written(Maker(schema, random.Random(1), full=True, plain=True).document()).decode()
    old, new = change
    data = data.replace(old, new) if old == "/V1" else data.replace(old, new, 1)
    if old == "<QReport ":
        data = data.replace("</QReport>", "</qreport>")
    if old == "<Declarant>":
        data = data.replace("</Declarant>", "</Declarant></Declarant>", 1)
    own = check_bytes(data.encode())
    assert own.valid == officially(xsd, data.encode()), own.problems
