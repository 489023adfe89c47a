"""A pack for readers: its criteria as sentences in zh or en, with parameters, sources and the readings they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.feel import to_text
from zerofactory_engine.feel.values import FeelType
from zerofactory_engine.messages import render
from zerofactory_engine.rulepack.graph import Graph, leaves
from zerofactory_engine.rulepack.model import Criterion, DatedValue, DocumentRule, Pack, Parameter, Quantity, Special
from zerofactory_engine.units import unit


def value_text(dated: DatedValue, unit_text: str | None, lang: str) -> str:
    """A parameter's value as the source states it, in the parameter's unit where the source gives none."""
    if isinstance(dated.value, Special):
        return render(f"pack.value.{dated.value}", lang)
    shown_in = dated.unit or unit_text
    text = dated.stated
    return f"{text} {shown_in}" if shown_in and shown_in != "1" else text


def choices_text(choice: Any, lang: str, text: Any) -> Iterator[str]:
    """Each alternative of a choice, with the readings that lead to it."""
    for settled, leaf in leaves(choice):
        when = ", ".join(render("pack.show.when", lang, {"reading": r, "alternative": a}) for r, a in settled.items())
        yield f"{text(leaf)}" + (f"  ⟨{when}⟩" if when else "")


def parameter_lines(parameter: Parameter, lang: str) -> Iterator[str]:
    """A parameter with every value, its dates, source and confidence."""
    unit_text = next((u for _, u in leaves(parameter.unit)), None) if parameter.unit is not None else None
    for settled, values in leaves(parameter.values):
        when = ", ".join(render("pack.show.when", lang, {"reading": r, "alternative": a}) for r, a in settled.items())
        for dated in values:
            line = render("pack.show.parameter", lang, {
                "title": parameter.title[lang], "id": parameter.id, "value": value_text(dated, unit_text, lang),
                "date": dated.valid_from.isoformat(), "source": dated.source.source,
                "confidence": render(f"pack.confidence.{dated.source.confidence}", lang)})
            yield line + (f"  ⟨{when}⟩" if when else "")


def quantity_lines(quantity: Quantity, lang: str) -> Iterator[str]:
    """A quantity with its formula under each reading."""
    units = "/".join(dict.fromkeys(u for _, u in leaves(quantity.unit))) if quantity.unit is not None else quantity.type
    for line in choices_text(quantity.value, lang, lambda x: to_text(x.node)):
        yield render("pack.show.quantity", lang, {"title": quantity.title[lang], "id": quantity.id, "unit": units,
                                                  "text": line})


def evidence_text(rule: DocumentRule) -> str:
    """A rule for documents."""
    head = f"{'all_of' if rule.every else 'any_of'} {', '.join(rule.kinds)}"
    each = f" — {to_text(rule.each.node)}" if rule.each else ""
    return head + each + (f" ({rule.covers})" if rule.covers != "any" else "")


def criterion_lines(pack: Pack, graph: Graph, criterion: Criterion, lang: str) -> Iterator[str]:
    """One criterion: what is asked at each level, from which values, on whose word."""
    yield (f"{criterion.id}  {criterion.title[lang]}  [{pack.dimensions[criterion.dimension][lang]} · "
           f"{render(f'pack.kind.{criterion.kind}', lang)} · {render(f'pack.form.{criterion.form}', lang)}]")
    state = render("pack.show.clause-read" if criterion.source.clause_read else "pack.show.clause-unread", lang)
    printed = criterion.source.clause if criterion.source.clause_read else criterion.id
    yield "  " + render("pack.show.clause", lang, {"text": printed, "state": state})
    source = criterion.source
    yield "  " + render("pack.show.source", lang, {
        "source": source.source, "confidence": render(f"pack.confidence.{source.confidence}", lang),
        "date": source.last_confirmed.isoformat() if source.last_confirmed else "–"})
    if criterion.applies_when is not None:
        for text in choices_text(criterion.applies_when, lang, lambda x: to_text(x.node)):
            yield "  " + render("pack.show.applies", lang, {"text": text})
    for level, rule in criterion.levels.items():
        for text in choices_text(rule.condition, lang, lambda x: to_text(x.node)):
            yield "  " + render("pack.show.condition", lang, {"level": pack.levels[level].title[lang], "text": text})
        for code, choice in (("applies", rule.applies_when), ("due", rule.due)):
            if choice is not None:
                for text in choices_text(choice, lang, lambda x: to_text(x.node)):
                    yield "    " + render(f"pack.show.{code}", lang, {"text": text})
    for parameter in criterion.parameters.values():
        yield from ("    " + line for line in parameter_lines(parameter, lang))
    for quantity in criterion.quantities.values():
        yield from ("    " + line for line in quantity_lines(quantity, lang))
    for documents in criterion.evidence:
        yield "  " + render("pack.show.evidence", lang, {"text": evidence_text(documents)})
    readings = graph.readings_of(criterion.id)
    if readings:
        yield "  " + render("pack.show.combinations", lang, {
            "count": str(graph.combinations_of(criterion.id)), "readings": ", ".join(readings)})


def pack_lines(pack: Pack, lang: str) -> Iterator[str]:
    """The whole pack."""
    graph = Graph(pack)
    yield f"{pack.pin}  {pack.title[lang]}"
    yield f"{pack.standard} {pack.edition} · {pack.concluded_by[lang]}"
    yield pack.pin.sha256
    if pack.known_gaps:
        yield ""
        yield render("pack.show.gaps", lang)
        yield from (f"  – {gap[lang]}" for gap in pack.known_gaps)
    for criterion in pack.criteria.values():
        yield ""
        yield from criterion_lines(pack, graph, criterion, lang)
    yield ""
    for parameter in pack.parameters.values():
        yield from parameter_lines(parameter, lang)
    for quantity in pack.quantities.values():
        yield from quantity_lines(quantity, lang)
    if pack.readings:
        yield ""
        yield render("pack.show.readings", lang)
    for reading in pack.readings.values():
        yield f"  {reading.id} ({reading.ref})  {reading.question[lang]}"
        for name, alternative in reading.alternatives.items():
            mark = f" ← {render('pack.show.default', lang)}: {reading.because[lang]}" if name == reading.default else ""
            confidence = render(f"pack.confidence.{alternative.confidence}", lang)
            yield f"    {name}: {alternative.title[lang]} ({confidence}){mark}"


def as_json(pack: Pack) -> dict[str, Any]:
    """A pack as plain values, choices as ``{by_reading, …}``."""
    graph = Graph(pack)
    return {
        "id": pack.pin.id, "version": pack.pin.version, "sha256": pack.pin.sha256, "title": pack.title,
        "standard": pack.standard, "edition": pack.edition, "status": pack.status, "provisional": pack.provisional,
        "outcome_kind": pack.outcome_kind, "concluded_by": pack.concluded_by, "known_gaps": pack.known_gaps,
        "levels": {v.id: {"order": str(v.order), "title": v.title, "needs": v.needs} for v in pack.levels.values()},
        "criteria": [_criterion_json(pack, graph, c) for c in pack.criteria.values()],
        "parameters": {p.id: _parameter_json(p) for p in pack.parameters.values()},
        "quantities": {q.id: _quantity_json(q) for q in pack.quantities.values()},
        "readings": {r.id: {"ref": r.ref, "question": r.question, "default": r.default, "settled": r.settled,
                            "alternatives": {n: {"title": a.title, "confidence": a.confidence, "source": a.source}
                                             for n, a in r.alternatives.items()}} for r in pack.readings.values()},
        "inconsistent": [dict(c) for c in pack.inconsistent],
        "question_sets": dict(pack.question_pins),
    }


def _plain_choice(choice: Any, leaf: Any) -> list[dict[str, Any]]:
    return [{"readings": dict(settled), "value": leaf(found)} for settled, found in leaves(choice)]


def _texts(choice: Any) -> list[dict[str, Any]] | None:
    return None if choice is None else _plain_choice(choice, lambda x: x.text)


def _criterion_json(pack: Pack, graph: Graph, criterion: Criterion) -> dict[str, Any]:
    source = criterion.source
    return {
        "id": criterion.id, "title": criterion.title, "dimension": criterion.dimension, "kind": criterion.kind,
        "form": criterion.form, "clause": source.clause, "clause_read": source.clause_read, "source": source.source,
        "confidence": source.confidence, "last_confirmed": source.last_confirmed,
        "applies_when": _texts(criterion.applies_when),
        "levels": {level: {"condition": _texts(rule.condition), "applies_when": _texts(rule.applies_when),
                           "due": _texts(rule.due)} for level, rule in criterion.levels.items()},
        "parameters": {p.id: _parameter_json(p) for p in criterion.parameters.values()},
        "quantities": {q.id: _quantity_json(q) for q in criterion.quantities.values()},
        "questions": {q.id: {"text": q.text, "per": q.per} for q in criterion.questions.values()},
        "readings": list(graph.readings_of(criterion.id)), "combinations": str(graph.combinations_of(criterion.id)),
    }


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    def dated(value: DatedValue) -> dict[str, Any]:
        return {"from": value.valid_from, "to": value.valid_to, "recorded": value.recorded, "stated": value.stated,
                "unit": value.unit, "clause": value.source.clause, "source": value.source.source,
                "confidence": value.source.confidence, "last_confirmed": value.source.last_confirmed}
    return {"title": parameter.title, "type": parameter.type,
            "unit": _plain_choice(parameter.unit, str) if parameter.unit is not None else None,
            "values": _plain_choice(parameter.values, lambda values: [dated(v) for v in values])}


def _quantity_json(quantity: Quantity) -> dict[str, Any]:
    return {"title": quantity.title, "type": quantity.type, "clause": quantity.clause,
            "unit": _plain_choice(quantity.unit, str) if quantity.unit is not None else None,
            "value": _plain_choice(quantity.value, lambda x: x.text), "plausible": quantity.plausible}


# --- names -----------------------------------------------------------------------------------------------------------


def names_of(pack: Pack) -> dict[str, Any]:
    """Everything that an expression of *pack* may use: roots with their columns, functions, parameters, quantities."""
    from zerofactory_engine.accounting.options import ACCEPTED, DEFAULT_SETS
    from zerofactory_engine.rulepack.check import column_codes, document_kinds
    from zerofactory_engine.rulepack.functions import figures, house_functions
    from zerofactory_engine.rulepack.names import roots

    tables: dict[str, Any] = {}
    for name, found in sorted(roots().items()):
        fields = found.element.fields if found.element is not None else found.fields
        tables[name] = {"type": "table" if found.element is not None else "context", "columns": {
            column: {"type": str(kind.kind), "unit": _base(kind),
                     **({"codes": list(codes)} if (codes := column_codes(name, column)) else {})}
            for column, kind in fields.items() if not kind.closed}}
    return {
        "roots": tables,
        "functions": {name: list(f.parameters) for name, f in sorted(house_functions().items())},
        "parameters": {p.id: _named(p) for p in _all(pack, "parameters")},
        "quantities": {q.id: _named(q) for q in _all(pack, "quantities")},
        "figures": {name: _base(kind) for name, kind in figures().items()},
        "question_sets": {name: list(found.items) for name, found in pack.checklists.items()},
        "document_kinds": list(document_kinds()),
        "accounting_options": {name: str(accepted) for name, accepted in ACCEPTED.items()},
        "factor_sets": dict(DEFAULT_SETS),
    }


def _all(pack: Pack, kind: str) -> list[Any]:
    return [t for owner in (pack, *pack.criteria.values()) for t in getattr(owner, kind).values()]


def _named(thing: Parameter | Quantity) -> dict[str, Any]:
    units = list(dict.fromkeys(u for _, u in leaves(thing.unit))) if thing.unit is not None else []
    bases = list(dict.fromkeys(unit(u).dimension.base_unit for u in units))
    return {"title": thing.title, "type": thing.type, "unit": " | ".join(units) or None,
            "base_unit": " | ".join(bases) or None}


def _base(kind: FeelType) -> str | None:
    return kind.dimension.base_unit if kind.dimension is not None else None


def _unit_mark(told: Mapping[str, Any]) -> str:
    return f" [{told['unit']}]" if told["unit"] else ""


def names_lines(names: Mapping[str, Any], lang: str) -> Iterator[str]:
    """:func:`names_of` as text."""
    for name, root in names["roots"].items():
        yield f"{name}  ({root['type']})"
        for column, told in root["columns"].items():
            codes = told.get("codes")
            shown = f" = {', '.join(codes[:12])}{' …' if len(codes) > 12 else ''}" if codes else ""
            yield f"    {column}: {told['type']}{_unit_mark(told)}{shown}"
    for name, parameters in names["functions"].items():
        yield f"{name}({', '.join(parameters)})  {render(f'pack.function.{name}', lang)}"
    for kind in ("parameters", "quantities"):
        yield f"{kind}:"
        for name, told in names[kind].items():
            yield f"    {name}: {told['type']}{_unit_mark(told)}  {told['title'][lang]}"
    for kind in ("figures", "question_sets", "accounting_options", "factor_sets"):
        yield f"{kind}:"
        for name, told in names[kind].items():
            yield f"    {name}: {', '.join(told) if isinstance(told, list) else told}"
    yield f"document_kinds: {', '.join(names['document_kinds'])}"


def shown_value(value: Any) -> str:
    """A value of an expression for the terminal."""
    from decimal import Decimal

    from zerofactory_engine.feel.temporal import temporal_text

    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return temporal_text(value) or str(value)
