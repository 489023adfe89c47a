"""Long work in a table of its own: leased, retried, never lost."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages of this subject."""
