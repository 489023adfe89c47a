"""Odd but legal workbooks: what people do to a template that no drop-down list or protection prevents.

Each case says what must be told (codes of problems) and which figures then differ from the workbook's, because the
workbook itself goes wrong there or leaves the entry out. Everything else must be the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.mappings.cbam.workbook_oracle.plan import Formula, Plan, Precursor, Process, Product, Stream, rows


@dataclass(frozen=True, slots=True)
class Hostile:
    """A workbook, the problems that must be told, and beginnings of the labels that may differ."""

    plan: Plan
    told: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


def mills(*names: str | None, **more: object) -> Plan:
    """Mills in a row; each gives a part to the next."""
    made = {p: Process("iron_or_steel_products", name, {1: f"{p}000"}, to_market="5", to={p + 1: f"{p}0"} if p < len(names)
                       else {}, direct=f"{p}11.5", power=f"{p}2", power_ef="0.5") for p, name in enumerate(names, 1)}
    return Plan("Mills", processes=made, **more)  # type: ignore[arg-type]


def _cells(sheet: str, **cells: object) -> dict[tuple[str, str], object]:
    return {(sheet, name): value for name, value in cells.items()}


D, A, B, C = "D_Processes", "A_InstData", "B_EmInst", "C_Emissions&Energy"
_COAL = Stream("combustion", "coal", "100", "t", "25", "95", "tCO2/TJ")

HOSTILE: dict[str, Hostile] = {
    "spaces": Hostile(mills(" Mill", "Roll ", products=rows(Product(" Mill"), Product("Roll ")))),
    "product-without-space": Hostile(mills("Mill ", products=rows(Product("Mill"))),
                                     ("cbam-template.process-name-spaces",), ("product-1",)),
    "names-by-space": Hostile(mills("Mill", "Mill ", "Mill  A", "Mill A", products=rows(
        Product("Mill"), Product("Mill "), Product("Mill  A"), Product("Mill A")))),
    "line-break": Hostile(mills("Mill\nB", products=rows(Product("Mill\nB")))),
    "no-break-space": Hostile(mills("Mill\u00a0B", "Mill B", products=rows(Product("Mill\u00a0B"), Product("Mill B")))),
    "number-name": Hostile(mills("2024", products=rows(Product("2024")), extra=_cells(A, L83=2024) | {
        ("Summary_Products", "D10"): 2024})),
    "text-number": Hostile(mills("Mill", "Roll", extra=_cells(D, L16="1500.5")), ("cbam-template.number-as-text",), ("P1", "P2")),
    "text-factor": Hostile(mills("Mill", "Roll", extra=_cells(D, L66="0.7")), ("cbam-template.number-as-text",), ("P1", "P2")),
    "text-heat": Hostile(mills("Mill", "Roll", extra=_cells(D, L57="3", L58=60.5)), ("cbam-template.number-as-text",)),
    "word": Hostile(mills("Mill", extra=_cells(D, L54="n/a")), ("cbam-template.not-a-number",)),
    "word-production": Hostile(mills("Mill", extra=_cells(D, L17="none")), ("cbam-template.not-a-number",)),
    "truth": Hostile(mills("Mill", extra=_cells(D, L65=True)), ("cbam-template.not-a-number",), ("P1",)),
    "text-date": Hostile(mills("Mill", extra=_cells(A, I9="2025-01-01", L9="31.12.2025")), ("cbam-template.not-a-date",)),
    "nothing-said": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(A, I9=None, L9=None, I20=None, I26=None)),
                            (), ("installation",)),
    "category-only": Hostile(mills("Mill", extra=_cells(A, E84="Crude steel", E62="Pig iron", E102="Pig iron")),
                             ("cbam.production-missing",), ("P2",)),
    "no-category": Hostile(mills("Mill", "Gone", "Roll", extra=_cells(A, E84=None)), ("cbam-template.category-missing",)),
    "unknown-category": Hostile(mills("Mill", "Odd", "Roll", extra=_cells(A, E84="Steel")), ("cbam-template.category-unknown",),
                                ("P",)),
    "category-case": Hostile(mills("Mill", extra=_cells(A, E83="iron OR steel products"))),
    "same-name": Hostile(mills("Mill", "Mill"), ("cbam-template.name-duplicate",), ("P1", "P2")),
    "same-name-by-case": Hostile(mills("Mill", "MILL"), ("cbam-template.name-duplicate",), ("P1", "P2")),
    "precursor-named-twice": Hostile(mills("Mill", precursors=rows(
        *[Precursor("pig_iron", "Pig", "CN", {1: "9"}, {1: "9"}, direct=v, power="0", power_ef="0") for v in ("1", "2")])),
        ("cbam-template.name-duplicate",), ("P1", "PP")),
    "precursor-named-as-process": Hostile(mills("Mill", "Pig", precursors=rows(
        Precursor("pig_iron", "Pig", "CN", {1: "9"}, {1: "9"}, direct="1", power="0", power_ef="0"))),
        ("cbam-template.name-duplicate",), ("P",)),
    "wildcard": Hostile(mills("Mill*", "Mill 2"), ("cbam-template.name-wildcard",), ("P",)),
    "question-mark": Hostile(mills("Mill?", "Mill2"), ("cbam-template.name-wildcard",), ("P",)),
    "tilde": Hostile(mills("Mill~1", "Mill2"), ("cbam-template.name-wildcard",), ("P",)),
    "product-wildcard": Hostile(mills("Mill", products=rows(Product("Mi*"))), ("cbam-template.process-unknown",), ("product",)),
    "product-unknown": Hostile(mills("Mill", products=rows(Product("Nothing"))), ("cbam-template.process-unknown",)),
    "product-blank": Hostile(mills("Mill", products=rows(Product(1)), extra={("Summary_Products", "D11"): "  "})),
    "not-available": Hostile(mills("n.a.", "Roll"), ("cbam-template.name-not-available",), ("P",)),
    "long-name": Hostile(mills("M" * 240, "Roll", products=rows(Product("M" * 240)))),
    "stream-name-space": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(B, E17=" "))),
    "method-case": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(B, D17="COMBUSTION", G17="T", K17="TCO2/tj"))),
    "method-space": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(B, D17="Combustion ")),
                            ("cbam-template.list-text-spaces",), ("installation", "stream-1")),
    "unit-space": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(B, K17="tCO2/TJ ")),
                          ("cbam-template.list-text-spaces",), ("installation", "stream-1")),
    "method-unknown": Hostile(mills("Mill", streams=rows(_COAL, _COAL), extra=_cells(B, D17="Burning")),
                              ("cbam-template.not-in-list",), ("stream-1",)),
    "oxidation-word": Hostile(mills("Mill", streams=rows(_COAL, _COAL), extra=_cells(B, N17="all")),
                              ("cbam-template.not-a-number",), ("installation", "stream-1")),
    "amount-word": Hostile(mills("Mill", streams=rows(_COAL, _COAL), extra=_cells(B, F17="much")),
                           ("cbam-template.not-a-number",)),
    "amount-text": Hostile(mills("Mill", streams=rows(_COAL, _COAL), extra=_cells(B, F17="100")),
                           ("cbam-template.number-as-text",), ("installation", "stream-1")),
    "placeholder": Hostile(mills("Mill", streams=rows(_COAL, _COAL), extra=_cells(B, D17="Please select…")),
                           ("cbam.stream-not-counted",), ("stream-1",)),
    "division": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=1/0"))),
                        ("cbam-template.formula-error-operand",), ("P1.own", "P1.balance")),
    "reference-to-nothing": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=Z999")))),
    "reference-to-text": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=K54"), L65=Formula("=E16"))),
                                 ("cbam-template.formula-locked",)),
    "formula-text": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula('="12"'))),
                            ("cbam-template.number-as-text",), ("P1", "P2")),
    "formula-truth": Hostile(mills("Mill", "Roll", extra=_cells(D, K50=Formula("=TRUE"), L57=3, L58=60))),
    "cycle": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=L65"), L65=Formula("=L54"))),
                     ("cbam-template.formula-cycle",), ("P1", "P2")),
    "function": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=SQRT(16)"))),
                        ("cbam-template.formula-function",), ("P1", "P2")),
    "stored-function": Hostile(mills("Mill", "Roll", extra=_cells(D, L54=Formula("=SQRT(16)", "4", stored=True)))),
    "large": Hostile(mills("Mill", extra=_cells(D, L54=1e30, L65=1e25, L66=1e-20))),
    "beyond-numbers": Hostile(mills("Mill", extra=_cells(D, L54=1e200)), ("cbam-template.cell-error",), ("P1",)),
    "equals-sign-text": Hostile(mills("Mill", extra=_cells(D, L54="=12")), ("cbam-template.not-a-number",)),
    "percent-text": Hostile(mills("Mill", streams=rows(_COAL), extra=_cells(B, R17="12 %")), ("cbam-template.ambiguous-number",),
                            ("installation", "stream-1")),
    "comma-text": Hostile(mills("Mill", "Roll", extra=_cells(D, L16="1.234,5")), ("cbam-template.ambiguous-number",),
                          ("P1", "P2")),
    "small": Hostile(mills("Mill", extra=_cells(D, L16=1e-7, L54=1e-9))),
    "negative": Hostile(mills("Mill", "Roll", extra=_cells(D, L65=-5, L32=-3, M57=-2, M58=60)), ("cbam-template.negative",)),
    "price-text": Hostile(mills("Mill", extra={(C, "H26"): "unknown"}), ("cbam-template.not-a-number",), ("installation",)),
    "gas-other": Hostile(mills("Mill", extra=_cells(B, D113="stack", E113="CH4", V113=1, X113=10, Z113=100)),
                         ("cbam-template.not-in-list",), ("installation", "measured-1")),
    "gas-case": Hostile(mills("Mill", extra=_cells(B, D113="stack", E113="n2o", V113=1, X113=10, Z113=100))),
    "twice-date": Hostile(mills("Mill", extra=_cells(A, I9=datetime(2025, 7, 1, 12), L9=45992))),  # noqa: DTZ001 - no zone in a workbook
    "route-row": Hostile(mills("Mill", extra=_cells(D, L20=250)), ("cbam-template.route-row-absent",)),
}
