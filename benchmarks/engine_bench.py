"""Speed of evaluation: verdicts of 100 distinct criteria, their proofs, all readings of one indicator; and rivals."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from benchmarks import rivals
from benchmarks.figures import Figure, figure, timed
from zerofactory_engine import feel
from zerofactory_engine.accounting import shipped_library
from zerofactory_engine.dossier import Dossier, dossier_from_tree
from zerofactory_engine.evaluation import Request
from zerofactory_engine.evaluation.assess import Assessor
from zerofactory_engine.evaluation.plan import Plan
from zerofactory_engine.evaluation.program import program_of
from zerofactory_engine.evaluation.proof import Prover
from zerofactory_engine.evaluation.run import Run
from zerofactory_engine.evaluation.verdicts import on_values
from zerofactory_engine.rulepack.load import find_pack, load_files
from zerofactory_engine.rulepack.model import Pack

ROWS = 500
DAY = date(2026, 8, 15)
_TEXT = "{zh: 试验, en: trial}"
_SOURCE = "source: trial, confidence: confirmed, last_confirmed: 2026-01-01"
SOURCES = ("grid", "on-site", "direct line", "green trade")
TECHNOLOGIES = ("solar", "wind", "coal")
FLOWS = ("consumed", "exported")
OWNERS = ("applicant", "third party")


def _criterion(number: int, condition: str, limit: str, unit: str) -> str:
    value = f"[{{from: 2020-01-01, value: {limit}, clause: c, {_SOURCE}}}]"
    return f"""
id: C-{number}
title: {_TEXT}
clause: c
source: trial
confidence: confirmed
last_confirmed: 2026-01-01
dimension: d
kind: mandatory
form: threshold
parameters: {{limit: {{title: {_TEXT}, unit: "{unit}", values: {value}}}}}
levels: {{entry: '{condition}'}}
"""


def conditions() -> Iterator[tuple[str, str, str]]:
    """100 distinct conditions with limit and unit: 40 filter rows, 60 compare quantities that others compute."""
    for n in range(10):
        source, other, technology = SOURCES[n % 4], SOURCES[(n + 1) % 4], TECHNOLOGIES[n % 3]
        flow = FLOWS[n % 2]
        yield (f'total(electricity[flow = "{flow}" and source = "{source}" and technology = "{technology}"].MWh) '
               ">= limit", str(100 + n), "MWh")
        yield (f'total(electricity[flow = "{flow}" and source in ("{source}", "{other}") '
               f'and not(technology = "{technology}")].MWh) <= limit', str(9000 + n), "MWh")
        yield (f'count(electricity[technology = "{technology}" and source = "{source}" '
               'and asset_owner = "applicant"]) >= limit', str(n + 1), "item")
        yield (f'total(electricity[source = "{source}" and from >= date(2025, {n + 1}, 1)].MWh) >= limit',
               str(n), "MWh")
    for n in range(60):
        shape = ("q{a} / q{b} >= limit", "q{a} - q{b} <= limit", "q{a} >= limit", "q{a} + q{b} > limit")[n % 4]
        yield shape.format(a=n, b=(n + 7) % 60), f"{n + 1}.5", "1" if n % 4 == 0 else "MWh"


def bench_pack() -> Pack:
    """The pack of the conditions above."""
    quantities = "".join(
        f"q{n}: {{title: {_TEXT}, clause: c, unit: MWh, value: 'total(certificates[system = \"S{n}\"].MWh)'}}\n"
        for n in range(60))
    files = {
        "pack.yaml": f"""
format: zerofactory/pack/1
id: bench
version: 0.1.0
standard: {{id: bench, edition: "1"}}
title: {_TEXT}
subject: facility
period: {{min_months: 12, max_months: 12}}
status: draft
provisional: no
published: 2026-01-01
valid: {{from: 2020-01-01}}
outcome: {{kind: readiness, concluded_by: {_TEXT}}}
dimensions: {{d: {_TEXT}}}
known_gaps: []
authors: [trial]
licence: Apache-2.0
""",
        "accounting.yaml": "factor_sets: {}\noptions: {}\n",
        "levels.yaml": f"entry: {{order: 1, title: {_TEXT}, needs: all}}\n",
        "quantities.yaml": quantities,
    }
    for number, (condition, limit, unit) in enumerate(conditions()):
        files[f"criteria/{number}.yaml"] = _criterion(number, condition, limit, unit)
    return load_files({name: text.encode() for name, text in files.items()})


def bench_dossier(seed: int) -> Dossier:
    """500 rows of electricity in which 5 % of the cells are empty."""
    draw = random.Random(seed)

    def cell(value: Any) -> Any:
        return None if draw.random() < 0.05 else value

    rows = [{"id": f"E{n}", "flow": cell(draw.choice(FLOWS)), "source": cell(draw.choice(SOURCES)),
             "technology": cell(draw.choice(TECHNOLOGIES)), "asset_owner": cell(draw.choice(OWNERS)),
             "MWh": cell(str(Decimal(draw.randrange(1, 10**6)) / 100)),
             "from": f"2025-{n % 12 + 1:02}-01", "to": f"2025-{n % 12 + 1:02}-28"} for n in range(ROWS)]
    return dossier_from_tree({
        "format": "zerofactory/dossier/1", "id": "bench", "facility": {"id": "F1", "name": {"zh": "厂", "en": "plant"}},
        "period": {"from": "2025-01-01", "to": "2025-12-31"}, "complete": ["electricity", "certificates"],
        "electricity": [{k: v for k, v in row.items() if v is not None} for row in rows]})


def given(seed: int) -> Mapping[str, Any]:
    """Ready quantities."""
    draw = random.Random(seed)
    return {f"q{n}": Decimal(draw.randrange(1, 10**6)) / 1000 for n in range(60)}


def _scopes(count: int) -> list[Mapping[str, Any]]:
    """Roots of fresh dossiers, tables made and nothing computed yet."""
    return [bench_dossier(seed).scope() for seed in range(count)]


def verdict_figures() -> Iterator[Figure]:
    """Verdicts and proofs of the bench pack."""
    pack = bench_pack()
    assert len({c.levels["entry"].condition.text for c in pack.criteria.values()}) == 100  # type: ignore[union-attr]
    plan = Plan(program_of(pack), {}, DAY)
    quantities = given(1)
    with feel.decimal_context():
        fresh = iter(_scopes(25))
        yield figure("verdicts of 100 criteria, 40 filter 500 rows, 5 % unknown, fresh dossier",
                     timed(lambda: plan.verdicts(plan.values(next(fresh), given=quantities)), repeat=15), "ms", 5)
        ready = Plan(program_of(_ready(pack)), {}, DAY)
        values = ready.values({}, given=quantities)
        yield figure("verdicts of 100 criteria over ready quantities",
                     timed(lambda: ready.verdicts(values), repeat=15, inner=20, scale=1e6), "µs", 100)
        yield from _proofs(pack, quantities)


def _ready(pack: Pack) -> Pack:
    """100 criteria that only compare ready quantities."""
    files = dict(pack.files)
    for number in range(100):
        a, b = number % 60, (number * 7 + 3) % 60
        condition = (f"q{a} >= limit", f"q{a} / q{b} >= limit", f"q{a} <= limit")[number % 3]
        unit = "1" if number % 3 == 1 else "MWh"
        files[f"criteria/{number}.yaml"] = _criterion(number, condition, f"{number + 1}.5", unit).encode()
    return load_files(files)


def _proofs(pack: Pack, quantities: Mapping[str, Any]) -> Iterator[Figure]:
    """The proof graph of all criteria, beyond the verdicts: an assessor that has judged proves."""
    assessors = []
    for seed in range(12):
        request = Request(DAY, documents_assumed=True, quantities=quantities, levers=False)
        assessor = Assessor(bench_dossier(seed), pack, request, shipped_library(), None)
        for criterion in pack.criteria.values():
            assessor.judged(criterion, "entry")
        assessors.append(assessor)
    fresh = iter(assessors)

    def prove() -> None:
        prover = Prover(next(fresh))
        for criterion in pack.criteria.values():
            prover.verdict(criterion, "entry")

    yield figure("proof graph of 100 criteria beyond their verdicts", timed(prove, repeat=9), "ms", 3)


def reading_figures(dossier: Dossier, reference: str = "cn-miit-zcf-2026",
                    criterion_id: str = "ZCF-1.1") -> Iterator[Figure]:
    """All combinations of the readings that an indicator reaches, on a real pack."""
    pack = find_pack(reference)
    criterion = pack.criteria[criterion_id]
    readings = {name: reading.default for name, reading in pack.readings.items()}
    with feel.decimal_context():
        run = Run(program_of(pack), dossier, shipped_library(), DAY)
        names = run.readings_of(f"{criterion_id}#entry")
        combinations = list(itertools.product(*(pack.readings[n].alternatives for n in names)))[:288]

        def every() -> None:
            fresh = Run(program_of(pack), dossier, shipped_library(), DAY)
            for combination in combinations:
                on_values(fresh, criterion, "entry", {**readings, **dict(zip(names, combination, strict=True))})

        yield figure(f"{len(combinations)} combinations of readings of indicator 1.1", timed(every, repeat=7), "ms",
                     100, "with the inventories that they need")


def figures() -> Iterator[Figure]:
    """The lines of the page."""
    yield from verdict_figures()
    yield from reading_figures(rivals.worked_site())
    yield from rivals.figures()


if __name__ == "__main__":
    for line in figures():
        goal = "" if line.goal is None else f"(goal {line.goal:g})"
        print(f"{line.name}: {line.median:.3g} {line.unit} {goal} {line.spread} {line.note}", flush=True)
