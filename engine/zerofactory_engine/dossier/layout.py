"""How a dossier lies in a workbook: which sheets, which columns, under which keys. Shared by reader and writer.

One sheet ``dossier`` holds the fields of the header and the sections, a line each; every table has a sheet of its own,
and so has every list inside a section or row (``boundary.parts``, ``certificates.status_history``). Cells inside an
object have dotted keys (``serials.first``). The last line of a header cell is its key; what stands above is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.structure import Column

#: Key of the sheet with header and sections.
MAIN = "dossier"
#: Keys of the main sheet's two columns.
FIELD, VALUE = "field", "value"
#: In a sheet of a list inside rows: the id of the row that an entry belongs to.
PARENT = "of"
#: What separates several entries in one cell.
SEPARATORS = ";；\n"
#: What says on the main sheet that a list is empty, which is not the same as not saying anything.
NONE_WORDS = ("none", "无")
HEADER_FIELDS = ("format", "id", "version", "supersedes", "submitted_on", "complete")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: *path* leads to its list in the dossier (``("electricity",)``, ``("boundary", "parts")``).

    *parent* is the table whose rows its entries belong to, if they do. *columns* by dotted key.
    """

    key: str
    path: tuple[str, ...]
    title: Mapping[str, str]
    help: Mapping[str, str]
    columns: Mapping[str, Column]
    parent: str | None = None

    def sheet_name(self, language: str) -> str:
        """The name of the sheet in a language, at most 31 characters."""
        return self.title[language] if len(self.title[language]) <= 31 else self.key[:31]


def flat(columns: Mapping[str, Column], before: str = "") -> Iterator[tuple[str, Column]]:
    """Columns by dotted key; objects are opened, lists of objects left to sheets of their own."""
    for name, column in columns.items():
        key = f"{before}{name}"
        if column.kind == "object":
            yield from flat(column.fields, f"{key}.")
        elif column.kind == "texts":
            for language in ("zh", "en"):
                yield f"{key}.{language}", column
        elif not (column.kind == "list" and column.fields):
            yield key, column


@cache
def main_fields() -> Mapping[str, Column]:
    """Fields of the main sheet by dotted key (without those of the header)."""
    return {key: column for name, shape in structure.sections().items()
            for key, column in flat(shape.columns, f"{name}.")}


@cache
def main_lists() -> Mapping[str, Column]:
    """Lists of the sections, which have sheets of their own; on the main sheet one can say that there is nothing."""
    return {f"{name}.{column.name}": column for name, shape in structure.sections().items()
            for column in structure.list_columns(shape)}


@cache
def sheets() -> Mapping[str, Sheet]:
    """All sheets but the main one, by key."""
    made: dict[str, Sheet] = {}
    for name, shape in structure.sections().items():
        for column in structure.list_columns(shape):
            key = f"{name}.{column.name}"
            made[key] = Sheet(key, (name, column.name), _joined(shape.title, column.title, key), column.help,
                              dict(flat(column.fields)))
    for name, shape in structure.tables().items():
        made[name] = Sheet(name, (name,), shape.title, shape.help, dict(flat(shape.columns)))
        for column in structure.list_columns(shape):
            key = f"{name}.{column.name}"
            made[key] = Sheet(key, (name, column.name), _joined(shape.title, column.title, key), column.help,
                              dict(flat(column.fields)), parent=name)
    return made


def _joined(one: Mapping[str, str], other: Mapping[str, str], key: str) -> Mapping[str, str]:
    return {"zh": f"{one['zh']}·{other['zh']}", "en": key}


@cache
def by_name() -> Mapping[str, str]:
    """Sheet key by every name that a sheet may have: its key, its title in each language; in lower case."""
    names = {MAIN: MAIN, "卷宗": MAIN}
    for key, sheet in sheets().items():
        for name in (key, *(sheet.sheet_name(language) for language in ("zh", "en"))):
            names.setdefault(name.lower(), key)
    return names
