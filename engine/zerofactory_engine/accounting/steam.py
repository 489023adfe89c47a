"""Enthalpy of steam from its state."""

from __future__ import annotations

from decimal import Decimal


def enthalpy(pressure: Decimal | None, kind: str | None, temperature: Decimal | None, state: str | None
             ) -> Decimal | None:
    """Specific enthalpy in GJ/t, or None when the state does not settle it."""
    return None
