"""Speed of the expression language: verdicts of 100 distinct criteria over rows, over ready quantities, and traces."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.figures import Figure, figure, timed
from zerofactory_engine import feel
from zerofactory_engine.feel.compiler import Compiled
from zerofactory_engine.feel.tree import Node
from zerofactory_engine.feel.values import Months, Table

ROWS = 500
FUNCTIONS = {"total": feel.TOTAL}
SOURCES = ("grid", "on-site", "direct line", "green trade")
TECHNOLOGIES = ("solar", "wind", "hydro", "coal", "gas")


def dossier(seed: int) -> dict[str, Any]:
    """A scope with a fresh table of 500 rows in which 5 % of the cells are empty, and ready quantities."""
    draw = random.Random(seed)

    def cells(make: Callable[[], Any]) -> list[Any]:
        return [None if draw.random() < 0.05 else make() for _ in range(ROWS)]

    start = date(2025, 1, 1)
    table = Table("electricity", [f"E{n}" for n in range(ROWS)], {
        "flow": cells(lambda: draw.choice(("consumed", "exported", "generated"))),
        "source": cells(lambda: draw.choice(SOURCES)),
        "technology": cells(lambda: draw.choice(TECHNOLOGIES)),
        "MWh": cells(lambda: Decimal(draw.randrange(1, 10**6)) / 100),
        "rated_kW": cells(lambda: Decimal(draw.randrange(1, 10**4))),
        "grade": cells(lambda: Decimal(draw.randrange(1, 4))),
        "automatic": cells(lambda: draw.random() < 0.8),
        "issued_on": cells(lambda: start + timedelta(days=draw.randrange(365))),
    })
    scope: dict[str, Any] = {"electricity": table, "non_fossil": ["solar", "wind", "hydro"], "life": Months(24),
                             "period": {"end": date(2025, 12, 31)}}
    scope |= {f"q{n}": Decimal(draw.randrange(1, 10**6)) / 1000 for n in range(200)}
    return scope


def filtering() -> list[str]:
    """40 distinct criteria that filter rows."""
    made = []
    for n in range(8):
        source, other, grade = SOURCES[n % 4], SOURCES[(n + 1) % 4], n % 3 + 1
        made += [
            f'total(electricity[flow = "consumed" and source = "{source}"].MWh) >= q{n}',
            f'total(electricity[flow = "consumed" and source in ("{source}", "{other}") '
            f"and (technology in non_fossil)].MWh) / q{n} >= q{n + 50}",
            f"count(electricity[grade <= {grade} and automatic = true]) >= q{n}",
            f'total(electricity[source = "{source}" and issued_on + life >= period.end].rated_kW) <= q{n}',
            (f'some e in electricity satisfies e.MWh > q{n} * 100 and e.source = "{source}"' if n % 2
             else f'every e in electricity satisfies e.grade <= {grade} or e.rated_kW > q{n}'),
        ]
    return made


def ready(count: int) -> list[str]:
    """Comparisons over ready quantities."""
    shapes = ("q{a} / q{b} >= q{c}", "q{a} <= q{b} * q{c}", "q{a} + q{b} > q{c}", "q{a} >= q{b}")
    return [shapes[n % 4].format(a=n, b=(n + 7) % 200, c=(n * 3 + 1) % 200) for n in range(count)]


def compiled(texts: list[str]) -> list[tuple[Node, Compiled]]:
    """Trees and functions."""
    nodes = [feel.parse(t) for t in texts]
    return [(n, feel.compile_strict(n, FUNCTIONS)) for n in nodes]


def run(programs: list[tuple[Node, Compiled]], scope: Mapping[str, Any]) -> list[Any]:
    """All values."""
    return [program(scope) for _, program in programs]


def figures() -> Iterator[Figure]:
    """The lines of the page."""
    programs = compiled(filtering() + ready(60))
    scalars = compiled([f"q{n} >= q{(n * 7 + 3) % 200}" for n in range(100)])
    assert len({feel.to_text(n) for n, _ in programs}) == 100
    run(programs, dossier(0))                           # the kernels of a pack are generated once per process
    scopes = [dossier(seed) for seed in range(1, 40)]
    with feel.decimal_context():
        fresh = iter(scopes)
        yield figure("FEEL: 100 criteria, 40 filter 500 rows, 5 % unknown, fresh tables",
                     timed(lambda: run(programs, next(fresh)), repeat=15), "ms", 5)
        scope = dossier(0)
        yield figure("FEEL: 100 comparisons of ready quantities",
                     timed(lambda: run(scalars, scope), repeat=15, inner=20, scale=1e6), "µs", 100)
        run(programs, scope)
        verdicts = timed(lambda: run(programs, scope), repeat=15)
        traces = timed(lambda: [feel.explain(n, scope, FUNCTIONS) for n, _ in programs], repeat=15)
        yield figure("FEEL: traces of 100 criteria beyond their verdicts",
                     [t - v for t, v in zip(sorted(traces), sorted(verdicts), strict=True)], "ms", 3)


if __name__ == "__main__":
    for line in figures():
        print(f"{line.name}: {line.median:.3g} {line.unit} (goal {line.goal:g}), {line.spread}")
