"""``create_app``: the portal as a WSGI application.

A subject (accounts, cases …) is a module with ``register(app)``, named in :data:`SUBJECTS`; it adds its blueprints, its
entries of the navigation (``portal_of(app).ways``) and its checks of readiness, and, for accounts, says who acts
(``site.context.actor_from``).
"""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask, Response

from zerofactory_web.settings import Settings
from zerofactory_web.site import context, errors, health, language, logs, render, security, static_files, uploads
from zerofactory_web.site.metrics import Metrics
from zerofactory_web.store.unit import Store

#: Modules that add pages, in the order of the navigation.
SUBJECTS = tuple(f"zerofactory_web.{name}.pages"
                 for name in ("register", "readiness", "cases", "exporter", "jobs", "accounts", "api"))


def create_app(settings: Settings, store: Store, subjects: tuple[str, ...] = SUBJECTS) -> Flask:
    """The portal over *store*. Nothing is read from the environment; keys are made in *settings*' data folder."""
    app = Flask("zerofactory_web", static_folder=None, template_folder="templates")
    here = context.Portal(settings, store, Metrics())
    context.install(app, here)
    logs.install(app)
    uploads.install(app)
    security.install(app, settings)
    language.install(app)
    render.install(app)
    errors.install(app)
    health.install(app, here)
    static_files.install(app)
    app.register_blueprint(_home())
    for name in subjects:
        import_module(name).register(app)
    return app


def _home() -> Blueprint:
    """The pages that belong to no subject."""
    home = language.pages("portal", "zerofactory_web.site")

    def start() -> Response:
        ways = [{"code": way.code, "address": way.endpoint} for way in context.portal().ways]
        return render.page("site/home.html", {"program": "zerofactory", "pages": ways})

    home.add_url_rule("/", "home", start)
    return home
