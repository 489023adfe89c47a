"""A commented input to fill in: rows that fit a sector, each field with what it is for, its unit and its codes.

The rows of a sector are data (``starters/<sector>.yaml``); what stands beside them comes from the schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from zerofactory_engine.messages import render
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml
from zerofactory_mappings.cbam.input import sheets
from zerofactory_mappings.cbam.input.emit import WIDTH, flat
from zerofactory_mappings.cbam.input.figures import schema
from zerofactory_mappings.sources.yaml_rows import scalar

_STARTERS = Path(__file__).parent / "starters"
_STEP = "  "
_TO_FILL = "…"
#: Column at which comments stand.
_COMMENT_AT = 46


def starter_tree(sector: str | None, language: str) -> dict[str, Any]:
    """The rows that a new input of *sector* begins with; None: the header alone."""
    path = _STARTERS / f"{sector or 'empty'}.yaml"
    tree = _values(read_yaml(path.read_bytes(), path.name), render("cbam-input.fill-in", language))
    assert isinstance(tree, dict)
    return tree


def starter_workbook(sector: str | None, language: str) -> bytes:
    """The same as a workbook."""
    from zerofactory_mappings.cbam.input.workbook_out import workbook_of_tree

    return workbook_of_tree(starter_tree(sector, language), language)


def starter_yaml(sector: str | None, language: str) -> str:
    """A commented YAML file; it reads as it stands."""
    tree, properties = starter_tree(sector, language), schema().source["properties"]
    out = [f"# {line}".rstrip() for line in render("cbam-input.template-head", language).splitlines()]
    for name, declared in properties.items():
        if name in {"origin", "template_version", "stated"}:      # for what comes from the Commission's workbook
            continue
        out.append("")
        if "properties" in declared or "items" in declared or name in sheets.TEXTS:
            title, about = sheets.both(declared["title"]), sheets.both(declared["description"], "\n")
            out.append(f"# {title[language]}: {about[language]}")
        out += _part(name, tree.get(name), declared, language)
    return "\n".join(out) + "\n"


def _values(node: Node, fill_in: str) -> Any:
    """The values of a starter; *fill_in* stands where only the user knows."""
    if isinstance(node, Scalar):
        return fill_in if node.text == _TO_FILL else node.text
    if isinstance(node, ListNode):
        return [_values(n, fill_in) for n in node.items]
    assert isinstance(node, MapNode)
    return {k: _values(n, fill_in) for k, n in node.items()}


def _part(name: str, value: Any, declared: Mapping[str, Any], language: str) -> Iterator[str]:
    """One section, table or field; what is not there stands as a comment."""
    if "items" in declared:
        fields = declared["items"]["properties"]
        if not value:
            yield f"# {name}:"
            yield from _row(_examples(fields, declared["items"]), fields, language, "#   ", all_fields=True)
            return
        yield f"{name}:"
        for number, row in enumerate(value):
            yield from _row(row, fields, language, _STEP, all_fields=number == 0)
    elif "properties" in declared:
        mark = "" if value else "# "
        yield f"{mark}{name}:"
        yield from _fields(value or {}, declared["properties"], language, mark + _STEP, all_fields=True)
    elif name in sheets.TEXTS:
        yield from ([f"{name}:"] + [f"{_STEP}{scalar(k)}: {scalar(v)}" for k,
                                    v in value.items()] if value else [f"# {name}: {{}}"])
    else:
        text = f"{name}: {scalar(value)}" if value is not None else f"# {name}: {_example(declared)}"
        yield _beside(text, declared, language) if name != "format" else text


def _row(row: Mapping[str, Any], fields: Mapping[str, Any], language: str, indent: str, *,
         all_fields: bool) -> Iterator[str]:
    """A row of a table; in the first one every field is explained, also those that are left out."""
    lines = list(_fields(row, fields, language, f"{indent}{_STEP}", all_fields=all_fields))
    yield f"{indent}- {lines[0][len(indent) + len(_STEP):]}"
    yield from lines[1:]


def _fields(values: Mapping[str, Any], fields: Mapping[str, Any], language: str, indent: str, *,
            all_fields: bool) -> Iterator[str]:
    left_out: list[str] = []
    for name, declared in fields.items():
        value = values.get(name)
        if value is None:
            if all_fields:
                left_out.append(_beside(f"{indent}# {name}: {_example(declared)}", declared, language))
            continue
        inside = flat(value, WIDTH - len(indent) - len(name) - 2)
        if inside is not None:
            text = f"{indent}{name}: {inside}"
            yield _beside(text, declared, language) if all_fields else text
        elif isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _fields(value, schema().resolved(declared)["properties"], language, indent + _STEP,
                               all_fields=all_fields)
        else:
            yield f"{indent}{name}:"
            for number, row in enumerate(value):
                yield from _row(row, declared["items"]["properties"], language, indent + _STEP,
                                all_fields=all_fields and number == 0)
    yield from left_out


def _beside(text: str, declared: Mapping[str, Any], language: str) -> str:
    """A line with what its field is for."""
    parts = [sheets.both(declared.get("title", ""))[language]]
    help_ = sheets.both(declared.get("description", ""), "\n")[language].rstrip("。.")
    if help_ and help_ != parts[0]:
        parts.append(help_)
    full = schema().resolved(declared)
    if titles := full.get("x-titles"):
        parts.append(" | ".join(f"{c} ({sheets.both(titles[c])[language]})" if c in titles else c
                                for c in full["enum"] if isinstance(c, str)))
    elif full.get("x-code"):
        parts.append(" | ".join(c for c in full["enum"] if isinstance(c, str)))
    joined = ("；" if language == "zh" else "; ").join(p for p in parts if p)
    return f"{text.ljust(_COMMENT_AT)}  # {joined}" if joined else text


def _examples(fields: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _example(fields[n]) for n in item.get("required", ())}


def _example(declared: Mapping[str, Any]) -> str:
    """An example of a field."""
    full = schema().resolved(declared)
    units = declared.get("x-units")
    if units:
        return f"0 {units[0]}"
    if full.get("x-code"):
        return str(next(c for c in full["enum"] if isinstance(c, str)))
    if full.get("x-type") == "boolean":
        return "no"
    if "x-map" in full:
        return f"{{{full['x-map']}: 0 t}}"
    if full.get("properties"):
        return f"{{{', '.join(full['properties'])}}}"
    if "items" in full and "properties" in full["items"]:
        return f"[{{{', '.join(full['items']['properties'])}}}]"
    if "items" in full or full.get("x-type") == "references":
        return "[]"
    if not full.get("examples"):
        return _TO_FILL
    example = str(full["examples"][0])
    return example if example.startswith("{") else scalar(example)
