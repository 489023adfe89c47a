"""A store with a case at every stage, made once through the services and copied for each test.

Every case is of the same applicant (青岩) and the same dossier with serials of its own, so that none claims another's.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from tests.web.conftest import Clock

from zerofactory_engine.canonical import sha256
from zerofactory_engine.problems import ProblemsError
from zerofactory_web import tables
from zerofactory_web.accounts import competence, invitations, roles
from zerofactory_web.cases import (
    applications,
    complaints,
    deciding,
    dossiers,
    draft_files,
    evaluating,
    findings,
    reviewing,
    schemes,
    surveying,
)
from zerofactory_web.cases.model import Application, Case, Decision, Evaluation
from zerofactory_web.cases.schemes import Scheme
from zerofactory_web.cases.work import work
from zerofactory_web.demo import life
from zerofactory_web.demo.build import version_of
from zerofactory_web.demo.people import DOMAIN, Cast, gather
from zerofactory_web.readiness.guard import Done
from zerofactory_web.register import service as register
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.backup import backup, restore
from zerofactory_web.store.model import time_text
from zerofactory_web.store.unit import Actor, Change, Store

PASSWORD = "magpie lantern oxbow 47"
DOSSIER = life.FILES / "demo-body" / "dossiers" / "qingyan.yaml"
#: Stages of cases, in the order in which a case goes through them; two ends; what came before a case.
STAGES = ("bare", "planned", "started", "evaluated", "findings_open", "corrective_action", "evaluation_complete",
          "in_review", "sent_back", "review_passed", "granted", "refused")
KEPT = "kept.pdf"          # lies in the draft of the application that is one
APPLICATIONS = ("draft", "submitted", "returned")
#: Beside the demonstration's people: 方 may do everything at the body and is on no case; 许 is an evaluator whose
#: competence covers nothing here; 郑 is an evaluator on no case.
EXTRA: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "fang": ("方舟", ("evaluator", "technical_expert", "reviewer", "decider", "complaints_handler", "observer"), "C"),
    "xu": ("许可", ("evaluator",), "D"),
    "zheng": ("郑重", ("evaluator",), "C")}


class Schemes:
    """Reads the rule packs once for each state of the overlays that a store has."""

    def __init__(self) -> None:
        self._read = schemes.schemes
        self._known: dict[Any, tuple[Scheme, ...]] = {}

    def __call__(self, settings: Settings, only: str = "") -> tuple[Scheme, ...]:
        """The schemes of *settings*, or those on the pack *only*."""
        files = sorted((settings.data / "overlays").glob("*/*/*"))
        key = tuple((str(f.relative_to(settings.data)), sha256(f.read_bytes())) for f in files)
        if key not in self._known:
            self._known[key] = self._read(settings)
        return tuple(s for s in self._known[key] if only in ("", s.reference.partition("+")[0]))


class Remembering:
    """Does the guarded work in this process, each order once."""

    def __init__(self) -> None:
        self._done: dict[str, Done] = {}

    def key(self, order: Mapping[str, Any]) -> str:
        """What tells one order from another."""
        return repr(sorted(order.items()))

    def run(self, order: Mapping[str, Any]) -> Done:
        """The result of *order*."""
        if (key := self.key(order)) not in self._done:
            self._done[key] = work(order)
        return self._done[key]


@dataclass
class World:
    """A store with its people, and the cases by their stage. *names*: ids by short names, for raw SQL."""

    cast: Cast
    clock: Clock
    cases: dict[str, str] = field(default_factory=dict)
    applications: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store."""
        return self.cast.store

    def actor(self, name: str, scopes: Sequence[str] | None = None) -> Actor:
        """That person at the keyboard, or a program with his token."""
        found = self.cast.actor(name)
        return found if scopes is None else dataclasses.replace(found, scopes=frozenset(scopes))

    def today(self, days: int = 0) -> str:
        """Today, or so many days later."""
        return (self.clock.now.date() + timedelta(days=days)).isoformat()

    def version(self, stage: str) -> int:
        """The version of a case."""
        return version_of(self.store, self.cases[stage])

    def case(self, number: str) -> Case:
        """The row of a case by its number or stage."""
        with self.store.read() as session:
            return session.scalars(sa.select(Case).where(Case.number == self.cases.get(number, number))).one()

    def restrict(self, **changes: Any) -> None:
        """Change settings of the installation."""
        self.store.settings = dataclasses.replace(self.store.settings, **changes)


@contextmanager
def refusing(*codes: str) -> Iterator[None]:
    """The body is refused with exactly these codes."""
    with pytest.raises(ProblemsError) as caught:
        yield
    assert [p.code for p in caught.value.problems] == list(codes)


def dossier(number: int, *changes: tuple[str, str]) -> bytes:
    """The dossier with serials of its own; *changes*: texts and what stands in their place."""
    text = DOSSIER.read_text(encoding="utf-8").replace("CCER-101", f"CCER-{number}01").replace("CCER-102",
                                                                                               f"CCER-{number}02")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode("utf-8")


def applied(cast: Cast, number: int, scheme: str = life.SCHEME, level: str = "three_star", *,
            submit: bool = True) -> str:
    """An application of 青岩 with its dossier; its number."""
    store, actor = cast.store, cast.actor("qingyan")
    made = applications.start(store, actor, cast.organisations["qingyan"])
    values = {"facility_zh": "青岩一厂", "facility_en": "Qingyan plant 1", "sector": "C3841", "pack": scheme,
              "level": level, **life.TEXTS}
    applications.save(store, actor, made, values, 1)
    add_dossier(cast, made, dossier(number))
    if submit:
        applications.submit(store, actor, made)
    return made


def add_dossier(cast: Cast, application: str, data: bytes, reason: str = "", *, who: str = "qingyan",
                found_by: str = "applicant") -> str:
    """Submit a version; its id."""

    reading = dossiers.read(cast.store, "dossier.yaml", BytesIO(data))
    return dossiers.add(cast.store, cast.actor(who), application, reading, reason=reason, found_by=found_by)


def terms(cast: Cast, **changes: Any) -> applications.Terms:
    """What the body settles when it takes an application on."""
    given: dict[str, Any] = {
        "pack": life.SCHEME, "levels": ("three_star",), "readings": {}, "valid_on": cast.store.clock().date().isoformat(),
        "scope_zh": "范围", "scope_en": "Scope", "competence": "C38", "impartiality": "none", "capable": "yes",
        "open_minors": "5.3"}
    return applications.Terms(**{**given, **changes})


#: How a case gets from each stage to the next.
def _advance(cast: Cast, number: str, to: str) -> None:
    store, lin = cast.store, cast.actor("lin")
    if to == "started":
        life.plan(cast, number, version_of(store, number))
    elif to == "evaluated":
        life.look_at_evidence(cast, number)
        evaluating.evaluate(store, lin, number)
    elif to == "findings_open":
        findings.raise_finding(store, lin, number, "major", "CECA-DEF", "something remains")
        findings.hand_over(store, lin, number, "open_findings")
    elif to == "corrective_action":
        with store.read() as session:
            [each] = findings.listed(session, session.scalars(sa.select(Case).where(Case.number == number)).one())
        findings.act(store, cast.actor("qingyan"), number, each.id, "answer", cause="cause", correction="correction")
        findings.hand_over(store, cast.actor("qingyan"), number, "correct")
    elif to == "evaluation_complete":
        life.complete(cast, number)
    elif to == "in_review":
        reviewing.take_up(store, cast.actor("he"), number)
    elif to == "sent_back":
        reviewing.review(store, cast.actor("he"), number, "send_back", "one invoice is missing")
    elif to == "review_passed":
        reviewing.review(store, cast.actor("he"), number, "pass", "sound")
    elif to == "granted":
        life.grant(cast, number)
    elif to == "refused":
        deciding.decide(store, cast.actor("zhao"), number, "refuse", "the claim does not hold")
    else:
        assert to == "planned"


_WAYS = {"bare": (), "planned": (), "started": ("started",), "evaluated": ("started", "evaluated")}
_WAYS |= {"findings_open": (*_WAYS["evaluated"], "findings_open"),
          "evaluation_complete": (*_WAYS["evaluated"], "evaluation_complete")}
_WAYS |= {"corrective_action": (*_WAYS["findings_open"], "corrective_action"),
          "in_review": (*_WAYS["evaluation_complete"], "in_review")}
_WAYS |= {"sent_back": (*_WAYS["in_review"], "sent_back"), "review_passed": (*_WAYS["in_review"], "review_passed")}
_WAYS |= {"granted": (*_WAYS["review_passed"], "granted"), "refused": (*_WAYS["review_passed"], "refused")}


def advance(cast: Cast, number: str, stage: str) -> None:
    """Take a planned case with its roles to *stage*."""
    for step in _WAYS[stage]:
        _advance(cast, number, step)


def build(store: Store, clock: Clock) -> World:
    """Fill an empty store with a case at every stage."""
    cast = gather(store, PASSWORD)
    life.install_overlay(cast)
    world = World(cast, clock)
    _extra_people(cast)
    for n, stage in enumerate(APPLICATIONS, 1):
        world.applications[stage] = applied(cast, n, submit=stage != "draft")
    draft_files.add(store, cast.actor("qingyan"), world.applications["draft"], "D1", KEPT, BytesIO(b"kept"))
    applications.answer(store, cast.actor("he"), world.applications["returned"], "return", "the sector is missing")
    for n, stage in enumerate(STAGES, 11):
        world.applications[stage] = applied(cast, n)
        if stage == "bare":
            world.cases[stage] = applications.accept(store, cast.actor("he"), world.applications[stage], terms(cast))
            continue
        world.cases[stage] = life.accept(cast, world.applications[stage])
        advance(cast, world.cases[stage], stage)
    _readiness(world)
    _aftermath(world)
    return world


def _extra_people(cast: Cast) -> None:
    store, persons = cast.store, dict(cast.persons)
    body = next(iter(cast.actor("anna").organisations))
    today = store.clock().date()
    for name, (shown, held, sector) in EXTRA.items():
        given = invitations.invite(store, cast.actor("anna"), body, f"{name}@{DOMAIN}")
        persons[name] = invitations.take(store, given.secret, name=shown, password=PASSWORD, language="zh")
        for role in held:
            roles.confirm(store, cast.actor("bo"), roles.grant(store, cast.actor("anna"), persons[name], role))
        competence.record(store, cast.actor("anna"), persons[name], sector=sector, since=today - timedelta(days=400),
                          until=date(today.year + 2, 12, 31), evidence="training")
    cast.persons.update(persons)  # type: ignore[attr-defined]  # the demonstration makes it a dict


def _readiness(world: World) -> None:
    """A readiness case whose review passed."""
    number = applied(world.cast, 31, life.READINESS, "entry")
    world.applications["readiness"] = number
    world.cases["readiness"] = life.accept(world.cast, number, life.READINESS, "entry")
    cast, store = world.cast, world.store
    life.plan(cast, world.cases["readiness"], version_of(store, world.cases["readiness"]))
    life.complete(cast, world.cases["readiness"])
    for step in ("in_review", "review_passed"):
        _advance(cast, world.cases["readiness"], step)


def _aftermath(world: World) -> None:
    """What hangs on cases: questions, a surveillance, a complaint, an appeal; and ids by their names."""
    cast, store, cases = world.cast, world.store, world.cases
    names: dict[str, str] = {**cast.persons, "org": cast.organisations["qingyan"],
                             "other_org": cast.organisations["haiyu"]}
    for name, stage in (("question", "findings_open"), ("answered", "evaluated")):
        names[name] = findings.ask(store, cast.actor("lin"), cases[stage], "D1", "which page?", world.today(9))
    findings.reply(store, cast.actor("qingyan"), cases["evaluated"], names["answered"], "page 2")
    with store.read() as session:
        names |= {stage: _case(session, number).id for stage, number in cases.items()}
        names |= {f"app_{stage}": session.scalars(sa.select(Application.id).where(Application.number == number)).one()
                  for stage, number in world.applications.items()}
        [certificate] = register.of_case(session, names["granted"])
        names["certificate"] = certificate.id
        for stage in ("granted", "refused"):
            names[f"decision_{stage}"] = session.scalars(sa.select(Decision.id).where(
                Decision.case_id == names[stage])).one()
        names |= {f"bundle_{stage}": b for stage in STAGES if (b := _case(session, cases[stage]).frozen_bundle)}
        names["bundle_readiness"] = _case(session, cases["readiness"]).frozen_bundle or ""
        for stage in ("evaluated", "in_review"):
            run = session.scalars(sa.select(Evaluation).where(Evaluation.case_id == names[stage])).one()
            names |= {f"version_{stage}": run.dossier_version_id, f"run_{stage}": run.id}
        for stage in ("findings_open", "corrective_action"):
            names[f"finding_{stage}"] = findings.listed(session, _case(session, cases[stage]))[0].id
        number = certificate.number
    for name in ("surveillance", "surveillance_done"):
        names[name] = surveying.schedule(store, cast.actor("he"), cases["granted"], names["certificate"],
                                         world.today(330))
    surveying.report(store, cast.actor("lin"), cases["granted"], names["surveillance_done"], "all in order")
    complaint = complaints.receive(store, cast.actor("haiyu"), "it is loud", "a neighbour", certificate=number)
    appeal = complaints.appeal(store, cast.actor("qingyan"), cases["refused"], names["decision_refused"], "it does hold")
    with store.read() as session:
        names["complaint"] = complaints._row(session, complaint).id
        names["appeal"] = complaints._row(session, appeal).id
    names |= {"complaint_number": complaint, "appeal_number": appeal}
    world.names.update(names)


def _case(session: Session, number: str) -> Case:
    return session.scalars(sa.select(Case).where(Case.number == number)).one()


# --- copies ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Template:
    """A store that was built once, and is only copied from then on."""

    database: str
    data: Path
    now: datetime
    facts: Mapping[str, Mapping[str, str]]


def make_template(folder: Path) -> Template:
    """Build the template's store in *folder*, or find it built there by another process of the same run."""
    folder.mkdir(exist_ok=True)
    database, told = f"sqlite:///{folder / 'store.sqlite'}", folder / "facts.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            clock = Clock()
            store = Store(Settings(data=folder / "data", database=database), clock=clock)
            schema.upgrade(store.engine)
            world = build(store, clock)
            backup(store, folder / "backup.zip")
            with store.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            store.close()
            told.write_text(json.dumps({"now": time_text(clock.now), "facts": {
                "persons": dict(world.cast.persons), "organisations": dict(world.cast.organisations), "cases": world.cases,
                "applications": world.applications, "names": world.names}}), encoding="utf-8")
    found = json.loads(told.read_text(encoding="utf-8"))
    now = datetime.strptime(found["now"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Template(database, folder / "data", now, found["facts"])


def on_server(template: Template, database: str) -> Template:
    """The same in an empty database on a server, brought there as a backup."""
    folder = template.data.parent
    store = Store(Settings(data=template.data, database=database), clock=Clock())
    restore(store, folder / "backup.zip")
    store.close()
    keep_on_server(database)
    return dataclasses.replace(template, database=database)


_made = iter(range(1, 1_000_000))


def copy_of(template: Template, folder: Path) -> World:
    """The world of *template* with a store under *folder*: of its own, or on a server the one that there is, brought
    back to how it was."""
    if template.database.startswith("sqlite"):
        file = folder / f"copy{next(_made)}.sqlite"
        shutil.copyfile(template.database.removeprefix("sqlite:///"), file)
        database = f"sqlite:///{file}"
    else:
        database = template.database
        _bring_back(database)
    data = folder / f"data{next(_made)}"
    shutil.copytree(template.data / "documents", data / "documents", copy_function=os.link)
    shutil.copytree(template.data / "overlays", data / "overlays")
    clock = Clock()
    clock.now = template.now
    store = Store(Settings(data=data, database=database), clock=clock)
    facts = template.facts
    return World(Cast(store, facts["persons"], facts["organisations"]), clock, dict(facts["cases"]),
                 dict(facts["applications"]), dict(facts["names"]))


#: Where a database on a server keeps what it is brought back to.
_KEPT = "kept"


def keep_on_server(database: str) -> None:
    """Note the rows of a database, so that :func:`_bring_back` can bring it back to them."""
    with _server(database) as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {_KEPT}")
        for name in tables.metadata.tables:
            connection.exec_driver_sql(f'CREATE TABLE {_KEPT}."{name}" AS SELECT * FROM public."{name}"')


def _bring_back(database: str) -> None:
    """The rows that were kept, and every guard in force: a hundred times faster than another database."""
    with _server(database) as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in dict.fromkeys(triggers(connection).values()):
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for name, known in tables.metadata.tables.items():
            columns = ", ".join(f'"{c.name}"' for c in known.columns)
            connection.exec_driver_sql(f'DELETE FROM public."{name}"')
            connection.exec_driver_sql(f'INSERT INTO public."{name}" ({columns}) SELECT {columns} FROM {_KEPT}."{name}"')


@contextmanager
def _server(database: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(sa.make_url(database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


class _UndoneError(Exception):
    pass


class Rehearsal(Store):
    """A store in which every change is made to its end and then undone."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.settings, clock=store.clock, engine=store.engine)

    @contextmanager
    def change(self, actor: Actor, request: str = "") -> Iterator[Change]:
        """As in a store, up to the commit."""
        try:
            with super().change(actor, request) as change:
                yield change
                change.session.flush()
                raise _UndoneError
        except _UndoneError:
            pass


# --- looking at the whole --------------------------------------------------------------------------------------------


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with store.engine.connect() as connection:
        return {name: sorted((tuple(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')), key=repr)
                for name in tables.metadata.tables}


def triggers(connection: sa.Connection) -> dict[str, str]:
    """Every guard of the database, with its table."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return {row[0]: row[1] for row in connection.exec_driver_sql(query)}


def drop_trigger(connection: sa.Connection, name: str, table: str) -> None:
    """Take one guard away."""
    connection.exec_driver_sql(f"DROP TRIGGER {name}" if connection.dialect.name == "sqlite" else (
        f"DROP TRIGGER {name} ON {table}"))


def drop_all_triggers(store: Store) -> None:
    """Take every guard away (on a server: switch it off)."""
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        found = triggers(connection)
        if connection.dialect.name == "sqlite":
            for name, table in found.items():
                drop_trigger(connection, name, table)
        else:
            for table in dict.fromkeys(found.values()):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@contextmanager
def unguarded(connection: sa.Connection, table: str) -> Iterator[None]:
    """The guards of *table* are away, and stand again afterwards."""
    if connection.dialect.name != "sqlite":
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    made = connection.exec_driver_sql(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'").all()
    for name, _ in made:
        drop_trigger(connection, name, table)
    yield
    for _, sql in made:
        connection.exec_driver_sql(sql)
