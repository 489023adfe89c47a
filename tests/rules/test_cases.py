"""Every case of every shipped pack comes out as derived by hand, and the cases say enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zerofactory_engine.accounting import shipped_library
from zerofactory_engine.dossier import Dossier
from zerofactory_engine.evaluation.cases import run_case
from zerofactory_engine.locate import RULES_ROOT
from zerofactory_engine.rulepack import Pack, pack_folders
from zerofactory_engine.rulepack.cases import Case, read_cases

CASES: dict[str, tuple[str, Case]] = {
    f"{ident}:{case.id}": (f"{ident}@{version}", case)
    for ident, version, folder in pack_folders((RULES_ROOT,)) for case in read_cases(folder / "cases")[0]}
DOSSIERS: dict[Path, Dossier] = {}

#: Causes of indeterminate that can occur under each pack, so that its cases show them.
CAUSES = {
    "cn-hunan-458-2025": {"value", "document", "table", "limit", "arithmetic", "implausible"},
    "cn-ceca-0171-2022": {"value", "document", "table", "limit", "arithmetic", "implausible", "judgement"},
    "iso-14068-1-2023": {"value", "document", "table", "judgement", "not_yet_due"},
    "cn-miit-guidance-2026": {"value", "document", "table", "not_yet_due"},
}

#: Criteria that cannot be met because what they ask is not known, and those that cannot fail without it.
NEVER_MET = {"HN-5", "CECA-BASIC", "CECA-STAR", "CECA-6S-II", *(f"CECA-IND-{n}" for n in range(1, 7))}
NEVER_FAILED = {"HN-5", "CECA-STAR", "CECA-6S-II"}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str, load: Callable[[str], Pack]) -> None:
    pack_name, case = CASES[name]
    result = run_case(load(pack_name), case, shipped_library(), DOSSIERS)
    assert result.differences == ()


def expected(ident: str) -> Iterator[tuple[str, str, str | None]]:
    for name, (_, case) in CASES.items():
        if name.startswith(f"{ident}:"):
            for criteria in case.expect_criteria.values():
                yield from ((c, e.verdict, e.cause) for c, e in criteria.items())


@pytest.mark.parametrize("ident", CAUSES)
def test_cases_show_every_cause(ident: str) -> None:
    assert {cause for _, _, cause in expected(ident) if cause} == CAUSES[ident]


@pytest.mark.parametrize("ident", CAUSES)
def test_cases_show_each_criterion_met_and_not_met(ident: str, load: Callable[[str], Pack]) -> None:
    shown: dict[str, set[str]] = defaultdict(set)
    for criterion, verdict, _ in expected(ident):
        shown[criterion].add(verdict)
    lacking = []
    for criterion in load(f"{ident}@0.1.0").criteria:
        wanted = {"met", "not_met"} - ({"met"} if criterion in NEVER_MET else set())
        wanted -= {"not_met"} if criterion in NEVER_FAILED else set()
        lacking += [f"{criterion}: {v}" for v in sorted(wanted - shown[criterion])]
        assert not (criterion in NEVER_MET and "met" in shown[criterion]), criterion
    assert lacking == []


@pytest.mark.parametrize("ident", CAUSES)
def test_every_alternative_shows_in_a_verdict_or_a_figure(ident: str) -> None:
    """A case that chooses an alternative also expects something."""
    for name, (_, case) in CASES.items():
        if name.startswith(f"{ident}:") and case.readings:
            assert case.expect_criteria or case.expect_quantities, name
