"""Whole certificates with the remainder carried on, and the parts of a charge."""

from __future__ import annotations

from decimal import Decimal
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.sources.green_power_settlement.identities import total_fits, whole_certificates

AMOUNTS = st.lists(st.decimals("0", "500", places=3), min_size=1, max_size=12)


def counts_of(amounts: list[Decimal], before: Decimal) -> list[int]:
    """Month by month, as an issuing office would: floor, and the rest to the next month."""
    out = []
    for amount in amounts:
        before += amount
        out.append(floor(before))
        before -= floor(before)
    return out


@given(AMOUNTS, st.decimals("0", "0.999", places=3))
def test_counts_of_any_remainder_fit(amounts: list[Decimal], before: Decimal) -> None:
    found = whole_certificates(amounts, counts_of(amounts, before))
    assert found.wrong is None
    assert found.low <= before < found.high
    if found.low == 0:
        assert found.carried == sum(amounts) - sum(counts_of(amounts, Decimal(0)))


@given(AMOUNTS, st.data())
def test_a_count_two_off_never_fits(amounts: list[Decimal], data: st.DataObject) -> None:
    counts = counts_of(amounts, Decimal(0))
    at = data.draw(st.integers(0, len(counts) - 1))
    counts[at] += data.draw(st.sampled_from([-2, 2]))
    assert whole_certificates(amounts, counts).wrong is not None


def test_remainder_that_was_dropped_is_found_with_the_number_that_fits() -> None:
    months = [Decimal("10.6"), Decimal("10.6"), Decimal("10.6")]      # 10, 11, 10 and 0.8 carried; not 10, 10, 10
    assert whole_certificates(months, [10, 11, 10]).carried == Decimal("0.8")
    wrong = whole_certificates(months, [10, 10, 10])
    assert (wrong.wrong, wrong.expected) == (1, (11,))


def test_charge_with_and_without_the_other_parts() -> None:
    needed, optional = [Decimal(350_000), Decimal(20_000)], [Decimal(12_000), Decimal(500), Decimal(-30)]
    for total in ("370000", "382000", "382500", "382470", "370000.02"):
        assert total_fits(Decimal(total), needed, optional), total
    for total in ("370001", "350000", "381000"):
        assert not total_fits(Decimal(total), needed, optional), total
