"""What ``zerofactory cbam scope`` shows of one code: as JSON, and as text in zh and en."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from zerofactory_engine.decimals import plain
from zerofactory_engine.messages import render, render_problem
from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.benchmarks import Benchmark, BenchmarkChoice
from zerofactory_mappings.cbam.defaults.lookup import lookup
from zerofactory_mappings.cbam.defaults.model import DefaultValue
from zerofactory_mappings.cbam.table_reader import Cited, Unknown


@dataclass(frozen=True, slots=True)
class ScopeView:
    """A code and what belongs to it. *unvalued*: why there is no default value for the country asked."""

    good: scope.CnGood
    taric: str | None
    year: int
    group: str | None
    country: scope.Country | None
    value: DefaultValue | None
    unvalued: tuple[Problem, ...]
    process: BenchmarkChoice
    chain: BenchmarkChoice
    phase: tables.PhaseIn
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it, ``format: zerofactory/cbam-scope/1``."""
        good = self.good
        return {
            "format": "zerofactory/cbam-scope/1", "cn": good.cn, "taric": self.taric, "heading": scope.heading(good.cn),
            "category": good.category.as_json(), "sector": good.sector, "gases": list(good.gases),
            "indirect_definitive": good.indirect_definitive, "indirect_transitional": good.indirect_transitional,
            "functional_unit_definitive": good.functional_unit_definitive, "unit_transitional": good.unit_transitional,
            "multifunctional_group": self.group, "note": good.note, "source": good.source.as_json(),
            "unit_source": good.unit_source.as_json(), "year": self.year,
            "phase_in": {"factor": self.phase.factor.as_json(), "cscf": self.phase.cscf.as_json(),
                         "cscf_preliminary": self.phase.preliminary},
            "benchmarks": {"A": self.process.as_json(), "B": self.chain.as_json()},
            "country": None if self.country is None else {"id": self.country.id, "zh": self.country.zh,
                                                          "en": self.country.en,
                                                          "outside": self.country.outside},
            "default_value": None if self.value is None else self.value.as_json(),
            "problems": [*self.problems, *self.unvalued]}

    def as_text(self, language: str) -> str:
        """Lines for a terminal."""
        return "\n".join(_lines(self, language))


def scope_view(cn: str, country: str | None, year: int, variant: str | None = None,
               on: date | None = None) -> ScopeView:
    """What belongs to *cn*; with *country* also its default value for goods imported in *year*.

    Raises:
        ProblemsError: the code is not in scope or cannot be read, or the country is not known.
    """
    reading = scope.read_cn(cn, on)
    good = reading.unwrap()
    where = scope.country(country) if country is not None else None
    value, unvalued = _value(reading.taric or good.cn, where, year, variant)
    routes = value.routes if value is not None else ()
    return ScopeView(good, reading.taric, year, scope.multifunctional_group(good.cn), where, value, unvalued,
                     tables.benchmarks(good.cn, "A", routes, year), tables.benchmarks(good.cn, "B", routes, year),
                     tables.phase_in(year), reading.problems)


def _value(code: str, where: scope.Country | None, year: int, variant: str | None) -> tuple[DefaultValue | None,
                                                                                            tuple[Problem, ...]]:
    if where is None:
        return None, ()
    try:
        return lookup(code, where, year=year, variant=variant), ()
    except ProblemsError as error:
        return None, error.problems


def _lines(view: ScopeView, language: str) -> list[str]:
    def say(what: str, **args: object) -> str:
        return render(f"cbam-scope.{what}", language, args)

    good, category = view.good, view.good.category
    titles = scope.heading(good.cn)
    names = {c.id: _named(c, language) for c in scope.categories()}
    lines = [f"{good.cn}  {titles.get(language, '')}", "",
             say("line-category", name=_named(category, language), template=category.template_name, id=category.id),
             say("line-sector", sector=say(f"sector-{good.sector}")),
             say("line-gases", gases=", ".join(good.gases)),
             say("line-unit", unit=say(f"unit-{good.functional_unit_definitive}"), transitional=good.unit_transitional,
                 source=str(good.unit_source)),
             say("line-indirect", definitive=say("yes" if good.indirect_definitive else "no"),
                 transitional=say("yes" if good.indirect_transitional else "no")),
             say("line-routes", routes=_and(_named(r, language) for r in category.routes)),
             say("line-precursors", precursors=_and(names[p] for p in category.precursors) or say("none")),
             say("line-parameters", parameters=_and(_named(p, language) for p in category.parameters if p.definitive)
                 or say("none"))]
    if good.note:
        lines.append(say("line-part"))
    if view.group is not None:
        lines.append(say("line-group", group=view.group))
    lines += ["", *_value_lines(view, language)]
    for choice in (view.process, view.chain):
        lines += _benchmark_lines(choice, language)
    lines.append(say("line-phase", year=view.year, factor=_figure(view.phase.factor, language),
                     cscf=_figure(view.phase.cscf, language), note=say("preliminary") if view.phase.preliminary
                     else ""))
    return lines


def _named(thing: Any, language: str) -> str:
    name: str = getattr(thing, language)
    return name


def _and(names: Any) -> str:
    return "; ".join(names)


def _figure(found: Cited | Unknown, language: str) -> str:
    return plain(found.value) if isinstance(found, Cited) else render(found.reason, language, dict(found.args))


def _value_lines(view: ScopeView, language: str) -> list[str]:
    def say(what: str, **args: object) -> str:
        return render(f"cbam-scope.{what}", language, args)

    if view.country is None:
        return [say("line-no-country")]
    name = _named(view.country, language)
    if view.value is None:
        return [say("line-no-value", country=name), *(f"  {render_problem(p, language)}" for p in view.unvalued)]
    value = view.value
    lines = [say("line-value", country=name, year=view.year, value=plain(value.value), total=plain(value.total.value),
                 markup=plain(value.markup.value * 100)),
             say("line-row", table=value.table, code=value.matched, variant=value.variant or "–",
                 routes=", ".join(value.routes) or "–", act=value.act, version=value.version)]
    return lines + [f"  {render_problem(p, language)}" for p in value.reasons]


def _benchmark_lines(choice: BenchmarkChoice, language: str) -> list[str]:
    def say(what: str, **args: object) -> str:
        return render(f"cbam-scope.{what}", language, args)

    if isinstance(choice.value, Cited):
        lines = [say("line-benchmark", column=choice.column, value=plain(choice.value.value),
                     rule=say(f"rule-{choice.rule}"), version=choice.version)]
    else:
        lines = [say("line-no-benchmark", column=choice.column, why=_figure(choice.value, language))]
    if len(choice.candidates) > 1:
        lines.append("  " + "; ".join(_candidate(c) for c in _sorted(choice.candidates)))
    return lines + [f"  {render(reason, language)}" for reason in choice.reasons]


def _sorted(values: Sequence[Benchmark]) -> list[Benchmark]:
    return sorted(values, key=lambda v: (v.period, v.routes))


def _candidate(value: Benchmark) -> str:
    marks = "".join(f"({m})" for m in (*value.routes, value.period) if m)
    return f"{marks or '–'} {plain(value.value.value)}"
