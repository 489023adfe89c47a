"""A body's style file and its logo: bounded, checked, all problems together."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing.picture import MAX_PICTURE, checked_png
from zerofactory_mappings.publishing.style import contrast_with_white, fill, read_style

HEAD = "format: zerofactory/report-style/1\nbody:\n  name: {zh: 某机构, en: Some body}\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2, *, pixels: bytes | None = None, extra: bytes = b"") -> bytes:
    data = pixels if pixels is not None else (b"\0" + b"\xff\0\0" * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + extra
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def written(folder: Path, text: str) -> Path:
    path = folder / "style.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[tuple[str, int | None]]:
    with pytest.raises(ProblemsError) as caught:
        read_style(path)
    return [(p.code, p.place.line) for p in caught.value.problems]


def test_the_shipped_example_is_read(root: Path) -> None:
    style = read_style(root / "standards/schemas/examples/report-style.yaml")
    assert style.name == {"zh": "示例认证有限公司", "en": "Example Certification Ltd."}
    assert style.form_number == "ZCF-R-07"
    assert style.logo.startswith("data:image/png;base64,")
    assert [b.title for b in style.narrative["introduction"]] == [{"zh": "委托与依据", "en": "Assignment and basis"}]
    assert len(style.signatures) == 2
    assert style.sha256.startswith("sha256:")


def test_a_logo_may_be_a_file_beside_the_style(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(extra=chunk(b"tEXt", b"Author\0somebody")))
    style = read_style(written(tmp_path, HEAD + "logo: logo.png\n"))
    assert base64.b64decode(style.logo.split(",")[1]) == png()                  # metadata is gone
    assert style.logo_text == {"zh": "某机构", "en": "Some body"}


def test_all_problems_are_reported_together_with_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + 'colour: red\naccent: blue\nreport_number: ""\n')
    assert problems(path) == [("report.style-invalid", 1), ("report.style-invalid", 5), ("report.style-invalid", 6)]


@pytest.mark.parametrize(("lines", "code"), [
    ('accent: "#ffee00"', "report.style-contrast"),
    ("narrative: {boundary: [{text: {zh: '{secret}', en: x}}]}", "report.style-placeholder"),
    ("logo: ../../etc/passwd", "report.logo-outside"),
    ("logo: https://example.org/logo.png", "report.logo-outside"),
    ("logo: file:///etc/passwd", "report.logo-outside"),
    ("logo: absent.png", "report.logo-unreadable"),
    ("logo: data:image/png;base64,!!!", "report.logo-unreadable"),
    ("logo: data:image/svg+xml;base64,AAAA", "report.logo-outside"),
    ("narrative: {outcome: []}", "report.style-invalid"),
])
def test_what_a_style_may_not_do(tmp_path: Path, lines: str, code: str) -> None:
    assert problems(written(tmp_path, HEAD + lines + "\n")) == [(code, 4)]


def test_a_link_out_of_the_folder_is_no_logo(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "logo.png").write_bytes(png())
    (inside / "logo.png").symlink_to(tmp_path / "logo.png")
    assert problems(written(inside, HEAD + "logo: logo.png\n")) == [("report.logo-outside", 4)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == [("report.style-unreadable", None)]


def refused(data: bytes) -> str:
    with pytest.raises(ProblemsError) as caught:
        checked_png(data)
    return caught.value.problems[0].code


@pytest.mark.parametrize("data", [
    b"GIF89a", png()[:-20], png()[:40] + b"\xff" + png()[41:], png(pixels=b"\0"),
    png(pixels=b"\0" * 100_000),                                       # more pixels than its size allows
    b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""),
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 5, 0, 0, 0)) + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
])
def test_damaged_pictures_are_refused(data: bytes) -> None:
    assert refused(data) == "report.logo-unreadable"


def test_large_pictures_are_refused() -> None:
    assert refused(b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_PICTURE) == "report.logo-too-large"
    assert refused(png(width=60_000, height=1)) == "report.logo-too-large"


def test_contrast_is_that_of_wcag() -> None:
    assert round(contrast_with_white("#000000"), 1) == 21.0
    assert round(contrast_with_white("#767676"), 2) == 4.54             # the grey that just passes
    assert contrast_with_white("#777777") < 4.5


def test_texts_are_parted_at_empty_lines_and_filled_once() -> None:
    assert fill("a {facility}\nb\n\n  c {x}\n", {"facility": "{edition}", "edition": "no"}) == ["a {edition} b", "c {x}"]
