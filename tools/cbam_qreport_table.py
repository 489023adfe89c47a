"""Write our table of the QReport's elements and the JSON Schema of its input from the Commission's XSD.

    python tools/cbam_qreport_table.py FOLDER [--check]

FOLDER holds ``QReport_ver23.00.xsd`` and ``stypes.xsd``. Only facts are carried over: names, order, types,
cardinalities, facets. ``--check`` writes nothing and ends with 1 when a file is not current.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "standards/eu-cbam/qreport/23.00.yaml"
SCHEMA = ROOT / "standards/schemas/cbam-qreport.schema.json"

XS = "{http://www.w3.org/2001/XMLSchema}"
#: Facet of XML Schema → its name in our table, in the order in which we write them.
FACETS = {"minLength": "min_length", "maxLength": "max_length", "totalDigits": "total_digits",
          "fractionDigits": "fraction_digits", "pattern": "pattern"}

HEAD = """\
# The QReport of the CBAM transitional registry, version 23.00: elements in their order with type and cardinality, and
# the simple types with their facets. Facts read from the Commission's schema files (QReport_ver23.00.xsd,
# stypes_ver23.00.xsd) by tools/cbam_qreport_table.py; the files themselves are not part of this project. There are no
# attributes, no enumerations and no choices: every complex type is a sequence, so order matters. Which codes are
# accepted and which element is needed when stands in a workbook of the Commission that we lack (codes.yaml holds what
# is known of it): a document that keeps this table is accepted by the schema, not necessarily by the registry.
format: zerofactory/cbam-qreport-table/1
version: "23.00"
basis: transitional
namespace: {namespace}
root: {{name: {root}, type: {root_type}}}
source:
  act: Implementing Regulation (EU) 2023/1773
  annex: "CBAM transitional registry, QReport_ver23.00.xsd and stypes_ver23.00.xsd"
  source: commission
  confidence: confirmed
  note: read from two independent copies that are byte-identical; last transitional report Q4 2025
last_confirmed: 2026-11-01

# Built-in types of XML Schema that the registry's types rest on, and those that xsi:type may put in their place: what
# is written (form), what becomes of white space, and the range of the value beside that of the base.
built_in_source:
  act: "W3C XML Schema Part 2: Datatypes, second edition"
  annex: "3.2, 3.3, 4.3.6"
  source: standard
  confidence: confirmed
built_in:
  string: {{form: string, whitespace: preserve}}
  boolean: {{form: boolean, whitespace: collapse}}
  base64Binary: {{form: base64, whitespace: collapse}}
  date: {{form: date, whitespace: collapse}}
  dateTime: {{form: dateTime, whitespace: collapse}}
  decimal: {{form: decimal, whitespace: collapse}}
  integer: {{form: integer, whitespace: collapse, base: decimal}}
  nonPositiveInteger: {{form: integer, whitespace: collapse, base: integer, high: "0"}}
  negativeInteger: {{form: integer, whitespace: collapse, base: nonPositiveInteger, high: "-1"}}
  long: {{form: integer, whitespace: collapse, base: integer, low: "-9223372036854775808", high: "9223372036854775807"}}
  int: {{form: integer, whitespace: collapse, base: long, low: "-2147483648", high: "2147483647"}}
  short: {{form: integer, whitespace: collapse, base: int, low: "-32768", high: "32767"}}
  byte: {{form: integer, whitespace: collapse, base: short, low: "-128", high: "127"}}
  nonNegativeInteger: {{form: integer, whitespace: collapse, base: integer, low: "0"}}
  unsignedLong: {{form: integer, whitespace: collapse, base: nonNegativeInteger, high: "18446744073709551615"}}
  unsignedInt: {{form: integer, whitespace: collapse, base: unsignedLong, high: "4294967295"}}
  unsignedShort: {{form: integer, whitespace: collapse, base: unsignedInt, high: "65535"}}
  unsignedByte: {{form: integer, whitespace: collapse, base: unsignedShort, high: "255"}}
  positiveInteger: {{form: integer, whitespace: collapse, base: nonNegativeInteger, low: "1"}}
"""


def table_text(folder: Path) -> str:
    """The YAML of our table from the XSD in *folder*."""
    main = etree.parse(folder / "QReport_ver23.00.xsd").getroot()
    simple = etree.parse(folder / "stypes.xsd").getroot()
    (root,) = main.findall(f"{XS}element")
    lines = [HEAD.format(namespace=main.get("targetNamespace"), root=root.get("name"), root_type=root.get("type"))]
    lines.append("simple_types:")
    for each in simple.findall(f"{XS}simpleType"):
        lines.append("  " + _simple(each))
    lines += ["", "complex_types:"]
    for each in main.findall(f"{XS}complexType"):
        lines.append(f"  {each.get('name')}:")
        lines += [f"    - {{name: {name}, type: {kind}, min: {low}, max: {high}}}"
                  for name, kind, low, high in _rows(each)]
    return "\n".join(lines) + "\n"


def _simple(each: etree._Element) -> str:
    """One simple type as a line."""
    (restriction,) = each.findall(f"{XS}restriction")
    cells = {"base": str(restriction.get("base")).removeprefix("xs:")}
    found = {etree.QName(facet).localname: str(facet.get("value")) for facet in restriction}
    if set(found) - set(FACETS):
        raise SystemExit(f"facets that are not carried over: {sorted(set(found) - set(FACETS))}")
    for theirs, ours in FACETS.items():
        if theirs in found:
            cells[ours] = f"'{found[theirs]}'" if theirs == "pattern" else found[theirs]
    return f"{each.get('name')}: {{" + ", ".join(f"{k}: {v}" for k, v in cells.items()) + "}"


def _rows(each: etree._Element) -> Iterator[tuple[str, str, str, str]]:
    """Children of a complex type: name, type, fewest, most."""
    (sequence,) = each.findall(f"{XS}sequence")
    for element in sequence:
        if element.tag != f"{XS}element":
            raise SystemExit(f"{each.get('name')}: {element.tag} is not carried over")
        yield (str(element.get("name")), str(element.get("type")), element.get("minOccurs", "1"),
               element.get("maxOccurs", "1"))


def schema_text() -> str:
    """The JSON Schema of the input, from our table."""
    import json

    from zerofactory_mappings.cbam.qreport.schema import input_schema

    return json.dumps(input_schema(), ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write both files, or compare them."""
    folder = Path(next(a for a in arguments if not a.startswith("-")))
    wrong = 0
    makers: dict[Path, Callable[[], str]] = {TABLE: lambda: table_text(folder), SCHEMA: schema_text}
    for path, make in makers.items():
        text = make()
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path.relative_to(ROOT)} is not current", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
