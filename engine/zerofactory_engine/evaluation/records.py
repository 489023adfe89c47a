"""The parts of an assessment that are told rather than decided: pins, subject, documents, values used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from zerofactory_engine import __version__
from zerofactory_engine.canonical import jsonable, sha256
from zerofactory_engine.decimals import CONTEXT
from zerofactory_engine.dossier import Dossier, Row, structure
from zerofactory_engine.dossier.estimates import ESTIMATED, estimated_shares
from zerofactory_engine.evaluation.model import (
    Clause,
    CriterionOutcome,
    JudgedAnswer,
    ParameterUse,
    Pins,
    QuantityUse,
    ReadingUse,
)
from zerofactory_engine.evaluation.papers import hash_differs
from zerofactory_engine.evaluation.program import BASIS, LINES, CellKind
from zerofactory_engine.evaluation.run import Readings, Run, display_unit
from zerofactory_engine.evaluation.shown import shown
from zerofactory_engine.evaluation.uncertainty import Uncertainties, half_width
from zerofactory_engine.evaluation.usage import Usage, Used
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_engine.reasons import Unknown
from zerofactory_engine.rulepack.graph import leaves, named_sets
from zerofactory_engine.rulepack.model import Confidence, Criterion, Pack, Parameter, Quantity

if TYPE_CHECKING:
    from zerofactory_engine.accounting import Inventory
    from zerofactory_engine.accounting.factors import Entry
    from zerofactory_engine.accounting.terms import Figure
    from zerofactory_engine.evaluation.judgements import Judgements
    from zerofactory_engine.evaluation.request import Request


def count(names: Iterable[str]) -> Mapping[str, int]:
    """How often each name stands there, in alphabetical order."""
    return dict(sorted(Counter(names).items()))


# --- pack and pins -------------------------------------------------------------------------------------------------


def pack_record(pack: Pack) -> dict[str, Any]:
    """What a reader has to know of the pack."""
    names = ("title", "standard", "edition", "subject", "status", "provisional", "outcome_kind", "concluded_by",
             "dimensions", "known_gaps", "authors", "licence")
    pin = pack.base or pack.pin
    return {"id": pin.id, "version": pin.version, **{n: getattr(pack, n) for n in names}}


@cache
def units_hash() -> str:
    """Hash of the list of units."""
    return sha256((STANDARDS_ROOT / "units.yaml").read_bytes())


def pins(dossier: Dossier, pack: Pack, judgements: Judgements | None, inventory: Inventory) -> Pins:
    """All that was used, by hash."""
    pin = pack.base or pack.pin
    return Pins(
        dossier={"id": dossier.id, "sha256": dossier.sha256},
        pack={"id": pin.id, "version": pin.version, "sha256": pin.sha256},
        overlay=None if pack.overlay is None else
        {"id": pack.overlay.id, "version": pack.overlay.version, "sha256": pack.overlay.sha256},
        judgements=None if judgements is None else {"sha256": judgements.sha256},
        factor_sets=tuple({"role": role, **pin.as_json()} for role, pin in sorted(inventory.pins.items())),
        code_lists=tuple({"id": n, "sha256": h} for n, h in sorted(pack.question_pins.items())),
        units={"sha256": units_hash()},
        engine=__version__,
    )


def in_force(pack: Pack, valid_on: date) -> Iterator[Problem]:
    """A note when the law date lies outside the time for which the pack holds."""
    if valid_on < pack.valid_from or (pack.valid_to is not None and valid_on > pack.valid_to):
        until = pack.valid_to.isoformat() if pack.valid_to else "…"
        yield Problem("evaluation.pack-not-in-force", Place(path=str(pack.pin)), Severity.WARNING,
                      found=valid_on.isoformat(), accepted=f"{pack.valid_from.isoformat()} – {until}")


def clause(pack: Pack, criterion: Criterion) -> Clause:
    """Where a requirement stands; without having read it ourselves our own code is printed, never theirs."""
    source = criterion.source
    return Clause(pack.standard, pack.edition, source.clause, source.clause if source.clause_read else criterion.id,
                  source.clause_read, source.source, source.confidence)


def readings(pack: Pack, request: Request, chosen: Readings,
             used_by: Mapping[str, tuple[str, ...]]) -> tuple[ReadingUse, ...]:
    """How every reading of the pack was taken."""
    return tuple(
        ReadingUse(
            id=r.id, ref=r.ref, question=r.question, clause=r.clause, chosen=chosen[r.id], default=r.default,
            chosen_by="overlay" if r.settled is not None else "request" if r.id in request.readings else "default",
            because=r.because, used_by=used_by[r.id],
            alternatives={n: {"title": a.title, "confidence": a.confidence, "source": a.source}
                          for n, a in r.alternatives.items()})
        for r in pack.readings.values())


# --- the dossier ---------------------------------------------------------------------------------------------------


def subject(dossier: Dossier) -> dict[str, Any]:
    """Facility, organisation and period."""
    period = dossier.period
    made: dict[str, Any] = {"dossier": dossier.id, "facility": jsonable(dossier.given.get("facility") or {})}
    if organisation := dossier.given.get("organisation"):
        made["organisation"] = jsonable(organisation)
    made["period"] = {"start": period.start, "end": period.end, "zone": period.zone}
    if period.months is not None:
        made["period"]["months"] = int(period.months)
    return made


def boundary(dossier: Dossier) -> dict[str, Any]:
    """The boundary as stated."""
    made: dict[str, Any] = jsonable(dossier.given.get("boundary") or {})
    return made


def crosschecks(dossier: Dossier) -> tuple[Mapping[str, Any], ...]:
    """Cross-checks as stated."""
    return tuple({**jsonable(r.given), "id": r.id, "quantity": str(r.values.get("quantity") or "")}
                 for r in dossier.rows.get("crosschecks", ()))


def gaps(dossier: Dossier) -> tuple[Mapping[str, Any], ...]:
    """Declared holes in metered series."""
    return tuple({**jsonable(r.given), "id": r.id, "table": str(r.values.get("table") or "")}
                 for r in dossier.rows.get("gaps", ()))


def estimates(dossier: Dossier) -> tuple[Mapping[str, Any], ...]:
    """Estimated rows: each figure in its column's unit with its share of the total that it counts in."""
    made: list[dict[str, Any]] = []
    told: set[str] = set()
    for found in estimated_shares(dossier):
        column = structure.tables()[found.table].columns[found.column]
        for row in found.rows:
            value = row.values[found.column]
            one = {**_estimate(row), "column": found.column,
                   "value": value if column.unit is None else column.unit.from_base(value)}
            if column.unit is not None:
                one["unit"] = column.unit.text
            if found.total:
                one["share"] = CONTEXT.divide(value, found.total)
            made.append(one)
            told.add(one["row"])
    others = (row for rows in dossier.rows.values() for row in rows if row.obtained in ESTIMATED or row.estimate)
    return (*made, *(e for row in others if (e := _estimate(row))["row"] not in told))


def _estimate(row: Row) -> dict[str, Any]:
    """An estimated row, how it was estimated and whether on the safe side."""
    head: dict[str, Any] = {"row": f"{row.table}/{row.id}", "obtained": row.obtained or "estimated"}
    how = row.estimate or {}
    return head | {key: how[key] for key in ("method", "conservative") if how.get(key) is not None}


def documents(dossier: Dossier, criteria: Sequence[CriterionOutcome]) -> tuple[Mapping[str, Any], ...]:
    """The list of evidence with hashes and the criteria that each document serves."""
    used: dict[str, dict[str, None]] = {}
    for criterion in criteria:
        for evidence in criterion.evidence:
            for document in evidence.documents:
                used.setdefault(document["id"], {})[criterion.id] = None
    made = []
    for d in dossier.documents.values():
        state = "hash_differs" if hash_differs(d) else "present" if d.present else "not_attached"
        fields = {"id": d.id, "kind": d.kind or "", "title": d.title, "file": d.file, "sha256": d.sha256,
                  "issued_on": d.issued_on, "covers_from": d.covers_from, "covers_to": d.covers_to, "state": state,
                  "used_by": tuple(used.get(d.id, ()))}
        made.append({k: v for k, v in fields.items() if v is not None})
    return tuple(made)


# --- values used ---------------------------------------------------------------------------------------------------


def of_kind(run: Run, keys: Iterable[str], kind: str) -> tuple[str, ...]:
    """Those of *keys* that are of *kind*, each once."""
    return tuple(dict.fromkeys(k for k in keys if run.program.cells[k].kind == kind))


def _users(criteria: Sequence[CriterionOutcome], attribute: str) -> dict[str, tuple[str, ...]]:
    used: dict[str, list[str]] = {}
    for criterion in criteria:
        for key in getattr(criterion, attribute):
            used.setdefault(key, []).append(criterion.id)
    return {k: tuple(v) for k, v in used.items()}


def _own(run: Run, key: str, chosen: Readings) -> dict[str, str]:
    return {r: chosen[r] for r in run.readings_of(key)}


def quantities(run: Run, chosen: Readings, uncertainties: Uncertainties,
               criteria: Sequence[CriterionOutcome]) -> tuple[QuantityUse, ...]:
    """Every quantity that a verdict rests on, in the order in which they are computed."""
    users = _users(criteria, "quantities")
    made = []
    for key, cell in run.program.cells.items():
        if key not in users or cell.kind is not CellKind.QUANTITY:
            continue
        assert isinstance(cell.definition, Quantity)
        value, raw = run.value(key, chosen), run.raw(key, chosen)
        shown_in = display_unit(cell.definition, chosen)
        width = half_width(uncertainties.of_cell(key, chosen))
        made.append(QuantityUse(
            id=key, title=cell.definition.title, clause=cell.definition.clause,
            expression=run.program.step(key, chosen).expression.text, value=shown(raw, shown_in),
            unit=shown_in.text if shown_in else None,
            uncertainty=None if width is None else width if shown_in is None else shown_in.from_base(width),
            reasons=value.reasons if isinstance(value, Unknown) else (),
            readings=_own(run, key, chosen), used_by=users[key]))
    return tuple(made)


def parameters(run: Run, chosen: Readings, criteria: Sequence[CriterionOutcome]) -> tuple[ParameterUse, ...]:
    """Every value that the standard sets and a verdict rests on."""
    users = _users(criteria, "parameters")
    return tuple(_parameter(run, key, chosen, users[key]) for key, cell in run.program.cells.items()
                 if key in users and cell.kind is CellKind.PARAMETER)


def _parameter(run: Run, key: str, chosen: Readings, users: tuple[str, ...]) -> ParameterUse:
    definition = run.program.cells[key].definition
    assert isinstance(definition, Parameter)
    settled = run.parameter(key, chosen)
    shown_in = display_unit(definition, chosen)
    dated = settled.dated
    state = settled.state if settled.state in ("value", "unknown", "none") else "not_in_force"
    made: dict[str, Any] = {}
    if dated is not None:
        source = dated.source
        made = {"stated": dated.stated or None, "valid_from": dated.valid_from, "valid_to": dated.valid_to,
                "recorded": dated.recorded, "clause": source.clause, "source": source.source,
                "confidence": source.confidence, "last_confirmed": source.last_confirmed,
                "clause_read": source.clause_read}
    return ParameterUse(
        id=key, title=definition.title, state=state, value=shown(settled.value, shown_in) if state == "value" else None,
        unit=shown_in.text if shown_in else None, masked=key in run.program.pack.masked,
        readings=_own(run, key, chosen), used_by=users, **made)


def judged_answers(run: Run, criterion: Criterion) -> tuple[JudgedAnswer, ...]:
    """The body's answers to the criterion's own questions and to the question sets that it uses."""
    if run.judgements is None:
        return ()
    mine = [k for k, c in run.program.cells.items()
            if c.owner and c.owner.id == criterion.id and c.kind is not CellKind.PARAMETER]
    sets = {name for key in mine for name in _sets(run, key)}
    return tuple(
        JudgedAnswer(question="/".join(p for p in (j.question, j.item) if p), row=j.subject, answer=j.answer,
                     grounds=j.because, person=j.by, on=j.on, evidence_seen=j.evidence)
        for j in run.judgements.answers.values()
        if (j.question in sets if j.item is not None else j.question.rpartition("/")[0] == criterion.id))


def _sets(run: Run, key: str) -> Iterator[str]:
    for below in (key, *run.program.cells[key].quantities):
        for _, step in leaves(run.program.cells[below].choice):
            yield from named_sets(step.expression)


def factors_of(run: Run, usage: Usage, criterion: Criterion, level: str,
               chosen: Readings) -> tuple[tuple[str, Confidence], ...]:
    """Entries of factor sets that a verdict rests on, with their confidence: those behind the columns that it reads."""
    heads = (f"{criterion.id}?", f"{criterion.id}?{level}", f"{criterion.id}#{level}", f"{criterion.id}!{level}")
    entries: dict[str, Confidence] = {}
    for head in heads:
        for key in run.program.reached(head, chosen):
            cell = run.program.cells[key]
            if cell.kind is not CellKind.PARAMETER and run.program.step(key, chosen).accounts:
                columns = run.program.step(key, chosen).columns
                for entry in _entries(run.inventory(chosen), usage.own(key, chosen), columns):
                    entries[entry.id] = Confidence(entry.confidence)
    return tuple(sorted(entries.items()))


def _entries(inventory: Inventory, used: Used, columns: frozenset[tuple[str, str]]) -> Iterator[Entry]:
    """Factor entries behind the lines and derived cells that one expression takes in."""
    read = {c for t, c in columns if t == LINES}
    for line in inventory.lines:
        if line.id in used.lines:
            for column, basis in BASIS.items():
                if column in read:
                    yield from _behind(line.location if basis == "location" else line.market)
            if line.gwp.entry is not None and any(c.startswith("tCO2e") for c in read):
                yield line.gwp.entry
    for cell in inventory.cells:
        if (cell.table, cell.row) in used.rows and (cell.table, cell.column) in columns:
            yield from _behind(cell.figure)


def _behind(figure: Figure) -> Iterator[Entry]:
    return (t.entry for s in figure.slices for t in s if t.entry is not None)
