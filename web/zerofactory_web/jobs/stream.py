"""How a page follows a job: server-sent events over one request, bounded in time and number.

A stream holds a thread of the server, so there are few at once; whoever gets none looks again after a while. It ends
after :data:`SECONDS` and the browser asks again, which also looks at his rights again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: Seconds that one stream lasts, between looks at the job, and between signs of life when nothing changes.
SECONDS, LOOK, BEAT = 25.0, 0.5, 5.0
#: Milliseconds after which a browser asks again.
_AGAIN = 1_000

Look = Callable[[], dict[str, Any]]


@dataclass
class Streams:
    """The streams of one process: at most *at_once*."""

    at_once: int
    seconds: float = SECONDS
    look: float = LOOK
    beat: float = BEAT
    _places: threading.BoundedSemaphore = field(init=False)
    _ended: threading.Event = field(init=False, default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._places = threading.BoundedSemaphore(self.at_once)

    def end(self) -> None:
        """End every stream: the server stops."""
        self._ended.set()

    def place(self) -> Callable[[], None] | None:
        """A place for one stream, as the function that gives it back (once, however often it is called); None: full."""
        if not self._places.acquire(blocking=False):
            return None
        held = threading.Lock()

        def give_back() -> None:
            if held.acquire(blocking=False):
                self._places.release()

        return give_back

    def events(self, look: Look) -> Iterator[str]:
        """The text of a stream: ``job`` whenever what *look* gives has changed, ``end`` once it has ended."""
        yield f"retry: {_AGAIN}\n\n"
        begun = spoken = time.monotonic()
        last: dict[str, Any] | None = None
        while True:
            now = look()
            if now != last:
                yield event("end" if now["ended"] else "job", now)
                last, spoken = now, time.monotonic()
            if now["ended"] or time.monotonic() - begun > self.seconds:
                return
            if time.monotonic() - spoken >= self.beat:
                yield ": .\n\n"              # tells proxies, and us, whether anybody still listens
                spoken = time.monotonic()
            if self._ended.wait(self.look):
                return


def event(name: str, data: dict[str, Any]) -> str:
    """One event; its data is one line of JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
