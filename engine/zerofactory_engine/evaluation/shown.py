"""Values as they are shown: in the unit in which the standard prints them, unrounded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_engine import feel
from zerofactory_engine.evaluation.functions import functions
from zerofactory_engine.evaluation.margins import Leaf
from zerofactory_engine.evaluation.model import Amount, Margin
from zerofactory_engine.evaluation.program import Program
from zerofactory_engine.evaluation.run import display_unit
from zerofactory_engine.feel import tree
from zerofactory_engine.feel.values import Months, Seconds, Selection
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.rulepack.model import Criterion, Special
from zerofactory_engine.rulepack.names import roots, scope_of, type_of
from zerofactory_engine.units import NUMBER, Unit, unit

Readings = Mapping[str, str]

#: The unit of a distance between two shares.
POINTS = "pp"


def shown(value: Any, in_unit: Unit | None) -> Any:
    """A value of an expression as it stands in an assessment; None for what is not known."""
    if value is None or isinstance(value, (Unknown, Special)):
        return None
    if isinstance(value, Decimal):
        return value if in_unit is None else in_unit.from_base(value)
    if isinstance(value, Months):
        years, months = divmod(value.months, 12)
        return "P" + (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
    if isinstance(value, Seconds):
        return f"PT{value.seconds:f}S"
    if isinstance(value, (list, tuple, Selection)):
        return tuple(shown(v, in_unit) for v in value)
    return value if isinstance(value, (str, bool)) or hasattr(value, "isoformat") else str(value)


def unit_of(program: Program, node: tree.Node, owner: Criterion | None, readings: Readings) -> Unit | None:
    """The unit in which the value of *node* is shown: the declared one of what it names, else the base unit."""
    match node:
        case tree.Name():
            cell = program.cells.get(program.resolve(node.name, owner))
            if cell is not None and not isinstance(cell.definition, Criterion):
                return display_unit(cell.definition, readings)
        case tree.Negate():
            return unit_of(program, node.operand, owner, readings)
    things = {n: type_of(t, readings) for n, t in scope_of(program.pack, owner).items()}
    dimension = feel.infer(node, {**roots(), **things}, functions())[0].dimension
    return None if dimension is None or dimension == NUMBER else unit(dimension.base_unit)


def sides_unit(program: Program, leaf: Leaf, owner: Criterion, readings: Readings) -> Unit | None:
    """The unit of a comparison: the threshold's when it is named, else the value's."""
    node = leaf.node
    if not isinstance(node, tree.Compare):
        return None
    sides = sorted((node.right, node.left), key=lambda side: not isinstance(side, tree.Name))
    for side in sides:
        if (found := unit_of(program, side, owner, readings)) is not None:
            return found
    return None


def amount(value: Any, in_unit: Unit | None) -> Amount | None:
    """A shown value with its unit; None when it is not known."""
    made = shown(value, in_unit)
    if made is None:
        return None
    return Amount(made, in_unit.text if in_unit is not None and isinstance(made, Decimal) else None)


def margin(leaf: Leaf, in_unit: Unit | None, uncertainty: Decimal | None) -> Margin | None:
    """The margin of the deciding *leaf*; *uncertainty* is the half-width of its distance in base units."""
    distance = leaf.distance
    if distance is None:
        return None
    convert = in_unit.from_base if in_unit is not None else lambda v: v
    text = None if in_unit is None else POINTS if in_unit.text == "%" else in_unit.text
    return Margin(
        value=convert(distance), unit=text, relative=leaf.relative, on_threshold=not distance,
        robust=uncertainty is None or abs(distance) > uncertainty,
        uncertainty=None if uncertainty is None else convert(uncertainty), leaf=leaf.text, row=leaf.row)
