"""What an expression takes from its surroundings: names of its scope, columns of tables."""

from __future__ import annotations

from collections.abc import Iterator

from zerofactory_engine.feel import tree
from zerofactory_engine.feel.tree import Node


def free_names(node: Node) -> frozenset[str]:
    """Names that the expression takes from its scope: not those that it binds itself, not functions that it calls.

    Names inside a filter count, because only the values tell whether they are columns; see :func:`columns_used`.
    """
    return frozenset(_free(node, frozenset()))


def _free(node: Node, bound: frozenset[str]) -> Iterator[str]:
    match node:
        case tree.Name(name):
            if name not in bound:
                yield name
        case tree.Call(tree.Name(), arguments):
            for argument in arguments:
                yield from _free(argument, bound)
        case tree.Quantified(_, iterators, body) | tree.For(iterators, body):
            inner = bound | {"partial"} if isinstance(node, tree.For) else bound
            for iterator in iterators:
                for part in iterator.children():
                    yield from _free(part, inner)
                inner = inner | {iterator.name}
            yield from _free(body, inner)
        case tree.ContextOf(entries):
            inner = bound
            for key, value in entries:
                yield from _free(value, inner)
                inner = inner | {key}
        case tree.Function(parameters, body):
            yield from _free(body, bound | {name for name, _ in parameters})
        case tree.Filter(source, condition):
            yield from _free(source, bound)
            yield from _free(condition, bound | {"item"})
        case _:
            for child in node.children():
                yield from _free(child, bound)


def columns_used(node: Node) -> frozenset[tuple[str, str]]:
    """(table, column) pairs that the expression filters by or reads.

    A name inside ``table[…]`` counts as a column of the table, whether or not it is one: the tree alone does not tell.
    """
    found: set[tuple[str, str]] = set()
    _columns(node, {}, None, found)
    return frozenset(found)


def _columns(node: Node, rows: dict[str, str | None], table: str | None, found: set[tuple[str, str]]) -> str | None:
    """Collect into *found*; gives the table that *node* is (rows of). *rows*: variable → its table, or None."""
    match node:
        case tree.Name(name):
            if name in rows:
                return rows[name]
            if table is not None:
                found.add((table, name))
            return name
        case tree.Path(source, name):
            owner = _columns(source, rows, table, found)
            if owner is not None:
                found.add((owner, name))
            return None
        case tree.Filter(source, condition):
            owner = _columns(source, rows, table, found)
            inner = rows if owner is None else {**rows, "item": owner}
            _columns(condition, inner, owner, found)
            return owner
        case tree.Quantified(_, iterators, body) | tree.For(iterators, body):
            inner = dict(rows)
            for iterator in iterators:
                owners = [_columns(part, inner, table, found) for part in iterator.children()]
                inner[iterator.name] = owners[0]
            _columns(body, inner, table, found)
            return None
        case tree.Call(tree.Name(), arguments):
            for argument in arguments:
                _columns(argument, rows, table, found)
            return None
        case _:
            for child in node.children():
                _columns(child, rows, table, found)
            return None
