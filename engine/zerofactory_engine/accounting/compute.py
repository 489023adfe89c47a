"""From a dossier to its inventory: calculators over tables, remembered by what they depend on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from zerofactory_engine.accounting import (
    capture,
    chp,
    combustion,
    electricity,
    fugitive,
    heat,
    processes,
    scope3,
    standard_coal,
)
from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.accounting.context import Calculator, Cells, Context, Facts, RowLike
from zerofactory_engine.accounting.factors import FactorSet
from zerofactory_engine.accounting.intake import facts_of
from zerofactory_engine.accounting.inventory import Inventory
from zerofactory_engine.accounting.library import FactorLibrary
from zerofactory_engine.accounting.lines import Line, Offset, TableResult
from zerofactory_engine.accounting.options import NO_SET, OPTIONAL_ROLES, ROLE_OF_SET, Options, shown
from zerofactory_engine.accounting.terms import ONE, Figure, Term
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_engine.reasons import Reason, Unknown

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier

#: Calculators in the order of their lines.
CALCULATORS: tuple[Calculator, ...] = (
    combustion.ENERGY, processes.PROCESSES, fugitive.FUGITIVE, capture.CAPTURE, electricity.ELECTRICITY, heat.HEAT,
    chp.CHP, standard_coal.ENERGY, standard_coal.HEAT, standard_coal.BIOMASS, *scope3.CALCULATORS)

#: What a table that is not complete leaves unknown, as (source type, gas): one line each, so that a sum over a scope or
#: gas is unknown exactly where the table could add to it. Scope 3 tables do so only once they have rows.
GAPS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "energy": (("stationary_combustion", "CO2"), ("stationary_combustion", "CH4"), ("stationary_combustion", "N2O")),
    "electricity": (("purchased_electricity", "CO2"),),
    "heat": (("purchased_heat", "CO2"),),
    "processes": (("process", "CO2"), ("process", "CO2e")),
    "fugitive": (("fugitive", "CO2"), ("fugitive", "CO2e")),
    "transport": (("upstream_transport", "CO2e"),),
    "purchased": (("purchased_goods", "CO2e"),),
    "waste": (("waste", "CO2e"),),
    "travel": (("business_travel", "CO2e"),),
    "use_phase": (("use_phase", "CO2e"),),
    "end_of_life": (("end_of_life", "CO2e"),),
    "other_indirect": (("other_indirect", "CO2e"),),
}
_ALWAYS = frozenset({"energy", "electricity", "heat", "processes", "fugitive"})


@cache
def shipped_library() -> FactorLibrary:
    """The library of the project's own sets, one for the process."""
    return FactorLibrary.shipped()


def compute_inventory(dossier: Dossier, options: Options | None = None, library: FactorLibrary | None = None
                      ) -> Inventory:
    """The inventory of *dossier* under *options*, with the factor sets of *library* (else the shipped ones).

    Raises:
        ProblemsError: an option, role or factor set that is not accepted (areas ``accounting`` and ``factors``).
    """
    library = library if library is not None else shipped_library()
    asked = options if options is not None else Options()
    names, chosen = asked.settled()
    sets = _sets(names, asked.known_on, library)
    facts = facts_of(dossier, chosen["consolidation"])
    results = [_run(calculator, dossier, sets, chosen, facts, library) for calculator in CALCULATORS]
    lines = [line for result in results for line in result.lines] + _gap_lines(dossier, chosen)
    return Inventory(
        dossier.id, dossier.period.start, dossier.period.end, tuple(lines),
        tuple(cell for result in results for cell in result.derived),
        _once(p for result in results for p in result.problems),
        {role: found for role, found in sets.items() if found is not None}, shown(chosen),
        {name: value for result in results for name, value in result.notes.items()}, dossier.boundary,
        _offsets(dossier))


def _offsets(dossier: Dossier) -> tuple[Offset, ...]:
    """Credits as the dossier states them; whether they count for a claim is for a rule pack to say."""
    out = []
    for row in dossier.rows.get("credits", ()):
        cells = Cells(row)
        year = row.values.get("claim_year")
        out.append(Offset(row.id, cells.amount("quantity"), cells.text("programme"), cells.text("kind"),
                          cells.day("retired_on"), None if year is None else int(year)))
    return tuple(out)


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order in which they were met (their arguments are a mapping and have no hash)."""
    found = {(p.code, p.place, p.found, tuple(sorted(p.args.items()))): p for p in problems}
    return tuple(found.values())


def _sets(names: Mapping[str, str], known_on: date | None, library: FactorLibrary) -> Mapping[str, FactorSet | None]:
    """The factor set of each role; every one that is wrong is reported."""
    out: dict[str, FactorSet | None] = {}
    problems: list[Problem] = []
    for role, name in names.items():
        if name == NO_SET and role in OPTIONAL_ROLES:
            out[role] = None
            continue
        set_id, _, version = name.partition("@")
        try:
            found = library.set(set_id, version or None, known_on)
        except ProblemsError as error:
            problems.extend(error.problems)
            continue
        if found.role != ROLE_OF_SET.get(role, role):
            problems.append(Problem("factors.wrong-role", found=f"{name} ({found.role})", accepted=role))
        out[role] = found
    if problems:
        raise ProblemsError(problems)
    return out


def _run(calculator: Calculator, dossier: Dossier, sets: Mapping[str, FactorSet | None], chosen: Mapping[str, str],
         facts: Facts, library: FactorLibrary) -> TableResult:
    """The result of one calculator, computed at most once for the same tables, sets, options and facts."""
    tables: Mapping[str, Sequence[RowLike]] = {name: dossier.rows.get(name, ()) for name in calculator.tables}
    if not any(tables[name] for name in calculator.tables[:1]):
        return TableResult()
    used = {role: sets[role] for role in calculator.roles}
    key: Hashable = (calculator.name, tuple(map(id, tables.values())), tuple(map(id, used.values())),
                     tuple(chosen[name] for name in calculator.options), facts)
    found = library.remembered(key)
    if found is None:
        found = calculator.run(Context(calculator, tables, used, chosen, facts))
        library.remember(key, (tables, used), found)
    assert isinstance(found, TableResult)
    return found


def _gap_lines(dossier: Dossier, chosen: Mapping[str, str]) -> list[Line]:
    """A line that is unknown for each source and gas that a table may add to because it is not complete."""
    out: list[Line] = []
    for table, sources in GAPS.items():
        gaps = dossier.tables[table].gaps
        if not gaps or (table not in _ALWAYS and not dossier.rows.get(table)):
            continue
        for code, gas in sources:
            if gas == "CO2" or chosen["gases"] == "all":
                out.append(_gap_line(table, code, gas, gaps))
    return out


def _gap_line(table: str, code: str, gas: str, gaps: Sequence[Reason]) -> Line:
    kind = classification().sources[code]
    term = Term("gap", Unknown(*gaps), f"t{gas}", operation="given")
    figure = Figure(term.value, ((term,),))
    return Line(table, "", kind, kind.iso_choices[0], kind.scope, gas, figure, figure,
                Term("gwp", ONE, "1", operation="given"), "not_complete", part="not-complete")
