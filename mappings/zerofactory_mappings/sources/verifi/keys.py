"""What becomes of every key of an account: used for a dossier, identity, or kept because it is no activity data."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_mappings.sources.report import Key, State

#: Keys whose values decide what stands in a dossier.
_USED: Mapping[str, frozenset[str]] = {
    "account": frozenset({"name"}),
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


def keys_of(counts: Mapping[tuple[str, str], int]) -> tuple[Key, ...]:
    """One :class:`Key` for every key path, in alphabetical order."""
    return tuple(_key(collection, path, count) for (collection, path), count in counts.items())


def _key(collection: str, path: str, count: int) -> Key:
    if path in _USED.get(collection, frozenset()):
        return Key(collection, path, count, State.USED)
    if collection in _NOT_ACTIVITY:
        return Key(collection, path, count, State.KEPT, "import.verifi-key-not-activity")
    if path in _IDENTITY:
        return Key(collection, path, count, State.KEPT, "import.verifi-key-identity")
    return Key(collection, path, count, State.KEPT, "import.verifi-key-unknown")
