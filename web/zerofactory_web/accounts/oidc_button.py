"""The other way in, as pages that stand without it see it: whether there is one, and what its button says.

This module imports nothing of the extra ``oidc``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from zerofactory_engine.messages import render
from zerofactory_web.site.context import portal
from zerofactory_web.site.language import language
from zerofactory_web.site.security import forms_lead_to

if TYPE_CHECKING:
    from zerofactory_web.accounts.oidc_provider import Provider

#: Where an application that has a provider keeps it.
KEPT = "zerofactory_oidc"


def provider() -> Provider | None:
    """The provider of this installation."""
    found: Provider | None = current_app.extensions.get(KEPT)
    return found


def label() -> str | None:
    """What its button says, in the language of the page; None without a provider."""
    if provider() is None:
        return None
    settings = portal().settings
    own = settings.oidc_label_zh if language() == "zh" else settings.oidc_label_en
    return own or render("account.oidc-sign-in", language())


def offered() -> str | None:
    """As :func:`label`, for a page with the button: its forms may end where the provider lets people sign in."""
    found = provider()
    if found is not None:
        forms_lead_to(found.origin())
    return label()
