"""Slow, endless and oversized requests over a real socket, against the server that ``zerofactory serve`` starts."""

from __future__ import annotations

import re
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from zerofactory_web import serving
from zerofactory_web.app import create_app
from zerofactory_web.channels import LEAST_RATE
from zerofactory_web.settings import Settings
from zerofactory_web.store import schema
from zerofactory_web.store.unit import Store

THREADS = 2
UPLOAD = 100_000
#: No answer and no end within this time is a failure; nothing here waits so long while all is well.
LONG = 20.0
HEAD = b"POST /en/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
FORM = HEAD + b"Content-Type: application/x-www-form-urlencoded\r\n"
#: How a request begins that never ends, and what its sender goes on with, if with anything.
SLOW = {
    "says nothing": (b"", b""),
    "head that stops": (HEAD, b""),
    "head byte by byte": (HEAD, b"X"),
    "body that stops": (FORM + b"Content-Length: 50000\r\n\r\nemail=", b""),
    "body byte by byte": (FORM + b"Content-Length: 50000\r\n\r\nemail=", b"a"),
    "chunks that stop": (FORM + b"Transfer-Encoding: chunked\r\n\r\n6\r\nemail=\r\n", b""),
    "chunks byte by byte": (FORM + b"Transfer-Encoding: chunked\r\n\r\n6\r\nemail=\r\n", b"1\r\na\r\n"),
    "a body that waits to be asked": (FORM + b"Content-Length: 50000\r\nExpect: 100-continue\r\n\r\n", b""),
}


@contextmanager
def _served(folder: Path, seconds: int = serving.CHANNEL_SECONDS) -> Iterator[int]:
    """The port of a portal over an empty store; slow senders are given *seconds*."""
    settings = Settings(data=folder, threads=THREADS, max_upload=UPLOAD)
    store = Store(settings)
    schema.upgrade(store.engine)
    server = serving.waitress_server(create_app(settings, store), settings, "127.0.0.1", 0, None, seconds)
    thread = threading.Thread(target=server.asyncore.loop, kwargs={"timeout": 0.1, "map": server._map, "use_poll": True}, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.task_dispatcher.shutdown()
        for each in [*server.active_channels.values(), server]:
            each.close()
        thread.join(LONG)
        store.close()


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A portal with the time that an installation gives."""
    with _served(tmp_path_factory.mktemp("patient")) as port:
        yield port


def _sender(stack: ExitStack, port: int, begins: bytes = b"") -> socket.socket:
    made = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=LONG))
    made.sendall(begins)
    return made


def _answer(sender: socket.socket) -> tuple[int, bytes]:
    """Status and text of what comes, until the server closes or the text says its length."""
    got = b""
    while True:
        part = sender.recv(65_536)
        got += part
        head, end, rest = got.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not part or (end and length is not None and len(rest) >= int(length[1])):
            return int(got.split(b" ", 2)[1]), rest


def test_others_are_answered_while_slow_ones_hang(patient: int) -> None:
    with ExitStack() as stack:
        hanging = [_sender(stack, patient, begins) for begins, _ in SLOW.values() for _ in range(3 * THREADS)]
        for address in ("/healthz", "/en/", "/en/sign-in"):
            connection = HTTPConnection("127.0.0.1", patient, timeout=LONG)
            connection.request("GET", address)
            assert connection.getresponse().status == 200, address
            connection.close()
        for sender in hanging:
            sender.setblocking(False)
            with suppress(BlockingIOError):
                assert sender.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"       # closed it would be empty


def test_slow_ones_are_dropped_whatever_they_go_on_sending(tmp_path: Path) -> None:
    with _served(tmp_path, 2) as port, ExitStack() as stack, selectors.DefaultSelector() as waiting:
        honest = _sender(stack, port, FORM + b"Content-Length: 1000000\r\nConnection: close\r\n\r\n" + b"a" * 990_000)
        large = _sender(stack, port, FORM + b"Content-Length: 2000000\r\n\r\n" + b"a" * 1_000_000)      # lies in a file, then is late
        waiting.register(large, selectors.EVENT_READ, ("large body that stops", b""))
        for name, (begins, more) in SLOW.items():
            waiting.register(_sender(stack, port, begins), selectors.EVENT_READ, (name, more))
        left, rounds = {*SLOW, "large body that stops"}, 0
        while left:
            rounds += 1
            assert rounds < LONG / 0.2, f"never dropped: {left}"
            for key, _ in waiting.select(0.2):
                try:
                    closed = key.fileobj.recv(100) == b""  # type: ignore[union-attr]  # they are sockets
                except ConnectionError:
                    closed = True
                if closed:
                    waiting.unregister(key.fileobj)
                    left.discard(key.data[0])
            honest.sendall(b"a")
            for key in waiting.get_map().values():
                if key.data[1]:
                    with suppress(ConnectionError):        # the server has closed; the next look sees it
                        key.fileobj.sendall(key.data[1])  # type: ignore[union-attr]
        # Somebody on a slow line, who has sent more than the least rate asks for, is not among them.
        assert 990_000 / LEAST_RATE > LONG
        honest.sendall(b"a" * (10_000 - rounds))
        assert _answer(honest)[0] in (400, 413, 422)


@pytest.mark.parametrize("expect", [b"", b"Expect: 100-continue\r\n"])
@pytest.mark.parametrize("length", [UPLOAD + serving.BODY_MARGIN, 10**12, 10**60])
def test_what_says_that_it_is_too_large_is_refused_before_it_comes(patient: int, length: int, expect: bytes) -> None:
    with ExitStack() as stack:
        sender = _sender(stack, patient, FORM + b"Content-Length: %d\r\n%s\r\n" % (length, expect))
        assert _answer(sender)[0] == 413


def test_chunks_without_end_are_refused_at_the_limit(patient: int) -> None:
    with ExitStack() as stack:
        sender, sent, chunk = _sender(stack, patient, FORM + b"Transfer-Encoding: chunked\r\n\r\n"), 0, b"10000\r\n" + b"a" * 65_536 + b"\r\n"
        stop = threading.Event()

        def pour() -> None:
            nonlocal sent
            try:
                while not stop.is_set() and sent < 10 * serving.BODY_MARGIN:
                    sender.sendall(chunk)
                    sent += len(chunk)
            except OSError:
                pass

        pouring = threading.Thread(target=pour)
        pouring.start()
        got = sender.recv(100)
        stop.set()
        pouring.join(LONG)
        assert got.startswith(b"HTTP/1.1 413 ")
        assert sent < 5 * serving.BODY_MARGIN


def test_a_page_takes_less_than_the_server_also_in_chunks(patient: int) -> None:
    body = b"email=" + b"a" * 4_000_000
    for framed in (b"Content-Length: %d\r\n\r\n%s" % (len(body), body), b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)):
        with ExitStack() as stack:
            assert _answer(_sender(stack, patient, FORM + framed))[0] == 413


#: What says where a request ends, as header fields and body, and the statuses of the answers. The page wants a token: 400.
FRAMES = [
    (b"Content-Length: 7\r\n", b"email=a", {400}),
    (b"Transfer-Encoding: chunked\r\n", b"7\r\nemail=a\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding: chunked\r\nContent-Length: 5000\r\n", b"7\r\nemail=a\r\n0\r\n\r\n", {400}),     # the chunks count
    (b"Content-Length: 5000\r\nTransfer-Encoding: chunked\r\n", b"7\r\nemail=a\r\n0\r\n\r\n", {400}),
    (b"Content-Length: 7\r\nContent-Length: 8\r\n", b"email=a", {400}),
    (b"Content-Length: +7\r\n", b"email=a", {400}),
    (b"Content-Length: -7\r\n", b"email=a", {400}),
    (b"Content-Length: 0x7\r\n", b"email=a", {400}),
    (b"Transfer-Encoding: gzip, chunked\r\n", b"7\r\nemail=a\r\n0\r\n\r\n", {501}),
    (b"Transfer-Encoding: chunked\r\n", b"zz\r\nemail=a\r\n0\r\n\r\n", {400}),
    (b"Transfer-Encoding : chunked\r\n", b"7\r\nemail=a\r\n0\r\n\r\n", {400}),
    (b"X-Long: " + b"a" * 300_000 + b"\r\n", b"", {431}),
]


@pytest.mark.parametrize(("fields", "body", "statuses"), FRAMES)
def test_where_a_request_ends_is_said_in_one_way_only(patient: int, fields: bytes, body: bytes, statuses: set[int]) -> None:
    with ExitStack() as stack:
        assert _answer(_sender(stack, patient, FORM + fields + b"\r\n" + body))[0] in statuses
