"""Names of the built-in functions of DMN 1.5 §10.3.4 that are written with several words."""

from __future__ import annotations

BUILTIN_NAMES: tuple[str, ...] = (
    "date and time", "years and months duration", "string length", "upper case", "lower case", "substring before",
    "substring after", "starts with", "ends with", "string join", "list contains", "insert before", "list replace",
    "index of", "distinct values", "round up", "round down", "round half up", "round half down", "get value",
    "get entries", "context put", "context merge", "day of year", "day of week", "month of year", "week of year",
    "met by", "overlaps before", "overlaps after", "finished by", "started by",
)
