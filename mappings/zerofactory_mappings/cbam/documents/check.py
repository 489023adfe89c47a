"""Says of every item of a document whether it is present, missing or does not apply, and why.

An item is present only when every field that it asks for is known in every row. A confirmation counts only when it says
yes. An item of which nobody says whether it applies is missing; a document with a missing item never calls itself
complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from zerofactory_mappings.cbam.documents.conditions import Answer, holds
from zerofactory_mappings.cbam.documents.items import ALWAYS, OPTIONAL, REQUIRED, Document, Field, Item, ListOf
from zerofactory_mappings.cbam.documents.model import Case, Content, ItemReport, Line, State, Value

UNSAID = "cbam-documents.unsaid"
NOTHING = Content()


def judge(document: Document, content_of: Callable[[Item], Content], case: Case,
          further: Mapping[str, Answer] | None = None) -> tuple[ItemReport, ...]:
    """Every item of *document* with what *content_of* gives for it. *further*: conditions beside those of the case."""
    judged: dict[str, Answer] = {ALWAYS: True, REQUIRED: True, OPTIONAL: False, **(further or {})}

    def asked(name: str) -> Answer:
        if name not in judged:
            judged[name] = holds(name, case)
        return judged[name]

    return tuple(_item(item, content_of, asked) for item in document.items)


def _item(item: Item, content_of: Callable[[Item], Content], asked: Callable[[str], Answer]) -> ItemReport:
    applies = asked(item.applies)
    if applies is False:
        return ItemReport(item, State.NOT_APPLICABLE, NOTHING, f"cbam-documents.not-applicable.{item.applies}")
    content = _only_asked(item, content_of(item), asked)
    if applies is None:
        return ItemReport(item, State.MISSING, content, UNSAID)
    lacking = tuple(_lacking(item, content, asked))
    return ItemReport(item, State.MISSING if lacking else State.PRESENT, content, None, lacking)


def _only_asked(item: Item, content: Content, asked: Callable[[str], Answer]) -> Content:
    """What the item asks for and nothing else: a document never shows what its list of items does not name."""
    facts = {f.id: content.facts.get(f.id) for f in item.fields if _shown(f.need, asked)}
    lists: dict[str, tuple[Line, ...] | None] = {}
    for each in item.lists:
        if not _shown(each.need, asked):
            continue
        rows = content.lists.get(each.id)
        fields = [f for f in each.fields if _shown(f.need, asked)]
        lists[each.id] = None if rows is None else tuple(
            {f.id: row.get(f.id) for f in fields} for row in rows[:each.most])
    return Content(facts, lists)


def _shown(need: str, asked: Callable[[str], Answer]) -> bool:
    return need == OPTIONAL or asked(need) is not False


def _lacking(item: Item, content: Content, asked: Callable[[str], Answer]) -> Iterator[str]:
    for field in item.fields:
        if _is_lacking(field, content.facts.get(field.id), asked):
            yield field.id
    for each in item.lists:
        if asked(each.need) is not False:
            yield from _lacking_rows(each, content.lists.get(each.id), asked)


def _lacking_rows(each: ListOf, rows: tuple[Line, ...] | None, asked: Callable[[str], Answer]) -> Iterator[str]:
    if not rows:
        if each.need != OPTIONAL:
            yield each.id
        return
    for number, row in enumerate(rows, 1):
        for field in each.fields:
            if _is_lacking(field, row.get(field.id), asked):
                yield f"{each.id}/{number}/{field.id}"


def _is_lacking(field: Field, value: Value, asked: Callable[[str], Answer]) -> bool:
    """Whether a field that is asked for is not known."""
    if field.need == OPTIONAL or asked(field.need) is False:
        return False
    if field.kind == "confirm":
        return value is not True
    return value is None or value == "" or value == ()
