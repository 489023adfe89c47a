"""What becomes of every key of an account: used for a dossier, identity, or kept because it is no activity data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zerofactory_mappings.sources.report import Entry, Key, State
from zerofactory_mappings.sources.verifi.read import Account

#: Keys whose values decide what stands in a dossier.
_USED: Mapping[str, frozenset[str]] = {
    "account": frozenset({"name", "country"}),
    "facilities": frozenset({"guid", "name", "address", "city", "country", "naics2", "naics3"}),
    "meters": frozenset({"guid", "facilityId", "name", "meterNumber", "source", "startingUnit", "energyUnit",
                         "agreementType", "meterReadingDataApplication"}),
    "meterData": frozenset({"guid", "meterId", "year", "month", "day", "totalEnergyUse", "totalVolume", "isEstimated"}),
    "predictors": frozenset({"guid", "facilityId", "name", "production", "predictorType", "unit"}),
    "predictorDataV2": frozenset({"guid", "predictorId", "year", "month", "amount"}),
    "facilityEnergyUseEquipment": frozenset({
        "guid", "facilityId", "name", "equipmentType", "notes", "noLongerInUse/isNoLongerInUse",
        "utilityData/energySource", "utilityData/size", "utilityData/numberOfEquipment", "utilityData/units"}),
}
#: Keys that only say who, when and how the record was stored or shown.
_IDENTITY = frozenset({"guid", "id", "accountId", "facilityId", "groupId", "createdDate", "modifiedDate", "dbDate",
                       "migratedDates", "checked", "color", "open", "visible", "sidebarOpen", "isValid",
                       "energyUseGroupId", "utilityMeterGroupIds"})
#: Collections that hold settings, analyses and reports of VERIFI itself.
_NOT_ACTIVITY = frozenset({"accountReports", "facilityReports", "accountAnalysisItems", "facilityAnalysisItems",
                           "groups", "facilityEnergyUseGroups", "backupFileType", "origin", "timeStamp",
                           "dataBackupId"})


def keys_of(account: Account, entries: Iterable[Entry]) -> tuple[Key, ...]:
    """One :class:`Key` for every key path of *account*, in alphabetical order."""
    fates = _fates(account, entries)
    return tuple(_key(collection, path, records, fates.get(collection, {}))
                 for (collection, path), records in account.keys.items())


def _fates(account: Account, entries: Iterable[Entry]) -> dict[str, dict[int, State]]:
    """Collection → record → its fate. A record with several uses is used when one of them is."""
    out: dict[str, dict[int, State]] = {}
    seen: set[str] = set()
    for entry in entries:
        number = int(entry.path.split("/")[1])
        found = out.setdefault(entry.collection, {})
        if found.get(number) is not State.USED:
            found[number] = entry.state
        if entry.state is State.USED:
            seen.add(entry.series or "")
    meters = [m for m in account.meters.values() if m.id in seen]
    predictors = [p for p in account.predictors.values() if p.id in seen]
    sites = {m.facility for m in meters}
    facilities = [f for f in account.facilities.values() if f.id in sites]
    for path in (*(m.path for m in meters), *(p.path for p in predictors), *(f.path for f in facilities)):
        collection, record = path.split("/")
        out.setdefault(collection, {})[int(record)] = State.USED
    out["account"] = {0: State.USED}
    return out


def _key(collection: str, path: str, records: tuple[int, ...], fates: Mapping[int, State]) -> Key:
    reason = _why_not(collection, path)
    refused = sum(1 for r in records if fates.get(r) is State.REFUSED)
    used = 0 if reason else sum(1 for r in records if fates.get(r) is State.USED)
    if not reason and not used:
        reason = "import.verifi-key-of-kept"
    return Key(collection, path, used, len(records) - used - refused, refused, reason)


def _why_not(collection: str, path: str) -> str:
    """Why no dossier states what stands under a key; empty for the keys that decide what a dossier holds."""
    if path in _USED.get(collection, frozenset()):
        return ""
    if collection in _NOT_ACTIVITY:
        return "import.verifi-key-not-activity"
    return "import.verifi-key-identity" if path in _IDENTITY else "import.verifi-key-unknown"
