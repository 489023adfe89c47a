"""Read a supplier's reply to a request and fill the precursor with it: every problem at once, nothing half-filled.

What makes the reply one to something else (another request, code, period or unit) is refused. What keeps an actual
value from being used (the verification report does not fit) is a warning: the value is written, and the calculation
takes the default with mark-up until the report fits (2025/2547 Annex II A.1 points 4 and 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from zerofactory_engine.canonical import sha256
from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.json_text import scan_json, tree_of
from zerofactory_engine.problems import Collector, Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed import Typed, shipped_schema
from zerofactory_engine.typed_readers import Amount
from zerofactory_engine.yaml_text import Node, scan_yaml
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.check import CODES, open_problems
from zerofactory_mappings.cbam.exchange.request import FORMAT, LISTS, Request, figure_units, requests
from zerofactory_mappings.cbam.input.figures import convert
from zerofactory_mappings.cbam.model import (
    Basis,
    CarbonPrice,
    Given,
    Installation,
    Precursor,
    RouteAmount,
    ValueSource,
    VerificationReport,
)
from zerofactory_mappings.cbam.precursors import report_misfits

#: Source of the electricity factor in a reply → code of the communication template.
_CODES = {"grid_default": "D.4(a)", "alternative_default": "D.4(b)", "direct_link": "D.4.3.1", "ppa": "D.4.3.2",
          "own_generation": "D.4.1"}
ONE = Decimal(1)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2}) 00:00:00")


@dataclass(frozen=True, slots=True)
class Filled:
    """An input with one precursor filled from a reply, and what the reader has to know about it."""

    installation: Installation
    precursor: str
    problems: tuple[Problem, ...]


def fill(installation: Installation, data: bytes, file: str) -> Filled:
    """The input with the reply in *data* (YAML, JSON or the workbook of the form).

    Raises:
        ProblemsError: the reply cannot be read, or is one to something else; all problems together.
    """
    typed = _read(data, file)
    asked, answer = typed.value["request"], typed.value.get("reply")
    place = replace(typed.place("reply"), path="reply")
    if not answer or not _says_anything(answer):
        raise ProblemsError([Problem("cbam-exchange.reply-empty", place)])
    known = {p.id: p for p in installation.precursors}
    if asked["precursor"] not in known:
        raise ProblemsError([Problem("cbam-exchange.reply-precursor", typed.place("request", "precursor"),
                                     found=asked["precursor"], accepted=", ".join(known))])
    precursor = known[asked["precursor"]]
    request = requests(installation, [precursor.id], basis=Basis(asked["basis"]))[0]
    reader = _Reply(typed, answer, request, precursor)
    made = reader.precursor()
    problems = [*reader.problems, *reader.identity(asked)]
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    problems += [Problem("cbam-exchange.reply-report", place, Severity.WARNING, found=code, args={
        "precursor": precursor.id}) for code in report_misfits(made)]
    precursors = tuple(made if p.id == made.id else p for p in installation.precursors)
    details = {**_details(installation.details, made.id, data, file), **_beside(made.id, answer)}
    still = tuple(p for p in installation.problems if p.code not in CODES)
    return Filled(replace(installation, precursors=precursors, details=details,
                          problems=(*still, *open_problems(details))), made.id, tuple(problems))


def _says_anything(value: Any) -> bool:
    """Whether a form holds any value at all."""
    return any(map(_says_anything, value.values())) if isinstance(value, Mapping) else value not in (None, [])


def _details(details: Mapping[str, str], precursor: str, data: bytes, file: str) -> dict[str, str]:
    """The reply as a document with its hash; what was open about this precursor's values is settled."""
    settled = {f"open.missing.precursor-{name}.{precursor}" for name in ("report", "country", "route")}
    name = f"reply-{precursor}"
    return {**{k: v for k, v in details.items() if k not in settled}, f"document.{name}.title": FORMAT,
            f"document.{name}.file": file, f"document.{name}.sha256": sha256(data)}


def _beside(precursor: str, answer: Mapping[str, Any]) -> dict[str, str]:
    """What the reply says and a precursor has no field for: who answered, the share of default values, remarks."""
    found = {name: answer.get(name) for name in (
        "supplier", "contact", "email", "operator", "installation", "default_share", "remarks")}
    share = found["default_share"]
    if isinstance(share, Amount):
        found["default_share"] = plain(share.value)
    return {f"reply.{precursor}.{name}": str(value) for name, value in found.items() if value not in (None, "")}


# --- reading ---------------------------------------------------------------------------------------------------------

def _read(data: bytes, file: str) -> Typed:
    """The form as typed values."""
    problems = Collector()
    tree: Node | None
    if data[:2] == b"PK":
        tree = _workbook(data, file)
    else:
        scanned = (scan_json if data.lstrip()[:1] == b"{" else scan_yaml)(data, file)
        problems.extend(scanned.problems)
        tree = scanned.tree
    problems.raise_errors()
    assert tree is not None, "without an error there is a tree"
    typed = shipped_schema("cbam-request").read(tree)
    problems.extend(typed.problems)
    problems.raise_errors()
    return typed


def _workbook(data: bytes, file: str) -> Node:
    """The tree of a filled workbook: keys in the first column, values under ``value``, units under ``unit``."""
    from zerofactory_engine.dossier.sheets import CellText, Workbook

    book = Workbook(data, file if file.lower().endswith(".xlsx") else f"{file}.xlsx")
    tree: dict[str, Any] = {}
    problems: list[Problem] = []
    if not book.names:
        raise ProblemsError([Problem("cbam-exchange.reply-sheet", Place(file=file))])
    rows = [{_column(c): c for c in row} for row in book.rows(book.names[0])]
    header = {c.text.strip().lower(): letter for letter, c in (rows[0] if rows else {}).items()}
    if not {"key", "value"} <= set(header):
        raise ProblemsError([Problem("cbam-exchange.reply-sheet", Place(file=file, sheet=book.names[0]),
                                     accepted="key, value, unit")])

    def text(row: Mapping[str, CellText], column: str) -> str:
        found = row.get(header.get(column, ""))
        return "" if found is None else found.text.strip()

    for row in rows[1:]:
        key, value, cell = text(row, "key"), text(row, "value"), row.get(header["value"])
        if not key or cell is None:
            continue
        if cell.formula or cell.error:
            problems.append(Problem("cbam-exchange.reply-cell", Place(file=file, sheet=cell.sheet, cell=cell.ref),
                                    found=value or None))
            continue
        if not value:
            continue
        if cell.number is not None:
            value = f"{plain(cell.number)}"
            if text(row, "unit"):
                value = f"{value} {text(row, 'unit')}"
        elif parse_decimal(value) is not None and text(row, "unit"):
            value = f"{value} {text(row, 'unit')}"
        if day := _DAY.fullmatch(value):
            value = day[1]
        if value in ("TRUE", "FALSE", "True", "False"):
            value = value.lower()
        _put(tree, key.split("."), value)
    if problems:
        raise ProblemsError(problems)
    return tree_of(tree, file)


def _column(cell: Any) -> str:
    return str(cell.ref).rstrip("0123456789")


def _put(tree: dict[str, Any], path: Sequence[str], value: str) -> None:
    """Set a value at a dotted path; lists are written with semicolons."""
    for step in path[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            return
        tree = below
    name = path[-1]
    tree[name] = [v.strip() for v in re.split(r"[;；]", value) if v.strip()] if name in (*LISTS, "routes") and len(
        path) > 1 else value


# --- the reply -------------------------------------------------------------------------------------------------------

class _Reply:
    """One reply against its request."""

    def __init__(self, typed: Typed, answer: Mapping[str, Any], request: Request, precursor: Precursor) -> None:
        self.typed, self.answer, self.request, self.before = typed, answer, request, precursor
        self.problems: list[Problem] = []
        self.document = f"reply-{precursor.id}"

    def _place(self, *path: str) -> Place:
        return replace(self.typed.place("reply", *path), path="/".join(("reply", *path)))

    def _report(self, code: str, *path: str, severity: Severity = Severity.ERROR, found: str | None = None,
                accepted: str | None = None) -> None:
        self.problems.append(Problem(f"cbam-exchange.reply-{code}", self._place(*path), severity, found=found,
                                     accepted=accepted, args={"precursor": self.before.id}))

    def identity(self, asked: Mapping[str, Any]) -> Iterator[Problem]:
        """Whether the reply is one to this request."""
        if asked["id"] != self.request.id:
            yield Problem("cbam-exchange.reply-other", self.typed.place("request", "id"), found=asked["id"],
                          accepted=self.request.id, args={"precursor": self.before.id})

    def precursor(self) -> Precursor:
        """The precursor with what the reply says."""
        self._same_good()
        self._same_period()
        share = self.answer.get("default_share")
        if isinstance(share, Amount) and not 0 <= share.value <= ONE:
            self._report("share", "default_share", found=plain(share.value), accepted="0 … 1")
        units = figure_units(self.request.unit)
        figures = {name: self._figure(name, wanted) for name, wanted in units.items()}
        if figures["direct"] is None and self.answer.get("direct") is None:
            self._report("lacks", "direct", accepted=units["direct"][0])
        if self.request.indirect and figures["indirect"] is None and figures["electricity"] is None:
            self._report("lacks", "indirect", accepted=units["indirect"][0])
        country = self._country()
        before, answer = self.before, self.answer
        source = answer.get("electricity_source")
        named = answer.get("registry_id") or answer.get("installation") or before.installation
        return replace(
            before, cn=self.request.cn, category=self.request.category.id, country=country, installation=named,
            grade=answer.get("grade") or before.grade, bought=self._routes(),
            direct=figures["direct"], indirect=figures["indirect"], electricity=figures["electricity"],
            electricity_ef=figures["electricity_ef"], content=figures["content"] or before.content,
            sefa=figures["sefa"], direct_source=ValueSource.MEASURED,
            electricity_source=None if figures["electricity"] is None else ValueSource.MEASURED,
            electricity_code=_CODES.get(source or ""), period_start=answer.get("period_start"),
            period_end=answer.get("period_end"), report=self._verification(), carbon_price=self._price())

    def _same_good(self) -> None:
        """The code is the one that was asked for; a longer one of the same eight digits is."""
        stated = self.answer.get("cn")
        if stated is None:
            self._report("lacks", "cn", accepted=self.request.cn)
            return
        digits = scope.digits(str(stated))
        if digits is None or digits[:8] != self.request.cn:
            self._report("cn", "cn", found=str(stated), accepted=self.request.cn)

    def _same_period(self) -> None:
        """The period of production covers the one that was asked for."""
        start, end = self.answer.get("period_start"), self.answer.get("period_end")
        asked = f"{self.request.start} … {self.request.end}"
        if start is None or end is None:
            self._report("lacks", "period_start" if start is None else "period_end", accepted=asked)
        elif end < start or start > self.request.start or end < self.request.end:
            self._report("period", "period_start", found=f"{start} … {end}", accepted=asked)

    def _country(self) -> str | None:
        stated = self.answer.get("country")
        if stated is None:
            if self.before.country is None:
                self._report("lacks", "country", accepted="CN, VN, TR …")
            return self.before.country
        found = scope.find_country(stated)
        if found is None:
            self._report("country", "country", found=stated, accepted="CN, VN, TR …")
            return self.before.country
        code = found.iso2 or found.id
        if self.before.country not in (None, code):
            self._report("country-differs", "country", severity=Severity.WARNING, found=code,
                         accepted=self.before.country)
        return code

    def _figure(self, name: str, wanted: Sequence[str]) -> Given | None:
        """A figure in the unit of the request; another unit of the same dimension is converted."""
        stated = self.answer.get(name)
        if not isinstance(stated, Amount):
            return None
        number = parse_decimal(stated.stated)
        found = None if number is None or stated.unit is None else convert(number, stated.unit, wanted)
        if found is None:
            self._report("unit", name, found=f"{stated.stated} {stated.unit or ''}".strip(),
                         accepted=", ".join(wanted))
            return None
        if found[0] < 0:
            self._report("negative", name, found=stated.stated, accepted="≥ 0")
            return None
        return Given(found[0], found[1], self._place(name), (self.document,))

    def _routes(self) -> tuple[RouteAmount, ...]:
        """The bought amount by the routes of the reply; as it was where the reply names none."""
        shares = {k: v.value for k, v in (self.answer.get("routes") or {}).items() if v is not None}
        unknown = [r for r in shares if scope.find_route(self.request.category, r) is None]
        if unknown:
            self._report("route", "routes", found=", ".join(unknown),
                         accepted=", ".join(r.id for r in self.request.category.routes))
            return self.before.bought
        with localcontext(CONTEXT):
            total = sum(shares.values(), Decimal(0))
            bought = sum((r.amount.value for r in self.before.bought), Decimal(0))
        if any(not 0 <= s <= ONE for s in shares.values()):
            self._report("share", "routes", found=", ".join(plain(s) for s in shares.values()), accepted="0 … 1")
        if shares and total != ONE:
            self._report("routes-sum", "routes", found=plain(total), accepted="1")
        if not shares or not self.before.bought:
            return self.before.bought
        first = self.before.bought[0].amount
        documents = tuple(dict.fromkeys(d for r in self.before.bought for d in r.amount.documents))
        return tuple(RouteAmount(route, Given(CONTEXT.multiply(bought, share), first.unit, first.place, documents))
                     for route, share in shares.items() if share)

    def _verification(self) -> VerificationReport | None:
        stated = self.answer.get("report")
        if not stated or not any(v is not None for v in stated.values()):
            return None
        for name in ("id", "verifier"):
            if not stated.get(name):
                self._report("lacks", "report", name)

        def day(name: str) -> date | None:
            found = stated.get(name)
            return found if isinstance(found, date) else None

        return VerificationReport(
            stated.get("id") or "", stated.get("verifier") or "", stated.get("accreditation_number"),
            tuple(str(s) for s in stated.get("accreditation_scope") or ()), day("accreditation_valid_to"),
            stated.get("installation"), tuple(str(c) for c in stated.get("cn_codes") or ()), day("period_start"),
            day("period_end"), stated.get("reasonable_assurance"), day("issued"), stated.get("document"),
            self._place("report"))

    def _price(self) -> CarbonPrice | None:
        stated = self.answer.get("carbon_price")
        if not stated or not any(v is not None for v in stated.values()):
            return self.before.carbon_price

        def given(name: str, unit: str) -> Given | None:
            value = stated.get(name)
            if value is None:
                return None
            return Given(value.value if isinstance(value, Amount) else value, unit, self._place("carbon_price", name),
                         (self.document,))

        covered = stated.get("covered")
        if isinstance(covered, Amount) and not 0 <= covered.value <= ONE:
            self._report("share", "carbon_price", "covered", found=plain(covered.value), accepted="0 … 1")
        currency = stated.get("currency")
        if stated.get("price") is not None and currency is None:
            self._report("lacks", "carbon_price", "currency", accepted="CNY")
        return CarbonPrice(given("covered", "1"), given("price", f"{currency or ''}/tCO2e"),
                           given("rebate", f"{currency or ''}/tCO2e"), currency, stated.get("instrument"),
                           stated.get("legal_act"), stated.get("certified_by"))
