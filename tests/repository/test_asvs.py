"""The table of OWASP ASVS 5.0.0 is whole, names what exists, and is counted rightly in docs/security.md."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

VERSION = "5.0.0"
#: Requirements of each chapter of levels 1 and 2, counted in the published list (OWASP/ASVS, folder 5.0/docs_en,
#: ``OWASP_Application_Security_Verification_Standard_5.0.0_en.csv``, commit 5cf9b032440be53ce345ab3c130fda46ba1ce7a2).
PUBLISHED = {1: (8, 19), 2: (4, 8), 3: (8, 11), 4: (2, 8), 5: (4, 5), 6: (13, 22), 7: (6, 12), 8: (4, 3), 9: (4, 3), 10: (5, 24),
             11: (3, 11), 12: (3, 6), 13: (1, 12), 14: (2, 7), 15: (3, 10), 16: (0, 16), 17: (0, 7)}
#: The whole list: 70 of level 1, 184 of level 2, 91 of level 3 (which the table leaves out): 345.
LEVELS = {"1": 70, "2": 184}
#: Ids of level 3: the numbers that the table leaves out within its sections.
_LEVEL_3 = """1.2.10 1.3.12 1.5.3 2.3.5 3.1.1 3.2.3 3.3.5 3.4.7 3.4.8 3.5.6 3.5.7 3.5.8 3.6.1 3.7.3 3.7.4 3.7.5 4.1.4 4.1.5 4.2.2 4.2.3
4.2.4 4.2.5 5.2.4 5.2.5 5.2.6 5.3.3 6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6 6.5.7 6.5.8 6.6.4 6.7.1 6.7.2 7.5.3 8.1.3 8.1.4 8.2.4 8.3.2
8.3.3 8.4.2 10.2.3 10.3.5 10.4.12 10.4.13 10.4.14 10.4.15 10.4.16 11.1.3 11.1.4 11.2.4 11.2.5 11.3.4 11.3.5 11.5.2 11.6.2 11.7.1 11.7.2
12.1.4 12.1.5 12.3.5 13.1.2 13.1.3 13.1.4 13.2.6 13.3.3 13.3.4 13.4.6 13.4.7 14.2.5 14.2.6 14.2.7 14.2.8 15.1.4 15.1.5 15.2.4 15.2.5 15.4.1
15.4.2 15.4.3 15.4.4 16.5.4 17.1.2 17.2.5 17.2.6 17.2.7 17.2.8"""
LEVEL_3 = frozenset(_LEVEL_3.split())
STATUSES = ("met", "partly", "open", "not-applicable")
COLUMNS = ["id", "level", "chapter", "what", "status", "control", "test", "remark"]


@cache
def _rows(root: Path) -> list[dict[str, str]]:
    lines = (root / "docs" / "asvs.csv").read_text(encoding="utf-8").splitlines()
    assert VERSION in lines[0]
    reader = csv.DictReader([line for line in lines if not line.startswith("#")])
    assert reader.fieldnames == COLUMNS
    return list(reader)


def test_every_requirement_of_both_levels_stands_there_once(root: Path) -> None:
    rows = _rows(root)
    ids = [r["id"] for r in rows]
    assert [i for i in ids if not re.fullmatch(r"[1-9]\d?\.[1-9]\.[1-9]\d?", i)] == []
    assert ids == sorted(set(ids), key=lambda i: tuple(map(int, i.split("."))))
    assert Counter(r["level"] for r in rows) == LEVELS
    counted = Counter((int(r["id"].partition(".")[0]), r["level"]) for r in rows)
    assert {c: (counted[c, "1"], counted[c, "2"]) for c in PUBLISHED} == PUBLISHED
    assert len(rows) + len(LEVEL_3) == 345


def test_numbers_of_a_section_have_no_gap(root: Path) -> None:
    """With those of level 3, each section counts from 1: so an id that is missing or invented is seen."""
    ids = {r["id"] for r in _rows(root)}
    assert not ids & LEVEL_3
    sections: dict[str, list[int]] = {}
    for each in ids | LEVEL_3:
        section, _, number = each.rpartition(".")
        sections.setdefault(section, []).append(int(number))
    assert {s: sorted(n) for s, n in sections.items() if sorted(n) != list(range(1, len(n) + 1))} == {}


def test_what_a_status_asks_for_is_there(root: Path) -> None:
    wrong = []
    for row in _rows(root):
        asked = {"met": row["test"] and row["control"], "partly": row["remark"] and row["control"], "open": row["remark"],
                 "not-applicable": row["remark"]}
        if not asked.get(row["status"]):
            wrong.append(row["id"])
        if row["status"] in ("open", "not-applicable") and (row["test"] or row["control"]):
            wrong.append(row["id"])
    assert wrong == []


def test_words_are_short_and_our_own(root: Path) -> None:
    for row in _rows(root):
        assert 1 < len(row["what"].split()) <= 12, row["id"]
        assert "verify that" not in row["what"].lower()
        assert row["chapter"].startswith(f"V{row['id'].partition('.')[0]} ")
        assert all(value == value.strip() and value.isascii() for value in row.values()), row["id"]


def test_modules_and_tests_exist(root: Path) -> None:
    known: dict[str, set[str]] = {}
    missing = []
    for row in _rows(root):
        missing += [f"{row['id']}: {c}" for c in filter(None, row["control"].split(";")) if not (root / c).is_file()]
        for each in filter(None, row["test"].split(";")):
            path, _, name = each.partition("::")
            if path not in known:
                file = root / path
                known[path] = set(re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), flags=re.M)) if file.is_file() else set()
            if name not in known[path]:
                missing.append(f"{row['id']}: {each}")
    assert missing == []


def test_counts_in_the_document_are_true(root: Path) -> None:
    text = (root / "docs" / "security.md").read_text(encoding="utf-8")
    assert f"ASVS {VERSION}" in text
    assert "(asvs.csv)" in text
    counted = Counter((r["level"], r["status"]) for r in _rows(root))
    for name, levels in (("1", ("1",)), ("2", ("2",)), ("both", ("1", "2"))):
        numbers = [sum(counted[level, status] for level in levels) for status in STATUSES]
        assert f"| {name} | {' | '.join(map(str, numbers))} | {sum(numbers)} |" in text
