"""Pages of accounts, in modules by subject: :mod:`.pages_session` and :mod:`.pages_invitation` (the door),
:mod:`.pages_account`, :mod:`.pages_second_factor` and :mod:`.pages_links` (one's own account), :mod:`.pages_oidc` (the
provider, where there is one),
:mod:`.pages_organisation`, :mod:`.pages_people` and :mod:`.pages_roles` (administration).

Other subjects take from :mod:`.gate` what their pages need: ``required``, ``keyboard``, ``require_signed_in``.
"""

from __future__ import annotations

from flask import Flask

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_web.accounts import (
    gate,
    pages_account,
    pages_invitation,
    pages_links,
    pages_organisation,
    pages_people,
    pages_roles,
    pages_second_factor,
    pages_session,
)
from zerofactory_web.accounts.access import ADMINISTRATOR
from zerofactory_web.site.context import Way, portal_of
from zerofactory_web.store.unit import Actor

#: Modules whose import puts their views on the blueprints.
_VIEWS = (pages_invitation, pages_links, pages_roles, pages_second_factor)


def register(app: Flask) -> None:
    """Add the pages of this subject, and say who acts."""
    gate.install(app)
    for blueprint in (pages_session.BLUEPRINT, pages_account.BLUEPRINT, pages_organisation.BLUEPRINT,
                      pages_people.BLUEPRINT):
        app.register_blueprint(blueprint)
    if portal_of(app).settings.oidc_issuer:
        _add_provider(app)
    portal_of(app).account_ways += [
        Way("office.start", "account.way-administration", _administers),
        Way("me.account", "account.way-account", _known),
        Way("door.sign_out", "account.way-sign-out", _known),
        Way("door.sign_in", "account.way-sign-in", lambda actor: not actor.known)]


def _add_provider(app: Flask) -> None:
    """The pages of sign-in by OpenID Connect, which take the extra ``oidc``.

    Raises:
        ProblemsError: ``accounts.oidc-extra`` when it is not installed.
    """
    try:
        from zerofactory_web.accounts import pages_oidc
    except ModuleNotFoundError as error:
        raise ProblemsError([Problem("accounts.oidc-extra", found=error.name)]) from None
    pages_oidc.register(app)


def _known(actor: Actor) -> bool:
    return actor.known


def _administers(actor: Actor) -> bool:
    return ADMINISTRATOR in actor.roles
