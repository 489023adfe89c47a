"""Cost over the years as a line chart in hand-written SVG: default against actual data, text stays text, no script.

Each line has marks of its own shape and its name at its end, so that colour alone tells nothing; years that are not
decided stand on a hatched ground; a year that is not known is a gap. The title says what is shown, the description
holds every figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from zerofactory_mappings.cbam.obligation.model import Data
from zerofactory_mappings.cbam.obligation.result import GoodResult, ObligationResult, OutlookYear
from zerofactory_mappings.cbam.obligation.totals import total_outlook
from zerofactory_mappings.cbam.obligation.views import Words, good_name
from zerofactory_mappings.publishing.charts import AMBER, NAVY, WIDTH, _n, _rect, _svg, _text, fitted, width_of

_SOFT, _RULE = "#5b6874", "#d5dbe0"
#: The colour of a line and of its text: amber is too pale for text on white.
_STYLES = ((NAVY, NAVY, ""), (AMBER, "#8a5a00", ' stroke-dasharray="7 4"'))
_TOP, _HEIGHT, _LEFT, _RIGHT, _FOOT = 46.0, 212.0, 62.0, 132.0, 30.0
#: Steps between lines of the scale, times a power of ten.
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
#: Lines of the scale above zero at most.
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its name, and a value per year (None: not known)."""

    name: str
    values: tuple[Decimal | None, ...]


def scale(top: Decimal) -> tuple[Decimal, ...]:
    """The values of the lines of a scale from zero to at least *top*, at most :data:`_TICKS` above zero.

    >>> [str(v) for v in scale(Decimal(170))]
    ['0', '50', '100', '150', '200']
    """
    if top <= 0:
        return (Decimal(0), Decimal(1))
    power = Decimal(1).scaleb((top / _TICKS).adjusted())
    step = next(s * power for s in _STEPS if s * power * _TICKS >= top)
    count = int((top / step).to_integral_value(rounding="ROUND_CEILING"))
    return tuple(_flat(step * i) for i in range(count + 1))


def _flat(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def line_chart(name: str, title: str, years: Sequence[int], lines: Sequence[Line], soft: Sequence[int], words: Words,
               kind: str, font: str) -> str:
    """An SVG of *lines* over *years*; *soft*: years that are not decided; *kind* of figure for their texts."""
    known = [v for line in lines for v in line.values if v is not None]
    ticks = scale(max(known, default=Decimal(0)))
    plot = _Plot(list(years), ticks)
    body = [_text(0, 15, fitted(title, 13, WIDTH)[0], 13, weight="700")]
    body += _ground(plot, name, soft, words)
    body += _axes(plot, words)
    ends = _spread([_last(plot, line) for line in lines])
    for number, (line, style, end) in enumerate(zip(lines, _STYLES, ends, strict=False)):
        body += _drawn(plot, line, style, number, end, words, kind)
    desc = "; ".join(f"{line.name}: {_spoken(years, line, words, kind)}" for line in lines)
    return _svg(name, title, desc, _TOP + _HEIGHT + _FOOT, body, font)


def _spoken(years: Sequence[int], line: Line, words: Words, kind: str) -> str:
    """Every figure of a line, for those who cannot see it."""
    return ", ".join(f"{y} {words.shown(v, kind)}" for y, v in zip(years, line.values, strict=True))


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where years and values lie."""

    years: list[int]
    ticks: tuple[Decimal, ...]

    @property
    def step(self) -> float:
        return (WIDTH - _LEFT - _RIGHT) / max(len(self.years), 1)

    def x(self, index: int) -> float:
        return _LEFT + self.step * (index + 0.5)

    def y(self, value: Decimal) -> float:
        return _TOP + _HEIGHT - float(value / self.ticks[-1]) * _HEIGHT


def _ground(plot: _Plot, name: str, soft: Sequence[int], words: Words) -> list[str]:
    """The hatched ground of years that are not decided, with its word."""
    runs: list[list[int]] = []
    for index, year in enumerate(plot.years):
        if year in soft:
            if runs and runs[-1][-1] == index - 1:
                runs[-1].append(index)
            else:
                runs.append([index])
    if not runs:
        return []
    out = [f'<defs><pattern id="{name}-s" width="7" height="7" patternUnits="userSpaceOnUse">'
           f'<path d="M0 7L7 0" stroke="{_RULE}" stroke-width="1"/></pattern></defs>']
    for run in runs:
        left, width = _LEFT + plot.step * run[0], plot.step * len(run)
        out.append(_rect(left, _TOP, width, _HEIGHT, "#f6f7f8"))
        out.append(_rect(left, _TOP, width, _HEIGHT, f"url(#{name}-s)"))
        label = words.t("chart-preliminary")
        if width_of(label, 10) < width:
            out.append(_text(left + width / 2, _TOP - 6, label, 10, anchor="middle", fill=_SOFT))
    return out


def _axes(plot: _Plot, words: Words) -> list[str]:
    out = []
    for tick in plot.ticks:
        y = plot.y(tick)
        out.append(f'<path d="M{_n(_LEFT)} {_n(y)}H{_n(WIDTH - _RIGHT)}" stroke="{_RULE if tick else _SOFT}" '
                   'stroke-width="1"/>')
        out.append(_text(_LEFT - 8, y + 4, f"{tick:,f}", 11, anchor="end", fill=_SOFT))
    for index, year in enumerate(plot.years):
        out.append(_text(plot.x(index), _TOP + _HEIGHT + 18, str(year), 11, anchor="middle", fill=_SOFT))
    return out


def _last(plot: _Plot, line: Line) -> float | None:
    """Height at which the name of a line stands: that of its last known value."""
    found = [v for v in line.values if v is not None]
    return plot.y(found[-1]) if found else None


def _spread(ends: Sequence[float | None]) -> list[float | None]:
    """Heights of names moved apart so that each has two lines of text."""
    room, out = 30.0, list(ends)
    if len(out) == 2 and out[0] is not None and out[1] is not None and abs(out[0] - out[1]) < room:
        upper, lower = (0, 1) if out[0] <= out[1] else (1, 0)
        middle = (out[0] + out[1]) / 2
        out[upper], out[lower] = middle - room / 2, middle + room / 2
    return out


def _drawn(plot: _Plot, line: Line, style: tuple[str, str, str], number: int, end: float | None, words: Words,
           kind: str) -> list[str]:
    colour, ink, dash = style
    out, run = [], ""
    points = [(plot.x(i), plot.y(v), v) if v is not None else None for i, v in enumerate(line.values)]
    for point in points:
        if point is None:
            run = ""
            continue
        step = f"M{_n(point[0])} {_n(point[1])}" if not run else f"{run}L{_n(point[0])} {_n(point[1])}"
        if run:
            out.append(f'<path d="{step}" fill="none" stroke="{colour}" stroke-width="2.4"{dash}/>')
        run = f"M{_n(point[0])} {_n(point[1])}"
    marked = [p for p in points if p is not None]
    out += [_mark(x, y, number, colour) for x, y, _ in marked]
    if marked and end is not None:
        label = fitted(line.name, 12, _RIGHT - 14)[0]
        last = marked[-1]
        at = last[0] + 12 if last[0] > WIDTH - _RIGHT - plot.step else WIDTH - _RIGHT + 6
        out.append(_text(at, end - 2, label, 12, fill=ink, weight="700"))
        out.append(_text(at, end + 12, words.shown(last[2], kind), 12, fill=ink))
        if len(marked) > 1:
            out.append(_first_value(marked[0], number, words.shown(marked[0][2], kind), ink))
    return out


def _first_value(point: tuple[float, float, Decimal], number: int, text: str, ink: str) -> str:
    """The first value of a line: above its mark for the first line, below for the second unless the axis is there."""
    x, y, _ = point
    below = number and y + 22 < _TOP + _HEIGHT
    clear = max(x, _LEFT + width_of(text, 11) / 2 + 3)     # off the figures of the scale
    return _text(clear, y + (20 if below else -10), text, 11, anchor="middle", fill=ink)


def _mark(x: float, y: float, number: int, colour: str) -> str:
    """A disc for the first line, a square with a white heart for the second."""
    if number == 0:
        return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="4.2" fill="{colour}"/>'
    return _rect(x - 4, y - 4, 8, 8, "#ffffff", f' stroke="{colour}" stroke-width="2"')


# ----------------------------------------------------------------------------------------------- charts of a result

def charts(result: ObligationResult, view: str, lang: str, font: str) -> dict[str, str]:
    """The SVG of every chart of a view by the table that holds its figures: of all goods together for an importer, of
    each good for an exporter."""
    words = Words(lang)
    if view == "importer":
        found = _total_chart(result, words, font)
        return {} if found is None else {"totals": found}
    return {f"outlook-{g.id}": _good_chart(g, words, font) for g in result.goods if _known(g)}


def _known(good: GoodResult) -> bool:
    """Whether anything of its outlook is known."""
    return any(y.default.net is not None or (y.actual is not None and y.actual.net is not None) for y in good.outlook)


def _good_chart(good: GoodResult, words: Words, font: str) -> str:
    """Cost per tonne where at least two years have a cost, otherwise certificates per tonne."""
    priced = sum(y.default.cost_per_unit is not None for y in good.outlook) > 1
    return _chart(f"chart-{good.id}", good.outlook, good_name(good), "chart-cost" if priced else "chart-certificates",
                  [Line(words.data(Data.DEFAULT),
                        tuple(y.default.cost_per_unit if priced else y.default.net for y in good.outlook)),
                   *([Line(words.data(Data.ACTUAL), tuple(
                       None if y.actual is None else y.actual.cost_per_unit if priced else y.actual.net
                       for y in good.outlook))] if good.example.actual is not None else [])], words, font,
                  "eur" if priced else "see")


def _total_chart(result: ObligationResult, words: Words, font: str) -> str | None:
    totals = total_outlook(result)
    if all(t.default is None and t.actual is None for t in totals):
        return None
    priced = sum(t.default_cost is not None for t in totals) > 1
    outlook = next(g.outlook for g in result.goods)
    lines = [Line(words.data(Data.DEFAULT), tuple(t.default_cost if priced else t.default for t in totals))]
    if any(g.example.actual is not None for g in result.goods):
        lines.append(Line(words.data(Data.ACTUAL), tuple(t.actual_cost if priced else t.actual for t in totals)))
    return _chart("chart-all", outlook, words.t("chart-all"), "chart-total" if priced else "chart-total-certificates",
                  lines,
                  words, font, "eur" if priced else "certificates")


def _chart(name: str, outlook: Sequence[OutlookYear], good: str, what: str, lines: Sequence[Line], words: Words,
           font: str,
           kind: str) -> str:
    years = [y.year for y in outlook]
    title = words.t("chart-title", what=words.t(what), good=good, **{"from": years[0], "to": years[-1]})
    soft = [y.year for y in outlook if any(c.endswith((".cscf", ".benchmark-after-last")) for c in y.preliminary)]
    return line_chart(name, title, years, lines, soft, words, kind, font)
