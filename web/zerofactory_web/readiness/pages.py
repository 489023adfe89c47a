"""Pages of the pre-check. Nothing is kept: what a page shows it carries itself (:mod:`.carry`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, abort, current_app, make_response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from zerofactory_engine.messages import render
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.publishing.words import Words
from zerofactory_web.readiness import carry, forms, offer, told, work
from zerofactory_web.readiness.guard import Done, Guard, problem_of
from zerofactory_web.site.context import Way, portal, portal_of
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import Option
from zerofactory_web.site.language import language, pages
from zerofactory_web.site.render import page, wants_json
from zerofactory_web.site.security import open_to_programs
from zerofactory_web.site.uploads import chosen, content, shown_name, takes_files

#: Largest file that is checked, in bytes; larger submissions belong to an application.
FILE_BYTES = 20_000_000
ACCEPT = ".yaml,.yml,.json,.xlsx,.zip"
BLUEPRINT = pages("readiness", __name__, "/readiness")
_GUARD = "zerofactory.guard"
_ENDINGS = {"pdf": "pdf", "html": "html", "bundle": "json"}


def register(app: Flask, guard: Guard | None = None) -> None:
    """Add the pre-check to *app*."""
    app.extensions[_GUARD] = guard or Guard(work.work)
    app.register_blueprint(BLUEPRINT)
    app.jinja_env.filters.update(open_point=_open_point, lever_row=_lever_row)
    portal_of(app).ways.append(Way("readiness.start", "precheck.way"))


@BLUEPRINT.get("/")
def start() -> Response:
    """The packs that a dossier can be checked under."""
    packs = [{"reference": o.reference, "title": o.pack.title[language()], "edition": o.pack.edition,
              "kind": o.pack.outcome_kind, "concluded_by": o.pack.concluded_by[language()],
              "levels": [v.title[language()] for v in sorted(o.pack.levels.values(), key=lambda v: v.order)],
              "criteria": len(o.pack.criteria), "provisional": o.pack.provisional} for o in offer.offers()]
    return page("readiness/start.html", {"notice": notice(), "packs": packs})


@BLUEPRINT.get("/<reference>")
def form(reference: str) -> Response:
    """The form for one pack."""
    return _form(_offer(reference))


@BLUEPRINT.post("/<reference>")
@open_to_programs
@takes_files(FILE_BYTES)
def check(reference: str) -> Response:
    """Check a file under one pack: a page, a file or JSON; every problem of a bad file at once."""
    chosen_offer = _offer(reference)
    try:
        wish = forms.read_wish(request.form, chosen_offer.pack)
        source = _source()
        done = _run({**source, "folder": str(chosen_offer.folder)}, wish)
    except ProblemsError as error:
        return _refused(chosen_offer, error.problems)
    return _answer(done, wish, chosen_offer)


@BLUEPRINT.get("/again")
def again_start() -> BaseResponse:
    """A page that was posted cannot be opened again by its address: back to the start."""
    return redirect(url_for("readiness.start"), 303)


@BLUEPRINT.post("/again")
@takes_files(0, field=carry.MOST + 1_000)
def again() -> Response:
    """The check that a page carries: in the other language, under other readings, or as a file."""
    bundle = carry.unpacked(request.form.get("carried", ""))
    was = json.loads(bundle)
    found = offer.require_offered(was["pack"]["sha256"])
    wish = forms.read_wish(request.form, found.pack)
    if "level" not in request.form:
        asked = was["request"]
        wish = forms.Wish(tuple(asked["levels"]), asked["readings"], asked["valid_on"], wish.output)
    return _answer(_run({"bundle": bundle, "folder": str(found.folder)}, wish), wish, found)


def _offer(reference: str) -> offer.Offer:
    return offer.offer(reference) or abort(404)


def _source() -> dict[str, Any]:
    """The file of the form, or the demo.

    Raises:
        ProblemsError: there is none, it is too large or empty.
    """
    file = chosen("dossier")
    if file is not None:
        data = content(file, min(FILE_BYTES, portal().settings.max_upload))
        return {"file": {"name": shown_name(file), "data": data}}
    if request.form.get("source") == "demo" and (demo := offer.demo()) is not None:
        return {"demo": str(demo)}
    raise ProblemsError([Problem("precheck.no-file", Place(path="dossier"), accepted=ACCEPT.replace(",", ", "))])


def _run(order: Mapping[str, Any], wish: forms.Wish) -> Done:
    guard: Guard = current_app.extensions[_GUARD]
    try:
        done = guard.run({**order, "levels": wish.levels, "readings": dict(wish.readings), "valid_on": wish.valid_on,
                          "now": portal().store.clock().isoformat(), "language": language(), "output": wish.output})
    except ProblemsError as error:
        portal().metrics.count("zerofactory_prechecks_total", outcome=error.problems[0].code)
        raise
    portal().metrics.count("zerofactory_prechecks_total", outcome="done")
    return done


def _answer(done: Done, wish: forms.Wish, found: offer.Offer) -> Response:
    if wish.output != "page":
        return _file(done, wish.output)
    view, lang = done.told["view"], language()
    problems = [problem_of(p) for p in done.told["notes"]]
    data = {"notice": notice(), "kind": "self-assessment", "id": view["id"],
            "levels": [{k: v for k, v in level.items() if k != "bar"} for level in view["levels"]],
            "missing": view["missing"], "criteria": view["criteria"], "levers": view["levers"],
            "flips": view["flips"], "problems": told.as_json(problems, lang), "assessment": done.told["assessment"]}
    charts = [Markup(svg) for svg in view["charts"]]  # noqa: S704 - drawn and escaped by our own charts
    return page("readiness/result.html", data, view=view, charts=charts, offer=found, carried=carry.packed(done.data),
                notes=told.rows(problems, lang), levels=forms.level_options(found.pack, lang, _asked(view)),
                valid_on=view["valid_on"], readings=forms.reading_fields(found.pack, lang, _chosen(done)))


def _asked(view: Mapping[str, Any]) -> list[str]:
    return [level["id"] for level in view["levels"] if level["asked"]]


def _chosen(done: Done) -> dict[str, str]:
    return {r["id"]: r["chosen"] for r in done.told["assessment"]["readings"]}


def _file(done: Done, output: str) -> Response:
    """A file to keep; its name says what it is and of which record."""
    answer = make_response(done.data)
    answer.content_type = work.OUTPUTS[output]
    name = f"self-assessment-{done.told['id'].removeprefix('sha256:')[:12]}.{_ENDINGS[output]}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _form(found: offer.Offer, problems: Sequence[Problem] = ()) -> Response:
    """The form, with what was entered and everything that was wrong with it; a file has to be chosen again."""
    sent, pack, lang = request.form, found.pack, language()
    readings = {n.removeprefix(forms.READING): v for n, v in sent.items() if n.startswith(forms.READING)}
    data = {"notice": notice(), "reference": found.reference, "title": pack.title[lang], "accept": ACCEPT,
            "levels": list(pack.levels), "outputs": list(work.OUTPUTS),
            "readings": {name: list(r.alternatives) for name, r in pack.readings.items()}}
    return page("readiness/form.html", data, status=status_of(problems) if problems else 200,
                errors=told.form_errors(problems, lang), offer=found, problems=told.rows(problems, lang),
                levels=forms.level_options(pack, lang, [v for v in sent.getlist("level") if v in pack.levels]),
                readings=forms.reading_fields(pack, lang, readings), sources=_sources(),
                outputs=_outputs(sent.get("output", "page")), valid_on=sent.get("valid_on", "")[:40],
                limit=FILE_BYTES // 1_000_000)


def _refused(found: offer.Offer, problems: Sequence[Problem]) -> Response:
    return problem_answer(status_of(problems), problems) if wants_json() else _form(found, problems)


def _open_point(item: Mapping[str, Any], words: Words, with_levels: bool) -> list[str]:
    return [item["criterion"], item["text"], item["cause"], *([words.join(item["levels"])] if with_levels else [])]


def _lever_row(row: Mapping[str, Any]) -> list[str]:
    return [row["title"], row["criterion"], row["level"], row["smallest"], row["most"], row["state"], row["works_for"]]


def _sources() -> list[Option]:
    """A file of one's own, or the demo where it is installed."""
    if offer.demo() is None:
        return []
    demo = request.form.get("source") == "demo"
    return [Option("file", render("precheck.source-file", language()), checked=not demo),
            Option("demo", render("precheck.source-demo", language()), checked=demo)]


def _outputs(taken: str) -> list[Option]:
    return [Option(name, render(f"precheck.output-{name}", language()), checked=name == taken) for name in work.OUTPUTS]


def notice() -> str:
    """What every answer of a pre-check says of itself."""
    return render("precheck.notice", language())
