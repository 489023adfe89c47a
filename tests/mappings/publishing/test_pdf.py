"""HTML becomes one PDF/A-3a and PDF/UA-1 file that is the same every time and loads nothing."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pikepdf
import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing import pdf
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.pdf import Attached, attached_files, write_pdf

ISSUED = date(2026, 8, 15)
CSS = "@page { size: A4; margin: 20mm; font-family: FONT } body { font-family: FONT }"


def page(body: str) -> str:
    return (f'<!doctype html><html lang="zh-Hans"><head><title>样张</title><meta name="dcterms.created" content="2026-08-15T00:00:00+00:00">'
            f"</head><body><h1>零碳工厂</h1>{body}</body></html>")


def made(body: str, **changes: Any) -> bytes:
    fonts = font_set()
    given = {"issued": ISSUED, "seed": b"seed", "attachments": [Attached("bundle.json", b'{"a": 1}', "the bundle")], **changes}
    return write_pdf(page(body), CSS.replace("FONT", fonts.css), fonts, **given)


PLAIN = "<p>正文 text</p>"


@pytest.fixture(scope="module")
def plain() -> bytes:
    return made(PLAIN)


def test_the_same_input_gives_the_same_bytes(plain: bytes) -> None:
    assert made(PLAIN) == plain


def test_another_input_gives_another_identifier(plain: bytes) -> None:
    def identifier(data: bytes) -> str:
        with pikepdf.open(io.BytesIO(data)) as file:
            return bytes(file.trailer.ID[0]).hex()

    assert identifier(plain) != identifier(made(PLAIN, seed=b"other"))


def test_the_file_says_what_it_is_and_when(plain: bytes) -> None:
    with pikepdf.open(io.BytesIO(plain)) as file:
        xmp = file.Root.Metadata.read_bytes().decode()
        assert xmp.count("<rdf:RDF") == 1
        assert 'pdfaid:part="3"' in xmp
        assert 'pdfaid:conformance="A"' in xmp
        assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
        assert str(file.docinfo["/CreationDate"]).startswith("D:20260815000000")
        assert file.Root.Lang == "zh-Hans"
        assert file.Root.MarkInfo.Marked


def test_the_attachment_is_there_byte_for_byte_as_data(plain: bytes) -> None:
    assert attached_files(plain) == {"bundle.json": b'{"a": 1}'}
    with pikepdf.open(io.BytesIO(plain)) as file:
        (spec,) = file.Root.AF
        assert spec.AFRelationship == "/Data"
        assert str(spec.EF.F.Params.ModDate) == "D:20260815000000Z"


def test_every_font_is_in_the_file(plain: bytes) -> None:
    with pikepdf.open(io.BytesIO(plain)) as file:
        found = [o for o in file.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        assert found
        assert all(any(k in o for k in ("/FontFile2", "/FontFile3")) for o in found)


def test_a_font_that_is_only_named_is_refused() -> None:
    file = pikepdf.new()
    file.add_blank_page().Resources = file.make_indirect(pikepdf.Dictionary(
        D=file.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name.Arial))))
    with pytest.raises(ProblemsError) as caught:
        pdf._check_fonts(file)
    assert [(p.code, p.found) for p in caught.value.problems] == [("report.font-not-embedded", "/Arial")]


@pytest.mark.parametrize("body", [
    '<img alt="x" src="http://127.0.0.1:9/a.png">', '<img alt="x" src="file:///etc/passwd">', '<img alt="x" src="ftp://127.0.0.1/a">',
    '<link rel="stylesheet" href="http://127.0.0.1:9/a.css">',
    '<div style="background:url(http://127.0.0.1:9/b.png)">b</div>',
    "<style>@import url(http://127.0.0.1:9/i.css);</style>",
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:9/a.png" width="5" height="5"/></svg>',
    "<style>@font-face{font-family:F;src:url(http://127.0.0.1:9/f.ttf)} p{font-family:F}</style><p>x</p>",
])
def test_nothing_is_loaded_from_outside(body: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        made(body)
    assert {p.code for p in caught.value.problems} == {"report.outside-resource"}


def test_a_page_cannot_attach_files_of_the_machine() -> None:
    assert set(attached_files(made('<link rel="attachment" href="file:///etc/passwd"><p>x</p>'))) == {"bundle.json"}


def test_a_character_without_glyph_refuses_the_file() -> None:
    with pytest.raises(ProblemsError) as caught:
        made("<p>\U000f1234</p>")
    assert caught.value.problems[0].code == "report.glyph-missing"


def test_too_many_pages_or_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    with pytest.raises(ProblemsError) as caught:
        made('<p style="break-before:page">x</p>' * 3)
    assert [(p.code, p.found) for p in caught.value.problems] == [("report.too-many-pages", "4")]
    monkeypatch.setattr(pdf, "MAX_HTML", 100)
    with pytest.raises(ProblemsError) as caught:
        made(PLAIN)
    assert caught.value.problems[0].code == "report.too-large"


def test_only_a_pdf_is_searched_for_attachments() -> None:
    with pytest.raises(ProblemsError) as caught:
        attached_files(b"no PDF")
    assert caught.value.problems[0].code == "report.no-pdf"
