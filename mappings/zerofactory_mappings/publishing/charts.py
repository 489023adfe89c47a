"""Charts as hand-written SVG: the same drawing on page and in PDF, no script, text stays text, byte for byte stable.

Every chart has a ``title`` that says what it shows in one sentence (PDF readers speak it), a ``desc`` with its figures,
and a table beside it on the page. Nothing is told by colour alone: segments carry labels, marks have shapes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

#: Width of every chart in its own units; a unit is a CSS pixel at full text width.
WIDTH = 660
_TEXT = "#22303c"
_SOFT = "#5b6874"
_RULE = "#c9d1d8"
_TRACK = "#eef1f4"

#: Fills that stay apart for every kind of colour vision and in grey: dark to light.
NAVY, TEAL, SAND, AMBER, GREY, SKY, PLUM = "#1f3a5f", "#2f7f8f", "#cdb98a", "#e0a030", "#7b8794", "#8fbfd9", "#6d4c7d"
SERIES = (NAVY, TEAL, AMBER, SKY, PLUM, SAND, GREY)

#: Colours of verdicts, dark enough for text on white; the mark beside each says the same without colour.
VERDICT_COLOURS = {"met": "#00695c", "not_met": "#b23c00", "indeterminate": "#4a5a78", "not_applicable": "#66717c",
                   "error": "#7a1f6b"}


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar. *hatched* marks an attribute (a certificate) rather than a supply."""

    label: str
    value: Decimal
    text: str
    fill: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One stacked bar with the text of its total; *offset* starts it further right (in the unit of the values)."""

    label: str
    segments: tuple[Segment, ...]
    text: str = ""
    offset: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bullet:
    """One criterion at one level: relative distance to the threshold (None: not known), verdict, text at the right."""

    label: str
    relative: Decimal | None
    verdict: str
    text: str


def width_of(text: str, size: float) -> float:
    """Estimated width of *text*: a wide character is one em, another about half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.53 for c in text) * size


def fitted(text: str, size: float, room: float, lines: int = 1) -> list[str]:
    """*text* broken into at most *lines* lines of *room*; what does not fit ends in an ellipsis."""
    out, current = [], ""
    for piece in _pieces(text):
        if current and width_of(current + piece.rstrip(), size) > room:
            out.append(current.rstrip())
            current = piece.lstrip()
        else:
            current += piece
    out.append(current.rstrip())
    out = [line for line in out if line] or [""]
    if len(out) > lines:
        last = out[lines - 1]
        while last and width_of(last + "…", size) > room:
            last = last[:-1]
        out = [*out[:lines - 1], last + "…"]
    return [_cut(line, size, room) for line in out]


def _cut(line: str, size: float, room: float) -> str:
    if width_of(line, size) <= room:
        return line
    while line and width_of(line + "…", size) > room:
        line = line[:-1]
    return line + "…"


def _pieces(text: str) -> list[str]:
    """Where a line may break: behind a blank, and around wide characters."""
    pieces: list[str] = []
    for char in text:
        wide = unicodedata.east_asian_width(char) in "WF"
        before = pieces[-1][-1] if pieces else ""
        inside_word = before not in {"", " "} and not wide and unicodedata.east_asian_width(before) not in "WF"
        if inside_word or (before and char == " "):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _n(value: float | Decimal) -> str:
    """A coordinate with at most two decimals."""
    return f"{Decimal(value):.2f}".rstrip("0").rstrip(".")


def chemical(text: str, size: float) -> str:
    """*text* escaped for SVG, with the digits of gas formulas lowered."""
    from zerofactory_mappings.publishing.formulas import split_formulas

    out, low = [], False
    for part, lowered in split_formulas(text):
        shift = _n(size * 0.22)
        if lowered and not low:
            out.append(f'<tspan dy="{shift}" font-size="{_n(size * 0.75)}">{escape(part)}</tspan>')
        elif low and not lowered:
            out.append(f'<tspan dy="-{shift}">{escape(part)}</tspan>')
        else:
            out.append(escape(part))
        low = lowered
    return "".join(out)


def _text(x: float, y: float, text: str, size: float = 12, *, anchor: str = "start", fill: str = _TEXT,
          weight: str = "400") -> str:
    bold = f' font-weight="{weight}"' if weight != "400" else ""
    place = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{fill}"{place}{bold}>'
            f"{chemical(text, size)}</text>")


def _rect(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    return f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(height)}" fill="{fill}"{extra}/>'


def _svg(name: str, title: str, desc: str, height: float, body: Sequence[str], font: str) -> str:
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="chart" viewBox="0 0 {WIDTH} {_n(height)}" '
            f'width="{WIDTH}" height="{_n(height)}" font-family="{escape(font, quote=True)}" '
            f'aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(title)}</title>'
            f'<desc id="{name}-d">{escape(desc)}</desc>{"".join(body)}</svg>')


def stacked(name: str, title: str, bars: Sequence[Bar], font: str) -> str:
    """Stacked bars over one scale, with a legend that holds every figure of every segment."""
    label_room, right_room, bar_height = 150, 110, 26
    full = max((b.offset + sum((s.value for s in b.segments), Decimal(0)) for b in bars), default=Decimal(0))
    scale = Decimal(WIDTH - label_room - right_room) / full if full > 0 else Decimal(0)
    body = [f'<defs><pattern id="{name}-h" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<path d="M0 6L6 0M-1.5 1.5L1.5 -1.5M4.5 7.5L7.5 4.5" stroke="#ffffff" stroke-width="1.6"/>'
            "</pattern></defs>"]
    y = 6.0
    for bar in bars:
        for i, line in enumerate(lines := fitted(bar.label, 12, label_room - 12, 2)):
            body.append(_text(0, y + 17 + i * 14 - (len(lines) - 1) * 7, line))
        x = float(label_room + bar.offset * scale)
        for segment in bar.segments:
            width = float(segment.value * scale)
            body.append(_rect(x, y, width, bar_height, segment.fill, ' stroke="#ffffff" stroke-width="1"'))
            if segment.hatched:
                body.append(_rect(x, y, width, bar_height, f"url(#{name}-h)"))
            elif width > width_of(segment.text, 11) + 10:
                body.append(_text(x + width / 2, y + 17, segment.text, 11, anchor="middle",
                                  fill=_TEXT if segment.fill in {SAND, AMBER, SKY} else "#ffffff"))
            x += width
        body.append(_text(x + 8, y + 17, bar.text, 12, weight="700"))
        y += bar_height + 12
    y = _legend(name, bars, body, y + 4)
    desc = "; ".join(f"{b.label}: " + ", ".join(f"{s.label} {s.text}" for s in b.segments) for b in bars)
    return _svg(name, title, desc, y, body, font)


def _legend(name: str, bars: Sequence[Bar], body: list[str], y: float) -> float:
    """Each kind of segment once, side by side; gives the height used."""
    kinds = {(s.label, s.fill, s.hatched): None for b in bars for s in b.segments}
    x = 0.0
    for label, fill, hatched in kinds:
        width = width_of(label, 11) + 36
        if x and x + width > WIDTH:
            x, y = 0.0, y + 20
        body.append(_rect(x, y, 12, 12, fill))
        if hatched:
            body.append(_rect(x, y, 12, 12, f"url(#{name}-h)"))
        body.append(_text(x + 18, y + 10.5, label, 11, fill=_SOFT))
        x += width
    return y + 20


def ranked(name: str, title: str, rows: Sequence[tuple[str, Decimal, str]], font: str, fill: str = NAVY) -> str:
    """Horizontal bars (label, value, text), largest first; negative values are drawn left of nothing, as zero."""
    label_room, right_room, step = 210, 130, 26
    full = max((value for _, value, _ in rows), default=Decimal(0))
    scale = Decimal(WIDTH - label_room - right_room) / full if full > 0 else Decimal(0)
    body, y = [], 4.0
    for label, value, text in rows:
        width = float(max(value, Decimal(0)) * scale)
        body.append(_text(label_room - 10, y + 14, fitted(label, 12, label_room - 10)[0], anchor="end"))
        body.append(_rect(label_room, y, max(width, 1.0), 18, fill))
        body.append(_text(label_room + width + 8, y + 14, text, 12))
        y += step
    body.insert(0, f'<path d="M{label_room} 0V{_n(y - 4)}" stroke="{_RULE}" stroke-width="1"/>')
    return _svg(name, title, "; ".join(f"{label}: {text}" for label, _, text in rows), y, body, font)


def bullets(name: str, title: str, groups: Sequence[tuple[str, Sequence[Bullet]]], words: tuple[str, str, str],
            font: str) -> str:
    """Distance to each threshold as a share of the threshold; right of the line is the good side.

    *groups*: a criterion with its levels. *words*: short of it, threshold, beyond it. A distance beyond ±100 % is drawn
    at the edge with an arrow; one that is not known as a dotted line.
    """
    left, right, step, head = 186.0, float(WIDTH - 240), 19, 21
    middle, top = (left + right) / 2, 22.0
    bottom = top + sum(head + step * len(rows) for _, rows in groups)
    body = [_text(left, 13, "← " + words[0], 11, fill=_SOFT),
            _text(middle, 13, words[1], 11, anchor="middle", weight="700"),
            _text(right, 13, words[2] + " →", 11, anchor="end", fill=_SOFT)]
    y = top
    for label, rows in groups:
        body.append(f'<path d="M0 {_n(y)}H{WIDTH}" stroke="{_RULE}" stroke-width="0.7"/>')
        body.append(_text(0, y + 15, fitted(label, 11.5, WIDTH)[0], 11.5, weight="700"))
        y += head
        body.append(_rect(left, y, middle - left, step * len(rows), "#faf1ec"))
        body.append(_rect(middle, y, right - middle, step * len(rows), "#e8f3f0"))
        body.append(f'<path d="M{_n(middle)} {_n(y)}V{_n(y + step * len(rows))}" stroke="{_TEXT}" stroke-width="1.5"/>')
        for row in rows:
            body += _bullet(row, y + step / 2, left, middle, right)
            y += step
    desc = "; ".join(f"{label}, {r.label}: {r.text}" for label, rows in groups for r in rows)
    return _svg(name, title, desc, bottom + 4, body, font)


def _bullet(row: Bullet, centre: float, left: float, middle: float, right: float) -> list[str]:
    """One level of one criterion."""
    colour = VERDICT_COLOURS.get(row.verdict, _SOFT)
    out = [_text(10, centre + 4, fitted(row.label, 11, left - 18)[0], 11),
           _text(right + 10, centre + 4, fitted(row.text, 11, WIDTH - right - 10)[0], 11)]
    if row.verdict == "not_applicable":
        return out
    if row.relative is None:
        out.append(f'<path d="M{_n(left + 6)} {_n(centre)}H{_n(right - 6)}" stroke="{colour}" stroke-width="1.2" '
                   'stroke-dasharray="2 4"/>')
        return [*out, _mark(middle, centre, row.verdict, colour)]
    reach = float(max(min(row.relative, Decimal(1)), Decimal(-1))) * (right - middle - 14)
    out.append(_rect(min(middle, middle + reach), centre - 2.5, abs(reach), 5, colour))
    out.append(_mark(middle + reach, centre, row.verdict, colour))
    if abs(row.relative) > 1:
        out.append(_text(right - 1 if reach > 0 else left + 1, centre + 4, "»" if reach > 0 else "«", 12,
                         anchor="end" if reach > 0 else "start", fill=colour))
    return out


def _mark(x: float, y: float, verdict: str, colour: str) -> str:
    """Met: a filled disc. Not met: a cross. Anything else: an open ring."""
    if verdict == "met":
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="5.5" fill="{colour}"/>'
    if verdict == "not_met":
        left, right, top, bottom = _n(x - 5), _n(x + 5), _n(y - 5), _n(y + 5)
        return (f'<path d="M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}" '
                f'stroke="{colour}" stroke-width="2.6"/>')
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="5" fill="#ffffff" stroke="{colour}" stroke-width="1.8"/>'
