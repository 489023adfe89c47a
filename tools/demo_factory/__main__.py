"""Write the demo dossier and its documents: ``python -m tools.demo_factory [FOLDER]``. The same bytes every time."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.demo_factory.build import build

DEFAULT = Path(__file__).parents[2] / "examples" / "demo-battery-factory"

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    for name, data in build().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(folder)
