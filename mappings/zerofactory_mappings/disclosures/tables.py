"""Tables of a standard that a disclosure reads beside its items: ``standards/<id>/<name>.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Any

from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, read_yaml


@cache
def table_of(standard_id: str, name: str) -> Any:
    """The file as dicts, lists and texts (figures stay texts until somebody reads them as decimals).

    Raises:
        ProblemsError: it is no YAML that is read safely.
        OSError: there is no such file.
    """
    file = f"{standard_id}/{name}.yaml"
    return plain_tree(read_yaml((STANDARDS_ROOT / file).read_bytes(), file))


def plain_tree(node: Node) -> Any:
    """A tree of YAML as dicts, lists and texts."""
    if isinstance(node, MapNode):
        return {key: plain_tree(below) for key, below in node.items()}
    return [plain_tree(item) for item in node.items] if isinstance(node, ListNode) else node.text
