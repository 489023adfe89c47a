"""Fonts for PDF: found through fontconfig, never shipped, and checked for every character before anything is drawn.

A report with empty boxes is never issued: a character that no usable font has refuses the report and names the Debian
package that brings one.
"""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import unescape

from zerofactory_engine.problems import Problem, ProblemsError

#: Families that carry a whole report in Chinese and English, best first, with the Debian package that brings each.
MAIN = (("Noto Sans CJK SC", "fonts-noto-cjk"), ("WenQuanYi Micro Hei", "fonts-wqy-microhei"))
#: Families that only add characters which the main one lacks, used when they are installed.
SUPPLEMENTS = (("HanaMinA", "fonts-hanazono"), ("HanaMinB", "fonts-hanazono"), ("DejaVu Sans", "fonts-dejavu-core"),
               ("Noto Sans", "fonts-noto-core"))
#: How many missing characters one problem names.
_NAMED = 20
_TAG = re.compile(r"<[^<>]*>")
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL)
#: Characters that lay text out and are never drawn.
_LAYOUT = frozenset("\n\r\t ")


@dataclass(frozen=True, slots=True)
class Face:
    """One face of an installed font; *index* is its place in a collection file, *weight* as fontconfig counts."""

    family: str
    file: str
    index: int
    weight: int


@dataclass(frozen=True, slots=True)
class FontSet:
    """The families that a PDF may use, main family first, and the Debian package that brought the main one."""

    families: tuple[str, ...]
    faces: tuple[Face, ...]

    @property
    def css(self) -> str:
        """Value of ``font-family``."""
        return ", ".join(f'"{name}"' for name in self.families)


@cache
def installed() -> tuple[Face, ...]:
    """Regular and bold upright faces that fontconfig knows of the families above, in a fixed order."""
    known = [name for name, _ in (*MAIN, *SUPPLEMENTS)]
    form = "%{family}\t%{file}\t%{index}\t%{weight}\t%{slant}\t%{width}\n"
    try:
        run = subprocess.run(["fc-list", "--format", form],  # noqa: S603, S607 - a fixed command of fontconfig
                             capture_output=True, check=True, timeout=60)
        listing = run.stdout.decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return ()
    faces = set()
    for line in listing.splitlines():
        families, file, index, weight, slant, width = line.split("\t")
        for family in families.split(","):
            # slant 0 is upright, width 100 is normal; weights 80 and 200 are regular and bold
            if family in known and slant == "0" and width == "100" and weight in {"80", "200"}:
                faces.add(Face(family, file, int(index) & 0xFFFF, int(weight)))
    return tuple(sorted(faces, key=lambda f: (known.index(f.family), f.weight, f.file, f.index)))


def font_set(faces: Iterable[Face] | None = None) -> FontSet:
    """The fonts of a report on this machine.

    Raises:
        ProblemsError: ``report.no-font`` when no family for Chinese text is installed.
    """
    usable = tuple(installed() if faces is None else faces)
    present = {face.family for face in usable if face.weight == 80}
    main = [name for name, _ in MAIN if name in present]
    if not main:
        raise ProblemsError([Problem("report.no-font", accepted=", ".join(name for name, _ in MAIN),
                                     args={"packages": " ".join(f"apt-get install {p}" for _, p in MAIN[:1])})])
    families = (*main, *(name for name, _ in SUPPLEMENTS if name in present))
    return FontSet(families, tuple(face for face in usable if face.family in families))


@cache
def characters(file: str, index: int) -> frozenset[int]:
    """Code points that a face can draw."""
    from fontTools.ttLib import TTFont

    with TTFont(file, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def drawn_text(html: str) -> set[str]:
    """Every character that *html* may draw: its text, and what style sheets and attributes could generate."""
    return set(unescape(_TAG.sub(" ", _STYLE.sub(" ", html)))) - _LAYOUT


def missing(text: Iterable[str], fonts: FontSet) -> tuple[str, ...]:
    """Characters of *text* that no font of the set can draw, in code point order."""
    wanted = set(text) - _LAYOUT
    for face in fonts.faces:
        if not wanted:
            break
        if face.weight == 80:
            have = characters(face.file, face.index)
            wanted = {c for c in wanted if ord(c) not in have}
    return tuple(sorted(wanted))


def check_glyphs(html: str, fonts: FontSet) -> None:
    """Refuse *html* when a character in it has no glyph.

    Raises:
        ProblemsError: ``report.glyph-missing``, naming the characters and the package that may bring them.
    """
    absent = missing(drawn_text(html), fonts)
    if not absent:
        return
    shown = " ".join(_named(c) for c in absent[:_NAMED]) + (" …" if len(absent) > _NAMED else "")
    raise ProblemsError([Problem("report.glyph-missing", found=shown,
                                 args={"count": str(len(absent)), "package": _package(absent, fonts)})])


def _named(character: str) -> str:
    """The character, when it can be printed, with its code point."""
    visible = "" if unicodedata.category(character).startswith("C") else character
    return f"{visible}U+{ord(character):04X}"


def _package(absent: tuple[str, ...], fonts: FontSet) -> str:
    """The Debian package that most likely brings the characters: the large main font, then Han, then other scripts."""
    if MAIN[0][0] not in fonts.families:
        return MAIN[0][1]
    if any("CJK" in unicodedata.name(c, "") for c in absent) and "HanaMinA" not in fonts.families:
        return "fonts-hanazono"
    return "fonts-noto-core"
