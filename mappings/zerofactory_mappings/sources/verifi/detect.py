"""Whether a file is an account of VERIFI."""

from __future__ import annotations

import re

#: Names that stand in every account backup, looked for without parsing.
_MARKS = (rb'"meterData"\s*:', rb'"meters"\s*:', rb'"facilities"\s*:')


def detect(data: bytes) -> bool:
    """Whether *data* is JSON that names the collections of a VERIFI account; looks, does not parse."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and all(re.search(mark, data) for mark in _MARKS)
