"""Evidence tables with the mess that such files have, made from a list of messes, for tests of readers.

    from tests.mappings.sources.messes.make import KINDS, fields_of, make_tables

    def test_reader(shared_data: Path) -> None:
        for made in make_tables("205-1", fields_of(shared_data, "205-1")):
            got = my_reader(made.data, f"{made.name}.{made.suffix}")

``make_tables(kind, fields, seed=0)`` gives ten :class:`Made` (six XLSX, four CSV) of a kind in :data:`KINDS`:
``205-1``, ``energy-ledger``, ``mee-supplement``, ``gec``, ``settlement``, ``ccer``. *fields* are the headers of the form, read at
test time with :func:`fields_of` (skips with a reason when the outside list is not there). The same seed gives the same
bytes. What messes there are, and which table has which, stands in ``messes.yaml`` beside this file. No reader was
looked at for it.

What a ``Made`` promises:

- ``rows``: the records a reader should find, in order; the header as the form has it → exact text: numbers plain and
  without trailing zeros (``1234.5``; of ``98.5%`` under a header in % it is ``98.5``), days ``2025-03-07``, months
  ``2025-03``, text without the spaces around it. A field that stands under the form (signatures) is not in it.
- ``refused``: rows broken on purpose: the key is empty, or the main figure is no number. They must not be taken.
- ``not_understood``: rows below the header that are no record: sub-totals, repeated headers, notes; ``other`` has
  them by kind, for a reader that knows some of them.
- ``total_rows`` = len(rows) + refused + not_understood: the rows below the header that are not blank.
- ``first``: number of the first row below the header.
- ``places``: number of the sheet row (counted from 1, records of CSV alike) of every record in ``rows``.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from tests.mappings.sources.messes.values import kind_of, tidy_rows

KINDS = ("205-1", "energy-ledger", "mee-supplement", "gec", "settlement", "ccer")
_RECORDS = 12
_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
_UNIT = re.compile(r"[(（]([^()（）]+)[)）]$")
_UNITS = frozenset({"MWh", "MW", "GJ", "tC/GJ", "元/MWh", "千元", "tce/TJ", "tCO2/MWh", "tCO2e"})
_BROKEN = ("约1200", "1.2.3", "#REF!", "见附件")
_NATIVE = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Made:
    """A table and what a reader should make of it; see the module."""

    name: str
    kind: str
    data: bytes
    suffix: str
    rows: tuple[Mapping[str, str], ...]
    refused: int
    not_understood: int
    total_rows: int
    messes: tuple[str, ...]
    other: Mapping[str, int]
    places: tuple[int, ...]
    first: int


@dataclass(slots=True)
class _Line:
    """One row of the sheet: what it is, its cells, and (for records) the values it stands for."""

    what: str                                                  # title, header, record, refused, blank, or of `other`
    cells: list[str]
    record: Mapping[str, str] | None = None
    native: frozenset[int] = field(default_factory=frozenset)  # columns that are numbers or days of the workbook


@cache
def _spec() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("messes.yaml").read_text(encoding="utf-8"))
    return loaded


def fields_of(shared_data: Path, kind: str) -> tuple[str, ...]:
    """The headers of the form of *kind* in the outside list of evidence fields; skips when that is not there."""
    path = shared_data / "standards" / "evidence_fields_cn.yaml"
    if not path.is_file():
        pytest.skip(f"the outside list of evidence fields is not here: {path.name}")
    documents = yaml.safe_load(path.read_text(encoding="utf-8"))["evidence_documents"]
    wanted = _spec()["kinds"][kind]["document"]
    return next(tuple(str(f) for f in d["fields"]) for d in documents if d["id"] == wanted)


def make_tables(kind: str, fields: Sequence[str], seed: int = 0) -> tuple[Made, ...]:
    """Ten tables of *kind* with the headers *fields*; the same arguments give the same bytes."""
    return tuple(_make(kind, fields, table, Random(f"{seed}/{kind}/{table['name']}"))
                 for table in _spec()["tables"])


def _make(kind: str, fields: Sequence[str], table: Mapping[str, Any], rng: Random) -> Made:
    spec, messes = _spec(), frozenset(table["messes"])
    known = spec["kinds"][kind]
    columns = [f for f in fields if f not in known["foot"]]
    records = tidy_rows(kind, columns, spec, rng, _RECORDS)
    if "merged-cells" in messes:
        records = [r | {columns[0]: records[i - i % 2][columns[0]]} for i, r in enumerate(records)]
    if "shuffled-columns" in messes:
        rest = columns[1:]
        rng.shuffle(rest)
        columns = [columns[0], *rest]
    extra = 1 if messes & {"hidden-column", "unknown-column"} else 0
    lines = [_record(row, columns, messes, rng, extra) for row in records]
    if "broken-rows" in messes:
        _break(lines, columns, known, rng)
    header = _header(columns, known, messes, extra)
    lines = _between(lines, header[-1], records, columns, messes)
    lines = [*_above(known, messes), *header, *lines, *_below(fields, known, messes)]
    data = _xlsx(lines, known, messes, extra) if table["suffix"] == "xlsx" else _csv(lines, messes)
    after = [line for line in lines if line.what not in ("title", "header", "blank")]
    counts = Counter(line.what for line in after)
    other = {w: n for w, n in sorted(counts.items()) if w not in ("record", "refused")}
    return Made(f"{kind}-{table['name']}", kind, data, table["suffix"],
                tuple(line.record for line in after if line.record is not None), counts["refused"],
                sum(other.values()), len(after), tuple(table["messes"]), other,
                tuple(i for i, line in enumerate(lines, 1) if line.what == "record"),
                max(i for i, line in enumerate(lines, 1) if line.what == "header") + 1)


def _record(row: Mapping[str, str], columns: Sequence[str], messes: frozenset[str], rng: Random, extra: int) -> _Line:
    cells, native = [], set()
    for index, name in enumerate(columns):
        kind = kind_of(name)
        text = _written(row[name], name, kind, messes, rng)
        if (kind in ("number", "year") and _NATIVE.fullmatch(text) and "numbers-as-text" not in messes) or (
                kind == "day" and "dates-native" in messes):
            native.add(index)
        cells.append(text)
    return _Line("record", cells + [f"X{rng.randint(10, 99)}"] * extra, row, frozenset(native))


def _written(text: str, name: str, kind: str, messes: frozenset[str], rng: Random) -> str:
    """*text* as the file writes it."""
    if kind == "number":
        if "thousands" in messes:
            text = f"{Decimal(text):,f}"
        if "full-width-digits" in messes:
            text = text.translate(_WIDE)
        unit = _UNIT.search(name)
        if unit and unit[1] in _UNITS and "trailing-units" in messes:
            text += rng.choice(["", " "]) + unit[1]
        return text + "%" if unit and unit[1] == "%" and "percent" in messes else text
    if kind in ("day", "month"):
        return _dated(text, messes)
    if kind == "text" and "padded" in messes:
        return rng.choice([" {} ", "\u3000{}", "{}\u00a0"]).format(text)
    return text


def _dated(text: str, messes: frozenset[str]) -> str:
    parts = text.split("-")
    if "dates-slash" in messes:
        return "/".join(str(int(p)) for p in parts)
    if "dates-dots" in messes:
        return ".".join(parts)
    if "dates-compact" in messes:
        return "".join(parts)
    if "dates-chinese" in messes:
        return "".join(f"{int(p)}{mark}" for p, mark in zip(parts, "年月日", strict=False))
    return text


def _break(lines: list[_Line], columns: Sequence[str], known: Mapping[str, Any], rng: Random) -> None:
    """Break three records: two figures that are none, one key that is missing."""
    key, main = columns.index(known["key"]), columns.index(known["main"])
    for turn, index in enumerate(rng.sample(range(len(lines)), 3)):
        line = lines[index]
        cells = list(line.cells)
        cells[key if turn == 2 else main] = "" if turn == 2 else rng.choice(_BROKEN)
        lines[index] = replace(line, what="refused", cells=cells, record=None, native=line.native - {key, main})


def _header(columns: Sequence[str], known: Mapping[str, Any], messes: frozenset[str], extra: int) -> list[_Line]:
    """The header, one row or two."""
    names = [known["english"].get(c, c) if "english-headers" in messes else c for c in columns] + ["内部编码"] * extra
    if "full-width-brackets" in messes:
        names = [n.replace("(", "（").replace(")", "）") for n in names]
    if "spaced-headers" in messes:
        names = [f" {n[:2]}\u3000{n[2:]} " if re.fullmatch(r"[\u4e00-\u9fff]{3,}", n) else f"{n} " for n in names]
    if "header-line-breaks" in messes:
        names = [n.replace("(", "\n(", 1) for n in names]
    if "unit-row" in messes:
        return [_Line("header", [_UNIT.sub("", n) for n in names]),
                _Line("header", [m[0] if (m := _UNIT.search(n)) else "" for n in names])]
    if "two-row-header" in messes:
        groups = _spec()["groups"]
        step = -(-len(names) // len(groups))
        return [_Line("header", [groups[i // step] if i % step == 0 else "" for i in range(len(names))]),
                _Line("header", names)]
    return [_Line("header", names)]


def _between(lines: list[_Line], header: _Line, records: Sequence[Mapping[str, str]], columns: Sequence[str],
             messes: frozenset[str]) -> list[_Line]:
    """The records with what stands between them."""
    out: list[_Line] = []
    half = len(lines) // 2
    for index, line in enumerate(lines):
        if index == half:
            if "sub-totals" in messes:
                out.append(_sums("小计", records[:half], columns, messes))
            if "repeated-headers" in messes:
                out.append(_Line("repeated-header", list(header.cells)))
        if "blank-rows" in messes and index % 4 == 2:
            out.append(_Line("blank", [""] * len(line.cells)))
        out.append(line)
    return out + ([_sums("合计", records, columns, messes)] if "sub-totals" in messes else [])


def _sums(label: str, records: Sequence[Mapping[str, str]], columns: Sequence[str], messes: frozenset[str]) -> _Line:
    cells = [label] + ["" for _ in columns[1:]]
    for index, name in enumerate(columns[1:], 1):
        if kind_of(name) == "number" and not re.search("系数|价|率|比|强度|容量", name):
            total = format(sum((Decimal(r[name]) for r in records), Decimal(0)), "f")
            cells[index] = f"{Decimal(total):,f}" if "thousands" in messes else total
    return _Line("sub-total", cells)


def _above(known: Mapping[str, Any], messes: frozenset[str]) -> list[_Line]:
    if "title-lines" not in messes:
        return []
    return [_Line("title", [known["title"]]), _Line("title", ["填报单位：示例制造有限公司", "", "2025年"]),
            _Line("blank", [""])]


def _below(fields: Sequence[str], known: Mapping[str, Any], messes: frozenset[str]) -> list[_Line]:
    if "notes" not in messes:
        return []
    foot = [f"{f}：" for f in fields if f in known["foot"]]
    return [_Line("blank", [""]), _Line("note", ["注：1.本表按月填报。2.数据以计量器具读数为准。"]),
            *([_Line("note", foot)] if foot else []), _Line("note", ["填表说明见附件", "", "第1页"])]


def _csv(lines: Iterable[_Line], messes: frozenset[str]) -> bytes:
    out = io.StringIO()
    delimiter = ";" if "semicolons" in messes else "\t" if "tabs" in messes else ","
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for line in lines:
        cells = list(line.cells)
        while "ragged" in messes and len(cells) > 1 and not cells[-1]:
            cells.pop()
        writer.writerow(cells if any(cells) else [""] * max(2, len(cells)))
    return out.getvalue().encode(
        "gb18030" if "gb18030" in messes else "utf-8-sig" if "bom" in messes else "utf-8")


def _xlsx(lines: Sequence[_Line], known: Mapping[str, Any], messes: frozenset[str], extra: int) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False,
                                     "strings_to_urls": False})
    book.set_properties({"created": datetime(2025, 1, 1)})     # noqa: DTZ001 - the format has no zone
    if "second-sheet" in messes:
        book.add_worksheet("填报说明").write_string(0, 0, "请在第二张表中填报。")
    sheet = book.add_worksheet(known["title"][:20])
    day, wrap = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"text_wrap": True})
    width = max(len(line.cells) for line in lines)
    for number, line in enumerate(lines):
        for index, text in enumerate(line.cells):
            if not text:
                continue
            if index in line.native and "-" in text:
                sheet.write_datetime(number, index, date.fromisoformat(text), day)
            elif index in line.native:
                sheet.write_number(number, index, float(text))
            else:
                sheet.write_string(number, index, text, wrap if "\n" in text else None)
    if "merged-title" in messes:
        sheet.merge_range(0, 0, 0, width - 1, lines[0].cells[0])
    if "two-row-header" in messes:
        _merge_groups(sheet, lines)
    if "merged-cells" in messes:
        _merge_first(sheet, lines)
    if "hidden-column" in messes and extra:
        sheet.set_column(width - 1, width - 1, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def _merge_groups(sheet: Any, lines: Sequence[_Line]) -> None:
    number = next(i for i, line in enumerate(lines) if line.what == "header")
    cells = lines[number].cells
    starts = [i for i, text in enumerate(cells) if text] + [len(cells)]
    for start, end in pairwise(starts):
        if end - start > 1:
            sheet.merge_range(number, start, number, end - 1, cells[start])


def _merge_first(sheet: Any, lines: Sequence[_Line]) -> None:
    """Equal neighbours of the first column become one cell."""
    start = 0
    for number in range(1, len(lines) + 1):
        if number < len(lines) and lines[start].what == lines[number].what == "record" and (
                lines[start].cells[0] == lines[number].cells[0]):
            continue
        if number - start > 1 and lines[start].what == "record":
            sheet.merge_range(start, 0, number - 1, 0, lines[start].cells[0])
        start = number
