"""Whatever a pack folder holds, it is used or refused with problems; nothing else happens."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engine.rulepack.packs import EXAMPLES, PARTS

from zerofactory_engine.problems import ProblemsError, Severity
from zerofactory_engine.rulepack import load_files
from zerofactory_engine.rulepack.cases import read_cases, value_of
from zerofactory_engine.rulepack.load import build
from zerofactory_engine.units import UnitError

FILES = {name: (EXAMPLES / example).read_bytes() for name, example in PARTS.items() if not name.startswith("cases")}
LINES = {name: data.decode().splitlines() for name, data in FILES.items()}
PIECES = st.sampled_from([
    "", "x", "null", "[]", "{}", "- a", "{by_reading: area}", "{by_reading: nothing, a: 1, b: 2}", "unknown", "none", "1e400", "NaN",
    "2026-13-01", "{by_reading: area, national: {by_reading: area, national: x, provincial: y}, provincial: z}", "!!python/object:a",
    "total(", "every x in electricity satisfies", '"', "&a *a", "renewable_used[[[[", "{zh: 甲, en: b}", "9" * 400, "\x07",
    "electricity_used", "[1, 2]", "yes", "EX-1", "sha256:",
])


@st.composite
def broken(draw: st.DrawFn) -> dict[str, bytes]:
    """The good pack with a few lines lost, doubled, cut or with another value."""
    lines = {name: list(text) for name, text in LINES.items()}
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(sorted(lines)))
        if not lines[name]:
            continue
        at = draw(st.integers(0, len(lines[name]) - 1))
        how = draw(st.sampled_from(["lose", "double", "cut", "value", "drop-file"]))
        if how == "lose":
            del lines[name][at]
        elif how == "double":
            lines[name].insert(at, lines[name][at])
        elif how == "cut":
            lines[name][at] = lines[name][at][:draw(st.integers(0, len(lines[name][at])))]
        elif how == "drop-file":
            lines[name] = []
        else:
            key, colon, _ = lines[name][at].partition(":")
            lines[name][at] = key + colon + " " + draw(PIECES)
    return {name: "\n".join(text).encode() for name, text in lines.items() if text}


@given(broken())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_packs(files: dict[str, bytes]) -> None:
    _, problems = build(files, None)
    if any(p.severity is Severity.ERROR for p in problems):
        with pytest.raises(ProblemsError) as raised:
            load_files(files)
        assert "pack.cannot-be-used" in {p.code for p in raised.value.problems}
    else:
        assert load_files(files).criteria


@given(st.dictionaries(st.sampled_from(sorted(FILES)), st.binary(max_size=300), min_size=1))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_of_any_kind(files: dict[str, bytes]) -> None:
    with pytest.raises(ProblemsError):
        load_files({**FILES, **files, "levels.yaml": b"a: [b"})


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_values_of_cases(text: str) -> None:
    with contextlib.suppress(UnitError):
        value_of(text)


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_case_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "cases.yaml").write_bytes(data)
    read_cases(tmp_path)
