"""Factors that a dossier states with a unit of their own: ``0.15 kgCO2e/kg``, ``0.45 tCO2/MWh``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from zerofactory_engine.accounting.context import Cells
from zerofactory_engine.accounting.gwp import EQUIVALENT
from zerofactory_engine.accounting.terms import Term
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.units import Dimension, dimension, gases, unit


@dataclass(frozen=True, slots=True)
class StatedFactor:
    """A stated factor: the *gas* it gives, as a *term*, *per* a dimension of activity."""

    term: Term
    gas: str
    per: Dimension


def stated_factor(cells: Cells, column: str) -> StatedFactor | None:
    """The factor in *column*, or None when there is none or it gives no gas.

    Its value is in the base unit of its own dimension (tonnes of gas per base unit of activity).
    """
    found = cells.row.values.get(column)
    value, text = getattr(found, "value", None), getattr(found, "unit", None)
    if isinstance(found, Decimal):                                        # a dossier keeps the unit beside, as stated
        value, text = found, getattr(getattr(cells.row, "stated", {}).get(column), "unit", None)
    if value is None or text is None:
        return None
    own = unit(text)
    above = [name for name, power in own.dimension.powers if power == 1 and name in (*gases(), EQUIVALENT)]
    if len(above) != 1:
        return None
    per = dimension(above[0]) / own.dimension
    value = CONTEXT.plus(value)
    term = Term(column, value, own.dimension.base_unit, cells=((cells.subject(column), value),))
    return StatedFactor(term, above[0], per)
