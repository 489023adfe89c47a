"""ISO 14064-1 for ``zerofactory map run DOSSIER --to iso14064_1``."""

from __future__ import annotations

from zerofactory_mappings.disclosures.registry import Disclosure
from zerofactory_mappings.iso14064_1.build import build
from zerofactory_mappings.iso14064_1.check import check
from zerofactory_mappings.iso14064_1.tables import STANDARD
from zerofactory_mappings.iso14064_1.write import as_json, document, sheets

DISCLOSURE = Disclosure(
    name="iso14064_1",
    title={"zh": "ISO 14064-1:2018 温室气体报告", "en": "ISO 14064-1:2018 greenhouse-gas report"},
    standard=STANDARD, build=build, check=check, document=document, sheets=sheets, as_json=as_json)
