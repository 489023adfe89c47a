"""Readers fed with damaged and hostile input: they give a result or every problem, and nothing else ever leaves them.

Each case is a valid input changed by a few random cuts, copies, flips and insertions of awkward pieces. The order is
seeded, so a failure names the seed that repeats it; the time is bounded (`--fuzz-seconds`).
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.mappings.sources.account import small

from zerofactory_engine import feel
from zerofactory_engine.dossier import read_dossier
from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.sources import verifi

AWKWARD = [b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"&a [*a, *a]", b"*a", b"!!python/object:os.system ", b"<<: *a", b"- " * 40, b"[" * 60,
           b"{" * 60, b"1e400", b"NaN", b"-", b": ", b"\t", b"'", b'"', b"%YAML 1.3\n---\n", b"\xe9\x9b\xb6", b"\xf0\xa0\xae\xb7", b"..", b"../",
           b"9" * 70, b"null", b"|\n  ", b">-\n", b"?", b"#", b"\\u0000", b"@\"", b" between ", b" in ", b"((((", b"]0..1["]


def damaged(seed: bytes, chance: random.Random) -> bytes:
    """*seed* after one to six random changes."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                del data[at:at + chance.randint(1, 40)]
            case 1:
                data[at:at] = chance.choice(AWKWARD)
            case 2 if data:
                data[min(at, len(data) - 1)] = chance.randrange(256)
            case 3:
                piece = data[at:at + chance.randint(1, 200)]
                there = chance.randrange(len(data) + 1)
                data[there:there] = piece
            case _:
                del data[chance.randrange(len(data) + 1):]
                data += chance.choice(AWKWARD)
        data = data[:200_000]
    return bytes(data)


def feed(read: Callable[[bytes], object], seeds: list[bytes], seconds: float) -> int:
    """Feed *read* for *seconds*; number of cases. Anything but a result or problems fails, and so does a slow case."""
    started, cases = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        data = damaged(seeds[cases % len(seeds)], random.Random(cases))
        before = time.monotonic()
        try:
            read(data)
        except ProblemsError as error:
            if not error.problems:
                pytest.fail(f"case {cases}: no problem is named")
        except Exception as error:
            pytest.fail(f"case {cases}: {type(error).__name__}: {error}\n{data[:2000]!r}")
        assert time.monotonic() - before < 20, f"case {cases} took too long"
        cases += 1
    assert cases
    return cases


@pytest.fixture
def dossier_seeds(root: Path) -> list[bytes]:
    return [p.read_bytes() for p in sorted((root / "tests/engine/dossier/examples").glob("*.yaml"))]


def test_yaml(fuzz_seconds: float, root: Path) -> None:
    seeds = [p.read_bytes() for p in sorted((root / "rules").rglob("*.yaml"))][:40]
    feed(lambda data: read_yaml(data, "fuzz.yaml"), seeds, fuzz_seconds)


def test_json(fuzz_seconds: float, root: Path) -> None:
    seeds = [p.read_bytes() for p in sorted((root / "standards/schemas/examples").glob("*.json"))]
    feed(lambda data: read_json(data, "fuzz.json"), seeds, fuzz_seconds)


@pytest.mark.parametrize("suffix", ["yaml", "json", "zip", "xlsx"])
def test_dossier_files(fuzz_seconds: float, dossier_seeds: list[bytes], tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"fuzz.{suffix}"
    seeds = dossier_seeds
    if suffix in {"zip", "xlsx"}:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("dossier.yaml", dossier_seeds[0])
            archive.writestr("bills/2025.csv", b"month,kWh\n2025-01,1\n")
        seeds = [packed.getvalue()]

    def read(data: bytes) -> object:
        file.write_bytes(data)
        return read_dossier(file)

    feed(read, seeds, fuzz_seconds)


def test_expressions(fuzz_seconds: float) -> None:
    seeds = [t.encode() for t in (
        'total(electricity[flow = "consumed" and source in ("grid", "green trade")].MWh) / period.years >= 0.3',
        'every c in credits satisfies (some a in answers satisfies a.subject = c.id and a.met = true)',
        'if x between 1 and 2 then date("2025-01-31") + @"P1M" else for i in 1..3 return i ** 2',
        'count(distinct values(products[main = true and footprint != null].category)) in ]1..5]')]

    def parse(data: bytes) -> object:
        node = feel.parse(data.decode("utf-8", errors="replace"))
        assert feel.parse(feel.to_text(node)) == node
        return node

    feed(parse, seeds, fuzz_seconds)


def test_accounts_of_other_systems(fuzz_seconds: float) -> None:
    feed(lambda data: verifi.import_bytes(data, "account.json", {}), [small()], fuzz_seconds)
