"""The sections of the report in their order; an item of the completeness table points at one by its id."""

from __future__ import annotations

SECTIONS = ("organisation", "boundary", "results", "gases", "apart", "electricity", "base_year", "methods", "factors",
            "uncertainty", "more", "conformity", "completeness", "open")


def at(section: str) -> str:
    """How an item names a section of the report: by its id, which the page turns into number and title.

    Raises:
        ValueError: there is no such section.
    """
    return SECTIONS[SECTIONS.index(section)]
