"""YAML and JSON of strangers: what is written stays what it is, and what could do harm is refused with its line."""

from __future__ import annotations

import typing
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.json_text import read_json, scan_json, tree_of
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.yaml_text import ListNode, MapNode, Node, Scalar, read_yaml, scan_yaml


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, ListNode):
        return [plain(n) for n in node.items]
    return {key: plain(n) for key, n in node.items()}


def test_scalars_stay_what_was_written() -> None:
    tree = read_yaml(b"id: 1.10\ncountry: no\nshare: 0.30\non: 2025-01-01\noctal: 0o17\ntime: 12:30:45\nbig: 1e400\n")
    assert plain(tree) == {"id": "1.10", "country": "no", "share": "0.30", "on": "2025-01-01", "octal": "0o17",
                           "time": "12:30:45", "big": "1e400"}


def test_nothing_written_is_null_and_quotes_make_text() -> None:
    tree = read_yaml(b"a:\nb: ~\nc: null\nd: ''\ne: 'null'\n")
    assert plain(tree) == {"a": None, "b": None, "c": None, "d": "", "e": "null"}


def test_places_count_lines_and_columns_from_one() -> None:
    tree = read_yaml(b"table:\n  - {id: E1,\n     MWh: 10}\n", "site.yaml")
    assert isinstance(tree, MapNode)
    row = tree.get("table").items[0]
    assert (row.get("MWh").place.line, row.get("MWh").place.column, row.get("MWh").place.file) == (3, 11, "site.yaml")


def test_small_aliases_are_repeated() -> None:
    assert plain(read_yaml(b"a: &x {k: [1, 2]}\nb: *x\n")) == {"a": {"k": ["1", "2"]}, "b": {"k": ["1", "2"]}}


def test_byte_order_mark_is_no_content() -> None:
    assert plain(read_yaml("\ufeffa: 1\n".encode())) == {"a": "1"}


BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n".encode() for i in range(9))

REFUSED = [
    ("not UTF-8", "a: é".encode("latin-1"), "text.not-utf8", 1),
    ("UTF-16", "a: 1\n".encode("utf-16"), "text.not-utf8", 1),
    ("alias bomb", BOMB, "yaml.alias-bomb", 5),
    ("many aliases", b"a: &a 1\nb: [" + b",".join([b"*a"] * 200) + b"]\n", "yaml.alias-bomb", 2),
    ("alias of itself", b"a: &a [1, *a]\n", "yaml.alias-loop", 1),
    ("alias without anchor", b"x: 1\na: *nothing\n", "yaml.alias-unknown", 2),
    ("tag", b"a: !!python/object/apply:os.system ['true']\n", "yaml.tag", 1),
    ("explicit text tag", b"x: 1\na: !!str 1\n", "yaml.tag", 2),
    ("duplicate key", b"a: 1\nb: 2\na: 3\n", "text.duplicate-key", 3),
    ("duplicate key in a flow", b"t:\n  - {id: 1, id: 2}\n", "text.duplicate-key", 2),
    ("two documents", b"a: 1\n---\nb: 2\n", "yaml.many-documents", 2),
    ("no document", b"", "yaml.empty", None),
    ("only a comment", b"# nothing\n", "yaml.empty", None),
    ("bell", b"a: 1\nb: x\x07y\n", "text.control-character", 2),
    ("bell as an escape", b'a: 1\nb: "x\\ay"\n', "text.control-character", 2),
    ("text that runs backwards", "a: 1\nb: x\u202ey\n".encode(), "text.control-character", 2),
    ("key that is a list", b"? [a, b]\n: 1\n", "yaml.key-not-text", 1),
    ("nested too deep", b"a: " + b"[" * 30 + b"]" * 30, "text.too-deep", 1),
    ("nested a hundred thousand deep", b"[" * 100_000, "text.too-deep", 1),
    ("unclosed", b"a: [1, 2\nb: 3\n", "yaml.syntax", 2),
    ("tab as indentation", b"a:\n\t- 1\n", "yaml.syntax", 2),
    ("one endless text", b"a: " + b"x" * 300_000, "text.too-long", 1),
]


@pytest.mark.parametrize(("data", "code", "line"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused_with_its_line(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_yaml(data, "x.yaml")
    assert [(p.code, p.place.line) for p in caught.value.problems][-1] == (code, line)


def test_a_file_beyond_the_limit_is_not_parsed() -> None:
    with pytest.raises(ProblemsError, match=r"text\.too-large"):
        read_yaml(b"a: 1\n" * 100, limit=100)


def test_all_problems_of_a_file_come_together() -> None:
    scanned = scan_yaml(b"a: 1\na: 2\nb: !x 3\nc: *d\n")
    assert [p.code for p in scanned.problems] == ["text.duplicate-key", "yaml.tag", "yaml.alias-unknown"]


def test_merge_keys_are_plain_keys() -> None:
    assert plain(read_yaml(b"a: {<<: 1}\n")) == {"a": {"<<": "1"}}


JSON_REFUSED = [
    ("NaN", b'{"a": NaN}', "json.not-a-number"),
    ("Infinity", b'{"a": [-Infinity]}', "json.not-a-number"),
    ("duplicate key", b'{"a": {"b": 1, "b": 2}}', "text.duplicate-key"),
    ("unclosed", b'{"a": 1', "json.syntax"),
    ("comment", b'{"a": 1} // x', "json.syntax"),
    ("deep", b"[" * 100_000, "text.too-deep"),
    ("bell", b'{"a": "\\u0007"}', "text.control-character"),
    ("half a character", b'{"a": "\\ud800"}', "text.control-character"),
    ("not UTF-8", b'{"a": "\xff"}', "text.not-utf8"),
]


@pytest.mark.parametrize(("data", "code"), [r[1:] for r in JSON_REFUSED], ids=[r[0] for r in JSON_REFUSED])
def test_json_refused(data: bytes, code: str) -> None:
    scanned = scan_json(data)
    assert [p.code for p in scanned.problems] == [code]
    with pytest.raises(ProblemsError):
        scanned.unwrap()


def test_json_keeps_numbers_as_text_and_brackets_in_texts() -> None:
    tree = read_json(b'{"a": [1.10, -3e2, true, null, "null"], "b": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}')
    assert plain(tree) == {"a": ["1.10", "-3e2", "true", None, "null"], "b": "[" * 30}
    assert isinstance(tree, MapNode)
    assert tree.get("a").items[0].place.path == "a/1"


def test_a_binary_float_is_no_exact_figure() -> None:
    with pytest.raises(TypeError):
        tree_of({"a": 0.1})


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn", "Co"]), max_size=8)
trees = st.recursive(st.one_of(texts, st.booleans(), st.integers(-10**18, 10**18), st.none()),
                     lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)), max_leaves=20)


@settings(deadline=None, max_examples=150)
@given(trees)
def test_json_is_yaml_and_both_give_the_same_tree(value: object) -> None:
    import json

    data = json.dumps({"v": value}, ensure_ascii=False).encode()
    assert plain(read_json(data)) == plain(tree_of({"v": value}))
    assert plain(read_yaml(data)) == plain(read_json(data))


def test_five_hundred_rows_are_all_read() -> None:
    row = "- {id: E%d, flow: consumed, source: grid, MWh: %d.25, meter: M1, from: 2025-01-01, to: 2025-01-31, documents: [D1]}\n"
    data = ("electricity:\n" + "".join(row % (i, i) for i in range(500))).encode()
    assert [row["id"] for row in typing.cast(dict[str, list[dict[str, str]]], plain(read_yaml(data)))["electricity"]] == [f"E{i}" for i in range(500)]


def test_json_limits_are_those_of_yaml() -> None:
    assert [p.code for p in scan_json(b'{"a": "' + b"x" * 300_000 + b'"}').problems] == ["text.too-long"]
    with pytest.raises(ProblemsError, match=r"text\.too-large"):
        read_json(b"[]" * 10, limit=5)
    with pytest.raises(ProblemsError, match=r"text\.control-character"):
        tree_of({"a": "\x07"})


def test_values_of_python_become_what_json_would_say() -> None:
    assert plain(tree_of({"a": Decimal("1E+3"), "b": (True, None), "c": 5})) == {"a": "1000", "b": ["true", None], "c": "5"}


def test_keys_and_marks_of_yaml_that_nobody_writes() -> None:
    assert [p.code for p in scan_yaml(b"%YAML 9.9\n---\na: 1\n").problems] in ([], ["yaml.syntax"])
    assert read_yaml(b"a: {}\nb: []\n") is not None
