"""What is made of a package: misstatements with their effects, what they come to together, the opinion that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zerofactory_engine.problems import NOWHERE, Place, Problem
from zerofactory_engine.proof import Graph
from zerofactory_mappings.verification.evidence import Evidence
from zerofactory_mappings.verification.materiality import Threshold
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.sampling import SamplingPlan
from zerofactory_mappings.verification.statement import Statement

FORMAT = "zerofactory/verification-package/1"
UNMODIFIED, MODIFIED, ADVERSE, DISCLAIMED, OPEN = "unmodified", "modified", "adverse", "disclaimed", "open"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a misstatement does to ``total`` or ``category/N``.

    *effect*: reported less corrected, tCO2e (positive: overstated); None not known. *share* of what is reported.
    *material*: above the threshold; None when that cannot be said, or no threshold is set for a category.
    """

    of: str
    reported: Decimal | None
    effect: Decimal | None
    share: Decimal | None
    material: bool | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"of": self.of, "reported_tCO2e": self.reported, "effect_tCO2e": self.effect, "share": self.share,
                "material": self.material}


@dataclass(frozen=True, slots=True)
class Misstatement:
    """One misstatement. *way*: ``cell`` (computed anew), ``line``, ``category`` (stated) or empty (nothing to compute).

    *logged*: it stands in the log; otherwise it follows from a verified figure of a sampled line. *effects*: on the
    total first, then on every category that it touches; empty where it cannot be computed.
    """

    id: str
    description: str
    kind: str | None
    way: str
    target: str
    reported: str | None
    corrected: str | None
    open: bool
    intentional: bool | None
    pervasive: bool | None
    logged: bool = True
    effects: tuple[Effect, ...] = ()
    place: Place = NOWHERE

    @property
    def effect(self) -> Decimal | None:
        """The effect on the total, tCO2e."""
        return self.effects[0].effect if self.effects else None

    @property
    def material(self) -> bool | None:
        """Whether it is material alone, to the total or to a category with a threshold of its own."""
        return any_of([e.material for e in self.effects if e.of == "total" or e.material is not None]) \
            if self.effects else None

    def as_json(self) -> dict[str, Any]:
        """All fields that say something."""
        out = {n: getattr(self, n) for n in ("id", "description", "kind", "way", "target", "reported", "corrected",
                                             "open", "intentional", "pervasive", "logged")}
        return {**out, "effect_tCO2e": self.effect, "material": self.material, "effects": list(self.effects)}


@dataclass(frozen=True, slots=True)
class Aggregate:
    """All uncorrected misstatements of ``total`` or ``category/N`` together, tCO2e.

    *over* ≥ 0 and *under* ≤ 0 are the sums of single effects; *net* is their sum, or what the calculation gives with
    all cells corrected at once (*interaction*: the difference between the two); *gross* = over − under. *material* and
    *gross_material*: above the threshold, None when that cannot be said or none is set.
    """

    of: str
    reported: Decimal | None
    over: Decimal
    under: Decimal
    net: Decimal | None
    interaction: Decimal | None
    threshold: Threshold | None
    share: Decimal | None
    material: bool | None
    gross_material: bool | None
    unknown: int = 0

    @property
    def gross(self) -> Decimal:
        """Overstatements and understatements without their signs."""
        from zerofactory_engine.decimals import CONTEXT

        return CONTEXT.subtract(self.over, self.under)

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"of": self.of, "reported_tCO2e": self.reported, "overstatement_tCO2e": self.over,
                "understatement_tCO2e": self.under, "net_tCO2e": self.net, "gross_tCO2e": self.gross,
                "interaction_tCO2e": self.interaction,
                "threshold_tCO2e": None if self.threshold is None else self.threshold.value, "share": self.share,
                "material": self.material, "gross_material": self.gross_material, "not_known": str(self.unknown)}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What follows: a type of opinion or ``open``.

    *basis*: ``derived`` (it follows from figures and answers, see the proof), ``proposed`` (it rests on the verifier's
    answer whether something is pervasive), ``open``. *candidates*: what it can still become. *against*: what stands
    against an unmodified opinion; *missing*: what nobody has said yet; *remarks*: what a reader should know.
    """

    follows: str
    basis: str
    candidates: tuple[str, ...]
    against: tuple[Problem, ...] = ()
    missing: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"follows": self.follows, "basis": self.basis, "candidates": list(self.candidates),
                "against": list(self.against), "missing": list(self.missing), "remarks": list(self.remarks)}


@dataclass(frozen=True, slots=True)
class ElementFound:
    """Something that an opinion has to name: *missing* fields, empty when it stands; None when it does not apply."""

    id: str
    title: Mapping[str, str]
    clause: str
    confidence: str
    missing: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"id": self.id, "clause": self.clause, "confidence": self.confidence,
                "state": "not_applicable" if self.missing is None else "missing" if self.missing else "present",
                "missing": list(self.missing or ())}


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Everything that follows from a package and the dossier that it is about."""

    root: Part
    statement: Statement
    thresholds: tuple[Threshold, ...]
    sampling: SamplingPlan
    evidence: Evidence
    misstatements: tuple[Misstatement, ...]
    aggregates: tuple[Aggregate, ...]
    projected: Decimal | None
    changes: tuple[Problem, ...]
    elements: tuple[ElementFound, ...]
    opinion: Opinion
    proof: Graph
    problems: tuple[Problem, ...] = field(default=())

    @property
    def total(self) -> Aggregate:
        """The aggregate of the whole statement."""
        return self.aggregates[0]

    @property
    def assurance(self) -> str | None:
        """``reasonable``, ``limited``, or None when nobody says."""
        return self.root.part("engagement").text("assurance")

    def results(self) -> dict[str, Any]:
        """The ``results`` of the JSON file."""
        return {"thresholds": list(self.thresholds), "sampling": self.sampling, "evidence": self.evidence,
                "misstatements": list(self.misstatements), "aggregates": list(self.aggregates),
                "projected_tCO2e": self.projected, "changes_since_plan": list(self.changes),
                "elements": list(self.elements), "opinion": self.opinion, "problems": list(self.problems),
                "proof": self.proof.as_json()}


def any_of(found: list[bool | None]) -> bool | None:
    """Whether any is true; None when none is but one is not known."""
    return True if True in found else None if None in found else False
