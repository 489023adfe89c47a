"""Stop when the branch coverage of a part of the engine is below what was promised.

    python tools/coverage_gate.py coverage.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

#: Part of the engine → lowest branch coverage in percent.
WANTED = {"": 95.0, "feel": 95.0, "evaluation": 95.0, "accounting": 95.0}


def main(report: str) -> int:
    """Print one line per part; 1 when one of them is too low."""
    files = json.loads(Path(report).read_text(encoding="utf-8"))["files"]
    low = False
    for part, wanted in WANTED.items():
        prefix = "engine/zerofactory_engine/" + (f"{part}/" if part else "")
        chosen = [f["summary"] for name, f in files.items() if prefix in name]
        total = sum(s["num_statements"] + s["num_branches"] for s in chosen)
        covered = sum(s["covered_lines"] + s["covered_branches"] for s in chosen)
        percent = 100 * covered / max(1, total)
        low = low or percent < wanted
        print(f"coverage of {part or 'the engine'} with branches: {percent:.2f} % (at least {wanted} %)")
    return int(low)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
