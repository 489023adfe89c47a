"""The published examples of the formats, put together as the folder of a small pack that is right."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "standards/schemas/examples"
PARTS = {
    "pack.yaml": "pack.yaml", "criteria/EX-1.yaml": "pack-criterion.yaml", "cases/cases.yaml": "pack-case.yaml",
    **{f"{name}.yaml": f"pack-{name}.yaml" for name in ("accounting", "parameters", "quantities", "readings", "evidence",
                                                        "levels", "levers", "findings")},
}


def write_good_pack(rules: Path, pack_id: str = "example-standard") -> Path:
    folder = rules / pack_id / "0.1.0"
    for name, example in PARTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(EXAMPLES / example, folder / name)
    if pack_id != "example-standard":
        change(folder / "pack.yaml", "id: example-standard", f"id: {pack_id}")
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
