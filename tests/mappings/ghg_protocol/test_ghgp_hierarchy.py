"""The market-based order as applied, and the algebra of consolidation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.mappings.ghg_protocol.test_ghgp_inventory import GROUP, made

from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.decimals import plain
from zerofactory_engine.dossier import dossier_from_tree
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.disclosures.subject import Holding, Member
from zerofactory_mappings.ghg_protocol.consolidation import APPROACHES, consolidate
from zerofactory_mappings.ghg_protocol.hierarchy import hierarchy
from zerofactory_mappings.ghg_protocol.model import Both

LIBRARY = FactorLibrary.shipped()
CERTIFICATE = {
    "id": "C1", "system": "GEC", "technology": "wind", "bundled": "no", "market_boundary": "CN",
    "generated_from": "2025-04-01", "generated_to": "2025-04-30", "issued_on": "2025-05-20",
    "retired_on": "2025-12-20", "cancellation_reason": "consumption claim", "beneficiary": "F1",
    "consumption_year": "2025", "claimed_elsewhere": "no"}
TRADE = {"id": "G1", "flow": "consumed", "source": "green trade", "technology": "solar", "contract": "PPA",
         "market_boundary": "CN", "attribute_owner": "applicant", "attributes_claimed_elsewhere": "no"}


def inventory(grid: str, trade: Sequence[dict[str, str]] = (), certificates: Sequence[dict[str, str]] = ()) -> Inventory:
    """A plant with *grid* MWh, traded power and certificates."""
    tree: dict[str, Any] = {
        "format": "zerofactory/dossier/1", "id": "h", "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "facility": {"id": "F1", "name": {"zh": "厂", "en": "Site"}, "country": "CN", "province": "CN-SC",
                     "market_boundary": "CN"},
        "complete": ["electricity", "heat", "certificates"],
        "electricity": [{"id": "E1", "flow": "consumed", "source": "grid", "MWh": grid}, *trade],
        "certificates": list(certificates)}
    for row in (*tree["electricity"], *tree["certificates"]):
        row.setdefault("from", "2025-01-01")
        row.setdefault("to", "2025-12-31")
    return compute_inventory(dossier_from_tree(tree, lenient=True), Options(), LIBRARY)


def steps(found: Inventory) -> dict[str, str]:
    """MWh of each step that covers any."""
    return {s.id: "unknown" if isinstance(s.mwh, Unknown) else plain(s.mwh) for s in hierarchy(found.lines)
            if isinstance(s.mwh, Unknown) or s.mwh}


#: what, grid MWh, traded, certificates, MWh by step
ORDER: list[tuple[str, str, list[dict[str, str]], list[dict[str, str]], dict[str, str]]] = [
    ("grid alone takes the residual mix", "1000", [], [], {"residual_mix": "1000"}),
    ("certificates cover their MWh", "1000", [], [CERTIFICATE | {"MWh": "400"}],
     {"certificates": "400", "residual_mix": "600"}),
    ("never more than is consumed", "1000", [], [CERTIFICATE | {"MWh": "1500"}], {"certificates": "1000"}),
    ("a certificate that another claims covers nothing", "1000", [],
     [CERTIFICATE | {"MWh": "400", "claimed_elsewhere": "yes"}], {"residual_mix": "1000"}),
    ("a certificate of another market covers nothing", "1000", [],
     [CERTIFICATE | {"MWh": "400", "market_boundary": "EU"}], {"residual_mix": "1000"}),
    ("traded power stands under contracts", "600", [TRADE | {"MWh": "400"}], [],
     {"contracts": "400", "residual_mix": "600"}),
    ("traded power and its certificate are one claim", "600", [TRADE | {"MWh": "400"}],
     [CERTIFICATE | {"MWh": "400", "bundled": "yes", "contract": "PPA", "technology": "solar"}],
     {"contracts": "400", "residual_mix": "600"}),
    ("traded power that another claims falls back", "600", [TRADE | {
        "MWh": "400", "attributes_claimed_elsewhere": "yes"}], [], {"residual_mix": "1000"}),
]


@pytest.mark.parametrize(("what", "grid", "trade", "certificates", "covered"), ORDER, ids=[o[0] for o in ORDER])
def test_what_each_step_covers(what: str, grid: str, trade: list[dict[str, str]], certificates: list[dict[str, str]],
                               covered: dict[str, str]) -> None:
    assert steps(inventory(grid, trade, certificates)) == covered


def test_an_instrument_with_open_answers_belongs_to_no_step() -> None:
    """Whether another claims the certificate is not stated: its MWh are neither covered nor residual."""
    certificate = {k: v for k, v in CERTIFICATE.items() if k != "claimed_elsewhere"}
    found = inventory("1000", [], [certificate | {"MWh": "400"}])
    assert "certificates" not in steps(found)
    assert steps(found)["undetermined"] == "unknown" or Decimal(steps(found)["undetermined"]) > 0
    assert isinstance(found.total("scope/2", "market").value, Unknown)
    assert not isinstance(found.total("scope/2", "location").value, Unknown)


AMOUNT = st.integers(0, 2_000_000).map(lambda n: Decimal(n) / 1000)


@given(AMOUNT, AMOUNT, AMOUNT)
def test_steps_cover_what_is_consumed_and_nothing_twice(grid: Decimal, traded: Decimal, certified: Decimal) -> None:
    found = inventory(plain(grid), [TRADE | {"MWh": plain(traded)}], [CERTIFICATE | {"MWh": plain(certified)}])
    total = sum((s.mwh for s in hierarchy(found.lines) if isinstance(s.mwh, Decimal)), Decimal(0))
    assert total == grid + traded
    tonnes = sum((s.tco2e for s in hierarchy(found.lines) if isinstance(s.tco2e, Decimal)), Decimal(0))
    assert tonnes == found.total("scope/2", "market").value


# --- consolidation ---------------------------------------------------------------------------------------------------

RELATIONSHIPS = ("subsidiary", "joint_venture", "associate", "fixed_asset_investment", "franchise")
HOLDING = st.builds(Holding, st.sampled_from(RELATIONSHIPS), st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000),
                    st.booleans(), st.booleans())


@cache
def members() -> tuple[Member, ...]:
    return made(GROUP)[0].members[:2]                      # both tell everything


@given(st.tuples(HOLDING, HOLDING), st.sampled_from(APPROACHES), st.sampled_from(["location", "market"]))
def test_a_group_is_the_sum_of_its_facilities_times_their_shares(holdings: tuple[Holding, Holding], approach: str,
                                                                 basis: str) -> None:
    held = [replace(m, holding=h) for m, h in zip(members(), holdings, strict=True)]
    found = consolidate(held, approach)
    for group in ("scope/1", "scope/2", "scopes_1_2", "all", "outside/biogenic_co2"):
        wanted = Decimal(0)
        for one in found.held:
            whole = (one.member.inventory.total(group, basis)).value
            assert isinstance(whole, Decimal)
            assert one.share is not None
            wanted += whole * one.share
        told = found.total(group, basis).value
        assert isinstance(told, Decimal)
        assert abs(told - wanted) <= abs(wanted) * Decimal("1e-26"), group


@given(st.sampled_from(APPROACHES), HOLDING)
def test_a_facility_with_no_share_brings_in_neither_figures_nor_doubts(approach: str, holding: Holding) -> None:
    """Plant C does not say everything; a group that does not take it in stays known."""
    subject = made(GROUP)[0]
    own, open_ended = subject.members[0], subject.members[2]
    found = consolidate([own, replace(open_ended, holding=holding)], approach)
    both = Both(found.total("scope/1"), found.total("scope/1", "market"))
    assert both.known == (found.held[1].share == 0)
