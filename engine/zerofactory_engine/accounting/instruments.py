"""Which contractual instruments count in the market-based figure: the eight quality criteria, decided from rows.

GHG Protocol Scope 2 Guidance (2015), table 7.1, each answered yes, no, not applicable or unknown:
1 emission rate · 2 only claim · 3 tracked and redeemed for the reporter · 4 vintage · 5 market · 6 supplier rate from
delivered power · 7 all attributes go to the reporter · 8 residual mix. An instrument counts when none of 1–5 and 7 is
answered no; what is not known keeps the covered figure unknown. 6 and 8 are disclosed, they decide nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zerofactory_engine.accounting.classification import certificate_rules
from zerofactory_engine.accounting.context import Cells, Context, Facts
from zerofactory_engine.accounting.terms import Amount, Term, from_entry
from zerofactory_engine.reasons import Reason, Unknown

YES, NO, NOT_APPLICABLE = "yes", "no", "not_applicable"
Answer = str | Unknown
DECIDING = (1, 2, 3, 4, 5, 7)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract or certificate: its row, quantity, emission rate and the answers to the criteria."""

    cells: Cells
    quantity: Amount
    rate: Term | None
    answers: Mapping[int, Answer]

    @property
    def counts(self) -> bool | Unknown:
        """Whether it counts: no as soon as a deciding answer is no, unknown while one is not known."""
        deciding = [self.answers[n] for n in DECIDING]
        if NO in [a for a in deciding if isinstance(a, str)]:
            return False
        reasons: list[Reason] = [r for a in deciding if isinstance(a, Unknown) for r in a.reasons]
        return Unknown(*reasons) if reasons else True

    def as_json(self) -> dict[str, object]:
        """The answers, for the report."""
        counts = self.counts
        return {"row": f"{self.cells.row.table}/{self.cells.row.id}",
                "counts": "unknown" if isinstance(counts, Unknown) else "yes" if counts else "no",
                "criteria": {str(n): "unknown" if isinstance(a, Unknown) else a for n, a in self.answers.items()}}


def generation_rate(context: Context, technology: str | None) -> Term | None:
    """Direct emission rate of generation without fuel; None for other technologies."""
    entry = context.set("generation").find(technology) if technology is not None else None
    return from_entry(entry, "co2") if entry is not None else None


def of_supply(cells: Cells, context: Context, *, has_residual: bool) -> Instrument:
    """The instrument in an electricity row: traded green power, a direct line, on-site generation."""
    technology, source = cells.text("technology"), cells.text("source")
    rate = generation_rate(context, technology)
    first: Answer = YES if rate is not None else NO if technology is not None else cells.missing("technology")
    traded = source == "green trade"
    answers: dict[int, Answer] = {
        1: first,
        2: _unique(cells, "attributes_claimed_elsewhere", needed=cells.text("asset_owner") not in (None, "applicant")),
        3: _settled(cells) if traded else NOT_APPLICABLE,
        4: YES,
        5: _same_market(cells, context.facts, ()),
        6: NOT_APPLICABLE,
        7: _owner(cells, traded),
        8: YES if has_residual else NO,
    }
    return Instrument(cells, cells.amount("MWh"), rate, answers)


def _settled(cells: Cells) -> Answer:
    """Traded green power is tracked by its contract and settlement."""
    documents = cells.row.values.get("documents") or getattr(cells.row, "documents", ())
    return YES if cells.text("contract") or documents else cells.missing("contract", "documents")


def _owner(cells: Cells, traded: bool) -> Answer:
    """Who holds the attributes; without a word those of the applicant's own asset and of a green contract are his."""
    owner = cells.text("attribute_owner")
    if owner == "applicant":
        return YES
    if owner in ("third party", "shared"):
        return NO
    if owner is None and (traded or cells.text("asset_owner") in (None, "applicant")):
        return YES
    return cells.missing("attribute_owner")


def _unique(cells: Cells, column: str, *, needed: bool) -> Answer:
    value = cells.row.values.get(column)
    if isinstance(value, bool):
        return NO if value else YES
    if value is None and not needed:
        return YES
    return cells.missing(column)


def _same_market(cells: Cells, facts: Facts, markets: tuple[str, ...]) -> Answer:
    """The market of the instrument against that of the facility, where either is stated."""
    own = cells.text("market_boundary")
    if own is None and not markets:
        return YES
    names = {m.lower() for m in markets or (own or "",)}
    stated = [m.lower() for m in (own, facts.market) if m is not None]
    return YES if all(m in names for m in stated) else NO


def of_certificate(cells: Cells, context: Context, *, duplicate: bool, has_residual: bool) -> Instrument:
    """An unbundled certificate; *duplicate*: its serials overlap those of an earlier row."""
    technology = cells.text("technology")
    rate = generation_rate(context, technology)
    rule = certificate_rules().get(cells.text("system") or "")
    answers: dict[int, Answer] = {
        1: YES if rate is not None else NO if technology is not None else cells.missing("technology"),
        2: NO if duplicate else _unique(cells, "claimed_elsewhere", needed=True),
        3: _redeemed(cells, context.facts),
        4: _vintage(cells, context.facts),
        5: _same_market(cells, context.facts, rule.markets if rule is not None else ()),
        6: NOT_APPLICABLE,
        7: NOT_APPLICABLE,
        8: YES if has_residual else NO,
    }
    return Instrument(cells, cells.amount("MWh"), rate, answers)


def _redeemed(cells: Cells, facts: Facts) -> Answer:
    """Cancelled for consumption, for this facility and year. Cancelled because expired proves nothing."""
    reason, beneficiary = cells.text("cancellation_reason"), cells.text("beneficiary")
    year = cells.row.values.get("consumption_year")
    if cells.day("retired_on") is None or reason not in (None, "consumption claim"):
        return NO
    if year is not None and not facts.start.year <= int(year) <= facts.end.year:
        return NO
    if beneficiary is not None and beneficiary.strip().lower() not in facts.names:
        return NO
    if reason is None or beneficiary is None:
        return cells.missing("cancellation_reason" if reason is None else "beneficiary")
    return YES


def _vintage(cells: Cells, facts: Facts) -> Answer:
    """Generated no later than the period, and valid to its end."""
    generated, last = cells.day("generated_from"), cells.day("expires_on")
    if generated is None:
        return cells.missing("generated_from")
    rule = certificate_rules().get(cells.text("system") or "")
    if last is None and rule is not None:
        last = rule.last_day(cells.day("generated_to") or generated)
    if last is None:
        return cells.missing("expires_on")
    return YES if generated <= facts.end and last >= facts.end else NO
