"""The dossiers of statistical energy tables: one per year, with a copy of the file that every row points into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from zerofactory_engine.dossier.codes import code_list
from zerofactory_mappings.sources.cn_energy_tables.plan import DOCUMENT, Plan
from zerofactory_mappings.sources.cn_energy_tables.read import Sheet
from zerofactory_mappings.sources.cn_energy_tables.vocabulary import TOTAL
from zerofactory_mappings.sources.sheets.write import Head, SourceDocument, dossier_yaml

_COMMENT = "Made from statistical energy tables. Nothing is declared complete here: that is the applicant's to declare."


def dossiers(plans: Iterable[Plan], sheets: Sequence[Sheet], data: bytes, file: str) -> Mapping[str, bytes]:
    """File name → bytes, the copy of the source last."""
    organisation = next((s.organisation for s in sheets if s.organisation), None)
    code = next((s.credit_code for s in sheets if s.credit_code), None)
    files: dict[str, bytes] = {}
    copy = SourceDocument(DOCUMENT, "energy_ledger", file, data)
    for plan in plans:
        document = SourceDocument(DOCUMENT, "nbs_205_1" if plan.form else "energy_ledger", file, data, plan.span)
        start, end = plan.span if plan.span is not None else (None, None)
        head = Head(plan.name, _COMMENT, start, end, organisation, code)
        files[f"{plan.name}.yaml"] = dossier_yaml(head, plan.tables, [document])
    return files | {copy.file: data}


def titles() -> Mapping[str, str]:
    """What series of the report are called."""
    own = {"electricity": "电力 / electricity", "heat": "热力 / heat", "steam": "蒸汽 / steam",
           "hot_water": "热水 / hot water"}
    own |= {code: f"{entry['zh']} / {entry['en']}" for code, entry in code_list("carriers").codes.items()}
    return own | {code + TOTAL: f"{title}（合计 / total）" for code, title in own.items()}
