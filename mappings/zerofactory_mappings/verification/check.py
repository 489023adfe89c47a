"""What follows from a package and the dossier that it is about, as it is today."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zerofactory_engine.decimals import CONTEXT, plain
from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.verification import tables
from zerofactory_mappings.verification.effects import aggregates, misstatements
from zerofactory_mappings.verification.evidence import evidence
from zerofactory_mappings.verification.materiality import thresholds
from zerofactory_mappings.verification.model import ElementFound, Evaluation, Misstatement
from zerofactory_mappings.verification.opinion import Findings, conclude
from zerofactory_mappings.verification.part import Part
from zerofactory_mappings.verification.proof import prove
from zerofactory_mappings.verification.sampling import SamplingPlan, draw, projected
from zerofactory_mappings.verification.statement import Statement, planned

#: Most lines that a package has for a person to look at.
SAMPLE_ROWS = 15_000
#: Changed lines that are named; of more, the number.
_NAMED = 50


def evaluate(root: Part, statement: Statement) -> Evaluation:
    """Everything that follows from *root* on *statement*.

    Raises:
        ProblemsError: it is about another dossier or period, or an entry names what there is not; all of them.
    """
    _same_subject(root, statement)
    found = thresholds(root.each("materiality"), statement.totals, statement.dossier.period.years)
    plan = sampled(root, statement)
    rows = frozenset(r.of.row for r in plan.selected)
    sheets = evidence(statement, root, rows)
    made = misstatements(statement, root, found)
    together = aggregates(statement, made, found)
    whole = projected(plan, _by_line(statement, made))
    changes = tuple(changed(root, statement))
    elements = elements_found(root)
    findings = Findings(root, statement, found, plan, sheets, made, together, whole, changes)
    opinion = conclude(findings)
    problems = (*_unused(findings), *_opinion_differs(root, opinion.follows, opinion.candidates))
    return Evaluation(root, statement, found, plan, sheets, made, together, whole, changes, elements, opinion,
                      prove(findings, opinion), problems)


def sampled(root: Part, statement: Statement) -> SamplingPlan:
    """The sample that the package asks for; the coverage of the level of assurance where it states none.

    Raises:
        ProblemsError: more lines are to be looked at than a person can; a lower coverage helps.
    """
    part = root.part("sampling")
    coverage = part.number("coverage")
    if coverage is None:
        coverage = tables.default_coverage(root.part("engagement").text("assurance") or "reasonable").value
    plan = draw(statement.lines, coverage, int(part.number("monetary_units") or 0), statement.lines_sha256)
    if len(plan.selected) > SAMPLE_ROWS:
        raise ProblemsError([Problem("verification.sample-too-large", part.place_of("coverage"),
                                     found=f"{len(plan.selected):,}", accepted=f"≤ {SAMPLE_ROWS:,}")])
    return plan


def _by_line(statement: Statement, made: tuple[Misstatement, ...]) -> dict[str, Decimal]:
    """Effects of open misstatements by the line that they are found in, for projecting.

    A cell's effect counts for the largest line of its row; what names no line is counted as found, not projected.
    """
    out: dict[str, Decimal] = {}
    for each in made:
        if not each.open or each.effect is None:
            continue
        line = each.target if each.way == "line" else _largest(statement, each.target.rpartition(".")[0])
        out[line] = CONTEXT.add(out.get(line, Decimal(0)), each.effect)
    return out


def _largest(statement: Statement, row: str) -> str:
    lines = [c for c in statement.lines if c.row == row]
    return max(lines, key=lambda c: (abs(c.emissions or Decimal(0)), c.id)).id if lines else ""


# --- is it still the same? -------------------------------------------------------------------------------------------

def _same_subject(root: Part, statement: Statement) -> None:
    """A package about another dossier or period is refused: its lines would mean other figures."""
    part, dossier = root.part("subject"), statement.dossier
    stated = {"dossier": (part.text("dossier"), dossier.id),
              "period_start": (part.day("period_start"), dossier.period.start),
              "period_end": (part.day("period_end"), dossier.period.end)}
    wrong = [Problem("verification.other-dossier", part.place_of(name), found=str(one), accepted=str(other))
             for name, (one, other) in stated.items() if one is not None and one != other]
    if wrong:
        raise ProblemsError(wrong)


def changed(root: Part, statement: Statement) -> Iterator[Problem]:
    """What is not as it was when the plan was made: the dossier's hash, the hash of the lines, planned figures."""
    part = root.part("subject")
    hashes = (("dossier-changed", "sha256", statement.dossier.sha256),
              ("lines-changed", "lines_sha256", statement.lines_sha256))
    for code, name, now in hashes:
        stated = part.text(name)
        if stated is not None and stated != now:
            yield Problem(f"verification.{code}", part.place_of(name), Severity.WARNING, found=now, accepted=stated)
    differing = [p for item in root.each("items") if (p := _line_changed(item, statement)) is not None]
    yield from differing[:_NAMED]
    if len(differing) > _NAMED:
        yield Problem("verification.more-lines-changed", severity=Severity.WARNING,
                      found=str(len(differing) - _NAMED))


def _line_changed(item: Part, statement: Statement) -> Problem | None:
    line, before = statement.by_id.get(item.text("line") or ""), item.number("planned_tCO2e")
    if line is None or before is None:
        return None
    now = planned(line.emissions)
    if now == before:
        return None
    return Problem("verification.line-changed", item.place_of("planned_tCO2e"), Severity.WARNING,
                   found="?" if now is None else plain(now), accepted=plain(before), args={"line": line.id})


# --- what an opinion has to name -------------------------------------------------------------------------------------

def elements_found(root: Part) -> tuple[ElementFound, ...]:
    """The elements of clause 9 with the fields that are still empty."""
    modified = (root.part("opinion").text("type") or "unmodified") != "unmodified"
    applies = {"": True, "modified": modified, "mixed": root.part("engagement").text("kind") == "mixed"}
    return tuple(ElementFound(e.id, e.title, e.clause, e.confidence, tuple(
        f for f in e.fields if root.at(f) in (None, "", [])) if applies[e.only] else None) for e in tables.elements())


# --- what does not fit together --------------------------------------------------------------------------------------

def _unused(findings: Findings) -> Iterator[Problem]:
    for section, part in findings.evidence.unused:
        yield Problem("verification.row-unknown", part.place, Severity.WARNING,
                      found=next((str(part.values[k]) for k in ("row", "meter", "gap") if k in part.values), ""),
                      args={"section": section})


def _opinion_differs(root: Part, follows: str, candidates: tuple[str, ...]) -> Iterator[Problem]:
    """An opinion of the verifier that does not go with what follows; milder than it is an error."""
    part = root.part("opinion")
    stated = part.text("type")
    if stated is None or stated == follows:
        return
    order = list(tables.words("opinion"))
    severity = Severity.WARNING if stated in candidates and stated != order[0] else Severity.ERROR
    yield Problem("verification.opinion-differs", part.place_of("type"), severity, found=stated,
                  accepted=", ".join(candidates) if follows == "open" else follows)
