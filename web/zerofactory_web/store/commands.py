"""``zerofactory db``, ``audit``, ``backup`` and ``restore``: what an operator does to the store."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerofactory_engine.console import ExitCode, common_options, print_json, reporting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zerofactory_web.store.unit import Store


@contextmanager
def opened() -> Iterator[Store]:
    """The store of the settings.

    Raises:
        ProblemsError: ``web.not-installed`` with the command that installs what is missing; settings of no use.
    """
    import importlib.util

    from zerofactory_engine.problems import Problem, ProblemsError

    missing = [name for name in ("sqlalchemy", "alembic", "argon2", "cryptography")
               if importlib.util.find_spec(name) is None]
    if missing:
        raise ProblemsError([Problem("web.not-installed", found=", ".join(missing),
                                     example="pip install 'zerofactory[web]'")])
    from sqlalchemy.exc import DBAPIError

    from zerofactory_web.settings import read_settings
    from zerofactory_web.store.unit import Store, refusal

    store = Store(read_settings())
    try:
        yield store
    except DBAPIError as error:
        raise ProblemsError([refusal(error)]) from error
    finally:
        store.close()


@click.group("db")
def database() -> None:
    """The database of the portal."""


@database.command()
@common_options
def upgrade(as_json: bool, lang: str) -> None:
    """Bring the tables to the version that this program wants; nothing is lost, and nothing done when they are."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_web.store import schema

        steps = list(schema.upgrade(store.engine))
        if as_json:
            print_json({"steps": steps, "version": schema.newest()})
        else:
            click.echo("\n".join([*steps, f"= {schema.newest()}"]))


@click.group()
def audit() -> None:
    """The audit log of the portal."""


@audit.command()
@common_options
def verify(as_json: bool, lang: str) -> None:
    """Recompute the whole chain and every checkpoint; exit code 6 when anything does not hold."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_engine.messages import render
        from zerofactory_web.store import audit as log
        from zerofactory_web.store.checkpoints import checkpoint_faults

        with store.read() as session:
            head = session.get(log.AuditHead, 1)
            found = [*log.faults(session), *checkpoint_faults(session)]
        rows, digest = (head.seq, head.hash) if head is not None else (0, log.GENESIS)
    if as_json:
        print_json({"rows": rows, "hash": digest, "faults": [{"seq": f.seq, "code": f.code} for f in found],
                    "exit_code": int(ExitCode.DIFFERS if found else ExitCode.MET)})
    else:
        for fault in found:
            click.echo(f"{fault.seq}: {render(fault.code, lang)}", err=True)
        click.echo(render("audit.holds" if not found else "audit.broken", lang, {"rows": rows, "hash": digest}))
    if found:
        raise SystemExit(int(ExitCode.DIFFERS))


@audit.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@common_options
def export(out: Path, as_json: bool, lang: str) -> None:
    """Write log and checkpoints to OUT (JSON Lines), for `tools/verify_audit.py` and for others to keep."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_web.store.export import export_log

        count = export_log(store, out)
    if as_json:
        print_json({"file": str(out), "rows": count})
    else:
        click.echo(f"{out}  {count:,}")


@audit.command()
@common_options
def sign(as_json: bool, lang: str) -> None:
    """Sign the present state of the log; does nothing when nothing was added since."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_web.store.checkpoints import checkpoint
        from zerofactory_web.store.keys import audit_signer
        from zerofactory_web.store.unit import SYSTEM

        with store.change(SYSTEM) as change:
            made = checkpoint(change.session, audit_signer(store.settings), change.now)
            told = None if made is None else {"rows": made.seq, "hash": made.hash, "signature": made.signature}
    if as_json:
        print_json({"checkpoint": told})
    elif told is not None:
        click.echo(f"{told['rows']}  {told['hash']}  {told['signature']}")


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@common_options
def backup(out: Path, as_json: bool, lang: str) -> None:
    """Write every table and document of one moment to the archive OUT while the portal runs."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_web.store.backup import backup as write

        _tell(out, write(store, out), as_json)


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common_options
def restore(archive: Path, as_json: bool, lang: str) -> None:
    """Fill an empty store from ARCHIVE and prove that it is equal, table by table and document by document."""
    with reporting(lang, as_json), opened() as store:
        from zerofactory_web.store.backup import restore as fill

        _tell(archive, fill(store, archive), as_json)


def _tell(file: Path, manifest: object, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), "manifest": manifest})
        return
    assert isinstance(manifest, dict)
    for name, entry in manifest["tables"].items():
        click.echo(f"{name:24} {entry['rows']:>9,}  {entry['sha256']}")
    click.echo(f"{file}  {len(manifest['documents']):,}")
