"""Pages of certification: applications and cases, complaints."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from zerofactory_web.cases import pages_case, pages_complaints, pages_draft
from zerofactory_web.site.context import Way, portal_of


def register(app: Flask) -> None:
    """Add the pages of this subject."""
    for blueprint in (pages_draft.blueprint(), pages_case.BLUEPRINT, pages_complaints.BLUEPRINT):
        app.register_blueprint(blueprint)
    app.jinja_env.filters.update(note_row=_note_row)
    portal_of(app).ways.append(Way("applying.start", "casework.way", lambda who: who.known))


def _note_row(pair: tuple[str, str], t: Callable[[str], str]) -> dict[str, str]:
    """A field of a note with its name."""
    return {"key": t(f"casework.content-{pair[0].replace('_', '-')}"), "value": pair[1]}
