"""Which process feeds which: order of computation, and processes that feed each other solved together.

``x_p = b_p + Σ a_pk · x_k`` for every process p, where a_pk is what one unit of p takes of k. Without loops each value
follows from those before it. Processes that feed each other form a group (a strongly connected component) whose linear
equations are solved by elimination with exact decimals; the residual of the solution is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext

from zerofactory_engine.decimals import CONTEXT

ZERO, ONE = Decimal(0), Decimal(1)
#: Working digits of an elimination, beyond those of the result.
GUARD_DIGITS = 16


def groups(nodes: Sequence[str], feeds: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components of *nodes*, each after all that it takes from (*feeds*: node → what it takes).

    Tarjan's algorithm without recursion; nodes of a group stand in the order of *nodes*.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    found: list[tuple[str, ...]] = []
    position = {n: i for i, n in enumerate(nodes)}
    for start in nodes:
        if start in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(start, iter(feeds.get(start, ())))]
        index[start] = low[start] = len(index)
        open_nodes.append(start)
        while work:
            node, rest = work[-1]
            below = next(rest, None)
            if below is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = open_nodes.index(node)
                    found.append(tuple(sorted(open_nodes[cut:], key=position.__getitem__)))
                    del open_nodes[cut:]
            elif below not in index:
                index[below] = low[below] = len(index)
                open_nodes.append(below)
                work.append((below, iter(feeds.get(below, ()))))
            elif below in open_nodes:
                low[node] = min(low[node], index[below])
    return found


class SingularError(ArithmeticError):
    """The processes of a loop give no finite solution: what they pass on comes back whole."""


def solve(matrix: Sequence[Sequence[Decimal]], sides: Sequence[Sequence[Decimal]]) -> list[list[Decimal]]:
    """Solutions x of ``x = b + A·x`` for each right side b; A is *matrix*, row per unknown.

    Gaussian elimination with row pivoting and guard digits; results in the house's precision.

    Raises:
        SingularError: I - A has no inverse.
    """
    size = len(matrix)
    with localcontext(CONTEXT) as context:
        context.prec += GUARD_DIGITS
        rows = [[(ONE if i == k else ZERO) - matrix[i][k] for k in range(size)] + [b[i] for b in sides]
                for i in range(size)]
        # A pivot that cancellation has left without significant digits is none.
        scale = max((abs(v) for row in rows for v in row[:size]), default=ONE)
        smallest = scale.scaleb(-CONTEXT.prec + 4)
        for column in range(size):
            pivot = max(range(column, size), key=lambda i: abs(rows[i][column]))
            if abs(rows[pivot][column]) <= smallest:
                raise SingularError
            rows[column], rows[pivot] = rows[pivot], rows[column]
            head = rows[column]
            for row in rows[column + 1:]:
                if row[column]:
                    factor = row[column] / head[column]
                    for k in range(column, len(row)):
                        row[k] -= factor * head[k]
        found = [[ZERO] * size for _ in sides]
        for side in range(len(sides)):
            for i in range(size - 1, -1, -1):
                rest = sum((rows[i][k] * found[side][k] for k in range(i + 1, size)), ZERO)
                found[side][i] = (rows[i][size + side] - rest) / rows[i][i]
    return [[CONTEXT.plus(v) for v in values] for values in found]


def residual(matrix: Sequence[Sequence[Decimal]], side: Sequence[Decimal], solution: Sequence[Decimal]) -> Decimal:
    """The largest |x - (b + A·x)|."""
    with localcontext(CONTEXT):
        return max((abs(x - (side[i] + sum((a * s for a, s in zip(matrix[i], solution, strict=True)), ZERO)))
                    for i, x in enumerate(solution)), default=ZERO)
