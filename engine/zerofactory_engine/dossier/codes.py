"""Code lists that columns of a dossier use: ``standards/codes``, with titles in every language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from zerofactory_engine.locate import STANDARDS_ROOT

_FOLDER = STANDARDS_ROOT / "codes"


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes with what is known of each: ``zh``, ``en`` and further keys of the list (``unit``, ``grid_region`` …).

    *open*: a dossier may use codes beside these; they are reported, not refused.
    """

    id: str
    codes: Mapping[str, Mapping[str, Any]]
    open: bool = False

    def title(self, code: str, language: str) -> str:
        """What people call *code*; the code itself when the list does not have it."""
        entry = self.codes.get(code)
        return code if entry is None else str(entry[language])


@cache
def _loaded(name: str) -> Mapping[str, Any]:
    loader = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader      # every scalar as text
    data: dict[str, Any] = yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - base loader
    return data


@cache
def code_list(name: str) -> CodeList:
    """The code list *name*; KeyError when there is none."""
    terms: Mapping[str, Mapping[str, Any]] = _loaded("terms")["lists"]
    if name == "meter_media":                    # what a meter measures: a few words of its own, and every carrier
        return CodeList(name, {**terms[name], **_loaded("carriers")["codes"]})
    if name in terms:
        return CodeList(name, terms[name])
    if not (_FOLDER / f"{name}.yaml").is_file():
        raise KeyError(name)
    loaded = _loaded(name)
    return CodeList(name, loaded["codes"], loaded.get("open") == "yes" or name == "document_kinds")


def code_list_names() -> tuple[str, ...]:
    """Names of all lists."""
    files = {p.stem for p in _FOLDER.glob("*.yaml")} - {"terms"}
    return tuple(sorted(files | set(_loaded("terms")["lists"])))
