"""What an expression of a pack may name, with the type of each: dossier, inventory, period, parameters, quantities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from zerofactory_engine.feel.values import ANY, BOOLEAN, DATE, MONTHS, STRING, FeelType, Kind, list_of, number
from zerofactory_engine.rulepack.model import Criterion, Pack, Parameter, Quantity, settle
from zerofactory_engine.units import Dimension, dimension, unit

_KINDS: Mapping[str, FeelType] = {
    "text": STRING, "codes": list_of(STRING), "date": DATE, "duration": MONTHS, "yes_no": BOOLEAN,
}


@cache
def roots() -> Mapping[str, FeelType]:
    """Tables and contexts of the dossier with the columns that the accounting derives, ``lines`` and ``period``."""
    from zerofactory_engine.accounting import vocabulary as inventory
    from zerofactory_engine.dossier import vocabulary as dossier

    types = {**dossier.types(), **inventory.types()}
    for table, columns in inventory.derived_types().items():
        if (known := types.get(table)) is not None and known.element is not None:
            types[table] = list_of(replace(known.element, fields={**known.element.fields, **columns}))
    period = types.get("period")
    types["period"] = FeelType(Kind.CONTEXT, fields={**(period.fields if period else {}), "start": DATE, "end": DATE,
                                                     "years": number(dimension("year"))})
    return types


def duration_kind(parameter: Parameter) -> FeelType:
    """Months or days, by what the values are."""
    from zerofactory_engine.feel.values import Seconds
    from zerofactory_engine.rulepack.graph import leaves

    days = any(isinstance(v.value, Seconds) for _, values in leaves(parameter.values) for v in values)
    return FeelType(Kind.SECONDS) if days else MONTHS


def dimension_of(thing: Parameter | Quantity, readings: Mapping[str, str]) -> Dimension | None:
    """The declared dimension under *readings*; None when it is no number."""
    text = settle(thing.unit, readings)
    return None if text is None else unit(text).dimension


def type_of(thing: Parameter | Quantity, readings: Mapping[str, str]) -> FeelType:
    """The type of a parameter or quantity; anything when its unit rests on a reading that is not in *readings*."""
    if thing.type == "number":
        try:
            return number(dimension_of(thing, readings))
        except KeyError:
            return ANY
    if thing.type == "duration" and isinstance(thing, Parameter):
        return duration_kind(thing)
    return _KINDS[thing.type]


def scope_of(pack: Pack, criterion: Criterion | None) -> Mapping[str, Parameter | Quantity]:
    """Parameters and quantities that an expression of *criterion* (None: a shared one) may name."""
    return {**pack.parameters, **pack.quantities, **(criterion.parameters if criterion else {}),
            **(criterion.quantities if criterion else {})}
