"""The files of a request pack: for each precursor the letter in both languages and the form as YAML and workbook."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.exchange.letter import letter
from zerofactory_mappings.cbam.exchange.request import form_xlsx, form_yaml, requests
from zerofactory_mappings.cbam.model import Installation

_UNSAFE = re.compile(r"[^\w.-]+")


def to_ask(installation: Installation) -> tuple[str, ...]:
    """The precursors whose producers have something to tell: what the EU and exempt countries make embeds nothing."""
    def outside(country: str | None) -> bool:
        found = scope.find_country(country) if country else None
        return found is not None and found.outside

    return tuple(p.id for p in installation.precursors if not outside(p.country))


def pack(installation: Installation, precursors: Sequence[str], deadline: date | None = None) -> dict[str, bytes]:
    """File name → content, in the order of the precursors.

    Raises:
        ProblemsError: see :func:`~zerofactory_mappings.cbam.exchange.request.requests`.
    """
    files: dict[str, bytes] = {}
    for request in requests(installation, precursors, deadline):
        stem = _UNSAFE.sub("_", request.precursor)
        if f"{stem}-form.yaml" in files:
            stem = f"{stem}-{request.id}"
        forms = (f"{stem}-form.xlsx", f"{stem}-form.yaml")
        for language in ("zh", "en"):
            files[f"{stem}-letter-{language}.html"] = letter(request, language, forms)
        files[forms[0]] = form_xlsx(request)
        files[forms[1]] = form_yaml(request)
    return files
