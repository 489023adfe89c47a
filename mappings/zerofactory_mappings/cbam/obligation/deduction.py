"""Carbon price paid in a third country (Regulation 2023/956 Article 9), in EUR per tonne of good.

Only what was effectively paid counts, with rebates taken off and certified by an independent person; with default
emissions only default carbon prices may be claimed, and none is published yet. What cannot be claimed is refused with
its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam.book import Book, Figure
from zerofactory_mappings.cbam.obligation.model import CarbonPrice, Consignment, Data, Per, PriceKind

ZERO, ONE = Decimal(0), Decimal(1)
UNIT = "EUR/t"


def price_paid(book: Book, readings: Mapping[str, str], c: Consignment, data: Data, see: Figure, step: str,
               reasons: list[Problem]) -> Figure:
    """SECPP of a good with embedded emissions *see*; what is refused is in *reasons*."""
    counted = []
    for number, price in enumerate(c.carbon_prices, 1):
        refused = _refused(readings, c, price, data)
        if refused is not None:
            reasons.append(refused)
            continue
        counted.append(_per_tonne(book, readings, price, see, f"{step}/carbon-price:{number}"))
    if not counted:
        return book.constant(f"{step}/carbon-price", ZERO, UNIT, "cbam-obligation.rule.no-carbon-price")
    return book.apply("sum", f"{step}/carbon-price", UNIT, *counted)


def _refused(readings: Mapping[str, str], c: Consignment, price: CarbonPrice, data: Data) -> Problem | None:
    """Why a price cannot be claimed with *data*; None when it can."""
    what = None
    if price.kind is PriceKind.DEFAULT:
        what = "default-price-unpublished" if data is Data.DEFAULT else "default-price-with-actual"
    elif data is Data.DEFAULT:
        what = "paid-price-with-default"
    elif not price.certified_by:
        what = "carbon-price-not-certified"
    elif price.on_precursor and readings["precursor_carbon_price"] != "counted":
        what = "precursor-price-not-counted"
    if what is None:
        return None
    return Problem(f"cbam-obligation.{what}", price.place, Severity.WARNING, found=c.id)


def _per_tonne(book: Book, readings: Mapping[str, str], price: CarbonPrice, see: Figure, step: str) -> Figure:
    """What was paid net of free allowances and rebates, never below zero, in euro per tonne of good."""
    amount = book.given(f"{step}/amount", price.amount)
    if price.per is Per.EMISSIONS:
        shares = {"covered": price.covered_share}
        if readings["free_allowances"] == "rebate":
            shares["free"] = price.free_share
        for name, share in shares.items():
            assert share is not None                    # the check of the input asks for both
            given = book.given(f"{step}/{name}", share)
            if name == "free":
                one = book.constant(f"{step}/one", ONE, "1", "cbam-obligation.rule.whole")
                given = book.apply("difference", f"{step}/not-free", "1", one, given)
            amount = book.apply("product", f"{step}/{name}-amount", price.amount.unit, amount, given)
    rebate = book.given(f"{step}/rebate", price.rebate)
    nothing = book.constant(f"{step}/nothing", ZERO, price.amount.unit, "cbam-obligation.rule.never-negative")
    paid = book.apply("at-least", f"{step}/paid", price.amount.unit,
                      book.apply("difference", f"{step}/net", price.amount.unit, amount, rebate), nothing)
    if price.per is Per.EMISSIONS:
        paid = book.apply("product", f"{step}/per-t", f"{price.currency}/t", paid, see)
    if price.exchange_rate is None:
        return paid
    return book.apply("ratio", f"{step}/eur", UNIT, paid, book.given(f"{step}/rate", price.exchange_rate))
