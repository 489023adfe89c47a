"""Two exporters that know nothing of each other, an input of real content, a result and files: through the services."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.web.accounts.accounts_world import World, actor, founded

from zerofactory_web.exporter import inputs, requests, results, work
from zerofactory_web.exporter.inputs import Given, Piece
from zerofactory_web.exporter.requests import Asked
from zerofactory_web.exporter.results import Computed, Made
from zerofactory_web.store.unit import Actor, Store

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "cbam"
BOLTS = "73181542"


def example(name: str = "steel-fasteners") -> tuple[Piece, tuple[Piece, ...]]:
    """The file of an example with the tables beside it."""
    folder = EXAMPLES / name
    return (Piece("input.yaml", (folder / "input.yaml").read_bytes()),
            tuple(Piece(p.name, p.read_bytes()) for p in sorted(folder.glob("*.csv"))))


def order(folder: Path, file: Piece, beside: tuple[Piece, ...] = (), **more: Any) -> dict[str, Any]:
    """An order as the guarded process gets it."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"folder": str(folder), "file": {"name": file.name, "data": file.data}, "language": "en",
            "beside": [{"name": b.name, "data": b.data} for b in beside], "now": "2026-01-20T09:30:00+00:00", **more}


def given(folder: Path, file: Piece, beside: tuple[Piece, ...] = ()) -> Given:
    """What a file says, read without a process of its own."""
    told = work.work(order(folder, file, beside, do="read")).told
    return Given(file, beside, told["tree"], told["problems"])


def computed(folder: Path, file: Piece, beside: tuple[Piece, ...] = (), method: str = "definitive") -> Computed:
    """The calculation of a file, without a process of its own."""
    done = work.work(order(folder, file, beside, do="compute", method=method))
    return Computed(method, None, {}, done.told["engine"], done.told["document"].encode(), done.data,
                    done.told["summary"])


def asked(**more: Any) -> Asked:
    """A request for bolts."""
    return Asked(**{"company": "Import GmbH", "eori": "DE123456789012345", "contact": "A. Person",
                    "email": "cbam@import.example", "goods": f"{BOLTS}; 120.5", "year": "2026",
                    "received": date(2026, 11, 1), "due": date(2026, 12, 1), **more})


@dataclass(frozen=True)
class Desk:
    """Cai of the works, Dan of another exporter, Eve of the body."""

    world: World
    folder: Path
    works: str
    other: str
    cai_id: str
    dan_id: str
    eve_id: str

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def cai(self) -> Actor:
        return actor(self.store, self.cai_id)

    @property
    def dan(self) -> Actor:
        return actor(self.store, self.dan_id)

    @property
    def eve(self) -> Actor:
        return actor(self.store, self.eve_id)

    def version(self, name: str = "Plant 1") -> str:
        """An input of the works with its first version."""
        return inputs.add(self.store, self.cai, self.works, name, given(self.folder, *example()))

    def result(self, version: str, method: str = "definitive") -> str:
        return results.keep(self.store, self.cai, version, computed(self.folder, *example(), method=method))

    def file(self, result: str, data: bytes = b"a,b\r\n", name: str = "cbam-goods.csv") -> str:
        return results.keep_file(self.store, self.cai, result, Made("goods", "en", name, data))

    def request(self, **more: Any) -> str:
        return requests.add(self.store, self.cai, self.works, asked(**more))


def desk_of(store: Store, folder: Path) -> Desk:
    """Founded, with two exporters and somebody of the body."""
    world = founded(store)
    works, other = world.applicant(), world.applicant("Other Works")
    cai, dan = world.member("cai@works.example", works, "manager"), world.member("dan@other.example", other, "manager")
    eve = world.member("eve@body.example", world.body)
    world.role(eve, "evaluator")
    return Desk(world, folder, works, other, cai, dan, eve)


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
