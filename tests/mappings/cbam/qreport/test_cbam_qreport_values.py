"""Values of every simple type: verdicts typed by hand, and the Commission's XSD agreeing on every text around each facet."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from lxml import etree
from tests.mappings.cbam.qreport.xsd_documents import XS, Schema

from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.values import strays

#: type · texts that are values · texts that are not (each with the code that says why)
TYPED: list[tuple[str, list[str], dict[str, str]]] = [
    ("an2", ["Q1", "  ", "中文", "😀😀", "e\u0301", "\n\t"], {"": "value-empty", "Q": "value-short", "Q11": "value-long", "😀": "value-short"}),
    ("an..70", ["x", " ", "x" * 70, "😀" * 70], {"": "value-empty", "x" * 71: "value-long", " " * 71: "value-long"}),
    ("a2", ["CN", "12", "c "], {"CHN": "value-long", "C": "value-short"}),
    ("n1", ["0", "9", "-9", "+9", "09", "00", "-0", " 5\n"], {"": "value-empty", "10": "value-digits", "1.0": "value-integer", "٣": "value-integer", "\u00a05": "value-integer", "-": "value-integer"}),
    ("n4", ["2025", "02025", "+2025", "-2025", "0" * 40 + "2025", "0"], {"20250": "value-digits", "2025.0": "value-integer", "2 025": "value-integer", "2147483648": "value-digits", "9" * 5000: "value-digits"}),
    ("n8", ["20250131", "99999999"], {"100000000": "value-digits", "2025-01-31": "value-integer"}),
    ("n..5", ["1", "00001", "99999", " 7 "], {"+1": "value-pattern", "-1": "value-pattern", "000001": "value-pattern", "100000": "value-pattern", "1.0": "value-integer", "": "value-empty"}),
    ("n6.16", ["123456", "0" * 16], {"12345": "value-pattern", "1" * 17: "value-pattern"}),
    ("dec16-7", ["1", ".5", "5.", "+.5", "-0.0", "123456789.1234567", "1234567890123456", "1.123456700000", "0" * 30 + "1", "1234567890123456.000", "0.0000001"],
     {".": "value-decimal", "": "value-empty", "1e5": "value-decimal", "1,5": "value-decimal", "INF": "value-decimal", "1.12345678": "value-decimals", "0.00000001": "value-decimals",
      "1234567890.1234567": "value-digits", "12345678901234567": "value-digits", "- 1": "value-decimal", "--1": "value-decimal"}),
    ("dec16-5", ["12345678901.12345", "1.5"], {"1.123456": "value-decimals", "123456789012.12345": "value-digits"}),
    ("dec5-5", ["12345.12345", "1234567890", "99999.99999", "100000.1"], {"123456.12345": "value-digits", "12345678901": "value-digits", "0.123456": "value-decimals"}),
    ("xs:decimal", ["1", "9" * 200 + "." + "9" * 200, "-.5", "\t1\n"], {"": "value-empty", "1 1": "value-decimal", "x": "value-decimal"}),
    ("xs:boolean", ["true", "false", "1", "0", " true "], {"True": "value-boolean", "TRUE": "value-boolean", "yes": "value-boolean", "": "value-empty", "00": "value-boolean"}),
    ("xs:base64Binary", ["", " ", "AAAA", "AA==", "AAA=", "A A A A", "AA= =", "AAAA\nAAAA", "AQ=="],
     {"A": "value-base64", "AA": "value-base64", "AAA": "value-base64", "A===": "value-base64", "AB==": "value-base64", "AAB=": "value-base64", "AA==AAAA": "value-base64", "====": "value-base64"}),
    ("DateContentType", ["2025-01-31", "2024-02-29", "0001-01-01", "9999-12-31", " 2025-01-31 "],
     {"2025-02-29": "value-date", "0000-01-01": "value-date", "2025-13-01": "value-date", "2025-04-31": "value-date", "1900-02-29": "value-date", "2025-01-31Z": "value-pattern", "2025-1-31": "value-pattern",
      "-2025-01-31": "value-pattern", "12025-01-31": "value-pattern", "": "value-empty", "2025-01-31T00:00:00": "value-pattern"}),
    ("DateTimeContentType", ["2025-01-31T00:00:00Z", "2025-01-31T24:00:00Z", "2025-01-31T23:59:59Z", "2000-02-29T12:00:00Z"],
     {"2025-01-31T24:00:01Z": "value-date", "2025-01-31T23:59:60Z": "value-date", "2025-01-31T23:60:00Z": "value-date", "2025-01-31T25:00:00Z": "value-date", "0000-01-01T00:00:00Z": "value-date",
      "2025-02-30T00:00:00Z": "value-date", "2025-01-31T00:00:00": "value-pattern", "2025-01-31T00:00:00+00:00": "value-pattern", "2025-01-31T00:00:00.0Z": "value-pattern", "2025-01-31": "value-pattern"}),
    ("xs:int", ["2147483647", "-2147483648"], {"2147483648": "value-range", "-2147483649": "value-range", "9" * 50: "value-range", "-" + "9" * 50: "value-range"}),
    ("xs:integer", ["9" * 5000, "-" + "9" * 50], {"1.0": "value-integer"}),
    ("xs:unsignedByte", ["255", "0", "-0", "+5"], {"256": "value-range", "-1": "value-range"}),
]


@pytest.mark.parametrize(("name", "values", "others"), TYPED, ids=[t[0] for t in TYPED])
def test_verdicts_typed_by_hand(name: str, values: list[str], others: dict[str, str]) -> None:
    simple = table().simple[name]
    assert {text: fault for text in values if (fault := simple.fault(text)) is not None} == {}
    assert {text: fault.code if (fault := simple.fault(text)) is not None else None for text in others} == {
        text: f"qreport.{code}" for text, code in others.items()}


def test_a_fault_says_what_is_accepted() -> None:
    simple = table().simple
    assert (fault := simple["an..17"].fault("x" * 18)) is not None
    assert (fault.found, fault.accepted) == ("18", "an..17 (string), 1 … 17")
    assert (fault := simple["dec16-7"].fault("0.123456789")) is not None
    assert (fault.found, fault.accepted) == ("0.123456789", "16,7")
    assert (fault := simple["xs:byte"].fault("x" * 500)) is not None
    assert fault.found == "x" * 60 + "… (500)"
    assert fault.accepted == "xs:byte (integer), ≥ -128, ≤ 127"


def test_characters_that_base64_does_not_have_are_told_apart() -> None:
    assert [strays(t) for t in ("AAAA", "A A\n", "A-A", "AA\u00a0")] == [None, None, "-", "\u00a0"]


#: Texts that are tried with every type.
ODD = ["", " ", "\n", "0", "-0", "+0", "1", "-1", "+1", "01", "1.", ".1", "1.0", "1.5", "+.5", "-", "+", ".", "-.", "1e3", "1E3", "INF", "-INF", "NaN", "0x1", "1,5", "1 5",
       " 1", "1 ", "\t1\r\n", "\u00a01", "\u30001", "1\u0085", "\u2028", "١", "１", "²", "x", "xx", "é", "é\u0301", "😀", "😀😀", "中", "true", "false", "TRUE", "True", "tru", " true ", "t",
       "2025-01-31", "2025-1-31", "2025-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-2025-01-31", "-0001-01-01", "2025-01-31Z",
       "2025-01-31+14:00", "2025-01-31-14:01", "2025-00-31", "2025-13-31", "2025-01-00", "2025-01-32", "2025-04-31", "2025/01/31", "20250131", "2025-01-31T00:00:00", "2025-01-31T00:00:00Z",
       "2025-01-31T24:00:00Z", "2025-01-31T24:00:01Z", "2025-01-31T24:01:00Z", "2025-01-31T23:59:59Z", "2025-01-31T23:59:60Z", "2025-01-31T23:60:00Z", "2025-01-31T25:00:00Z", "2025-01-31T00:00:00z",
       "2025-01-31t00:00:00Z", "2025-01-31 00:00:00Z", "2025-01-31T00:00:00.5Z", "2025-01-31T00:00:00+00:00", "2025-01-31T0:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T24:00:00Z",
       "10000-01-01T00:00:00Z", "-2025-01-31T00:00:00Z", "2025-02-29T24:00:00Z", "A", "AA", "AAA", "AAAA", "AA==", "AAA=", "AB==", "AAB=", "A===", "====", "AA=", "AA==AA==", "AAAAA", "A A A A",
       "AA = =", "A-A_", "!!!!", "AAAA!", "-A-A-A-A", "Aé==", "\u00a0AAAA", "AA==!", "2147483647", "2147483648", "-2147483648", "-2147483649", "99999999", "100000000", "9999", "10000", "99999", "100000"]


def around(facets: dict[str, str], chance: random.Random) -> list[str]:
    """Texts just inside and just outside each facet of a type."""
    texts: list[str] = []
    for name in ("minLength", "maxLength"):
        if name in facets:
            texts += [letter * max(0, int(facets[name]) + step) for step in (-1, 0, 1) for letter in ("x", " ", "😀", "1")]
    if "totalDigits" in facets:
        total, fraction = int(facets["totalDigits"]), int(facets.get("fractionDigits", "0"))
        for digits in (total - 1, total, total + 1):
            for behind in {0, fraction - 1, fraction, fraction + 1} - {-1}:
                whole = "".join(chance.choice("123456789") for _ in range(max(0, digits - behind)))
                rest = "".join(chance.choice("123456789") for _ in range(behind))
                texts += [whole, f"{whole}.{rest}", f"-{whole}.{rest}", f"{whole}.{rest}000", f"000{whole}.{rest}", f"0.{rest}", f"+{whole}."]
    if (match := re.fullmatch(r"\\d\{(\d+),(\d+)\}", facets.get("pattern", ""))) is not None:
        low, high = int(match[1]), int(match[2])
        texts += [sign + "7" * size for size in (low - 1, low, high, high + 1) for sign in ("", "+", "-", "0", " ")]
    return texts


def test_the_xsd_agrees_on_every_type_and_text(xsd_folder: Path, schema: Schema, tmp_path: Path) -> None:
    """All 40 simple types, also those that no element uses, each asked alone through a schema that includes the Commission's."""
    ours = table().simple
    kinds = [*schema.simple, "xs:boolean", "xs:decimal", "xs:base64Binary", *(n for n in ours if n.startswith("xs:"))]
    head = f'<xs:schema xmlns:xs="{XS[1:-1]}" xmlns="{{n}}" targetNamespace="{{n}}"><xs:include schemaLocation="{(xsd_folder / "stypes.xsd").as_uri()}"/>'
    wrapper = head.replace("{n}", table().namespace) + "".join(
        f'<xs:element name="t{i}" type="{kind}"/>' for i, kind in enumerate(kinds)) + "</xs:schema>"
    (tmp_path / "wrapper.xsd").write_text(wrapper, encoding="utf-8")
    wrapped = etree.XMLSchema(etree.parse(tmp_path / "wrapper.xsd"))
    asked = 0
    for index, kind in enumerate(kinds):
        facets = schema.simple.get(kind, ("", {}))[1]
        if kind.removeprefix("xs:") in ("string", "date", "dateTime"):
            continue        # built-in types that no element has without a restriction
        for text in [*ODD, *around(facets, random.Random(index))]:
            element = etree.Element(f"{{{table().namespace}}}t{index}")
            element.text = text
            official = wrapped.validate(element)
            fault = ours[kind].fault(text)
            assert (fault is None) == official, f"{kind} {text!r}: XSD {official}, own {fault}"
            asked += 1
    assert asked > 8_000
