"""``zerofactory serve``: the portal over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zerofactory_engine.console import common_options, reporting

if TYPE_CHECKING:
    from zerofactory_web.store.unit import Store

#: Packages that only the server needs.
_NEEDED = ("flask", "flask_wtf", "waitress")
#: Seconds after which a connection that sends or takes nothing is closed: slow senders hold no place for long.
_CHANNEL_SECONDS = 60
_BODY_MARGIN = 8_000_000


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              help="Port to listen at; 0 takes a free one.")
@click.option("--upgrade", is_flag=True, help="Bring the tables to this program's version first.")
@click.option("--trusted-proxy", metavar="ADDRESS",
              help="Address of the one proxy whose X-Forwarded headers count; without it none do.")
@common_options
def serve(host: str, port: int, upgrade: bool, trusted_proxy: str | None, as_json: bool, lang: str) -> None:
    """Serve the portal until it is stopped; TLS is the business of a proxy in front of it.

    Log lines go to standard error, one JSON object each. Settings come from ZEROFACTORY_… variables.
    """
    with reporting(lang, as_json):
        _require_installed()
        from zerofactory_web.store import schema
        from zerofactory_web.store.commands import opened

        with opened() as store:
            if upgrade:
                schema.upgrade(store.engine)
            schema.require_current(store.engine)
            _run(store, host, port, trusted_proxy, as_json, lang)


def _require_installed() -> None:
    import importlib.util

    from zerofactory_engine.problems import Problem, ProblemsError

    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ProblemsError([Problem("web.not-installed", found=", ".join(missing),
                                     example="pip install 'zerofactory[web,report]'")])


def _run(store: Store, host: str, port: int, proxy: str | None, as_json: bool, lang: str) -> None:
    """Listen, tell where, and serve until a signal ends it."""
    import signal

    from waitress.server import create_server

    from zerofactory_engine.console import print_json
    from zerofactory_engine.messages import render
    from zerofactory_engine.problems import Place, Problem, ProblemsError
    from zerofactory_web.app import create_app
    from zerofactory_web.site.logs import configure, log

    settings = store.settings
    app = create_app(settings, store)
    trusted = {"trusted_proxy": proxy, "trusted_proxy_count": 1,
               "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}} if proxy else {}
    try:
        server = create_server(
            app, host=host, port=port, threads=settings.threads, ident="", expose_tracebacks=False,
            url_scheme=settings.public_url.partition(":")[0], clear_untrusted_proxy_headers=True,
            max_request_body_size=settings.max_upload + _BODY_MARGIN, channel_timeout=_CHANNEL_SECONDS, **trusted)
    except (OSError, OverflowError, ValueError) as error:
        raise ProblemsError([Problem("site.address-unusable", Place(path=f"{host}:{port}"), found=str(error)[:120])
                             ]) from None
    address = f"http://{host}:{server.effective_port}/"
    if as_json:
        print_json({"address": address})
    else:
        click.echo(render("site.serving", lang, {"address": address}), err=True)
    configure()
    log("serving", threads=settings.threads)
    signal.signal(signal.SIGTERM, _stop)
    try:
        server.run()          # ends on Ctrl+C and on SystemExit, with requests that are under way
    finally:
        server.close()
        log("stopped")


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)
