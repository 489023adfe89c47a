"""The plan and the findings of a verification as a report, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Problem
from zerofactory_engine.proof import Step
from zerofactory_mappings.disclosures.page import Block, Document, Facts, Grid, Note, Paragraph, Picture, Section
from zerofactory_mappings.publishing import charts
from zerofactory_mappings.publishing.fonts import font_set
from zerofactory_mappings.publishing.numbers import shown
from zerofactory_mappings.verification import layout, tables
from zerofactory_mappings.verification.materiality import text_of
from zerofactory_mappings.verification.model import Evaluation, Misstatement
from zerofactory_mappings.verification.sampling import Sampled, SamplingPlan
from zerofactory_mappings.verification.view import DASH, UNIT, Words, facility, organisation, title
from zerofactory_mappings.verification.write import issued, json_bytes

#: Rows of a list that a page holds; the workbook holds more, the JSON file all.
ROWS = 60
#: Bars of the chart of sources.
_BARS = 10


def document(made: Evaluation, language: str, *, findings: bool) -> Document:
    """The report: of the plan, or (*findings*) of what the verifier found and the opinion that follows."""
    words = Words(language)
    facts = [(words.t("guide.subject"), organisation(made, words)),
             (words.t("fact.subject.facility"), facility(made, words)),
             (words.t("fact.subject.period"), f"{made.statement.dossier.period.start} – "
                                              f"{made.statement.dossier.period.end}"),
             (words.t("fact.engagement.assurance"), words.word("assurance", made.assurance)),
             (words.t("fact.verifier.name"), made.root.part("verifier").text("name") or DASH)]
    return Document(
        kind=words.t("kind.findings" if findings else "kind.plan"), title=title(made, words, findings),
        subtitle=words.t("subtitle"), facts=facts, notices=[words.t("working-paper")],
        sections=list(_sections(made, words, findings)), language=language, issued=issued(made.root),
        json=json_bytes(made), json_name="verification.json",
        first=[_key_figures(made, words, findings)])


def _sections(made: Evaluation, words: Words, findings: bool) -> Iterator[Section]:
    if findings:
        yield Section("opinion", words.t("section.opinion"), list(_opinion(made, words)))
        yield Section("misstatements", words.t("section.misstatements"), list(_misstatements(made, words)))
    yield Section("engagement", words.t("section.engagement"), list(_engagement(made, words)))
    yield Section("materiality", words.t("section.materiality"), list(_materiality(made, words)))
    yield Section("sampling", words.t("section.sampling"), list(_sampling(made, words)))
    yield Section("sheets", words.t("section.sheets"), list(_sheets(made, words)))
    if findings:
        yield Section("elements", words.t("section.elements"), [_elements(made, words)])
        yield Section("proof", words.t("section.proof"), [_proof(made, words)])
    else:
        yield Section("open", words.t("section.open"), list(_open(made, words)))


def _key_figures(made: Evaluation, words: Words, findings: bool) -> Block:
    held = made.total.threshold
    rows = [(words.t("guide.total"), f"{words.with_unit(made.total.reported)} "
                                     f"({words.word('basis', made.statement.basis)})"),
            (words.t("column.threshold"), words.t("answer.unknown") if held is None or held.value is None
             else f"{shown(held.value)} {UNIT} ({text_of(held)})"),
            (words.t("guide.sample"), words.t("guide.sampled", selected=len(made.sampling.selected),
                                              lines=len(made.sampling.rows), share=words.share(made.sampling.reached)))]
    if findings:
        rows += [(words.t("key.net"), f"{words.signed(made.total.net)} {UNIT} ({words.share(made.total.share)})"),
                 (words.t("guide.follows"), words.opinion(made.opinion.follows))]
    return Facts(words.t("key-figures"), rows)


# --- opinion ----------------------------------------------------------------------------------------------------------

def _opinion(made: Evaluation, words: Words) -> Iterator[Block]:
    opinion = made.opinion
    kind = "info" if opinion.follows == "unmodified" else "warning"
    yield Note(kind, words.t("follows", opinion=words.opinion(opinion.follows)))
    yield Paragraph(words.t(f"basis-of.{opinion.basis}"))
    if opinion.follows == "open":
        yield Paragraph(words.t("can-become", opinions=words.opinions(opinion.candidates)))
    stated = made.root.part("opinion").text("type")
    yield Paragraph(words.t("stated-opinion", opinion=words.opinion(stated) if stated else DASH))
    if made.assurance is not None:
        form = tables.words("assurance")[made.assurance]["conclusion"][words.language]
        yield Paragraph(words.t("form", level=words.word("assurance", made.assurance), form=form))
    for name in ("against", "missing", "remarks"):
        found: Sequence[Problem] = getattr(opinion, name)
        if found:
            yield _reasons(words.t(f"matter.{name}"), found, words)
    if made.problems:
        yield _reasons(words.t("matter.problems"), made.problems, words)


def _reasons(head: str, found: Sequence[Problem], words: Words) -> Grid:
    told = words.grouped(found)
    rows = [[str(n), text] for n, text in enumerate(told[:ROWS], 1)]
    rest = len(told) - ROWS
    return Grid(head, [words.t("column.order"), words.t("column.reason")], rows, widths=(8, 92),
                note=words.t("and-more", count=rest) if rest > 0 else "")


def _open(made: Evaluation, words: Words) -> Iterator[Block]:
    yield Paragraph(words.t("open-note"))
    yield _reasons(words.t("matter.missing"), made.opinion.missing, words)


# --- misstatements ----------------------------------------------------------------------------------------------------

def _misstatements(made: Evaluation, words: Words) -> Iterator[Block]:
    if not made.misstatements:
        yield Paragraph(words.t("no-misstatements"))
    else:
        yield Grid(words.t("sheet.misstatements"),
                   [words.t(f"column.{n}") for n in ("id", "description", "target", "reported", "corrected", "effect",
                                                      "share", "state", "material")],
                   [_misstatement(m, words) for m in made.misstatements[:ROWS]], numeric=(3, 4, 5, 6),
                   widths=(6, 20, 17, 12, 9, 10, 10, 8, 8), note=words.t("sign-note"))
    rows = []
    for a in made.aggregates:
        judged = a.of == "total" or any(t.of == a.of for t in made.thresholds)
        rows.append([words.of(a.of), words.tonnes(a.reported), words.signed(a.over), words.signed(a.under),
                     words.signed(a.net), shown(a.gross),
                     DASH if a.threshold is None or a.threshold.value is None else shown(a.threshold.value),
                     words.share(a.share), words.answer(a.material) if judged else DASH])
    yield Grid(words.t("sheet.together"), [words.t(f"column.{n}") for n in (
        "of", "reported", "over", "under", "net", "gross", "threshold", "share", "material")], rows,
        numeric=(1, 2, 3, 4, 5, 6, 7), totals=(0,), widths=(20, 12, 11, 11, 11, 10, 9, 8, 8),
        note=words.t("together-note"))
    if made.projected is not None:
        yield Paragraph(words.t("projected", amount=words.signed(made.projected),
                                interval=shown(made.sampling.interval or Decimal(0))))
    yield from _list(made, words, layout.NONCONFORMITIES,
                     ("id", "clause", "description", "state", "material", "pervasive"), (8, 20, 36, 14, 11, 11))
    yield from _list(made, words, layout.LIMITATIONS, ("id", "description", "line", "category", "pervasive"),
                     (8, 42, 24, 14, 12))
    yield from _list(made, words, layout.AFTER, ("on", "what", "action"), (14, 46, 40))


def _misstatement(m: Misstatement, words: Words) -> list[str]:
    return [m.id if m.logged else "*", m.description or DASH, _target(m, words), m.reported or DASH,
            m.corrected or DASH, words.signed(m.effect), words.share(m.effects[0].share if m.effects else None),
            words.word("state", "open" if m.open else "corrected"), words.answer(m.material)]


def _target(m: Misstatement, words: Words) -> str:
    """The line, the cell or the category that is corrected."""
    return (words.of(f"category/{m.target}") if m.way == "category" and m.target else m.target) or DASH


def _list(made: Evaluation, words: Words, table: layout.Table, names: Sequence[str], widths: Sequence[int]
          ) -> Iterator[Block]:
    kinds = {c.id: c.kind or "" for c in table.columns}
    rows = []
    for part in made.root.each(table.section):
        cells = []
        for name in names:
            value = part.values.get(name)
            if name == "pervasive" and value is None:
                cells.append(DASH)                     # asked only where something is material
            elif kinds[name] == layout.YESNO:
                cells.append(words.answer(part.flag(name)))
            elif kinds[name].startswith("code:"):
                cells.append(words.word(kinds[name].partition(":")[2], None if value is None else str(value)))
            else:
                cells.append(DASH if value is None else str(value))
        rows.append(cells)
    if rows:
        yield Grid(words.t(f"sheet.{table.id}"), [words.t(f"column.{n}") for n in names], rows[:ROWS],
                   widths=widths)


# --- plan -------------------------------------------------------------------------------------------------------------

def _engagement(made: Evaluation, words: Words) -> Iterator[Block]:
    for facts in (layout.SUBJECT, layout.ENGAGEMENT):
        yield Facts(words.t(f"sheet.{facts.id}"), list(_facts(made, words, facts)))
    team = made.root.each("team")
    if team:
        yield Grid(words.t("sheet.team"), [words.t("column.name"), words.t("column.role")],
                   [[p.text("name") or DASH, p.text("role") or DASH] for p in team], widths=(40, 60))


def _facts(made: Evaluation, words: Words, facts: layout.Facts) -> Iterator[tuple[str, str]]:
    """The facts that are stated."""
    for path, kind in facts.paths.items():
        value = made.root.at(path)
        if value in (None, "", []):
            continue
        area = kind.partition(":")[2]
        if isinstance(value, list):
            text = words.t("comma").join(str(v) for v in value)
        elif area:
            text = words.word(area, str(value))
        else:
            text = shown(value) if isinstance(value, Decimal) else str(value)
        yield layout.fact_title(path, words.language), text


def _materiality(made: Evaluation, words: Words) -> Iterator[Block]:
    rows = [[words.of(t.of), text_of(t), words.tonnes(t.value), words.answer(t.holds),
             (tables.title("rule", t.rule, words.language) if t.rule else None) or t.source or words.t("as-agreed"),
             words.t(f"confidence.{t.confidence}") if t.confidence else DASH] for t in made.thresholds]
    yield Grid(words.t("sheet.materiality"), [words.t(f"column.{n}") for n in (
        "of", "stated_as", "threshold", "holds", "source", "confidence")], rows, numeric=(2,),
        widths=(24, 16, 16, 10, 22, 12), note=words.t("materiality-note"))


def _sampling(made: Evaluation, words: Words) -> Iterator[Block]:
    plan = made.sampling
    yield Paragraph(words.t("sampling-text", coverage=words.share(plan.coverage), reached=words.share(plan.reached),
                            selected=len(plan.selected), lines=len(plan.rows)))
    if plan.interval is not None and plan.start is not None:
        yield Paragraph(words.t("intervals", units=plan.units, interval=shown(plan.interval), start=shown(plan.start)))
    yield _chart(made, words)
    yield Grid(words.t("looked-at"), [words.t(f"column.{n}") for n in (
        "order", "line", "title", "category", "tCO2e", "share", "cumulative", "reason")],
        [[str(n), r.of.id, words.line(r.of), r.of.category, words.tonnes(r.of.emissions), words.share(r.share),
          words.share(r.cumulative), words.t(f"sampled.{r.reason}", hits=r.hits)]
         for n, r in enumerate(plan.selected[:ROWS], 1)],
        numeric=(0, 4, 5, 6), widths=(6, 18, 20, 10, 11, 9, 11, 15),
        note=words.t("and-more", count=len(plan.selected) - ROWS) if len(plan.selected) > ROWS else "")
    yield _by_category(plan, words)


def _chart(made: Evaluation, words: Words) -> Picture:
    """The largest sources, by the size of what they contribute."""
    sums: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    for row in made.sampling.rows:
        key = f"{row.of.source}/{row.of.carrier or ''}"
        names.setdefault(key, words.line(row.of))
        sums[key] = CONTEXT.add(sums.get(key, Decimal(0)), abs(row.of.emissions or Decimal(0)))
    ordered = sorted(sums, key=lambda k: (-sums[k], k))
    gross = made.sampling.gross
    bars = [(names[k], sums[k], f"{shown(sums[k])} ({words.share(CONTEXT.divide(sums[k], gross) if gross else None)})")
            for k in ordered[:_BARS]]
    caption = words.t("chart.sources")
    return Picture(caption, charts.ranked("verification-sources", caption, bars, font_set().css),
                   Grid("", [words.t("column.title"), UNIT, words.t("column.share")],
                        [[names[k], shown(sums[k]), words.share(CONTEXT.divide(sums[k], gross) if gross else None)]
                         for k in ordered], numeric=(1, 2)))


def _by_category(plan: SamplingPlan, words: Words) -> Grid:
    """How much of each category is looked at."""
    rows = []
    for category in sorted({r.of.category for r in plan.rows}):
        lines = [r for r in plan.rows if r.of.category == category]
        whole, looked = (_size(lines, only) for only in (False, True))
        rows.append([words.of(f"category/{category}"), str(len(lines)), str(sum(r.selected for r in lines)),
                     shown(whole), shown(looked), words.share(CONTEXT.divide(looked, whole) if whole else None)])
    return Grid(words.t("by-category"), [words.t(f"column.{n}") for n in (
        "of", "lines", "looked_at", "gross", "gross_looked_at", "share")], rows, numeric=(1, 2, 3, 4, 5))


def _size(rows: Sequence[Sampled], only: bool) -> Decimal:
    total = Decimal(0)
    for row in rows:
        if row.selected or not only:
            total = CONTEXT.add(total, abs(row.of.emissions or Decimal(0)))
    return total


# --- sheets of the packs ----------------------------------------------------------------------------------------------

def _sheets(made: Evaluation, words: Words) -> Iterator[Block]:
    found = made.evidence
    if found.heat:
        yield Grid(words.t("sheet.heat"), [words.t(f"column.{n}") for n in (
            "row", "medium", "period", "GJ", "verified_GJ", "sampled", "confirmed")],
            [[h.row.id, words.named(h.row.get("medium"), "heat_medium"), words.period(h.row) or DASH,
              words.tonnes(h.gj), DASH if h.verified is None else shown(h.verified), words.answer(h.sampled),
              words.answer(h.confirmed)]
             for h in found.heat[:ROWS]], numeric=(3, 4))
    if found.meters:
        yield Grid(words.t("sheet.metering"), [words.t(f"column.{n}") for n in (
            "meter", "title", "accuracy", "calibrated_until", "valid", "sampled", "seen", "calibrated")],
            [[m.row.id, str(m.row.get("name") or DASH), str(m.row.get("accuracy") or DASH),
              str(m.row.get("calibrated_until") or DASH), words.answer(m.valid), words.answer(m.sampled),
              words.answer(m.seen), words.answer(m.calibrated)] for m in found.meters[:ROWS]],
            widths=(11, 24, 10, 15, 12, 10, 9, 9))
    if found.gaps:
        yield Grid(words.t("sheet.gaps"), [words.t(f"column.{n}") for n in (
            "gap", "gap_kind", "about", "reason", "accepted_gap")],
                   [[g.id, words.t(f"gap.{g.kind}"), g.about, words.gap_reason(g) or DASH, words.answer(g.accepted)]
                    for g in found.gaps[:ROWS]], widths=(16, 20, 18, 32, 14))
    compared = [c for c in found.checks if c.values]
    if compared:
        yield Grid(words.t("sheet.cross_checks"), [words.t(f"column.{n}") for n in (
            "row", "reported", "unit", "sources", "difference", "tolerance_percent", "within")],
            [[c.key, words.tonnes(c.reported), words.unit(c.unit) or "",
              "; ".join(f"{_source(n, words)} {plain(v)}" for n, v in c.values.items()),
              words.share(c.difference), words.share(c.tolerance), words.answer(c.within)] for c in compared[:ROWS]],
            numeric=(1, 4, 5), widths=(19, 13, 8, 30, 10, 10, 10))
    if not (found.heat or found.meters or found.gaps or compared):
        yield Paragraph(words.t("no-sheets"))


def _source(name: str, words: Words) -> str:
    """A source of a cross-check: the verifier's by its name, the dossier's by its letter."""
    if name == "b_reconciled":
        return words.t("b-reconciled")
    return name.upper() if len(name) == 1 else words.t(f"column.{'meter_value' if name == 'meter' else name}")


def _elements(made: Evaluation, words: Words) -> Grid:
    rows = []
    for e in made.elements:
        state = "not_applicable" if e.missing is None else "missing" if e.missing else "present"
        rows.append([e.title[words.language], words.t(f"standing.{state}"),
                     words.t("comma").join(layout.fact_title(f, words.language) for f in e.missing or ()) or DASH])
    return Grid(words.t("sheet.elements"), [words.t(f"column.{n}") for n in ("element", "standing", "fields")], rows,
                widths=(40, 18, 42), note=words.t("elements-note"))


def _proof(made: Evaluation, words: Words) -> Grid:
    """The steps from the reported total to the opinion; the file that a PDF carries has all of them."""
    rows = []
    for step in made.proof.below("opinion"):
        rows.append([step.id, words.t(f"step-kind.{step.kind}"), _value(step, words), ", ".join(step.operands) or DASH])
    rest = len(rows) - ROWS
    return Grid(words.t("section.proof"), [words.t(f"column.{n}") for n in ("step", "how", "value", "operands")],
                rows[-ROWS:], widths=(25, 22, 23, 30), note=words.t("and-more", count=rest) if rest > 0 else "")


def _value(step: Step, words: Words) -> str:
    if step.kind == "shown":
        return DASH
    if step.value is None or isinstance(step.value, bool):
        return words.answer(step.value)
    if isinstance(step.value, Decimal):
        return plain(step.value)
    return words.opinion(str(step.value)) if step.id == "opinion" else str(step.value)


# --- terminal ---------------------------------------------------------------------------------------------------------

def summary_lines(made: Evaluation, language: str) -> Iterator[str]:
    """Total, thresholds and sample, for a terminal."""
    words = Words(language)
    yield f"{words.t('guide.total')}: {words.with_unit(made.total.reported)}"
    for t in made.thresholds:
        yield (f"{words.t('column.threshold')} ({words.of(t.of)}): {words.with_unit(t.value)} = {text_of(t)}"
               + ("" if t.holds else f" – {words.t('does-not-hold')}"))
    yield f"{words.t('guide.sample')}: " + words.t(
        "guide.sampled", selected=len(made.sampling.selected), lines=len(made.sampling.rows),
        share=words.share(made.sampling.reached))


def finding_lines(made: Evaluation, language: str) -> Iterator[str]:
    """Misstatements together and the opinion with its reasons, for a terminal."""
    words = Words(language)
    a = made.total
    yield words.t("together-line", net=words.signed(a.net), over=words.signed(a.over), under=words.signed(a.under),
                  gross=shown(a.gross), material=words.answer(a.material))
    yield words.t("follows", opinion=words.opinion(made.opinion.follows))
    if made.opinion.follows == "open":
        yield words.t("can-become", opinions=words.opinions(made.opinion.candidates))
    for name in ("against", "missing", "remarks"):
        for text in words.grouped(getattr(made.opinion, name)):
            yield f"  {words.t(f'matter.{name}')}: {text}"
