"""What the figures of an installation are called: of what, and which figure of it."""

from __future__ import annotations

from collections.abc import Mapping

from zerofactory_engine.messages import catalogue, render
from zerofactory_mappings.cbam.documents.building import spaced
from zerofactory_mappings.cbam.model import Installation


class FigureNames:
    """Names of paths in one language."""

    def __init__(self, installation: Installation, language: str) -> None:
        self.language = language
        self.names: Mapping[str, Mapping[str, str]] = {
            "streams": {s.id: s.name for s in installation.streams}, "pfc": {s.id: s.name for s in installation.pfc},
            "measured": {s.id: s.name for s in installation.measured},
            "units": {u.id: u.name for u in installation.units},
            "processes": {p.id: p.name for p in installation.processes},
            "precursors": {p.id: p.name for p in installation.precursors},
            "products": {str(n): f"{spaced(p.cn)} {p.name}".strip() for n, p in enumerate(installation.products, 1)}}
        self.rows = {ident: name for section, rows in self.names.items() if section != "products"
                     for ident, name in rows.items()}

    def of(self, path: str) -> str:
        """``Natural gas: activity data`` for ``streams/S1/amount``."""
        section, _, rest = path.partition("/")
        owner, _, field = rest.partition("/")
        name = self.names.get(section, {}).get(owner)
        if name is None:
            return f"{self._word(section)}: {self._field(rest)}" if rest else self._word(section)
        return f"{name or owner}: {self._field(field)}" if field else name or owner

    def _field(self, path: str) -> str:
        parts = [self._word(p) for p in path.split("/")]
        return " · ".join(p for p in parts if p)

    def _word(self, name: str) -> str:
        """A field by its name, a process or precursor by its own; a number as it stands."""
        code = f"cbam-documents.figure.{name}"
        if code in catalogue(self.language):
            return render(code, self.language)
        return self.rows.get(name) or name
