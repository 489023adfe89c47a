"""Every code that the packages raise has a sentence in both languages, and no sentence is left over or differs in arguments."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from zerofactory_engine.messages import LANGUAGES, catalogue

_ARGUMENT = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"[\"'](?P<code>[a-z][a-z0-9_-]*\.[a-z0-9][a-z0-9_.-]*)[\"']")
_NOT_CODES = re.compile(r"\.(ya?ml|json|py|xlsx|csv|txt|pdf|svg|html|zip|css|md|ttf|otf|ttc|log|png|jpe?g|gif|docx?|xmp|j2|lock)$")


def test_both_languages_have_the_same_codes() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert sorted(set(zh) ^ set(en)) == []


def test_both_languages_use_the_same_arguments() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    different = [c for c in en if c in zh and set(_ARGUMENT.findall(en[c])) != set(_ARGUMENT.findall(zh[c]))]
    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_in_their_language(language: str) -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    if language == "en":
        wrong = [c for c, s in catalogue("en").items() if chinese.search(re.sub(r"[《（(\"“][^》）)\"”]*[》）)\"”]", "", s))]
    else:
        wrong = [c for c, s in catalogue("zh").items()
                 if not chinese.search(s) and re.search(r"[A-Za-z]{4,}", _ARGUMENT.sub("", re.sub(r"zerofactory[ \w.]*", "", s)))]
    assert wrong == []


def _areas() -> set[str]:
    return {code.split(".")[0] for code in catalogue("en")}


def test_every_code_in_the_sources_has_a_sentence(root: Path) -> None:
    known, areas = catalogue("en"), _areas()
    missing = set()
    for package in ("engine/zerofactory_engine", "mappings/zerofactory_mappings", "web/zerofactory_web"):
        for path in (root / package).rglob("*.py"):
            text = re.sub(r'"""[\s\S]*?"""', "", path.read_text(encoding="utf-8"))
            for match in _CODE.finditer(text):
                code = match["code"]
                if code.split(".")[0] in areas and code not in known and not _NOT_CODES.search(code) and code[-1] not in ".-_":
                    missing.add(f"{path.relative_to(root)}: {code}")
    assert sorted(missing) == []


def test_no_code_has_two_sentences(root: Path) -> None:
    """A second sentence under a code would silently take the place of the first, on pages of somebody else."""
    for language in LANGUAGES:
        lines = [line.partition(":")[0] for package in ("engine", "mappings", "web") for path in sorted((root / package).rglob(f"messages/{language}.yaml"))
                 for line in path.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()]
        assert sorted({code for code, count in Counter(lines).items() if count > 1}) == []
