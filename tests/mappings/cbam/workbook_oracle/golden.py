"""What LibreOffice gave for every case, kept as numbers: ``python -m tests.mappings.cbam.workbook_oracle.golden``.

The numbers belong to inputs that this folder makes up; nothing of the template is kept. Beside them stands a digest of the
inputs, so that a case that was changed cannot be compared with old numbers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from tests.mappings.cbam.oracle import recalculate_many
from tests.mappings.cbam.workbook_oracle.cases import CASES
from tests.mappings.cbam.workbook_oracle.hostile import HOSTILE
from tests.mappings.cbam.workbook_oracle.plan import Plan
from tests.mappings.cbam.workbook_oracle.printed import Printed, printed
from tests.mappings.cbam.workbook_oracle.random_plans import plan
from tests.mappings.cbam.workbook_oracle.sheets import entries
from tests.mappings.cbam.workbook_oracle.workbook import TEMPLATE, Blank

FILE = Path(__file__).parent / "golden.json"
#: Seeds of the random installations that are kept.
SEEDS = range(1, 31)
#: Workbooks in one call of LibreOffice.
BATCH = 10


def plans() -> dict[str, Plan]:
    """Every case that is kept, by name."""
    return {**CASES, **{f"random-{seed}": plan(seed) for seed in SEEDS}, **{f"odd-{n}": h.plan for n, h in HOSTILE.items()}}


def digest(of: Plan) -> str:
    """A digest of what is entered."""
    lines = sorted(f"{sheet}!{cell}={value!r}" for (sheet, cell), value in entries(of).items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@cache
def kept() -> dict[str, Any]:
    """The file: case → {"inputs": digest, "figures": {label: number}}."""
    return cast("dict[str, Any]", json.loads(FILE.read_text(encoding="utf-8")))


def figures(name: str, of: Plan) -> Mapping[str, float | None]:
    """The numbers kept for a case; refuses numbers of other inputs."""
    case = kept()[name]
    assert case["inputs"] == digest(of), f"{name} was changed: make the numbers again with LibreOffice (see {__name__})"
    return cast("Mapping[str, float | None]", case["figures"])


def recalculated(blank: Blank, of: Mapping[str, Plan]) -> dict[str, Printed]:
    """What LibreOffice prints for each plan."""
    names, found = list(of), {}
    for at in range(0, len(names), BATCH):
        part = names[at:at + BATCH]
        for name, data in zip(part, recalculate_many([blank.filled(entries(of[n])) for n in part]), strict=True):
            found[name] = printed(data)
    return found


def main(data: Path) -> None:
    """Make the numbers again for every case that is new or was changed."""
    old = kept() if FILE.exists() else {}
    wanted = plans()
    todo = {n: p for n, p in wanted.items() if n not in old or old[n]["inputs"] != digest(p)}
    made = {n: {"inputs": digest(wanted[n]), "figures": dict(sorted(f.items()))}
            for n, f in recalculated(Blank(data / TEMPLATE), todo).items()}
    cases = {n: made[n] if n in made else old[n] for n in wanted}
    FILE.write_text(json.dumps(cases, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(made)} of {len(cases)} cases made\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
