"""Own counters, told as plain text in the exposition format that collectors read. No personal data, no paths."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping

#: Upper bounds of the classes of duration, in seconds.
BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_HELP = {
    "zerofactory_requests_total": "Requests by method, route and status.",
    "zerofactory_request_seconds": "Duration of requests.",
    "zerofactory_prechecks_total": "Pre-checks by outcome.",
    "zerofactory_upload_bytes_total": "Bytes of files that were kept.",
    "zerofactory_errors_total": "Requests that ended in the last-resort handler.",
}
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counters and one histogram; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[_Labels, int]] = defaultdict(lambda: defaultdict(int))
        self._classes = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0

    def count(self, name: str, by: int = 1, **labels: str) -> None:
        """Add *by* to the counter *name* under *labels*."""
        with self._lock:
            self._counts[name][tuple(sorted(labels.items()))] += by

    def duration(self, seconds: float) -> None:
        """Record how long a request took."""
        with self._lock:
            self._seconds += seconds
            self._classes[next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))] += 1

    def of(self, name: str, **labels: str) -> int:
        """What the counter *name* stands at, over all that have these labels."""
        wanted = set(labels.items())
        with self._lock:
            return sum(n for found, n in self._counts[name].items() if wanted <= set(found))

    def text(self, gauges: Mapping[str, float] | None = None) -> str:
        """Everything as text; *gauges* are values of this moment."""
        with self._lock:
            lines = [*self._counter_lines(), *self._duration_lines()]
        for name, value in sorted((gauges or {}).items()):
            lines += [f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _counter_lines(self) -> Iterator[str]:
        for name, counts in sorted(self._counts.items()):
            yield f"# HELP {name} {_HELP.get(name, name)}"
            yield f"# TYPE {name} counter"
            for labels, count in sorted(counts.items()):
                told = ",".join(f'{k}="{_escaped(v)}"' for k, v in labels)
                yield f"{name}{{{told}}} {count}" if told else f"{name} {count}"

    def _duration_lines(self) -> Iterator[str]:
        name, total = "zerofactory_request_seconds", 0
        yield f"# HELP {name} {_HELP[name]}"
        yield f"# TYPE {name} histogram"
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self._classes, strict=True):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self._seconds:.6f}"
        yield f"{name}_count {total}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
