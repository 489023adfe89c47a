"""What a user waits for: the command line from a cold start, and a report."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, figure, timed

if TYPE_CHECKING:
    from zerofactory_mappings.publishing.case import Case

ROOT = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("zerofactory"))
DEMO = str(ROOT / "examples/demo-battery-factory/dossier.yaml")
EVALUATE = [COMMAND, "evaluate", DEMO, "--pack", "cn-miit-zcf-2026@0.1.0", "--level", "entry", "--level", "target",
            "--valid-on", "2026-08-15", "--lang", "en"]


def run(words: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of one run of a command."""
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def figures() -> Iterator[Figure]:
    """Command line and report figures."""
    runs = [run([COMMAND, "--help"]) for _ in range(9)]
    yield figure("zerofactory --help, CPU", (cpu for _, cpu, _ in runs), "s", 0.3)
    runs = [run(EVALUATE) for _ in range(5)]
    yield figure("evaluate, demo factory, cold", (wall for wall, _, _ in runs), "s", 2.0)
    yield figure("evaluate, demo factory, peak memory", (mib for _, _, mib in runs), "MiB", 200)
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle.json"
        run([*EVALUATE, "--bundle", str(bundle)])
        yield from report_figures(bundle)


def report_figures(bundle: Path) -> Iterator[Figure]:
    """The report as PDF in both languages, whole and public, in one warm process, the case read already."""
    from zerofactory_mappings.publishing import render_report
    from zerofactory_mappings.publishing.reading import read_case

    for public in (False, True):
        case = read_case(bundle, public=public)
        for lang in ("zh", "en"):
            pdf: list[bytes] = []

            def once(lang: str = lang, pdf: list[bytes] = pdf, case: Case = case) -> None:
                pdf[:] = [render_report(case, lang, kind="pdf")]

            samples = timed(once, repeat=3, scale=1.0)
            count = pages(pdf[0])
            note = f"{count} pages, {len(pdf[0]) // 1024} KiB; goal 3 s for 14 pages"
            name = f"report as PDF, {'public' if public else 'whole'}, {lang}"
            yield figure(name, samples, "s", round(3.0 * count / 14, 2), note)


def pages(pdf: bytes) -> int:
    """Number of pages."""
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)
