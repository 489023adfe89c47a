"""GHG Protocol for ``zerofactory map run DOSSIER|GROUP --to ghg_protocol``."""

from __future__ import annotations

from zerofactory_mappings.disclosures.registry import Disclosure
from zerofactory_mappings.ghg_protocol.build import build
from zerofactory_mappings.ghg_protocol.check import check
from zerofactory_mappings.ghg_protocol.tables import STANDARD
from zerofactory_mappings.ghg_protocol.write import as_json, document, sheets

DISCLOSURE = Disclosure(
    name="ghg_protocol", title={"zh": "GHG Protocol 温室气体清单", "en": "GHG Protocol greenhouse-gas inventory"},
    standard=STANDARD, build=build, check=check, document=document, sheets=sheets, as_json=as_json, groups=True)
