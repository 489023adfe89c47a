"""Read a list of consignments (``zerofactory/cbam-obligation/1``, YAML or JSON): all problems at once, each with its
place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from zerofactory_engine.problems import NOWHERE, Collector, Place, Problem, ProblemsError
from zerofactory_engine.typed import Amount, Typed, shipped_schema
from zerofactory_engine.yaml_text import DOSSIER_BYTES, ListNode, MapNode, Node, Scalar, Scanned
from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.model import Given, Installation
from zerofactory_mappings.cbam.obligation.check import problems_of
from zerofactory_mappings.cbam.obligation.model import (
    FORMAT,
    Actual,
    CarbonPrice,
    Computed,
    Consignment,
    Data,
    Importer,
    Imports,
    Per,
    PriceEntry,
    PriceKind,
    Surrendered,
    UsedPrecursor,
    When,
)
from zerofactory_mappings.cbam.obligation.readings import reading_problems

#: Gives the installation that a file describes.
Load = Callable[[Path], Installation]


def read_obligation(path: Path, load: Load | None = None) -> Imports:
    """The list of consignments in the file at *path*; *load* reads files that ``result`` names.

    Raises:
        ProblemsError: every problem of the file (``cbam-obligation.…``, ``typed.…``, ``yaml.…``, ``cbam-scope.…``).
    """
    return read_bytes(path.read_bytes(), path.name, path.parent, load)


def read_bytes(data: bytes, file: str, folder: Path | None = None, load: Load | None = None) -> Imports:
    """As :func:`read_obligation`, of bytes; without a *folder* no other file is read."""
    return read_tree(_scan(data, file).unwrap(), file, folder, load)


def _scan(data: bytes, file: str) -> Scanned:
    if file.lower().endswith(".json"):
        from zerofactory_engine.json_text import scan_json

        return scan_json(data, file, DOSSIER_BYTES)
    from zerofactory_engine.yaml_text import scan_yaml

    return scan_yaml(data, file, DOSSIER_BYTES)


def read_tree(tree: Node, file: str = "", folder: Path | None = None, load: Load | None = None) -> Imports:
    """As :func:`read_obligation`, of a tree."""
    _expect_format(tree, file)
    typed = shipped_schema("cbam-obligation").read(tree)
    return _Reader(typed, file, folder, load).imports()


def _expect_format(tree: Node, file: str) -> None:
    """Another file altogether is said in one sentence, not by each of its keys."""
    said = tree.get("format") if isinstance(tree, MapNode) else None
    if not isinstance(said, Scalar):
        raise ProblemsError([Problem("cbam-obligation.no-format", Place(file=file or None), accepted=FORMAT)])
    if said.text != FORMAT:
        place = said.place if said.place != NOWHERE else Place(file=file or None)
        raise ProblemsError([Problem("cbam-obligation.other-format", place, found=said.text[:80], accepted=FORMAT)])


class _Reader:
    """Resolves what stands in the file: codes, countries, dates, files."""

    def __init__(self, typed: Typed, file: str, folder: Path | None, load: Load | None) -> None:
        self.typed, self.file, self.folder, self.load = typed, file, folder, load
        self.problems = Collector()
        self.problems.extend(typed.problems)
        self._loaded: dict[str, Installation] = {}

    def imports(self) -> Imports:
        """Everything that could be read; raises when anything makes the file unusable."""
        raw = self.typed.value if isinstance(self.typed.value, dict) else {}
        chosen = {k: v for k, v in raw.get("readings", {}).items() if isinstance(v, str)}
        self.problems.extend(reading_problems((k, v, self._place(NOWHERE, "readings", k)) for k, v in chosen.items()))
        consignments = tuple(c for n, v, at, node in self._items(raw, "consignments")
                             if (c := self._consignment(v, at, n, frozenset(node.keys()))) is not None)
        years = tuple(dict.fromkeys(raw.get("years", ()))) or tuple(sorted({c.when.year for c in consignments}))
        imports = Imports(
            self._importer(raw.get("importer")), consignments, years,
            tuple(PriceEntry(v["period"], _given(v["price"], "EUR/tCO2e", at), v.get("source"), at)
                  for _, v, at, _ in self._items(raw, "prices") if {"period", "price"} <= v.keys()),
            tuple(s for _, v, at, _ in self._items(raw, "surrendered") if (s := self._surrendered(v, at)) is not None),
            chosen, self.file)
        self.problems.extend(problems_of(imports))
        self.problems.raise_errors()
        return Imports(imports.importer, consignments, years, imports.prices, imports.surrendered, chosen, self.file,
                       tuple(_once(self.problems)))

    # --- places and parts -------------------------------------------------------------------------------------------

    def _place(self, fallback: Place, *path: str | int) -> Place:
        found = self.typed.place(*path)
        return fallback if found == NOWHERE else found

    def _items(self, raw: Mapping[str, Any], name: str) -> list[tuple[int, dict[str, Any], Place, MapNode]]:
        """The mappings of a list with position, place and node; others were reported by the schema."""
        node = self.typed.tree.get(name) if isinstance(self.typed.tree, MapNode) else None
        values = raw.get(name) or []
        nodes = [n for n in node.items if isinstance(n, MapNode)] if isinstance(node, ListNode) else []
        if len(nodes) != len(values):
            return []
        return [(i, v, _at(n, f"{name}/{v.get('id') or i}"), n)
                for i, (v, n) in enumerate(zip(values, nodes, strict=True), 1)]

    def _good(self, text: str | None, when: When | None, place: Place) -> tuple[scope.CnGood, str] | None:
        """The good of a code and its digits; None, with the problem, where there is none."""
        if text is None:
            return None
        reading = scope.read_cn(text, on=when.last_day if when is not None else None, place=place)
        self.problems.extend(reading.problems)
        return None if reading.good is None else (reading.good, reading.taric or reading.good.cn)

    def _country(self, text: str | None, place: Place) -> scope.Country | None:
        if text is None:
            return None
        found = scope.find_country(text)
        if found is None:
            self.problems.add(Problem("cbam-scope.country-unknown", place, found=text, example="CN, China, 中国"))
        return found

    # --- the importer -----------------------------------------------------------------------------------------------

    def _importer(self, raw: Mapping[str, Any] | None) -> Importer | None:
        if not raw or "name" not in raw:
            return None
        place = self._place(NOWHERE, "importer")
        other = {int(y): _given(v, "t", self._place(place, "importer", "other_mass", y))
                 for y, v in raw.get("other_mass", {}).items()}
        return Importer(raw["name"], raw.get("eori"),
                        self._country(raw.get("member_state"), self._place(place, "importer", "member_state")),
                        raw.get("all_imports"), other, raw.get("authorised"))

    def _surrendered(self, raw: Mapping[str, Any], place: Place) -> Surrendered | None:
        good, origin = self._good(raw.get("cn"), None, place), self._country(raw.get("origin"), place)
        if good is None or origin is None or not {"year", "net_mass", "certificates"} <= raw.keys():
            return None
        return Surrendered(raw["year"], good[0], origin, _given(raw["net_mass"], "t", place),
                           _given(raw["certificates"], "tCO2e", place), place)

    # --- consignments -----------------------------------------------------------------------------------------------

    def _consignment(self, raw: Mapping[str, Any], place: Place, number: int,
                     keys: frozenset[str]) -> Consignment | None:
        """The consignment, or None where a part without which there is none could not be read; *keys* that stand
        there."""
        when = self._when(raw, keys, place)
        good = self._good(raw.get("cn"), when, place)
        origin = self._country(raw.get("origin"), place)
        made_in = self._country(raw.get("produced_in"), place) if "produced_in" in raw else origin
        mass = self._mass(raw, keys, place)
        block = raw.get("actual")
        actual = self._actual(block, _below(place, "actual")) if isinstance(block, dict) else None
        prices = tuple(p for i, v in enumerate(raw.get("carbon_price", ()), 1)
                       if (p := self._carbon_price(v, _below(place, f"carbon_price/{i}"))) is not None)
        if when is None or good is None or origin is None or made_in is None or mass is None:
            return None
        data = Data(raw["data"]) if "data" in raw else Data.ACTUAL if actual is not None else Data.DEFAULT
        share = raw.get("clinker_share")
        return Consignment(
            raw.get("id") or str(number), when, good[0], good[1], raw.get("name", ""), origin, made_in, mass, data,
            raw.get("installation",
                    ""), actual, prices, raw.get("production_year"), raw.get("variant"), raw.get("route"),
            None if share is None else _given(share, "t/t", place), place)

    def _when(self, raw: Mapping[str, Any], keys: frozenset[str], place: Place) -> When | None:
        """Day, quarter or year: exactly one."""
        stated = [k for k in ("date", "quarter", "year") if k in keys]
        if len(stated) != 1:
            self.problems.add(Problem("cbam-obligation.one-time", place, found=", ".join(stated) or "–",
                                      accepted="date | quarter | year", example="date: 2026-03-02"))
            return None
        if stated[0] not in raw:
            return None                                 # the schema said what is wrong with it
        if stated == ["date"]:
            return When.on(raw["date"])
        if stated == ["quarter"]:
            year, _, quarter = raw["quarter"].partition("-Q")
            return When(int(year), int(quarter))
        return When(raw["year"])

    def _mass(self, raw: Mapping[str, Any], keys: frozenset[str], place: Place) -> Given | None:
        stated = [k for k in ("net_mass", "energy") if k in keys]
        if len(stated) != 1:
            self.problems.add(Problem("cbam-obligation.one-quantity", place, found=", ".join(stated) or "–",
                                      accepted="net_mass (t) | energy (MWh)", example="net_mass: 100"))
            return None
        if stated[0] not in raw:
            return None                                 # the schema said what is wrong with it
        return _given(raw[stated[0]], "t" if stated == ["net_mass"] else "MWh", place)

    def _actual(self, raw: Mapping[str, Any], place: Place) -> Actual:
        def given(name: str) -> Given | None:
            return _given(raw[name], "tCO2e/t", place) if name in raw else None

        precursors = tuple(p for i, v in enumerate(raw.get("precursors", ()), 1)
                           if (p := self._precursor(v, _below(place, f"precursors/{i}"))) is not None)
        return Actual(given("see_direct"), given("see_indirect"), given("see_indirect_of_precursors"),
                      given("own_direct"), given("own_indirect"), precursors, given("sefa"), raw.get("sefa_year"),
                      raw.get("joint_process") is True, raw.get("verification_report"),
                      self._computed(raw.get("result"), _below(place, "result")), place)

    def _precursor(self, raw: Mapping[str, Any], place: Place) -> UsedPrecursor | None:
        good = self._good(raw.get("cn"), None, place)
        country = self._country(raw.get("country"), place)
        if good is None or "amount" not in raw or (country is None and "country" in raw):
            return None

        def given(name: str) -> Given | None:
            return _given(raw[name], "tCO2e/t", place) if name in raw else None

        data = Data(raw["data"]) if "data" in raw else Data.ACTUAL if "see_direct" in raw else Data.DEFAULT
        if data is Data.ACTUAL and "verification_report" not in raw and not (country is not None and country.outside):
            self.problems.add(Problem("cbam-obligation.precursor-not-verified", place, found=raw.get("name", good[1])))
        return UsedPrecursor(raw.get("name", good[1]), good[0], good[1], country, _given(raw["amount"], "t/t", place),
                             data, given("see_direct"), given("see_indirect"), given("sefa"), raw.get("variant"),
                             raw.get("route"), place)

    def _carbon_price(self, raw: Mapping[str, Any], place: Place) -> CarbonPrice | None:
        if not {"amount", "per", "currency", "rebate"} <= raw.keys():
            return None                                 # the schema said so
        unit = f"{raw['currency']}/{raw['per']}"

        def given(name: str, of: str) -> Given | None:
            return Given(raw[name], of, place) if name in raw else None

        return CarbonPrice(
            PriceKind(raw.get("kind", "paid")), Given(raw["amount"], unit, place), Per(raw["per"]), raw["currency"],
            Given(raw["rebate"], unit, place), given("exchange_rate", f"{raw['currency']}/EUR"),
            raw.get("exchange_year"), given("covered_share", "1"), given("free_share", "1"),
            raw.get("on") == "precursor", self._country(raw.get("country"), place), raw.get("instrument"),
            raw.get("certified_by"), place)

    # --- files that cbam compute reads ------------------------------------------------------------------------------

    def _computed(self, raw: Mapping[str, Any] | None, place: Place) -> Computed | None:
        if not raw or not {"file", "product"} <= raw.keys():
            return None
        name, product = raw["file"], raw["product"]
        installation = self._installation(name, place)
        if installation is None:
            return None
        fits = [p for p in installation.products if product in (p.name, p.cn)]
        if len(fits) != 1:
            what = "cbam-obligation.product-ambiguous" if fits else "cbam-obligation.product-not-found"
            there = ", ".join(f"{p.name} ({p.cn})" for p in installation.products)
            self.problems.add(Problem(what, place, found=product, accepted=there))
            return None
        return Computed(installation, product, name, place)

    def _installation(self, name: str, place: Place) -> Installation | None:
        """What the file *name*, beside this one, describes; read once."""
        from zerofactory_engine.problems import system_problem

        if name in self._loaded:
            return self._loaded[name]
        if self.folder is None or not (path := self.folder / name).resolve().is_relative_to(self.folder.resolve()):
            self.problems.add(Problem("cbam-obligation.file-elsewhere", place, found=name))
            return None
        try:
            self._loaded[name] = (self.load or load_installation)(path)
        except ProblemsError as error:
            self.problems.extend(error.problems)
            return None
        except OSError as error:
            self.problems.add(system_problem(error, name))
            return None
        return self._loaded[name]


def load_installation(path: Path) -> Installation:
    """The installation that the file at *path* describes: our own input or a filled Commission template."""
    from zerofactory_mappings.cbam.read import read_installation

    return read_installation(path)


def _given(value: Any, unit: str, place: Place) -> Given:
    return Given(value.value if isinstance(value, Amount) else Decimal(value), unit, place)


def _at(node: MapNode, path: str) -> Place:
    return Place(node.place.file, node.place.line, node.place.column, path)


def _below(place: Place, path: str) -> Place:
    return Place(place.file, place.line, place.column, f"{place.path}/{path}" if place.path else path)


def _once(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Each problem once: two fields may lead to the same one."""
    seen: list[Problem] = []
    for problem in problems:
        if problem not in seen:
            seen.append(problem)
            yield problem
