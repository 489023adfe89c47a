"""What the pages of the desk share: drawing, words, problems of forms and of files, downloads, examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import Response, make_response, url_for

from zerofactory_engine.locate import RULES_ROOT
from zerofactory_engine.messages import catalogue, render
from zerofactory_engine.problems import Problem, Severity
from zerofactory_mappings.cbam.obligation.readings import readings
from zerofactory_mappings.cbam.show import specific, tonnes
from zerofactory_web.accounts.model import Organisation
from zerofactory_web.exporter.inputs import Piece
from zerofactory_web.exporter.model import CbamFile, CbamInputVersion, CbamResult, DataRequest
from zerofactory_web.exporter.proofs import decimal_of
from zerofactory_web.readiness.forms import READING, ReadingField
from zerofactory_web.readiness.guard import problem_of
from zerofactory_web.site.errors import problem_answer, status_of
from zerofactory_web.site.forms import FormErrors, Option
from zerofactory_web.site.forms import sentence as problem_sentence
from zerofactory_web.site.language import language
from zerofactory_web.site.render import page, wants_json
from zerofactory_web.site.uploads import attachment
from zerofactory_web.store.model import time_text

#: Examples that come with the program, beside the rules; each with the tables beside its file.
EXAMPLES = RULES_ROOT.parent / "examples" / "cbam"
#: Problems that a page lists; the JSON answer lists all.
SHOWN = 100
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
#: Readings that change a calculation itself; the others change what it costs.
READINGS = ("markup_year", "factor_year")
Crumb = tuple[str, str]
#: Draws a form: what was wrong with its fields, the status, and what is wrong inside the file.
Draw = Callable[[FormErrors, int, "Listed"], Response]


@dataclass(frozen=True, slots=True)
class Listed:
    """Problems as rows of a table (severity, place, sentence, code), errors first; *more*: how many are not shown."""

    rows: tuple[dict[str, str], ...] = ()
    count: int = 0

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def say(code: str, **args: object) -> str:
    """``exporter.<code>`` in the language of the page."""
    return render(f"exporter.{code}", language(), args)


def shown(template: str, data: Mapping[str, Any], title: str, crumbs: Sequence[Crumb] = (), *,
          errors: FormErrors | None = None, status: int = 200, **more: Any) -> Response:
    """A page of the desk; *crumbs*: the pages above it, below the overview."""
    above = [] if template == "start" else [(say("title"), url_for("desk.start"))]
    steps = [(render("site.name", language()), url_for("portal.home")), *above, *crumbs, (title, "")]
    return page(f"exporter/{template}.html", data, status=status, errors=errors, title=title, crumbs=steps, **more)


def listed(problems: Iterable[Problem | Mapping[str, Any]]) -> Listed:
    """Problems as rows, errors first."""
    found = [p if isinstance(p, Problem) else problem_of(p) for p in problems]
    found.sort(key=lambda p: _ORDER[p.severity])
    return Listed(tuple({"severity": str(p.severity), "place": str(p.place), "code": p.code,
                         "text": problem_sentence(p, language())} for p in found[:SHOWN]), len(found))


def told(problems: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Problems of a record for programs, with their sentence."""
    return [{**p, "text": problem_sentence(problem_of(p), language())} for p in problems]


def refused(problems: Sequence[Problem], draw: Draw, fields: Iterable[str], file: str = "file") -> Response:
    """The form once more with everything that is wrong: with its fields beside them, with the file in a list. What is
    not there stays "not found", and programs get a problem."""
    status = status_of(problems)
    if wants_json() or status in (404, 503):
        return problem_answer(status, problems)
    known, errors = set(fields), FormErrors()
    inside = []
    for problem in problems:
        field = "" if problem.place.file is not None else problem.place.path or ""
        if problem.code.startswith("site.file-") or problem.code == "store.document-too-large":
            field = file
        if field in known:
            errors.add(field, sentence(problem, field))
        elif problem.place.file is None and not problem.place.path:
            errors.add("", problem_sentence(problem, language()))
        else:
            inside.append(problem)
    if inside:
        errors.add("file-problems", say("file-problems", count=len(inside)))
    return draw(errors, status, listed(inside))


def sentence(problem: Problem, field: str) -> str:
    """What is said of a problem; of a field that was left empty, which it is."""
    label = f"exporter.{field}"
    if problem.code == "accounts.value-missing" and (field == "eori" or label in catalogue(language())):
        return say("missing", field="EORI" if field == "eori" else render(label, language()))
    return problem_sentence(problem, language())


def download(data: bytes, name: str) -> Response:
    """A file as a download: never shown by the browser, whatever it is."""
    answer = make_response(data)
    answer.content_type = "application/octet-stream"
    answer.headers["Content-Disposition"] = attachment(name)
    return answer


# --- examples --------------------------------------------------------------------------------------------------------

def examples() -> tuple[str, ...]:
    """Names of the examples at hand."""
    return tuple(sorted(p.parent.name for p in EXAMPLES.glob("*/input.yaml"))) if EXAMPLES.is_dir() else ()


def example(name: str) -> tuple[Piece, tuple[Piece, ...]]:
    """The file of an example and the tables beside it; *name* is one of :func:`examples`."""
    folder = EXAMPLES / name
    return (Piece(f"{name}.yaml", (folder / "input.yaml").read_bytes()),
            tuple(Piece(p.name, p.read_bytes()) for p in sorted(folder.glob("*.csv"))))


# --- choices ---------------------------------------------------------------------------------------------------------

def reading_fields(chosen: Mapping[str, str]) -> list[ReadingField]:
    """A field for each open question of law that changes a calculation."""
    known, lang = readings(), language()
    return [ReadingField(READING + ident, known[ident].question[lang], known[ident].because[lang], tuple(
        Option(key, alternative.title[lang], checked=key == chosen.get(ident, known[ident].default))
        for key, alternative in known[ident].alternatives.items())) for ident in READINGS if ident in known]


def places(organisations: Sequence[Organisation], taken: str = "") -> list[Option]:
    """The organisations to choose from."""
    return [Option(o.id, name(o), checked=o.id == taken or (not taken and n == 0))
            for n, o in enumerate(organisations)]


def name(organisation: Organisation) -> str:
    """What an organisation is called in the language of the page."""
    return organisation.name_zh if language() == "zh" else organisation.name_en


# --- what rows say ---------------------------------------------------------------------------------------------------

def moment(value: datetime | None) -> str | None:
    """A moment for programs."""
    return None if value is None else time_text(value)


def version(row: CbamInputVersion, by: str) -> dict[str, Any]:
    """A version without its problems."""
    errors = sum(p["severity"] == "error" for p in row.problems)
    return {"id": row.id, "number": row.number, "file": row.file_name, "sha256": row.document, "size": row.size,
            "source": row.source, "note": row.note, "at": moment(row.created_at), "by": by, "errors": errors,
            "warnings": sum(p["severity"] == "warning" for p in row.problems), "problems": len(row.problems)}


def result(row: CbamResult) -> dict[str, Any]:
    """A result in a list."""
    return {"id": row.id, "method": row.method, "import_year": row.import_year, "readings": row.readings,
            "engine": row.engine, "sha256": row.document, "at": moment(row.created_at),
            "unknown": row.summary["unknown"], "counts": row.summary["counts"],
            "products": [{k: p[k] for k in ("cn", "name", "see_direct", "see_indirect", "unit", "indirect_counts")}
                         for p in row.summary["products"]]}


def file(row: CbamFile, by: str = "") -> dict[str, Any]:
    """A file made of a result."""
    return {"id": row.id, "kind": row.kind, "name": row.name, "sha256": row.document, "size": row.size,
            "language": row.language, "at": moment(row.created_at), "by": by, "problems": told(row.problems)}


def asked(row: DataRequest) -> dict[str, Any]:
    """A request."""
    return {"id": row.id, "company": row.company, "eori": row.eori, "contact": row.contact, "email": row.email,
            "goods": row.goods, "year": row.year, "quarter": row.quarter, "received": row.received.isoformat(),
            "due": row.due.isoformat() if row.due else None, "note": row.note, "state": row.state,
            "reason": row.reason or None, "closed_at": moment(row.closed_at), "version": row.version}


# --- figures ---------------------------------------------------------------------------------------------------------

def five(value: str | None) -> str:
    """A specific figure with five decimals; the word for unknown where it is not known."""
    return say("unknown") if value is None else specific(decimal_of(value))


def whole(value: str | None) -> str:
    """Emissions in full tonnes; the word for unknown where they are not known."""
    return say("unknown") if value is None else tonnes(decimal_of(value))


def money(value: str | None) -> str:
    """An amount in EUR with cents; the word for unknown where it is not known."""
    found = decimal_of(value)
    return say("unknown") if found is None else f"{found.quantize(Decimal('0.01')):,f}"


def percent(value: str | None) -> str:
    """A share; the word for unknown where it is not known."""
    found = decimal_of(value)
    return say("unknown") if found is None else f"{(found * 100).quantize(Decimal('0.1')):f} %"
