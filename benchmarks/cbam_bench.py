"""CBAM: many installations, the Commission's template, the transitional XML beside plain serialising."""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from benchmarks.figures import Figure, figure, timed
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.model import (
    Attribution,
    Basis,
    ElectricitySource,
    ElectricityUse,
    Given,
    Installation,
    Method,
    Origin,
    Precursor,
    Process,
    Product,
    RouteAmount,
    SourceStream,
    ValueSource,
)

ROOT = Path(__file__).parent.parent
INSTALLATIONS = 10_000
PROCESSES, PRECURSORS = 10, 20


def figures() -> Iterator[Figure]:
    """All figures of this module."""
    yield from installations()
    yield from template()
    yield from look_up()


def look_up() -> Iterator[Figure]:
    """A default value by code and country, tables loaded."""
    from zerofactory_mappings.cbam.defaults.lookup import lookup

    samples = timed(lambda: lookup("72083900", "China", year=2026), 9, inner=500, scale=1e6)
    yield figure("CBAM: a default value looked up", samples, "µs", 50.0)


def template() -> Iterator[Figure]:
    """Filling and reading the Commission's template, where the user has it (the reference folder)."""
    from zerofactory_mappings.cbam.communication.fill import fill_template
    from zerofactory_mappings.cbam.communication.read import read_template
    from zerofactory_mappings.cbam.read import read_installation

    folder = Path(os.environ.get("ZEROFACTORY_REFERENCE_DATA", ROOT.parent / "shared" / "data")) / "cbam/template"
    official = next(iter(sorted(folder.glob("*.xlsx"))), None)
    if official is None:
        return
    blank, one = official.read_bytes(), read_installation(ROOT / "examples/cbam/steelworks/input.yaml")
    filled = fill_template(blank, one)
    yield figure("CBAM: fill the Commission's template", timed(lambda: fill_template(blank, one), 5, scale=1), "s", 5.0)
    yield figure("CBAM: read a filled template", timed(lambda: read_template(filled, "filled.xlsx"), 5, scale=1), "s")


def installation(seed: int) -> Installation:
    """An installation of ten processes in a chain with a loop, ten source streams and twenty bought precursors."""
    rng = random.Random(seed)

    def given(low: int, high: int, unit: str) -> Given:
        return Given(Decimal(rng.randint(low, high)) / 10, unit)

    ids = [f"P{n}" for n in range(1, PROCESSES + 1)]
    streams = tuple(SourceStream(
        f"s{n}", f"Stream {n}", Method.COMBUSTION, given(1000, 9000, "t"), given(200, 480, "GJ/t"), given(560, 980,
                                                                                                          "tCO2/TJ"),
        attributed=Attribution(shares={p: Given(Decimal(1), "1")})) for n, p in enumerate(ids, 1))
    processes = tuple(Process(
        p, f"Process {n}", "iron_or_steel_products", (RouteAmount("all", given(90_000, 99_000, "t")),),
        to_processes={ids[(n + step) % PROCESSES]: given(1000, 9000, "t") for step in (0, 2)} if n < PROCESSES else {},
        electricity=(ElectricityUse(given(1000, 9000, "MWh"), ElectricitySource.STATED, given(3, 9, "tCO2e/MWh"),
                                    code="Mix"),))
        for n, p in enumerate(ids, 1))
    precursors = tuple(Precursor(
        f"PP{n}", f"Precursor {n}", "iron_or_steel_products", country="CN",
        used_in={rng.choice(ids): given(1000, 9000, "t") for _ in range(2)}, direct=given(10, 30, "tCO2e/t"),
        electricity=given(1, 9, "MWh/t"), electricity_ef=given(3, 9, "tCO2e/MWh"), direct_source=ValueSource.MEASURED)
        for n in range(1, PRECURSORS + 1))
    return Installation(Origin.OWN, f"Works {seed}", "CN", date(2026, 1, 1), date(2026, 12, 31), streams=streams,
                        processes=processes, precursors=precursors,
                        products=tuple(Product(p, "73181535", p) for p in ids[-2:]))


def installations() -> Iterator[Figure]:
    """Ten thousand different installations, made beforehand a thousand at a time; transitional basis, without
    proofs."""
    spent, each = 0.0, []
    for block in range(10):
        made = [installation(block * 1000 + n) for n in range(INSTALLATIONS // 10)]
        started = time.perf_counter()
        for one in made:
            result = compute(one, Basis.TRANSITIONAL)
            assert all(p.see_direct is not None for p in result.processes)
        seconds = time.perf_counter() - started
        spent += seconds
        each.append(seconds / len(made) * 1e3)
    note = f"{PROCESSES} processes in a chain, {PRECURSORS} precursors, 34 digits"
    yield Figure("CBAM: 10,000 installations", spent, "s", note=note)
    yield figure("CBAM: one installation of them", each, "ms")
    made = [installation(n) for n in range(200)]
    started = time.perf_counter()
    sizes = []
    for one in made:
        result = compute(one, Basis.TRANSITIONAL, proof=True)
        assert result.proof is not None
        sizes.append(len(result.proof))
    each_proof = (time.perf_counter() - started) / len(made) * 1e3
    yield Figure("CBAM: one installation with its proof", each_proof, "ms",
                 note=f"{statistics.median(sizes):.0f} steps")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Figure("CBAM: peak memory of the above", peak, "MiB")
