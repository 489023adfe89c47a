"""The demonstration with tokens: what programs of an applicant, of another applicant and of the body send."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from tests.web.portal import multipart
from werkzeug.test import TestResponse

from zerofactory_web.accounts import tokens
from zerofactory_web.cases.model import Application, Case
from zerofactory_web.demo import life
from zerofactory_web.demo.build import Demonstration
from zerofactory_web.jobs.model import Job
from zerofactory_web.register import service
from zerofactory_web.store.unit import Store

PASSWORD = "magpie lantern oxbow 47"
BASE = "/api/v1"
ALL = ("read", "apply", "evaluate")
#: Texts of an application, all of them filled in.
FIELDS = {"facility_zh": "青岩二厂", "facility_en": "Qingyan plant 2", "sector": "C3841", "pack": life.SCHEME,
          "level": "three_star", **life.TEXTS}
DOSSIER = (life.FILES / "demo-body" / "dossiers" / "qingyan.yaml").read_bytes()


@dataclass
class House:
    """A portal of the demonstration. *draft*: an application of 青岩 that is being filled in."""

    app: Flask
    store: Store
    made: Demonstration
    draft: str = ""
    _tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def token(self, name: str, scopes: Sequence[str] = ALL) -> str:
        """A token of that person."""
        key = name, tuple(scopes)
        if key not in self._tokens:
            self._tokens[key] = tokens.create(self.store, self.made.cast.actor(name), "test", scopes, 30)[1]
        return self._tokens[key]

    def client(self) -> FlaskClient:
        """A client without cookies."""
        return self.app.test_client(use_cookies=False)

    def send(self, who: str, method: str, path: str, *, scopes: Sequence[str] = ALL,
             headers: Mapping[str, str] | None = None, **more: Any) -> TestResponse:
        """The answer to a request of *who* (empty: of nobody) under the API."""
        signed = {"Authorization": f"Bearer {self.token(who, scopes)}"} if who else {}
        return self.client().open(BASE + path, method=method, headers={**signed, **(headers or {})}, **more)

    def application(self, who: str) -> str:
        """The newest application of an organisation, by its number."""
        with self.store.read() as session:
            return session.scalars(select(Application.number).where(
                Application.organisation_id == self.made.cast.organisations[who])
                .order_by(Application.number)).first() or ""

    def values(self, who: str = "qingyan") -> dict[str, str]:
        """Values of path parameters: things of *who*."""
        with self.store.read() as session:
            organisation = self.made.cast.organisations[who]
            case = session.scalars(select(Case.number).where(Case.organisation_id == organisation)).first() or ""
            certificate = service.by_id(session, self.made.certificate)
            job = session.scalars(select(Job.id).where(Job.for_person.is_not(None))).first() or "0" * 26
        assert certificate is not None
        return {"application": self.application(who), "case": case, "certificate": certificate.number, "job": job,
                "language": "en", "code": "store.stale"}


def form(fields: Mapping[str, str], name: str = "", data: bytes = b"", file: str = "dossier.yaml") -> dict[str, Any]:
    """Arguments of a request with a form and a file."""
    return multipart(fields, {name: (file, data)} if name else {})


def address(path: str, values: Mapping[str, str]) -> str:
    """A path of the document with its parameters filled in."""
    kind = {"/applications": "application", "/cases": "case", "/certificates": "certificate", "/jobs": "job"}
    first = next((v for k, v in kind.items() if path.startswith(k)), "")
    filled = re.sub(r"\{(number|id)\}", values.get(first, ""), path)
    return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], filled)


def codes(answer: TestResponse) -> list[str]:
    """Codes of the problems of an answer."""
    assert answer.content_type == "application/problem+json", answer.text[:200]
    told: dict[str, Any] = json.loads(answer.text)
    assert told["status"] == answer.status_code
    return [p["code"] for p in told.get("problems", ())]


def places(answer: TestResponse) -> dict[str, str]:
    """Path → code of the problems of an answer."""
    return {p["place"].get("path", ""): p["code"] for p in json.loads(answer.text)["problems"]}
