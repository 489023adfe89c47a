"""Line items and contractual instruments of an inventory, drawn together where they are alike."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from zerofactory_engine.decimals import CONTEXT
from zerofactory_mappings.publishing import codes
from zerofactory_mappings.publishing.numbers import decimal_of, shown
from zerofactory_mappings.publishing.tables import table
from zerofactory_mappings.publishing.words import Words

#: Groups of line items that are printed.
GROUPS = 80
_SUMS = ("tCO2e_location", "tCO2e_market")


def line_table(inventory: Mapping[str, Any], words: Words) -> dict[str, Any] | None:
    """Lines of one source, carrier, gas and scope together: rows, warming potential, tCO2e on both bases."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for line in inventory["lines"]:
        key = (line["scope"], line["source"], line.get("carrier", ""), line["gas"], line.get("outside", ""),
               str(line["gwp"]))
        groups.setdefault(key, []).append(line)
    if not groups:
        return None
    rows = [_line_group(key, lines, words) for key, lines in sorted(groups.items())]
    more = len(rows) - GROUPS
    head = [words.t("report.source-head"), words.t("report.scope", number=""), words.t("report.carrier"),
            words.t("report.gas"), words.t("report.rows"), "GWP", f"{words.t('report.location-based')} (tCO2e)",
            f"{words.t('report.market-based')} (tCO2e)"]
    return table(words.t("report.lines-head"), head, rows[:GROUPS], numeric=(4, 5, 6, 7),
                 widths=(23, 11, 16, 11, 7, 9, 12, 11),
                 note=words.t("report.and-more-rows", count=more) if more > 0 else words.t("report.lines-note"))


def _line_group(key: tuple[str, ...], lines: list[Mapping[str, Any]], words: Words) -> list[str]:
    scope, source, carrier, gas, outside, gwp = key
    names = codes.source_types()
    title = words.pick(names.get(source, source))
    carrier_name = codes.name_of(carrier, words.language, "carriers") or words.label("carrier", carrier)
    sums = [_sum(lines, column, words) for column in _SUMS]
    where = words.pick(names.get(outside, outside)) if outside else scope
    return [title, where, carrier_name or "—", gas, str(len(lines)), words.number(gwp), *sums]


def _sum(lines: list[Mapping[str, Any]], column: str, words: Words) -> str:
    """The sum of a column; not known as soon as one line is not."""
    total = Decimal(0)
    for line in lines:
        number = decimal_of(line[column])
        if number is None:
            return words.t("report.not-known")
        total = CONTEXT.add(total, number)
    return shown(total)


def instrument_table(inventory: Mapping[str, Any], words: Words) -> dict[str, Any] | None:
    """Contracts and certificates with the eight quality criteria of the market-based figure."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for item in inventory.get("instruments", ()):
        name, _, row = item["row"].partition("/")
        criteria = item["criteria"]
        key = (name, item["counts"], *(criteria[n] for n in sorted(criteria, key=int)))
        groups.setdefault(key, []).append(row)
    if not groups:
        return None
    rows = []
    for (name, counts, *answers), ids in groups.items():
        title = words.pick(codes.table_title(name) or name)
        span = f"{ids[0]} – {ids[-1]} ({len(ids)})" if len(ids) > 1 else ids[0]
        marks = [words.label("answer-mark", a) for a in answers]
        rows.append([f"{title} {span}", words.label("answer", counts), *marks])
    head = [words.t("report.instrument"), words.t("report.counts"), *(str(n) for n in range(1, len(rows[0]) - 1))]
    return table(words.t("report.instruments"), head, rows, note=words.t("report.instruments-note"))
