"""How the items of a report (ISO 14064-1:2018, 9.3) stand, each on what the evidence and the statement hold.

The list is ``standards/iso-14064-1-2018/completeness.yaml``; this module knows for each item where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from zerofactory_mappings.disclosures.completeness import Completeness, Item, Result, Said, items_of, judged
from zerofactory_mappings.disclosures.statement import picked
from zerofactory_mappings.iso14064_1.check_more import MORE
from zerofactory_mappings.iso14064_1.check_required import REQUIRED, Finding
from zerofactory_mappings.iso14064_1.tables import STANDARD

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel

CHECKS: Mapping[str, Callable[[IsoModel], Finding]] = {**REQUIRED, **MORE}


def check(model: IsoModel) -> Completeness:
    """Every item with its key, where the report states it, and what is missing."""
    items = items_of(STANDARD)
    return judged(items, [_result(item, model) for item in items.items])


def _result(item: Item, model: IsoModel) -> Result:
    """A notation key of the statement stands only where nothing was found."""
    found = CHECKS[item.id](model)
    said = model.statement.notation(f"item/{item.id}")
    if said is not None and found.key == "missing":
        reason = {language: picked(said["reason"], language) for language in ("zh", "en")}
        return Result(item, str(said["key"]), (), () if said["key"] != "NE" else found.missing,
                      Said("iso14064.said", {"reason": reason}))
    return Result(item, found.key, found.where, found.missing, found.note)
