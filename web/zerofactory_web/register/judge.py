"""What the register says of a file that was looked at: whether it is its own, and what its certificate is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from zerofactory_engine.messages import render
from zerofactory_web.register import service
from zerofactory_web.register.model import Certificate, CertificateFile
from zerofactory_web.site.render import minute

#: What a file is, and how a page shows it.
LOOKS = {"genuine": "good", "unlisted": "", "changed": "bad", "unknown": "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """One check: its code, what came of it (``good``, ``bad``, ``open``, empty: nothing to say), and the words."""

    code: str
    look: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, the certificate that the file is of or claims to be of, what that is worth today, the checks."""

    verdict: str
    certificate: Certificate | None
    status: str
    rows: tuple[Row, ...]

    def as_json(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The same for programs."""
        return {"verdict": self.verdict, "number": self.certificate.number if self.certificate else None,
                "status": self.status or None, "file": {"size": told["size"], "sha256": told["sha256"]},
                "seal": told["seal"], "record": told["record"], "bundle": told["bundle"],
                "checks": [{"id": r.code, "result": r.look or "none", "text": r.text} for r in self.rows]}


def judge(session: Session, told: Mapping[str, Any], today: date, language: str) -> Judged:
    """Hold what :func:`.examine.work` found against the register."""
    file = service.file_of_hash(session, told["sha256"])
    record, seal = told["record"], told["seal"]
    row = service.by_id(session, file.certificate_id) if file is not None else (
        service.by_number(session, record["number"]) if record is not None else None)
    ours = seal is not None and seal["fingerprint"] in service.seals(session)
    if file is not None:
        verdict = "genuine"
    elif seal is not None and seal["state"] == "whole" and ours:
        verdict = "unlisted"
    elif row is not None or ours:
        verdict = "changed"
    else:
        verdict = "unknown"
    say = _Say(language)
    files = service.files(session, row.id) if row is not None else ()
    rows = (say.of_hash(file, row, told), *say.of_seal(seal, ours=ours), say.of_record(record, row),
            *say.of_bundle(told["bundle"], {f.attached for f in files}))
    return Judged(verdict, row, service.status_on(row, today) if row is not None else "", rows)


class _Say:
    """The checks in words."""

    def __init__(self, language: str) -> None:
        self._language = language

    def _row(self, code: str, result: str, look: str, more: str = "", **args: object) -> Row:
        return Row(code, look, render(f"register.check-{code}-{result}", self._language, args), more)

    def of_hash(self, file: CertificateFile | None, row: Certificate | None, told: Mapping[str, Any]) -> Row:
        if file is None or row is None:
            return self._row("hash", "unknown", "bad", told["sha256"])
        return self._row("hash", "known", "good", told["sha256"], number=row.number)

    def of_seal(self, seal: Mapping[str, Any] | None, *, ours: bool) -> list[Row]:
        if seal is None:
            return [self._row("seal", "none", "bad")]
        if seal["state"] != "whole":
            return [self._row("seal", seal["state"], "bad", seal["fingerprint"])]
        rows = [self._row("seal", "ours" if ours else "theirs", "good" if ours else "open", seal["fingerprint"],
                          by=seal["subject"])]
        if seal["at"]:
            rows.append(Row("sealed-at", "", _minute(seal["at"])))
        stamp = seal["timestamp"]
        if stamp is None:
            return [*rows, self._row("timestamp", "none", "")]
        good = stamp["good"]
        return [*rows, self._row("timestamp", "good" if good else "bad", "good" if good else "bad",
                                 at=_minute(stamp["at"]))]

    def of_record(self, record: Mapping[str, Any] | None, row: Certificate | None) -> Row:
        if record is None:
            return self._row("record", "none", "")
        if row is None:
            return self._row("record", "unknown", "bad", number=record["number"])
        same = row.number == record["number"] and row.sha256 == record["sha256"]
        return self._row("record", "same" if same else "other", "good" if same else "bad", record["sha256"],
                         number=record["number"])

    def of_bundle(self, bundle: Mapping[str, Any] | None, attached: set[str]) -> list[Row]:
        if bundle is None:
            return [self._row("bundle", "none", "")]
        outcome = {"recomputed_equal": "equal", "hashes_only": "hashes"}.get(bundle["outcome"], "different")
        rows = [self._row("bundle", outcome, "bad" if outcome == "different" else "good", bundle["sha256"])]
        if attached:
            mine = bundle["sha256"] in attached
            rows.append(self._row("extract", "ours" if mine else "other", "good" if mine else "bad"))
        return rows


def _minute(moment: str) -> str:
    return minute(datetime.fromisoformat(moment).astimezone(UTC))
