"""Who and where: identifiers with check digits, titles and certificates that ran out, an undecided boundary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.checks.common import at_section, finding
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.problems import Problem

#: GB 32100-2015: the characters in the order of their values, and the weight of each place.
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
#: Pairs of columns whose first has not to be after the second.
_PAIRS = (("covers_from", "covers_to"), ("valid_from", "valid_to"), ("generated_from", "generated_to"),
          ("vintage_from", "vintage_to"), ("crediting_from", "crediting_to"), ("in_service_from", "in_service_to"),
          ("calibrated_on", "calibrated_until"), ("footprint_from", "footprint_to"), ("generated_to", "issued_on"))


def uscc_check_character(code: str) -> str | None:
    """The 18th character that GB 32100-2015 asks for; None when another character is not of its alphabet."""
    if any(c not in _USCC for c in code[:17]):
        return None
    total = sum(_USCC.index(c) * w for c, w in zip(code[:17], _WEIGHTS, strict=True))
    return _USCC[(31 - total % 31) % 31]


def lei_is_sound(code: str) -> bool:
    """Whether an LEI keeps its check digits (ISO 17442: ISO 7064 MOD 97-10)."""
    return int("".join(str(int(c, 36)) for c in code)) % 97 == 1


def identifiers(dossier: Dossier) -> Iterator[Problem]:
    """Identifiers of legal entities with a wrong check character; a province that is not one of China's."""
    entities: list[tuple[str, Mapping[str, Any]]] = [("organisation", dossier.organisation)]
    entities += [(f"organisation/entities/{e.get('id')}", e) for e in dossier.organisation.get("entities") or ()]
    for path, entity in entities:
        code, lei = entity.get("unified_social_credit_code"), entity.get("lei")
        if code is not None and (wanted := uscc_check_character(code)) != code[17]:
            yield at_section("dossier.uscc-check", f"{path}/unified_social_credit_code", found=code,
                             accepted=None if wanted is None else code[:17] + wanted)
        if lei is not None and not lei_is_sound(lei):
            yield at_section("dossier.lei-check", f"{path}/lei", found=lei)
    province = dossier.facility.get("province")
    if province is not None and province.startswith("CN") and province not in code_list("provinces").codes:
        yield at_section("dossier.province-unknown", "facility/province", found=province)


def titles(dossier: Dossier) -> Iterator[Problem]:
    """Titles that ended before the period did."""
    for title in dossier.facility.get("titles") or ():
        until: date | None = title.get("valid_to")
        if until is not None and until < dossier.period.end:
            yield at_section("dossier.title-expired", f"facility/titles/{title.get('title')}", found=until,
                             accepted=dossier.period.end)


def management_systems(dossier: Dossier) -> Iterator[Problem]:
    """Certificates of management systems that were not valid through the period."""
    for row in dossier.rows.get("management_systems", ()):
        until, status = row.values.get("valid_to"), row.values.get("status")
        if until is not None and until < dossier.period.end:
            yield finding("dossier.management-expired", row, "valid_to", found=until, accepted=dossier.period.end)
        elif status in ("suspended", "withdrawn", "expired"):
            yield finding("dossier.management-not-valid", row, "status", found=status, accepted="valid")


def boundary(dossier: Dossier) -> Iterator[Problem]:
    """Parts that are neither in nor out, parts left out without reason, exclusions without reason or estimate."""
    for part in dossier.boundary.get("parts") or ():
        path = f"boundary/parts/{part.get('id')}"
        if part.get("inside") is None:
            yield at_section("dossier.part-not-decided", path)
        elif part["inside"] is False and part.get("reason") is None:
            yield at_section("dossier.part-without-reason", path)
    for exclusion in dossier.boundary.get("exclusions") or ():
        path = f"boundary/exclusions/{exclusion.get('id') or exclusion.get('what')}"
        if exclusion.get("reason") is None:
            yield at_section("dossier.exclusion-without-reason", path)
        if exclusion.get("estimate_tCO2e") is None:
            yield at_section("dossier.exclusion-without-estimate", path)


def disorder(dossier: Dossier) -> Iterator[Problem]:
    """Pairs of days in the wrong order."""
    for table, rows in dossier.rows.items():
        columns = structure.tables()[table].columns
        pairs = [(a, b) for a, b in _PAIRS if a in columns and b in columns]
        for row in rows:
            for first, last in pairs:
                start, end = row.values.get(first), row.values.get(last)
                if start is not None and end is not None and start > end:
                    yield finding("dossier.days-in-disorder", row, first, found=f"{first} {start}, {last} {end}")
