"""The default value of a good by code, country of production and year of import (2025/2621 Article 1 and Annex I).

1. The table of the country of production; of a country that the act does not list, "Other Countries and Territories".
   A country that the act lists but whose table is not loaded has no value here, and nothing stands in for it.
2. The 8-digit code (or its 10-digit splits), else the longest listed beginning of 6 or 4 digits; headings never match.
3. Several rows for one code: the caller says which; never the first.
4. No row, no value or a dash: the whole row of the other countries, route letters included.
5. Origin not known: Annex IV, as far as it is known here.
6. The published total counts; the mark-up is computed from sector and year, never read.

    >>> str(lookup("7208 39 00", "China", year=2026).value)
    '3.5055823'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.defaults.model import LENGTHS, OTHER, DefaultRow, DefaultSet, DefaultValue, RowKind
from zerofactory_mappings.cbam.table_reader import Cited, Row, table

#: Spelling of the table of the other countries, as far as a workbook's sheet name holds it.
_OTHER_NAME = "other countries and territ"
#: Word for the table of precursors of unknown origin.
UNKNOWN_ORIGIN = "unknown"


def lookup(cn: str, country: str | scope.Country | None, *, year: int, variant: str | None = None,
           sets: Sequence[DefaultSet] | None = None, place: Place = NOWHERE) -> DefaultValue:
    """The default value of *cn* (8 or 10 digits) made in *country* and imported in *year*, in tCO2e/t.

    *country*: ISO code or name, ``other``, or None when it is not known (precursors only). *variant*: ``grey``,
    ``white``, a 10-digit code or words of the description, where one code has several rows. *sets*: editions, newest
    first; otherwise those that ship and those in the folders of the setting.

    Raises:
        ProblemsError: ``cbam-defaults.no-data`` (table of a listed country not loaded), ``no-row``, ``no-value``,
            ``choose`` (several rows, with the choices), ``variant-unknown``, ``refused-value``, ``exempt-origin``,
            ``unknown-origin-not-loaded``; ``cbam-scope.…``; ``cbam-table.no-markup``.
    """
    code = _code(cn, place)
    known = _loaded() if sets is None else sets
    if country is None:
        return _unknown_origin(code, year, variant, known, place)
    origin = _origin(country, place)
    if isinstance(origin, scope.Country) and origin.outside:
        raise _problem("exempt-origin", place, country=origin.en)
    ident = origin if isinstance(origin, str) else origin.id
    return _priced(code, ident, year, _find(code, origin, variant, known, place))


def _loaded() -> Sequence[DefaultSet]:
    from zerofactory_mappings.cbam.defaults.store import default_sets

    return default_sets()


def _code(cn: str, place: Place) -> str:
    """The digits of a code of 8 or 10; whether it is in scope is not asked here, because the act lists more."""
    code = scope.digits(cn)
    if code is None or len(code) not in LENGTHS[:2]:
        raise ProblemsError(scope.read_cn(cn, place=place).problems)
    return code


def _origin(country: str | scope.Country, place: Place) -> scope.Country | str:
    if isinstance(country, scope.Country):
        return country
    return OTHER if is_other(country) else scope.country(country, place)


def is_other(text: str) -> bool:
    """Whether *text* names the table of the other countries, also as a workbook cuts it off."""
    return text == OTHER or tables.simplified(text).startswith(_OTHER_NAME)


@dataclass(frozen=True, slots=True)
class _Found:
    """A row, the edition that gave it, notes, and whether the other countries stood in: for a country that the act
    does not list (``fallback``), or for a good of a listed country (``row_level`` too)."""

    row: DefaultRow
    edition: DefaultSet
    reasons: tuple[Problem, ...] = ()
    fallback: bool = False
    row_level: bool = False


def _find(code: str, origin: scope.Country | str, variant: str | None, known: Sequence[DefaultSet],
          place: Place) -> _Found:
    ident = origin if isinstance(origin, str) else origin.id
    own = next((s for s in known if s.has(ident)), None)
    if own is None:
        if isinstance(origin, scope.Country) and origin.listed:
            raise _problem("no-data", place, country=origin.en, versions=", ".join(s.version for s in known))
        note = _note("not-listed", place, country=origin if isinstance(origin, str) else origin.en)
        return replace(_other(code, variant, known, place, None), reasons=(note,), fallback=True)
    if ident == OTHER:
        return _other(code, variant, known, place, own)
    rows = own.matching(ident, code)
    if not rows:
        note = _note("no-row-here", place, country=ident, cn=code)
        return replace(_other(code, variant, known, place, own), reasons=(note,), fallback=True, row_level=True)
    row = _one(rows, variant, code, place)
    _usable(row, place)
    if row.kind is RowKind.MISSING:
        note = _row_note(row, place) or _note("no-value-here", place, country=ident, code=row.code, row=str(row.row))
        found = _other(code, variant or row.variant or None, known, place, own)
        return replace(found, reasons=(note,), fallback=True, row_level=True)
    own_note = _row_note(row, place)
    return _Found(row, own, () if own_note is None else (own_note,))


def _row_note(row: DefaultRow, place: Place) -> Problem | None:
    """What is wrong with the row in its source, as a note."""
    return Problem(row.note, place, Severity.NOTE, args={"country": row.country, "code": row.code,
                                                         "row": str(row.row)}) \
        if row.note else None


def _other(code: str, variant: str | None, known: Sequence[DefaultSet], place: Place, own: DefaultSet | None) -> _Found:
    """The whole row of the other countries: of the same edition when it has that table, else of the newest that has."""
    edition = own if own is not None and own.has(OTHER) else next((s for s in known if s.has(OTHER)), None)
    if edition is None:
        raise _problem("no-data", place, country="Other Countries and Territories",
                       versions=", ".join(s.version for s in known))
    rows = edition.matching(OTHER, code)
    if not rows:
        near = sorted({c for c in edition.codes(OTHER) if c.startswith(code[:4]) and len(c) >= 6})
        raise ProblemsError([Problem("cbam-defaults.no-row", place, found=code, accepted=", ".join(near[:12]) or None,
                                     args={"version": edition.version})])
    row = _one(rows, variant, code, place)
    _usable(row, place)
    if row.kind is RowKind.MISSING:
        raise _problem("no-value", place, cn=code, version=edition.version)
    return _Found(row, edition)


def _usable(row: DefaultRow, place: Place) -> None:
    if row.kind is RowKind.REFUSED:
        raise _problem("refused-value", place, country=row.country, code=row.code, sheet=row.sheet, row=str(row.row))


def _one(rows: Sequence[DefaultRow], variant: str | None, code: str, place: Place) -> DefaultRow:
    """The row that the caller means; the only one needs no word, but a word that contradicts it is a problem."""
    if len(rows) == 1 and (variant is None or not rows[0].variant):
        return rows[0]
    choices = ", ".join(r.choice for r in rows)
    if variant is None:
        raise ProblemsError([Problem("cbam-defaults.choose", place, found=code, accepted=choices,
                                     args={"count": str(len(rows))})])
    wanted = tables.simplified(variant)
    exact = [r for r in rows if wanted in (tables.simplified(r.variant), r.code)]
    found = exact or [r for r in rows if r.description and wanted and wanted in tables.simplified(r.description)]
    if len(found) != 1:
        raise ProblemsError([Problem("cbam-defaults.variant-unknown", place, found=variant, accepted=choices,
                                     args={"cn": code})])
    return found[0]


def _priced(code: str, country: str | None, year: int, found: _Found) -> DefaultValue:
    row, edition = found.row, found.edition
    assert row.total is not None                        # only rows of kind value come here
    source = replace(row.source, table=f"default-values@{edition.version}", row=f"{row.country}/{row.code}")
    if found.row_level:                                 # taking the whole row, letters included, is known second-hand
        source = replace(source, confidence=tables.weakest([source, replace(source, confidence="secondary")]))
    markup = tables.markup(row.sector, year)
    notes = [Problem(reason, severity=Severity.NOTE, args={"version": edition.version}) for reason in edition.reasons]
    return DefaultValue(
        code, country, year, Cited(row.total, "tCO2e/t", source), markup, marked_up(row.total, markup.value),
        row.part("direct"), row.part("indirect"), row.routes, row.sector, row.country, row.code, row.variant,
                        found.fallback,
        edition.act, edition.version, edition.provisional or source.provisional or markup.source.provisional,
        (*found.reasons, *notes))


def marked_up(total: Decimal, markup: Decimal) -> Decimal:
    """Total times 1 plus the mark-up (2025/2621 Annex I)."""
    return CONTEXT.multiply(total, CONTEXT.add(Decimal(1), markup))


# ------------------------------------------------------------------------------------------------- origin not known

def _unknown_origin(code: str, year: int, variant: str | None, known: Sequence[DefaultSet],
                    place: Place) -> DefaultValue:
    """Annex IV: of an edition that a user loaded, else the values that are typed in ``unknown-origin.csv``."""
    for edition in known:
        if rows := edition.matching(UNKNOWN_ORIGIN, code):
            row = _one(rows, variant, code, place)
            _usable(row, place)
            if row.kind is RowKind.VALUE:
                return _priced(code, None, year, _Found(row, edition, (_note("unknown-origin", place),)))
    typed = _typed_rows()
    for length in LENGTHS[1:]:
        fits = [r for r in typed if r.code == code[:length]]
        if fits:
            row = _one(fits, variant, code, place)
            edition = DefaultSet("2025-2621-annex-iv", row.source.act, row.source.valid_from or date.min, "", "", [row])
            return _priced(code, None, year, _Found(row, edition, (_note("unknown-origin", place),)))
    raise ProblemsError([Problem("cbam-defaults.unknown-origin-not-loaded", place, found=code,
                                 accepted=", ".join(sorted({r.code for r in typed})))])


@cache
def _typed_rows() -> tuple[DefaultRow, ...]:
    return tuple(_typed(r) for r in table("unknown-origin"))


def _typed(row: Row) -> DefaultRow:
    total = row.decimal("total")
    return DefaultRow(UNKNOWN_ORIGIN, row.text("sector"), row.text("code"), row.text("variant"), "", RowKind.VALUE,
                      "missing",
                      "missing", total, row.words("routes"), "", 0, "", row.source)


# ---------------------------------------------------------------------------------------------------------- problems

def _problem(what: str, place: Place, **args: str) -> ProblemsError:
    return ProblemsError([Problem(f"cbam-defaults.{what}", place, args=args)])


def _note(what: str, place: Place, **args: str) -> Problem:
    return Problem(f"cbam-defaults.{what}", place, Severity.NOTE, args=args)
