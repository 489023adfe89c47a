"""How the portal listens: waitress in one process, or gunicorn in several behind a proxy.

Both take ``X-Forwarded-For`` and ``X-Forwarded-Proto`` from the one address that is named as the proxy, and from nobody
else.
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.settings import Settings
from zerofactory_web.site.logs import configure, log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from zerofactory_web.store.unit import Store

#: Seconds after which a connection that sends or takes nothing is closed, and within which the head of a request has to
#: be there: slow senders hold no place for long (:mod:`.channels`).
CHANNEL_SECONDS = 60
#: Connections at once under waitress; more wait to be taken.
CONNECTIONS = 500
#: Seconds that requests under way have to end once the server is told to stop.
GRACE_SECONDS = 30
_BACKLOG = 256
#: Bytes that a request may hold beside its files, for the whole server; pages take less (:mod:`.site.uploads`).
BODY_MARGIN = 8_000_000
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
              "HTTP_X_FORWARDED_PREFIX", "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED")

Told = Callable[[str], None]


def run_waitress(store: Store, host: str, port: int, proxy: str | None, told: Told) -> None:
    """Serve *store* in this process until a signal ends it, with its workers; *told* hears the address."""
    from zerofactory_web.app import create_app
    from zerofactory_web.jobs.pages import STREAMS
    from zerofactory_web.jobs.stream import Streams
    from zerofactory_web.jobs.worker import Workers

    settings = store.settings
    app = create_app(settings, store)
    server = waitress_server(app, settings, host, port, proxy)
    told(f"http://{_bracketed(host)}:{server.effective_port}/")
    configure()
    log("serving", server="waitress", threads=settings.threads, job_threads=settings.job_threads)
    streams: Streams = app.extensions[STREAMS]

    def stop(_number: int, _frame: object) -> None:
        streams.end()             # nobody waits for what would go on for a while
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    workers = Workers(store, settings.job_threads)
    workers.start()
    try:
        server.run()          # ends on SystemExit, with requests that are under way
    finally:
        workers.stop()
        server.close()
        log("stopped")


def waitress_server(app: WSGIApplication, settings: Settings, host: str, port: int, proxy: str | None,
                    seconds: int = CHANNEL_SECONDS) -> Any:
    """The server of *app*, listening; ``run()`` serves. *seconds*: what slow senders are given.

    Raises:
        ProblemsError: ``site.address-unusable``.
    """
    from waitress.server import create_server

    from zerofactory_web.channels import BoundedChannel

    trusted = {"trusted_proxy": proxy, "trusted_proxy_count": 1,
               "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}} if proxy else {}
    server = create_server(
        app, sockets=[_listener(host, port)], threads=settings.threads, ident="", expose_tracebacks=False,
        url_scheme=_scheme(settings), clear_untrusted_proxy_headers=True, connection_limit=CONNECTIONS,
        asyncore_use_poll=True, max_request_body_size=settings.max_upload + BODY_MARGIN, channel_timeout=seconds,
        cleanup_interval=max(1, seconds // 4), **trusted)
    server.channel_class = BoundedChannel
    return server


def run_gunicorn(settings: Settings, host: str, port: int, proxy: str | None, told: Told) -> None:
    """Serve in several processes until a signal ends them; each opens the store for itself. Jobs are not done here."""
    base: Any = import_module("gunicorn.app.base")
    listener = _listener(host, port)

    class Portal(base.BaseApplication):  # type: ignore[misc]  # the package has no types
        def load_config(self) -> None:
            for name, value in gunicorn_config(settings, listener.fileno()).items():
                self.cfg.set(name, value)

        def load(self) -> WSGIApplication:
            return portal_process(settings, proxy)

    told(f"http://{_bracketed(host)}:{listener.getsockname()[1]}/")
    configure()
    log("serving", server="gunicorn", processes=settings.processes, threads=settings.threads)
    Portal().run()


def _listener(host: str, port: int) -> socket.socket:
    """The socket that all processes take requests from."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError, ValueError) as error:
        raise unusable(host, port, error) from None


def gunicorn_config(settings: Settings, listener: int) -> dict[str, Any]:
    """What gunicorn is told; *listener*: the socket's number. Headers of a proxy are :class:`Proxied`'s to judge."""
    return {
        "bind": f"fd://{listener}", "worker_class": "gthread", "workers": settings.processes,
        "threads": settings.threads, "timeout": CHANNEL_SECONDS, "graceful_timeout": GRACE_SECONDS, "keepalive": 5,
        "preload_app": False, "accesslog": None, "forwarded_allow_ips": "", "secure_scheme_headers": {},
        "proc_name": "zerofactory", "logger_class": _quiet_logger(), "control_socket_disable": True}


def portal_process(settings: Settings, proxy: str | None) -> WSGIApplication:
    """The portal in a process that gunicorn has just forked."""
    from zerofactory_web.app import create_app
    from zerofactory_web.store.unit import Store

    configure()
    return Proxied(create_app(settings, Store(settings)).wsgi_app, _scheme(settings), proxy)


def _quiet_logger() -> type:
    """Gunicorn's own words go where ours go, without an access log."""
    logging_module: Any = import_module("gunicorn.glogging")

    class Quiet(logging_module.Logger):  # type: ignore[misc]  # the package has no types
        def setup(self, cfg: Any) -> None:
            self.error_log.handlers[:] = []
            self.error_log.propagate = True
            self.error_log.setLevel(logging.WARNING)
            self.access_log.handlers[:] = []

    return Quiet


class Proxied:
    """Takes the client's address and scheme from the one proxy that is trusted, and drops what others forward."""

    def __init__(self, app: WSGIApplication, scheme: str, proxy: str | None) -> None:
        self._app, self._scheme, self._proxy = app, scheme, proxy

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        environ["wsgi.url_scheme"] = self._scheme
        if self._proxy is not None and environ.get("REMOTE_ADDR") == self._proxy:
            self._believe(environ)
        for name in _FORWARDED:
            environ.pop(name, None)
        return self._app(environ, start_response)

    def _believe(self, environ: dict[str, Any]) -> None:
        client = _last(environ, "HTTP_X_FORWARDED_FOR")
        scheme = _last(environ, "HTTP_X_FORWARDED_PROTO").lower()
        if client:
            environ["REMOTE_ADDR"] = client
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme


def _last(environ: Mapping[str, Any], name: str) -> str:
    """What the nearest proxy added to a header that may hold a list."""
    return str(environ.get(name, "")).rpartition(",")[2].strip()[:100]


def _scheme(settings: Settings) -> str:
    return settings.public_url.partition(":")[0]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def unusable(host: str, port: int, error: Exception) -> ProblemsError:
    """An address that cannot be listened at."""
    return ProblemsError([Problem("site.address-unusable", Place(path=f"{host}:{port}"), found=str(error)[:120])])
