"""Write a report as the input that a person would write: YAML by element name, many goods as JSON lines beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_engine.console import write_aside
from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.qreport.binding import Binding, binding, text_of
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.model import ImportedGood, QReport
from zerofactory_mappings.cbam.qreport.read import ReportStream
from zerofactory_mappings.cbam.qreport.rules import GOOD
from zerofactory_mappings.cbam.qreport.schema import INPUT_FORMAT
from zerofactory_mappings.cbam.qreport.write import aside_file
from zerofactory_mappings.sources.yaml_rows import scalar

#: Characters of YAML after which goods go into a file of their own.
INLINE = 2_000_000

#: Texts that every reader of YAML takes for text; others stand in quotes.
_LETTER = re.compile(r"[A-Za-z\u3400-\u9fff]")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})


def tree_of(value: Any, kind: Binding) -> dict[str, Any]:
    """An object of the model by element name: texts, numbers and truth values as the input has them."""
    out: dict[str, Any] = {}
    for bound, item in zip(kind.fields, kind.values(value), strict=True):
        name = bound.particle.name
        if item is None or item == ():
            continue
        if bound.below is None:
            assert bound.particle.simple is not None
            as_text = not isinstance(item, (bool, int, Decimal))
            out[name] = text_of(item, bound.particle.simple) if as_text else item
        elif bound.particle.repeated:
            out[name] = [tree_of(each, bound.below) for each in item]
        else:
            out[name] = tree_of(item, bound.below)
    return out


def good_tree(good: ImportedGood) -> dict[str, Any]:
    """A good by element name."""
    kind = next(b.below for b in binding(table()).fields if b.particle.name == GOOD)
    assert kind is not None
    return tree_of(good, kind)


def head_tree(report: QReport) -> dict[str, Any]:
    """The head of a report by element name."""
    out = tree_of(report, binding(table()))
    out.pop(GOOD, None)
    return out


def yaml_of(report: QReport) -> str:
    """A whole report as one YAML text."""
    return _document(report, [line for good in report.imported_good for line in _item(good_tree(good), "  ")], None)


def express(source: Path, out: Path | None) -> tuple[str, tuple[Path, ...]]:
    """The report in the XML file *source* as YAML: the text, and the files that were written (none without *out*).

    Goods that would make the YAML long are written as JSON lines beside *out*, in a file ``….goods.jsonl``.

    Raises:
        ProblemsError: the document is not valid, or has too many goods to be given without *out*.
        OSError: a file cannot be read or written.
    """
    with source.open("rb") as stream:
        reading = ReportStream(stream, str(source))
        goods = iter(reading)
        held, lines = _held(goods)
        if lines is not None:
            text = _document(reading.head(), lines, None)
            if out is not None:
                write_aside(out, text.encode())
            return text, (out,) if out is not None else ()
        if out is None:
            for _ in goods:         # a document that is not valid says so first
                pass
            raise ProblemsError([Problem("qreport.needs-out", Place(file=str(source)), accepted="--out")])
        beside = out.with_name(f"{out.stem}.goods.jsonl")
        with aside_file(out) as (_, head), aside_file(beside) as (_, rows):
            for good in chain(held, goods):
                rows.write(json.dumps(jsonable(good_tree(good)), ensure_ascii=False).encode() + b"\n")
            text = _document(reading.head(), [], beside.name)
            head.write(text.encode())
        return text, (out, beside)


def _held(goods: Iterator[ImportedGood]) -> tuple[list[ImportedGood], list[str] | None]:
    """The goods and their lines of YAML; no lines when there are more than fit, and then only the goods so far."""
    held: list[ImportedGood] = []
    lines: list[str] = []
    size = 0
    for good in goods:
        held.append(good)
        made = _item(good_tree(good), "  ")
        size += sum(map(len, made))
        lines += made
        if size > INLINE:
            return held, None
    return held, lines


def _document(report: QReport, goods: list[str], goods_file: str | None) -> str:
    lines = [f"format: {INPUT_FORMAT}", "report:", *_mapping(head_tree(report), "  ")]
    if goods:
        lines += ["goods:", *goods]
    if goods_file is not None:
        lines.append(f"goods_file: {_text(goods_file)}")
    return "\n".join(lines) + "\n"


def _mapping(tree: Mapping[str, Any], indent: str) -> list[str]:
    """A mapping in block style."""
    lines: list[str] = []
    for name, value in tree.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *_mapping(value, indent + "  ")] if value else [f"{indent}{name}: {{}}"]
        elif isinstance(value, list):
            lines.append(f"{indent}{name}:")
            for item in value:
                lines += _item(item, indent + "  ")
        else:
            lines.append(f"{indent}{name}: {_scalar(value)}")
    return lines


def _item(tree: Mapping[str, Any], indent: str) -> list[str]:
    """A mapping as an item of a list."""
    first, *rest = _mapping(tree, indent + "  ")
    return [f"{indent}- {first.lstrip()}", *rest]


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    return str(value) if isinstance(value, int) else _text(value)


def _text(value: str) -> str:
    """A text, in quotes unless every reader of YAML takes it for one."""
    written = scalar(value)
    if written.startswith('"') or (_LETTER.match(value) and value.lower() not in _WORDS):
        return written
    return f'"{written}"'
