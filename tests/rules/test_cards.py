"""Cards of standards: shape, dates, and one for every standard that the project speaks of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
CARDS = sorted((ROOT / "standards").glob("*/card.yaml"))

#: Number under which the issuer cites a standard → our id, edition, in force from, withdrawn on. None: not known to a day.
NAMED = {
    "工信部联节〔2026〕13号": ("cn-miit-guidance-2026", "2026-01", "2026-01-14", None),
    "unknown (MIIT, July 2026)": ("cn-miit-zcf-2026", "2026-07", "2026-07-22", None),
    "T/CECA-G 0171-2022": ("cn-ceca-0171-2022", "2022", "2022-06-01", None),
    "T/CIECCPA 030-2023": ("cn-cieccpa-030-2023", "2023", "2023-07-28", None),
    "T/SEESA 009": ("cn-seesa-009", "unknown", "unknown", None),
    "发改环资〔2025〕910号": ("cn-ndrc-910-2025", "2025", "2025-06-30", None),
    "湘工信节能〔2025〕458号": ("cn-hunan-458-2025", "2025", "2025-12-19", None),
    "浙经信绿色〔2023〕257号": ("cn-zhejiang-257-2023", "2023", "2023-11-30", None),
    "unknown (Jiangsu city)": ("cn-jiangsu-city-2026", "2026", "unknown", None),
    "unknown (Tianjin Eco-City)": ("cn-tianjin-eco-city-2022", "2022", "unknown", None),
    "GB/T 36132-2025": ("gb-t-36132-2025", "2025", "2025-12-31", None),
    "ISO 14068-1:2023": ("iso-14068-1-2023", "2023", "2023-11-30", None),
    "PAS 2060:2014": ("pas-2060-2014", "2014", "2014", "2025-11-30"),
    "SBTi Net-Zero v1.3.1": ("sbti-net-zero", "1.3.1", "unknown", None),
    "SBTi Net-Zero v2.0": ("sbti-net-zero", "2.0", "2027-02-01", None),
    "RE100 Technical Criteria": ("re100-technical-criteria", "2025-04", "2025-04", None),
    "Directive (EU) 2024/825": ("eu-ecgt-2024-825", "2024", "2026-09-27", None),
    "VCMI Claims Code v3.1": ("vcmi-claims-code", "3.1", "2025-08", None),
    "ISO IWA 42:2022": ("iso-iwa-42-2022", "2022", "2022", None),
}


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.parent.name)
def test_card_is_valid_and_named_like_its_folder(path: Path) -> None:
    schema = json.loads((ROOT / "standards/schemas/card.schema.json").read_text(encoding="utf-8"))
    card = read(path)
    assert [f"{e.json_path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(card)] == []
    assert card["id"] == path.parent.name
    assert len({e["edition"] for e in card["editions"]}) == len(card["editions"])


@pytest.mark.parametrize("name", NAMED)
def test_every_standard_we_speak_of_has_a_card_with_its_dates(name: str) -> None:
    ident, edition, in_force, withdrawn = NAMED[name]
    card = read(ROOT / "standards" / ident / "card.yaml")
    found = {e["edition"]: e for e in card["editions"]}[edition]
    assert found["in_force"]["on"] == in_force
    assert found.get("withdrawn_on", {}).get("on") == withdrawn
    if not name.startswith(("unknown", "SBTi", "VCMI")):
        assert card["number"] == name


def test_no_edition_ends_before_it_begins() -> None:
    wrong = []
    for path in CARDS:
        for edition in read(path)["editions"]:
            begin = edition["in_force"]["on"]
            for key in ("withdrawn_on", "valid_to"):
                end = edition.get(key, {}).get("on", "9999")
                if "unknown" not in (begin, end) and end < begin[: len(end)]:
                    wrong.append(f"{path.parent.name} {edition['edition']}: {key}")
    assert wrong == []


def test_a_replaced_edition_names_one_that_names_it_back() -> None:
    """Within a card ``replaces`` and ``replaced_by`` belong together; other standards are named in full."""
    wrong = []
    for path in CARDS:
        editions = {e["edition"]: e for e in read(path)["editions"]}
        for name, edition in editions.items():
            wrong += [f"{path.parent.name}: {name} → {other}" for other in edition.get("replaced_by", ())
                      if other in editions and name not in editions[other].get("replaces", ())]
    assert wrong == []


def test_related_cards_exist() -> None:
    wrong = [f"{p.parent.name} → {other}" for p in CARDS for other in read(p).get("related", ())
             if not (ROOT / "standards" / other / "card.yaml").is_file()]
    assert wrong == []
