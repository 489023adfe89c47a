"""Sentences for codes, in zh and en. The core speaks in codes with arguments; this renders them at the edge.

Every package that raises problems, reasons or labels keeps its sentences in its own ``messages/{zh,en}.yaml``: a flat
mapping from code to a sentence with ``{named}`` arguments (``{found}``, ``{accepted}``, ``{example}`` and the
problem's own ``args``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import yaml

from zerofactory_engine.problems import Problem
from zerofactory_engine.reasons import Reason

LANGUAGES = ("zh", "en")
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_ARGUMENT = re.compile(r"\{(\w+)\}")


def message_folders() -> tuple[Path, ...]:
    """Every ``messages`` folder of the installed packages, the engine's own first."""
    roots = [Path(__file__).parent.parent]
    for point in sorted(metadata.entry_points(group="zerofactory.messages"), key=lambda p: p.name):
        file = __import__(point.value).__file__
        if file is not None:
            roots.append(Path(file).parent)
    return tuple(folder for root in roots for folder in sorted(root.glob("**/messages")) if folder.is_dir())


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All sentences of *language* by code. A code that two packages define is a mistake of the program."""
    sentences: dict[str, str] = {}
    for folder in message_folders():
        path = folder / f"{language}.yaml"
        if not path.is_file():
            continue
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader
        for code, sentence in loaded.items():
            if code in sentences:
                raise ValueError(f"message {code} is defined twice, again in {path}")
            sentences[code] = str(sentence)
    return sentences


def render(code: str, language: str, args: Mapping[str, object] | None = None) -> str:
    """The sentence of *code*; an argument that is not given stands empty, an unknown code stands as itself."""
    sentence = catalogue(language).get(code)
    if sentence is None:
        told = {k: v for k, v in (args or {}).items() if v != ""}
        return code + (f" {told}" if told else "")
    given = args or {}
    return _ARGUMENT.sub(lambda m: str(given.get(m.group(1), "")), sentence)


def render_problem(problem: Problem, language: str) -> str:
    """Place, sentence, what was found, what is accepted and an example, on one line."""
    args = {"found": problem.found or "", "accepted": problem.accepted or "", "example": problem.example or "",
            **problem.args}
    parts = [str(problem.place), render(problem.code, language, args)]
    for name in ("found", "accepted", "example"):
        if args[name]:
            parts.append(render(f"problem.{name}", language, {"value": args[name]}))
    return " — ".join(p for p in parts if p)


def render_reason(reason: Reason, language: str) -> str:
    """The sentence of a reason."""
    return render(reason.code, language, {"subject": reason.subject, **dict(reason.args)})
