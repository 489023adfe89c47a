"""What a request works with: the installation, who acts, which language, and the ways through the site."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, has_request_context

from zerofactory_web.settings import Settings
from zerofactory_web.site.metrics import Metrics
from zerofactory_web.store.unit import PUBLIC, Actor, Store

_KEY = "zerofactory"

#: A check of readiness: None when all is well, else a short word for what is not; it may take no time.
Check = Callable[["Portal"], str | None]
#: Numbers of this moment for ``/metrics``, by name; as quick as a check.
Gauges = Callable[["Portal"], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the main navigation: where it leads, its sentence, and who sees it."""

    endpoint: str
    code: str
    seen_by: Callable[[Actor], bool] = lambda actor: True


@dataclass
class Portal:
    """One running installation.

    *actor_of* says who acts in the present request; accounts replace it (:func:`actor_from`). *checks* are what
    ``/readyz`` looks at, *gauges* what ``/metrics`` adds to its counters; a subject adds its own.
    """

    settings: Settings
    store: Store
    metrics: Metrics
    actor_of: Callable[[], Actor] = lambda: PUBLIC
    ways: list[Way] = field(default_factory=list)
    account_ways: list[Way] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    gauges: list[Gauges] = field(default_factory=list)


def install(app: Flask, portal: Portal) -> None:
    """Make *portal* that of *app*."""
    app.extensions[_KEY] = portal


def portal_of(app: Flask) -> Portal:
    """The installation that *app* serves."""
    found: Portal = app.extensions[_KEY]
    return found


def portal() -> Portal:
    """The installation that the present request is for."""
    return portal_of(current_app)


def actor_from(app: Flask, source: Callable[[], Actor]) -> None:
    """Let *source* say who acts in a request: a person with an account, else :data:`PUBLIC`. It is asked once."""
    portal_of(app).actor_of = source


def actor() -> Actor:
    """Who acts in the present request."""
    if "actor" not in g:
        g.actor = portal().actor_of()
    found: Actor = g.actor
    return found


def forget_actor() -> None:
    """Have the source asked again: after signing in or out within a request."""
    g.pop("actor", None)


def request_id() -> str:
    """The number of the present request, as answers, logs and the audit log state it."""
    return str(g.get("request_id", "")) if has_request_context() else ""


def remember(name: str, value: Any) -> Any:
    """Keep *value* for the rest of the request."""
    setattr(g, name, value)
    return value
