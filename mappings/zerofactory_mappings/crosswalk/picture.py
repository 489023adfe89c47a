"""The crosswalk as a picture: source types down, schemes across, one line each; drawn byte for byte the same."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from zerofactory_engine.accounting.classification import SourceType, classification
from zerofactory_engine.messages import render
from zerofactory_mappings.crosswalk.build import schemes, title_of
from zerofactory_mappings.crosswalk.check import UNSPLIT
from zerofactory_mappings.crosswalk.model import Rule, Scheme
from zerofactory_mappings.publishing.charts import fitted

WIDTH = 900
_ROW, _HEAD, _LEFT, _SIZE = 21, 58, 212, 11
#: Shares of the columns in what the names of sources leave, by scheme; others get an even share.
_SHARES: Mapping[str, float] = {"iso_14064_1": 0.2, "ghg_protocol": 0.24, "gb_t_32150": 0.27, "eu_cbam": 0.29}
#: Fill, edge and text by how a class meets the source type; the words stand in the box, colour is not alone.
_LOOKS: Mapping[str, tuple[str, str, str]] = {
    "equal": ("#dcebee", "#2f7f8f", "#173f48"), "subset": ("#dcebee", "#2f7f8f", "#173f48"),
    "superset": ("#f6eedb", "#b08a3c", "#4d3a10"), "intersects": ("#f6eedb", "#b08a3c", "#4d3a10"),
    "excluded": ("#f3f5f7", "#c9d1d8", "#5b6874"),
}


def picture(language: str, font: str = "sans-serif") -> str:
    """The picture in *language* as SVG: every source type with its class in each scheme."""
    columns = list(schemes().values())
    shares = [_SHARES.get(s.id, 1 / len(columns)) for s in columns]
    room = (WIDTH - _LEFT - 8) / sum(shares)
    starts = [_LEFT + room * sum(shares[:n]) for n in range(len(columns) + 1)]
    body: list[str] = [_text(8, 20, render("crosswalk.title", language), 15, "#1f3a5f", bold=True)]
    for number, scheme in enumerate(columns):
        body.append(_text(round(starts[number] + 4, 1), _HEAD - 10, scheme.title[language], 12, "#22303c", bold=True))
    y = float(_HEAD)
    for source in classification().sources.values():
        body.append(_text(8, y + 14.5, fitted(source.title[language], _SIZE, _LEFT - 14)[0], _SIZE, "#22303c"))
        for number, scheme in enumerate(columns):
            text, look = _cell(scheme, source, language)
            body.append(_box(starts[number], y + 1.5, starts[number + 1] - starts[number] - 6, text, _LOOKS[look]))
        y += _ROW
    for number, look in enumerate(("equal", "intersects", "excluded")):
        x = 8 + number * 255
        body.append(_box(x, y + 12, 20, "", _LOOKS[look]))
        body.append(_text(x + 26, y + 25, render(f"crosswalk.legend-{look}", language), _SIZE, "#22303c"))
    body.append(_text(8, y + 48, render("crosswalk.legend-gases", language), _SIZE, "#5b6874"))
    height = y + 60
    title, desc = render("crosswalk.title", language), render("crosswalk.picture-says", language)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="chart" viewBox="0 0 {WIDTH} {height:g}" '
            f'width="{WIDTH}" height="{height:g}" font-family="{escape(font, quote=True)}" '
            f'aria-labelledby="cw-t cw-d"><title id="cw-t">{escape(title)}</title><desc id="cw-d">{escape(desc)}</desc>'
            f'<rect width="{WIDTH}" height="{height:g}" fill="#ffffff"/>{"".join(body)}</svg>\n')


def _cell(scheme: Scheme, source: SourceType, language: str) -> tuple[str, str]:
    """Text and look of a source type in a scheme; ``*`` when some gases of it are left out or stand elsewhere."""
    gases = [*dict.fromkeys(classification().families.values()), UNSPLIT]
    rules: list[Rule] = []
    for gas in gases:
        outside = "exported" if source.code.startswith("exported_") else None
        rule = next((r for r in scheme.rules if r.fits(source.code, gas, outside)), None)
        if rule is not None and rule not in rules:
            rules.append(rule)
    inside = [r for r in rules if r.excluded is None]
    if not inside:
        return render("crosswalk.left-out", language), "excluded"
    first = inside[0]
    mark = "" if len(rules) == 1 else "* "
    if first.derived == "iso":               # the name stands at the left already
        return mark + " / ".join(source.iso_choices), first.strength or "equal"
    return mark + title_of(scheme, first, source, language), first.strength or "equal"


def _text(x: float, y: float, text: str, size: float, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{weight}>{escape(text)}</text>'


def _box(x: float, y: float, width: float, text: str, look: tuple[str, str, str]) -> str:
    fill, edge, ink = look
    box = (f'<rect x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{_ROW - 3}" rx="2" fill="{fill}" stroke="{edge}" '
           f'stroke-width="0.7"/>')
    return box + (_text(round(x + 5, 1), y + 13, fitted(text, _SIZE - 0.5, width - 10)[0], _SIZE - 0.5, ink)
                  if text else "")
