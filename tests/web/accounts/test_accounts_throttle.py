"""Guessing: what waits how long, by account and by address, with a clock that the test sets."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.web.accounts.accounts_world import refusing
from tests.web.conftest import Clock

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.accounts import throttle
from zerofactory_web.accounts.model import Attempt
from zerofactory_web.store.unit import SYSTEM, Store


@pytest.mark.parametrize(("failures", "wait"), [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900), (400, 900)])
def test_waits_double_up_to_a_quarter_of_an_hour(failures: int, wait: int) -> None:
    assert throttle.wait_after(failures, throttle.ACCOUNT_FREE) == wait


def fail(store: Store, account: str, address: str, times: int, clock: Clock) -> None:
    """So many failures, each as soon as it is let in."""
    for _ in range(times):
        while True:
            try:
                throttle.enter(store, account, address)
                break
            except ProblemsError as error:
                clock.now += timedelta(seconds=int(error.problems[0].args["seconds"]))


def test_an_account_waits_and_others_do_not(store: Store, clock: Clock) -> None:
    fail(store, "anna", "192.0.2.1", 12, clock)
    with pytest.raises(ProblemsError) as caught:
        throttle.enter(store, "anna", "198.51.100.9")
    assert caught.value.problems[0].args == {"seconds": "127"}      # 2 ** 7, and the clock has moved on by one
    throttle.enter(store, "bo", "198.51.100.9")
    clock.now += timedelta(seconds=126)
    attempt = throttle.enter(store, "anna", "198.51.100.9")
    with store.change(SYSTEM) as change:
        throttle.succeeded(change, attempt)
    for _ in range(throttle.ACCOUNT_FREE):
        throttle.enter(store, "anna", "198.51.100.9")


def test_an_address_waits_whatever_accounts_it_tries_and_its_own_success_does_not_help(store: Store, clock: Clock) -> None:
    for number in range(throttle.ADDRESS_FREE + 6):
        fail(store, f"person{number}", "192.0.2.1", 1, clock)
    clock.now += timedelta(seconds=64)
    attempt = throttle.enter(store, "own", "192.0.2.1")
    with store.change(SYSTEM) as change:
        throttle.succeeded(change, attempt)
    throttle.enter(store, "next", "192.0.2.1")
    with refusing("accounts.wait"):
        throttle.enter(store, "next", "192.0.2.1")
    throttle.enter(store, "next", "192.0.2.2")
    clock.now += throttle.ADDRESS_WINDOW
    throttle.enter(store, "next", "192.0.2.1")


def test_strangers_do_not_lock_out_an_owner_at_a_known_address(store: Store, clock: Clock) -> None:
    attempt = throttle.enter(store, "anna", "203.0.113.5")
    with store.change(SYSTEM) as change:
        throttle.succeeded(change, attempt)
    fail(store, "anna", "192.0.2.1", 15, clock)
    with refusing("accounts.wait"):
        throttle.enter(store, "anna", "192.0.2.2")
    throttle.enter(store, "anna", "203.0.113.5")
    clock.now += throttle.KNOWN
    with store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 17
    throttle.enter(store, "anna", "203.0.113.5")
    with store.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_guesses_at_the_same_moment_count_each_other(store: Store) -> None:
    let_in: list[str] = []

    def guess() -> None:
        try:
            let_in.append(throttle.enter(store, "anna", "192.0.2.1"))
        except ProblemsError:
            return

    clock_of_all = store.clock()
    store.clock = lambda: clock_of_all
    threads = [threading.Thread(target=guess) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(let_in) == throttle.ACCOUNT_FREE


def test_neither_account_nor_address_can_be_read_from_the_table(store: Store) -> None:
    throttle.enter(store, "anna@body.example", "192.0.2.1")
    with store.read() as session:
        row = session.scalars(sa.select(Attempt)).one()
    for text in ("anna@body.example", "192.0.2.1", "address:192.0.2.1"):
        assert hashlib.sha256(text.encode()).hexdigest() not in (row.account[7:], row.address[7:])
        assert text not in row.account + row.address
