"""What the forms of accounts say, and how a page answers when something in them is not right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.accounts.words import Words
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import FormErrors, Option, errors_of
from zerofactory_web.site.language import language
from zerofactory_web.site.render import page, wants_json

#: The field that a problem is about, where its place does not say it.
_BY_CODE = {"accounts.login-refused": "email", "accounts.code-refused": "code", "duty.role-held": "role",
            "duty.role-outside": "role", "duty.role-self": "role", "duty.competence-self": "sector"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
REASON_LENGTH = 500
Crumb = tuple[str, str]
Draw = Callable[[FormErrors, int], Response]


def sentence(code: str, **args: object) -> str:
    """A sentence in the language of the page."""
    return render(code, language(), args)


def shown(template: str, data: Mapping[str, Any], title: str, crumbs: Sequence[Crumb] = (), *,
          errors: FormErrors | None = None, status: int = 200, **more: Any) -> Response:
    """A page of this subject under its title; *crumbs*: the pages above it."""
    steps = [(sentence("site.name"), url_for("portal.home")), *crumbs, (title, "")] if crumbs else []
    return page(f"accounts/{template}.html", data, status=status, errors=errors, title=title, crumbs=steps, **more)


def again(problems: Sequence[Problem], draw: Draw, fields: Iterable[str] = ()) -> Response:
    """The form once more with what is wrong; what is not there stays "not found", and programs get a problem."""
    status = status_of(problems)
    if wants_json() or status in (404, 503):
        answer = problem_answer(status, problems)
    else:
        named = {name: name for name in fields}
        codes = {code: field for code, field in _BY_CODE.items() if field in named}
        plain = [replace(p, accepted=None) if p.code == "accounts.value-missing" else p for p in problems]
        answer = draw(errors_of(plain, language(), named | codes), status)      # what is accepted stands in the form
    for problem in problems:
        if problem.code == "accounts.wait":
            answer.headers["Retry-After"] = str(problem.args["seconds"])
    return answer


def attempt(act: Callable[[], object], to: str, draw: Draw, fields: Iterable[str] = (),
            said: str = "") -> BaseResponse:
    """Do *act*, then go on to *to* and say there what was done; else the form once more."""
    try:
        act()
    except ProblemsError as error:
        return again(error.problems, draw, fields)
    return done(to, said)


def done(to: str, said: str = "") -> BaseResponse:
    """On to the page *to*, which says *said* (the code of a sentence) once."""
    if said:
        flash(said)
    return redirect(to, 303)


def typed(name: str, most: int = 4_000) -> str:
    """What was typed into a field; more than anybody means is cut off."""
    return request.form.get(name, "")[:most]


def number(name: str) -> int:
    """A whole number, 0 when it is none."""
    text = typed(name).strip()
    return int(text) if _NUMBER.fullmatch(text) else 0


def chosen(words: Words, name: str, values: Iterable[str] | None = None) -> str:
    """What was chosen in a field, which may not be left empty; one of *values* where they are given."""
    text = typed(name, 40)
    if not text:
        words.problems.append(Problem("accounts.value-missing", Place(path=name)))
    elif values is not None:
        words.among(name, text, values)
    return text


def days(words: Words, *names: str, optional: Iterable[str] = ()) -> dict[str, date]:
    """The dates of some fields; those of *optional* may be empty and are left out then. *words* takes what is wrong."""
    found: dict[str, date] = {}
    for name in names:
        text = typed(name, 40).strip()
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            found[name] = date.fromisoformat(text)
        except ValueError:
            if text:
                words.problems.append(Problem("account.not-a-day", Place(path=name), found=text, example="2026-11-27"))
            elif name not in tuple(optional):
                words.problems.append(Problem("accounts.value-missing", Place(path=name)))
    return found


def reason(words: Words | None = None) -> str:
    """The reason of an act, in one line; *words* takes what is wrong, else it is raised.

    Raises:
        ProblemsError: there is none, or it is of no use.
    """
    own = words or Words()
    text = own.text("reason", typed("reason"), REASON_LENGTH)
    if words is None:
        own.done()
    return text


def options(values: Iterable[str], area: str, chosen: Iterable[str] = (), *, hints: bool = False) -> list[Option]:
    """Choices whose words are ``account.<area>-<value>``."""
    taken = tuple(chosen)
    return [Option(v, sentence(f"account.{area}-{v}"), sentence(f"account.{area}-{v}-hint") if hints else "",
                   v in taken) for v in values]
