"""The comparison as a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zerofactory_engine.accounting.totals import BASES
from zerofactory_mappings.years.check import INDETERMINATE, MET, Check
from zerofactory_mappings.years.decompose import EFFECTS
from zerofactory_mappings.years.model import LIKE, REPORTED, Comparison
from zerofactory_mappings.years.names import group_title
from zerofactory_mappings.years.pages import verdict_text
from zerofactory_mappings.years.words import Words


def lines_of(comparison: Comparison, checks: Sequence[Check], language: str) -> Iterator[str]:
    """Totals, effects, the answer about the base year, what is not met or not known, and the reasons."""
    words = Words(language)
    labels = [y.label for y in comparison.years]
    yield f"{words.facility(comparison)}  {' · '.join(labels)}"
    for view in (REPORTED, LIKE) if comparison.differs else (LIKE,):
        for group in ("scopes_1_2", "all"):
            for basis in BASES:
                found = comparison.of(view, group, basis)
                name = words.t("group-on-basis", group=words.pick(group_title(group)), basis=words.t(f"basis-{basis}"))
                figures = " · ".join(words.amount(v) for v in found.values)
                yield f"{words.t(f'view-{view}')}  {name}: {figures} tCO2e  ({words.share(found.relative(-1, 0))})"
    if comparison.measure is not None:
        yield f"{words.t('fact-measure')}: {words.measure(comparison.measure)}"
    for d in comparison.decompositions:
        effects = ", ".join(f"{words.t(f'effect-{e}')} {words.change(d.effects[e])}" for e in EFFECTS)
        name = words.t("group-on-basis", group=words.pick(group_title(d.group)), basis=words.t(f"basis-{d.basis}"))
        yield (f"{words.t('from-to', first=d.first, last=d.second)}  {name}: "
               f"{words.change(d.change)} tCO2e = {effects}")
    yield words.answer(comparison.recalculation.triggered)
    for step in comparison.recalculation.steps:
        alone = " / ".join(dict.fromkeys(words.change(step.alone[b]) for b in BASES))
        yield f"  {words.t(f'kind-{step.change.kind}')}: {words.said(step.change.what)}  {alone} tCO2e"
    for check in checks:
        if check.verdict != MET:
            mark = "?" if check.verdict == INDETERMINATE else "×"
            yield f"{mark} {words.t(check.code.removeprefix('years.'))}: {verdict_text(check, words)}"
    for why in words.why():
        yield f"? {why}"
