"""The table of schemes, and the place of a line in each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from zerofactory_engine.accounting.classification import SourceType, classification, family
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place as FilePlace
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.typed import read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.crosswalk.model import Place, Placed, Rule, Scheme
from zerofactory_mappings.disclosures.tables import table_of

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.lines import Line

TABLE = "crosswalk/schemes.yaml"
ISO = "iso-14064-1-2018"


@cache
def schemes() -> Mapping[str, Scheme]:
    """The shipped schemes by id, in their order.

    Raises:
        ProblemsError: the table is not what its schema says, or names a source type or class that there is not.
    """
    return read_schemes((STANDARDS_ROOT / TABLE).read_bytes(), TABLE)


def confirmed_on(file: str) -> str:
    """The day on which the table was last confirmed."""
    tree = read_typed(read_yaml((STANDARDS_ROOT / file).read_bytes(), file), shipped_schema("crosswalk")).unwrap()
    return str(tree["last_confirmed"])


def read_schemes(data: bytes, file: str) -> Mapping[str, Scheme]:
    """The schemes in *data*; see :func:`schemes`."""
    tree: Mapping[str, Any] = read_typed(read_yaml(data, file), shipped_schema("crosswalk")).unwrap()
    found = {name: _scheme(name, entry) for name, entry in tree["schemes"].items()}
    problems = [Problem("crosswalk.unknown-name", FilePlace(file=file, path=f"{s.id}/{rule.id}"), found=name)
                for s in found.values() for rule in s.rules for name in _unknown(s, rule)]
    if problems:
        raise ProblemsError(problems)
    return found


def _scheme(name: str, entry: Mapping[str, Any]) -> Scheme:
    return Scheme(name, entry["title"], entry["edition"], entry["source"], entry["confidence"], entry["classes"],
                  tuple(map(_rule, entry["rules"])))


def _rule(entry: Mapping[str, Any]) -> Rule:
    def named(key: str) -> frozenset[str] | None:
        return frozenset(entry[key]) if entry.get(key) else None

    return Rule(entry["id"], named("sources"), named("gases"), named("outside"), entry.get("biogenic"),
                entry.get("class"), entry.get("derived"), entry.get("excluded"), entry["clause"], entry.get("strength"),
                entry["confidence"], entry.get("note"))


def _unknown(scheme: Scheme, rule: Rule) -> list[str]:
    """Names in a rule that stand for nothing; a rule without exactly one of class, derived, excluded is one, too."""
    table = classification()
    wrong = sorted((rule.sources or frozenset()) - set(table.sources))
    wrong += sorted((rule.gases or frozenset()) - {*table.families.values(), "CO2e"})
    if rule.class_id is not None and rule.class_id not in scheme.classes:
        wrong.append(rule.class_id)
    ways = sum(x is not None for x in (rule.class_id, rule.derived, rule.excluded))
    if ways != 1 or (rule.excluded is None) != (rule.strength is not None):
        wrong.append(rule.id)
    return wrong


def place_of(scheme: Scheme, line: Line) -> Place | None:
    """Where *line* stands in *scheme*; None when no rule speaks of it."""
    gas = family(line.gas) or line.gas
    rule = next((r for r in scheme.rules if r.fits(line.source.code, gas, line.outside, line.biogenic)), None)
    if rule is None:
        return None
    if rule.derived == "iso":
        return Place(scheme.id, line.iso_subcategory, _iso(line.source, line.iso_subcategory), rule)
    if rule.derived == "ghgp":
        return Place(scheme.id, *_ghgp(line.source, line.scope), rule)
    return Place(scheme.id, rule.class_id, scheme.classes[rule.class_id] if rule.class_id else None, rule)


def title_of(scheme: Scheme, rule: Rule, source: SourceType, language: str) -> str:
    """What the class of a rule is called for a source type (of several ISO subcategories the first)."""
    if rule.derived == "iso":
        return _iso(source, source.iso_choices[0])[language]
    if rule.derived == "ghgp":
        return _ghgp(source, source.scope)[1][language]
    return scheme.classes[rule.class_id][language] if rule.class_id else ""


def _iso(source: SourceType, code: str) -> Mapping[str, str]:
    """Subcategory with its name; one that the table does not name bears that of the source type."""
    title = table_of(ISO, "categories")["subcategories"].get(code) or source.title
    return {language: f"{code} {title[language]}" for language in ("zh", "en")}


def _ghgp(source: SourceType, scope: int) -> tuple[str, Mapping[str, str]]:
    """Scope or category of the GHG Protocol."""
    if scope == 3 and source.ghgp_category is not None:
        number = source.ghgp_category
        return f"scope-3/{number}", {"zh": f"范围三 类别{number}", "en": f"Scope 3, category {number}"}
    words = {1: "一", 2: "二", 3: "三"}
    return f"scope-{scope}", {"zh": f"范围{words[scope]}", "en": f"Scope {scope}"}


def placed(dossier: str, inventory: Inventory) -> tuple[Placed, ...]:
    """Every line of *inventory* with its places.

    Raises:
        ProblemsError: ``crosswalk.no-rule`` for each line of which a scheme says nothing.
    """
    out, problems = [], []
    known: dict[tuple[object, ...], Mapping[str, Place | None]] = {}
    for line in inventory.lines:
        key = (line.source.code, line.gas, line.outside, line.biogenic, line.iso_subcategory, line.scope)
        if key not in known:                             # all that a place depends on; inventories have few of them
            known[key] = {name: place_of(scheme, line) for name, scheme in schemes().items()}
        found = known[key]
        problems += [Problem("crosswalk.no-rule", FilePlace(path=line.id), found=line.source.code, args={"scheme": n})
                     for n, place in found.items() if place is None]
        out.append(Placed(dossier, line, {n: p for n, p in found.items() if p is not None}))
    if problems:
        raise ProblemsError(problems)
    return tuple(out)


def by_class(lines: Iterable[Placed], scheme: str) -> Mapping[str, list[Line]]:
    """Lines by class of *scheme*, in the order of the classes, then of the lines; excluded ones under their rule's
    id with ``-`` before it."""
    groups: dict[str, list[Line]] = {}
    for each in lines:
        place = each.places[scheme]
        groups.setdefault(place.class_id if place.class_id is not None else f"-{place.rule.id}", []).append(each.line)
    order = {name: n for n, name in enumerate(schemes()[scheme].classes)}
    return {key: groups[key] for key in sorted(groups, key=lambda k: (k.startswith("-"), order.get(k, -1), k))}
