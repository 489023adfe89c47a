"""What the law asks of each document, item by item (``standards/eu-cbam/completeness.yaml`` and ``items/*.yaml``).

    >>> document("emissions_report").item("7").id
    'total_direct'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, read_yaml

FOLDER = STANDARDS_ROOT / "eu-cbam"
#: How a value is shown and counted: ``tonnes`` to full tonnes, ``see`` to the decimals of the law, ``parameter`` as it
#: was entered, ``derived`` a computed parameter; ``confirm`` counts only when it says yes.
KINDS = frozenset({"text", "yesno", "confirm", "date", "count", "tonnes", "see", "parameter", "derived", "share"})
ALWAYS, REQUIRED, OPTIONAL = "always", "required", "optional"
#: What an entry of the tables may say.
_OF_ITEM = frozenset({"item", "id", "zh", "en", "clause", "applies", "from", "fields", "lists", "addendum"})
_OF_LIST = frozenset({"zh", "en", "need", "most", "fields"})
_OF_FIELD = frozenset({"zh", "en", "kind", "need"})


@dataclass(frozen=True, slots=True)
class Names:
    """What a thing is called in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The name in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Field:
    """One value that an item asks for; *need*: ``required``, ``optional`` or the name of a condition."""

    id: str
    names: Names
    kind: str
    need: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list that an item asks for, with the fields of each row; *most* rows of it are shown, the largest first."""

    id: str
    names: Names
    need: str
    fields: tuple[Field, ...]
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number and clause, when it applies, where it comes from, what it asks for."""

    number: str
    id: str
    names: Names
    clause: str
    applies: str
    origin: Names
    fields: tuple[Field, ...]
    lists: tuple[ListOf, ...]
    addendum: bool

    def conditions(self) -> Iterator[str]:
        """Every condition that the item names."""
        for name in (self.applies, *(f.need for f in self.fields), *(x.need for x in self.lists),
                     *(f.need for x in self.lists for f in x.fields)):
            if name not in (ALWAYS, REQUIRED, OPTIONAL):
                yield name


@dataclass(frozen=True, slots=True)
class Document:
    """A document that the law asks for, with all its items. *confidence*: of the list of items."""

    id: str
    names: Names
    act: str
    annex: str
    confidence: str
    items: tuple[Item, ...]

    def item(self, number: str) -> Item:
        """The item of that number; KeyError when there is none."""
        for item in self.items:
            if item.number == number:
                return item
        raise KeyError(number)


@cache
def completeness() -> Mapping[str, Any]:
    """``completeness.yaml``: the documents, and when one may be called complete."""
    return load("completeness.yaml", "zerofactory/cbam-completeness/1")


def documents() -> tuple[str, ...]:
    """Ids of the documents."""
    return tuple(completeness()["documents"])


@cache
def document(ident: str) -> Document:
    """The document *ident* with its items.

    Raises:
        ProblemsError: ``cbam-documents.table`` when a table of ours is not what it should be.
    """
    entry = completeness()["documents"][ident]
    file = f"items/{entry['file']}"
    tree = load(file, "zerofactory/cbam-items/1")
    try:
        items = tuple(_item(i) for i in tree["items"])
        if tree["document"] != ident:
            raise ValueError(tree["document"])
        counted = [i for i in items if not i.addendum]
        if len(counted) != int(entry["items"]) or len(items) - len(counted) != int(entry["addenda"]):
            raise ValueError(f"{len(counted)} items, {len(items) - len(counted)} addenda")
    except (KeyError, TypeError, ValueError) as error:
        raise ProblemsError([Problem("cbam-documents.table", Place(file=file), found=str(error))]) from None
    return Document(ident, Names(entry["zh"], entry["en"]), entry["act"], entry["annex"], tree["confidence"], items)


def _item(entry: Mapping[str, Any]) -> Item:
    lists_of = entry.get("lists", {})
    odd = [*(set(entry) - _OF_ITEM), *(k for x in lists_of.values() for k in set(x) - _OF_LIST)]
    if odd:
        raise ValueError(f"{entry['item']}: {', '.join(odd)}")
    lists = tuple(ListOf(name, Names(x["zh"], x["en"]), x.get("need", REQUIRED), _fields(x["fields"]),
                         int(x["most"]) if "most" in x else None)
                  for name, x in lists_of.items())
    origin = entry["from"]
    return Item(entry["item"], entry["id"], Names(entry["zh"], entry["en"]), entry["clause"],
                entry.get("applies", ALWAYS), Names(origin["zh"], origin["en"]), _fields(entry.get("fields", {})),
                lists, entry.get("addendum") == "yes")


def _fields(tree: Mapping[str, Any]) -> tuple[Field, ...]:
    for name, entry in tree.items():
        if set(entry) - _OF_FIELD:
            raise ValueError(f"{name}: {', '.join(entry)}")
    found = tuple(Field(name, Names(f["zh"], f["en"]), f.get("kind", "text"), f.get("need", REQUIRED))
                  for name, f in tree.items())
    for each in found:
        if each.kind not in KINDS:
            raise ValueError(f"{each.id}: {each.kind}")
    return found


@cache
def sector_parameters() -> Mapping[str, Mapping[str, str]]:
    """By category: sector parameter → when the report asks for it (``always``, ``cn PREFIX``, ``above CONSTANT``)."""
    found: Mapping[str, Mapping[str, str]] = load("items/sector-parameters.yaml",
                                                  "zerofactory/cbam-sector-parameters/1")["categories"]
    return found


@cache
def site_visit_rules() -> Mapping[str, Any]:
    """``items/site-visits.yaml``: rules, readings, kinds of significant change, the coverage of sampling."""
    return load("items/site-visits.yaml", "zerofactory/cbam-site-visits/1")


@cache
def plan_change_rules() -> tuple[Mapping[str, str], ...]:
    """``items/plan-changes.yaml``: what a change at a path means, in the order in which they are tried."""
    return tuple(load("items/plan-changes.yaml", "zerofactory/cbam-plan-changes/1")["rules"])


@cache
def steps() -> Mapping[str, Mapping[str, str]]:
    """``items/steps.yaml``: formula and legal point of every equation of a proof."""
    found: Mapping[str, Mapping[str, str]] = load("items/steps.yaml", "zerofactory/cbam-steps/1")["equations"]
    return found


def load(file: str, wanted: str, folder: Path = FOLDER) -> Mapping[str, Any]:
    """A table of ours as dicts, lists and texts.

    Raises:
        ProblemsError: it cannot be read, or is of another format than *wanted*.
    """
    tree = plain_tree(read_yaml((folder / file).read_bytes(), file))
    if not isinstance(tree, dict) or tree.get("format") != wanted:
        raise ProblemsError([Problem("cbam-documents.table", Place(file=file), accepted=wanted)])
    return tree


def plain_tree(node: Node) -> Any:
    """A tree of YAML as dicts, lists and texts."""
    if isinstance(node, MapNode):
        return {key: plain_tree(below) for key, below in node.items()}
    return [plain_tree(item) for item in node.items] if isinstance(node, ListNode) else node.text
