"""Certificates and credits: serials that overlap or do not fit the quantity, and those that prove nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.dossier.checks.common import finding
from zerofactory_engine.dossier.codes import code_list
from zerofactory_engine.dossier.model import Dossier, Row
from zerofactory_engine.dossier.serials import SerialRange, overlapping, serial_range
from zerofactory_engine.problems import Problem

_ISSUER = {"certificates": "system", "credits": "programme"}


def _range(row: Row) -> SerialRange | None:
    serials = row.values.get("serials")
    if serials is None:
        return None
    found = serial_range(serials["first"], serials["last"])
    return found if found is not None and found.low <= found.high else None


def serials(dossier: Dossier) -> Iterator[Problem]:
    """Ranges that share serials, and pairs of serials that are no range."""
    for table, issuer in _ISSUER.items():
        told: list[tuple[int, Problem]] = []
        by_issuer: dict[str, list[tuple[int, Row, SerialRange]]] = {}
        for index, row in enumerate(dossier.rows.get(table, ())):
            found = _range(row)
            if found is not None:
                by_issuer.setdefault(str(row.values.get(issuer)), []).append((index, row, found))
            elif (stated := row.values.get("serials")) is not None:
                backwards = serial_range(stated["first"], stated["last"]) is not None
                told.append((index, finding("dossier.serials-backwards" if backwards else "dossier.serials-no-range",
                                            row, "serials", found=f"{stated['first']} … {stated['last']}")))
        for known in by_issuer.values():
            for later, earlier, shared in overlapping([each for _, _, each in known]):
                index, row, _ = known[later]
                told.append((index, finding("dossier.serials-overlap", row, "serials", found=shared,
                                            other=known[earlier][1].id)))
        yield from (problem for _, problem in sorted(told, key=lambda each: each[0]))


def _last_day(row: Row) -> date | None:
    """The last day of validity by the rules of the certificate's system, None when they are not known."""
    system = code_list("certificate_systems").codes.get(row.values.get("system") or "", {})
    generated, months = row.values.get("generated_to"), system.get("valid_months")
    if generated is None or months is None:
        return None
    before = system.get("generated_before")
    if before is not None and generated < date.fromisoformat(before):
        return date.fromisoformat(system["then_valid_to"])
    month = generated.year * 12 + generated.month - 1 + int(months)      # counted from and including that month
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)


def expired(dossier: Dossier) -> Iterator[Problem]:
    """Certificates that were expired before they were used, or cancelled because they expired.

    A certificate that does not state its last day has that of its system (``standards/codes``).
    """
    for row in dossier.rows.get("certificates", ()):
        until, used = row.values.get("expires_on") or _last_day(row), row.values.get("retired_on")
        states = {s["status"]: s["on"] for s in row.values.get("status_history") or ()}
        if row.values.get("cancellation_reason") == "expired" or "expired" in states:
            yield finding("dossier.certificate-expired", row, "cancellation_reason",
                          found=states.get("expired") or used)
        elif until is not None and (until < used if used is not None else until < dossier.period.end):
            yield finding("dossier.certificate-expired", row, "expires_on", found=until, accepted=used)
        if row.values.get("generated_to") is not None and used is not None and used < row.values["generated_to"]:
            yield finding("dossier.retired-before-generation", row, "retired_on", found=used)


def quantities(dossier: Dossier) -> Iterator[Problem]:
    """MWh or credits that do not fit the number of serials; bundled certificates without their contract."""
    systems = code_list("certificate_systems").codes
    for row in dossier.rows.get("certificates", ()):
        each = systems.get(row.values.get("system") or "", {}).get("mwh_per_certificate")
        found, stated = _range(row), row.values.get("MWh")
        if found is not None and found.width and each is not None and isinstance(stated, Decimal):
            wanted = CONTEXT.multiply(Decimal(found.high - found.low + 1), Decimal(each))
            if wanted != stated:
                yield finding("dossier.serials-quantity", row, "MWh", found=plain(stated), accepted=plain(wanted))
        if row.values.get("bundled") is True and row.values.get("contract") is None:
            yield finding("dossier.bundled-without-contract", row, "contract")
    for row in dossier.rows.get("credits", ()):
        found, stated = _range(row), row.values.get("quantity")
        if found is not None and found.width and isinstance(stated, Decimal) and (
                Decimal(found.high - found.low + 1) != stated):
            yield finding("dossier.serials-quantity", row, "quantity", found=plain(stated),
                          accepted=str(found.high - found.low + 1))
