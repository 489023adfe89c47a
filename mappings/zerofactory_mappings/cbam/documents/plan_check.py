"""Whether monitoring plan and installation's input speak of the same: processes, streams, meters, precursors, energy.

Nothing here stops a document: each difference is a warning with its place, because one of the two has to be put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from zerofactory_engine.decimals import plain
from zerofactory_engine.problems import Place, Problem, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.documents.plan import Plan, Row
from zerofactory_mappings.cbam.model import ElectricitySource, HeatKind, Installation, Process
from zerofactory_mappings.cbam.result import CbamResult

#: Sources of electricity that need evidence in the plan.
_ACTUAL = {ElectricitySource.DIRECT_LINK: "direct_link", ElectricitySource.PPA: "ppa"}


def check_plan(plan: Plan, installation: Installation, result: CbamResult | None = None) -> tuple[Problem, ...]:
    """Every difference between *plan* and *installation*; with *result* also meters against what hangs on them."""
    return (*_version(plan, installation), *_named(plan, installation), *_processes(plan, installation),
                  *_streams(plan, installation), *_precursors(plan, installation), *_energy(plan, installation),
                  *_meters(plan, installation), *(_accuracy(plan, result) if result is not None else ()))


def _warn(code: str, place: Place, found: str, accepted: str | None = None, severity: Severity = Severity.WARNING,
          **args: str) -> Problem:
    return Problem(f"cbam-documents.{code}", place, severity, found=found, accepted=accepted, args=args)


def _version(plan: Plan, installation: Installation) -> Iterator[Problem]:
    start, end = installation.period_start, installation.period_end
    if start is None or end is None:
        return
    first, last = plan.version_on(start), plan.version_on(end)
    if first is None:
        yield _warn("plan-not-in-force", plan.root.place_of("versions"), f"{start}",
                    ", ".join(f"{v.text('version')}: {_from(v)}" for v in plan.root.each("versions")))
    elif last is not None and first.text("version") != last.text("version"):
        yield _warn("plan-changed-in-period", last.place, f"{first.text('version')} → {last.text('version')}",
                    severity=Severity.NOTE)


def _from(version: Row) -> date | None:
    return version.day("valid_from") or version.day("date")


def _named(plan: Plan, installation: Installation) -> Iterator[Problem]:
    """What is named in one but not in the other."""
    for section, given in (("processes", installation.processes), ("streams", installation.streams),
                           ("measured", installation.measured), ("pfc", installation.pfc)):
        planned = {r.id: r for r in plan.root.each(section)}
        known = {g.id: g for g in given}
        for ident, thing in known.items():
            if ident not in planned:
                yield _warn("plan-lacks", thing.place, f"{ident} {thing.name}".strip(), ", ".join(planned) or None,
                            section=section)
        for ident, row in planned.items():
            if ident not in known:
                yield _warn("plan-more", row.place, f"{ident} {row.text('name') or ''}".strip(),
                            ", ".join(known) or None, section=section)


def _processes(plan: Plan, installation: Installation) -> Iterator[Problem]:
    for process in installation.processes:
        row = plan.find("processes", process.id)
        if row is None:
            continue
        planned = scope.find_category(row.text("category") or "")
        own = scope.find_category(process.category or "")
        if row.has("category") and own is not None and planned is not own:
            yield _differs(row, "category", str(row.text("category")), own.id)
        if row.has("routes"):
            yield from _sets(row, "routes", _route_ids(process, row.texts("routes")),
                             {r.route for r in process.production} or {"all"})
        yield from _sets(row, "included", set(row.texts("included")), set(process.included))
        codes = [*(p.cn for p in installation.products if p.process == process.id and p.cn),
                 *(g.cn for g in process.goods)]
        if row.has("goods"):
            yield from _sets(row, "goods", {_bare(g.text("cn")) for g in row.each("goods")}, {_bare(c) for c in codes})


def _route_ids(process: Process, names: Iterable[str]) -> set[str]:
    """Routes of the plan by their ids, however they are written."""
    owner = scope.find_category(process.category or "")
    found = set()
    for name in names:
        known = scope.find_route(owner, name) if owner is not None else None
        found.add(known.id if known is not None else name)
    return found


def _bare(cn: str | None) -> str:
    return "".join((cn or "").split())


def _sets(row: Row, name: str, planned: set[str], given: set[str]) -> Iterator[Problem]:
    if planned != given:
        yield _differs(row, name, ", ".join(sorted(planned)) or "–", ", ".join(sorted(given)) or "–")


def _differs(row: Row, name: str, found: str, accepted: str) -> Problem:
    return _warn("plan-differs", row.place_of(name), found, accepted, field=name, of=row.id)


def _streams(plan: Plan, installation: Installation) -> Iterator[Problem]:
    rated = plan.root.rows("zero_rated")
    named = {r.text("stream") for r in rated or ()}
    for stream in installation.streams:
        row = plan.find("streams", stream.id)
        if row is not None and stream.method is not None and row.text("method") not in (None, str(stream.method)):
            yield _differs(row, "method", str(row.text("method")), str(stream.method))
        biomass = stream.biomass is not None and bool(stream.biomass.value)
        if biomass and rated is not None and stream.id not in named:
            yield _warn("plan-zero-rated", stream.place, f"{stream.id} {stream.name}".strip())
    by_id = {s.id: s for s in installation.streams}
    for row in rated or ():
        known = by_id.get(row.text("stream") or "")
        if known is not None and (known.biomass is None or not known.biomass.value):
            yield _warn("plan-zero-rated-unused", row.place, f"{known.id} {known.name}".strip())
    for source in installation.measured:
        row = plan.find("measured", source.id)
        if row is not None and row.text("gas") not in (None, source.gas):
            yield _differs(row, "gas", str(row.text("gas")), source.gas or "–")
    for cells in installation.pfc:
        row = plan.find("pfc", cells.id)
        if row is not None and cells.method is not None and row.text("method") not in (None, str(cells.method)):
            yield _differs(row, "method", str(row.text("method")), str(cells.method))


def _precursors(plan: Plan, installation: Installation) -> Iterator[Problem]:
    for process in installation.processes:
        row = plan.find("processes", process.id)
        if row is None or not row.has("precursors"):
            continue
        planned = {r.id: r for r in row.each("precursors")}
        used = {p.id: p for p in installation.precursors if process.id in p.used_in}
        inside = {p.id for p in installation.processes if process.id in p.to_processes}
        for ident, precursor in used.items():
            if ident not in planned:
                yield _warn("plan-lacks", precursor.place, f"{ident} {precursor.name}".strip(), section="precursors")
                continue
            stated, own = planned[ident].text("country"), precursor.country
            if stated and own and scope.find_country(stated) is not scope.find_country(own):
                yield _differs(planned[ident], "country", stated, own)
        for ident, entry in planned.items():
            if ident not in used and ident not in inside:
                yield _warn("plan-more", entry.place, f"{ident} {entry.text('name') or ''}".strip(),
                            section="precursors")


def _energy(plan: Plan, installation: Installation) -> Iterator[Problem]:
    planned = plan.root.rows("own_electricity")
    if planned is not None:
        named = {r.text("unit") for r in planned}
        for unit in installation.units:
            if unit.electricity is not None and unit.id not in named:
                yield _warn("plan-lacks", unit.place, f"{unit.id} {unit.name}".strip(), section="own_electricity")
    factors = plan.root.rows("indirect_factors")
    evidence = {(r.text("process"), r.text("source")) for r in factors or ()}
    for process in installation.processes:
        for use in process.electricity:
            kind = _ACTUAL.get(use.source)
            if kind is not None and factors is not None and (process.id, kind) not in evidence:
                yield _warn("plan-lacks", use.place, f"{process.id}: {kind}", section="indirect_factors")
        for section, moved in (("heat", _heat_from_elsewhere(process, installation)),
                               ("waste_gases", _gas_moves(process))):
            if moved and plan.root.rows(section) == ():
                yield _warn("plan-says-none", process.place, process.name or process.id, section=section)


def _heat_from_elsewhere(process: Process, installation: Installation) -> bool:
    """Whether heat crosses the border of the installation, not only that of the process."""
    own = {u.id for u in installation.units if u.kind not in {HeatKind.IMPORTED, HeatKind.IMPORTED_UNKNOWN}}
    heat = process.heat
    return heat is not None and any(g is not None and bool(g.value) and unit not in own for g, unit in (
        (heat.imported, heat.imported_from), (heat.exported, heat.exported_from)))


def _gas_moves(process: Process) -> bool:
    gas = process.waste_gas
    return gas is not None and any(g is not None and bool(g.value) for g in (gas.imported, gas.exported))


def _meters(plan: Plan, installation: Installation) -> Iterator[Problem]:
    meters = {m.id: m for m in plan.root.each("meters")}
    used = {name for section in ("streams", "measured") for r in plan.root.each(section) for name in r.texts("meters")}
    for process in installation.processes:
        for use in process.electricity:
            for name in ((use.match.generator_meter, use.match.consumer_meter) if use.match is not None else ()):
                if name and name not in meters:
                    yield _warn("plan-lacks", use.place, name, ", ".join(meters) or None, section="meters")
                used |= {name} if name else set()
    for ident, meter in meters.items():
        if ident not in used and not (meter.text("measures") or ""):
            yield _warn("plan-meter-unused", meter.place, ident, severity=Severity.NOTE)
        due, end = meter.day("next_calibration"), installation.period_end
        if due is not None and end is not None and due < end:
            yield _warn("plan-calibration-lapsed", meter.place_of("next_calibration"), f"{ident}: {due}", f"≥ {end}")


def _accuracy(plan: Plan, result: CbamResult) -> Iterator[Problem]:
    """The uncertainty of meters against the orientation of the law (Annex II B.4.4), by the emissions of the stream."""
    meters = {m.id: m for m in plan.root.each("meters")}
    large, small = tables.constant("activity_large_above").value, tables.constant("activity_small_below").value
    strict, loose = (tables.constant(f"uncertainty_activity_{size}").value for size in ("large", "small"))
    emissions = {r.id: abs(r.fossil or Decimal(0)) for r in result.streams}
    for row in plan.root.each("streams"):
        for name in row.texts("meters"):
            uncertainty = meters[name].number("uncertainty") if name in meters else None
            tonnes = emissions.get(row.id, Decimal(0))
            limit = strict if tonnes > large else loose
            if uncertainty is not None and uncertainty > limit and tonnes:
                severity = Severity.NOTE if tonnes < small else Severity.WARNING
                yield _warn("plan-meter-accuracy", meters[name].place_of("uncertainty"),
                            f"{name}: {plain(uncertainty)}",
                            f"≤ {plain(limit)}", severity, stream=row.id)
