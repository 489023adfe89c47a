"""``zerofactory user``: accounts from the server, where no account is needed yet."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import common_options, print_json, reporting
from zerofactory_web.store.commands import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zerofactory_web.accounts.invitations import Given
    from zerofactory_web.accounts.operator import Listed
    from zerofactory_web.store.unit import Store


@contextmanager
def _opened() -> Iterator[Store]:
    """The store, when its tables are those of this program."""
    with opened() as store:
        from zerofactory_web.store.schema import require_current

        require_current(store.engine)
        yield store


@click.group()
def user() -> None:
    """Accounts of the portal, from the server."""


@user.command()
@click.argument("emails", nargs=-1, required=True, metavar="EMAIL...")
@click.option("--organisation", default="", metavar="ID",
              help="Invite into this organisation instead of naming administrators of the certification body.")
@click.option("--as", "member_role", type=click.Choice(["manager", "member"]), default="manager", show_default=True,
              help="What the person is in the organisation of --organisation.")
@click.option("--body-zh", default="", metavar="NAME", help="Chinese name of the certification body, the first time.")
@click.option("--body-en", default="", metavar="NAME", help="English name of the certification body, the first time.")
@common_options
def add(emails: tuple[str, ...], organisation: str, member_role: str, body_zh: str, body_en: str, as_json: bool,
        lang: str) -> None:
    """Name administrators, or invite into an organisation, and print a link for each EMAIL; no mail is sent.

    Roles take two administrators, so name the first two together. Each confirms the other by taking the link.
    """
    with reporting(lang, as_json), _opened() as store:
        from zerofactory_web.accounts import operator

        if organisation:
            made = {email: operator.invite(store, email, organisation, member_role) for email in emails}
        else:
            made = operator.add_administrators(store, emails, body_zh, body_en, lang)
        _tell_links(store, made, as_json, lang)


@user.command()
@click.argument("email")
@common_options
def reset(email: str, as_json: bool, lang: str) -> None:
    """Print a link with which EMAIL sets a new password; taking it ends sessions, tokens and the second factor."""
    with reporting(lang, as_json), _opened() as store:
        from zerofactory_web.accounts import operator

        _tell_links(store, {email: operator.reset(store, email)}, as_json, lang)


def _tell_links(store: Store, made: Mapping[str, Given], as_json: bool, lang: str) -> None:
    from zerofactory_engine.messages import render
    from zerofactory_web.store.model import time_text

    if as_json:
        print_json({"links": [{"email": email, "link": given.link(store.settings, lang),
                               "expires_at": time_text(given.expires_at)} for email, given in made.items()]})
        return
    click.echo(render("accounts.link-once", lang), err=True)
    for email, given in made.items():
        click.echo(f"{email}  {given.link(store.settings, lang)}")


@user.command("list")
@common_options
def list_(as_json: bool, lang: str) -> None:
    """List every account: address, name, state, roles at the body, organisations."""
    with reporting(lang, as_json), _opened() as store:
        from zerofactory_web.accounts import operator

        rows = operator.listed(store)
    if as_json:
        print_json({"users": [_entry(row) for row in rows]})
    else:
        _table(rows, lang)


def _entry(row: Listed) -> dict[str, Any]:
    from zerofactory_web.store.model import time_text

    return {"email": row.email, "name": row.name, "state": _state(row), "second_factor": row.second_factor,
            "roles": list(row.roles), "organisations": list(row.organisations),
            "seen_at": None if row.seen_at is None else time_text(row.seen_at)}


def _state(row: Listed) -> str:
    return "closed" if not row.active else "open" if row.password else "invited"


def _table(rows: Any, lang: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from zerofactory_engine.messages import render

    table = Table(box=None, pad_edge=False)
    for name in ("email", "name", "state", "roles", "organisations"):
        table.add_column(render(f"accounts.column-{name}", lang), overflow="fold")
    for row in rows:
        state = render(f"accounts.state-{_state(row)}", lang)
        if row.second_factor:
            state += f", {render('accounts.state-second-factor', lang)}"
        table.add_row(row.email, row.name, state, ", ".join(row.roles), ", ".join(row.organisations))
    Console(markup=False, highlight=False).print(table)


@user.command()
@click.argument("email")
@click.option("--reason", default="", help="Why; it is kept in the audit log.")
@common_options
def disable(email: str, reason: str, as_json: bool, lang: str) -> None:
    """Close the account of EMAIL: its sessions end, its tokens and invitations are revoked; nothing is deleted."""
    _switch(email, False, reason, as_json, lang)


@user.command()
@click.argument("email")
@click.option("--reason", default="", help="Why; it is kept in the audit log.")
@common_options
def enable(email: str, reason: str, as_json: bool, lang: str) -> None:
    """Open the account of EMAIL again."""
    _switch(email, True, reason, as_json, lang)


def _switch(email: str, active: bool, reason: str, as_json: bool, lang: str) -> None:
    with reporting(lang, as_json), _opened() as store:
        from zerofactory_engine.messages import render
        from zerofactory_web.accounts import operator

        operator.set_active(store, email, active, reason)
        if as_json:
            print_json({"email": email, "active": active})
        else:
            click.echo(render("accounts.user-opened" if active else "accounts.user-closed", lang, {"email": email}))


@user.command("revoke-sessions")
@click.argument("email", required=False)
@click.option("--all", "everybody", is_flag=True, help="End the sessions of everybody.")
@common_options
def revoke_sessions(email: str | None, everybody: bool, as_json: bool, lang: str) -> None:
    """End every session of EMAIL, or of everybody with --all."""
    if (email is None) != everybody:
        raise click.UsageError("EMAIL / --all")
    with reporting(lang, as_json), _opened() as store:
        from zerofactory_engine.messages import render
        from zerofactory_web.accounts import operator

        count = operator.revoke_sessions(store, email)
        if as_json:
            print_json({"revoked": count})
        else:
            click.echo(render("accounts.sessions-revoked", lang, {"count": count}))
