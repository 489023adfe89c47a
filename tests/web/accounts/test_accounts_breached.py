"""Passwords of breaches are not taken, whatever the list's size and line ends; a list that cannot be read takes none."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import account, passwords
from zerofactory_web.accounts.breached import is_breached
from zerofactory_web.demo.people import gather
from zerofactory_web.store.unit import Store

WORDS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), min_size=1, max_size=60, unique=True)
KNOWN = "tidal copper heron 88"
OLD, NEW = "magpie lantern oxbow 47", "quiet harbor thimble 31"


def listed(folder: Path, words: list[str], end: str = "\r\n", counted: bool = True) -> Path:
    """A list of *words* as it is given out."""
    lines = sorted(hashlib.sha1(w.encode()).hexdigest().upper() for w in words)
    file = folder / "breached.txt"
    file.write_bytes("".join(f"{h}:{n + 1}{end}" if counted else f"{h}{end}" for n, h in enumerate(lines)).encode())
    return file


@settings(max_examples=60, deadline=None)
@given(words=WORDS, other=st.text(st.characters(codec="utf-8"), max_size=30), end=st.sampled_from(["\n", "\r\n"]), counted=st.booleans())
def test_each_that_is_listed_is_found_and_no_other(tmp_path_factory: pytest.TempPathFactory, words: list[str], other: str,
                                                   end: str, counted: bool) -> None:
    file = listed(tmp_path_factory.getbasetemp(), words, end, counted)
    assert all(is_breached(file, w) for w in words)
    assert is_breached(file, other) == (other in words)


def test_a_list_may_end_without_a_line_end_or_be_empty(tmp_path: Path) -> None:
    file = listed(tmp_path, [KNOWN, "b", "c"])
    file.write_bytes(file.read_bytes().rstrip())
    assert all(is_breached(file, w) for w in (KNOWN, "b", "c"))
    file.write_bytes(b"")
    assert not is_breached(file, KNOWN)


@pytest.mark.parametrize("content", [b"password\n123456\n", b"\xff" * 5_000, b"SHA,count\n" * 9])
def test_another_file_is_told_and_takes_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    for each in (file, tmp_path / "nowhere", tmp_path):
        with pytest.raises(ProblemsError) as caught:
            passwords.faults(KNOWN, breached=str(each))
        assert [p.code for p in caught.value.problems] == ["accounts.breached-unreadable"]


def test_the_password_of_an_account_is_none_of_the_list(store: Store, tmp_path: Path) -> None:
    cast = gather(store, OLD)
    store.settings = replace(store.settings, breached_passwords=str(listed(tmp_path, [KNOWN, "b"])))
    with pytest.raises(ProblemsError) as caught:
        account.change_password(store, cast.actor("lin"), "", OLD, KNOWN, address="192.0.2.1")
    assert [(p.code, p.place.path) for p in caught.value.problems] == [("accounts.password-breached", "new")]
    account.change_password(store, cast.actor("lin"), "", OLD, NEW, address="192.0.2.1")
