"""What a benchmark gives: a named figure with its goal, the median of repeated runs and their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A line of the page: *goal* and *median* in *unit*; *spread* is smallest and largest run; rivals have no goal."""

    name: str
    median: float
    unit: str
    goal: float | None = None
    spread: tuple[float, float] | None = None
    note: str = ""


def figure(name: str, samples: Iterable[float], unit: str, goal: float | None = None, note: str = "") -> Figure:
    """The figure of some samples."""
    values = sorted(samples)
    return Figure(name, statistics.median(values), unit, goal, (values[0], values[-1]), note)


def timed(action: Callable[[], object], repeat: int = 9, inner: int = 1, scale: float = 1e3) -> list[float]:
    """Seconds per call × *scale* (milliseconds by default), one warm-up, *repeat* samples of *inner* calls."""
    action()
    samples = []
    for _ in range(repeat):
        started = time.perf_counter()
        for _ in range(inner):
            action()
        samples.append((time.perf_counter() - started) / inner * scale)
    return samples
