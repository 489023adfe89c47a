"""Uncertainty of an inventory by category: exact propagation, and a Monte Carlo simulation that anybody can repeat."""

from __future__ import annotations

from zerofactory_mappings.uncertainty.monte_carlo import Settings, Simulated, Simulation, simulate
from zerofactory_mappings.uncertainty.propagate import Propagated, propagate

__all__ = ["Propagated", "Settings", "Simulated", "Simulation", "propagate", "simulate"]
