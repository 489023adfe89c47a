"""What a report is made of: an assessment, the proof of its verdicts, and the bundle that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zerofactory_engine.canonical import sha256
from zerofactory_mappings.publishing.supply import Supply


@dataclass(frozen=True, slots=True)
class Offset:
    """Credits of one row of the dossier: what they are called and how many tonnes they stand for."""

    name: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """One assessment to report on.

    *attachment* is the file that the PDF carries, byte for byte: the whole bundle, or the public extract when *public*.
    *supply* and *offsets* are sums over the dossier's rows that no total of the inventory holds. *questions* are texts
    by subject: ``question:I68-4/additional``, ``checklists/miit-supply-chain/tracking``. *proof* is a graph of steps
    (``zerofactory/proof/1``); without it the report shows no proofs.
    """

    assessment: Mapping[str, Any]
    attachment: bytes
    attachment_name: str
    public: bool = False
    proof: Mapping[str, Any] | None = None
    supply: Supply | None = None
    offsets: tuple[Offset, ...] = ()
    questions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def attachment_hash(self) -> str:
        """SHA-256 of the attached file, as printed on the last page."""
        return sha256(self.attachment)

    @property
    def issued(self) -> str:
        """The date that every date in the file takes: the day up to which things were known, else the law date."""
        return str(self.assessment.get("known_on") or self.assessment["valid_on"])

    def criterion(self, criterion_id: str) -> Mapping[str, Any] | None:
        """The outcome of one criterion."""
        return next((c for c in self.assessment["criteria"] if c["id"] == criterion_id), None)

    def level_titles(self) -> dict[str, Mapping[str, str]]:
        """Titles of the levels by id, in their order."""
        return {level["id"]: level["title"] for level in sorted(self.assessment["levels"], key=lambda x: x["order"])}

    def outcomes(self, criterion: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
        """The outcomes of *criterion* by level, in the order of the levels (JSON objects have none of their own)."""
        order = list(self.level_titles())
        return sorted(criterion["levels"].items(), key=lambda item: order.index(item[0]) if item[0] in order else 99)

    def index(self, table: str) -> dict[str, Mapping[str, Any]]:
        """Entries of *table* (readings, parameters, quantities, documents …) by id."""
        return {entry["id"]: entry for entry in self.assessment[table]}
