"""Which passwords are taken, and that a hash says what it costs."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_web.accounts import passwords

ABOUT = ("anna.berg@works.example", "安娜 Berg")


@pytest.mark.parametrize(("password", "code"), [
    ("magpie lantern oxbow", None), ("kZ8!vq2Lw#9d", None), ("正确的马电池订书钉一二三", None), ("830617492058", None),
    ("q7" * 3 + "mw4xhz", None), ("Tr0ub4dor&3xyq", None),
    ("kZ8!vq2Lw#9", "accounts.password-short"), ("", "accounts.password-short"), ("零碳工厂", "accounts.password-short"),
    ("x9!" * 86, "accounts.password-long"),
    ("aaaaaaaaaaaa", "accounts.password-easy"), ("123456789012", "accounts.password-easy"),
    ("abcdefghijkl", "accounts.password-easy"), ("lkjihgfedcba", "accounts.password-easy"),
    ("Password2026!", "accounts.password-easy"), ("P@ssw0rdP@ssw0rd", "accounts.password-easy"),
    ("qwertyuiop123", "accounts.password-easy"), ("zerofactory2025", "accounts.password-easy"),
    ("管理员密码管理员密码管理员密码", "accounts.password-easy"), ("annaberg1234", "accounts.password-easy"),
    ("anna.berg@works.example", "accounts.password-easy"), ("ababababababab", "accounts.password-easy")])
def test_what_is_taken(password: str, code: str | None) -> None:
    assert [p.code for p in passwords.faults(password, about=ABOUT)] == ([] if code is None else [code])


def test_the_cost_is_what_owasp_names_or_more() -> None:
    found = extract_parameters(passwords.make_hash("magpie lantern oxbow"))
    assert found.type.name == "ID"
    assert found.memory_cost >= 19 * 1024
    assert (found.time_cost, found.parallelism) >= (2, 1)


def test_a_hash_is_of_one_password() -> None:
    made = passwords.make_hash("magpie lantern oxbow")
    assert made != passwords.make_hash("magpie lantern oxbow")
    assert passwords.holds(made, "magpie lantern oxbow")
    assert passwords.holds(made, "ｍａｇｐｉｅ lantern oxbow")          # an input method's full width
    assert not passwords.holds(made, "magpie lantern oxboW")
    assert not passwords.holds(made, "magpie lantern oxbow" + " " * 400)
    assert not passwords.holds(None, "magpie lantern oxbow")
    assert not passwords.holds("$argon2id$broken", "magpie lantern oxbow")


def test_a_cheaper_hash_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("magpie lantern oxbow")
    assert passwords.holds(weak, "magpie lantern oxbow")
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.make_hash("magpie lantern oxbow"))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_every_text_is_judged_alike_in_each_of_its_forms(text: str) -> None:
    assert ([p.code for p in passwords.faults(text)] == [p.code for p in passwords.faults(passwords.normal(text))])
    if len(passwords.normal(text)) < passwords.LEAST:
        assert [p.code for p in passwords.faults(text)] == ["accounts.password-short"]
