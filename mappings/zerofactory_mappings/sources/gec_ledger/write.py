"""The certificates of a ledger as rows of dossiers, each with its place in the copied file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.certificate_tables import write
from zerofactory_mappings.sources.certificate_tables.decide import Decision
from zerofactory_mappings.sources.gec_ledger.check import UNIT, electricity
from zerofactory_mappings.sources.gec_ledger.layout import SYSTEM
from zerofactory_mappings.sources.gec_ledger.record import Certificate
from zerofactory_mappings.sources.yaml_rows import Cell


def rows_of(record: Certificate) -> Iterator[dict[str, Cell]]:
    """Rows of the table of certificates: one for each range of codes, or one without."""
    several = len(record.ranges) > 1
    for number, each in enumerate(record.ranges or (None,), 1):
        mwh = record.mwh if each is None else electricity(each)
        out: dict[str, Cell] = {"id": f"{record.source.id}-{number}" if several else record.source.id,
                                "system": SYSTEM}
        if each is not None:
            out |= {"serials": {"first": each.first, "last": each.last}, "registration_code": each.project}
        out |= {"MWh": plain(mwh), "technology": record.technology or "", "project": record.text.get("project", "")}
        if each is None and record.text.get("registration"):
            out["registration_code"] = record.text["registration"]
        out |= {"bundled": {True: "yes", False: "no", None: ""}[record.bundled], "contract": record.contract or ""}
        days = {"generated_from": record.start, "generated_to": record.end, "issued_on": record.issued,
                "expires_on": record.expires, "retired_on": record.cancelled}
        out |= {name: str(day) for name, day in days.items() if day is not None}
        out |= {"cancellation_reason": record.reason or "", "beneficiary": record.beneficiary or "",
                "consumption_year": str(record.year or "")}
        if states := write.history(record.issued, record.transferred, record.cancelled, record.status):
            out["status_history"] = states
        out |= {"documents": record.source.references(mwh), "note": _note(record)}
        yield {name: value for name, value in out.items() if value}


def _note(record: Certificate) -> str:
    """What the ledger says and no column of a dossier holds."""
    names = ("status", "owner", "seller", "holder", "location", "trading", "tradable")
    return "; ".join(f"{n}: {record.text[n]}" for n in names if record.text.get(n))


def imported(decision: Decision[Certificate], data: bytes, year: int | None) -> Imported:
    """Dossiers (more than one when a table is longer than a dossier holds), the copied file and the report.

    Raises:
        ProblemsError: certificates are to be stated, but no row states a day or year, and none was asked for.
    """
    made = [(record.source.id, cells) for record in decision.used for cells in rows_of(record)]
    years = period_of_rows(decision.used, year)
    if made and years is None:
        raise ProblemsError([*decision.problems, Problem("gec.no-year", Place(file=decision.file))])
    parts = [{"certificates": part} for part in write.chunks(cells for _, cells in made)]
    return write.imported("gec_ledger", decision, UNIT, data, years, write.numbered("certificates", parts),
                          {f"certificates/{cells['id']}": of for of, cells in made})


def period_of_rows(records: Sequence[Certificate], year: int | None) -> tuple[int, int] | None:
    """First and last year: the one asked for, those of consumption or of generation; None when none is known."""
    if year is not None:
        return year, year
    years = {r.year for r in records if r.year is not None} or {
        d.year for r in records for d in (r.start, r.end) if d is not None} or {
        d.year for r in records for d in (r.issued, r.transferred) if d is not None}
    return (min(years), max(years)) if years else None
