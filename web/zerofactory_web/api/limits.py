"""How many requests one caller may make in a minute; counted in this process, forgotten when the minute is over."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

#: Requests of one person, or of one address without a token, in a minute.
MOST = 1_200
_SECONDS = 60.0


class Limiter:
    """Counts calls by caller."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._lock = threading.Lock()
        self._until = 0.0
        self._counts: dict[str, int] = {}

    def wait(self, caller: str) -> int:
        """Count a call; seconds that the caller has to wait, 0 when it may go on."""
        with self._lock:
            now = self._clock()
            if now >= self._until:
                self._until, self._counts = now + _SECONDS, {}
            self._counts[caller] = count = self._counts.get(caller, 0) + 1
            return math.ceil(self._until - now) if count > self._most else 0
