"""Run the import of a VERIFI account: bytes in, dossiers and report out. The command is ``zerofactory import``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zerofactory_mappings.sources import Imported

#: Options that ``zerofactory import verifi`` takes beside those of every source.
OPTIONS = ("facility", "year")


def import_bytes(data: bytes, file: str, options: Mapping[str, Any]) -> Imported:
    """Dossiers of the account in *data* and the report that accounts for every record and key of it.

    *options*: ``facility`` (name or identifier; all when absent) and ``year`` (calendar year; all days when absent).

    Raises:
        ProblemsError: it is no account of VERIFI, or nothing of it can stand in a dossier.
    """
    from zerofactory_engine.canonical import sha256
    from zerofactory_mappings.sources.report import ImportReport, sum_up
    from zerofactory_mappings.sources.verifi.check import decide
    from zerofactory_mappings.sources.verifi.keys import keys_of
    from zerofactory_mappings.sources.verifi.read import read_account
    from zerofactory_mappings.sources.verifi.write import COPY, dossier_yaml

    account = read_account(data, file)
    decision = decide(account, file, options.get("facility"), options.get("year"))
    files = {f"{plan.name}.yaml": dossier_yaml(account, plan, data) for plan in decision.plans} | {COPY: data}
    titles = {m.id: f"{account.facilities[m.facility].name} / {m.name}" if m.facility in account.facilities else m.name
              for m in account.meters.values()}
    titles |= {p.id: p.name for p in account.predictors.values()}
    entries = tuple(sorted(decision.entries, key=_place))
    report = ImportReport("verifi", file, sha256(data), entries, keys_of(account, entries), sum_up(entries, titles),
                          tuple(files), decision.problems)
    return Imported(files, report)


def _place(entry: Any) -> tuple[str, list[int]]:
    """Order of the entries: as the records stand in the file."""
    collection, *rest = entry.path.split("/")
    return collection, [int(part) for part in rest if part.isdigit()]
