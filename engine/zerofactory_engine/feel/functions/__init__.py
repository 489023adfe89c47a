"""The built-in functions of the language, by name."""

from __future__ import annotations

from zerofactory_engine.feel.functions import contexts, lists, numbers, patterns, ranges, texts, times
from zerofactory_engine.feel.functions.registry import BUILTINS, Builtin, apply, arrange

__all__ = [
    "BUILTINS", "Builtin", "apply", "arrange", "contexts", "lists", "numbers", "patterns", "ranges", "texts", "times",
]
