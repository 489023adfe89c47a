"""The comparison as JSON, ``zerofactory/years/1``: every digit, unknown with its reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zerofactory_engine.accounting import Options
from zerofactory_engine.accounting.present import amount_json
from zerofactory_engine.accounting.terms import Amount
from zerofactory_engine.accounting.totals import BASES
from zerofactory_engine.decimals import plain
from zerofactory_engine.reasons import Unknown
from zerofactory_mappings.years.check import Check
from zerofactory_mappings.years.decompose import Decomposition
from zerofactory_mappings.years.model import FORMAT, Comparison, Measure, Series, Year
from zerofactory_mappings.years.recalculate import Recalculation


def comparison_json(comparison: Comparison, checks: Sequence[Check] = ()) -> dict[str, Any]:
    """Everything about the comparison."""
    return {
        "format": FORMAT, "facility": dict(comparison.facility), "years": [_year(y) for y in comparison.years],
        "reported_with": _options(comparison.then), "computed_with": _options(comparison.now),
        "series": [_series(s) for s in comparison.series],
        "measures": [_measure(m) for m in comparison.measures],
        "measure": comparison.measure.id if comparison.measure is not None else None,
        "intensities": [_series(s) for s in comparison.intensities],
        "decompositions": [decomposition_json(d) for d in comparison.decompositions],
        "recalculation": recalculation_json(comparison.recalculation),
        "uncertainty": {"propagated": [p.as_json() for p in comparison.uncertainty.values()],
                        "simulated": comparison.simulation.as_json()},
        "stated_changes": [{"label": c.label, "on": c.on, "what": dict(c.what), "reason": dict(c.reason),
                            **({"effect_tCO2e": plain(c.effect)} if c.effect is not None else {})}
                           for c in comparison.stated_changes],
        "limits": [s.as_json() for s in comparison.limits], "checks": [c.as_json() for c in checks],
        "problems": [p.as_json() for p in comparison.problems],
    }


def _options(options: Options) -> dict[str, Any]:
    sets, chosen = options.settled()
    return {"factor_sets": dict(sets), "options": dict(chosen),
            "known_on": None if options.known_on is None else options.known_on.isoformat()}


def _year(year: Year) -> dict[str, Any]:
    period = year.dossier.period
    return {
        "label": year.label, "dossier": year.dossier.id, "sha256": year.dossier.sha256,
        "from": period.start.isoformat(), "to": period.end.isoformat(), "full": year.full, "scale": plain(year.scale),
        "like_for_like": {
            "dossiers": [{"dossier": d.id, "sha256": d.sha256} for d in year.dossiers],
            "reshaped": list(year.alike.reshaped),
            "unclear": [r.as_json() for u in year.alike.unclear for r in u.reasons]},
    }


def _series(series: Series) -> dict[str, Any]:
    out: dict[str, Any] = {"view": series.view, "group": series.group, "basis": series.basis, "unit": series.unit,
                           "values": [amount_json(v) for v in series.values]}
    if series.measure is not None:
        out["measure"] = series.measure
    later = range(1, len(series.values))
    out["change_since_previous"] = [amount_json(series.change(i, i - 1)) for i in later]
    out["share_since_first"] = [amount_json(series.relative(i, 0)) for i in later]
    return out


def _measure(measure: Measure) -> dict[str, Any]:
    return {"id": measure.id, "title": dict(measure.title), "unit": measure.unit,
            "amounts": [amount_json(a) for a in measure.amounts],
            **({"note": measure.note.as_json()} if measure.note is not None else {})}


def decomposition_json(found: Decomposition) -> dict[str, Any]:
    """A decomposition with its sources."""
    return {
        "from": found.first, "to": found.second, "group": found.group, "basis": found.basis, "measure": found.measure,
        "before": amount_json(found.before), "after": amount_json(found.after), "change": amount_json(found.change),
        "effects": _amounts(found.effects), "remainder": amount_json(found.remainder),
        "sources": [{"table": s.key[0], "source": s.key[1], "carrier": s.key[2] or None, "fate": s.fate,
                     "own_activity": s.own_activity, "unit": s.unit, "before": amount_json(s.before),
                     "after": amount_json(s.after), "effects": _amounts(s.effects)} for s in found.sources],
    }


def _amounts(amounts: Mapping[str, Amount]) -> dict[str, Any]:
    return {name: amount_json(value) for name, value in amounts.items()}


def _text(text: str | Mapping[str, str] | None) -> str | dict[str, str] | None:
    return dict(text) if isinstance(text, Mapping) else text


def triggered_json(found: Recalculation) -> Any:
    """``true``, ``false``, or the reasons why it is not known whether the base year has to be recalculated."""
    answer = found.triggered
    return amount_json(answer) if isinstance(answer, Unknown) else answer


def recalculation_json(found: Recalculation) -> dict[str, Any]:
    """The recalculation with every step."""
    return {
        "base": found.base.id, "of": found.of, "threshold": amount_json(found.threshold),
        "threshold_from": found.threshold_from, "policy": _text(found.policy),
        "triggered": triggered_json(found),
        "original": {b: amount_json(found.total(b)) for b in BASES},
        "effect": {b: amount_json(found.effect(b)) for b in BASES},
        "share": {b: amount_json(found.share(found.effect(b), b)) for b in BASES},
        "steps": [{"kind": s.change.kind, **s.change.what.as_json(),
                   "reason": dict(s.change.reasons) or s.change.reason, "alone": _amounts(s.alone),
                   "cumulative": _amounts(s.cumulative)} for s in found.steps],
        "compared": [{"group": g, "basis": b, "original": amount_json(one), "recalculated": amount_json(other)}
                     for g, b, one, other in found.compared()],
        "limits": [s.as_json() for s in found.limits],
    }
