"""What groups of a total, sources, factor-set roles and options are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.options import ACCEPTED
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.messages import LANGUAGES, catalogue, render

Title = Mapping[str, str]


@cache
def group_title(group: str) -> Title:
    """``all``, ``scopes_1_2``, ``scope/1``, ``iso_category/2``, ``ghgp_category/4``, ``source/…`` by name."""
    kind, _, key = group.partition("/")
    if kind == "source":
        return source_title(key)
    if kind == "iso_category" and f"report.iso-category.{key}" in catalogue(LANGUAGES[0]):
        return {lang: render("years.group.iso-named", lang, {"name": render(f"report.iso-category.{key}", lang)})
                for lang in LANGUAGES}
    return {lang: render(f"years.group.{kind}", lang, {"key": key}) for lang in LANGUAGES}


def source_title(code: str) -> Title:
    """A source type by name."""
    found = classification().sources.get(code)
    return found.title if found is not None else _as_it_stands(code)


def key_title(key: tuple[str, str, str]) -> Title:
    """A source of a decomposition: its type and what it uses."""
    table, code, carrier = key
    named = source_title(code)
    if not carrier or carrier in (code, table):
        return named
    used = _carrier(carrier)
    return {lang: render("years.source-of", lang, {"source": named[lang], "carrier": used[lang]}) for lang in LANGUAGES}


def _carrier(code: str) -> Title:
    found = code_list("carriers").codes.get(code)
    return {lang: str(found[lang]) for lang in LANGUAGES} if found is not None else dict.fromkeys(LANGUAGES, code)


def _as_it_stands(code: str) -> Title:
    return {lang: code.replace("_", " ") for lang in LANGUAGES}


def role_title(role: str) -> Title:
    """The role of a factor set by name."""
    key = f"years.role.{role}"
    return {lang: catalogue(lang).get(key, role.replace("_", " ")) for lang in LANGUAGES}


def option_title(name: str) -> Title:
    """An option of the accounting by name."""
    return ACCEPTED[name].title if name in ACCEPTED else _as_it_stands(name)


def value_title(name: str, value: str) -> Title:
    """A value of an option by name."""
    found = ACCEPTED[name].values.get(value) if name in ACCEPTED else None
    return found if found is not None else dict.fromkeys(LANGUAGES, value)
