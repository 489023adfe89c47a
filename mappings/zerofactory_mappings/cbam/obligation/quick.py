"""The quick mode: one consignment from options, checked by the same rules as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar
from zerofactory_mappings.cbam.model import Given
from zerofactory_mappings.cbam.obligation.evaluation import horizon
from zerofactory_mappings.cbam.obligation.model import FORMAT, Imports, PriceEntry
from zerofactory_mappings.cbam.obligation.read import read_tree
from zerofactory_mappings.cbam.obligation.readings import chosen_on_command, reading_problems

#: Option → field of a consignment, and field of its block ``actual``.
CONSIGNMENT = {"cn": "cn", "country": "origin", "mass": "net_mass", "energy": "energy", "year": "year", "date": "date",
               "quarter": "quarter", "variant": "variant", "route": "route", "production-year": "production_year",
               "clinker-share": "clinker_share"}
ACTUAL = {"see-direct": "see_direct", "see-indirect": "see_indirect", "sefa": "sefa"}


def imports_of(options: Mapping[str, str | None], prices: Iterable[str], readings: Iterable[str]) -> Imports:
    """The input that *options* (by their names without dashes in front) describe; *prices* and *readings* as written.

    Raises:
        ProblemsError: as :func:`zerofactory_mappings.cbam.obligation.read.read_obligation`, with options as places.
    """
    given = {k: v for k, v in options.items() if v is not None}
    actual = _map((field, _scalar(given[o], f"--{o}")) for o, field in ACTUAL.items() if o in given)
    consignment: list[tuple[str, Node]] = [(field, _scalar(given[o], f"--{o}")) for o,
                                           field in CONSIGNMENT.items() if o in given]
    if actual.entries:
        consignment.append(("actual", actual))
    if not {"date", "quarter", "year"} & given.keys():
        raise ProblemsError([Problem("cbam-obligation.one-time", accepted="--date | --quarter | --year")])
    parts: list[tuple[str, Node]] = [("format", _scalar(FORMAT, "")), ("consignments", ListNode((_map(consignment),)))]
    if entries := price_nodes(prices):
        parts.append(("prices", ListNode(tuple(entries))))
    if chosen := [(r.partition("=")[0].strip(), _scalar(r.partition("=")[2].strip(), "--reading")) for r in readings]:
        parts.append(("readings", _map(chosen)))
    return read_tree(_map(parts))


def with_command(imports: Imports, prices: Iterable[str], readings: Iterable[str]) -> Imports:
    """*imports* with prices and readings of the command line, which prevail over those of the file.

    Raises:
        ProblemsError: everything that is wrong with them.
    """
    from dataclasses import replace

    from zerofactory_engine.typed import shipped_schema

    chosen = chosen_on_command(readings)
    problems = reading_problems(chosen)
    schema, entries = shipped_schema("cbam-obligation").part("#/$defs/price"), {e.period: e for e in imports.prices}
    for node in price_nodes(prices):
        typed = schema.read(node)
        problems += typed.problems
        if not typed.problems:
            place = Place(path="--price")
            entries[typed.value["period"]] = PriceEntry(
                typed.value["period"], Given(typed.value["price"].value, "EUR/tCO2e", place), place=place)
    if problems:
        raise ProblemsError(problems)
    settled = {**imports.readings, **{reading: answer for reading, answer, _ in chosen}}
    return replace(imports, prices=tuple(entries.values()), readings=settled)


def price_nodes(texts: Iterable[str]) -> list[MapNode]:
    """Prices written ``85`` (every year of the outlook) or ``PERIOD=85``; a period of its own prevails over the
    rest."""
    every: str | None = None
    own: dict[str, str] = {}
    for text in texts:
        period, equals, price = text.partition("=")
        if equals:
            own[period.strip()] = price.strip()
        else:
            every = period.strip()
    if every is not None:                               # what is no number is told once, not for every year
        years = horizon() if parse_decimal(every) is not None else horizon()[:1]
        own = {str(y): every for y in years} | own
    return [_map([("period", _scalar(p, "--price")), ("price", _scalar(v, "--price"))]) for p, v in own.items()]


def _map(entries: Iterable[tuple[str, Node]]) -> MapNode:
    return MapNode(tuple((Scalar(k), v) for k, v in entries))


def _scalar(text: str, option: str) -> Scalar:
    return Scalar(text, Place(path=option) if option else Place(), quoted=True)
