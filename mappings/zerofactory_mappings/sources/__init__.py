"""Readers of tables that other systems keep: each makes dossiers of them and accounts for every record it read.

A source is a module named in the entry points ``zerofactory.sources`` that offers :class:`Source`. Sources have the
same files: ``detect`` (is it one?), ``read`` (bounded, typed records), ``check`` (what is wrong in substance and what
becomes of each record), ``commands`` (options and running).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from zerofactory_mappings.sources.report import ImportReport

GROUP = "zerofactory.sources"


@dataclass(frozen=True, slots=True)
class Imported:
    """Dossier files (name → bytes) with the report that accounts for every record."""

    dossiers: Mapping[str, bytes]
    report: ImportReport


class Source(Protocol):
    """What the module of a source offers."""

    TITLE: Mapping[str, str]
    OPTIONS: Sequence[str]

    def detect(self, data: bytes) -> bool:
        """Whether *data* looks like a file of this source; cheap, never raises."""

    def import_bytes(self, data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
        """Dossiers and report; :class:`~zerofactory_engine.problems.ProblemsError` when the file cannot be used."""
