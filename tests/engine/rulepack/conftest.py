"""A small pack that is right: the published examples of the formats, put together as a folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """The folder of a pack without any problem."""
    return write_good_pack(tmp_path / "rules")


@pytest.fixture
def changed(good: Path) -> Callable[[str, str, str], Path]:
    """Change a text in a file of the good pack; gives its folder."""
    def apply(name: str, old: str, new: str) -> Path:
        change(good / name, old, new)
        return good
    return apply
