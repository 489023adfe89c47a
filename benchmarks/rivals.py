"""The same comparisons in engines of others, in the same process, where they can.

None of them has an unknown: what is missing raises, is a default or is null. zen-engine computes one expression with
decimals inside; OpenFisca-Core works on columns of float32 (one entity here); durable-rules matches verdict facts to
findings, which the plain chainer does beside it. OpenFisca-Core is AGPL: it is used for this page and nowhere else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, figure, timed
from zerofactory_engine import feel
from zerofactory_engine.dossier import Dossier, read_dossier
from zerofactory_engine.findings import Fact, chainer, durable
from zerofactory_engine.findings.general import general_rules

COUNT = 100


def worked_site() -> Dossier:
    """The worked site, with the tables declared complete that it has no rows for."""
    path = Path(__file__).parent.parent / "tests/engine/dossier/examples/worked-site.yaml"
    dossier = read_dossier(path).dossier
    for table in ("heat", "processes", "fugitive"):
        dossier = dossier.declared_complete(table)
    return dossier


def _numbers() -> dict[str, Decimal]:
    draw = random.Random(7)
    return {f"q{n}": Decimal(draw.randrange(1, 10**6)) / 1000 for n in range(COUNT * 2)}


def _texts() -> list[str]:
    return [f"q{n} / q{n + 100} >= 0.5 and q{n} <= 2000" for n in range(COUNT)]


def own() -> Iterator[Figure]:
    """Our strict FEEL on the same expressions."""
    programs = [feel.compile_strict(feel.parse(t)) for t in _texts()]
    scope = _numbers()
    with feel.decimal_context():
        samples = timed(lambda: [p(scope) for p in programs], repeat=9, inner=10, scale=1e6)
        yield figure("own strict FEEL, 100 ratio criteria", samples, "µs", note="exact, unknowns carried")


def zen_engine() -> Iterator[Figure]:
    """zen-engine: compiled expressions over a JSON context."""
    import zen

    numbers = {k: float(v) for k, v in _numbers().items()}
    compiled = [(zen.compile_expression(t), {k: numbers[k] for k in (f"q{n}", f"q{n + 100}")})
                for n, t in enumerate(_texts())]
    samples = timed(lambda: [c.evaluate(context) for c, context in compiled], repeat=9, scale=1e6)
    yield figure("zen-engine, the same 100", samples, "µs", note="a missing value raises")


def openfisca() -> Iterator[Figure]:
    """OpenFisca-Core: one variable per criterion, one entity, a fresh simulation each time."""
    from openfisca_core import entities
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulation_builder import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    factory = entities.build_entity(key="factory", plural="factories", label="", is_person=True)
    system = TaxBenefitSystem([factory])

    def add(name: str, kind: type, formula: Callable[..., Any] | None = None) -> None:
        body: dict[str, Any] = {"value_type": kind, "entity": factory, "definition_period": DateUnit.YEAR}
        if formula is not None:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    def criterion(n: int) -> Callable[..., Any]:
        def formula(entity: Any, period: Any, parameters: Any) -> Any:
            value, other = entity(f"q{n}", period), entity(f"q{n + 100}", period)
            return (value / other >= 0.5) * (value <= 2000)
        return formula

    for name in _numbers():
        add(name, float)
    for n in range(COUNT):
        add(f"c{n}", bool, criterion(n))
    case = {"factories": {"f": {name: {"2025": float(v)} for name, v in _numbers().items()}}}

    def run() -> None:
        simulation = SimulationBuilder().build_from_entities(system, case)
        for n in range(COUNT):
            simulation.calculate(f"c{n}", "2025")

    yield figure("OpenFisca-Core, the same 100", timed(run, repeat=5), "ms", note="float32; a missing value is 0")


def chainers() -> Iterator[Figure]:
    """Findings of 100 verdict facts, plain and by durable-rules."""
    facts = [Fact(f"v{n}", {"kind": "verdict", "verdict": "not_met" if n % 10 == 0 else "met", "criterion": f"C-{n}",
                            "level": "entry", "asked": "yes", "computed": "yes", "robust": "yes", "class": "mandatory"})
             for n in range(COUNT)]
    rules = general_rules()
    yield figure("own chainer, 100 verdict facts, general rules", timed(lambda: chainer.derive(rules, facts), repeat=9),
                 "ms")
    yield figure("durable-rules, the same", timed(lambda: durable.derive(rules, facts), repeat=9), "ms",
                 note="contained, in the same process")


def figures() -> Iterator[Figure]:
    """All rivals that are installed."""
    for rival in (own, zen_engine, openfisca, chainers):
        try:
            yield from rival()
        except (ImportError, durable.ExtraMissingError) as error:
            yield Figure(f"{rival.__name__}: not installed", 0, "", note=str(error))
