"""Triggers that refuse what no program may do, in the words of SQLite and of PostgreSQL.

A refusal carries its message code (``zerofactory:CODE``), so that whoever hits it is told why.
"""

from __future__ import annotations

import re

from alembic import op

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[a-z][a-z0-9.-]*")

#: Holds in a store at work, not in one that a backup is just being restored to (its audit log has no head yet). A
#: guard on INSERT that looks at other rows needs it: a backup brings rows in the order of keys, not of acts.
LIVE = "EXISTS (SELECT 1 FROM audit_head)"


def refuse_changes(table: str, code: str) -> None:
    """Refuse every UPDATE and DELETE on *table*."""
    refuse(f"{table}_final_update", table, "UPDATE", "", code)
    refuse(f"{table}_final_delete", table, "DELETE", "", code)


def refuse(name: str, table: str, event: str, condition: str, code: str) -> None:
    """Refuse *event* (INSERT, UPDATE, DELETE) on a row of *table* when the SQL *condition* over NEW and OLD holds
    (always when it is empty)."""
    assert _NAME.fullmatch(name)
    assert _NAME.fullmatch(table)
    assert _CODE.fullmatch(code)
    assert event in ("INSERT", "UPDATE", "DELETE")
    if op.get_bind().dialect.name == "sqlite":
        when = f"WHEN {condition} " if condition else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
                   f"BEGIN SELECT RAISE(ABORT, 'zerofactory:{code}'); END")
        return
    check = f"IF {condition} THEN RAISE EXCEPTION 'zerofactory:{code}'; END IF;" if condition else (
        f"RAISE EXCEPTION 'zerofactory:{code}';")
    given = "OLD" if event == "DELETE" else "NEW"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
               f"$$ BEGIN {check} RETURN {given}; END $$")
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    if event != "INSERT" and not condition:
        op.execute(f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {name}()"
                   if event == "DELETE" else "SELECT 1")


def lift(name: str, table: str) -> None:
    """Take the guard *name* of *table* away, for another to stand in its place."""
    assert _NAME.fullmatch(name)
    assert _NAME.fullmatch(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(f"DROP FUNCTION {name}()")
