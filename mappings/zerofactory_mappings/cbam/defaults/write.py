"""Store an imported set as a folder of its own: written aside, then renamed; another content is never overwritten."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import jsonable, sha256
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.defaults.read import Reading
from zerofactory_mappings.cbam.defaults.store import FORMAT, forget, read_card
from zerofactory_mappings.cbam.table_reader import SOURCE_COLUMNS, Layout, layouts
from zerofactory_mappings.cbam.tables import act

_VERSION = re.compile(r"[a-z0-9][a-z0-9._-]{0,60}")
_DATE = re.compile(r"(20[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])")
_LICENCES = {"default-values": "CC BY 4.0, © European Union", "benchmarks": "CC BY 4.0, © European Union",
             "grid-factors": "as the source states; 2025/2621 Annexes II and III: CC BY-NC-SA 4.0 (data of the IEA)"}
_FILES = {"default-values": "default-values.csv", "benchmarks": "benchmarks.csv", "grid-factors": "grid-factors.csv"}


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a set lies, and whether it was there already with the same content."""

    folder: Path
    version: str
    published: date
    act: str
    sha256: str
    unchanged: bool


def published_on(name: str, stated: str | None) -> date:
    """The day of publication: as stated, else as the name of the file has it (``…_v20260204.xlsx``).

    Raises:
        ProblemsError: ``cbam-defaults.published`` when there is none, or no date.
    """
    if stated is not None:
        try:
            return date.fromisoformat(stated)
        except ValueError:
            raise ProblemsError([Problem("cbam-defaults.published", found=stated, example="2026-08-06")]) from None
    match = _DATE.search(name)
    if match is None:
        raise ProblemsError([Problem("cbam-defaults.published", Place(file=name), example="2026-08-06")])
    return date(int(match[1]), int(match[2]), int(match[3]))


def act_of(kind: str, published: date) -> str:
    """The act whose figures a file of that day holds."""
    if kind == "benchmarks":
        return "IR (EU) 2025/2620"
    corrected = act("IR (EU) 2026/1740")
    day = corrected.day("published") if corrected is not None else None
    later = kind == "default-values" and day is not None and published >= day
    return "IR (EU) 2026/1740" if later else "IR (EU) 2025/2621"


def annex_of(kind: str, row: Mapping[str, str]) -> str:
    """Where in the act a row stands."""
    if kind == "benchmarks":
        return "Annex point 5.3"
    if kind == "grid-factors":
        return "Annex III" if row["purpose"] == "import" else "Annex II"
    return "Annex IV" if row["country"] == "unknown" else "Annex I"


def table_bytes(layout: Layout, reading: Reading, of: str) -> bytes:
    """The rows of a reading as the table that *layout* describes; their origin is the user's file, so ``secondary``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(layout.columns)
    known = act(of)
    start = known.text("valid_from") if known is not None else ""
    for row in reading.rows:
        source = dict(zip(SOURCE_COLUMNS, (of, annex_of(reading.kind, row), "secondary", "commission", start, ""),
                          strict=True))
        writer.writerow([{**row, **source}[name] for name in layout.columns])
    return out.getvalue().encode()


def store(reading: Reading, root: Path, version: str, published: date, file: str, data: bytes) -> Stored:
    """Write the set to ``<root>/<kind>/<version>/`` and read the folders anew.

    Raises:
        ProblemsError: ``cbam-defaults.version-name`` for a version that is no name of a folder;
            ``cbam-defaults.version-taken`` when that version is there with another content.
    """
    if _VERSION.fullmatch(version) is None:
        raise ProblemsError([Problem("cbam-defaults.version-name", found=version, accepted="a-z 0-9 . _ -",
                                     example="2025-2621-v2")])
    of = act_of(reading.kind, published)
    layout = {**layouts(), **layouts(part="loaded")}[reading.kind]
    rows, digest = table_bytes(layout, reading, of), sha256(data)
    name = _FILES[reading.kind]
    folder = root / reading.kind / version
    stored = Stored(folder, version, published, of, digest, folder.exists())
    if stored.unchanged:
        there = read_card(folder)
        if (there.sha256, there.published, there.content) != (digest, published, rows):
            raise ProblemsError([Problem("cbam-defaults.version-taken", Place(file=str(folder)), found=version)])
        return stored
    told = json.dumps(jsonable(report(reading, None, file, digest)), ensure_ascii=False, indent=1) + "\n"
    _write_folder(folder, {name: rows, "set.yaml": _card(reading.kind, version, published, of, file, digest, name),
                           "import-report.json": told.encode()})
    forget()
    return stored


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        aside.mkdir()
        for name, data in files.items():
            (aside / name).write_bytes(data)
        os.rename(aside, folder)
    finally:
        if aside.exists():
            shutil.rmtree(aside)


def _card(kind: str, version: str, published: date, of: str, file: str, digest: str, rows: str) -> bytes:
    from zerofactory_mappings.sources.yaml_rows import scalar

    return "\n".join([
        f"format: {FORMAT}", f"kind: {kind}", f"version: {scalar(version)}", f"published: {published.isoformat()}",
        f"act: {scalar(of)}", f"source: {{file: {scalar(file)}, sha256: {scalar(digest)}}}",
        f"licence: {scalar(_LICENCES[kind])}", "confidence: secondary", f"rows: {rows}", ""]).encode()


def report(reading: Reading, stored: Stored | None, file: str, digest: str) -> dict[str, Any]:
    """The import as JSON: counts by sheet, reasons, every row's fate, problems, and where the set lies."""
    return {"format": "zerofactory/cbam-import/1", "kind": reading.kind, "file": file, "sha256": digest,
            "rows": len(reading.fates), "read": sum(f.read for f in reading.fates),
            "skipped": sum(not f.read for f in reading.fates), "sheets": reading.counts(), "reasons": reading.reasons(),
            "set": None if stored is None else {
                "folder": str(stored.folder), "version": stored.version, "published": stored.published.isoformat(),
                "act": stored.act, "unchanged": stored.unchanged},
            "fates": [f.as_json() for f in reading.fates], "problems": [p.as_json() for p in reading.problems]}
