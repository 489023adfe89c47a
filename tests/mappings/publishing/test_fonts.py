"""Fonts are found, every character is checked, and rare ones are drawn or refused by name."""

from __future__ import annotations

import pytest

from zerofactory_engine.problems import ProblemsError
from zerofactory_mappings.publishing import fonts
from zerofactory_mappings.publishing.fonts import Face, FontSet, check_glyphs, drawn_text, font_set, installed, missing

NOTO, HEI = "Noto Sans CJK SC", "WenQuanYi Micro Hei"


def only(family: str) -> FontSet:
    faces = tuple(f for f in installed() if f.family == family)
    if not faces:
        pytest.skip(f"the font {family} is not installed")
    return FontSet((family,), faces)


def test_a_font_for_chinese_is_found() -> None:
    found = font_set()
    assert found.families[0] in {NOTO, HEI}
    assert found.css.startswith(f'"{found.families[0]}"')
    assert missing("零碳工厂 Zero 0123456789 √×?–!≥≤→·“”（）：；、。№←»«²³⁴℃−", found) == ()


def test_rare_characters_of_names_are_drawn_by_the_large_font() -> None:
    assert missing("㐂𠮷龘堃喆禤", only(NOTO)) == ()


def test_the_small_font_refuses_what_it_lacks_and_names_the_package() -> None:
    with pytest.raises(ProblemsError) as caught:
        check_glyphs("<p>𠮷㐂龘电器有限公司</p>", only(HEI))
    (problem,) = caught.value.problems
    assert problem.code == "report.glyph-missing"
    assert problem.found == "㐂U+3402 𠮷U+20BB7"                 # 龘 is there
    assert problem.args == {"count": "2", "package": "fonts-noto-cjk"}


def test_what_no_font_draws_is_refused_by_code_point() -> None:
    with pytest.raises(ProblemsError) as caught:
        check_glyphs("<p>\U000f1234\U0001f9ea ok</p>", only(NOTO))
    (problem,) = caught.value.problems
    assert problem.found is not None
    assert "U+F1234" in problem.found
    assert problem.args["package"] == "fonts-noto-core"


def test_many_missing_characters_are_counted_and_some_named() -> None:
    with pytest.raises(ProblemsError) as caught:
        check_glyphs("".join(chr(0xE100 + i) for i in range(50)), only(NOTO))
    (problem,) = caught.value.problems
    assert problem.args["count"] == "50"
    assert problem.found is not None
    assert problem.found.endswith("…")


def test_tags_and_style_sheets_are_not_drawn_but_entities_are() -> None:
    assert drawn_text('<style>q</style><a href="x">é&#x20BB7;</a>') == {"é", "𠮷"}


def test_without_a_font_for_chinese_nothing_is_drawn() -> None:
    with pytest.raises(ProblemsError) as caught:
        font_set([Face("DejaVu Sans", "x.ttf", 0, 80)])
    assert caught.value.problems[0].code == "report.no-font"
    assert "fonts-noto-cjk" in caught.value.problems[0].args["packages"]


def test_without_fontconfig_no_font_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    fonts.installed.cache_clear()
    try:
        assert installed() == ()
    finally:
        fonts.installed.cache_clear()
