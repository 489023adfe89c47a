"""Evidence, accounting, rules and verdicts: no web, no output formats."""

__version__ = "0.1.0"
