"""Built-in functions with regular expressions, DMN 1.5 §10.3.4.3, on the linear matcher of the house."""

from __future__ import annotations

from zerofactory_engine.feel.functions.registry import builtin
from zerofactory_engine.feel.operators import NOT_COMPUTABLE, Failure
from zerofactory_engine.feel.regex import Regex, RegexError, compile_regex

#: Longest text that a replacement may give.
MAX_RESULT = 1_000_000


def _compiled(pattern: str, flags: object) -> Regex:
    if not isinstance(flags, (str, type(None))):
        raise Failure
    try:
        return compile_regex(pattern, flags or "")
    except RegexError:
        raise Failure(NOT_COMPUTABLE) from None


def _search(regex: Regex, text: str, start: int) -> tuple[int, ...] | None:
    try:
        return regex.search(text, start)
    except RegexError:
        raise Failure(NOT_COMPUTABLE) from None


@builtin("matches", "input: string, pattern: string, flags: any?", gives="boolean")
def matches(text: str, pattern: str, flags: object = None) -> bool:
    """Whether the pattern is found somewhere in the text."""
    return _search(_compiled(pattern, flags), text, 0) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags: any?", gives="string")
def replace(text: str, pattern: str, replacement: str, flags: object = None) -> str:
    """The text with every match replaced; ``$1`` stands for the first group, ``$0`` for the whole match."""
    regex = _compiled(pattern, flags)
    parts = [replacement] if isinstance(flags, str) and "q" in flags else _template(replacement, regex.groups)
    if _search(regex, "", 0) is not None:
        raise Failure(NOT_COMPUTABLE)      # XPath: a pattern that matches nothing would match everywhere
    out: list[str] = []
    size = at = 0
    while (found := _search(regex, text, at)) is not None:
        groups = [text[found[i]:found[i + 1]] if found[i] >= 0 else "" for i in range(0, len(found), 2)]
        piece = [text[at:found[0]], *(part if isinstance(part, str) else groups[part] for part in parts)]
        out += piece
        size += sum(map(len, piece))
        if size > MAX_RESULT:
            raise Failure(NOT_COMPUTABLE)
        at = found[1]
    return "".join([*out, text[at:]])


def _template(text: str, groups: int) -> list[str | int]:
    """The replacement as texts and numbers of groups."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        char, after = text[at], text[at + 1:at + 2]
        if char == "\\":
            if after not in ("\\", "$") or not after:
                raise Failure(NOT_COMPUTABLE)
            parts.append(after)
            at += 2
        elif char == "$":
            if not (after.isdecimal() and after.isascii()):
                raise Failure(NOT_COMPUTABLE)
            number, at = int(after), at + 2
            while text[at:at + 1].isdecimal() and text[at:at + 1].isascii() and number * 10 + int(text[at]) <= groups:
                number, at = number * 10 + int(text[at]), at + 1
            parts.append(number if number <= groups else "")
        else:
            parts.append(char)
            at += 1
    return parts


@builtin("split", "string: string, delimiter: string", gives="list")
def split(text: str, delimiter: str) -> list[str]:
    """The parts between the matches of the delimiter."""
    regex = _compiled(delimiter, None)
    if _search(regex, "", 0) is not None:
        raise Failure(NOT_COMPUTABLE)
    parts: list[str] = []
    at = 0
    while (found := _search(regex, text, at)) is not None:
        parts.append(text[at:found[0]])
        at = found[1]
    return [*parts, text[at:]]
