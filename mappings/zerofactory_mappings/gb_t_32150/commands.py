"""GB/T 32150 for ``zerofactory map run DOSSIER --to gb_t_32150``."""

from __future__ import annotations

from zerofactory_mappings.disclosures.registry import Disclosure
from zerofactory_mappings.gb_t_32150.build import STANDARD, build
from zerofactory_mappings.gb_t_32150.check import check
from zerofactory_mappings.gb_t_32150.write import as_json, document, sheets

DISCLOSURE = Disclosure(
    name="gb_t_32150",
    title={"zh": "GB/T 32150—2015 温室气体排放报告", "en": "GB/T 32150-2015 report of greenhouse-gas emissions"},
    standard=STANDARD, build=build, check=check, document=document, sheets=sheets, as_json=as_json)
