"""The crosswalk as JSON, as sheets and as pages: the table itself, or the lines of dossiers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.totals import BASES, total
from zerofactory_engine.messages import render
from zerofactory_mappings.crosswalk.build import by_class, schemes
from zerofactory_mappings.crosswalk.model import Placed, Rule, Scheme

if TYPE_CHECKING:
    from zerofactory_mappings.disclosures.page import Document
    from zerofactory_mappings.publishing.workbook import Sheet

FORMAT = "zerofactory/crosswalk-lines/1"


def as_json(lines: Sequence[Placed]) -> dict[str, Any]:
    """Every line with its places, and the totals of every class in tCO2e on both bases."""
    return {"format": FORMAT, "classification": classification().version,
            "schemes": {name: {"title": dict(s.title), "edition": s.edition, "confidence": s.confidence,
                               "classes": _classes(lines, name)} for name, s in schemes().items()},
            "lines": [each.as_json() for each in lines]}


def _classes(lines: Sequence[Placed], scheme: str) -> list[dict[str, Any]]:
    out = []
    for key, of in by_class(lines, scheme).items():
        found = {basis: total(of, basis).as_json() for basis in BASES}
        out.append({"excluded" if key.startswith("-") else "class": key.removeprefix("-"), "lines": str(len(of)),
                    **found})
    return out


def table_rows(language: str) -> list[list[str]]:
    """The rules of all schemes as texts: scheme, source types, gases, class or reason, strength, clause, note."""
    return [_rule_row(scheme, rule, language) for scheme in schemes().values() for rule in scheme.rules]


def _rule_row(scheme: Scheme, rule: Rule, language: str) -> list[str]:
    table = classification()
    sources = (render("crosswalk.any", language) if rule.sources is None else
               "; ".join(s.title[language] for code, s in table.sources.items() if code in rule.sources))
    inside = {"none": render("crosswalk.inside", language)}
    places = "" if rule.outside is None else "; ".join(
        inside.get(o) or table.outside[o][language] for o in sorted(rule.outside))
    if rule.biogenic is not None:
        origin = render(f"crosswalk.biogenic-{'yes' if rule.biogenic else 'no'}", language)
        places = f"{places}; {origin}" if places else origin
    gases = "" if rule.gases is None else ", ".join(sorted(rule.gases))
    if rule.excluded is not None:
        what, how = rule.excluded[language], render("crosswalk.left-out", language)
    else:
        what = (scheme.classes[rule.class_id][language] if rule.class_id else
                render(f"crosswalk.derived-{rule.derived}", language))
        how = render(f"crosswalk.strength-{rule.strength}", language)
    return [scheme.title[language], sources, places, gases, what, how, rule.clause,
            render(f"disclosure.confidence.{rule.confidence}", language), (rule.note or {}).get(language, "")]


def head(language: str) -> list[str]:
    """Headings of :func:`table_rows`."""
    return [render(f"crosswalk.head-{n}", language) for n in (
        "scheme", "sources", "place", "gases", "class", "strength", "clause", "confidence", "note")]


def sheets(lines: Sequence[Placed], language: str) -> Sequence[Sheet]:
    """The rules; with *lines* also each line in each scheme, and the totals of the classes."""
    from zerofactory_mappings.publishing.workbook import Cell
    from zerofactory_mappings.publishing.workbook import Sheet as Page

    out = [Page(render("crosswalk.sheet-rules", language), head(language), table_rows(language),
                render("crosswalk.title", language), (22, 44, 18, 16, 40, 18, 34, 16, 40))]
    if not lines:
        return out
    names = list(schemes())
    rows: list[Sequence[Cell]] = []
    for each in lines:
        rows.append([each.dossier, each.line.id, each.line.source.title[language], each.line.gas,
                     *(_place_text(each, n, language) for n in names)])
    front = [render(f"crosswalk.head-{n}", language) for n in ("dossier", "line", "source", "gas")]
    out.append(Page(render("crosswalk.sheet-lines", language),
                    [*front, *(schemes()[n].title[language] for n in names)], rows,
                    render("crosswalk.sheet-lines", language), (22, 30, 22, 10, *[40] * len(names))))
    totals: list[Sequence[Cell]] = []
    for name in names:
        for key, title, of in class_titles(lines, name, language):
            location, market = (total(of, basis).value for basis in BASES)
            totals.append([schemes()[name].title[language], title, len(of), render(
                "crosswalk.left-out" if key.startswith("-") else "crosswalk.in", language),
                *(v if isinstance(v, Decimal) else render("crosswalk.unknown", language) for v in (location, market))])
    out.append(Page(render("crosswalk.sheet-totals", language),
                    [render(f"crosswalk.head-{n}", language) for n in (
                        "scheme", "class", "lines", "state", "location", "market")],
                    totals, render("crosswalk.sheet-totals", language), (24, 52, 8, 14, 20, 20)))
    return out


def _place_text(each: Placed, scheme: str, language: str) -> str:
    place = each.places[scheme]
    if place.title is not None:
        return place.title[language]
    return render("crosswalk.excluded-because", language, {
        "reason": (place.rule.excluded or {}).get(language, ""), "clause": place.rule.clause})


def class_titles(lines: Sequence[Placed], scheme: str, language: str) -> list[tuple[str, str, list[Any]]]:
    """Key, title and lines of every class and every exclusion of a scheme."""
    titles: dict[str, str] = {}
    for each in lines:
        place = each.places[scheme]
        key = place.class_id if place.class_id is not None else f"-{place.rule.id}"
        titles.setdefault(key, place.title[language] if place.title else _place_text(each, scheme, language))
    return [(key, titles[key], of) for key, of in by_class(lines, scheme).items()]


def document(lines: Sequence[Placed], names: Mapping[str, str], language: str, issued: date) -> Document:
    """Picture and rules; with *lines* the totals of the classes of every scheme."""
    from zerofactory_mappings.crosswalk.picture import picture
    from zerofactory_mappings.disclosures.page import Block, Document, Grid, Picture, Section
    from zerofactory_mappings.publishing.fonts import font_set
    from zerofactory_mappings.publishing.numbers import shown

    def say(code: str) -> str:
        return render(f"crosswalk.{code}", language)

    sections: list[Section] = []
    if lines:
        blocks: list[Block] = []
        for name, scheme in schemes().items():
            rows = []
            for key, title, of in class_titles(lines, name, language):
                values = [total(of, basis).value for basis in BASES]
                rows.append([title, say("left-out") if key.startswith("-") else say("in"), str(len(of)),
                             *(shown(v) if isinstance(v, Decimal) else say("unknown") for v in values)])
            blocks.append(Grid(scheme.title[language], [say("head-class"), say("head-state"), say("head-lines"),
                                                        say("head-location"), say("head-market")], rows, (2, 3, 4),
                               widths=(46, 14, 8, 16, 16)))
        sections.append(Section("totals", say("sheet-totals"), blocks))
    keep = (0, 1, 3, 4, 5, 6)
    rows = [[_with_place(row) if n == 1 else row[n] for n in keep] for row in table_rows(language)]
    sections.append(Section("rules", say("sheet-rules"), [
        Grid("", [head(language)[n] for n in keep], rows, widths=(13, 30, 9, 24, 10, 14))]))
    return Document(say("title"), names.get(language) or say("title"), say("subtitle"), (), (), sections, language,
                    issued, first=[Picture("", picture(language, font_set().css))])


def _with_place(row: Sequence[str]) -> str:
    """Source types of a rule and where their lines stand."""
    return f"{row[1]} · {row[2]}" if row[2] else row[1]
