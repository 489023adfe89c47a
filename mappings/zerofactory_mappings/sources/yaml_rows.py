"""Write a dossier as YAML that people read: a line for each row, every scalar as the text that it is.

Values come from files of strangers: whatever could be read as something else than this very text stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Cell: TypeAlias = "str | Mapping[str, str] | Sequence[str] | Sequence[Mapping[str, str]]"

_PLAIN = re.compile(r"[A-Za-z0-9_\u3400-\u9fff](?:[A-Za-z0-9_ .+/()%°\u3400-\u9fff\-]*[A-Za-z0-9_.)%\u3400-\u9fff])?")
#: Latin letters, Chinese and its punctuation.
_BARE = re.compile(r"[\u00b0-\u024f\u3000-\u303f\u3400-\u9fff\uff01-\uffee]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def scalar(text: str) -> str:
    """*text* as one YAML scalar, in double quotes unless it is plainly safe."""
    if text not in _NULLS and _PLAIN.fullmatch(text):
        return text
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    """One character inside double quotes. Other line separators would be folded, so only known text stays."""
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if 0x20 <= code < 0x7f or _BARE.fullmatch(character):
        return character
    return f"\\u{code:04X}" if code <= 0xffff else f"\\U{code:08X}"


def cell(value: Cell) -> str:
    """A scalar, a mapping of scalars, or a list of scalars or of such mappings, in flow style."""
    if isinstance(value, str):
        return scalar(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {scalar(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(cell(item) for item in value) + "]"


def row(cells: Mapping[str, Cell]) -> str:
    """One row: ``- {id: E1, flow: consumed}``."""
    return "  - {" + ", ".join(f"{name}: {cell(value)}" for name, value in cells.items()) + "}"


def table(name: str, rows: Iterable[Mapping[str, Cell]]) -> list[str]:
    """The lines of one table; nothing when it has no rows."""
    lines = [row(cells) for cells in rows]
    return [f"{name}:", *lines] if lines else []
