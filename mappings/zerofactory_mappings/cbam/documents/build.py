"""The operator's emissions report and its summary: what input, calculation and plan say for each item.

One function per item gives everything that is known of it; the list of items decides what a document shows, so that the
summary never holds a quantity, a stream or a balance that its list does not name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from zerofactory_mappings.cbam import tables
from zerofactory_mappings.cbam.documents import (
    build_electricity,
    build_emissions,
    build_goods,
    build_parties,
    build_precursors,
)
from zerofactory_mappings.cbam.documents.building import once
from zerofactory_mappings.cbam.documents.check import judge
from zerofactory_mappings.cbam.documents.items import Item, document
from zerofactory_mappings.cbam.documents.model import Case, Content, Report
from zerofactory_mappings.cbam.documents.plan import Plan
from zerofactory_mappings.cbam.documents.plan_check import check_plan
from zerofactory_mappings.cbam.result import CbamResult

Builder = Callable[[Case], Content]
BUILDERS: Mapping[str, Builder] = {
    **build_parties.BUILDERS, **build_emissions.BUILDERS, **build_electricity.BUILDERS, **build_goods.BUILDERS,
    **build_precursors.BUILDERS,
}
EMISSIONS, SUMMARY = "emissions_report", "summary_report"


def case_of(result: CbamResult, plan: Plan | None = None) -> Case:
    """What documents of *result* are made of; the statements of *plan* are those for exactly its period."""
    given = result.given
    return Case(given, result, plan, plan.statement(given.period_start, given.period_end) if plan is not None else None)


def emissions_report(result: CbamResult, plan: Plan | None = None, issued: date | None = None) -> Report:
    """The operator's emissions report (2025/2547 Annex IV 1.1). *result* with its proof; *issued*: the date that the
    document bears, else that of the statements, else the end of the period."""
    return _report(EMISSIONS, case_of(result, plan), issued)


def summary_report(result: CbamResult, plan: Plan | None = None, issued: date | None = None) -> Report:
    """The summary of the emissions report (2025/2547 Annex IV 1.2): no quantities, streams or balances."""
    return _report(SUMMARY, case_of(result, plan), issued)


def _report(ident: str, case: Case, issued: date | None) -> Report:
    def content_of(item: Item) -> Content:
        return BUILDERS[item.id](case)

    notes = () if case.plan is None else (*case.plan.notes, *check_plan(case.plan, case.installation, case.result))
    wanted = document(ident)
    return Report(wanted, case, judge(wanted, content_of, case), issued or date_of(case),
                  once([*case.result.problems, *notes]))


def date_of(case: Case) -> date:
    """The date of a document where none is asked for: of the statements, else the end of the period, else the first day
    of the law."""
    stated = case.statement.day("issued") if case.statement is not None else None
    return stated or case.installation.period_end or first_day()


def first_day() -> date:
    """The first day of the law that asks for these documents."""
    act = tables.act(document(EMISSIONS).act)
    assert act is not None
    assert act.source.valid_from is not None          # the tables are the project's own
    return act.source.valid_from
