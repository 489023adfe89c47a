"""Tables of this subject."""

from __future__ import annotations
