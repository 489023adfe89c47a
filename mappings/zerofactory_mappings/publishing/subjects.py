"""What a record's subjects are called: ``parameter:ZCF-2.1/entry_limit``, ``electricity/E1.MWh``, ``figure:output``"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.words import Words

_TABLE = re.compile(r"[a-z_0-9]+")


class Subjects:
    """Names things in one language."""

    def __init__(self, case: Case, words: Words) -> None:
        self._words = words
        tables = (("parameter", "parameters"), ("quantity", "quantities"))
        self._named = {f"{kind}:{entry['id']}": entry for kind, table in tables
                       for entry in case.assessment.get(table, ())}
        self._readings = {r["id"]: r for r in case.assessment.get("readings", ())}
        self._levers = {lever["lever"]: words.pick(lever["title"]) for c in case.assessment["criteria"]
                        for outcome in c["levels"].values() for lever in outcome.get("levers", ())}
        self._questions = case.questions
        self._criteria = {c["id"]: c for c in case.assessment["criteria"]}

    def name(self, subject: str) -> str:
        """The name of *subject*; what is not known by a name stands as it is."""
        if question := self._question(subject):
            return question
        kind, _, rest = subject.partition(":")
        if entry := self._named.get(subject):
            owner = rest.split("/")[0] + " " if "/" in rest else ""
            return owner + self._words.pick(entry["title"])
        if kind == "figure":
            return codes.name_of(rest.split("/")[0].split("@")[0], self._words.language, "figures") or rest
        if kind == "reading" and (reading := self._readings.get(rest)):
            return f"{reading['ref']} {self._words.pick(reading['question'])}"
        if kind in {"table", "row", "document"} and rest:
            return self.name(rest) if kind != "document" else rest
        if reading := self._readings.get(subject):
            return f"{reading['ref']} {self._words.pick(reading['question'])}"
        if subject in self._levers:
            return self._levers[subject]
        if f"parameter:{subject}" in self._named:
            return self.name(f"parameter:{subject}")
        if criterion := self._criteria.get(subject):
            return f"{criterion['clause']['printed']} {self._words.pick(criterion['title'])}"
        return self._cell(subject) or subject

    def _question(self, subject: str) -> str | None:
        """The text of a question, with the row that it is asked for: ``question:I68-4/unique@K1``."""
        name, _, row = subject.partition("@")
        if text := self._questions.get(name):
            return f"“{self._words.pick(text)}”" + (f" ({row})" if row else "")
        if subject.startswith("checklists/"):
            parts = subject.rsplit(".", 1)[0].split("/")
            if len(parts) >= 3 and (text := self._questions.get(f"checklists/{parts[1]}/{parts[-1]}")):
                return f"“{self._words.pick(text)}”" + (f" ({parts[2]})" if len(parts) > 3 else "")
        return None

    def _cell(self, subject: str) -> str | None:
        """A table, a row of it, or a cell (``electricity/E1.MWh``, ``meters/M1/on``)."""
        table, _, rest = subject.partition("/")
        row, column = rest, ""
        if not rest and "." in table:
            table, _, column = table.partition(".")
        if not _TABLE.fullmatch(table) or (title := codes.table_title(table)) is None:
            return None
        columns = codes.section(table)
        for mark in (".", "/"):
            head, found, tail = rest.rpartition(mark)
            if found and (tail in columns or mark == "."):
                row, column = head, tail
                break
        text = " ".join(x for x in (self._words.pick(title), row) if x)
        if column:
            named = columns.get(column)
            name = self._words.pick(named.title) if named and named.title["zh"] else column
            text += self._words.t("report.colon") + name
        return text

    def arguments(self, subject: str, args: Mapping[str, Any]) -> dict[str, str]:
        """Arguments of a sentence about *subject*, with things and kinds of document named."""
        named = {key: self._argument(key, str(value)) for key, value in args.items()}
        return {"subject": self.name(subject), **named}

    def _argument(self, key: str, value: str) -> str:
        if key in {"kinds", "kind", "documents"}:
            return self._words.join([self.document_kind(k.strip()) for k in re.split(r"[,、]", value)])
        if key == "column":
            return value
        if key == "table":
            return self._words.pick(codes.table_title(value) or value)
        if key == "subject":
            return self.name(value)
        return self.name(value) if re.fullmatch(r"[a-z]+:.+|[a-z_]+/[^ ]+", value) else value

    def document_kind(self, kind: str) -> str:
        """What a kind of document is called; of several that would do, all of them."""
        if "|" in kind:
            return self._words.t("report.or").join(self.document_kind(k.strip()) for k in kind.split("|"))
        return codes.name_of(kind, self._words.language, "document_kinds") or kind.replace("_", " ")


def value_of(column: codes.Column | None, value: Any, words: Words) -> str:
    """A value of the dossier as its column says: a word of a code list, a figure with unit, a text."""
    if isinstance(value, str) and column and column.codes:
        return codes.name_of(value, words.language, column.codes) or value
    if isinstance(value, list):
        return words.join([value_of(column, v, words) for v in value])
    shown = words.number(value)
    return words.with_unit(shown, column.unit) if column and column.unit and isinstance(value, str) else shown


def stated(part: str, entry: Mapping[str, Any], words: Words, skip: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """What an entry of the dossier states: title and value of each field, in its order."""
    columns = codes.section(part)
    out = []
    for key in [*(c for c in columns if c in entry), *(k for k in entry if k not in columns)]:
        value = entry[key]
        if key in skip or value in (None, "", []) or _nested(value):
            continue
        column = columns.get(key)
        title = words.pick(column.title) if column and column.title["zh"] else words.label("key", key)
        out.append((title, value_of(column, value, words)))
    return out


def _nested(value: object) -> bool:
    """Whether a value is an entry of its own rather than a text in two languages."""
    if isinstance(value, Mapping):
        return not set(value) <= {"zh", "en"}
    return isinstance(value, list) and any(isinstance(v, (Mapping, list)) for v in value)
