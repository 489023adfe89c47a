"""What corrected figures do to the goods: computed anew, good by good, and held against the materiality of the law.

2025/2546 Article 5: 5 % of the specific embedded emissions and 5 % of the specific embedded free allocation of a
good, per tonne and CN code, for each misstatement alone and for all together. A difference of exactly the limit is
not above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.problems import Place
from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.documents.building import spaced
from zerofactory_mappings.cbam.documents.figures import corrected
from zerofactory_mappings.cbam.equations import EQUATIONS
from zerofactory_mappings.cbam.model import Basis, Installation
from zerofactory_mappings.cbam.result import CbamResult

Recompute: TypeAlias = "Callable[[Installation], CbamResult]"
SEE, SEFA = "see", "sefa"


@dataclass(frozen=True, slots=True)
class Good:
    """A good with its total specific embedded emissions and free allocation, in *unit* (tCO2e/t); None is not known."""

    cn: str | None
    name: str
    unit: str
    see: Decimal | None
    sefa: Decimal | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of one good, reported and corrected. *misstatement*: reported less corrected; *share* of what is
    reported; *material*: above the limit, None when that cannot be said."""

    good: Good
    value: str
    reported: Decimal | None
    corrected: Decimal | None
    misstatement: Decimal | None
    share: Decimal | None
    limit: Decimal
    material: bool | None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"cn": self.good.cn, "name": self.good.name, "unit": self.good.unit, "value": self.value,
                "reported": self.reported, "corrected": self.corrected, "misstatement": self.misstatement,
                "share": self.share, "limit": self.limit, "material": self.material}


def limits() -> dict[str, Decimal]:
    """The shares above which a misstatement is material, by value."""
    return {SEE: tables.constant("materiality_see").value, SEFA: tables.constant("materiality_sefa").value}


def recomputing(result: CbamResult) -> Recompute:
    """How an installation is computed as *result* was."""
    return lambda installation: compute(installation, result.basis)


def goods_of(result: CbamResult) -> tuple[Good, ...]:
    """The products of a calculation; its processes where no products are named."""
    found = [Good(spaced(p.cn_code) or None, p.name or p.process, p.unit or "tCO2e/t",
                  _sum(p.see_direct, p.see_indirect),
                  p.sefa) for p in result.products]
    return tuple(found or [Good(None, p.name, f"tCO2e/{p.functional_unit or '?'}", _sum(p.see_direct, p.see_indirect),
                                p.sefa)
                           for p in result.processes])


def _sum(direct: Decimal | None, indirect: Decimal | None) -> Decimal | None:
    return None if direct is None or indirect is None else CONTEXT.add(direct, indirect)


def effect(result: CbamResult, changes: Mapping[str, Decimal], recompute: Recompute,
           places: Mapping[str, Place] | None = None) -> tuple[Difference, ...]:
    """What the *changes* (path of a figure → corrected value) do to every good.

    Raises:
        ProblemsError: a path names no figure.
    """
    changed = recompute(corrected(result.given, changes, places)) if changes else result
    # The transitional rules know no free allocation.
    values = (SEE, SEFA) if result.basis is Basis.DEFINITIVE else (SEE,)
    return differences(goods_of(result), goods_of(changed), values)


def differences(before: Sequence[Good], after: Sequence[Good],
                values: Sequence[str] = (SEE, SEFA)) -> tuple[Difference, ...]:
    """Reported against corrected values, good by good: embedded emissions, then free allocation."""
    limit = limits()
    return tuple(_difference(one, name, getattr(one, name), getattr(other, name), limit[name])
                 for one, other in zip(before, after, strict=True) for name in values)


def _difference(good: Good, name: str, reported: Decimal | None, other: Decimal | None, limit: Decimal) -> Difference:
    if reported is None or other is None:
        return Difference(good, name, reported, other, None, None, limit, None)
    misstatement = CONTEXT.subtract(reported, other)
    share = CONTEXT.divide(abs(misstatement), abs(reported)) if reported else None
    return Difference(good, name, reported, other, misstatement, share, limit,
                      is_material(misstatement, reported, limit))


def is_material(misstatement: Decimal, reported: Decimal, limit: Decimal) -> bool:
    """2025/2546 Article 5: whether |misstatement| is more than the share *limit* of what is reported."""
    return bool(EQUATIONS["MAT"](misstatement, reported, limit))
