"""Backups: every table and every document of one moment in one archive, made while the portal runs; and back.

The archive is the same for SQLite and PostgreSQL: ``manifest.json`` (version of the tables, rows and hash per table),
``tables/NAME.jsonl`` (rows in the order of their keys, canonical JSON) and ``documents/HASH``. A restored store gives
the same manifest again; that is how a restore is proven equal.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, select, text
from sqlalchemy.orm import Session

from zerofactory_engine.canonical import canonical_bytes
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.store import schema
from zerofactory_web.store.audit import AuditHead
from zerofactory_web.store.model import Base
from zerofactory_web.store.unit import Store
from zerofactory_web.tables import metadata

FORMAT = "zerofactory/backup/1"
_BATCH = 1_000


def tables() -> tuple[Table, ...]:
    """All tables, referenced ones first; the head of the audit log last, so that guards know a store that is being
    restored (:data:`~zerofactory_web.store.migrations.guards.LIVE`)."""
    found = metadata.sorted_tables
    return (*(t for t in found if t is not AuditHead.__table__), *(t for t in found if t is AuditHead.__table__))


def backup(store: Store, out: Path) -> Mapping[str, Any]:
    """Write the archive *out* aside, then rename it; its manifest.

    Raises:
        ProblemsError: ``store.document-lost`` or ``store.document-damaged`` for a document that a table names.
    """
    aside = out.with_name(out.name + ".part")
    try:
        with store.read() as session, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            found: dict[str, Any] = {"format": FORMAT, "schema": schema.newest(), "tables": {}, "documents": []}
            for table in tables():
                found["tables"][table.name] = _dump(session, table, archive)
            for name in _documents(session):
                archive.writestr(f"documents/{name.removeprefix('sha256:')}", store.documents.read(name))
                found["documents"].append(name)
            archive.writestr("manifest.json", canonical_bytes(found))
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
    return found


def _dump(session: Session, table: Table, archive: zipfile.ZipFile) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
        for line in _lines(session, table):
            digest.update(line)
            out.write(line)
            count += 1
    return {"rows": count, "sha256": f"sha256:{digest.hexdigest()}"}


def _lines(session: Session, table: Table) -> Iterator[bytes]:
    """Rows as canonical JSON, in the order of their keys, read as stored."""
    keys = list(table.primary_key.columns)
    query = select(*[c.label(c.name) for c in table.columns]).order_by(*keys)
    raw = {c.name: c for c in table.columns}
    for row in session.execute(query).mappings():
        values = {name: _stored(raw[name].type, row[name]) for name in row}
        yield canonical_bytes(values) + b"\n"


def _stored(kind: Any, value: Any) -> Any:
    """What the database holds for a value: the text of times, dates and JSON."""
    bind = getattr(kind, "process_bind_param", None)
    return bind(value, None) if bind is not None else value


def manifest_of(store: Store) -> Mapping[str, Any]:
    """The manifest that a backup of *store* would have, without writing one."""
    with store.read() as session:
        found: dict[str, Any] = {"format": FORMAT, "schema": schema.newest(), "tables": {}, "documents": []}
        for table in tables():
            digest, count = hashlib.sha256(), 0
            for line in _lines(session, table):
                digest.update(line)
                count += 1
            found["tables"][table.name] = {"rows": count, "sha256": f"sha256:{digest.hexdigest()}"}
        for name in _documents(session):
            store.documents.read(name)
            found["documents"].append(name)
    return found


def _documents(session: Session) -> list[str]:
    """Every document that a table names."""
    names: set[str] = set()
    for table in tables():
        for column in table.columns:
            if column.info.get("document"):
                names.update(session.scalars(select(column).where(column.is_not(None)).distinct()))
    return sorted(names)


def restore(store: Store, file: Path) -> Mapping[str, Any]:
    """Fill an empty store from the archive *file* in one transaction, and compare; the manifest of both.

    Raises:
        ProblemsError: no archive of ours, tables that are not empty, another version of the tables, content that does
            not have its hash.
    """
    schema.upgrade(store.engine)
    with _opened(file) as archive:
        found = _manifest(archive, file)
        for name in found["documents"]:
            with archive.open(f"documents/{name.removeprefix('sha256:')}") as stream:
                kept = store.documents.put(stream, 1 << 40)  # type: ignore[arg-type] # zip streams read like files
            if kept.sha256 != name:
                raise ProblemsError([Problem("backup.damaged", Place(file=file.name, path=name))])
        with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
            _fill(connection, archive, found, file)
    if dict(manifest_of(store)) != found:
        raise ProblemsError([Problem("backup.differs", Place(file=file.name))])
    return found


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile):
        raise ProblemsError([Problem("backup.unreadable", Place(file=file.name))]) from None


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(archive.read("manifest.json"))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise ProblemsError([Problem("backup.unreadable", Place(file=file.name))]) from None
    if found.get("format") != FORMAT or found.get("schema") != schema.newest():
        raise ProblemsError([Problem("backup.version", Place(file=file.name),
                                     found=f"{found.get('format')} {found.get('schema')}",
                                     accepted=f"{FORMAT} {schema.newest()}")])
    return found


def _fill(connection: Connection, archive: zipfile.ZipFile, found: Mapping[str, Any], file: Path) -> None:
    connection.execute(delete(AuditHead).where(AuditHead.seq == 0))        # an empty log has a head too
    for table in tables():
        if connection.execute(select(text("1")).select_from(table).limit(1)).first() is not None:
            raise ProblemsError([Problem("backup.not-empty", found=table.name)])
        digest, batch = hashlib.sha256(), []
        plain = table.to_metadata(type(Base.metadata)())
        for column in plain.columns:      # values stand as stored: no conversion on their way back
            column.type = getattr(column.type, "impl", column.type)
        with archive.open(f"tables/{table.name}.jsonl") as lines:
            for line in lines:
                digest.update(line)
                batch.append(json.loads(line))
                if len(batch) == _BATCH:
                    connection.execute(plain.insert(), batch)
                    batch = []
        if batch:
            connection.execute(plain.insert(), batch)
        if f"sha256:{digest.hexdigest()}" != found["tables"][table.name]["sha256"]:
            raise ProblemsError([Problem("backup.damaged", Place(file=file.name, path=table.name))])
