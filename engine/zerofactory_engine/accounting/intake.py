"""What the accounting takes from a dossier: facts, names, and the shares of its boundary."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import consolidation_rule
from zerofactory_engine.accounting.context import Facts
from zerofactory_engine.accounting.terms import Term
from zerofactory_engine.reasons import Cause, Reason, Unknown

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier

#: Relationships of a part that are the reporter's own or follow from being inside.
_WHOLE = frozenset({"own", "leased", "none"})


def facts_of(dossier: Dossier, consolidation: str = "stated") -> Facts:
    """Facts about the dossier that calculators use.

    *consolidation*: ``stated`` takes the facility and its parts in by the approach and share of the boundary;
    ``facility`` takes in all that is inside it, as the other figures of the dossier do. What the boundary leaves out is
    left out either way.
    """
    facility, boundary = dossier.facility, dossier.boundary
    parts = [p for p in boundary.get("parts") or () if p.get("id")]
    outside = [p for p in parts if p.get("inside") is False]
    approach = boundary.get("approach") if consolidation == "stated" else None
    shares = tuple((p["id"], term) for p in parts if p.get("inside") is not False
                   and (term := _part_share(p, approach)) is not None)
    return Facts(
        dossier.period.start, dossier.period.end, facility.get("province"), facility.get("grid_region"),
        facility.get("market_boundary") or facility.get("country"), _names(dossier), _share(boundary, approach), shares,
        frozenset(p["id"] for p in outside), frozenset(p["meter"] for p in outside if p.get("meter")),
        facility.get("country"))


def _names(dossier: Dossier) -> frozenset[str]:
    """Ids and names of the facility and of the applicant's entities, in lower case."""
    organisation = dossier.organisation or {}
    found: list[Any] = [dossier.facility.get("id"), organisation.get("unified_social_credit_code")]
    entities = organisation.get("entities") or ()
    for holder in (dossier.facility, organisation, *entities):
        name = holder.get("name")
        found += [*name.values()] if isinstance(name, Mapping) else [name]
    found += [e.get("id") for e in entities] + [e.get("unified_social_credit_code") for e in entities]
    return frozenset(str(n).strip().lower() for n in found if n)


def _share(boundary: Mapping[str, Any], approach: str | None) -> Term | None:
    """The share under equity share; None where the whole facility is taken in."""
    if approach != "equity share":
        return None
    return _term("boundary.share_percent", boundary.get("share_percent"))


def _term(subject: str, value: object) -> Term:
    if not isinstance(value, Decimal):
        value = Unknown(Reason(Cause.VALUE, subject, "accounting.share-missing"))
    return Term("boundary_share", value, "1", operation="share", cells=((subject, value),))


def _part_share(part: Mapping[str, Any], approach: str | None) -> Term | None:
    """The share of a part that has its own; None where it is taken in as the facility is."""
    relationship = part.get("relationship")
    if relationship is None or relationship in _WHOLE or approach is None:
        return None
    subject = f"boundary.parts/{part['id']}"
    rule = consolidation_rule(str(relationship).replace(" ", "_"), approach.replace(" ", "_"))
    if rule == "interest":
        return _term(f"{subject}.economic_interest_percent", part.get("economic_interest_percent"))
    if rule == "none":
        return _term(subject, Decimal(0))
    holds = part.get(rule)
    return _term(f"{subject}.{rule}", None if holds is None else Decimal(int(holds)))
