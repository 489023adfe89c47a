"""What a verifier found, held against the law: misstatements with their effect, nonconformities, sampling, site visit.

A working paper: the verification report that counts is the electronic template in the registry (2025/2546 Article 6).
The effect of a misstatement is what the calculation gives with the corrected figure, never an estimate; where no
corrected figure is stated nothing is concluded. What is open keeps the conclusion open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import CONTEXT, parse_decimal, plain
from zerofactory_engine.json_text import read_json
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.typed import shipped_schema
from zerofactory_engine.yaml_text import DOSSIER_BYTES, Node, read_yaml
from zerofactory_mappings.cbam.documents.effects import Difference, Recompute, effect, recomputing
from zerofactory_mappings.cbam.documents.figures import figures
from zerofactory_mappings.cbam.documents.model import Case, Report
from zerofactory_mappings.cbam.documents.plan import Row
from zerofactory_mappings.cbam.documents.sampling import SamplingPlan, contributions, default_coverage, sample
from zerofactory_mappings.cbam.documents.site_visit import Decision, VisitFacts, decide

FORMAT = "zerofactory/cbam-verification/1"
SATISFACTORY, COMMENTS, NOT, OPEN = "satisfactory", "satisfactory_with_comments", "not_satisfactory", "open"


def parse_verification(data: bytes, file: str = "verification.yaml") -> Row:
    """What a verifier found, of YAML or JSON; what the program made of it before is left aside.

    Raises:
        ProblemsError: everything that is wrong with the file.
    """
    tree = read_json(data, file) if data.lstrip()[:1] == b"{" else read_yaml(data, file, DOSSIER_BYTES)
    return typed_verification(tree)


def read_verification(path: Path) -> Row:
    """A filled workbook, or YAML or JSON, by the content of the file.

    Raises:
        ProblemsError: everything that is wrong with the file.
    """
    data = path.read_bytes()
    if data[:4] == b"PK\x03\x04":
        from zerofactory_mappings.cbam.documents.workbook_in import parse_workbook

        return parse_workbook(data, path.name)
    return parse_verification(data, path.name)


def typed_verification(tree: Node, found: Sequence[Problem] = ()) -> Row:
    """A tree typed by the schema and checked; *found*: problems of reading it."""
    typed = shipped_schema("cbam-verification").read(tree)
    problems = [*found, *typed.problems]
    if not any(p.severity is Severity.ERROR for p in typed.problems) and isinstance(typed.value, dict):
        problems += _twice(Row(typed.value, tree))
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return Row(typed.value, tree)


def _twice(root: Row) -> Iterator[Problem]:
    """Rows of one list with the same id."""
    for section, name in (("misstatements", "id"), ("nonconformities", "id"), ("items", "path")):
        seen: set[str] = set()
        for row in root.each(section):
            ident = row.text(name) or ""
            if ident in seen:
                yield Problem("cbam-documents.entry-twice", row.place, found=ident, args={"section": section})
            seen.add(ident)


@dataclass(frozen=True, slots=True)
class Misstatement:
    """One misstatement: the figure at *path* was *reported* and is *corrected*; None where no figure is stated.
    *open*: the operator has not corrected it. *effects*: on every good, alone; empty where it cannot be computed."""

    id: str
    description: str
    path: str | None
    reported: Decimal | None
    corrected: Decimal | None
    unit: str
    open: bool
    effects: tuple[Difference, ...] = ()
    place: Place = field(default_factory=Place)

    @property
    def material(self) -> bool | None:
        """Whether it is material alone; None when that cannot be said."""
        return _any([d.material for d in self.effects]) if self.effects else None

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"id": self.id, "description": self.description, "path": self.path, "reported": self.reported,
                "corrected": self.corrected, "unit": self.unit, "open": self.open, "material": self.material,
                "effects": list(self.effects)}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows: ``satisfactory``, ``satisfactory_with_comments``, ``not_satisfactory`` or ``open``, and why."""

    kind: str
    reasons: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return {"kind": self.kind, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that follows from what a verifier found. *together*: all open misstatements corrected at once."""

    case: Case
    root: Row
    misstatements: tuple[Misstatement, ...]
    together: tuple[Difference, ...]
    sampling: SamplingPlan
    visit: Decision
    conclusion: Conclusion
    problems: tuple[Problem, ...]

    @property
    def complies(self) -> bool | None:
        """Whether the materiality of the law is kept, singly and together; None when that cannot be said."""
        alone = [m.material for m in self.misstatements if m.open]
        found = _any([*alone, *(d.material for d in self.together)])
        return None if found is None else not found

    def as_json(self) -> dict[str, Any]:
        """The results of the JSON file."""
        return {"misstatements": list(self.misstatements), "together": list(self.together), "complies": self.complies,
                "sampling": self.sampling, "site_visit": self.visit, "conclusion": self.conclusion,
                "problems": list(self.problems)}


def _any(found: Sequence[bool | None]) -> bool | None:
    """Whether any is true; None when none is but one is not known."""
    return True if True in found else None if None in found else False


def evaluate(case: Case, root: Row, reports: Sequence[Report] = (), recompute: Recompute | None = None) -> Evaluation:
    """What follows from what the verifier wrote in *root* on the report of *case*. *reports*: the emissions report and
    its summary, which must be complete before anything is concluded.

    Raises:
        ProblemsError: a path names no figure, or one figure is corrected twice in different ways; all of them.
    """
    _check_subject(case, root)
    again = recompute or recomputing(case.result)
    found, problems = _misstatements(case, root)
    single = tuple(_with_effects(case, m, again) for m in found)
    open_ones = {m.path: m.corrected for m in single if m.open and m.path is not None and m.corrected is not None}
    together = effect(case.result, {p: v for p, v in open_ones.items() if v is not None}, again)
    covered = root.part("sampling")
    coverage = covered.number("coverage") if covered is not None else None
    plan = sample(contributions(case), default_coverage() if coverage is None else coverage)
    visit = decide(visit_facts(case, root))
    made = Evaluation(case, root, single, together, plan, visit, Conclusion(OPEN, ()), problems)
    conclusion = conclude(made, reports)
    return Evaluation(case, root, single, together, plan, visit, conclusion,
                      (*problems, *_offsetting(made), *_statement(root, conclusion)))


def _check_subject(case: Case, root: Row) -> None:
    """A file about another installation or period is refused: its paths would mean other figures."""
    part = root.part("report") or Row({})
    given = case.installation
    stated = {"installation": (part.text("installation"), given.name),
              "period_start": (part.day("period_start"), given.period_start),
              "period_end": (part.day("period_end"), given.period_end)}
    wrong = [Problem("cbam-documents.other-installation", part.place_of(name), found=str(one), accepted=str(other))
             for name, (one, other) in stated.items() if one is not None and other is not None and one != other]
    if wrong:
        raise ProblemsError(wrong)


# --- misstatements ---------------------------------------------------------------------------------------------------

def _misstatements(case: Case, root: Row) -> tuple[list[Misstatement], tuple[Problem, ...]]:
    """Those of the log, and figures whose verified value differs from the reported one and which the log leaves out."""
    known = figures(case.installation)
    problems: list[Problem] = []
    found = [_logged(row, known, problems) for row in root.each("misstatements")]
    logged: dict[str, Misstatement] = {}
    for m in found:
        if m.path is not None and m.open:
            before = logged.setdefault(m.path, m)
            if before.corrected != m.corrected:
                problems.append(Problem("cbam-documents.corrected-twice", m.place,
                                        found=f"{m.id}: {_text(m.corrected)}",
                                        accepted=f"{before.id}: {_text(before.corrected)}"))
    noted = {m.path for m in found}
    for row in root.each("items"):
        path, verified = row.text("path") or "", row.text("verified")
        if path in noted or verified is None:
            continue
        if path not in known:
            if not path.startswith("item:"):
                problems.append(_unknown(path, row.place))
            continue
        number = parse_decimal(verified)
        if number is None:
            problems.append(Problem("cbam-documents.verified-no-number", row.place_of("verified"), found=verified,
                                    accepted=known[path].unit))
        elif number != known[path].value:
            found.append(Misstatement(path, row.text("note") or "", path, known[path].value, number, known[path].unit,
                                      True, place=row.place))
    if any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return found, tuple(problems)


def _text(value: Decimal | None) -> str:
    return "–" if value is None else plain(value)


def _unknown(path: str, place: Place) -> Problem:
    return Problem("cbam-documents.figure-unknown", place, found=path)


def _logged(row: Row, known: Mapping[str, Any], problems: list[Problem]) -> Misstatement:
    path = row.text("path")
    if path is not None and path not in known:
        from zerofactory_engine.typed_readers import nearest

        problems.append(Problem("cbam-documents.figure-unknown", row.place_of("path"), found=path,
                                accepted=nearest(path, list(known))))
    given = known.get(path or "")
    return Misstatement(row.id, row.text("description") or "", path, None if given is None else given.value,
                        row.number("corrected"), "" if given is None else given.unit, row.text("state") != "corrected",
                        place=row.place)


def _with_effects(case: Case, m: Misstatement, again: Recompute) -> Misstatement:
    if not m.open or m.path is None or m.corrected is None:
        return m
    return Misstatement(m.id, m.description, m.path, m.reported, m.corrected, m.unit, m.open,
                        effect(case.result, {m.path: m.corrected}, again, {m.path: m.place}), m.place)


def _offsetting(made: Evaluation) -> Iterator[Problem]:
    """Goods whose misstatements are immaterial only because they cancel out: the verifier has to judge."""
    for number, whole in enumerate(made.together):
        parts = [m.effects[number] for m in made.misstatements if m.open and m.effects]
        if whole.material is not False or len(parts) < 2 or whole.reported is None:
            continue
        with localcontext(CONTEXT):
            gross = sum((abs(p.misstatement) for p in parts if p.misstatement is not None), Decimal(0))
            if gross > abs(whole.reported) * whole.limit:
                yield Problem("cbam-documents.offsetting", severity=Severity.WARNING,
                              found=f"{whole.good.cn or whole.good.name}: {plain(gross)} {whole.good.unit}",
                              accepted=f"≤ {plain(abs(whole.reported) * whole.limit)}", args={"value": whole.value})


# --- site visit ------------------------------------------------------------------------------------------------------

def visit_facts(case: Case, root: Row) -> VisitFacts:
    """What the decision on the site visit rests on."""
    part, report = root.part("site_visit") or Row({}), root.part("report") or Row({})
    end = report.day("period_end") or case.installation.period_end
    history = part.rows("history")
    changes = part.values.get("significant_changes")
    return VisitFacts(
        end.year if end is not None else 0, part.flag("first_period"),
        None if history is None else {int(p): r.text("visit") or "none" for r in history
                                      if (p := r.number("period")) is not None},
        None if changes is None else tuple(changes), part.flag("force_majeure"), part.flag("zero_emission_plant"),
        part.text("reading"))


# --- conclusion ------------------------------------------------------------------------------------------------------

def conclude(made: Evaluation, reports: Sequence[Report] = ()) -> Conclusion:
    """Not satisfactory when something material stands; open while anything is missing; else satisfactory, with comments
    where misstatements or nonconformities remain."""
    against = (*_material(made), *_nonconforming(made.root, material=True))
    missing = (*_unsettled(made), *_nonconforming(made.root, material=None), *_visit_missing(made),
                     *_review_missing(made.root), *_verifier_missing(made.root), *_sample_missing(made),
                     *(_reason("report-incomplete", r.document.names.en) for r in reports if not r.complete))
    if against:
        return Conclusion(NOT, (*against, *missing))
    if missing:
        return Conclusion(OPEN, missing)
    remaining = any(m.open for m in made.misstatements) or any(
        r.text("state") != "corrected" for r in made.root.each("nonconformities"))
    return Conclusion(COMMENTS if remaining else SATISFACTORY, ())


def _reason(code: str, found: str | None = None, accepted: str | None = None, place: Place | None = None,
            **args: str) -> Problem:
    return Problem(f"cbam-documents.conclusion.{code}", place or Place(), Severity.NOTE, found, accepted, args=args)


def _material(made: Evaluation) -> Iterator[Problem]:
    for m in made.misstatements:
        for d in m.effects:
            if m.open and d.material:
                yield _reason("material", f"{m.id}: {d.good.cn or d.good.name}", _limit(d), m.place, value=d.value)
    if sum(1 for m in made.misstatements if m.open and m.effects) > 1:
        for d in made.together:
            if d.material:
                yield _reason("material-together", d.good.cn or d.good.name, _limit(d), value=d.value)


def _limit(d: Difference) -> str:
    from zerofactory_mappings.publishing.numbers import percent

    return f"{percent(d.share, 4) if d.share is not None else '–'} > {percent(d.limit)}"


def _unsettled(made: Evaluation) -> Iterator[Problem]:
    for m in made.misstatements:
        if m.open and (m.path is None or m.corrected is None):
            yield _reason("no-corrected-figure", m.id, place=m.place)
        elif m.open and m.material is None:
            yield _reason("effect-unknown", m.id, place=m.place)
    unknown = dict.fromkeys(d.good.cn or d.good.name for d in made.together if d.material is None)
    if unknown and not any(m.open and m.material is None for m in made.misstatements):
        yield _reason("effect-unknown", ", ".join(unknown))


def _nonconforming(root: Row, material: bool | None) -> Iterator[Problem]:
    code = "nonconformity" if material else "nonconformity-unjudged"
    for row in root.each("nonconformities"):
        if row.text("state") != "corrected" and row.flag("material") is material:
            yield _reason(code, row.id, row.text("description"), row.place)


def _visit_missing(made: Evaluation) -> Iterator[Problem]:
    part = made.root.part("site_visit") or Row({})
    kind = part.text("visit")
    if kind is None or kind == "none":
        yield _reason("no-visit", accepted=", ".join(made.visit.allowed))
    elif kind not in made.visit.allowed:
        yield _reason("visit-not-allowed", kind, ", ".join(made.visit.allowed), part.place_of("visit"))


def _review_missing(root: Row) -> Iterator[Problem]:
    """Independent review: by somebody outside the team, before the statement, with its findings resolved."""
    part, statement = root.part("review") or Row({}), root.part("statement") or Row({})
    reviewer, done, issued = part.text("reviewer"), part.day("date"), statement.day("date")
    if reviewer is None or done is None:
        yield _reason("no-review")
        return
    if reviewer.strip().casefold() in {(r.text("name") or "").strip().casefold() for r in root.each("team")}:
        yield _reason("reviewer-in-team", reviewer, place=part.place_of("reviewer"))
    if issued is not None and done > issued:
        yield _reason("review-late", str(done), f"≤ {issued}", part.place_of("date"))
    if part.flag("resolved") is not True:
        yield _reason("review-unresolved", place=part.place)


def _verifier_missing(root: Row) -> Iterator[Problem]:
    part, statement = root.part("verifier") or Row({}), root.part("statement") or Row({})
    for name in ("name", "accreditation_number", "accreditation_body", "accreditation_scope", "accreditation_expires"):
        if not part.has(name):
            yield _reason("verifier-incomplete", name)
    expires, issued = part.day("accreditation_expires"), statement.day("date")
    if expires is not None and issued is not None and expires < issued:
        yield _reason("accreditation-expired", str(expires), f"≥ {issued}", part.place_of("accreditation_expires"))


def _sample_missing(made: Evaluation) -> Iterator[Problem]:
    """Contributions of the sample whose figures the verifier has neither verified nor backed with evidence."""
    looked = {row.text("path") or "" for row in made.root.each("items")
              if row.has("verified") or row.texts("evidence") or row.flag("confirmed") is True}
    for each in made.sampling.selected:
        if not any(p == each.path or p.startswith(f"{each.path}/") for p in looked):
            yield _reason("sample-open", f"{each.path} {each.name}".strip())


def _statement(root: Row, conclusion: Conclusion) -> Iterator[Problem]:
    """A statement of the verifier that does not go with what follows from the log."""
    part = root.part("statement") or Row({})
    kind = part.text("kind")
    positive = {SATISFACTORY, COMMENTS}
    if kind is not None and (kind != conclusion.kind) and (kind in positive or conclusion.kind in positive):
        severity = Severity.WARNING if {kind, conclusion.kind} <= positive or kind == NOT else Severity.ERROR
        yield Problem("cbam-documents.statement-differs", part.place_of("kind"), severity, found=kind,
                      accepted=conclusion.kind)
