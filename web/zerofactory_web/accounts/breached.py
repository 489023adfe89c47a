"""Passwords that were in breaches, looked up in a file that the operator names; nothing is asked over the network.

The file has a line for each: the SHA-1 of the password in hexadecimal, then ``:`` and how often it was seen, sorted by
hash, as the public list of Have I Been Pwned is given out. It may be of any size: a look-up reads some thirty lines.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import BinaryIO

from zerofactory_engine.problems import Place, Problem, ProblemsError

_LINE = re.compile(rb"([0-9A-Fa-f]{40})(:\d+)?\r?\n?")


def is_breached(file: Path, password: str) -> bool:
    """Whether *password* is among those of *file*.

    Raises:
        ProblemsError: ``accounts.breached-unreadable``: the file cannot be read or is another one; a password that
            cannot be looked up is not taken.
    """
    # SHA-1 is how such lists name a password; nothing is kept under it.
    wanted = hashlib.sha1(password.encode("utf-8"), usedforsecurity=False).hexdigest().upper().encode("ascii")
    try:
        with file.open("rb") as lines:
            low, high = 0, lines.seek(0, 2)
            while low < high:
                middle = (low + high) // 2
                found, end = _line_after(lines, middle)
                if found is None or found > wanted:
                    high = middle
                elif found == wanted:
                    return True
                else:
                    low = end
    except (OSError, ValueError):
        raise _unreadable(file) from None
    return False


def _line_after(lines: BinaryIO, at: int) -> tuple[bytes | None, int]:
    """The hash of the first line that begins at or after *at*, and where it ends; None when there is none."""
    lines.seek(max(0, at - 1))
    if at > 0:
        lines.readline(200)            # the rest of the line before; all of it when *at* begins one
    line = lines.readline(200)
    if not line.strip():
        return None, lines.tell()
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("no line of such a list")
    return found[1].upper(), lines.tell()


def _unreadable(file: Path) -> ProblemsError:
    return ProblemsError([Problem("accounts.breached-unreadable", Place(file=file.name),
                                  accepted="SHA-1:count", example="21BD12DC183F740EE76F27B78EB39C8AD972A757:52579")])
