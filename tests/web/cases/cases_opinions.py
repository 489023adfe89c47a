"""Cases of verification and of readiness whose review passed, with verdicts and findings as a test needs them.

The dossier is computed once, under the pack for carbon-neutrality claims; a case gets its result with the verdict of the
level that was asked for written over. Everything else happens through the services.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from tests.web.cases.cases_world import Remembering, applied, terms

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_web.cases import applications, findings
from zerofactory_web.cases.deciding import Wording
from zerofactory_web.cases.model import Case
from zerofactory_web.demo import life
from zerofactory_web.demo.build import version_of
from zerofactory_web.demo.people import Cast
from zerofactory_web.readiness.guard import Done

PACK, LEVEL = "iso-14068-1-2023@0.1.0", "claim"
#: What is computed and what stands open before a decision: verdict of the level, then findings (kind, whether planned).
SITUATIONS: Mapping[str, tuple[str, tuple[tuple[str, bool], ...]]] = {
    "met": ("met", ()), "minor planned": ("met", (("minor", True),)), "minor open": ("met", (("minor", False),)),
    "major open": ("met", (("major", False),)), "observation": ("met", (("observation", False),)),
    "unknown": ("indeterminate", ()), "unknown, major open": ("indeterminate", (("major", False),)),
    "not met": ("not_met", ()), "not met, major open": ("not_met", (("major", False),)), "serial twice": ("met", ())}


class Written:
    """Does the guarded work here; of evaluations only the first, and the level asked for has :attr:`verdict`."""

    def __init__(self) -> None:
        self._here, self._first = Remembering(), dict[str, Done]()
        self.verdict = "met"

    def run(self, order: Mapping[str, Any]) -> Done:
        """The result of *order*."""
        if order["do"] != "evaluate" or not str(order["folder"]).endswith("iso-14068-1-2023/0.1.0"):
            return self._here.run(order)
        if "claim" not in self._first:
            self._first["claim"] = self._here.run(order)
        bundle = json.loads(self._first["claim"].data)
        for level in bundle["assessment"]["levels"]:
            level["verdict"] = self.verdict
        told = {**self._first["claim"].told, "levels": {LEVEL: self.verdict}}
        return Done(told, canonical_bytes(bundle))


def reviewed(cast: Cast, guard: Written, situation: str, number: int) -> str:
    """A verification whose review passed in that *situation*; its number."""
    guard.verdict, given = SITUATIONS[situation]
    case = life.accept(cast, applied(cast, number, PACK, LEVEL), PACK, LEVEL)
    life.plan(cast, case, version_of(cast.store, case))
    for kind, planned in given:
        made = findings.raise_finding(cast.store, cast.actor("lin"), case, kind, "6.2", "a meter was read twice")
        if planned:
            due = cast.store.clock().date().replace(year=2027).isoformat()
            findings.act(cast.store, cast.actor("qingyan"), case, made, "answer", cause="cause", correction="correction")
            findings.act(cast.store, cast.actor("lin"), case, made, "accept_plan", due=due)
    life.complete(cast, case)
    life.review(cast, case)
    if situation == "serial twice":          # somebody else comes with the same serials once the evaluation is complete
        again = applied(cast, number, PACK, LEVEL)
        applications.accept(cast.store, cast.actor("he"), again, terms(cast, pack=PACK, levels=(LEVEL,)))
    return case


def ready(cast: Cast, number: int) -> str:
    """A readiness case whose review passed; its number."""
    case = life.accept(cast, applied(cast, number, life.READINESS, "entry"), life.READINESS, "entry")
    life.plan(cast, case, version_of(cast.store, case))
    life.complete(cast, case)
    life.review(cast, case)
    return case


def wording(cast: Cast, opinion: str, *, basis: bool = True, **changes: str) -> Wording:
    """What stands on the statement."""
    today = cast.store.clock().date()
    texts = {"basis_zh": "两块电表的校准证书缺失。", "basis_en": "Calibration certificates of two meters are missing."}
    given = {"valid_from": today.isoformat(), "valid_until": today.replace(year=today.year + 1).isoformat(),
             "role_zh": "核查决定人", "role_en": "Verification decision maker", "opinion": opinion,
             **(texts if basis and opinion not in ("", "unmodified") else {}), **changes}
    return Wording(**given)


def ident(cast: Cast, number: str) -> str:
    """The id of a case."""
    with cast.store.read() as session:
        return session.scalars(select(Case.id).where(Case.number == number)).one()


