"""A plan decides what a run decides: on the real packs, on their cases, and on every way a verdict can come about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from zerofactory_engine import feel
from zerofactory_engine.accounting import shipped_library
from zerofactory_engine.dossier import Dossier, read_dossier
from zerofactory_engine.evaluation import Assessment
from zerofactory_engine.evaluation.cases import run_case, run_cases
from zerofactory_engine.evaluation.plan import Plan
from zerofactory_engine.evaluation.program import program_of, rewrite
from zerofactory_engine.evaluation.run import Run
from zerofactory_engine.evaluation.verdicts import on_values
from zerofactory_engine.feel import tree
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.reasons import Cause, Reason, Unknown
from zerofactory_engine.rulepack.cases import read_cases
from zerofactory_engine.rulepack.load import find_pack, pack_folders
from zerofactory_engine.rulepack.model import Expression, Pack

PackOf = Callable[..., Pack]
DossierOf = Callable[..., Dossier]
TextOf = Callable[..., str]
DAY = date(2026, 8, 15)
PACKS = [f"{i}@{v}" for i, v, _ in pack_folders()]


def both(pack: Pack, dossier: Dossier, given: dict[str, Any] | None = None, valid_on: date = DAY) -> tuple[dict[Any, str], dict[Any, str]]:
    """Verdicts by a plan and by a run."""
    readings = {name: reading.default for name, reading in pack.readings.items()}
    program = program_of(pack)
    with feel.decimal_context():
        run = Run(program, dossier, shipped_library(), valid_on, given=given)
        plan = Plan(program, readings, valid_on)
        roots = {**dossier.scope(), **run.roots(readings)}
        fast = plan.verdicts(plan.values(roots, run, given))
        slow = {(c.id, level): on_values(run, c, level, readings).verdict for c in pack.criteria.values() for level in c.levels}
    return {k: str(v) for k, v in fast.items()}, {k: str(v) for k, v in slow.items()}


@pytest.mark.parametrize("reference", PACKS)
def test_on_real_packs(root: Path, reference: str) -> None:
    dossier = read_dossier(root / "tests/engine/dossier/examples/worked-site.yaml").dossier
    fast, slow = both(find_pack(reference), dossier)
    assert fast == slow
    complete = dossier
    for table in ("heat", "processes", "fugitive", "biomass"):
        complete = complete.declared_complete(table)
    fast, slow = both(find_pack(reference), complete)
    assert fast == slow
    early, late = both(find_pack(reference), complete, valid_on=date(2019, 1, 1))
    assert early == late


@pytest.mark.parametrize(("levels", "more", "verdict"), [
    ("entry: consumed >= low", "", "met"),
    ("entry: consumed <= low", "", "not_met"),
    ("entry: consumed >= nothing", "", "not_applicable"),
    ("entry: consumed >= unknown", "", "indeterminate"),
    ("entry: consumed >= low and clean <= nothing", "", "met"),
    ("entry: consumed >= low and (clean / nothing) >= 0", "", "met"),
    ("entry: share_of >= 0", "quantities:\n  share_of: {title: {zh: 比, en: r}, unit: \"1\", value: clean / nothing}", "indeterminate"),
    ("entry: consumed >= low", "applies_when: facility.ccus = true", "indeterminate"),
    ("entry: consumed >= nothing", "applies_when: facility.ccus = true", "not_applicable"),
    ("entry: consumed >= low", 'applies_when: facility.kind = "computing facility"', "not_applicable"),
    ("entry: {condition: consumed >= low, applies_when: clean > low}", "", "met"),
    ('entry: figure("industrial_value_added") >= 0', "", "indeterminate"),
    ('entry: count(answers("miit-disclosure")[met = true]) >= 0', "", "indeterminate"),
])
def test_every_way_a_verdict_comes_about(pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf, dossier_of: DossierOf,
                                         levels: str, more: str, verdict: str) -> None:
    parameters = {"low": "100", "nothing": "none", "unknown": "unknown"}
    used = [parameter_of(n, v) for n, v in parameters.items() if n in levels + more]
    text = ("parameters:\n  " + "\n  ".join(used) + "\n" if used else "") + more
    fast, slow = both(pack_of(criterion_of("T-1", levels, more=text)), dossier_of())
    assert fast == slow == {("T-1", "entry"): verdict}


def test_given_quantities_are_not_computed(pack_of: PackOf, dossier_of: DossierOf) -> None:
    fast, slow = both(pack_of(), dossier_of(), {"clean": Decimal(500)})
    assert fast == slow == {("T-1", "entry"): "met", ("T-1", "target"): "not_met"}
    unknown = Unknown(Reason(Cause.VALUE, "clean", "reason.given-unknown"))
    fast, slow = both(pack_of(), dossier_of(), {"clean": unknown})
    assert set(fast.values()) == {"indeterminate"}
    assert fast == slow


def test_a_condition_that_is_no_yes_or_no_is_the_packs_error(pack_of: PackOf, dossier_of: DossierOf, share: str,
                                                             assess: Callable[..., Assessment]) -> None:
    """The pack check refuses such a condition; should one come through, it is an error and never met."""
    from dataclasses import replace

    pack = pack_of(share)
    criterion = pack.criteria["T-1"]
    number = Expression("1", feel.parse("1"))
    rules = {"entry": replace(criterion.levels["entry"], condition=number), "target": criterion.levels["target"]}
    odd = replace(pack, criteria={"T-1": replace(criterion, levels=rules)}, files={"odd": b"1"})
    fast, slow = both(odd, dossier_of())
    assert fast == slow == {("T-1", "entry"): "error", ("T-1", "target"): "not_met"}
    found = assess(odd)
    assert str(found.level("entry").verdict) == "error"
    assert [(f.code, str(f.settled_by)) for f in found.findings if f.criterion and f.level == "entry"] == [("finding.error", "body")]
    applies = replace(pack, criteria={"T-1": replace(criterion, applies_when=number)}, files={"odd": b"2"})
    fast, slow = both(applies, dossier_of())
    assert set(fast.values()) == {"error"}
    assert fast == slow
    assert assess(applies).criterion("T-1").applies == "error"
    due = replace(pack, criteria={"T-1": replace(criterion, levels={
        **criterion.levels, "entry": replace(criterion.levels["entry"], due=number)})}, files={"odd": b"3"})
    assert str(assess(due).criterion("T-1").levels["entry"].verdict) == "error"


@pytest.mark.parametrize("reference", PACKS)
def test_the_cases_of_every_pack(reference: str) -> None:
    pack = find_pack(reference)
    assert pack.folder is not None
    results = list(run_cases(pack, pack.folder / "cases"))
    assert [(r.id, r.differences) for r in results if not r.passed] == []
    assert len(results) >= 15


def test_a_case_that_does_not_come_out_says_where(root: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"""
- id: wrong
  title: {{zh: 错, en: wrong}}
  dossier: {root / 'tests/engine/dossier/examples/worked-site.yaml'}
  valid_on: 2026-08-15
  documents: assumed
  readings: {{grid_factor_area: national}}
  quantities: {{total_emissions: unknown}}
  expect:
    quantities: {{comprehensive_energy: 1 tce, total_emissions: unknown}}
    applies: {{ZCF-2.3: yes}}
    entry:
      ZCF-1.1: met
      ZCF-1.3: {{verdict: indeterminate, on_values: met, cause: document, settled_by: body}}
    levels: {{entry: met}}
""", encoding="utf-8")
    (result,) = run_cases(find_pack("cn-miit-zcf-2026@0.1.0"), tmp_path)
    assert not result.passed
    told = result.differences
    assert told[0].startswith("comprehensive_energy: unknown tce (heat") or told[0].startswith("comprehensive_energy: ")
    assert told[1] == "ZCF-2.3: applies no, expected yes"
    assert told[2].startswith("entry ZCF-1.1: indeterminate, expected met (value: quantity:total_emissions")
    assert [t.partition(" (")[0] for t in told[3:6]] == [
        "entry ZCF-1.3: on values indeterminate, expected met", "entry ZCF-1.3: causes limit, expected document",
        "entry ZCF-1.3: settled by issuer, expected body"]
    assert told[6] == "level entry: indeterminate, expected met"
    assert result.as_json() == {"id": "wrong", "passed": False, "differences": list(told)}


def test_a_case_whose_request_cannot_be_fulfilled(root: Path, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("""
- id: odd
  title: {zh: 错, en: odd}
  dossier:
    format: zerofactory/dossier/1
    id: odd
    facility: {id: F1, name: {zh: 厂, en: plant}}
    period: {from: 2025-01-01, to: 2025-12-31}
  valid_on: 2026-08-15
  readings: {nowhere: a}
  expect: {target: {ZCF-1.1: met}}
""", encoding="utf-8")
    pack = find_pack("cn-miit-zcf-2026@0.1.0")
    (case,), _ = read_cases(tmp_path)
    assert run_case(pack, case, shipped_library()).differences[0].startswith("evaluation.reading-unknown nowhere")
    (tmp_path / "d.yaml").write_text("- {id: x}\n", encoding="utf-8")
    with pytest.raises(ProblemsError):
        list(run_cases(pack, tmp_path))


def test_trees_are_rewritten_from_the_inside_out() -> None:
    node = feel.parse("f(1) + [2, g(3)][item > 1]")
    seen: list[str] = []

    def change(part: tree.Node) -> tree.Node:
        seen.append(type(part).__name__)
        return tree.Number(part.value + 1) if isinstance(part, tree.Number) else part

    assert feel.to_text(rewrite(node, change)) == "f(2) + [3, g(4)][item > 2]"
    assert seen[-1] == "Arithmetic"


def test_programs_are_compiled_once_for_a_pack(pack_of: PackOf, share: str) -> None:
    one = pack_of(share)
    assert program_of(one) is program_of(one)
    other = pack_of(share.replace("value: 30", "value: 31"))
    assert program_of(other) is not program_of(one)


def test_gases_are_converted_by_the_inventorys_potentials(pack_of: PackOf, criterion_of: TextOf, parameter_of: TextOf,
                                                          dossier_of: DossierOf, assess: Callable[..., Assessment]) -> None:
    """2 t of SF6 by the sixth report: 25 200 each; CO2 is itself; another unit of one dimension stays."""
    more = (f"parameters:\n  {parameter_of('mass', '2', 'tSF6')}\n  {parameter_of('co2', '3', 'tCO2')}\n"
            f"  {parameter_of('cap', '1', 'tCO2e')}")
    condition = 'convert(mass, "tCO2e") + convert(co2, "tCO2e") <= cap * 1 and convert(co2, "kgCO2") > 0'
    outcome = assess(pack_of(criterion_of("T-1", f"entry: '{condition}'", more=more), quantities="{}")).criterion("T-1").levels["entry"]
    assert outcome.value is not None
    assert (str(outcome.verdict), outcome.value.value) == ("not_met", Decimal(50403))
