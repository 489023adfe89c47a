"""A body's own look of a report: ``zerofactory/report-style/1``, read as a stranger's file and checked as a whole.

A style adds names, a logo, a colour and plain texts. It holds no markup, no script and no address, and nothing in it
can change or hide a verdict.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zerofactory_engine.canonical import sha256
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import NOWHERE, Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml
from zerofactory_mappings.publishing.picture import MAX_PICTURE, checked_png

#: Names that a text may hold in braces; what they stand for comes from the assessment.
PLACEHOLDERS = ("facility", "organisation", "period_start", "period_end", "standard", "edition", "valid_on")
#: Sections in front of which a style may put texts.
SECTIONS = ("introduction", "boundary", "inventory", "criteria", "findings", "checks", "evidence", "factors",
            "conclusion")
_HOLE = re.compile(r"\{([^{}]*)\}")
_DATA = "data:image/png;base64,"
_MAX_STYLE = 2_000_000
#: Contrast against white that WCAG 2.2 AA asks of text.
_CONTRAST = 4.5

ACCENT = "#1f3a5f"

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """A text of the body's own under an optional title."""

    text: Text
    title: Text | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """What a body adds to a report; without a file everything is empty."""

    name: Text | None = None
    address: Text | None = None
    accreditation: Text | None = None
    form_number: str = ""
    form_revision: str = ""
    report_number: str = ""
    logo: str = ""
    logo_text: Text | None = None
    accent: str = ACCENT
    title: Text | None = None
    narrative: Mapping[str, tuple[Block, ...]] = field(default_factory=dict)
    signatures: tuple[Text, ...] = ()
    sha256: str = ""


def read_style(path: Path) -> Style:
    """The style that the file at *path* describes.

    Raises:
        ProblemsError: everything that is wrong with it, each with its line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProblemsError([Problem("report.style-unreadable", Place(file=path.name),
                                     found=error.strerror or str(error))]) from error
    tree = read_yaml(data, path.name, _MAX_STYLE)
    plain, places = _plain(tree)
    problems = [*_schema_problems(plain, places)]
    if problems:
        raise ProblemsError(problems)
    problems += [*_hole_problems(plain, places), *_contrast_problems(plain, places)]
    logo = ""
    if "logo" in plain:
        try:
            logo = _logo(plain["logo"], path.parent)
        except ProblemsError as error:
            problems += [Problem(p.code, places.get(("logo",), NOWHERE), found=p.found, accepted=p.accepted)
                         for p in error.problems]
    if problems:
        raise ProblemsError(problems)
    return _style(plain, logo, sha256(data))


def _style(plain: Mapping[str, Any], logo: str, digest: str) -> Style:
    body, form = plain["body"], plain.get("form", {})
    blocks = {name: tuple(Block(b["text"], b.get("title")) for b in given)
              for name, given in plain.get("narrative", {}).items()}
    return Style(
        name=body["name"], address=body.get("address"), accreditation=body.get("accreditation"),
        form_number=form.get("number", ""), form_revision=form.get("revision", ""),
        report_number=plain.get("report_number", ""), logo=logo, logo_text=plain.get("logo_text", body["name"]),
        accent=plain.get("accent", ACCENT),
        title=plain.get("title"), narrative=blocks, signatures=tuple(plain.get("signatures", ())), sha256=digest)


def _plain(node: Node, path: tuple[str | int, ...] = ()) -> tuple[Any, dict[tuple[str | int, ...], Place]]:
    """*node* as plain values, and the place of every one by its path."""
    places = {path: node.place}
    value: Any
    if isinstance(node, Scalar):
        value = node.text
    elif isinstance(node, ListNode):
        value = []
        for i, item in enumerate(node.items):
            below, more = _plain(item, (*path, i))
            value.append(below)
            places |= more
    else:
        assert isinstance(node, MapNode)
        value = {}
        for key, item in node.items():
            below, more = _plain(item, (*path, key))
            value[key] = below
            places |= more
    return value, places


def _schema_problems(plain: Any, places: Mapping[tuple[str | int, ...], Place]) -> Iterator[Problem]:
    from jsonschema import Draft202012Validator

    schema = json.loads((STANDARDS_ROOT / "schemas/report-style.schema.json").read_text(encoding="utf-8"))
    for error in sorted(Draft202012Validator(schema).iter_errors(plain), key=lambda e: list(map(str, e.path))):
        place = places.get(tuple(error.path), NOWHERE)
        yield Problem("report.style-invalid", place, found=error.message[:300],
                      accepted=_accepted(error.validator, error.validator_value, error.schema),
                      args={"key": "/".join(map(str, error.path)) or "/"})


def _accepted(rule: object, value: Any, schema: Any) -> str | None:
    """What a rule of the schema would take, in few words."""
    if rule == "additionalProperties":
        return ", ".join(schema.get("properties", {}))
    if rule in {"required", "enum"}:
        return ", ".join(map(str, value))
    return str(value) if rule in {"const", "pattern", "maxLength", "maxItems"} else None


def _hole_problems(plain: Mapping[str, Any], places: Mapping[tuple[str | int, ...], Place]) -> Iterator[Problem]:
    """Placeholders that stand for nothing."""
    for section, given in plain.get("narrative", {}).items():
        for i, block in enumerate(given):
            for language, text in block["text"].items():
                for name in _HOLE.findall(text):
                    if name not in PLACEHOLDERS:
                        place = places.get(("narrative", section, i, "text", language), NOWHERE)
                        yield Problem("report.style-placeholder", place, found=f"{{{name}}}"[:80],
                                      accepted=", ".join(f"{{{p}}}" for p in PLACEHOLDERS))


def _contrast_problems(plain: Mapping[str, Any], places: Mapping[tuple[str | int, ...], Place]) -> Iterator[Problem]:
    colour = plain.get("accent")
    if colour and (ratio := contrast_with_white(colour)) < _CONTRAST:
        yield Problem("report.style-contrast", places.get(("accent",), NOWHERE), found=f"{colour} ({ratio:.1f} : 1)",
                      accepted="≥ 4.5 : 1", example="#1f3a5f")


def contrast_with_white(colour: str) -> float:
    """Contrast of ``#rrggbb`` against white as WCAG 2.2 defines it (relative luminance of sRGB)."""
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[i:i + 2]) for i in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def _logo(text: str, folder: Path) -> str:
    """A checked logo as ``data:`` URL: from such a URL, or from a file in the style's own folder."""
    if text.startswith(_DATA):
        try:
            data = base64.b64decode("".join(text[len(_DATA):].split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProblemsError([Problem("report.logo-unreadable", found="base64")]) from error
    else:
        data = _logo_file(text, folder)
    return _DATA + base64.b64encode(checked_png(data)).decode("ascii")


def _logo_file(text: str, folder: Path) -> bytes:
    path = folder / text
    if ":" in text or not path.resolve().is_relative_to(folder.resolve()):
        raise ProblemsError([Problem("report.logo-outside", found=text[:200])])
    try:
        with path.open("rb") as file:
            return file.read(MAX_PICTURE + 1)
    except OSError as error:
        raise ProblemsError([Problem("report.logo-unreadable", found=f"{text[:120]}: {error.strerror}")]) from error


def fill(text: str, values: Mapping[str, str]) -> list[str]:
    """The paragraphs of *text* with its placeholders filled."""
    filled = _HOLE.sub(lambda m: values.get(m.group(1), m.group()), text)
    return [" ".join(p.split()) for p in re.split(r"\n\s*\n", filled) if p.strip()]
