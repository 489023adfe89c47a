"""Goods of a declaration: consignments of one code, origin, installation, route and data belong to one good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from zerofactory_mappings.cbam.obligation.model import Computed, Consignment
from zerofactory_mappings.cbam.scope import CnGood, Country


@dataclass(slots=True)
class Good:
    """One good; *example* is its first consignment."""

    id: str
    example: Consignment
    consignments: list[Consignment] = field(default_factory=list)


def goods_of(consignments: Iterable[Consignment]) -> list[Good]:
    """The goods, numbered in the order in which they first appear; origins outside CBAM are no goods here."""
    found: dict[tuple[Any, ...], Good] = {}
    for c in consignments:
        if c.outside:
            continue
        key = good_key(c)
        if key not in found:
            found[key] = Good(f"G{len(found) + 1}", c)
        found[key].consignments.append(c)
    return list(found.values())


def good_key(c: Consignment) -> tuple[Any, ...]:
    """What makes consignments the same good: the certificates of each good are floored at zero for itself."""
    return (c.code, c.name, c.origin.id, c.produced_in.id, c.installation, c.route, c.variant, c.data,
            c.production_year,
            c.mass.unit, _plain(c.clinker_share), _plain(c.actual), _plain(c.carbon_prices))


def _plain(value: Any) -> Any:
    """*value* as something that can be compared, without the places where it stands."""
    if isinstance(value, Computed):
        return id(value.installation), value.product
    if isinstance(value, Country):
        return value.id
    if isinstance(value, CnGood):
        return value.cn
    if isinstance(value, tuple):
        return tuple(_plain(v) for v in value)
    if is_dataclass(value):
        return tuple(_plain(getattr(value, f.name)) for f in fields(value) if f.name not in {"place", "documents"})
    return value
