"""The directory as files for others: CSV for Chinese Excel and for uploads such as IAF CertSearch, and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from zerofactory_engine.canonical import jsonable
from zerofactory_web.register import service
from zerofactory_web.register.model import Certificate
from zerofactory_web.store.unit import Store

#: Rows that are read at once.
_AT_ONCE = 500
COLUMNS = ("certificate_number", "kind", "class", "status", "certification_body", "client_name_zh", "client_name_en",
           "unified_social_credit_code", "lei", "client_address_zh", "client_address_en", "sites_zh", "sites_en",
           "standard", "standard_title_zh", "standard_title_en", "edition", "levels", "scope_zh", "scope_en",
           "scheme_filing", "decided_on", "issued_on", "valid_from", "valid_until", "surveillance_due", "supersedes",
           "opinion", "address")


def rows(store: Store, today: date) -> Iterator[dict[str, Any]]:
    """Every certificate, the newest first, with what it is worth today; a page of the register at a time."""
    after: str | None = ""
    while after is not None:
        with store.read() as session:
            found = service.search(session, after=after, size=_AT_ONCE, today=today)
        after = found.after
        yield from (entry(row, today, store.settings.public_url) for row in found.rows)


def entry(row: Certificate, today: date, public_url: str) -> dict[str, Any]:
    """One row of the directory."""
    c = row.content
    client, standard, sites = c["client"], c["standard"], c["sites"]
    return dict(zip(COLUMNS, (
        row.number, row.kind, row.certificate_class, service.status_on(row, today), c["body"]["name"]["en"],
        client["name"]["zh"], client["name"]["en"], client.get("credit_code") or "", client.get("lei") or "",
        *(((client.get("address") or {}).get(lang) or "") for lang in ("zh", "en")),
        *("; ".join(s["name"][lang] for s in sites) for lang in ("zh", "en")),
        standard["id"], standard["title"]["zh"], standard["title"]["en"], standard["edition"],
        " ".join(level["id"] for level in c["levels"]), c["scope"]["zh"], c["scope"]["en"], c["scheme_filing"],
        c["decided_on"], c["issued_on"], c["valid_from"], c["valid_until"], c["surveillance_due"] or "",
        c["supersedes"] or "", service.opinion_of(row) or "",
        f"{public_url.rstrip('/')}/verify/{row.number}"), strict=True))


def as_csv(store: Store, today: date) -> Iterator[bytes]:
    """The directory as UTF-8 with a mark at its start, by which Chinese Excel knows it."""
    yield b"\xef\xbb\xbf"
    yield _line(COLUMNS)
    for row in rows(store, today):
        yield _line([guarded(str(row[name])) for name in COLUMNS])


def _line(cells: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode("utf-8")


def guarded(text: str) -> str:
    """*text* as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


def as_json(store: Store, today: date) -> Iterator[bytes]:
    """The directory as one JSON document, a line a certificate."""
    head = {"format": "zerofactory/register/1", "as_of": today.isoformat()}
    yield (json.dumps(head, ensure_ascii=False)[:-1] + ', "certificates": [').encode()
    first = True
    for row in rows(store, today):
        yield (("\n" if first else ",\n") + json.dumps(jsonable(row), ensure_ascii=False)).encode()
        first = False
    yield b"\n]}\n"
