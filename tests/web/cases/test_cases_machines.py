"""The tables of states say the same in the services, in the models and in the migrations; the database keeps to them."""

from __future__ import annotations

import importlib
import re
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from tests.web.cases.cases_world import World, drop_trigger, triggers, unguarded
from tests.web.cases.test_cases_guards import undone

from zerofactory_web import tables
from zerofactory_web.cases import model, states
from zerofactory_web.cases.states import MACHINES, Machine
from zerofactory_web.register.model import STATUSES
from zerofactory_web.store.unit import refusal

#: Machine → its table, the column of its state, where the migration lists its steps, and an id of a row.
TABLES = {"application": ("application", "state", "_APPLICATION_STEPS", "app_draft"), "case": ("case_file", "state", "_CASE_STEPS", "planned"),
          "certificate": ("certificate", "status", "_STEPS", "certificate"),
          "surveillance": ("surveillance", "state", "_SURVEILLANCE_STEPS", "surveillance"),
          "complaint": ("complaint", "state", "_COMPLAINT_STEPS", "complaint"), "finding": ("finding", "state", "_FINDING_STEPS", "finding_findings_open")}


def migration(machine: str) -> ModuleType:
    return importlib.import_module("zerofactory_web.store.migrations.versions." + ("0004_register" if machine == "certificate" else "0003_cases"))


def accepted_by(table: str, column: str) -> set[str]:
    """The values that a check of the model lets a column have."""
    checks = [str(c.sqltext) for c in tables.metadata.tables[table].constraints if isinstance(c, sa.CheckConstraint)]
    [found] = [c for c in checks if c.startswith(f"{column} IN")]
    return set(re.findall(r"'([^']+)'", found))


def steps(machine: Machine) -> set[tuple[str, str]]:
    return {(before, step.to) for (before, _), step in machine.steps.items()}


def test_every_machine_is_looked_at() -> None:
    assert set(TABLES) == set(MACHINES)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_states_and_steps_agree(name: str) -> None:
    machine, (table, column, listed, _) = MACHINES[name], TABLES[name]
    assert accepted_by(table, column) == set(machine.states)
    written = getattr(migration(name), listed)
    assert len(written) == len(set(written))
    assert set(written) == steps(machine)
    if name == "case":
        assert set(migration(name)._CASE_STATES) == set(machine.states)
    if name == "certificate":
        assert set(STATUSES) == set(machine.states)


def test_what_is_frozen_agrees() -> None:
    written = set(re.findall(r"'([^']+)'", migration("case")._FROZEN))
    assert written == set(states.FROZEN) < set(states.CASE.states)
    assert set(re.findall(r"'([^']+)'", migration("case")._TEAM)) == set(states.TEAM)


def test_every_role_of_a_machine_is_a_role() -> None:
    known = {*model.CASE_ROLES, states.APPLICANT, "system", "complaints_handler"}
    assert {role for m in MACHINES.values() for step in m.steps.values() for role in step.roles} <= known


def test_values_of_the_models_are_those_of_the_checks() -> None:
    for table, column, values in (("evidence_basis", "basis", model.BASES), ("judgement", "answer", model.ANSWERS), ("finding", "kind", model.FINDING_KINDS),
                                  ("field_note", "kind", model.NOTE_KINDS), ("dossier_version", "found_by", model.FOUND_BY),
                                  ("decision", "kind", model.DECISIONS), ("case_role", "role", model.CASE_ROLES)):
        assert accepted_by(table, column) == set(values)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_every_state_can_be_reached_and_ends_somewhere(name: str) -> None:
    machine = MACHINES[name]
    reached, edge = {machine.initial}, {machine.initial}
    while edge:
        edge = {to for before, to in steps(machine) if before in edge} - reached
        reached |= edge
    assert reached == set(machine.states)
    assert any(not machine.events(state) for state in machine.states)


def only(connection: sa.Connection, table: str, guard: str) -> None:
    """Take every guard of *table* away but *guard*."""
    for found, of in triggers(connection).items():
        if of == table and found != guard:
            drop_trigger(connection, found, of)


@pytest.mark.parametrize("name", sorted(MACHINES))
def test_the_database_lets_a_state_follow_another_just_where_the_machine_does(still: World, name: str) -> None:
    """Every pair of states, with every other guard of the table away."""
    machine, (table, column, _, row) = MACHINES[name], TABLES[name]
    change = f"UPDATE {table} SET {column} = :state WHERE id = :id"
    with undone(still) as connection:
        only(connection, table, f"{table}_steps")
        for before in machine.states:
            with unguarded(connection, table):
                connection.execute(sa.text(change), {"state": before, "id": still.names[row]})
            for after in machine.states:
                attempt, said = connection.begin_nested(), None
                try:
                    connection.execute(sa.text(change), {"state": after, "id": still.names[row]})
                except DBAPIError as error:
                    said = refusal(error).code
                attempt.rollback()
                fits = before == after or (before, after) in steps(machine)
                assert said == (None if fits else "register.step" if name == "certificate" else "cases.step"), (before, after)
