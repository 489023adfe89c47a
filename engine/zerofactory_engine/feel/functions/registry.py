"""The table of built-in functions: signatures, kinds of arguments and results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from zerofactory_engine.feel.operators import Failure, guarded, kind_of
from zerofactory_engine.feel.values import Kind

_KINDS: Mapping[str, Kind] = {
    "number": Kind.NUMBER, "string": Kind.STRING, "boolean": Kind.BOOLEAN, "date": Kind.DATE, "time": Kind.TIME,
    "date time": Kind.DATE_TIME, "months": Kind.MONTHS, "seconds": Kind.SECONDS, "list": Kind.LIST,
    "context": Kind.CONTEXT, "range": Kind.RANGE, "function": Kind.FUNCTION, "any": Kind.ANY,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, the kinds that it takes (ANY takes all, also null) and whether it may be left out."""

    name: str
    kinds: tuple[Kind, ...]
    optional: bool = False

    def takes(self, kind: Kind) -> bool:
        """Whether an argument of *kind* fits."""
        return kind in self.kinds or Kind.ANY in self.kinds


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function.

    *signatures* are its alternative parameter lists; a *variadic* one takes one list or any number of elements
    instead of its last parameter. *gives* is the kind of the result; ``same`` stands for a number of the dimension of
    the first argument, ``element``/``list`` for (a list of) the elements of the list that is given.
    """

    name: str
    signatures: tuple[tuple[Parameter, ...], ...]
    call: Callable[..., Any]
    gives: str
    variadic: bool = False

    def signature(self, names: Sequence[str]) -> tuple[Parameter, ...] | None:
        """The parameter list that has all of the named arguments, None if there is none."""
        for parameters in self.signatures:
            if set(names) <= {p.name for p in parameters} and len(set(names)) == len(names):
                return parameters
        return None


BUILTINS: dict[str, Builtin] = {}
Function = TypeVar("Function", bound=Callable[..., Any])


def _parameters(text: str) -> tuple[Parameter, ...]:
    found = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, kinds = part.partition(":")
        optional = kinds.endswith("?")
        found.append(Parameter(name.strip(), tuple(_KINDS[k.strip()] for k in kinds.rstrip("?").split("|")), optional))
    return tuple(found)


def builtin(name: str, *signatures: str, gives: str, variadic: bool = False) -> Callable[[Function], Function]:
    """Register a function under *name*; a signature reads ``string: string, length: number?``."""

    def register(call: Function) -> Function:
        BUILTINS[name] = Builtin(name, tuple(_parameters(s) for s in signatures), call, gives, variadic)
        return call

    return register


def arrange(function: Builtin, arguments: Sequence[Any], names: Sequence[str]) -> list[Any]:
    """The arguments in the order of the parameters; a parameter left out in the middle is given as null.

    Raises:
        Failure: there is no parameter list for these names.
    """
    if not names:
        return list(arguments)
    parameters = function.signature(names)
    if parameters is None:
        raise Failure("reason.wrong-arguments")
    given = dict(zip(names, arguments, strict=True))
    last = max(i for i, p in enumerate(parameters) if p.name in given)
    return [given.get(p.name) for p in parameters[:last + 1]]


def apply(function: Builtin, arguments: Sequence[Any], coerce: bool = True) -> Any:
    """The result for known arguments in the order of the parameters; None when the function has none.

    With *coerce*, a value where a list is wanted becomes a list of one, and a list of one where a value is wanted
    becomes that value (DMN 1.5 §10.3.2.9.4).

    Raises:
        Failure: number or kinds of the arguments do not fit, or there is no result that could be computed.
    """
    if function.variadic:
        arguments = _gathered(function, arguments)
    for parameters in function.signatures:
        if sum(not p.optional for p in parameters) <= len(arguments) <= len(parameters):
            fitted = _fitted(parameters, arguments, coerce)
            if fitted is not None:
                return guarded(partial(function.call, *fitted))
    raise Failure


def _gathered(function: Builtin, arguments: Sequence[Any]) -> Sequence[Any]:
    """Arguments of a variadic function with the trailing ones as one list."""
    fixed = len(function.signatures[0]) - 1
    rest = arguments[fixed:]
    if fixed == 0 and len(rest) == 1 and kind_of(rest[0]) is Kind.LIST:
        return arguments
    return [*arguments[:fixed], list(rest)] if rest else arguments


def _fitted(parameters: Sequence[Parameter], arguments: Sequence[Any], coerce: bool) -> list[Any] | None:
    fitted = []
    for parameter, argument in zip(parameters, arguments, strict=False):
        kind = kind_of(argument)
        if parameter.takes(kind):
            fitted.append(argument)
        elif coerce and Kind.LIST in parameter.kinds and argument is not None:
            fitted.append([argument])
        elif coerce and kind is Kind.LIST and len(argument) == 1 and parameter.takes(kind_of(argument[0])):
            fitted.append(argument[0])
        else:
            return None
    return fitted
