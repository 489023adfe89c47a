"""From a dossier and a rule pack to verdicts, levels, findings and what they rest on (``evaluate``)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.assess import evaluate
    from zerofactory_engine.evaluation.judgements import Judgements, read_judgements
    from zerofactory_engine.evaluation.model import Assessment, Verdict
    from zerofactory_engine.evaluation.request import Request

_HOMES = {"evaluate": "assess", "Judgements": "judgements", "read_judgements": "judgements", "Assessment": "model",
          "Verdict": "model", "Request": "request"}
__all__ = ["Assessment", "Judgements", "Request", "Verdict", "evaluate", "read_judgements"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(name)
