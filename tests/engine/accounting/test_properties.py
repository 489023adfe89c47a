"""Algebra of the inventory: rows add, amounts scale, order does not matter, nothing is counted twice or lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from zerofactory_engine.accounting import FactorLibrary, Inventory, Options, compute_inventory
from zerofactory_engine.accounting.proofs import recompute
from zerofactory_engine.dossier import dossier_from_tree

D = Decimal
LIBRARY = FactorLibrary.shipped()
TABLES = ["energy", "electricity", "heat", "processes", "fugitive", "certificates", "transport"]
CLOSE = D("1e-20")
bounded = settings(deadline=None, max_examples=40)

amounts = st.decimals(min_value="0", max_value="100000", places=3).map(lambda d: format(d, "f"))
fuels = st.sampled_from(["natural_gas", "diesel", "coke", "wood", "lng", "bituminous_coal"])


def fuel(carrier: str, amount: str) -> dict[str, Any]:
    return {"carrier": carrier, "use": "fuel", ("Nm3" if carrier == "natural_gas" else "t"): amount}


ROWS = st.one_of(
    st.tuples(st.just("energy"), st.builds(fuel, fuels, amounts)),
    st.tuples(st.just("electricity"), st.builds(lambda a, s: {"flow": "consumed", "source": s, "MWh": a, "technology": "solar",
                                                              "contract": "x"},
                                                amounts, st.sampled_from(["grid", "green trade", "direct line", "on-site"]))),
    st.tuples(st.just("heat"), st.builds(lambda a: {"source": "purchased", "GJ": a}, amounts)),
    st.tuples(st.just("processes"), st.builds(lambda a: {"activity": "carbonate use", "material": "limestone", "t": a}, amounts)),
    st.tuples(st.just("fugitive"), st.builds(lambda a, g: {"gas": g, "top_up_kg": a}, amounts,
                                             st.sampled_from(["R410A", "SF6", "R22", "CO2"]))),
    st.tuples(st.just("transport"), st.builds(lambda a: {"tkm": a, "factor": "0.2 kgCO2e/tkm"}, amounts)),
)
SITES = st.lists(ROWS, max_size=8)


def numbered(rows: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    return [(table, {**row, "id": f"r{n}"}) for n, (table, row) in enumerate(rows)]


def account(rows: list[tuple[str, dict[str, Any]]], certificates: str | None = None, **options: str) -> Inventory:
    tree: dict[str, Any] = {"format": "zerofactory/dossier/1", "id": "p", "period": {"from": "2025-01-01", "to": "2025-12-31"},
                            "facility": {"id": "F1", "name": {"zh": "厂", "en": "Site"}, "province": "CN-JS"},
                            "complete": TABLES}
    for table, row in rows:
        tree.setdefault(table, []).append(row)
    if certificates is not None:
        tree["certificates"] = [{
            "id": "c", "system": "GEC", "MWh": certificates, "technology": "wind", "bundled": "no", "claimed_elsewhere": "no",
            "generated_from": "2025-03-01", "retired_on": "2026-01-15", "cancellation_reason": "consumption claim",
            "beneficiary": "F1"}]
    return compute_inventory(dossier_from_tree(tree, lenient=True), Options({}, options), LIBRARY)


def totals(found: Inventory) -> dict[str, Decimal]:
    out = {}
    for basis in ("location", "market"):
        for group in ("all", "scopes_1_2", "scope/1", "scope/2", "scope/3", "outside/biogenic_co2", "outside/other_gas"):
            value = found.total(group, basis).value
            assert isinstance(value, Decimal), value
            out[f"{basis} {group}"] = value
    out["tce"] = sum((v for v in found.derived.values() if isinstance(v, Decimal)), D(0))
    return out


def close(one: dict[str, Decimal], other: dict[str, Decimal]) -> bool:
    return all(abs(one[name] - other[name]) <= CLOSE * max(D(1), abs(one[name])) for name in one)


@bounded
@given(SITES, SITES)
def test_the_inventory_of_two_sets_of_rows_is_the_sum_of_theirs(first: list[Any], second: list[Any]) -> None:
    both = numbered(first + second)
    one, other = both[:len(first)], both[len(first):]
    added = {name: value + totals(account(other))[name] for name, value in totals(account(one)).items()}
    assert close(totals(account(both)), added)


@bounded
@given(SITES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Any], random: Any) -> None:
    named = numbered(rows)
    mixed = list(named)
    random.shuffle(mixed)
    assert close(totals(account(named, "5000")), totals(account(mixed, "5000")))


@bounded
@given(SITES)
def test_ten_times_the_amounts_are_ten_times_the_emissions(rows: list[Any]) -> None:
    numbers = {"t", "Nm3", "MWh", "GJ", "top_up_kg", "tkm"}
    larger = [(table, {k: format(D(v) * 10, "f") if k in numbers else v for k, v in row.items()}) for table, row in rows]
    ten = {name: value * 10 for name, value in totals(account(numbered(rows))).items()}
    assert close(totals(account(numbered(larger))), ten)


@bounded
@given(st.lists(amounts, min_size=1, max_size=5), amounts)
def test_certificates_cover_at_most_what_is_consumed(grid: list[str], certified: str) -> None:
    rows = [("electricity", {"id": f"e{n}", "flow": "consumed", "source": "grid", "MWh": mwh}) for n, mwh in enumerate(grid)]
    whole, rest = sum(map(D, grid)), D(certified)
    found = account(rows, certified)
    assert totals(found)["market scope/2"] == max(D(0), D(whole) - rest) * D("0.6096")
    assert totals(found)["location scope/2"] == D(whole) * D("0.5827")


@bounded
@given(SITES, amounts)
def test_every_step_can_be_recomputed_and_no_line_is_lost(rows: list[Any], certified: str) -> None:
    found = account(numbered(rows), certified)
    graph = found.prove()
    assert [s.id for s in graph if recompute(s, graph) != s.value] == []
    assert len({ln.id for ln in found.lines}) == len(found.lines)
    sums = [totals(found)[f"location scope/{s}"] for s in (1, 2, 3)]
    assert abs(sum(sums) - totals(found)["location all"]) <= CLOSE * max(D(1), totals(found)["location all"])


@bounded
@given(SITES)
def test_co2_alone_is_the_co2_of_all_gases(rows: list[Any]) -> None:
    def co2(found: Inventory) -> list[tuple[str, Any]]:
        return [(ln.id, ln.location.value) for ln in found.lines if ln.gas == "CO2"]
    assert co2(account(numbered(rows), gases="co2")) == co2(account(numbered(rows), gases="all"))
