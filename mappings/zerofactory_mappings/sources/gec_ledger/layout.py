"""The package's own table of titles and words (``layout.yaml``): what a code is made of, what a ledger's words mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from zerofactory_engine.accounting.classification import plain_tree
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.sources.certificate_tables.findings import folded

#: The system whose certificates this package reads (``standards/codes/certificate_systems.yaml``).
SYSTEM = "GEC"


@dataclass(frozen=True, slots=True)
class Layout:
    """Digits of the two parts of a code, columns by their titles, and the meaning of words, most telling first."""

    project: int
    quantity: int
    columns: Mapping[str, tuple[str, ...]]
    status: tuple[tuple[str, tuple[str, ...]], ...]
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    technologies: tuple[tuple[str, tuple[str, ...]], ...]
    technology_words: Mapping[str, str]
    bundled: tuple[str, ...]
    alone: tuple[str, ...]
    pieces: frozenset[str]

    @property
    def digits(self) -> int:
        """Digits of a whole code."""
        return self.project + self.quantity


def _meanings(entries: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((str(e["is"]), tuple(e["words"])) for e in entries)


@cache
def layout() -> Layout:
    """The shipped table."""
    path = Path(__file__).with_name("layout.yaml")
    data = plain_tree(read_yaml(path.read_bytes(), path.name))
    return Layout(
        int(data["code"]["project_digits"]), int(data["code"]["quantity_digits"]),
        {name: tuple(titles) for name, titles in data["columns"].items()}, _meanings(data["status"]),
        _meanings(data["reasons"]), _meanings(data["technologies"]), data["technology_words"],
        tuple(data["trading"]["bundled"]), tuple(data["trading"]["alone"]),
        frozenset(folded(p).replace(" ", "") for p in data["pieces"]))


def mwh_each() -> Decimal:
    """MWh of one certificate (``standards/codes/certificate_systems.yaml``)."""
    return Decimal(str(code_list("certificate_systems").codes[SYSTEM]["mwh_per_certificate"]))


def stands_in(word: str, text: str) -> bool:
    """Whether *word* stands in the folded *text*; Latin words only as whole words."""
    if word.isascii():
        return re.search(rf"(?<![a-z]){re.escape(word.casefold())}(?![a-z])", text) is not None
    return word in text


@lru_cache(maxsize=4096)                         # the same few words stand in every row
def meaning(text: str, words: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    """The first meaning one of whose words stands in *text*."""
    text = folded(text)
    return next((name for name, options in words if any(stands_in(w, text) for w in options)), None)


@lru_cache(maxsize=4096)
def technology_of(*texts: str) -> str | None:
    """How a project generates, from the first text that says so; None when it speaks of two technologies."""
    table = layout()
    for text in map(folded, texts):
        if text in table.technology_words:
            return table.technology_words[text]
        found = {name for name, words in table.technologies if any(stands_in(w, text) for w in words)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


@lru_cache(maxsize=4096)
def is_bundled(text: str) -> bool | None:
    """Whether a way of trading says that the certificate came with the electricity; None when it does not say."""
    text, table = folded(text), layout()
    if any(stands_in(w, text) for w in table.alone):
        return None if any(stands_in(w, text) for w in table.bundled) and "/" in text else False
    return True if any(stands_in(w, text) for w in table.bundled) else None
