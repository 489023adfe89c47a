"""Files made of a result, for customers: goods as a table, summary, the Commission's workbook, the registry's XML."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.result import CbamResult
from zerofactory_web.exporter.shaped import text

#: Cells of a table that a spreadsheet would take for a formula begin with one of these.
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_TO_COMPLETE = "to be completed by the declarant"

Told = Sequence[Problem]


def made(result: CbamResult, order: Mapping[str, Any]) -> tuple[bytes, Told]:
    """The file of ``order['kind']``, and what is told about it.

    Raises:
        ProblemsError: it cannot be made; every reason.
    """
    if order["kind"] == "goods":
        return goods_table(result, order["language"]), ()
    if order["kind"] == "summary":
        return _summary(result)
    if order["kind"] == "workbook":
        return _workbook(result, order)
    if order["kind"] == "xml":
        return _xml(result, order)
    raise ProblemsError([Problem("exporter.not-kind", Place(path="kind"), found=str(order["kind"])[:40])])


def neutral(cell: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what might be one.

    >>> neutral("=1+1"), neutral("bolts")
    ("'=1+1", 'bolts')
    """
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(_ACTIVE) else cell


def goods_table(result: CbamResult, language: str) -> bytes:
    """The goods as CSV (UTF-8 with a mark, as Excel wants it): figures with all digits, empty where not known."""
    def head(code: str) -> str:
        return render(f"exporter.csv-{code}", language)

    def weakest(source: str | None) -> str:
        return render(f"exporter.source-{source}", language) if source else ""

    given, method = result.given, render(f"exporter.method-{result.basis}", language)
    period = [d.isoformat() if d else "" for d in (given.period_start, given.period_end)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([head(c) for c in ("installation", "country", "start", "end", "basis", "cn", "name", "process",
                                       "unit", "see-direct", "see-indirect", "indirect-counts", "sefa", "electricity",
                                       "default-share", "weakest")])
    for p in result.products:
        process = result.process(p.process_id)
        counts = "" if process is None else render("report.yes" if process.indirect_in_scope else "report.no", language)
        words = [given.name or "", given.country or "", *period, method, p.cn_code or "", p.name, p.process,
                 p.unit or ""]
        figures = [p.see_direct, p.see_indirect]
        more = [p.sefa, p.embedded_electricity, p.default_share]
        writer.writerow([*(neutral(w) for w in words), *(text(f) or "" for f in figures), counts,
                         *(text(f) or "" for f in more), weakest(p.weakest_source)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _summary(result: CbamResult) -> tuple[bytes, Told]:
    """The summary of the operator's emissions report as PDF (PDF/A-3a, PDF/UA-1), its data attached."""
    from zerofactory_mappings.cbam.documents.build import summary_report
    from zerofactory_mappings.cbam.documents.model import State
    from zerofactory_mappings.cbam.documents.write import render_pdf

    report = summary_report(result)
    lacking = [i.item.number for i in report.items if i.state is State.MISSING]
    told = [Problem("exporter.summary-incomplete", severity=Severity.WARNING, found=", ".join(lacking)[:300])
            ] if lacking else []
    return render_pdf(report), [*told, *report.problems]


def _workbook(result: CbamResult, order: Mapping[str, Any]) -> tuple[bytes, Told]:
    """The Commission's template, filled: it computes by the transitional rules, whatever the result followed."""
    from zerofactory_mappings.cbam.communication.fill import fill

    errors = [p for p in result.given.problems if p.severity is Severity.ERROR]
    if errors:
        raise ProblemsError(errors)
    template = order["template"]
    filled = fill(template["data"], result.given, overwrite=False, file=template["name"])
    note = [Problem("exporter.workbook-transitional", severity=Severity.NOTE)
            ] if result.basis is Basis.DEFINITIVE else []
    return filled.data, [*note, *filled.problems]


def _xml(result: CbamResult, order: Mapping[str, Any]) -> tuple[bytes, Told]:
    """The quarterly report of the transitional registry with these goods; what only the declarant can say is marked."""
    from zerofactory_mappings.cbam.qreport.build import imported_good
    from zerofactory_mappings.cbam.qreport.model import (
        Declarant,
        DeclarantAddress,
        ImportedGood,
        QReport,
        ReportConfirmation,
        Signatures,
    )
    from zerofactory_mappings.cbam.qreport.write import write_report

    if result.basis is not Basis.TRANSITIONAL:
        raise ProblemsError([Problem("exporter.xml-transitional", Place(path="kind"))])
    wish = order["xml"]
    problems: list[Problem] = []
    goods: list[ImportedGood] = []
    for number, product in enumerate(result.products, 1):
        mass = _mass(wish["tonnes"].get(str(number), ""), number, problems)
        if mass is None:
            continue
        if product.see_direct is None or product.see_indirect is None or product.cn_code is None:
            problems.append(Problem("exporter.xml-unknown", Place(path=f"tonnes-{number}"), found=product.name))
            continue
        try:
            goods.append(imported_good(
                product.cn_code, result.given.country or "", mass, product.see_direct, product.see_indirect,
                item_number=len(goods) + 1, requested_procedure=wish["procedure"], methodology=wish["methodology"],
                electricity_source=wish["electricity_source"], description=product.name or None))
        except ProblemsError as error:
            problems += error.problems
    if not goods and not problems:
        problems.append(Problem("exporter.xml-no-goods", Place(path="tonnes-1")))
    if problems:
        raise ProblemsError(problems)
    report = QReport(
        submission_date=datetime.fromisoformat(order["now"]).astimezone(UTC).replace(microsecond=0),
        reporting_period=wish["quarter"], year=int(wish["year"]),
        declarant=Declarant(identification_number=wish["eori"], name=wish["company"], role=wish["role"],
                            actor_address=DeclarantAddress(city=wish["city"])),
        signatures=Signatures(report_confirmation=ReportConfirmation(
            global_data_confirmation=False, use_of_data_confirmation=False, signature_place=_TO_COMPLETE,
            signature=_TO_COMPLETE, position_of_person_sending=_TO_COMPLETE)))
    out = Path(order["folder"]) / "made.xml"
    written = write_report(report, out, goods)
    return out.read_bytes(), [Problem("exporter.xml-draft", severity=Severity.WARNING), *written.problems]


def _mass(given: str, number: int, problems: list[Problem]) -> Decimal | None:
    if not given.strip():
        return None
    found = parse_decimal(given.strip())
    if found is None or found <= 0:
        problems.append(Problem("exporter.not-tonnes", Place(path=f"tonnes-{number}"), found=given[:40],
                                example="120.5", args={"line": str(number)}))
        return None
    return found
