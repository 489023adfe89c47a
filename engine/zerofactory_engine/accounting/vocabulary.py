"""What expressions may name of an inventory: the table ``lines`` and the columns derived for dossier tables."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_engine.feel.values import BOOLEAN, STRING, FeelType, number, table_of
from zerofactory_engine.units import NUMBER, dimension

#: Columns of ``lines`` in their order; ``ghgp_category`` is empty outside scope 3, ``scope`` is 0 outside the scopes.
LINE_COLUMNS: Mapping[str, FeelType] = {
    "scope": number(NUMBER),
    "iso_category": number(NUMBER),
    "iso_subcategory": STRING,
    "ghgp_category": number(NUMBER),
    "source": STRING,
    "table": STRING,
    "row": STRING,
    "carrier": STRING,
    "gas": STRING,
    "flow": STRING,
    "biogenic": BOOLEAN,
    "outside_scopes": BOOLEAN,
    "tCO2_location": number(dimension("CO2")),
    "tCO2_market": number(dimension("CO2")),
    "tCO2e_location": number(dimension("CO2e")),
    "tCO2e_market": number(dimension("CO2e")),
}

#: Columns that the accounting adds to dossier tables: table → column → type.
DERIVED_COLUMNS: Mapping[str, Mapping[str, FeelType]] = {
    "energy": {"tce": number(dimension("standard_coal"))},
    "heat": {"tce": number(dimension("standard_coal"))},
    "biomass": {"tce": number(dimension("standard_coal"))},
    "chp": {"heat_share": number(NUMBER), "tCO2_heat": number(dimension("CO2")),
            "tCO2_power": number(dimension("CO2"))},
}


def types() -> Mapping[str, FeelType]:
    """``{"lines": …}``: the table of line items."""
    return {"lines": table_of(LINE_COLUMNS)}


def derived_types() -> Mapping[str, Mapping[str, FeelType]]:
    """Derived columns by dossier table."""
    return DERIVED_COLUMNS
