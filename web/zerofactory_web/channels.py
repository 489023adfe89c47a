"""Connections of waitress on which nobody waits for ever.

Waitress reads requests without a thread, so a slow sender blocks nobody; but every byte counts as a sign of life, and
whoever sends one now and then would keep his connection as long as he likes, until there are as many of them as the
server takes. Here a request has a time by which it has to be there: some seconds for its head, for its body so much
more as it brings at a rate that any line has.
"""

from __future__ import annotations

import time
from typing import Any

from waitress.channel import HTTPChannel

#: Bytes a second that the body of a request brings at least, over its whole length.
LEAST_RATE = 10_000


class BoundedChannel(HTTPChannel):  # type: ignore[misc]  # the package has no types
    """A connection whose last sign of life is long ago once the request that it is sending is late.

    The server's own upkeep then closes it, as one on which nothing comes at all.
    """

    _active = 0.0
    _begun: float | None = None

    def received(self, data: bytes) -> bool:
        """Take what came, noting when the request that is not whole yet began."""
        before = self.request
        taken: bool = super().received(data)
        if self.request is not before:
            self._begun = None if self.request is None else time.time()
        return taken

    def send_continue(self) -> None:
        """Ask for a body that waits to be asked for, unless it is refused already: waitress would ask all the same."""
        if self.request.error is None:
            super().send_continue()
        else:
            self.request.expect_continue = False

    def handle_close(self) -> None:
        """Close the connection, and the file in which the body of a request that is not whole may lie."""
        if self.request is not None:
            self.request.close()
        super().handle_close()

    @property
    def last_activity(self) -> float:
        """When something came or went last; 0 for a sender who is late."""
        return 0.0 if self._is_late(time.time()) else self._active

    @last_activity.setter
    def last_activity(self, moment: float) -> None:
        self._active = moment

    def _is_late(self, now: float) -> bool:
        sending: Any = self.request
        if sending is None or self._begun is None:
            return False
        allowed: float = self.adj.channel_timeout + sending.body_bytes_received / LEAST_RATE
        return now - self._begun > allowed
