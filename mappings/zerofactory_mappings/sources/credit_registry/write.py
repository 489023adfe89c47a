"""The retirements of a download as tables of credits of dossiers, and the report of every row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zerofactory_engine.canonical import sha256
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_mappings.sources import Imported
from zerofactory_mappings.sources.certificate_tables.write import chunks, numbered
from zerofactory_mappings.sources.credit_registry.check import entries_of, left_out, overlap_problems
from zerofactory_mappings.sources.credit_registry.records import Record
from zerofactory_mappings.sources.report import ImportReport, sum_up
from zerofactory_mappings.sources.sheets.write import Head, SourceDocument, dossier_yaml
from zerofactory_mappings.sources.yaml_rows import Cell

_KINDS = {"Reduction": "reduction", "Removal": "removal"}
_COMMENT = "Made from a registry download: retirements only. Put in your facility and period; nothing is complete."
_FACILITY = "待填 (to be stated)"


def credit_cells(record: Record) -> dict[str, Cell]:
    """Row of the table of credits; what the registry does not state is left out."""
    text, serials = record.text, record.serials
    year = record.vintage
    out: dict[str, Cell] = {"id": f"K{record.row}", "programme": record.registry, "methodology": text.get("method", ""),
                            "project": text.get("project", ""), "host": text.get("host", "")}
    if serials is not None:
        out["serials"] = {"first": serials.first, "last": serials.last}
    out["quantity"] = "" if record.quantity is None else str(int(record.quantity))
    out["vintage_from"] = str(record.start or (f"{year}-01-01" if year else ""))
    out["vintage_to"] = str(record.end or (f"{year}-12-31" if year else ""))
    out["kind"] = _KINDS.get(text.get("kind", ""), "")
    out["retired_on"] = str(record.retired_on or "")
    out["purpose"], out["beneficiary"] = text.get("purpose", ""), text.get("beneficiary", "")
    out["documents"] = f"D1#{record.mark}"
    return {name: value for name, value in out.items() if value}


def imported(records: Sequence[Record], data: bytes, file: str, facility: str | None, year: int | None) -> Imported:
    """Dossiers of the retirements that were asked for (more than one when they are too many), the copied file and the
    report.

    Raises:
        ProblemsError: no retirement is on behalf of *facility*.
    """
    stated = sorted({r.text.get("beneficiary", "") for r in records if r.fate == "retired"} - {""})
    if facility is not None and stated and not any(facility.casefold() in name.casefold() for name in stated):
        raise ProblemsError([Problem("import.unknown-facility", Place(file=file), found=facility,
                                     accepted=", ".join(stated[:10]))])
    document = SourceDocument("D1", "erp_extract", "Registry download", data, stem="registry")
    retired = [r for r in records if r.fate == "retired" and left_out(r, facility, year) is None]
    years = [r.retired_on.year for r in retired if r.retired_on is not None]
    parts = numbered("credits", [{"credits": part} for part in chunks(map(credit_cells, retired))])
    files: dict[str, bytes] = {}
    targets: dict[str, str] = {}
    paths = {f"K{r.row}": r.path for r in retired}
    for number, (name, tables) in enumerate(parts.items(), 1):
        head = Head(f"credit-registry-{number}", _COMMENT, date(min(years), 1, 1), date(max(years), 12, 31),
                    facility=_FACILITY, country=None, time_zone=_zone(retired))
        files[name] = dossier_yaml(head, tables, [document])
        targets |= {paths[str(cells["id"])]: f"{name}#credits/{cells['id']}" for cells in tables["credits"]}
    files[document.file] = data
    entries = entries_of(records, targets, facility, year)
    problems = [*overlap_problems(records, file), *_told(records, bool(retired), file)]
    report = ImportReport("credit_registry", file, sha256(data), entries, (), sum_up(entries, {}), tuple(files),
                          tuple(problems))
    return Imported(files, report)


def _zone(records: Sequence[Record]) -> str:
    """The zone of the registry's days."""
    return "Asia/Shanghai" if {r.registry for r in records} == {"CCER"} else "UTC"


def _told(records: Sequence[Record], any_used: bool, file: str) -> list[Problem]:
    """What the user should know of the file as a whole."""
    here = Place(file=file)
    refused, missed = (sum(r.fate == fate for r in records) for fate in ("refused", "unknown"))
    out = []
    if refused:
        out.append(Problem("credits.refused", here, Severity.WARNING, args={"rows": str(refused)}))
    if missed:
        out.append(Problem("certificate-tables.not-understood", here, Severity.WARNING, args={"rows": str(missed)}))
    if not any_used:
        out.append(Problem("import.nothing", here, Severity.WARNING))
    return out
