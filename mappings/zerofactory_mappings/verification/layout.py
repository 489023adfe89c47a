"""The sheets of the workbook: which columns there are, and which of them the verifier fills in (marked with ✎).

Sheets and columns are found by their names in either language, wherever they stand; a sheet of facts has the key of
each fact in its first column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from zerofactory_engine.messages import LANGUAGES, render
from zerofactory_mappings.sources.sheets.text import normal
from zerofactory_mappings.verification import tables

TEXT, LIST, YESNO, NUMBER, PERCENT, SHARE, DATE = "text", "list", "yesno", "number", "percent", "share", "date"
#: Mark behind the head of a column that is filled in.
MARK = " ✎"
#: Words of codes that no table of the standard has.
CODES: Mapping[str, tuple[str, ...]] = {
    "state": ("open", "corrected"), "basis": ("location", "market"), "offsetting": ("immaterial", "material"),
}
#: Words that a person may write for "none" in a list.
NONE_WORDS = frozenset({"无", "none", "-", "—", "n/a"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: *kind* of a value that is read (``text``, ``list``, ``yesno``, ``number``, ``percent``, ``date``,
    ``code:<area>``, ``codes:<area>``); None: the program writes it and nothing is read from it. *key*: it says what
    the row is about, so that it alone does not make an entry."""

    id: str
    kind: str | None = None
    width: int = 16
    key: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with rows. *section*: where they go in the package; empty: output only. *blank*: rows to fill in."""

    id: str
    section: str
    columns: tuple[Column, ...]
    blank: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """A sheet of single facts: path in the package → kind of value; *given*: the program writes them."""

    id: str
    paths: Mapping[str, str]
    given: bool = False


SUBJECT = Facts("subject", {
    "subject/dossier": TEXT, "subject/sha256": TEXT, "subject/lines_sha256": TEXT, "subject/organisation": TEXT,
    "subject/facility": TEXT, "subject/period_start": DATE, "subject/period_end": DATE,
    "subject/basis": "code:basis", "subject/categories": LIST, "subject/lines": NUMBER, "subject/total_tCO2e": NUMBER,
    "subject/known_on": DATE}, given=True)
ENGAGEMENT = Facts("engagement", {
    "engagement/kind": "code:engagement_kind", "engagement/assurance": "code:assurance", "engagement/standard": TEXT,
    "engagement/objectives": TEXT, "engagement/criteria": LIST, "engagement/scope": TEXT, "engagement/client": TEXT,
    "engagement/addressee": TEXT, "engagement/intended_users": TEXT, "engagement/statement_date": DATE,
    "engagement/plan_date": DATE, "engagement/mixed_parts": TEXT, "verifier/name": TEXT, "verifier/address": TEXT,
    "verifier/accreditation_body": TEXT, "verifier/accreditation_number": TEXT,
    "verifier/accreditation_expires": DATE, "sampling/coverage": SHARE, "sampling/monetary_units": NUMBER,
    "sampling/tolerance_percent": PERCENT})
OPINION = Facts("opinion", {
    "review/reviewer": TEXT, "review/date": DATE, "review/findings": TEXT, "review/resolved": YESNO,
    "opinion/type": "code:opinion", "opinion/reasons": TEXT, "opinion/modification": TEXT,
    "opinion/offsetting": "code:offsetting", "opinion/client_responsibility": TEXT,
    "opinion/verifier_responsibility": TEXT, "opinion/signatory": TEXT, "opinion/date": DATE})
FACTS = (SUBJECT, ENGAGEMENT, OPINION)

_EVIDENCE = (Column("evidence", LIST, 24), Column("note", TEXT, 28))
TEAM = Table("team", "team", (Column("name", TEXT, 32), Column("role", TEXT, 40)), 6)
MATERIALITY = Table("materiality", "materiality", (
    Column("of", TEXT, 14), Column("percent", PERCENT, 12), Column("tCO2e", NUMBER, 16),
    Column("rule", "code:rule", 30), Column("source", TEXT, 40), Column("threshold", None, 18),
    Column("holds", None, 10), Column("confidence", None, 14)), 4)
SETTINGS = Table("settings", "subject", (
    Column("setting", TEXT, 16, key=True), Column("name", TEXT, 24, key=True), Column("value", TEXT, 48),
    Column("meaning", None, 60)))
ITEMS = Table("items", "items", (
    Column("line", TEXT, 34, key=True), Column("title", None, 30), Column("category", None, 10),
    Column("planned_tCO2e", NUMBER, 18, key=True), Column("share", None, 10), Column("documents", None, 24),
    Column("verified_tCO2e", NUMBER, 18), Column("confirmed", YESNO, 12), Column("limitation", YESNO, 14),
    Column("activities", "codes:activity", 26), *_EVIDENCE, Column("difference", None, 16)), 10)
HEAT = Table("heat", "heat", (
    Column("row", TEXT, 12, key=True), Column("medium", None, 12), Column("flow", None, 10),
    Column("heat_source", None, 12), Column("period", None, 24), Column("t", None, 12),
    Column("pressure_MPa", None, 12), Column("temperature_degC", None, 12), Column("enthalpy", None, 12),
    Column("GJ", None, 16), Column("sampled", None, 10), Column("verified_GJ", NUMBER, 16),
    Column("confirmed", YESNO, 12), *_EVIDENCE))
METERING = Table("metering", "metering", (
    Column("meter", TEXT, 12, key=True), Column("title", None, 24), Column("medium", None, 12),
    Column("accuracy", None, 10), Column("calibrated_on", None, 14), Column("calibrated_until", None, 14),
    Column("valid", None, 14), Column("sampled", None, 10), Column("documents", None, 24), Column("seen", YESNO, 12),
    Column("calibrated", YESNO, 14), *_EVIDENCE))
GAPS = Table("gaps", "gaps", (
    Column("gap", TEXT, 16, key=True), Column("gap_kind", None, 22), Column("about", None, 22),
    Column("period", None, 24), Column("reason", None, 40), Column("substitution", None, 24),
    Column("conservative", None, 12), Column("documents", None, 20), Column("accepted_gap", YESNO, 12), *_EVIDENCE))
CHECKS = Table("cross_checks", "cross_checks", (
    Column("row", TEXT, 22, key=True), Column("quantity", None, 16), Column("unit", None, 10),
    Column("reported", None, 16), Column("stated", None, 40), Column("invoice", NUMBER, 14),
    Column("meter_value", NUMBER, 14), Column("settlement", NUMBER, 14), Column("other", NUMBER, 14),
    Column("tolerance_percent", PERCENT, 10), Column("explanation", TEXT, 30), *_EVIDENCE,
    Column("difference", None, 14), Column("within", None, 12)), 10)
MISSTATEMENTS = Table("misstatements", "misstatements", (
    Column("id", TEXT, 8), Column("description", TEXT, 40), Column("kind", "code:misstatement_kind", 16),
    Column("line", TEXT, 30), Column("corrected_tCO2e", NUMBER, 16), Column("cell", TEXT, 26),
    Column("corrected", TEXT, 14), Column("category", TEXT, 10), Column("effect_tCO2e", NUMBER, 16),
    Column("state", "code:state", 14), Column("intentional", YESNO, 10), Column("pervasive", YESNO, 10),
    Column("note", TEXT, 24), Column("reported", None, 16), Column("effect", None, 16), Column("share", None, 10),
    Column("material", None, 12)), 30)
EFFECTS = Table("effects", "", (
    Column("id", None, 26), Column("of", None, 24), Column("reported", None, 18), Column("effect", None, 18),
    Column("share", None, 12), Column("material", None, 12)))
TOGETHER = Table("together", "", (
    Column("of", None, 30), Column("reported", None, 18), Column("over", None, 16), Column("under", None, 16),
    Column("net", None, 16), Column("gross", None, 16), Column("threshold", None, 16), Column("share", None, 12),
    Column("material", None, 12), Column("gross_material", None, 14)))
NONCONFORMITIES = Table("nonconformities", "nonconformities", (
    Column("id", TEXT, 8), Column("clause", TEXT, 24), Column("description", TEXT, 56),
    Column("state", "code:state", 14), Column("material", YESNO, 12), Column("pervasive", YESNO, 12),
    Column("note", TEXT, 28)), 20)
LIMITATIONS = Table("limitations", "limitations", (
    Column("id", TEXT, 8), Column("description", TEXT, 56), Column("line", TEXT, 30), Column("category", TEXT, 10),
    Column("pervasive", YESNO, 12), Column("note", TEXT, 28)), 10)
AFTER = Table("facts_after", "facts_after", (
    Column("on", DATE, 14), Column("what", TEXT, 60), Column("action", TEXT, 40)), 6)
SAMPLING = Table("sampling", "", (
    Column("order", None, 8), Column("line", None, 34), Column("title", None, 30), Column("category", None, 10),
    Column("emissions", None, 18), Column("share", None, 12), Column("cumulative", None, 12),
    Column("selected", None, 10), Column("reason", None, 36)))
ELEMENTS = Table("elements", "", (
    Column("element", None, 44), Column("clause", None, 16), Column("standing", None, 16), Column("fields", None, 60),
    Column("confidence", None, 14)))
CONCLUSION = Table("conclusion", "", (Column("matter", None, 24), Column("sentence", None, 110)))

#: In the order of the work.
SHEETS: tuple[Table | Facts, ...] = (
    SUBJECT, ENGAGEMENT, TEAM, MATERIALITY, SAMPLING, ITEMS, HEAT, METERING, GAPS, CHECKS, MISSTATEMENTS, EFFECTS,
    TOGETHER, NONCONFORMITIES, LIMITATIONS, OPINION, AFTER, ELEMENTS, CONCLUSION, SETTINGS)
#: Columns whose name in the package is another: one word for two things on a page.
NAMES = {("cross_checks", "meter_value"): "meter", ("gaps", "accepted_gap"): "accepted"}


def sheet_name(ident: str, language: str) -> str:
    """What a sheet is called."""
    return render(f"verification.sheet.{ident}", language)


@cache
def sheets_by_name() -> Mapping[str, Table | Facts]:
    """Sheets by their compared names in both languages."""
    return {normal(sheet_name(s.id, language)): s for s in SHEETS for language in LANGUAGES}


def header(column: Column, language: str) -> str:
    """The head of a column, with the mark where the verifier writes."""
    text = render(f"verification.column.{column.id}", language)
    return text + MARK if column.kind is not None and not column.key else text


def fact_title(path: str, language: str) -> str:
    """What a fact is called."""
    return render(f"verification.fact.{path.replace('/', '.')}", language)


def column_of(text: str, columns: tuple[Column, ...]) -> Column | None:
    """The column that a head names, by its name in either language or its key."""
    wanted = normal(text.replace(MARK.strip(), ""))
    for column in columns:
        names = {normal(column.id), *(normal(render(f"verification.column.{column.id}", lang)) for lang in LANGUAGES)}
        if wanted in names:
            return column
    return None


def codes_of(area: str) -> tuple[str, ...]:
    """The codes of an area, of a table of the standard or of the program."""
    return tuple(tables.words(area)) if tables.has_words(area) else CODES[area]


def word(area: str, code: str, language: str) -> str:
    """What a code is called."""
    if tables.has_words(area):
        return tables.title(area, code, language)
    return render(f"verification.{area}.{code}", language)


def code_of(area: str, text: str) -> str:
    """The code of a word in either language; what is none stands as it is, for the schema or a check to refuse."""
    wanted = normal(text)
    for code in codes_of(area):
        if wanted in {normal(code), *(normal(word(area, code, language)) for language in LANGUAGES)}:
            return code
    return text
