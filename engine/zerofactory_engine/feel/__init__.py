"""The expression language of rule packs: FEEL of OMG DMN 1.5, one tree with two modes.

``evaluate`` is the standard mode, with null as DMN defines it. Packs run in strict mode (``compile_strict``,
``explain``): what is not known carries its reasons through comparisons, filters, loops and aggregates, and only
``= null`` and ``!= null`` ask for presence. ``infer`` checks kinds and units when a pack loads.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from decimal import Context, localcontext

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.feel.compiler import compile_strict
from zerofactory_engine.feel.explain import Trace, explain
from zerofactory_engine.feel.house import TOTAL, HouseFunction, Refusal
from zerofactory_engine.feel.infer import infer
from zerofactory_engine.feel.parser import parse
from zerofactory_engine.feel.scanner import FeelSyntaxError
from zerofactory_engine.feel.standard import evaluate
from zerofactory_engine.feel.text import to_text
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.walk import columns_used, free_names

__all__ = [
    "TOTAL", "FeelSyntaxError", "HouseFunction", "Node", "Refusal", "Trace", "columns_used", "compile_strict",
    "decimal_context", "evaluate", "explain", "free_names", "infer", "parse", "to_text",
]


def decimal_context() -> AbstractContextManager[Context]:
    """The 34-digit decimal context under which compiled expressions have to be run."""
    return localcontext(CONTEXT)
