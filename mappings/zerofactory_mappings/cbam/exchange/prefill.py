"""CBAM input from the rows of a dossier: what is used, asked, outside, not usable; nothing is assumed, all is counted.

    goods ─▶ processes ─▶ energy, process and electricity rows (asked about the boundary) ─▶ input with open questions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from zerofactory_engine.dossier.model import Dossier
from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam import scope, tables
from zerofactory_mappings.cbam.exchange.answers import Asking
from zerofactory_mappings.cbam.exchange.bought import Bought
from zerofactory_mappings.cbam.exchange.check import open_details, open_problems
from zerofactory_mappings.cbam.exchange.emissions import emissions
from zerofactory_mappings.cbam.exchange.fuels import fuels
from zerofactory_mappings.cbam.exchange.goods import Goods, goods
from zerofactory_mappings.cbam.exchange.heat import warmth
from zerofactory_mappings.cbam.exchange.model import Answer, Fate, Prefill, RowFate
from zerofactory_mappings.cbam.exchange.power import power
from zerofactory_mappings.cbam.exchange.rules import boundary
from zerofactory_mappings.cbam.exchange.series import series_of, year_span
from zerofactory_mappings.cbam.exchange.work import Work
from zerofactory_mappings.cbam.model import Installation, Origin, Process

#: Tables whose completeness a CBAM report rests on.
_COMPLETE = ("energy", "electricity", "heat", "processes", "products")


def prefill(dossier: Dossier, *, year: int | None = None, answers: Sequence[Answer] = (),
            straddling_by_days: bool = False, language: str = "en") -> Prefill:
    """The CBAM input of a calendar year from a dossier.

    *year*: the year of the last day of the dossier's period unless given. *straddling_by_days*: every bill across an
    end of the year is apportioned by days, as if each question about it had been answered so.

    Raises:
        ProblemsError: an answer is to no question that is asked, or does not say what its question needs.
    """
    wanted = dossier.period.end.year if year is None else year
    work = Work(dossier, wanted, boundary(), Asking(dossier, answers), straddling_by_days, language)
    made = goods(work)
    work.asking.processes = made.processes
    bought = Bought()
    by_table = {}
    for table in ("energy", "electricity", "heat", "chp", "processes", "fugitive", "purchased", "carbon_capture"):
        by_table[table] = series_of(dossier, table, wanted)
        work.series.extend(by_table[table])
    burnt = fuels(work, made, by_table["energy"], bought.ask)
    warm = warmth(work, made, by_table["heat"], by_table["chp"])
    current = power(work, made, by_table["electricity"])
    emitted = emissions(work, made, by_table["processes"], by_table["fugitive"])
    bought.purchased(work, made, by_table["purchased"])
    for series in by_table["carbon_capture"]:
        work.decide(series.pieces, Fate.UNUSABLE, "row-capture", "co2-capture", series)
        work.lack("capture", series.id, "co2-capture", series.rows)
    _others(work)
    _missing(work, made)
    wrong = [*work.asking.problems, *work.asking.unknown()]
    if any(p.severity is Severity.ERROR for p in wrong):
        raise ProblemsError(wrong)
    processes = tuple(replace(
        process, heat=warm.heat.get(name), waste_gas=burnt.waste_gas.get(name),
        electricity=tuple(current.uses.get(name, ())), exported_electricity=current.exported.get(name))
        for name, process in made.processes.items())
    installation = Installation(
        Origin.OWN, _name(dossier), _country(work), year_span(wanted).start, year_span(wanted).end,
        streams=(*burnt.streams, *emitted.streams), pfc=tuple(emitted.pfc), units=(*warm.units, *current.units),
        processes=processes, precursors=tuple(bought.precursors), products=made.products())
    problems = (*wrong, *_notes(work, processes))
    found = Prefill(dossier.id, dossier.sha256, wanted, installation, _rows(work), tuple(work.series),
                    tuple(work.asking.questions), tuple(work.missing), tuple(work.meters), problems)
    details = {**_details(work), **open_details(found)}
    return replace(found, installation=replace(installation, details=details, problems=open_problems(details)))


def _others(work: Work) -> None:
    """Rows of tables that hold no source stream: told with the rule that leaves them out, or counted beside."""
    tabled = {t: r for r in work.rules.rules.values() for t in r.signals.tables}
    for table, rows in work.dossier.rows.items():
        for row in rows:
            if (table, row.id) in work.fates:
                continue
            if table in tabled:
                work.settle(RowFate(table, row.id, Fate.OUTSIDE, "cbam-exchange.row-not-counted", tabled[table].id))
            else:
                assert table in work.rules.beside, f"{table}/{row.id} was forgotten"
                work.settle(RowFate(table, row.id, Fate.BESIDE, "cbam-exchange.row-beside"))


def _rows(work: Work) -> tuple[RowFate, ...]:
    """The fates in the order of the dossier."""
    return tuple(work.fates[table, row.id] for table, rows in work.dossier.rows.items() for row in rows)


# --- the installation ------------------------------------------------------------------------------------------------

def _text(value: object, language: str) -> str:
    """A name in a language, else in the other."""
    if isinstance(value, dict):
        other = "zh" if language == "en" else "en"
        return str(value.get(language) or value.get(other) or "")
    return "" if value is None else str(value)


def _name(dossier: Dossier) -> str:
    return _text(dossier.facility.get("name"), "en") or dossier.id


def _country(work: Work) -> str | None:
    """The country that the dossier states, by its own field or by its province."""
    facility = work.dossier.facility
    stated = facility.get("country") or str(facility.get("province") or "").partition("-")[0]
    found = scope.find_country(str(stated)) if stated else None
    if found is None:
        work.lack("country", "facility", clause="IR (EU) 2025/2547, Annex IV 1.1 item 1")
        return None
    return found.iso2 or found.id


def _details(work: Work) -> dict[str, str]:
    """Names and addresses by the field names of the input, and the documents that figures rest on with their hashes."""
    dossier, facility, organisation = work.dossier, work.dossier.facility, work.dossier.organisation
    address = _text(facility.get("address"), "en")
    contact = next(iter(organisation.get("contacts") or ()), None) or {}
    texts = {
        "name_local": _text(facility.get("name"), "zh"), "street": address, "city": _text(facility.get("city"), "en"),
        "latitude": facility.get("latitude"), "longitude": facility.get("longitude"),
        "economic_activity": facility.get("nace") or facility.get("sector"),
        "operator_name": _text(organisation.get("name"), "en"),
        "operator_name_local": _text(organisation.get("name"), "zh"),
        "operator_registration_number": organisation.get("unified_social_credit_code"),
        "operator_representative": contact.get("name"), "operator_email": contact.get("email")}
    details = {k: str(v) for k, v in texts.items() if v not in (None, "")}
    details |= {"document.dossier.title": f"{dossier.id}, zerofactory/dossier/1",
                "document.dossier.sha256": dossier.sha256}
    for name, document in sorted(dossier.documents.items()):
        if name not in work.cited:
            continue
        stem = f"document.{work.document_ids[name]}"
        for key, value in (("title", document.title), ("file", document.file), ("sha256", document.sha256)):
            if value:
                details[f"{stem}.{key}"] = value
    return details


# --- what is missing -------------------------------------------------------------------------------------------------

def _missing(work: Work, made: Goods) -> None:
    """What a report needs and no row of the dossier holds."""
    dossier, whole = work.dossier, year_span(work.year)
    if dossier.period.start > whole.start or dossier.period.end < whole.end:
        work.lack("period", "period", "reporting-period", year=str(work.year),
                  days=f"{dossier.period.start}/{dossier.period.end}")
    for table in _COMPLETE:
        if table not in dossier.complete:
            work.lack("table", table, "double-counting", table=table)
    if len(made.processes) > 1:
        work.lack("flows", "processes", "attribution", processes=", ".join(made.processes))
    if made.made and not dossier.rows.get("electricity"):
        work.lack("electricity", "electricity", clause="IR (EU) 2025/2547, Annex II D")
    for name in ("latitude", "longitude"):
        if dossier.facility.get(name) is None:
            work.lack("coordinates", name, clause="Reg (EU) 2023/956, Article 10", name=name)
    if made.sectors & {"iron_steel"} and not any(
            work.rules.carriers[s.key["carrier"]].kind == "waste_gas" for s in work.series if s.table == "energy"):
        work.lack("waste-gas", "energy", "waste-gas")


def _notes(work: Work, processes: Sequence[Process]) -> list[Problem]:
    """What the reader has to know beside: a year before the definitive method, products that share a name."""
    found = []
    start = tables.act("IR (EU) 2025/2547")
    since = None if start is None else start.source.valid_from
    if since is not None and date(work.year, 12, 31) < since:
        found.append(Problem("cbam-exchange.before-definitive", severity=Severity.WARNING, found=str(work.year),
                             accepted=f"≥ {since.year}"))
    if not processes:
        found.append(Problem("cbam-exchange.no-process", severity=Severity.WARNING))
    return found

