"""When an item, a list or a field of a document applies: yes, no, or nobody says (None), which counts as missing.

Every condition is named in the tables of items. What the installation's input cannot say (transfers of CO2, gaps, goods
outside CBAM) the monitoring plan or its statements for the period have to say; an empty section says that there is
none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from zerofactory_mappings.cbam import scope
from zerofactory_mappings.cbam.documents import electricity_view
from zerofactory_mappings.cbam.documents.items import sector_parameters
from zerofactory_mappings.cbam.documents.model import Case
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.model import Basis, ElectricitySource, Given, HeatKind, Method, ValueSource

Answer: TypeAlias = "bool | None"
CONDITIONS: dict[str, Callable[[Case], Answer]] = {}


def condition(function: Callable[[Case], Answer]) -> Callable[[Case], Answer]:
    """Register a condition under the name of its function."""
    CONDITIONS[function.__name__] = function
    return function


def holds(name: str, case: Case) -> Answer:
    """Whether the condition *name* holds; KeyError when there is none of that name."""
    return CONDITIONS[name](case)


def _section(case: Case, name: str) -> Answer:
    """Whether the plan names anything in a section; None when it has no such section."""
    rows = case.plan.root.rows(name) if case.plan is not None else None
    return None if rows is None else bool(rows)


def _stated(case: Case, name: str) -> Answer:
    """Whether the statements for the period name anything in a list; None when they do not have it."""
    rows = case.statement.rows(name) if case.statement is not None else None
    return None if rows is None else bool(rows)


def _either(known: bool, otherwise: Answer) -> Answer:
    """Yes when the input shows it; else what the plan says."""
    return True if known else otherwise


def exempt(country: str | None) -> bool:
    """Whether goods made there fall outside CBAM (EU, exempt origins)."""
    found = scope.find_country(country) if country else None
    return found is not None and found.outside


def _any(givens: Iterable[Given | None]) -> bool:
    return any(g is not None and g.value for g in givens)


@condition
def definitive(case: Case) -> Answer:
    """The report follows the definitive rules."""
    return case.result.basis is Basis.DEFINITIVE


@condition
def registered(case: Case) -> Answer:
    """The operator is registered in the registry."""
    if case.installation.registry_id or case.installation.details.get("operator_registration_number"):
        return True
    operator = case.plan.root.part("operator") if case.plan is not None else None
    return None if operator is None else operator.flag("registered")


@condition
def other_processes(case: Case) -> Answer:
    """The installation has processes outside CBAM."""
    return _section(case, "other_processes")


@condition
def fuels(case: Case) -> Answer:
    """Fuels are burnt."""
    return any(s.method is Method.COMBUSTION for s in case.installation.streams)


@condition
def materials(case: Case) -> Answer:
    """Materials cause process emissions."""
    return any(s.method in {Method.PROCESS, Method.MASS_BALANCE} for s in case.installation.streams)


@condition
def measured(case: Case) -> Answer:
    """Sources are measured continuously."""
    return bool(case.installation.measured)


@condition
def pfc(case: Case) -> Answer:
    """Perfluorocarbons are emitted."""
    return bool(case.installation.pfc)


@condition
def streams(case: Case) -> Answer:
    """There are source streams."""
    return bool(case.installation.streams)


@condition
def zero_rated(case: Case) -> Answer:
    """Biomass is zero-rated."""
    return any(s.biomass is not None and s.biomass.value and s.evidence for s in case.installation.streams) or bool(
        _section(case, "zero_rated"))


@condition
def heat(case: Case) -> Answer:
    """Heat crosses the border of a process or of the installation."""
    flows = [p.heat for p in case.installation.processes if p.heat is not None]
    supplied = any(u.kind in {HeatKind.IMPORTED, HeatKind.IMPORTED_UNKNOWN} for u in case.installation.units)
    known = supplied or _any(g for h in flows for g in (h.imported, h.exported))
    return _either(known, _applies([p.heat_applies for p in case.installation.processes], _section(case, "heat")))


@condition
def waste_gases(case: Case) -> Answer:
    """Waste gas crosses the border of a process."""
    flows = [p.waste_gas for p in case.installation.processes if p.waste_gas is not None]
    known = _any(g for w in flows for g in (w.imported, w.exported))
    stated = _applies([p.waste_gas_applies for p in case.installation.processes], _section(case, "waste_gases"))
    return _either(known, stated)


def _applies(switches: list[bool | None], section: Answer) -> Answer:
    """What the plan says, else the switches of all processes in the input."""
    if section is not None:
        return section
    return False if switches and all(s is False for s in switches) else None


@condition
def co2_transfer(case: Case) -> Answer:
    """CO2 is captured, stored, used or handed on."""
    return _either(bool(_stated(case, "co2")), _section(case, "co2"))


@condition
def own_generation(case: Case) -> Answer:
    """Electricity is generated at the installation."""
    known = any(u.electricity is not None for u in case.installation.units)
    return _either(known, _section(case, "own_electricity"))


@condition
def electricity_exported(case: Case) -> Answer:
    """Electricity that is generated here is given away."""
    if _any(p.exported_electricity for p in case.installation.processes):
        return True
    rows = case.plan.root.rows("own_electricity") if case.plan is not None else None
    if rows is None:
        return None
    flags = [r.flag("exported") for r in rows]
    return True if True in flags else None if None in flags else False


@condition
def new_installation(case: Case) -> Answer:
    """The installation has not run for the whole period."""
    start, end = case.installation.period_start, case.installation.period_end
    stated = case.statement.flag("new_installation") if case.statement is not None else None
    if stated is None and start is not None and end is not None and (
            start.year == end.year and (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)):
        return False
    return stated


@condition
def indirect_goods(case: Case) -> Answer:
    """Indirect emissions of a good count."""
    if any(p.indirect_in_scope for p in case.result.processes):
        return True
    return None if any(p.functional_unit is None for p in case.result.processes) else False


@condition
def other_goods(case: Case) -> Answer:
    """Goods outside CBAM are made."""
    known = _any(p.to_other for p in case.installation.processes)
    return _either(known or bool(_stated(case, "other_goods")), _stated(case, "other_goods"))


@condition
def actual_electricity(case: Case) -> Answer:
    """An actual factor of electricity is used for goods whose indirect emissions count."""
    return any(use.actual and use.counts for use in electricity_view.uses(case))


@condition
def direct_electricity(case: Case) -> Answer:
    """Electricity comes over a direct technical link or from a plant of the installation, with an actual factor."""
    kinds = {ElectricitySource.DIRECT_LINK, ElectricitySource.OWN}
    return any(use.actual and use.counts and use.source in kinds for use in electricity_view.uses(case))


@condition
def agreement_electricity(case: Case) -> Answer:
    """Electricity comes under a power purchase agreement, with an actual factor."""
    return any(use.actual and use.counts and use.source is ElectricitySource.PPA for use in electricity_view.uses(case))


@condition
def electricity_good(case: Case) -> Answer:
    """Electricity itself is the good."""
    return any(p.category == "electricity" for p in case.result.processes)


@condition
def gaps(case: Case) -> Answer:
    """Data are missing and estimated."""
    return _stated(case, "gaps")


@condition
def precursors_inside(case: Case) -> Answer:
    """Processes of the installation hand goods to each other."""
    return _any(g for p in case.installation.processes for g in p.to_processes.values())


@condition
def precursors_bought(case: Case) -> Answer:
    """Precursors come from elsewhere."""
    return bool(case.installation.precursors)


@condition
def default_precursors(case: Case) -> Answer:
    """A precursor has a default value."""
    return any(p.source == ValueSource.DEFAULT for p in case.result.precursors)


@condition
def actual_precursors(case: Case) -> Answer:
    """A precursor has an actual value (one from the EU or an exempt origin has none, its embedded emissions are
    zero)."""
    return any(p.source == ValueSource.MEASURED and not exempt(p.country) for p in case.result.precursors)


@condition
def averages(case: Case) -> Answer:
    """The value of a precursor is an average of several sources."""
    actual = [p.cn for p in case.result.precursors if p.source == ValueSource.MEASURED and p.cn]
    known = len(set(actual)) < len(actual)
    stated = _stated(case, "averages")
    return bool(known or stated)


@condition
def joint_processes(case: Case) -> Answer:
    """A joint process makes a precursor inside."""
    return any(p.included for p in case.installation.processes)


@condition
def sector_parameters_asked(case: Case) -> Answer:
    """The goods of a category that has sector parameters are made."""
    return any(sector_parameters().get(p.category or "") for p in case.result.processes)


CONDITIONS["sector_parameters"] = CONDITIONS.pop("sector_parameters_asked")


# --- conditions that the plan itself states --------------------------------------------------------------------------

def _of_plan(section: str) -> Callable[[Case], Answer]:
    def answer(case: Case) -> Answer:
        return _section(case, section)

    return answer


for _name in ("other_goods", "streams", "measured", "pfc", "zero_rated", "heat", "own_electricity", "indirect_factors",
              "imported_electricity", "waste_gases", "co2"):
    CONDITIONS[f"plan_{_name}"] = _of_plan(_name)


def _of_processes(case: Case, has: Callable[[Row], bool], said: Callable[[Row], bool]) -> Answer:
    """Whether any process of the plan has something; None when one of them does not say."""
    rows = case.plan.root.rows("processes") if case.plan is not None else None
    if rows is None:
        return None
    if any(has(r) for r in rows):
        return True
    return False if all(said(r) for r in rows) else None


@condition
def plan_joint(case: Case) -> Answer:
    """A process of the plan is a joint one."""
    return _of_processes(case, lambda r: bool(r.texts("included")), lambda r: True)


@condition
def plan_precursors(case: Case) -> Answer:
    """A process of the plan uses precursors."""
    return _of_processes(case, lambda r: bool(r.each("precursors")), lambda r: r.has("precursors"))


@condition
def plan_sampling(case: Case) -> Answer:
    """A factor of the plan is found by analysis."""
    rows = case.plan.root.rows("streams") if case.plan is not None else None
    if rows is None:
        return None
    analysed = any(f.text("method") == "analysis" for r in rows for f in r.each("factors"))
    return analysed or bool(_section(case, "sampling"))
