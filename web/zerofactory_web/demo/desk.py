"""The demonstration's exporter: an input of a maker of fasteners in two versions, its results, and what customers got.

A step of its own, since computing and drawing take seconds. The input is the example ``examples/cbam/steel-fasteners``,
whose figures are invented; default values are those that the program ships, with what it says about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any

from zerofactory_web.accounts import people as accounts
from zerofactory_web.demo.people import EXPORTER, Cast, join
from zerofactory_web.exporter import access, guarded, inputs, requests, results, room, work
from zerofactory_web.exporter.inputs import Given, Piece
from zerofactory_web.exporter.requests import Asked
from zerofactory_web.exporter.results import Computed, Made
from zerofactory_web.readiness.guard import Done

#: What the first version lacks: a fuel's amount, which nobody takes for zero.
_LATER = b"amount: 120 t, "
_BOLTS, _NUTS, _TUBES = "73181542", "73181692", "73063077"
#: The year of the example, which customers ask about.
_YEAR = "2026"
#: Files that are made for customers.
_FILES = ("goods", "summary", "proof")


@dataclass(frozen=True)
class Desk:
    """Ids of what there is: *results* by ``incomplete``, ``definitive``, ``transitional``; *requests* by state."""

    cast: Cast
    organisation: str
    results: Mapping[str, str]
    requests: Mapping[str, str]


def fill(cast: Cast, password: str) -> Desk:
    """Found the exporter and do what its person would do at the desk.

    Raises:
        ProblemsError: the password is too weak; the exporter is there already.
    """
    store = cast.store
    login, (zh, en, code, contact) = EXPORTER
    place = accounts.add_organisation(store, cast.actor("anna"), kind="applicant", name_zh=zh, name_en=en,
                                      credit_code=code)
    person = join(cast, place, login, contact, password, "manager")
    whole = replace(cast, persons={**cast.persons, login: person}, organisations={**cast.organisations, login: place})
    with TemporaryDirectory(prefix="zf-demo-") as folder:
        at = _At(whole, login, place, folder)
        made = at.inputs()
        return Desk(whole, place, made, at.customers(made["definitive"]))


@dataclass(frozen=True)
class _At:
    """The exporter's person at the desk; *folder* is where tables lie beside the input while it is worked on."""

    cast: Cast
    login: str
    place: str
    folder: str

    def inputs(self) -> dict[str, str]:
        """Two versions of the input; the results of both."""
        store, who = self.cast.store, self.cast.actor(self.login)
        file, beside = room.example("steel-fasteners")
        first = replace(file, name="plant-1-2026.yaml", data=file.data.replace(_LATER, b""))
        second = replace(file, name="plant-1-2026.yaml")
        one = inputs.add(store, who, self.place, "一厂 2026 / Plant 1, 2026", self._read(first, beside))
        incomplete = self._keep(one, first, beside, "definitive")
        with store.read() as session:
            ident = inputs.listed(session, self.place)[0][0].id
        two = inputs.add_version(store, who, ident, self._read(second, beside), "补录液化石油气台账 / LPG ledger added")
        return {"incomplete": incomplete, "definitive": self._keep(two, second, beside, "definitive"),
                "transitional": self._keep(two, second, beside, "transitional")}

    def customers(self, result: str) -> dict[str, str]:
        """Requests: one answered and then corrected, two that wait, one declined."""
        store, who, today = self.cast.store, self.cast.actor(self.login), self.cast.store.clock().date()
        files = {kind: self._file(result, kind) for kind in _FILES}

        def asked(company: str, eori: str, contact: str, goods: str, since: int, due: int | None,
                  quarter: str = "") -> str:
            return requests.add(store, who, self.place, Asked(
                company, eori, contact, "", goods, _YEAR, quarter, today - timedelta(days=since),
                None if due is None else today + timedelta(days=due)))

        answered = asked("Beispiel Schrauben GmbH", "DE000000000000001", "A. Muster", f"{_BOLTS}; 120.5\n{_NUTS}; 38",
                         20, 10, "1")
        requests.answer(store, who, answered, result, [files["goods"], files["summary"]],
                        "电子邮件发送 / sent by email")
        requests.answer(store, who, answered, result, [files["goods"], files["summary"], files["proof"]],
                        "补发推导过程 / proof added at the customer's wish")
        waits = asked("Exemple Fixations SAS", "FR00000000000002", "B. Exemple", f"{_BOLTS}; 64\n72171039", 3, 21)
        late = asked("Ejemplo Tornillos S.L.", "ES00000000000003", "C. Ejemplo", f"{_NUTS}; 12.25", 40, -5)
        declined = asked("Voorbeeld Buizen B.V.", "NL000000000000004", "D. Voorbeeld", f"{_TUBES}; 80", 15, None)
        requests.decline(store, who, declined, "本厂不生产钢管 / we do not make tubes")
        return {"answered": answered, "open": waits, "overdue": late, "declined": declined}

    def _order(self, file: Piece, beside: tuple[Piece, ...], **more: Any) -> dict[str, Any]:
        return {"folder": self.folder, "file": {"name": file.name, "data": file.data}, "language": "en",
                "beside": [{"name": b.name, "data": b.data} for b in beside],
                "now": self.cast.store.clock().isoformat(), **more}

    def _read(self, file: Piece, beside: tuple[Piece, ...]) -> Given:
        told = work.work(self._order(file, beside, do="read")).told
        return Given(file, beside, told["tree"], told["problems"])

    def _keep(self, version: str, file: Piece, beside: tuple[Piece, ...], method: str) -> str:
        done = work.work(self._order(file, beside, do="compute", method=method))
        return results.keep(self.cast.store, self.cast.actor(self.login), version, Computed(
            method, None, {}, done.told["engine"], done.told["document"].encode(), done.data, done.told["summary"]))

    def _file(self, result: str, kind: str) -> str:
        """A file of a result, made and kept; its id."""
        store, who = self.cast.store, self.cast.actor(self.login)
        with store.read() as session:
            row, version, _ = access.result_of(session, who, result)
            file, beside = inputs.content(store, session, version)
        done = Done({"problems": []}, store.documents.read(row.proof)) if kind == "proof" else work.work(
            self._order(file, beside, do="file", kind=kind, method=row.method, expected=row.document))
        name = guarded.name_of(row, kind, "en")
        return results.keep_file(store, who, result, Made(kind, "en", name, done.data, done.told["problems"]))
