"""The inventory on the page: charts with their tables, totals by scope, source, gas and category, lines, factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.messages import render
from zerofactory_mappings.publishing import charts, codes
from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.charts import Bar, Segment
from zerofactory_mappings.publishing.lines_view import instrument_table, line_table
from zerofactory_mappings.publishing.numbers import decimal_of, shown
from zerofactory_mappings.publishing.subjects import Subjects
from zerofactory_mappings.publishing.tables import table
from zerofactory_mappings.publishing.words import Words

BASES = ("location", "market")
UNIT = "tCO2e"
#: Sources of one chart; smaller ones are drawn together.
SOURCES_SHOWN = 12
#: Reasons that one list names.
REASONS = 8
_SCOPE_FILLS = {"1": charts.NAVY, "2": charts.TEAL, "3": charts.SAND}
_SUPPLY_FILLS = {"grid": charts.GREY, "green trade": charts.TEAL, "on-site": charts.AMBER, "direct line": charts.NAVY,
                 "dedicated supply": charts.PLUM}

Totals = Mapping[str, Any]


def inventory_view(case: Case, words: Words, fonts: str) -> dict[str, Any]:
    """``basis``, ``charts`` (caption, svg, table, note), ``tables`` and ``notes``; ``empty`` when there is none."""
    inventory = case.assessment["inventory"]
    totals = inventory.get("totals")
    if not totals:
        return {"empty": True}
    drawn = [_scopes(totals, words, fonts), _sources(totals, words, fonts)]
    if case.supply is not None and not case.public and case.supply.total:
        drawn.append(_electricity(case, words, fonts))
    tables = [_groups(totals, "gas", words.t("report.by-gas"), words.t("report.gas"), lambda k: k, words),
              _groups(totals, "iso_category", words.t("report.by-category"), words.t("report.iso-category"),
                      lambda k: words.t(f"report.iso-category.{k}"), words), _apart(case, totals, words)]
    if not case.public:
        tables += [line_table(inventory, words), instrument_table(inventory, words)]
    return {"empty": False, "basis": _basis(inventory, words), "charts": drawn, "tables": [t for t in tables if t],
            "notes": [] if case.public else _notes(case, inventory, words)}


def _basis(inventory: Mapping[str, Any], words: Words) -> str:
    """The options of the accounting in words."""
    from zerofactory_engine.accounting.options import ACCEPTED

    parts = []
    for name, value in inventory.get("options", {}).items():
        if name in ACCEPTED:
            title = ACCEPTED[name].values.get(value)
            parts.append(f"{words.pick(ACCEPTED[name].title)}{words.t('report.colon')}"
                         f"{words.pick(title) if title else value}")
    return words.t("report.list-semicolon").join(parts) + words.t("report.stop")


def amount_of(total: Mapping[str, Any] | None) -> Decimal:
    """What is known of a total, for drawing."""
    if not total:
        return Decimal(0)
    return decimal_of(total.get("tCO2e", total.get("known_part"))) or Decimal(0)


def total_text(total: Mapping[str, Any] | None, words: Words) -> str:
    """A total; where it is not known, what is known of it."""
    if not total:
        return "0"
    if "tCO2e" in total:
        return words.number(total["tCO2e"])
    if not amount_of(total):
        return words.t("report.not-known")
    return words.t("report.known-part", value=words.number(total["known_part"]))


def _uncertainty(total: Mapping[str, Any] | None, words: Words) -> str:
    """Relative half-width, and the share of the total whose rows state none."""
    given = (total or {}).get("uncertainty")
    if not given or not given.get("relative"):
        return "—"
    text = "±" + words.share(given["relative"])
    if decimal_of(given.get("not_stated")):
        text += " " + words.t("report.not-stated", share=words.share(given["not_stated"]))
    return text


def _scopes(totals: Totals, words: Words, fonts: str) -> dict[str, Any]:
    bars = []
    for basis in BASES:
        scopes = totals[basis]["by"]["scope"]
        segments = tuple(Segment(words.t("report.scope", number=s), amount_of(scopes[s]), total_text(scopes[s], words),
                                 _SCOPE_FILLS.get(s, charts.GREY)) for s in sorted(scopes))
        bars.append(Bar(words.t(f"report.{basis}-based"), segments,
                        f"{shown(amount_of(totals[basis]['all']))} {UNIT}"))
    title = words.t("report.chart.scopes")
    names = sorted({s for basis in BASES for s in totals[basis]["by"]["scope"]})
    rows: list[list[object]] = []
    groups = [(words.t("report.scope", number=s), [totals[b]["by"]["scope"].get(s) for b in BASES]) for s in names]
    groups += [(words.t("report.scopes-1-2"), [totals[b]["scopes_1_2"] for b in BASES]),
               (words.t("report.all-scopes"), [totals[b]["all"] for b in BASES])]
    for label, (location, market) in groups:
        rows.append([label, total_text(location, words), total_text(market, words), _uncertainty(location, words),
                     (location or market or {}).get("lines", "0")])
    head = ["", f"{words.t('report.location-based')} ({UNIT})", f"{words.t('report.market-based')} ({UNIT})",
            words.t("report.uncertainty"), words.t("report.line-count")]
    return {"caption": title, "svg": Markup(charts.stacked("scopes", title, bars, fonts)),  # noqa: S704 - ours, escaped
            "note": words.t("report.scope-3-note") if _unknown(totals["location"]["all"]) else "",
            "table": table("", head, rows, numeric=(1, 2, 4), totals=(len(rows) - 2, len(rows) - 1))}


def _unknown(total: Mapping[str, Any]) -> bool:
    return "tCO2e" not in total


def _sources(totals: Totals, words: Words, fonts: str) -> dict[str, Any]:
    names = codes.source_types()
    location, market = (totals[b]["by"]["source"] for b in BASES)
    ordered = sorted(location, key=lambda s: (-amount_of(location[s]), s))
    whole = amount_of(totals["location"]["all"])
    bars = [(words.pick(names.get(s, s)), amount_of(location[s]), total_text(location[s], words))
            for s in ordered[:SOURCES_SHOWN]]
    if rest := ordered[SOURCES_SHOWN:]:
        amount = Decimal(0)
        for source in rest:
            amount = CONTEXT.add(amount, amount_of(location[source]))
        bars.append((words.t("report.and-more", count=len(rest)), amount, shown(amount)))
    rows = [[words.pick(names.get(s, s)), total_text(location[s], words), total_text(market.get(s), words),
             words.share(CONTEXT.divide(amount_of(location[s]), whole)) if whole else "—"] for s in ordered]
    title = words.t("report.chart.sources")
    head = [words.t("report.source-head"), f"{words.t('report.location-based')} ({UNIT})",
            f"{words.t('report.market-based')} ({UNIT})", words.t("report.share-location")]
    return {"caption": title, "svg": Markup(charts.ranked("sources", title, bars, fonts)),  # noqa: S704 - ours, escaped
            "note": "", "table": table("", head, rows, numeric=(1, 2, 3))}


def _electricity(case: Case, words: Words, fonts: str) -> dict[str, Any]:
    supply = case.supply
    assert supply is not None
    total = supply.total

    def text(amount: Decimal) -> str:
        return f"{shown(amount)} MWh ({words.share(CONTEXT.divide(amount, total))})"

    names = {s: words.pick(codes.code_lists()["electricity_source"].get(s, {"zh": s, "en": s})) for s in supply.sources}
    segments = tuple(Segment(names[s], amount, shown(amount), _SUPPLY_FILLS[s]) for s, amount in supply.sources.items())
    bars = [Bar(words.t("report.consumed"), segments, f"{shown(total)} MWh")]
    rows = [[names[s], shown(amount), words.share(CONTEXT.divide(amount, total))]
            for s, amount in supply.sources.items()]
    rows.append([words.t("report.total"), shown(total), words.share(Decimal(1))])
    if supply.certificates:
        label = words.t("report.certificates-counting")
        covered = Segment(label, supply.certificates, text(supply.certificates), charts.TEAL, hatched=True)
        bars.append(Bar(words.t("report.attributes"), (covered,), f"{shown(supply.certificates)} MWh"))
        rows.append([label, shown(supply.certificates), words.share(CONTEXT.divide(supply.certificates, total))])
    title = words.t("report.chart.electricity")
    head = [words.t("report.supply-head"), "MWh", words.t("report.share-consumed")]
    return {"caption": title, "svg": Markup(charts.stacked("supply", title, bars, fonts)),  # noqa: S704 - ours, escaped
            "note": "" if supply.complete else words.t("report.supply-incomplete"),
            "table": table("", head, rows, numeric=(1, 2), totals=(len(supply.sources),))}


def _groups(totals: Totals, name: str, caption: str, head: str, label: Any, words: Words) -> dict[str, Any]:
    """A breakdown on both bases."""
    keys = list(dict.fromkeys(k for b in BASES for k in totals[b]["by"][name]))
    rows = [[label(k), *(total_text(totals[b]["by"][name].get(k), words) for b in BASES)] for k in keys]
    return table(caption, [head, *(f"{words.t(f'report.{b}-based')} ({UNIT})" for b in BASES)], rows, numeric=(1, 2))


def _apart(case: Case, totals: Totals, words: Words) -> dict[str, Any] | None:
    """What stands beside the scopes: biogenic CO2, other gases, exported energy, offsets."""
    names = codes.source_types()
    rows = [[words.pick(names.get(k, k)), total_text(total, words), UNIT]
            for k, total in totals["location"]["outside"].items()]
    rows += [[words.t("report.offset", name=c.name), shown(c.quantity), UNIT] for c in case.offsets]
    head = [words.t("report.apart"), words.t("report.value"), words.t("report.unit")]
    return table(words.t("report.apart-caption"), head, rows, numeric=(1,), note=words.t("report.apart-note")) \
        if rows else None


def _notes(case: Case, inventory: Mapping[str, Any], words: Words) -> list[str]:
    """What the accounting wants a reader to know, and why totals are not known."""
    subjects = Subjects(case, words)
    notes = []
    for p in inventory.get("problems", ()):
        place = p.get("place", {}).get("path", "")
        text = render(p["code"], words.language, subjects.arguments(place, p.get("args", {})))
        notes.append(f"{subjects.name(place)}{words.t('report.colon')}{text}" if place else text)
    found = [r for b in BASES for r in inventory["totals"][b]["all"].get("reasons", ())]
    notes += _reasons(found, words, subjects)
    return list(dict.fromkeys(notes))


def _reasons(found: Iterable[Mapping[str, Any]], words: Words, subjects: Subjects) -> Sequence[str]:
    texts = list(dict.fromkeys(
        f"{subjects.name(r['subject'])}{words.t('report.colon')}"
        f"{render(r['code'], words.language, subjects.arguments(r['subject'], r.get('args', {})))}" for r in found))
    more = len(texts) - REASONS
    return [*texts[:REASONS], *([words.t("report.and-more", count=more)] if more > 0 else [])]


def _used_values(inventory: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Which value of which factor entry lines and converted quantities multiply."""
    slices = [s for line in inventory.get("lines", ()) for basis in ("mass_location", "mass_market")
              for s in line.get(basis, {}).get("slices", ())]
    slices += [s for cell in inventory.get("derived", ()) for s in cell.get("slices", ())]
    used = {(term["factor"], term["name"]) for s in slices for term in s if "factor" in term}
    return frozenset(used | {(e["id"], "gwp") for e in inventory.get("factors", ()) if "gwp" in e["values"]})


def factor_tables(case: Case, words: Words) -> list[dict[str, Any]]:
    """Factor sets by role and the factors in use, as their source printed them."""
    inventory = case.assessment["inventory"]
    sets = [[words.label("role", role), f"{pin['id']} {pin['version']}"]
            for role, pin in inventory.get("factor_sets", {}).items()]
    tables = []
    if sets:
        tables.append(table(words.t("report.factor-sets"), [words.t("report.serves"), words.t("report.set")], sets))
    rows, used = [], _used_values(inventory)
    for entry in inventory.get("factors", ()):
        values = words.t("report.list-semicolon").join(
            f"{words.label('factor-value', n)} {v['stated']}" for n, v in entry["values"].items()
            if not used or (entry["id"], n) in used)
        title = words.pick(entry.get("title")) or entry["key"]
        year = f" ({entry['year']})" if entry.get("year") else ""
        source = entry["source"] + (f" · {entry['via']}" if entry.get("via") else "")
        rows.append([title + year, values, source, words.label("confidence", entry["confidence"])])
    if rows:
        head = [words.t("report.factor"), words.t("report.value"), words.t("report.source"),
                words.t("report.confidence")]
        tables.append(table(words.t("report.factors-used"), head, rows, widths=(22, 34, 30, 14)))
    return tables
