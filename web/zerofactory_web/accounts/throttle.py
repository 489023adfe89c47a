"""Guessing made slow: after some failures a login waits, per account and per address, in the database.

An attempt is written as failed before its password is looked at, so that a hundred guesses at the same moment count as
a hundred. Accounts and addresses are kept as keyed hashes. An address from which an account was opened lately is
counted by itself for that account: strangers who guess elsewhere do not lock its owner out.

The numbers are this program's own choice: at its slowest an account takes 96 guesses a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, delete, func, select, text
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts import secret_text
from zerofactory_web.accounts.model import Attempt
from zerofactory_web.store.unit import PUBLIC, Change, Store

#: Failures that cost nothing, the seconds that the next one costs (doubled with each), and the most.
ACCOUNT_FREE, ADDRESS_FREE = 5, 30
FIRST_WAIT, LONGEST_WAIT = 1, 900
ACCOUNT_WINDOW, ADDRESS_WINDOW = timedelta(hours=24), timedelta(hours=1)
#: How long an address counts as known, and attempts are kept.
KNOWN = timedelta(days=30)
SECOND_FACTOR = "second-factor:"


def wait_after(failures: int, free: int) -> int:
    """Seconds to wait after so many failures."""
    if failures < free:
        return 0
    return min(LONGEST_WAIT, FIRST_WAIT << min(failures - free, 20))


def enter(store: Store, account: str, address: str, request: str = "") -> str:
    """Register an attempt at *account* from *address* as failed; its id for :func:`succeeded`.

    Raises:
        ProblemsError: ``accounts.wait`` with the seconds that are left; then nothing is registered.
    """
    who, where = secret_text.keyed(store.settings, account), secret_text.keyed(store.settings, f"address:{address}")
    with store.change(PUBLIC, request) as change:
        _one_at_a_time(change.session, who, where)
        left = _seconds_left(change.session, who, where, change.now)
        if left > 0:
            raise ProblemsError([Problem("accounts.wait", args={"seconds": str(left)})])
        change.session.execute(delete(Attempt).where(Attempt.at < change.now - KNOWN))
        made = Attempt(account=who, address=where, at=change.now, succeeded=False, created_at=change.now)
        change.session.add(made)
        change.session.flush()
        return made.id


def succeeded(change: Change, attempt: str) -> None:
    """The attempt was no failure."""
    row = change.session.get(Attempt, attempt)
    if row is not None:
        row.succeeded = True


def _one_at_a_time(session: Session, *names: str) -> None:
    """Let attempts at one account, or from one address, count each other. (SQLite has one writer anyway.)"""
    if session.get_bind().dialect.name == "postgresql":
        for number in sorted(int(name[7:22], 16) for name in names):
            session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": number})


def _seconds_left(session: Session, who: str, where: str, now: datetime) -> int:
    """How long the next attempt has to wait still; whole seconds, upwards."""
    known = session.scalar(select(func.count()).select_from(Attempt).where(
        Attempt.account == who, Attempt.address == where, Attempt.succeeded, Attempt.at > now - KNOWN))
    last = session.scalar(select(func.max(Attempt.at)).where(Attempt.account == who, Attempt.succeeded))
    since = now - ACCOUNT_WINDOW if last is None else max(last, now - ACCOUNT_WINDOW)
    mine = [Attempt.account == who, Attempt.at > since, ~Attempt.succeeded]
    if known:
        mine.append(Attempt.address == where)
    waits = [(*_failures(session, mine), ACCOUNT_FREE),
             (*_failures(session, [Attempt.address == where, Attempt.at > now - ADDRESS_WINDOW, ~Attempt.succeeded]),
              ADDRESS_FREE)]
    ends = [at + timedelta(seconds=wait_after(count, free)) for count, at, free in waits if at is not None]
    return max((-int(-(end - now).total_seconds() // 1) for end in ends), default=0)


def _failures(session: Session, which: Sequence[ColumnElement[bool]]) -> tuple[int, datetime | None]:
    """How many, and when the last was."""
    found = session.execute(select(func.count(type_=Integer), func.max(Attempt.at)).where(*which)).one()
    return int(found[0]), found[1]
