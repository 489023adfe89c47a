"""What the pages of applications and cases share: drawing, words, fields, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, make_response, request, url_for
from markupsafe import Markup

from zerofactory_engine.problems import Problem
from zerofactory_web.accounts.forms import sentence
from zerofactory_web.cases import schemes
from zerofactory_web.cases.findings import File
from zerofactory_web.site.context import portal
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.forms import sentence as problem_sentence
from zerofactory_web.site.language import language
from zerofactory_web.site.render import page
from zerofactory_web.site.uploads import attachment, chosen, keep

Crumb = tuple[str, str]
#: Largest file that comes with an answer or a note, in bytes.
FILE_BYTES = 20_000_000


def shown(template: str, data: Mapping[str, Any], title: str, crumbs: Sequence[Crumb] = (), *,
          errors: FormErrors | None = None, status: int = 200, **more: Any) -> Response:
    """A page of this subject; *crumbs*: the pages above it."""
    above = [] if template == "start" else [(sentence("casework.title"), url_for("applying.start"))]
    steps = [(sentence("site.name"), url_for("portal.home")), *above, *crumbs, (title, "")]
    return page(f"cases/{template}.html", data, status=status, errors=errors, title=title, crumbs=steps,
                scheme_name=scheme_name, level_name=level_name, **more)


def scheme_name(reference: str) -> str:
    """What a scheme is called, with its reference; the reference alone where it is not installed."""
    called = both(schemes.names(portal().settings, reference).title) if reference else ""
    return f"{called} · {reference}" if called else reference


def level_name(reference: str, level: str) -> str:
    """What a level of a scheme is called."""
    found = schemes.names(portal().settings, reference).levels.get(level) if reference else None
    return both(found) or level


def outside(template: str, data: Mapping[str, Any], title: str, *, errors: FormErrors | None = None,
            status: int = 200, **more: Any) -> Response:
    """A page for everybody, without an account."""
    steps = [(sentence("site.name"), url_for("portal.home")), (title, "")]
    return page(f"cases/{template}.html", data, status=status, errors=errors, title=title, crumbs=steps, **more)


def both(text: Mapping[str, Any] | str | None) -> str:
    """A text of data in the language of the page, else in the other one."""
    if not text:
        return ""
    if isinstance(text, str):
        return text
    return str(text.get(language()) or next((v for v in text.values() if v), ""))


def field(name: str, stored: object = "") -> str:
    """What a field of the form shows: what was typed, else what is *stored*."""
    return request.form.get(name, "" if stored is None else str(stored))[:8_000]


def options(values: Iterable[str], area: str, taken: Iterable[str] = (), *, none: bool = False) -> list[Option]:
    """Choices whose words are ``casework.<area>-<value>``; *none*: an empty one first."""
    held = tuple(taken)
    first = [Option("", "—", checked=not held)] if none else []
    return [*first, *(Option(v, word(area, v), checked=v in held) for v in values)]


def word(area: str, value: str) -> str:
    """A value as people say it."""
    return sentence(f"casework.{area}-{value.replace('_', '-')}")


def sent_file(name: str = "file") -> File | None:
    """The file of the form in the store, if one was chosen.

    Raises:
        ProblemsError: it is too large.
    """
    file = chosen(name)
    if file is None:
        return None
    kept = keep(file, min(FILE_BYTES, portal().settings.max_upload))
    return kept.stored.sha256, kept.name


def download(data: bytes, name: str) -> Response:
    """A file that somebody sent, given back as a download: never shown by the browser, whatever it is."""
    answer = make_response(data)
    answer.content_type = "application/octet-stream"
    answer.headers["Content-Disposition"] = attachment(name)
    return answer


def pictures(result: Mapping[str, Any] | None) -> list[Markup]:
    """The charts of a result, ready for the page."""
    return [] if result is None else [Markup(svg) for svg in result["charts"]]  # noqa: S704 - escaped by our charts


def problem(found: Problem) -> str:
    """A problem as a sentence for people."""
    return problem_sentence(found, language())
