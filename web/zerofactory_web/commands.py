"""``zerofactory serve``: the portal over HTTP; ``zerofactory work``: its jobs in a process of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zerofactory_engine.console import common_options, reporting

if TYPE_CHECKING:
    from zerofactory_web.store.unit import Store

#: Packages that only the server needs.
_NEEDED = ("flask", "flask_wtf")
#: Seconds that jobs under way have to reach their next beat once ``work`` is told to stop.
_LEAVE_SECONDS = 20.0


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

    Log lines go to standard error, one JSON object each. Settings come from ZEROFACTORY_… variables. Under waitress it
    does the jobs too; with `server = "gunicorn"` run `zerofactory work` beside it.
    """
    with reporting(lang, as_json):
        from zerofactory_web.store import schema
        from zerofactory_web.store.commands import opened

        with opened() as store:
            _require_installed(*_NEEDED, store.settings.server)
            if upgrade:
                schema.upgrade(store.engine)
            schema.require_current(store.engine)
            _serve(store, host, port, trusted_proxy, as_json, lang)


def _require_installed(*names: str) -> None:
    import importlib.util

    from zerofactory_engine.problems import Problem, ProblemsError

    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        extra = "zerofactory[web,report,gunicorn]" if "gunicorn" in missing else "zerofactory[web,report]"
        raise ProblemsError([Problem("web.not-installed", found=", ".join(missing), example=f"pip install '{extra}'")])


def _serve(store: Store, host: str, port: int, proxy: str | None, as_json: bool, lang: str) -> None:
    """Listen with the server of the settings, tell where, and serve until a signal ends it."""
    from zerofactory_engine.console import print_json
    from zerofactory_engine.messages import render
    from zerofactory_web import serving

    def told(address: str) -> None:
        if as_json:
            print_json({"address": address})
        else:
            click.echo(render("site.serving", lang, {"address": address}), err=True)

    if store.settings.server == "gunicorn":
        store.close()             # no connection may live on in the processes that are forked
        serving.run_gunicorn(store.settings, host, port, proxy, told)
        return
    serving.run_waitress(store, host, port, proxy, told)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, then end, instead of waiting for more.")
@click.option("--threads", type=click.IntRange(1, 64),
              help="Jobs done at once; without it the setting `job_threads`, at least 1.")
@common_options
def work(once: bool, threads: int | None, as_json: bool, lang: str) -> None:
    """Do the portal's jobs until stopped: signed files, ends of validity, checkpoints of the audit log.

    `zerofactory serve` under waitress does them itself; under gunicorn one process of this runs beside it.
    """
    with reporting(lang, as_json):
        from zerofactory_engine.console import print_json
        from zerofactory_engine.messages import render
        from zerofactory_web.store import schema
        from zerofactory_web.store.commands import opened

        with opened() as store:
            schema.require_current(store.engine)
            if once:
                from zerofactory_web.jobs.worker import do_all

                count = do_all(store)
                if as_json:
                    print_json({"jobs": count})
                else:
                    click.echo(render("jobs.done-count", lang, {"count": count}))
                return
            _work(store, threads or max(store.settings.job_threads, 1), as_json, lang)


def _work(store: Store, threads: int, as_json: bool, lang: str) -> None:
    """Work until a signal ends it; jobs under way go back at their next beat."""
    import signal
    import threading

    from zerofactory_engine.console import print_json
    from zerofactory_engine.messages import render
    from zerofactory_web.jobs.worker import Workers
    from zerofactory_web.site.logs import configure, log

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    workers = Workers(store, threads)
    workers.start()
    if as_json:
        print_json({"threads": threads})
    else:
        click.echo(render("jobs.working", lang), err=True)
    configure()
    log("working", threads=threads)
    stop.wait()
    workers.stop(_LEAVE_SECONDS)
    log("stopped")
