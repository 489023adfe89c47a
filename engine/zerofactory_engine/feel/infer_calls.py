"""Types of calls: house functions, built-ins, properties of dates and durations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.functions import BUILTINS, Builtin
from zerofactory_engine.feel.house import HouseFunction, Refusal
from zerofactory_engine.feel.operators import kind_of
from zerofactory_engine.feel.regex import RegexError, compile_regex
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.values import ANY, BOOLEAN, FeelType, Kind, list_of, number
from zerofactory_engine.problems import Severity
from zerofactory_engine.units import NUMBER, dimension

if TYPE_CHECKING:
    from zerofactory_engine.feel.infer import Checker

_PURE = number(NUMBER)
_SECONDS = FeelType(Kind.SECONDS)
_DAY = {"year": _PURE, "month": _PURE, "day": _PURE, "weekday": _PURE}
_CLOCK = {"hour": _PURE, "minute": _PURE, "second": _PURE, "time offset": _SECONDS, "timezone": FeelType(Kind.STRING)}
_PROPERTIES: Mapping[Kind, Mapping[str, FeelType]] = {
    Kind.DATE: _DAY, Kind.TIME: _CLOCK, Kind.DATE_TIME: {**_DAY, **_CLOCK},
    Kind.MONTHS: {"years": _PURE, "months": _PURE},
    Kind.SECONDS: {"days": _PURE, "hours": _PURE, "minutes": _PURE, "seconds": _PURE},
    Kind.RANGE: {"start": ANY, "end": ANY, "start included": BOOLEAN, "end included": BOOLEAN},
}
#: Rounding functions: they act on the number in its base unit, which matters unless the value is counted or pure.
_ROUNDING = ("decimal", "floor", "ceiling", "round up", "round down", "round half up", "round half down")
_COUNTED = ("item", "credit", "night", "person")
#: Functions of pure numbers.
_PURE_ONLY = ("sqrt", "log", "exp", "odd", "even", "product")
#: Which argument is a pattern, and which its flags.
_OTHER_LISTS = ("flatten", "concatenate", "union", "index of")
_REGEX = {"matches": 1, "replace": 1, "split": 1}
_FLAGS = {"matches": 2, "replace": 3}


def properties(kind: Kind) -> Mapping[str, FeelType]:
    """Names that stand behind the point of a value of *kind*."""
    return _PROPERTIES.get(kind, {})


def temporal_type(value: Any) -> FeelType | None:
    """The type of an ``@"…"`` literal; None when it is none."""
    return None if value is None else FeelType(kind_of(value))


def call(checker: Checker, node: tree.Call) -> FeelType:
    """The type of a call."""
    if not isinstance(node.function, tree.Name):
        return checker.refused(node)
    name = node.function.name
    types = [checker.type_of(a) for a in node.arguments]
    house = checker.functions.get(name)
    if house is not None:
        return _house(checker, node, house, types)
    if name in ("today", "now"):
        checker.problem(node, "feel.clock-refused", found=f"{name}()")
        return ANY
    builtin = BUILTINS.get(name)
    if builtin is None:
        checker.unknown("feel.unknown-function", node, name, sorted({*checker.functions, *BUILTINS}))
        return ANY
    return _builtin(checker, node, builtin, types)


def _house(checker: Checker, node: tree.Call, house: HouseFunction, types: Sequence[FeelType]) -> FeelType:
    nodes: Sequence[tree.Node] = node.arguments
    wanted = [p.rstrip("?") for p in house.parameters]
    if node.names:
        order = [node.names.index(p) for p in wanted if p in node.names]
        fits = set(node.names) <= set(wanted) and [p in node.names for p in wanted] == sorted(
            (p in node.names for p in wanted), reverse=True)
        types, nodes = [types[i] for i in order], [nodes[i] for i in order]
    else:
        fits = True
    if not fits or not house.required <= len(types) <= len(wanted):
        accepted = f"{house.name}({', '.join(house.parameters)})"
        checker.problem(node, "feel.arguments", found=to_text(node)[:80], accepted=accepted)
        return ANY
    try:
        return house.infer(types, nodes)
    except Refusal as refusal:
        at = nodes[refusal.argument] if refusal.argument < len(nodes) else node
        checker.problem(at, refusal.code, refusal.found, refusal.accepted, refusal.example)
        return ANY


def _shown(builtin: Builtin) -> str:
    return " / ".join(f"{builtin.name}({', '.join(p.name + ('?' if p.optional else '') for p in s)})"
                      for s in builtin.signatures)


def _builtin(checker: Checker, node: tree.Call, builtin: Builtin, types: Sequence[FeelType]) -> FeelType:
    nodes = list(node.arguments)
    if node.names:
        parameters = builtin.signature(node.names)
        if parameters is None:
            checker.problem(node, "feel.arguments", found=to_text(node)[:80], accepted=_shown(builtin))
            return ANY
        order = sorted(range(len(nodes)), key=lambda i: [p.name for p in parameters].index(node.names[i]))
        types, nodes = [types[i] for i in order], [nodes[i] for i in order]
    if not _fits(checker, node, builtin, types, nodes):
        return ANY
    _units(checker, node, builtin, types, nodes)
    _regex(checker, builtin, nodes)
    return _result(checker, node, builtin, types, nodes)


def _fits(checker: Checker, node: tree.Call, builtin: Builtin, types: Sequence[FeelType],
          nodes: Sequence[tree.Node]) -> bool:
    """Whether number and kinds of the arguments suit; problems where they do not."""
    if builtin.variadic and len(types) > 1 and len(types) >= len(builtin.signatures[0]):
        return True
    lengths = [s for s in builtin.signatures if sum(not p.optional for p in s) <= len(types) <= len(s)]
    if not lengths:
        checker.problem(node, "feel.arguments", found=to_text(node)[:80], accepted=_shown(builtin))
        return False
    for parameters in lengths:
        wrong = [i for i, (p, t) in enumerate(zip(parameters, types, strict=False))
                 if t.kind not in (Kind.ANY, Kind.NULL) and not p.takes(t.kind) and not builtin.variadic]
        if not wrong:
            return True
    at = wrong[0]
    checker.problem(nodes[at], "feel.argument-kind", found=str(types[at]), accepted=" / ".join(parameters[at].kinds))
    return False


def _element(types: Sequence[FeelType]) -> FeelType:
    """The type of the elements that an aggregate folds."""
    if len(types) == 1 and types[0].kind is Kind.LIST:
        return types[0].element or ANY
    return types[0] if types else ANY


def _units(checker: Checker, node: tree.Call, builtin: Builtin, types: Sequence[FeelType],
           nodes: Sequence[tree.Node]) -> None:
    """What the function asks of the units of its arguments."""
    first = types[0] if types else ANY
    if builtin.name in _ROUNDING and first.dimension not in (None, NUMBER):
        powers = first.dimension.powers if first.dimension is not None else ()
        if not (len(powers) == 1 and powers[0][0] in _COUNTED):
            checker.problem(node, "feel.rounds-base-unit", found=to_text(node)[:80], accepted=str(first),
                            severity=Severity.NOTE)
    if builtin.name in _PURE_ONLY:
        element = _element(types)
        if element.dimension not in (None, NUMBER):
            checker.problem(nodes[0], "feel.pure-number", found=str(element), accepted="1")
    if builtin.name == "modulo" or (builtin.variadic and len(types) > 1 and builtin.gives == "element"):
        for other, part in zip(types[1:], nodes[1:], strict=True):
            checker.joined(node, nodes[0], first, part, other)


def _regex(checker: Checker, builtin: Builtin, nodes: Sequence[tree.Node]) -> None:
    """A pattern that is written out is read at once."""
    at = _REGEX.get(builtin.name)
    if at is None or at >= len(nodes):
        return
    pattern = nodes[at]
    if not isinstance(pattern, tree.String):
        checker.problem(pattern, "feel.regex-literal", found=to_text(pattern)[:80], example='"[0-9]+"')
        return
    flags = nodes[_FLAGS[builtin.name]] if _FLAGS.get(builtin.name, 9) < len(nodes) else None
    try:
        compile_regex(pattern.value, flags.value if isinstance(flags, tree.String) else "")
    except RegexError as error:
        code = "feel.regex-unsafe" if error.unsafe else "feel.regex-invalid"
        checker.problem(pattern, code, found=pattern.value[:80])


def _result(checker: Checker, node: tree.Call, builtin: Builtin, types: Sequence[FeelType],
            nodes: Sequence[tree.Node]) -> FeelType:
    """The type of what a built-in gives."""
    first = types[0] if types else ANY
    match builtin.gives:
        case "item":
            return number(dimension("item"))
        case "same":
            return first
        case "element":
            element = _element(types)
            numeric = builtin.name in ("sum", "mean", "median", "stddev")
            if numeric and element.kind not in (Kind.NUMBER, Kind.ANY, Kind.NULL):
                checker.problem(nodes[0], "feel.argument-kind", found=str(first), accepted="list of number")
                return ANY
            return element
        case "list":
            return first if first.kind is Kind.LIST and builtin.name not in _OTHER_LISTS else list_of(ANY)
        case "number":
            return _PURE
        case "date time":
            return FeelType(Kind.DATE_TIME)
        case "months":
            return FeelType(Kind.MONTHS)
        case "any":
            return _duration(builtin, nodes)
        case other:
            return FeelType(Kind(other))


def _duration(builtin: Builtin, nodes: Sequence[tree.Node]) -> FeelType:
    """The kind of ``duration("…")`` when its text is written out."""
    if builtin.name == "duration" and isinstance(nodes[0], tree.String):
        from zerofactory_engine.feel.temporal import parse_duration

        return temporal_type(parse_duration(nodes[0].value)) or ANY
    return ANY
