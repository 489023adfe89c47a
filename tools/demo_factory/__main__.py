"""Write the demo dossier with its documents, or pack it: the same bytes every time.

    python -m tools.demo_factory                 write examples/demo-battery-factory/
    python -m tools.demo_factory --zip FILE      pack dossier and documents into one zip, as an applicant would send it
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tools.demo_factory.build import build, pack

DEFAULT = Path(__file__).parents[2] / "examples" / "demo-battery-factory"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=DEFAULT, help="folder for the files")
    parser.add_argument("--zip", type=Path, help="file for the packed dossier; nothing else is written then")
    asked = parser.parse_args()
    files = build()
    if asked.zip is not None:
        asked.zip.parent.mkdir(parents=True, exist_ok=True)
        asked.zip.write_bytes(pack(files))
        return
    for name, data in files.items():
        path = asked.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
