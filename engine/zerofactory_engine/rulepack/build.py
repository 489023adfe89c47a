"""From typed parts of a pack to its frozen model: one method for each kind of thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from zerofactory_engine.decimals import parse_decimal
from zerofactory_engine.problems import Place
from zerofactory_engine.rulepack.files import LOCK_FILE, QUESTIONS
from zerofactory_engine.rulepack.graph import leaves
from zerofactory_engine.rulepack.model import (
    Accounting,
    Alternative,
    Choice,
    Confidence,
    Criterion,
    DocumentRule,
    Expression,
    FindingRule,
    Level,
    LevelRule,
    Lever,
    Pack,
    PackId,
    Parameter,
    Pattern,
    Quantity,
    Question,
    Reading,
    RowChange,
)
from zerofactory_engine.rulepack.parts import Leaves, Spot, frozen, text_of
from zerofactory_engine.typed_readers import BOOLEANS
from zerofactory_engine.units import Unit, unit

#: Keys of ``pack.yaml`` without which there is no pack.
_HEADER = ("id", "version", "standard", "title", "subject", "period", "status", "published", "valid", "outcome",
           "dimensions", "authors", "licence")


class PackBuilder:
    """Turns typed parts into the model."""

    def __init__(self, leaves: Leaves, unread: set[str]) -> None:
        self.leaves = leaves
        self.unread = unread

    def pack(self, header: Spot, spots: Mapping[str, Spot], criteria: list[Spot], files: Mapping[str, bytes],
             folder: Path | None) -> Pack | None:
        """The whole; None when the header cannot be read."""
        combinations = [s for s in (spots["readings.yaml"] / "inconsistent").list() if s.has("when", "because")]
        evidence = spots["evidence.yaml"]
        accounting = self.accounting(spots["accounting.yaml"])
        parameters = dict(self.parameters(spots["parameters.yaml"], ""))
        quantities = dict(self.quantities(spots["quantities.yaml"], "", None))
        made_criteria = {c.id: c for c in self.criteria(criteria)}
        readings = dict(self.readings(spots["readings.yaml"] / "readings"))
        levels, levers = dict(self.levels(spots["levels.yaml"])), dict(self.levers(spots["levers.yaml"]))
        findings = tuple(self.findings(spots["findings.yaml"]))
        rows = {table: tuple(self.document_rules(rules)) for table, rules in (evidence / "rows").items()}
        figures = {name: rule for name, spot in (evidence / "figures").items()
                   if (rule := self.document_rule(spot)) is not None}
        if not self.whole(header):
            return None
        raw = header.value
        return Pack(
            pin=PackId(raw["id"], raw["version"], ""), title=text_of(raw["title"]),
            standard=raw["standard"]["id"], edition=raw["standard"]["edition"], subject=raw["subject"],
            period_months=self.leaves.choice(header / "period", self.months), status=raw["status"],
            provisional=bool(raw.get("provisional")), published=raw["published"], valid_from=raw["valid"]["from"],
            valid_to=raw["valid"].get("to"), outcome_kind=raw["outcome"]["kind"],
            concluded_by=text_of(raw["outcome"]["concluded_by"]),
            dimensions=frozen({k: text_of(v) for k, v in raw["dimensions"].items()}),
            known_gaps=tuple(text_of(t) for t in raw.get("known_gaps") or ()), authors=tuple(raw["authors"]),
            licence=raw["licence"], accounting=accounting, parameters=frozen(parameters), quantities=frozen(quantities),
            criteria=frozen(made_criteria), readings=frozen(readings), levels=frozen(levels), levers=frozen(levers),
            findings=findings, row_evidence=frozen(rows), figure_evidence=frozen(figures), question_sets=(),
            folder=folder, inconsistent=tuple(frozen(s.value["when"]) for s in combinations),
            inconsistent_because=tuple(text_of(s.value["because"]) for s in combinations),
            files=frozen({n: d for n, d in files.items() if n != LOCK_FILE and not n.startswith(QUESTIONS)}))

    def whole(self, header: Spot) -> bool:
        """Whether ``pack.yaml`` holds what a pack cannot do without; what is missing was reported."""
        return (header.has(*_HEADER) and (header / "standard").has("id", "edition")
                and (header / "outcome").has("kind", "concluded_by") and (header / "valid").has("from"))

    def months(self, at: Spot) -> tuple[int, int]:
        """Shortest and longest period."""
        if not at.has("min_months", "max_months"):
            return (1, 1200)
        low, high = at.value["min_months"], at.value["max_months"]
        if low > high:
            self.leaves.report("pack.period-backwards", at.place, f"{low} … {high}")
        return low, high

    def accounting(self, at: Spot) -> Accounting:
        """Factor sets and options; what they accept is checked with the others."""
        def text(spot: Spot) -> str:
            return str(spot.value)
        return Accounting(
            factor_sets=frozen({k: self.leaves.choice(s, text) for k, s in (at / "factor_sets").items()}),
            options=frozen({k: self.leaves.choice(s, text) for k, s in (at / "options").items()}))

    def parameters(self, at: Spot, owner: str) -> Iterator[tuple[str, Parameter]]:
        """Parameters by local name; *owner* is the criterion's id, empty for shared ones."""
        for name, spot in at.items():
            if not spot.has("title", "values"):
                self.unread.add(_qualified(owner, name))
                continue
            kind = spot.value.get("type") or "number"
            unit_choice, units = self.unit_choice(spot, kind)
            values = self.leaves.choice(spot / "values", partial(self.leaves.dated_values, kind=kind, units=units))
            yield name, Parameter(id=_qualified(owner, name), title=text_of(spot.value["title"]), type=kind,
                                  unit=unit_choice, values=values, place=spot.key_place(),
                                  codelist=spot.value.get("codelist"))

    def unit_choice(self, spot: Spot, kind: str) -> tuple[Choice[str] | None, tuple[Unit, ...]]:
        """The unit of a parameter or quantity with every unit that it can become."""
        at = spot / "unit"
        if kind != "number":
            if at.value is not None:
                self.leaves.report("pack.unit-not-here", at.place, str(at.value))
            return None, ()
        if at.value is None:
            self.leaves.report("pack.unit-missing", spot.place, example='"1", item, MWh')
            return "1", (unit("1"),)
        choice = self.leaves.choice(at, self.leaves.unit_text)
        return choice, tuple(unit(text) for _, text in leaves(choice))

    def quantities(self, at: Spot, owner: str, clause: str | None) -> Iterator[tuple[str, Quantity]]:
        """Quantities by local name; a shared one states its clause."""
        for name, spot in at.items():
            if not spot.has("title", "value"):
                self.unread.add(_qualified(owner, name))
                continue
            raw = spot.value
            kind = raw.get("type") or "number"
            stated = raw.get("clause") or clause
            if stated is None:
                self.leaves.report("pack.clause-missing", spot.place, name)
            plausible = raw.get("plausible")
            if plausible is not None and (kind != "number" or len(plausible) != 2 or plausible[0] > plausible[1]):
                self.leaves.report("pack.plausible", (spot / "plausible").place, str(plausible), example="[0, 100]")
                plausible = None
            yield name, Quantity(
                id=_qualified(owner, name), title=text_of(raw["title"]), clause=stated or "", type=kind,
                unit=self.unit_choice(spot, kind)[0], value=self.leaves.choice(spot / "value", self.leaves.expression),
                plausible=tuple(plausible) if plausible else None, place=spot.key_place())

    def criteria(self, spots: list[Spot]) -> Iterator[Criterion]:
        """Criteria in the order of their files, each id once."""
        seen: dict[str, Place] = {}
        for spot in spots:
            if (made := self.criterion(spot)) is None:
                continue
            if made.id in seen:
                self.leaves.report("pack.criterion-twice", (spot / "id").place, made.id, first=str(seen[made.id]))
                continue
            seen[made.id] = (spot / "id").place
            yield made

    def criterion(self, at: Spot) -> Criterion | None:
        """One criterion; None when what it cannot do without is missing."""
        if not at.has("id", "title", "clause", "source", "confidence", "last_confirmed", "dimension", "kind", "form",
                      "levels"):
            return None
        raw = at.value
        return Criterion(
            id=raw["id"], title=text_of(raw["title"]), source=self.leaves.source(at), dimension=raw["dimension"],
            kind=raw["kind"], form=raw["form"],
            levels=frozen({name: self.level_rule(spot) for name, spot in (at / "levels").items()
                           if spot.value is not None}),
            applies_when=self.optional(at / "applies_when"),
            parameters=frozen(dict(self.parameters(at / "parameters", raw["id"]))),
            quantities=frozen(dict(self.quantities(at / "quantities", raw["id"], raw["clause"]))),
            questions=frozen({name: Question(id=name, text=text_of(spot.value.get("text")),
                                             per=spot.value.get("per"))
                              for name, spot in (at / "questions").items() if isinstance(spot.value, dict)}),
            evidence=tuple(self.document_rules(at / "evidence")), place=(at / "id").place)

    def level_rule(self, at: Spot) -> LevelRule:
        """A condition alone or with applicability and due date."""
        if isinstance(at.value, dict) and "by_reading" not in at.value:
            return LevelRule(condition=self.leaves.choice(at / "condition", self.leaves.expression),
                             applies_when=self.optional(at / "applies_when"), due=self.optional(at / "due"))
        return LevelRule(condition=self.leaves.choice(at, self.leaves.expression))

    def optional(self, at: Spot) -> Choice[Expression] | None:
        """An expression that may be absent."""
        return None if at.value is None else self.leaves.choice(at, self.leaves.expression)

    def document_rules(self, at: Spot) -> Iterator[DocumentRule]:
        """Rules for documents."""
        for spot in at.list():
            if (made := self.document_rule(spot)) is not None:
                yield made

    def document_rule(self, at: Spot) -> DocumentRule | None:
        """One rule: exactly one of any_of and all_of."""
        raw = at.value
        if not isinstance(raw, dict):
            return None
        if (raw.get("any_of") is None) == (raw.get("all_of") is None):
            self.leaves.report("pack.document-rule", at.place, ", ".join(raw), "any_of | all_of")
            return None
        return DocumentRule(
            kinds=tuple(raw.get("any_of") or raw.get("all_of") or ()), every=raw.get("all_of") is not None,
            covers=raw.get("covers") or "any", needs=tuple(raw.get("needs") or ()),
            where=self.leaves.expression(at / "where") if raw.get("where") else None,
            each=self.leaves.expression(at / "each") if raw.get("each") else None, place=at.place)

    def readings(self, at: Spot) -> Iterator[tuple[str, Reading]]:
        """Readings by id."""
        for name, spot in at.items():
            if not spot.has("ref", "question", "clause", "default", "because", "alternatives"):
                continue
            raw = spot.value
            alternatives = {k: Alternative(text_of(v["title"]), Confidence(v["confidence"]), v["source"])
                            for k, v in raw["alternatives"].items()
                            if isinstance(v, dict) and all(v.get(x) for x in ("title", "confidence", "source"))}
            if raw["default"] not in raw["alternatives"]:
                self.leaves.report("pack.default-unknown", (spot / "default").place, raw["default"],
                                   ", ".join(raw["alternatives"]))
            yield name, Reading(id=name, ref=raw["ref"], question=text_of(raw["question"]), clause=raw["clause"],
                                default=raw["default"], because=text_of(raw["because"]),
                                alternatives=frozen(alternatives), place=spot.key_place())

    def levels(self, at: Spot) -> Iterator[tuple[str, Level]]:
        """Levels from the lowest order to the highest."""
        made = [Level(id=name, order=spot.value["order"], title=text_of(spot.value["title"]), needs=spot.value["needs"])
                for name, spot in at.items() if spot.has("order", "title", "needs")]
        for level in sorted(made, key=lambda v: v.order):
            yield level.id, level

    def levers(self, at: Spot) -> Iterator[tuple[str, Lever]]:
        """Levers by id."""
        for name, spot in at.items():
            if not spot.has("title", "unit", "step", "minimum", "works_for", "rows"):
                continue
            raw = spot.value
            cost = raw.get("cost") or {}
            if cost.get("unit"):
                self.leaves.unit_text(spot / "cost" / "unit")
            yield name, Lever(
                id=name, title=text_of(raw["title"]), unit=self.leaves.unit_text(spot / "unit"), step=raw["step"],
                minimum=self.bound(spot / "minimum"),
                maximum=self.bound(spot / "maximum") if raw.get("maximum") else None, works_for=raw["works_for"],
                rows=tuple(self.row_change(s) for s in (spot / "rows").list() if s.has("table", "amount", "add")),
                cost=cost.get("value"), cost_unit=cost.get("unit"), place=spot.key_place())

    def bound(self, at: Spot) -> Any:
        """A number in the lever's unit, or an expression."""
        number = parse_decimal(str(at.value))
        return number if number is not None else self.leaves.expression(at)

    def row_change(self, at: Spot) -> RowChange:
        """A row that a lever adds; a cell behind ``=`` is an expression."""
        cells: dict[str, Expression | str | bool] = {}
        for name, spot in (at / "add").items():
            text = str(spot.value)
            if text.startswith("="):
                cells[name] = self.leaves.expression(Spot(text[1:].strip(), spot.tree, spot.path))
            else:
                cells[name] = BOOLEANS.get(text.lower(), text)
        return RowChange(table=at.value["table"], cells=frozen(cells), column=at.value["amount"],
                         sign=-1 if at.value.get("sign") == "-" else 1)

    def findings(self, at: Spot) -> Iterator[FindingRule]:
        """Rules over facts; texts become payload."""
        for spot in at.list():
            if not spot.has("id", "when", "then"):
                continue
            raw = spot.value
            yield FindingRule(id=raw["id"], when=tuple(Pattern(frozen(p)) for p in raw["when"]),
                              then=tuple(frozen({k: _payload(k, v) for k, v in t.items()}) for t in raw["then"]),
                              place=spot.place)


def _payload(key: str, value: Any) -> Any:
    return text_of(value) if key == "text" else tuple(value) if key == "levers" else value


def _qualified(owner: str, name: str) -> str:
    return f"{owner}/{name}" if owner else name


