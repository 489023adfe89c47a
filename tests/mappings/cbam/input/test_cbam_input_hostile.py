"""Whatever stands in a file, it is read or refused with problems: never another exception, never without a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.mappings.cbam.input.test_cbam_input_malformed import SOUND

from zerofactory_engine.messages import LANGUAGES, catalogue
from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import Basis
from zerofactory_mappings.cbam.read import FILE_BYTES, parse_installation, read_installation

TOKENS = re.findall(r"[\w./%-]+", SOUND)
NASTY = ["", "null", "~", "[]", "{}", "[1, 2]", "{a: b}", "0", "-1", "1e30", "1e-30", "999999999999 t", "0 t", "-5 t", "0 %", "100 %", "1e31 t", "NaN",
         "Infinity", "true", "'", '"', "\t", "&a 1", "*a", "!!int 1", "{by: molar}", "{by: functional_units, processes: []}", "P1", "P2", "S1",
         "{value: 5 t}", "{value: 5 t, documents: [D9]}", "{documents: [D1]}", "\u0000", "\u202e", "一", "9" * 70, "0 tCO2/TJ", "0 kgN/t", "0 GJ/t"]


def survives(data: bytes, name: str) -> None:
    """Read, or refused with sentences; what is read can be computed."""
    try:
        installation = parse_installation(data, name)
    except ProblemsError as error:
        problems = error.problems
        assert problems
    else:
        problems = installation.problems
        for basis in Basis:
            problems += compute(installation, basis).problems
    for language in LANGUAGES:
        known = catalogue(language)
        assert {p.code for p in problems} <= set(known)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(TOKENS) - 1), st.sampled_from(NASTY)), min_size=1, max_size=3))
def test_a_sound_file_with_some_values_replaced(changes: list[tuple[int, str]]) -> None:
    spans = [m.span() for m in re.finditer(r"[\w./%-]+", SOUND)]
    text = SOUND
    for index, value in sorted(changes, reverse=True):
        start, end = spans[index]
        text = text[:start] + value + text[end:]
    survives(text.encode(), "x.yaml")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_sound_file_with_lines_missing_or_twice(data: st.DataObject) -> None:
    lines = SOUND.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        index = data.draw(st.integers(0, len(lines) - 1))
        lines[index:index + 1] = data.draw(st.sampled_from([[], [lines[index]] * 2]))
    survives("".join(lines).encode(), "x.yaml")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{", b"format: zerofactory/cbam-input/1\n"]))
def test_any_bytes(data: bytes, start: bytes) -> None:
    survives(start + data, "x.yaml")


HOSTILE = [
    (b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *c, *c, *c, *c]\n" * 1, "cbam-input.no-format"),
    (b"[" * 100_000, "text.too-deep"),
    (b"format: zerofactory/cbam-input/1\ninstallation: {name: x}\nother: {a: \"\\u202e\"}\n", "text.control-character"),
    (b"format: zerofactory/cbam-input/1\ninstallation: {name: x}\n---\nformat: y\n", "yaml.many-documents"),
    (b"format: zerofactory/cbam-input/1\nformat: zerofactory/cbam-input/1\ninstallation: {name: x}\n", "text.duplicate-key"),
    (b"\xff\xfef\x00o\x00", "text.not-utf8"),
    (b"", "yaml.empty"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old office file", "cbam-template.encrypted-or-old"),
    (b"%PDF-1.7", "yaml.syntax"),
]


@pytest.mark.parametrize(("data", "code"), HOSTILE, ids=[c for _, c in HOSTILE])
def test_hostile_files(data: bytes, code: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_installation(data, "x.yaml")
    assert code in {p.code for p in caught.value.problems}


def test_json_is_read_by_its_content() -> None:
    found = parse_installation(b'{"format": "zerofactory/cbam-input/1", "installation": {"name": "x"}, "processes": [{"id": "P1", "category": "hydrogen",'
                               b' "production": {"electrolysis": "5 t"}}], "period": {"start": "2026-01-01", "end": "2026-12-31"}}', "whatever.txt")
    assert found.processes[0].production[0].amount.place.path == "processes/P1/production/electrolysis"


def test_a_file_that_is_not_there_and_one_that_is_too_large(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "missing.yaml", "file.not-there"), (tmp_path, "file.is-folder")):
        with pytest.raises(ProblemsError) as caught:
            read_installation(path)
        assert [p.code for p in caught.value.problems] == [code]
    large = tmp_path / "large.yaml"
    with large.open("wb") as stream:
        stream.truncate(FILE_BYTES + 1)
    with pytest.raises(ProblemsError) as caught:
        read_installation(large)
    assert [p.code for p in caught.value.problems] == ["text.too-large"]
