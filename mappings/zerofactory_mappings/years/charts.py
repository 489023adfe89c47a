"""Charts of the comparison, drawn like those of the assessment report: totals by year, intensities, a waterfall.

A figure that is not known is never drawn as zero: its place holds a dotted outline with a question mark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.publishing.charts import (
    _RULE,
    _SOFT,
    _TEXT,
    AMBER,
    NAVY,
    SAND,
    SERIES,
    SKY,
    TEAL,
    WIDTH,
    _n,
    _rect,
    _svg,
    _text,
    fitted,
    width_of,
)

_TOP, _PLOT = 24.0, 190.0
#: Share of the highest level above which the lowest one lets a waterfall's axis begin higher.
_BROKEN_ABOVE = 0.5
#: Fills on which dark text is read better than white.
_LIGHT = frozenset({SAND, AMBER, SKY})


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the columns: its label, fill, and a figure and text for each year."""

    label: str
    fill: str
    values: Sequence[Amount]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line over the years, as an index of its first year (100); *text* says its last value."""

    label: str
    values: Sequence[Amount]
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One column of a waterfall: a *level* stands on the axis, a step goes up or down from the one before."""

    label: str
    value: Amount
    text: str
    level: bool = False


@dataclass(frozen=True, slots=True)
class _Scale:
    """Figures between *low* and *high* on the height of the plot."""

    low: float
    high: float

    def y(self, value: float) -> float:
        span = self.high - self.low or 1.0
        return _TOP + _PLOT * (1 - (value - self.low) / span)


def _number(amount: Amount) -> float | None:
    """A coordinate's figure: pictures may round."""
    return None if isinstance(amount, Unknown) else float(amount)


def _known(amounts: Iterable[Amount]) -> list[float]:
    return [n for n in map(_number, amounts) if n is not None]


def _line(points: str, colour: str = _RULE, width: float = 1, extra: str = "") -> str:
    return f'<path d="{points}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{extra}/>'


def _unknown_box(x: float, top: float, width: float, height: float) -> list[str]:
    """The place of a figure that is not known."""
    return [_rect(x, top, width, height, "none", f' stroke="{_SOFT}" stroke-width="1.2" stroke-dasharray="2 3"'),
            _text(x + width / 2, top + height / 2 + 5, "?", 15, anchor="middle", fill=_SOFT, weight="700")]


def columns(name: str, title: str, years: Sequence[str], bands: Sequence[Band], totals: Sequence[str],
            beside: tuple[str, Sequence[Amount]] | None, font: str) -> str:
    """Stacked columns by year with the text of each total; *beside*: label and figures of an open mark at each year.

    A year with a band that is not known shows its known bands below a dotted one.
    """
    marks = beside[1] if beside is not None else ()
    high = max([*(sum(max(n, 0.0) for n in _known(b.values[i] for b in bands)) for i in range(len(years))),
                *_known(marks), 0.0]) or 1.0
    low = min([*(sum(min(n, 0.0) for n in _known(b.values[i] for b in bands)) for i in range(len(years))), 0.0])
    scale, step = _Scale(low, high * 1.08), WIDTH / max(len(years), 1)
    wide = min(step * 0.5, 96.0)
    body = [_line(f"M0 {_n(scale.y(0))}H{WIDTH}")]
    for i, year in enumerate(years):
        x = step * i + (step - wide) / 2
        body += _column(bands, i, x, wide, scale)
        top = scale.y(sum(max(n, 0.0) for n in _known(b.values[i] for b in bands)))
        if any(isinstance(b.values[i], Unknown) for b in bands):
            body += _unknown_box(x, max(top - 26, 2), wide, 24)
        else:
            body.append(_text(x + wide / 2, top - 7, totals[i], 12, anchor="middle", weight="700"))
        if marks and (mark := _number(marks[i])) is not None:
            at = scale.y(mark)
            body.append(f'<path d="M{_n(x + wide + 11)} {_n(at - 6)}l6 6l-6 6l-6 -6z" fill="#ffffff" '
                        f'stroke="{_TEXT}" stroke-width="1.6"/>')
        body.append(_text(step * i + step / 2, _TOP + _PLOT + 18, fitted(year, 12, step - 8)[0], 12, anchor="middle"))
    y = _legend([(b.label, b.fill) for b in bands], beside[0] if beside is not None else None, body, _TOP + _PLOT + 34)
    desc = "; ".join(f"{year}: " + ", ".join(f"{b.label} {b.texts[i]}" for b in bands) + f", {totals[i]}"
                     for i, year in enumerate(years))
    return _svg(name, title, desc, y, body, font)


def _column(bands: Sequence[Band], year: int, x: float, width: float, scale: _Scale) -> list[str]:
    """The known bands of one year, positive ones above the axis and negative ones below."""
    out, above, below = [], 0.0, 0.0
    for band in bands:
        number = _number(band.values[year])
        if number is None or not number:
            continue
        start = above if number > 0 else below
        top, height = scale.y(max(start, start + number)), abs(scale.y(start + number) - scale.y(start))
        out.append(_rect(x, top, width, height, band.fill, ' stroke="#ffffff" stroke-width="1"'))
        if height > 15 and width_of(band.texts[year], 11) < width - 6:
            out.append(_text(x + width / 2, top + height / 2 + 4, band.texts[year], 11, anchor="middle",
                             fill=_TEXT if band.fill in _LIGHT else "#ffffff"))
        above, below = (above + number, below) if number > 0 else (above, below + number)
    return out


def _legend(kinds: Sequence[tuple[str, str]], mark: str | None, body: list[str], y: float) -> float:
    """Each band once, and the open mark; gives the height used."""
    x = 0.0
    for label, fill in (*kinds, *([(mark, "")] if mark else [])):
        width = width_of(label, 11) + 40
        if x and x + width > WIDTH:
            x, y = 0.0, y + 20
        body.append(_rect(x, y, 12, 12, fill) if fill else
                    f'<path d="M{_n(x + 6)} {_n(y)}l6 6l-6 6l-6 -6z" fill="#ffffff" stroke="{_TEXT}" '
                    'stroke-width="1.6"/>')
        body.append(_text(x + 18, y + 10.5, label, 11, fill=_SOFT))
        x += width
    return y + 20


def curves(name: str, title: str, years: Sequence[str], rows: Sequence[Curve], font: str) -> str:
    """Lines that begin at 100 in the first year, each with a mark of its own shape and its last value at the right.

    A year that is not known breaks the line; a line whose first year is not known or zero is drawn as a remark only.
    """
    right, step = 190.0, (WIDTH - 190.0 - 60.0) / max(len(years) - 1, 1)
    indexed = [_indexed(r.values) for r in rows]
    found = [n for values in indexed for n in values if n is not None] + [100.0]
    room = max(max(found) - min(found), 10.0) * 0.12
    scale = _Scale(min(found) - room, max(found) + room)
    body = []
    for tick in _ticks(scale.low, scale.high):
        body.append(_line(f"M40 {_n(scale.y(tick))}H{_n(WIDTH - right)}", _TEXT if tick == 100 else _RULE, 0.7))
        body.append(_text(32, scale.y(tick) + 4, f"{tick:g}", 11, anchor="end", fill=_SOFT))
    ends = []
    for number, (row, values) in enumerate(zip(rows, indexed, strict=True)):
        colour = SERIES[number % len(SERIES)]
        points = [None if v is None else (50 + step * i, scale.y(v)) for i, v in enumerate(values)]
        body += _polyline(points, colour, number)
        last = next((p for p in reversed(points) if p is not None), None)
        ends.append((last[1] if last else _TOP + _PLOT, number, row, colour, points[-1] is not None))
    body += _ends(ends, right)
    for i, year in enumerate(years):
        label = fitted(year, 12, max(step - 8, 60))[0]
        body.append(_text(50 + step * i, _TOP + _PLOT + 18, label, 12, anchor="middle"))
    desc = "; ".join(f"{r.label}: " + ", ".join(
        f"{y} {'?' if v is None else f'{v:.1f}'}" for y, v in zip(years, values, strict=True))
        for r, values in zip(rows, indexed, strict=True))
    return _svg(name, title, desc, _TOP + _PLOT + 28, body, font)


def _indexed(values: Sequence[Amount]) -> list[float | None]:
    numbers = [_number(v) for v in values]
    first = numbers[0] if numbers else None
    return [None if n is None or not first else n / first * 100 for n in numbers]


def _ticks(low: float, high: float) -> list[float]:
    """Round figures between *low* and *high*, about five, 100 among them."""
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= raw)
    first = math.ceil((low - 100) / step)
    return [100 + step * i for i in range(first, math.floor((high - 100) / step) + 1)]


def _polyline(points: Sequence[tuple[float, float] | None], colour: str, number: int) -> list[str]:
    out, open_ = [], False
    path = ""
    for point in points:
        if point is None:
            open_ = False
            continue
        path += f"{'L' if open_ else 'M'}{_n(point[0])} {_n(point[1])}"
        open_ = True
    if path:
        out.append(_line(path, colour, 2))
    return out + [_shape(p[0], p[1], colour, number) for p in points if p is not None]


def _shape(x: float, y: float, colour: str, number: int) -> str:
    """A disc, a square, a triangle or a diamond, so that lines are told apart without colour."""
    kind = number % 4
    if kind == 0:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4.5" fill="{colour}"/>'
    if kind == 1:
        return _rect(x - 4, y - 4, 8, 8, colour)
    if kind == 2:
        return f'<path d="M{_n(x)} {_n(y - 5.5)}l5.5 10h-11z" fill="{colour}"/>'
    return f'<path d="M{_n(x)} {_n(y - 6)}l6 6l-6 6l-6 -6z" fill="{colour}"/>'


def _ends(ends: list[tuple[float, int, Curve, str, bool]], right: float) -> list[str]:
    """Label and last value of each line at the right, moved apart where they would overlap."""
    out, x = [], WIDTH - right + 14
    ordered = sorted(ends, key=lambda e: (e[0], e[1]))
    bottom = _TOP + _PLOT - 28.0 * len(ordered) + 20
    free = 0.0
    for at, number, row, colour, drawn in ordered:
        y = max(min(at, max(bottom, free)), free)
        free, bottom = y + 30, bottom + 28
        out += [_shape(x, y, colour, number),
                _text(x + 12, y + 1, fitted(row.label, 11, right - 30)[0], 11),
                _text(x + 12, y + 14, fitted(row.text if drawn else "?", 11, right - 30)[0], 11, fill=_SOFT)]
    return out


def waterfall(name: str, title: str, stages: Sequence[Stage], words: tuple[str, str, str], font: str) -> str:
    """Levels of years and between them what the change is made of. *words*: less, more, the axis is broken.

    The axis begins above zero when all levels lie close together; the columns then carry a break mark, and the remark
    says so. A step that is not known is a dotted column, and nothing after it hangs on it.
    """
    spans = _spans(stages)
    found = [edge for span in spans if span is not None for edge in span] or [0.0, 1.0]
    high, levels = max(found), [s for stage, s in zip(stages, spans, strict=True) if s is not None and not stage.level]
    lowest = min([edge for span in levels for edge in span] + [max(s) for s in spans if s is not None] or [0.0])
    broken = lowest > _BROKEN_ABOVE * high > 0
    low = lowest - (high - lowest or high) * 0.25 if broken else min(0.0, *found)
    scale, step = _Scale(low, high + (high - low or 1) * 0.10), WIDTH / max(len(stages), 1)
    wide = min(step * 0.62, 60.0)
    body, previous = [_line(f"M0 {_n(_TOP + _PLOT)}H{WIDTH}")], None
    for i, (stage, span) in enumerate(zip(stages, spans, strict=True)):
        x = step * i + (step - wide) / 2
        if span is None:
            body += _unknown_box(x, _TOP + _PLOT * 0.35, wide, _PLOT * 0.4)
            previous = None
        else:
            body += _stage(stage, span, x, wide, scale, broken)
            at = scale.y(span[1])
            if previous is not None:
                body.append(_line(f"M{_n(previous[0])} {_n(previous[1])}H{_n(x)}", _SOFT, 0.8))
            previous = (x + wide, at)
        for k, line in enumerate(fitted(stage.label, 11, step - 4, 2)):
            body.append(_text(x + wide / 2, _TOP + _PLOT + 16 + 13 * k, line, 11, anchor="middle",
                              weight="700" if stage.level else "400"))
    y = _legend([(words[0], TEAL), (words[1], AMBER)], None, body, _TOP + _PLOT + 40)
    if broken:
        body.append(_text(WIDTH, y - 9.5, words[2], 11, anchor="end", fill=_SOFT))
    desc = "; ".join(f"{s.label}: {s.text}" for s in stages)
    return _svg(name, title, desc, y, body, font)


def _spans(stages: Sequence[Stage]) -> list[tuple[float, float] | None]:
    """Where each column begins and ends; None where that is not known."""
    out: list[tuple[float, float] | None] = []
    at: float | None = 0.0
    for stage in stages:
        number = _number(stage.value)
        if stage.level:
            at = number
            out.append(None if number is None else (0.0, number))
        elif number is None or at is None:
            at = None
            out.append(None)
        else:
            out.append((at, at + number))
            at += number
    return out


def _stage(stage: Stage, span: tuple[float, float], x: float, width: float, scale: _Scale, broken: bool) -> list[str]:
    low, high = min(span), max(span)
    bottom = _TOP + _PLOT if stage.level and broken else scale.y(low)
    top = scale.y(high)
    fill = NAVY if stage.level else AMBER if span[1] > span[0] else TEAL
    out = [_rect(x, top, width, max(bottom - top, 1.2), fill)]
    if stage.level and broken:
        y = bottom - 14
        out.append(f'<path d="M{_n(x - 2)} {_n(y + 4)}l{_n(width / 4 + 1)} -8l{_n(width / 4)} 8l{_n(width / 4)} -8'
                   f'l{_n(width / 4 + 1)} 8" fill="none" stroke="#ffffff" stroke-width="3"/>')
    out.append(_text(x + width / 2, top - 6, stage.text, 11, anchor="middle", weight="700" if stage.level else "400"))
    return out
