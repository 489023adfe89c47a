"""Evidence in: a dossier of one facility and one period, read from YAML, JSON, a workbook or a zip with documents.

Names are loaded when they are first used, so that the command line starts without the readers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zerofactory_engine.dossier.model import Document, Dossier, DossierTable, Evidence, Period, Row, Stated
    from zerofactory_engine.dossier.read import ReadResult, dossier_from_tree, read_dossier

_HOMES = {
    "Document": "model", "Dossier": "model", "DossierTable": "model", "Evidence": "model", "Period": "model",
    "Row": "model", "Stated": "model", "ReadResult": "read", "dossier_from_tree": "read", "read_dossier": "read",
}
__all__ = ["Document", "Dossier", "DossierTable", "Evidence", "Period", "ReadResult", "Row", "Stated",
           "dossier_from_tree", "read_dossier"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(name)
