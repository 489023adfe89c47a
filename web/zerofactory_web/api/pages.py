"""The API for programs: /api/v1."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages of this subject."""
