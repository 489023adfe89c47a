"""Print the page of figures: ``python -m benchmarks [module …]``."""

from __future__ import annotations

import importlib
import platform
import sys
from pathlib import Path

MODULES = ("feel_bench", "engine_bench", "cold", "cbam_bench", "cbam_qreport", "disclosure_bench")


def processor() -> str:
    """Name of the processor as the system tells it."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main() -> None:
    """Run the modules one after the other."""
    print(f"# Figures ({processor()}, Python {platform.python_version()}; medians, smallest and largest run)\n")
    print("| what | median | goal | runs | note |")
    print("|---|---|---|---|---|")
    for name in sys.argv[1:] or MODULES:
        for item in importlib.import_module(f"benchmarks.{name}").figures():
            goal = "" if item.goal is None else f"≤ {item.goal:g} {item.unit}"
            if item.goal is not None and item.median > item.goal:
                goal += " — missed"
            spread = "" if item.spread is None else f"{item.spread[0]:.3g} – {item.spread[1]:.3g}"
            print(f"| {item.name} | {item.median:.3g} {item.unit} | {goal} | {spread} | {item.note} |", flush=True)


if __name__ == "__main__":
    main()
