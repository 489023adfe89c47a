"""A small account in the shape of a VERIFI backup, made by hand: two sites, five meters, mixed units, every trap once."""

from __future__ import annotations

import copy
import json
from typing import Any

SMALL: dict[str, Any] = {
    "account": {"guid": "acc", "name": "Small Works", "country": "US"},
    "facilities": [
        {"guid": "f-north", "name": "North plant", "address": "1 Mill Road", "city": "Dayton", "country": "US", "naics3": "332710"},
        {"guid": "f-south", "name": "South / office", "city": "Dayton", "country": "US"},
    ],
    "meters": [
        {"guid": "m-el", "facilityId": "f-north", "name": "Electricity", "meterNumber": "N-1", "source": "Electricity",
         "startingUnit": "kWh", "energyUnit": "kWh", "agreementType": 1, "meterReadingDataApplication": "backward"},
        {"guid": "m-pv", "facilityId": "f-north", "name": "Roof", "meterNumber": "N-2", "source": "Electricity",
         "startingUnit": "kWh", "energyUnit": "kWh", "agreementType": 2, "meterReadingDataApplication": "fullMonth"},
        {"guid": "m-gas", "facilityId": "f-north", "name": "Gas", "meterNumber": "N-3", "source": "Natural Gas",
         "startingUnit": "CCF", "energyUnit": "MMBtu", "heatCapacity": "0.1027", "meterReadingDataApplication": "backward"},
        {"guid": "m-therm", "facilityId": "f-south", "name": "Gas", "meterNumber": "S-1", "source": "Natural Gas",
         "startingUnit": "therms", "energyUnit": "therms", "meterReadingDataApplication": "fullMonth"},
        {"guid": "m-water", "facilityId": "f-south", "name": "Water", "meterNumber": "S-2", "source": "Water Intake",
         "startingUnit": "gal", "energyUnit": "gal", "meterReadingDataApplication": "fullMonth"},
    ],
    "meterData": [
        {"guid": "b01", "meterId": "m-el", "year": 2024, "month": 12, "day": 20, "totalEnergyUse": 1000},
        {"guid": "b02", "meterId": "m-el", "year": 2025, "month": 1, "day": 20, "totalEnergyUse": 3100},
        {"guid": "b03", "meterId": "m-el", "year": 2025, "month": 2, "day": 19, "totalEnergyUse": 900.5, "isEstimated": True},
        {"guid": "b04", "meterId": "m-el", "year": 2025, "month": 2, "day": 19, "totalEnergyUse": 7},
        {"guid": "b05", "meterId": "m-pv", "year": 2025, "month": 1, "day": 31, "totalEnergyUse": 0},
        {"guid": "b06", "meterId": "m-pv", "year": 2025, "month": 2, "day": 28, "totalEnergyUse": 250},
        {"guid": "b07", "meterId": "m-gas", "year": 2025, "month": 1, "day": 3, "totalEnergyUse": 10, "totalVolume": 97},
        {"guid": "b08", "meterId": "m-gas", "year": 2025, "month": 2, "day": 3, "totalEnergyUse": 10201.499099999999, "totalVolume": 99333},
        {"guid": "b09", "meterId": "m-therm", "year": 2025, "month": 1, "day": 5, "totalEnergyUse": 12.5},
        {"guid": "b10", "meterId": "m-water", "year": 2025, "month": 1, "day": 5, "totalEnergyUse": 4000},
        {"guid": "b11", "meterId": "m-none", "year": 2025, "month": 1, "day": 5, "totalEnergyUse": 5},
        {"guid": "b12", "meterId": "m-el", "year": 2025, "month": 2, "day": 30, "totalEnergyUse": 6},
        {"guid": "b02", "meterId": "m-el", "year": 2025, "month": 3, "day": 20, "totalEnergyUse": 8},
    ],
    "predictors": [
        {"guid": "p-out", "facilityId": "f-north", "name": "Output", "production": True, "predictorType": "Standard"},
        {"guid": "p-t", "facilityId": "f-north", "name": "Castings", "production": True, "predictorType": "Standard", "unit": "t"},
        {"guid": "p-hdd", "facilityId": "f-north", "name": "HDD", "production": False, "predictorType": "Weather"},
    ],
    "predictorDataV2": [
        {"guid": "q1", "predictorId": "p-out", "facilityId": "f-north", "year": 2025, "month": 1, "amount": 1767.5},
        {"guid": "q2", "predictorId": "p-t", "facilityId": "f-north", "year": 2025, "month": 1, "amount": 40.25},
        {"guid": "q3", "predictorId": "p-t", "facilityId": "f-north", "year": 2025, "month": 2, "amount": 41},
        {"guid": "q4", "predictorId": "p-hdd", "facilityId": "f-north", "year": 2025, "month": 1, "amount": 1115.9166666666667},
    ],
    "facilityEnergyUseEquipment": [
        {"guid": "e1", "facilityId": "f-north", "name": "Fan", "equipmentType": "Fan", "notes": "roof",
         "noLongerInUse": {"isNoLongerInUse": False, "year": None},
         "utilityData": [{"energySource": "Electricity", "size": 30, "numberOfEquipment": 2, "units": "hp", "energyUse": []}]},
        {"guid": "e2", "facilityId": "f-north", "name": "Burner", "equipmentType": "Process Heating",
         "utilityData": [{"energySource": "Natural Gas", "size": 5, "numberOfEquipment": 1, "units": "MMBtuhr", "energyUse": []}]},
        {"guid": "e3", "facilityId": "f-north", "name": "Old lamp", "equipmentType": "Lighting",
         "noLongerInUse": {"isNoLongerInUse": True, "year": 2023},
         "utilityData": [{"energySource": "Electricity", "size": 400, "numberOfEquipment": 10, "units": "W", "energyUse": []}]},
        {"guid": "e4", "facilityId": "f-north", "name": "Odd", "equipmentType": "Other",
         "utilityData": [{"energySource": "Electricity", "size": 1, "numberOfEquipment": 1, "units": "parsec"}]},
    ],
    "groups": [{"guid": "g1", "name": "Energy"}, {"guid": "g2", "name": "Water"}],
}


def small(**changes: Any) -> bytes:
    """The account as bytes; *changes* replace whole collections."""
    return json.dumps(copy.deepcopy(SMALL) | changes).encode()
