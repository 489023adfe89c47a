"""Disclosures of 100,000 line items, growth against a tenth of them; a ledger and a meter file of 50,000 rows.

Each case runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from benchmarks.figures import Figure, figure

LINES = 100_000
ROWS = 50_000
#: Lines of the inventory that one row of diesel makes: CO2, CH4, N2O.
GASES = 3
REPEAT = 3
NAMES = ("iso14064_1", "ghg_protocol")
KINDS = (".json", ".xlsx")


def figures() -> Iterator[Figure]:
    """All figures of this module."""
    for name in NAMES:
        yield from _disclosure(name)
    yield from _reader("meter_csv", "meter CSV of 12 months")
    yield from _reader("gec_ledger", "certificate ledger of 12 months")


def _disclosure(name: str) -> Iterator[Figure]:
    small = [_apart("disclose", name, str(LINES // 10)) for _ in range(REPEAT)]
    large = [_apart("disclose", name, str(LINES)) for _ in range(REPEAT)]
    for step in ("inventory", "model", *KINDS):
        label = {"inventory": "inventory computed", "model": "model and completeness"}.get(step, f"written as {step}")
        tenth, whole = ([run[step] for run in runs] for runs in (small, large))
        growth = sorted(whole)[REPEAT // 2] / (10 * sorted(tenth)[REPEAT // 2])
        yield figure(f"{name}: {large[0]['lines']:,.0f} line items, {label}", whole, "s",
                     note=f"{growth:.2f} times linear against a tenth")
    yield figure(f"{name}: peak memory of that", [run["MiB"] for run in large], "MiB")


def _reader(name: str, what: str) -> Iterator[Figure]:
    runs = [_apart("read", name, str(ROWS)) for _ in range(REPEAT)]
    tenth = [_apart("read", name, str(ROWS // 10)) for _ in range(REPEAT)]
    whole = [run["read"] for run in runs]
    growth = sorted(whole)[REPEAT // 2] / (10 * sorted(run["read"] for run in tenth)[REPEAT // 2])
    yield figure(f"{what}, {runs[0]['rows']:,.0f} rows used", whole, "s",
                 note=f"{growth:.2f} times linear against a tenth; {max(run['MiB'] for run in runs):.0f} MiB")


def _apart(*words: str) -> dict[str, float]:
    """The figures of one case in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.disclosure_bench", *words], check=True,
                          capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


# --- inside the process ----------------------------------------------------------------------------------------------

def disclose(name: str, lines: int) -> dict[str, float]:
    """Seconds of every step from a dossier in memory to the file's bytes."""
    import time

    from zerofactory_engine.accounting.compute import compute_inventory
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.options import Options
    from zerofactory_mappings.disclosures.commands import written
    from zerofactory_mappings.disclosures.registry import find
    from zerofactory_mappings.disclosures.statement import EMPTY
    from zerofactory_mappings.disclosures.subject import Member, Subject, name_of_dossier

    dossier, library, options = factory(lines), FactorLibrary.shipped(), Options()
    disclosure, out = find(name), {}
    started = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal started
        now = time.perf_counter()
        out[step], started = now - started, now

    inventory = compute_inventory(dossier, options, library)
    _ = inventory.totals
    lap("inventory")
    subject = Subject((Member(dossier, inventory),), name_of_dossier(dossier), dossier.period.start,
                      dossier.period.end, None, EMPTY, (), options, library)
    model = disclosure.build(subject)
    found = disclosure.check(model)
    lap("model")
    for kind in KINDS:
        assert written(disclosure, model, found, kind, "en", subject)
        lap(kind)
    return {**out, "lines": len(inventory.lines)}


def factory(lines: int) -> Any:
    """A dossier whose inventory has about *lines* line items: six in ten from diesel (three gases a row), two in ten
    from purchased goods and two in ten from journeys."""
    from zerofactory_engine.dossier import dossier_from_tree

    draw = random.Random(lines)

    def month(n: int) -> dict[str, str]:
        return {"from": f"2025-{n % 12 + 1:02}-01", "to": f"2025-{n % 12 + 1:02}-28"}

    def amount() -> str:
        return str(Decimal(draw.randrange(1, 10**5)) / 1000)

    energy = [{"id": f"F{n}", "carrier": "diesel", "use": "fuel", "direction": "consumed", "origin": "purchased",
               "t": amount(), "obtained": "invoiced", **month(n)} for n in range(lines * 6 // 10 // GASES)]
    purchased = [{"id": f"P{n}", "category": "purchased_goods", "what": "steel", "method": "average", "t": amount(),
                  "factor": "2100 kgCO2e/t", "factor_source": "average", **month(n)} for n in range(lines * 2 // 10)]
    travel = [{"id": f"T{n}", "category": "business_travel", "mode": "air", "method": "average", "pkm": amount(),
               "factor": "0.118 kgCO2e/pkm", "factor_source": "average", **month(n)} for n in range(lines * 2 // 10)]
    return dossier_from_tree({
        "format": "zerofactory/dossier/1", "id": "bench", "version": 1,
        "facility": {"id": "F1", "name": {"zh": "厂", "en": "plant"}, "country": "CN", "province": "CN-JS"},
        "period": {"from": "2025-01-01", "to": "2025-12-31"}, "boundary": {"approach": "operational control"},
        "complete": ["energy", "electricity", "purchased", "travel"], "energy": energy, "purchased": purchased,
        "travel": travel})


def read(name: str, rows: int) -> dict[str, float]:
    """Seconds of one import from bytes to dossier and report."""
    import time
    from importlib import import_module

    data, file, options = {"meter_csv": meters, "gec_ledger": certificates}[name](rows)
    source = import_module(f"zerofactory_mappings.sources.{name}")
    started = time.perf_counter()
    report = source.import_bytes(data, file, options).report
    seconds = time.perf_counter() - started
    used = {entry.path for entry in report.entries if entry.state == "used"}
    assert len(used) >= rows, (len(used), report.problems[:3])
    return {"read": seconds, "rows": rows}


def meters(rows: int) -> tuple[bytes, str, dict[str, Any]]:
    """A utility's table: one row per meter and month."""
    draw = random.Random(rows)
    lines = ["表号,月份,电量(kWh)"]
    lines += [f"M{n // 12:05},2025-{n % 12 + 1:02},\"{draw.randrange(1_000, 9_999_999):,}\"" for n in range(rows)]
    mapping = ("format: zerofactory/meter-mapping/1\ntable: electricity\n"
               "columns: {meter: 表号, month: 月份, quantity: 电量}\nunit: kWh\nsource: grid\n").encode()
    return "\n".join(lines).encode("gb18030"), "meters.csv", {"mapping": mapping, "mapping_file": "mapping.yaml"}


def certificates(rows: int) -> tuple[bytes, str, dict[str, Any]]:
    """A ledger of green-electricity certificates: one batch per row."""
    lines = ["项目名称,能源类型,绿证编码,绿证数量(张),电量生产年月,核发日期,权属状态,核销日期,核销用途,消费年份,"
             "消费主体,交易方式"]
    for n in range(rows):
        month, first = n % 12 + 1, n // 12 * 1000 + 1
        code = f"{11223344556677889 + n // 1200:017}{2025}{month:02}{first % 10**9:09}"
        last = f"{code[:-9]}{first % 10**9 + 999:09}"
        lines.append(f"示例风电,风电,{code}至{last},1000,2025年{month}月,2026-01-20,已核销,2026-02-20,"
                     "绿电消费,2025,示例电池有限公司,单独")
    return "\n".join(lines).encode("gb18030"), "绿证台账.csv", {}


def main() -> None:
    """Run one case and print its figures with the peak memory of this process."""
    import resource

    what, name, size = sys.argv[1:]
    found = {"disclose": disclose, "read": read}[what](name, int(size))
    print(json.dumps({**found, "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
