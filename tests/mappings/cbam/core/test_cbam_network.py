"""Order of computation and loops: against brute force, exact fractions, and by their algebra."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_mappings.cbam.network import SingularError, groups, residual, solve

D = Decimal
NODES = ["A", "B", "C", "D", "E", "F"]
GRAPHS = st.dictionaries(st.sampled_from(NODES), st.lists(st.sampled_from(NODES), max_size=4, unique=True))


def reaches(feeds: dict[str, list[str]], start: str) -> set[str]:
    seen: set[str] = set()
    work = list(feeds.get(start, []))
    while work:
        node = work.pop()
        if node not in seen:
            seen.add(node)
            work += feeds.get(node, [])
    return seen


@given(GRAPHS)
def test_groups_are_those_that_reach_each_other_and_come_after_what_they_take(feeds: dict[str, list[str]]) -> None:
    found = groups(NODES, feeds)
    assert sorted(n for g in found for n in g) == NODES
    reach = {n: reaches(feeds, n) for n in NODES}
    for group in found:
        assert all(b in reach[a] for a in group for b in group if a != b)
        assert list(group) == sorted(group)
    position = {n: i for i, g in enumerate(found) for n in g}
    for a in NODES:
        for b in reach[a]:
            assert position[b] <= position[a]
            assert (position[a] == position[b]) == (a == b or a in reach[b])


NUMBERS = st.integers(0, 40).map(lambda n: D(n) / 100)


@given(st.integers(1, 5).flatmap(lambda n: st.tuples(
    st.lists(st.lists(st.integers(0, 15), min_size=n, max_size=n), min_size=n, max_size=n),
    st.lists(st.integers(-50, 50), min_size=n, max_size=n))))
def test_solution_is_that_of_exact_fractions(case: tuple[list[list[int]], list[int]]) -> None:
    """Rows add up to less than one, so the series of what comes back converges and the solution is unique."""
    rows, side = case
    matrix = [[D(v) / 100 for v in row] for row in rows]
    b = [D(v) for v in side]
    x = solve(matrix, [b])[0]
    size = len(rows)
    exact = cramer([[Fraction(int(i == k)) - Fraction(rows[i][k], 100) for k in range(size)] for i in range(size)],
                   [Fraction(v) for v in side])
    for found, wanted in zip(x, exact, strict=True):
        assert abs(Fraction(found) - wanted) <= Fraction(1, 10 ** 30) * max(Fraction(1), abs(wanted))
    assert residual(matrix, b, x) <= D("1E-30")


def cramer(a: list[list[Fraction]], b: list[Fraction]) -> list[Fraction]:
    def det(m: list[list[Fraction]]) -> Fraction:
        if not m:
            return Fraction(1)
        return sum(((-1) ** k * m[0][k] * det([row[:k] + row[k + 1:] for row in m[1:]]) for k in range(len(m))), Fraction(0))

    whole = det(a)
    return [det([[*row[:k], b[i], *row[k + 1:]] for i, row in enumerate(a)]) / whole for k in range(len(a))]


def test_several_sides_are_solved_at_once() -> None:
    """x = b + A·x with A = [[0, 0.5], [0.25, 0]]: (I - A)⁻¹ = 1/0.875 · [[1, 0.5], [0.25, 1]]."""
    a = [[D(0), D("0.5")], [D("0.25"), D(0)]]
    first, second = solve(a, [[D(7), D(0)], [D(0), D(7)]])
    assert first == [D(8), D(2)]
    assert second == [D(4), D(8)]


@pytest.mark.parametrize("matrix", [[["1"]], [["0", "1"], ["1", "0"]], [["0", "2"], ["0.5", "0"]],
                                    [["0", "0.333333333333333333333333333333333333", "0"], ["0", "0", "3"], ["1", "0", "0"]]])
def test_processes_that_hand_everything_back_have_no_solution(matrix: list[list[str]]) -> None:
    with pytest.raises(SingularError):
        solve([[D(v) for v in row] for row in matrix], [[D(1)] * len(matrix)])
