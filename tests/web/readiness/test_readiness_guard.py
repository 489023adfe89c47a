"""The guard: what a stranger's file may use of the machine, and what is left of a process that used more."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path

import pytest
from tests.web.accounts.accounts_world import refusing
from tests.web.readiness.readiness_work import work

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.readiness.guard import AT_ONCE, MEMORY, SECONDS, Guard, WorkFailedError


def nobody_left() -> bool:
    return multiprocessing.active_children() == []


def test_the_result_comes_from_another_process_with_its_bytes() -> None:
    done = Guard(work).run({"do": "echo", "was": ["中", 1], "bytes": 3_000_000})
    assert done.told["was"] == ["中", 1]
    assert done.told["pid"] != os.getpid()
    assert done.data == b"\x00\xff" * 3_000_000
    assert nobody_left()


def test_each_has_a_process_of_its_own() -> None:
    guard = Guard(work)
    assert len({guard.run({"do": "echo", "was": 1}).told["pid"] for _ in range(3)}) == 3


@pytest.mark.parametrize(("act", "code"), [("sleep", "precheck.too-long"), ("recurse", "precheck.too-much"), ("die", "precheck.too-much")])
def test_what_takes_too_long_or_too_much_is_ended_with_a_problem(act: str, code: str) -> None:
    with refusing(code):
        Guard(work, seconds=2).run({"do": act})
    assert nobody_left()


def test_computing_is_bounded_by_the_process_itself() -> None:
    with pytest.raises(ProblemsError) as caught:
        Guard(work, seconds=2).run({"do": "compute"})
    assert caught.value.problems[0].code in ("precheck.too-much", "precheck.too-long")
    assert nobody_left()


def test_memory_is_bounded() -> None:
    with refusing("precheck.too-much"):
        Guard(work, memory=600_000_000).run({"do": "eat"})
    assert nobody_left()


def test_problems_come_back_as_they_were() -> None:
    with pytest.raises(ProblemsError) as caught:
        Guard(work).run({"do": "refuse"})
    first, second = caught.value.problems
    assert (first.code, str(first.severity), first.found, first.accepted, first.example) == (
        "precheck.busy", "warning", "f", "a", "e")
    assert dict(first.args) == {"n": "1"}
    assert (first.place.file, first.place.path, first.place.line, first.place.column) == ("a.yaml", "x", 3, 7)
    assert second.code == "precheck.too-much"


def test_a_mistake_of_the_program_is_told_by_type_and_place_only() -> None:
    with pytest.raises(WorkFailedError) as caught:
        Guard(work).run({"do": "fail"})
    assert "ZeroDivisionError at " in str(caught.value)
    assert "readiness_work.py:" in str(caught.value)
    assert "Wang" not in str(caught.value)
    assert nobody_left()


def test_only_so_many_at_once_and_the_next_is_told_that_it_is_busy(tmp_path: Path) -> None:
    guard = Guard(work, at_once=2, patience=0.05)
    go = tmp_path / "go"
    failed: list[ProblemsError] = []

    def one(name: str) -> None:
        try:
            guard.run({"do": "meet", "here": str(tmp_path / name), "go": str(go)})
        except ProblemsError as error:
            failed.append(error)

    threads = [threading.Thread(target=one, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for _ in range(2_000):
        if {p.name for p in tmp_path.iterdir()} == {"a", "b"}:
            break
        threading.Event().wait(0.01)
    with refusing("precheck.busy"):
        guard.run({"do": "echo", "was": 1})
    go.touch()
    for thread in threads:
        thread.join()
    assert failed == []
    assert guard.run({"do": "echo", "was": 1}).told["was"] == 1        # the turns were given back
    assert nobody_left()


def test_a_turn_is_given_back_after_every_kind_of_end() -> None:
    guard = Guard(work, at_once=1, seconds=2, patience=0)
    for act in ("fail", "refuse", "die", "sleep", "recurse"):
        with pytest.raises((ProblemsError, WorkFailedError)):
            guard.run({"do": act})
    assert guard.run({"do": "echo", "was": 1}).told["was"] == 1


def test_the_limits_of_an_installation_are_bounded() -> None:
    assert SECONDS <= 60
    assert MEMORY <= 4_000_000_000
    assert AT_ONCE <= 4
