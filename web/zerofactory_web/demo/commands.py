"""``zerofactory demo``: fill an empty portal with the demonstration body."""

from __future__ import annotations

import click

from zerofactory_engine.console import common_options, print_json, reporting


@click.command()
@click.option("--password", help="Password of every person; without it one is made up and shown.")
@common_options
def demo(password: str | None, as_json: bool, lang: str) -> None:
    """Fill the empty store of the settings with a demonstration body, its people, three cases at different stages, and
    an exporter with results and requests of customers.

    Nobody and nothing in it exists; values that stand for a standard's text are invented.
    """
    with reporting(lang, as_json):
        from zerofactory_engine.messages import render
        from zerofactory_web.demo import desk
        from zerofactory_web.demo.build import build
        from zerofactory_web.demo.people import APPLICANTS, DOMAIN, EXPORTER, STAFF
        from zerofactory_web.store.commands import opened

        given = password or _made_up()
        with opened() as store:
            _require_empty(store)
            made = build(store, given)
            desk.fill(made.cast, given)
        people = [{"email": f"{name}@{DOMAIN}", "name": shown, "roles": list(roles) or ["administrator"]}
                  for name, (shown, roles) in STAFF.items()]
        people += [{"email": f"{name}@{DOMAIN}", "name": who, "roles": ["applicant"]}
                   for name, (*_, who) in APPLICANTS.items()]
        people.append({"email": f"{EXPORTER[0]}@{DOMAIN}", "name": EXPORTER[1][-1], "roles": ["exporter"]})
        if as_json:
            print_json({"password": given, "people": people, "certified": made.certified, "waiting": made.waiting,
                        "submitted": made.submitted})
            return
        click.echo(render("demo.made", lang, {"password": given}))
        for each in people:
            click.echo(f"  {each['email']:24} {', '.join(each['roles']):20} {each['name']}")


def _made_up() -> str:
    """A password that nobody knows before."""
    import secrets

    return "-".join(secrets.token_hex(2) for _ in range(4))


def _require_empty(store: object) -> None:
    from sqlalchemy import func, select

    from zerofactory_engine.problems import Problem, ProblemsError
    from zerofactory_web.accounts.model import Person
    from zerofactory_web.store import schema
    from zerofactory_web.store.unit import Store

    assert isinstance(store, Store)
    schema.upgrade(store.engine)
    with store.read() as session:
        count = session.scalar(select(func.count()).select_from(Person))
    if count:
        raise ProblemsError([Problem("demo.not-empty", found=str(count))])
