"""The sheets of the verification workbook: which columns there are, and which of them the verifier fills in.

Sheets and columns are found by their names in either language, wherever they stand; a sheet of facts has the key of
each fact in its first column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zerofactory_engine.messages import LANGUAGES, render

TEXT, LIST, YESNO = "text", "list", "yesno"
#: Columns and facts whose values come from a list, by the area of their words.
CODES: Mapping[str, tuple[str, ...]] = {
    "state": ("open", "corrected"),
    "visit": ("physical", "virtual", "waived", "none"),
    "statement": ("satisfactory", "satisfactory_with_comments", "not_satisfactory"),
    "reading": ("not_over_prohibitions", "over_prohibitions"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: *kind* of a value that the verifier writes (``text``, ``list``, ``yesno``, ``code:<area>``); None: the
    program writes it and nothing is read from it. *key*: it says what the row is about."""

    id: str
    kind: str | None = None
    width: int = 18
    key: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with rows. *section*: where they go in the file (``items``, ``site_visit/history``); empty: output only.
    *blank*: empty rows to fill in."""

    id: str
    section: str
    columns: tuple[Column, ...]
    blank: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """A sheet of single facts: path in the file → kind of value."""

    id: str
    paths: Mapping[str, str]


VERIFIER = Facts("verifier", {
    "report/report_id": TEXT, "report/installation": TEXT, "report/period_start": TEXT, "report/period_end": TEXT,
    "report/plan_version": TEXT, "report/plan_date": TEXT, "report/objectives": TEXT, "report/scope": TEXT,
    "report/criteria": TEXT, "verifier/name": TEXT, "verifier/address": TEXT, "verifier/outsourced": TEXT,
    "verifier/accreditation_number": TEXT, "verifier/accreditation_body": TEXT, "verifier/accreditation_country": TEXT,
    "verifier/accreditation_expires": TEXT, "verifier/accreditation_scope": LIST, "sampling/coverage": TEXT})
VISIT = Facts("site_visit", {
    "site_visit/first_period": YESNO, "site_visit/significant_changes": LIST, "site_visit/force_majeure": YESNO,
    "site_visit/zero_emission_plant": YESNO, "site_visit/reading": "code:reading", "site_visit/visit": "code:visit",
    "site_visit/dates": TEXT, "site_visit/days": TEXT, "site_visit/reasons": TEXT})
CLOSING = Facts("closing", {
    "review/reviewer": TEXT, "review/date": TEXT, "review/findings": TEXT, "review/resolved": YESNO,
    "report/recommendations": TEXT, "statement/kind": "code:statement", "statement/reasons": TEXT,
    "statement/date": TEXT,
    "statement/signatory": TEXT})
FACTS = (VERIFIER, VISIT, CLOSING)

TEAM = Table("team", "team", (Column("name", TEXT, 32), Column("role", TEXT, 40)), 8)
ITEMS = Table("items", "items", (
    Column("path", TEXT, 12, key=True), Column("title", None, 44), Column("stands", None, 16),
    Column("lacking", None, 40),
    Column("confirmed", YESNO, 12), Column("evidence", LIST, 30), Column("note", TEXT, 40)))
FIGURES = Table("figures", "items", (
    Column("path", TEXT, 36, key=True), Column("title", None, 40), Column("reported", None, 18),
    Column("unit", None, 14),
    Column("documents", None, 22), Column("sampled", None, 10), Column("verified", TEXT, 18),
    Column("evidence", LIST, 26),
    Column("note", TEXT, 30), Column("difference", None, 18)))
MISSTATEMENTS = Table("misstatements", "misstatements", (
    Column("id", TEXT, 8), Column("description", TEXT, 44), Column("path", TEXT, 36), Column("corrected", TEXT, 18),
    Column("state", "code:state", 14), Column("note", TEXT, 28), Column("reported", None, 18), Column("unit", None, 12),
    Column("material", None, 14), Column("see_share", None, 16), Column("sefa_share", None, 16)), 30)
NONCONFORMITIES = Table("nonconformities", "nonconformities", (
    Column("id", TEXT, 8), Column("clause", TEXT, 26), Column("description", TEXT, 60),
    Column("state", "code:state", 14),
    Column("material", YESNO, 18), Column("note", TEXT, 30)), 30)
HISTORY = Table("history", "site_visit/history", (
    Column("period", TEXT, 12), Column("visit", "code:visit", 18), Column("date", TEXT, 14)), 6)
GOODS = Table("goods", "", (
    Column("cn", None, 14), Column("name", None, 30), Column("value", None, 18), Column("unit", None, 12),
    Column("reported", None, 18), Column("limit", None, 10), Column("limit_value", None, 18),
    Column("together", None, 18),
    Column("difference", None, 18), Column("share", None, 12), Column("material", None, 12)))
EFFECTS = Table("effects", "", (
    Column("id", None, 24), Column("cn", None, 14), Column("name", None, 28), Column("value", None, 18),
    Column("reported", None, 18), Column("corrected", None, 18), Column("difference", None, 18),
    Column("share", None, 12),
    Column("material", None, 12)))
SAMPLING = Table("sampling", "", (
    Column("order", None, 8), Column("path", None, 34), Column("name", None, 34), Column("kind", None, 18),
    Column("emissions", None, 16), Column("share", None, 12), Column("cumulative", None, 14),
    Column("selected", None, 12),
    Column("reason", None, 40)))
DECISION = Table("decision", "", (
    Column("rule", None, 60), Column("clause", None, 20), Column("allows", None, 20), Column("forbids", None, 20),
    Column("confidence", None, 14)))
CONCLUSION = Table("conclusion", "", (Column("reason", None, 110),))

TABLES = (TEAM, ITEMS, FIGURES, GOODS, SAMPLING, MISSTATEMENTS, EFFECTS, NONCONFORMITIES, DECISION, HISTORY, CONCLUSION)


def sheet_name(ident: str, language: str) -> str:
    """What a sheet is called."""
    return render(f"cbam-documents.sheet.{ident}", language)


def sheets_by_name() -> dict[str, Table | Facts]:
    """Sheets by their names in both languages, in small letters."""
    return {sheet_name(s.id, language).strip().casefold(): s for s in (*TABLES, *FACTS) for language in LANGUAGES}


def header(column: str, language: str) -> str:
    """What a column is called."""
    return render(f"cbam-documents.column.{column}", language)


def fact_code(path: str) -> str:
    """The message code of a fact."""
    return f"fact.{path.replace('/', '.')}"


def column_of(text: str, columns: tuple[str, ...]) -> str | None:
    """The column of *columns* that a header cell names, by its name in either language or its key."""
    wanted = " ".join(text.split()).casefold()
    for column in columns:
        if wanted in {column, *(header(column, language).casefold() for language in LANGUAGES)}:
            return column
    return None
