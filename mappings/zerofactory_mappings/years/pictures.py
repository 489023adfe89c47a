"""The charts of a comparison, each with the figures that it shows."""

from __future__ import annotations

from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.page import Picture
from zerofactory_mappings.publishing.charts import NAVY, SAND, SKY
from zerofactory_mappings.years.charts import Band, Curve, Stage, columns, curves, waterfall
from zerofactory_mappings.years.decompose import EFFECTS, Decomposition
from zerofactory_mappings.years.model import LIKE, REPORTED, Comparison
from zerofactory_mappings.years.names import group_title
from zerofactory_mappings.years.words import Words

#: Scopes of the two pictures of the trend, with their fills and the total that stands above.
TREND = {"direct": ("scopes_1_2", (("scope/1", NAVY), ("scope/2", SKY))),
         "all": ("all", (("scope/1", NAVY), ("scope/2", SKY), ("scope/3", SAND)))}
#: Years that a waterfall shows one after the other; of more, only the first and the last.
CHAINED = 4
#: Curves that stay apart in one picture.
CURVES = 6


def trend_picture(comparison: Comparison, words: Words, which: str, fonts: str) -> Picture:
    """Scopes by year, location-based and like for like; the open mark is the total as it was reported, else the
    market-based one."""
    whole, scopes = TREND[which]
    total = comparison.of(LIKE, whole, "location")
    bands = []
    for group, fill in scopes:
        found = [s for s in comparison.series if (s.view, s.group, s.basis) == (LIKE, group, "location")]
        if found:
            bands.append(Band(words.pick(group_title(group)), fill, found[0].compared,
                              [words.amount(v) for v in found[0].compared]))
    reported, market = comparison.of(REPORTED, whole, "location"), comparison.of(LIKE, whole, "market")
    beside: tuple[str, tuple[Amount, ...]] | None = None
    if reported.compared != total.compared:
        beside = (words.t("mark-reported"), reported.compared)
    elif market.compared != total.compared:
        beside = (words.t("mark-market"), market.compared)
    caption = words.t(f"picture-trend-{which}")
    return Picture(caption, columns(f"years-trend-{which}", caption, [y.label for y in comparison.years], bands,
                                    [words.amount(v) for v in total.compared], beside, fonts))


def intensity_picture(comparison: Comparison, words: Words, fonts: str) -> Picture | None:
    """Scopes 1 and 2 for each unit of each measure, location-based, as an index of the first year."""
    rows = []
    for measure in comparison.measures:
        found = next(s for s in comparison.intensities
                     if (s.measure, s.group, s.basis) == (measure.id, "scopes_1_2", "location"))
        if not isinstance(found.values[0], Unknown) and found.values[0]:
            rows.append(Curve(words.pick(measure.title), found.values,
                              f"{words.amount(found.values[-1])} {words.unit(found.unit)}"))
    if not rows:
        return None
    caption = words.t("picture-intensity", first=comparison.years[0].label)
    note = words.t("note-curves", count=len(rows) - CURVES) if len(rows) > CURVES else ""
    return Picture(caption, curves("years-intensity", caption, [y.label for y in comparison.years], rows[:CURVES],
                                   fonts), note=note)


def waterfall_picture(comparison: Comparison, words: Words, group: str, basis: str, fonts: str) -> Picture:
    """The totals of the years and the effects between them."""
    found = [d for d in comparison.decompositions if (d.group, d.basis) == (group, basis)]
    count = len(comparison.years)
    chain = found[:count - 1] if count <= CHAINED else found[-1:]
    stages = [_level(chain[0].first, chain[0].before, words)]
    for each in chain:
        stages += [*_steps(each, words), _level(each.second, each.after, words)]
    caption = words.t("picture-waterfall", group=words.pick(group_title(group)), basis=words.t(f"basis-{basis}"))
    legend = (words.t("legend-less"), words.t("legend-more"), words.t("legend-broken"))
    note = words.t("note-first-last") if count > CHAINED else ""
    return Picture(caption, waterfall(f"years-waterfall-{group}-{basis}", caption, stages, legend, fonts), note=note)


def _level(label: str, amount: Amount, words: Words) -> Stage:
    return Stage(label, amount, words.amount(amount), level=True)


def _steps(found: Decomposition, words: Words) -> list[Stage]:
    return [Stage(words.t(f"effect-{e}"), found.effects[e], words.change(found.effects[e])) for e in EFFECTS]
