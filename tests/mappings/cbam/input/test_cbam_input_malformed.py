"""Every mistake in an input is named by its code and its place, in both languages, and all of one file at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from zerofactory_engine.messages import LANGUAGES, catalogue, render_problem
from zerofactory_engine.problems import Problem, ProblemsError, Severity
from zerofactory_mappings.cbam.read import parse_installation

#: A sound input. Each case replaces one text in it by another.
SOUND = """\
format: zerofactory/cbam-input/1
installation: {name: Plant 1, country: CN}
period: {start: 2026-01-01, end: 2026-12-31}
documents:
  - {id: D1, title: gas bills}
source_streams:
  - {id: S1, name: gas, method: combustion, amount: 100 t, ncv: 48 GJ/t, ef: 56.1 tCO2/TJ, oxidation: 99.5 %, attributed: {P1: 60 %, P2: 40 %}, documents: [D1]}
  - {id: S2, name: lime, method: process, amount: 10 t, factor: caco3, attributed: P1}
pfc:
  - {id: C1, name: pots, method: slope, technology: CWPB, aluminium: 10 t, frequency: 0.6, duration: 0.5, attributed: P1}
measured:
  - {id: M1, name: stack, gas: N2O, concentration: 1 g/Nm3, hours: 100 h, flow: 10 kNm3/h, attributed: P1}
energy_units:
  - {id: U1, name: boiler, kind: boiler, fuels: [{name: gas, energy: 5 TJ, ef: 56.1 tCO2/TJ}], heat: 4 TJ}
processes:
  - id: P1
    name: steel
    category: crude_steel
    production: {electric_arc: 1000 t}
    to_processes: {P2: 900 t}
    heat: {imported: 2 TJ, imported_from: U1}
    electricity: [{consumed: 500 MWh, source: grid_default, ef: 0.6 tCO2/MWh}]
  - {id: P2, name: bolts, category: iron_or_steel_products, production: 800 t, electricity: [{consumed: 5 MWh, source: grid_default}]}
precursors:
  - {id: B1, name: alloy, category: ferro_alloys, cn: "72021120", country: CN, bought: 10 t, used_in: {P1: 10 t}, direct: 1.5 tCO2e/t, report: {id: R1, verifier: V, document: D1}}
products:
  - {process: P2, cn: "73181542", name: bolts, parameters: {reducing_agent: coal_or_coke, manganese: 0.6 %}}
"""


@dataclass(frozen=True)
class Case:
    """*old* replaced by *new* gives *code* at *path* (None: of no field); *refused*: the input is not read at all."""

    old: str
    new: str
    code: str
    path: str | None
    refused: bool = True
    severity: Severity = Severity.ERROR


def wrong(old: str, new: str, code: str, path: str | None, severity: Severity = Severity.ERROR) -> Case:
    return Case(old, new, code, path, False, severity)


WARNING, NOTE = Severity.WARNING, Severity.NOTE
REFUSED = [
    # the file itself
    Case("format: zerofactory/cbam-input/1\n", "", "cbam-input.no-format", None),
    Case("cbam-input/1", "dossier/1", "cbam-input.other-format", "format"),
    Case("cbam-input/1", "cbam-input/2", "cbam-input.other-format", "format"),
    Case("installation: {name: Plant 1, country: CN}", "installation: {country: CN}", "typed.missing-key", "installation"),
    Case("installation: {name: Plant 1, country: CN}", "installation: Plant 1", "typed.wrong-shape", "installation"),
    Case("period:", "periode:", "typed.unknown-key-near", None),
    Case("ncv: 48", "ncw: 48", "typed.unknown-key-near", "source_streams/S1"),
    Case("documents:\n", "documents: !!set\n", "yaml.tag", None),
    Case("  - {id: D1, title: gas bills}", "  - D1", "typed.wrong-shape", "documents/1"),
    # units
    Case("amount: 100 t,", "amount: 100,", "typed.needs-unit", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: 100 TJ,", "cbam-input.amount-is-energy", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: 100 MWh,", "cbam-input.wrong-unit", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: 100 m3,", "cbam-input.wrong-unit", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: 100 barrels,", "typed.unknown-unit", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: many t,", "typed.needs-unit", "source_streams/S1/amount"),
    Case("ncv: 48 GJ/t", "ncv: 48 TJ", "cbam-input.wrong-unit", "source_streams/S1/ncv"),
    Case("ncv: 48 GJ/t", "ncv: 48 MWh/t", "cbam-input.wrong-unit", "source_streams/S1/ncv"),
    Case("ef: 56.1 tCO2/TJ, oxidation", "ef: 56.1 tCO2e/TJ, oxidation", "cbam-input.wrong-unit", "source_streams/S1/ef"),
    Case("ef: 56.1 tCO2/TJ, oxidation", "ef: 56.1 tC/TJ, oxidation", "cbam-input.wrong-unit", "source_streams/S1/ef"),
    Case("consumed: 500 MWh", "consumed: 1800 GJ", "cbam-input.wrong-unit", "processes/P1/electricity/1/consumed"),
    Case("imported: 2 TJ", "imported: 555 MWh", "cbam-input.wrong-unit", "processes/P1/heat/imported"),
    Case("direct: 1.5 tCO2e/t", "direct: 1.5 t", "cbam-input.wrong-unit", "precursors/B1/direct"),
    Case("flow: 10 kNm3/h", "flow: 10 m3/h", "cbam-input.wrong-unit", "measured/M1/flow"),
    Case("production: {electric_arc: 1000 t}", "production: {electric_arc: 1000 MW}", "cbam-input.wrong-unit",
         "processes/P1/production/electric_arc"),
    Case("to_processes: {P2: 900 t}", "to_processes: {P2: 900}", "typed.needs-unit", "processes/P1/to_processes/P2"),
    # numbers of another locale
    Case("amount: 100 t,", 'amount: "1.234,5 t",', "cbam-input.locale-number", "source_streams/S1/amount"),
    Case("amount: 100 t,", 'amount: "1,234.5 t",', "cbam-input.locale-number", "source_streams/S1/amount"),
    Case("amount: 100 t,", 'amount: "12,5 t",', "cbam-input.locale-number", "source_streams/S1/amount"),
    Case("amount: 100 t,", "amount: 1 234.5 t,", "cbam-input.locale-number", "source_streams/S1/amount"),
    Case("oxidation: 99.5 %", 'oxidation: "99,5 %"', "cbam-input.locale-number", "source_streams/S1/oxidation"),
    Case("frequency: 0.6", 'frequency: "0,6"', "cbam-input.locale-number", "pfc/C1/frequency"),
    # shares
    Case("oxidation: 99.5 %", "oxidation: 99.5", "cbam-input.share-over-one", "source_streams/S1/oxidation"),
    Case("oxidation: 99.5 %", "oxidation: 995", "cbam-input.share-over-one", "source_streams/S1/oxidation"),
    Case("oxidation: 99.5 %", "oxidation: most", "cbam-input.share", "source_streams/S1/oxidation"),
    Case("oxidation: 99.5 %", "oxidation: 99.5 percent", "cbam-input.share", "source_streams/S1/oxidation"),
    Case("{P1: 60 %, P2: 40 %}", "{P1: 60, P2: 40}", "cbam-input.share-over-one", "source_streams/S1/attributed/P1"),
    # attribution
    Case("{P1: 60 %, P2: 40 %}", "{by: molar, masses: {P1: {mass: 10 t}}}", "typed.missing-key",
         "source_streams/S1/attributed/masses/P1"),
    Case("{P1: 60 %, P2: 40 %}", "{by: weight, processes: [P1]}", "cbam-input.attribution-rule", "source_streams/S1/attributed"),
    Case("{P1: 60 %, P2: 40 %}", "{by: functional_units}", "typed.missing-key", "source_streams/S1/attributed"),
    Case("{P1: 60 %, P2: 40 %}", "{by: molar, masses: {P1: {mass: 10 MWh, substance: ammonia}}}", "cbam-input.wrong-unit",
         "source_streams/S1/attributed/P1/mass"),
    Case("id: P1\n", "id: by\n", "cbam-input.id", "processes/by/id"),
    # words
    Case("method: combustion", "method: burning", "typed.not-in-list", "source_streams/S1/method"),
    Case("method: combustion", "method: combusti0n", "typed.not-in-list-near", "source_streams/S1/method"),
    Case("gas: N2O", "gas: CH4", "typed.not-in-list", "measured/M1/gas"),
    Case("kind: boiler", "kind: oven", "typed.not-in-list", "energy_units/U1/kind"),
    Case("kind: boiler, ", "", "typed.missing-key", "energy_units/U1"),
    Case("source: grid_default, ef", "source: certificates, ef", "typed.not-in-list", "processes/P1/electricity/1/source"),
    Case("id: P1\n", "id: P 1\n", "cbam-input.id", "processes/P 1/id"),
    Case("start: 2026-01-01", "start: 01.01.2026", "typed.not-a-date", "period/start"),
    Case("start: 2026-01-01", "start: 2026-02-30", "typed.not-a-date", "period/start"),
    Case("cn: \"73181542\"", "cn: [73181542]", "typed.wrong-shape", "products/1/cn"),
    Case("reducing_agent: coal_or_coke", "reducing_agents: coal_or_coke", "typed.unknown-key-near", "products/1/parameters"),
    Case("report: {id: R1, verifier: V, document: D1}", "report: {id: R1, document: D1}", "typed.missing-key", "precursors/B1/report"),
    # files beside it
    Case("concentration: 1 g/Nm3, hours: 100 h, flow: 10 kNm3/h", "hourly_file: hours.csv", "cbam-input.file-not-found",
         "measured/M1/hourly_file"),
    Case("concentration: 1 g/Nm3", "hourly_file: ../../etc/passwd", "cbam-input.file-not-found", "measured/M1/hourly_file"),
    Case("concentration: 1 g/Nm3", "hourly_file: /etc/passwd", "cbam-input.file-not-found", "measured/M1/hourly_file"),
    Case("source: grid_default, ef: 0.6 tCO2/MWh", "source: ppa, match: {file: ppa.csv}", "cbam-input.file-not-found",
         "processes/P1/electricity/1/match/file"),
    # amounts of digits and sizes
    Case("amount: 100 t,", "amount: 1.2345678901234567890123456789012345 t,", "typed.too-many-digits", "source_streams/S1/amount"),
]
SUBSTANCE = [
    wrong("country: CN}\nperiod", "country: Atlantis}\nperiod", "cbam-scope.country-unknown", "installation/country"),
    wrong(", country: CN}\nperiod", "}\nperiod", "cbam-input.country-missing", "installation/country", WARNING),
    wrong("period: {start: 2026-01-01, end: 2026-12-31}\n", "", "cbam-input.period-missing", "period"),
    wrong("end: 2026-12-31", "end: 2025-12-31", "cbam-input.dates-backwards", "period"),
    wrong("end: 2026-12-31", "end: 2027-06-30", "cbam-input.period-too-long", "period"),
    wrong("end: 2026-12-31", "end: 2026-03-31", "cbam-input.period-not-calendar-year", "period", NOTE),
    wrong("end: 2026-12-31", "end: 2026-03-30", "cbam-input.period-too-short", "period", WARNING),
    wrong("start: 2026-01-01", "start: 2026-04-01", "cbam-input.period-not-calendar-year", "period", NOTE),
    # names that lead nowhere
    wrong("P2: 40 %}", "P9: 40 %}", "cbam.unknown-process", "source_streams/S1/attributed/P9"),
    wrong("attributed: P1}\npfc", "attributed: P9}\npfc", "cbam.unknown-process", "source_streams/S2/attributed"),
    wrong("to_processes: {P2: 900 t}", "to_processes: {P9: 900 t}", "cbam.unknown-process", "processes/P1/to_processes/P9"),
    wrong("used_in: {P1: 10 t}", "used_in: {P9: 10 t}", "cbam.unknown-process", "precursors/B1/used_in/P9"),
    wrong("process: P2", "process: P9", "cbam.unknown-process", "products/1"),
    wrong("imported_from: U1", "imported_from: U9", "cbam-input.unit-unknown", "processes/P1/imported_from"),
    wrong("documents: [D1]}", "documents: [D9]}", "cbam-input.document-unknown", "source_streams/S1/amount", WARNING),
    wrong("document: D1}", "document: D9}", "cbam-input.document-unknown", "precursors/B1/report", WARNING),
    wrong("id: S2", "id: S1", "cbam-input.id-twice", "source_streams/S1"),
    wrong("id: C1", "id: S1", "cbam-input.id-twice", "pfc/S1"),
    wrong("{id: P2, name: bolts", "{id: P1, name: bolts", "cbam-input.id-twice", "processes/P1"),
    wrong("factor: caco3", "factor: unobtainium", "cbam-input.factor-unknown", "source_streams/S2/factor"),
    # categories, routes, codes
    wrong("category: ferro_alloys", "category: alloys", "cbam-scope.category-unknown", "precursors/B1/category"),
    wrong("{electric_arc: 1000 t}", "{haber_bosch_gas: 1000 t}", "cbam-scope.route-unknown", "processes/P1/production/haber_bosch_gas"),
    wrong("{electric_arc: 1000 t}", "1000 t", "cbam-input.route-needed", "processes/P1/production"),
    wrong("production: 800 t", "production: {blast_furnace: 800 t}", "cbam-scope.route-unknown", "processes/P2/production/blast_furnace"),
    wrong('cn: "73181542"', 'cn: "731815"', "cbam-scope.cn-short", "products/1"),
    wrong('cn: "73181542"', 'cn: "7318154200"', "cbam-scope.cn-taric", "products/1", NOTE),
    wrong('cn: "73181542"', 'cn: "84099100"', "cbam-scope.cn-out-of-scope", "products/1"),
    wrong('cn: "73181542"', 'cn: bolts', "cbam-scope.cn-malformed", "products/1"),
    wrong('cn: "72021120"', 'cn: "72139110"', "cbam-input.precursor-category", "precursors/B1", WARNING),
    wrong('category: ferro_alloys, cn: "72021120", ', "", "cbam-input.precursor-unnamed", "precursors/B1"),
    wrong('"72021120", country: CN', '"72021120", country: Narnia', "cbam-scope.country-unknown", "precursors/B1"),
    wrong("manganese: 0.6 %", "clinker_factor: 90 %", "cbam-input.parameter-not-asked", "products/1/parameters/clinker_factor", NOTE),
    wrong("manganese: 0.6 %", 'manganese: "0,6"', "cbam-input.share", "products/1/parameters/manganese"),
    wrong("manganese: 0.6 %", "manganese: 60", "cbam-input.share-over-one", "products/1/parameters/manganese"),
    # what does not add up
    wrong("{P1: 60 %, P2: 40 %}", "{P1: 60 %, P2: 50 %}", "cbam-input.shares-over-one", "source_streams/S1/attributed/P1"),
    wrong("{P1: 60 %, P2: 40 %}", "{P1: 60 %, P2: 30 %}", "cbam-input.shares-below-one", "source_streams/S1/attributed/P1", WARNING),
    wrong("oxidation: 99.5 %", "oxidation: 120 %", "cbam-input.share-bounds", "source_streams/S1/oxidation"),
    wrong("oxidation: 99.5 %", 'oxidation: "-1 %"', "cbam-input.share-bounds", "source_streams/S1/oxidation"),
    wrong("amount: 10 t, factor", 'amount: "-10 t", factor', "cbam-input.negative", "source_streams/S2/amount"),
    wrong("{electric_arc: 1000 t}", '{electric_arc: "-1000 t"}', "cbam-input.negative", "processes/P1/production/electric_arc"),
    wrong("ncv: 48 GJ/t", "ncv: 48 GJ/kNm3", "cbam-input.units-apart", "source_streams/S1/ncv"),
    wrong("ncv: 48 GJ/t", "ncv: 48 TJ/t", "cbam-input.implausible", "source_streams/S1/ncv", WARNING),
    wrong("ef: 56.1 tCO2/TJ, oxidation", "ef: 56.1 kgCO2/TJ, oxidation", "cbam-input.implausible", "source_streams/S1/ef", WARNING),
    wrong("source: grid_default, ef: 0.6 tCO2/MWh", "source: grid_default, ef: 600 tCO2/MWh", "cbam-input.implausible",
          "processes/P1/electricity/1/ef", WARNING),
    wrong("oxidation: 99.5 %", "oxidation: 99.5 %, ash_carbon: 1 %", "cbam-input.prevails", "source_streams/S1", WARNING),
    wrong("    category: crude_steel\n", "    category: crude_steel\n    direct: 5 tCO2e\n", "cbam-input.direct-prevails", "source_streams/S1", WARNING),
    wrong("production: {electric_arc: 1000 t}", 'production: {electric_arc: 1000 t}\n    goods: [{cn: "72071210", amount: 900 t}]',
          "cbam-input.goods-differ", "processes/P1", WARNING),
    wrong("products:\n", 'products:\n  - {process: P2, cn: "73181542", name: bolts}\n', "cbam-input.product-twice", "products/2", WARNING),
    wrong("products:\n", "readings: {no_such_question: yes}\nproducts:\n", "cbam-obligation.reading-unknown", "readings/no_such_question"),
    wrong("products:\n", "readings: {markup_year: never}\nproducts:\n", "cbam-obligation.alternative-unknown", "readings/markup_year"),
]
CASES = [*REFUSED, *SUBSTANCE]


def found(text: str) -> tuple[list[Problem], bool]:
    """The problems of an input, and whether it was refused."""
    try:
        return list(parse_installation(text.encode(), "input.yaml").problems), False
    except ProblemsError as error:
        return list(error.problems), True


def test_the_sound_input_is_sound() -> None:
    assert found(SOUND) == ([], False)
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.code}: {c.new[:40]}".replace("\n", " "))
def test_a_mistake_is_named_with_its_place(case: Case) -> None:
    assert SOUND.count(case.old) >= 1, case.old
    problems, refused = found(SOUND.replace(case.old, case.new, 1))
    assert refused is case.refused, problems
    mine = [p for p in problems if p.code == case.code and p.place.path == case.path]
    assert mine, [(p.code, p.place.path) for p in problems]
    assert mine[0].severity is case.severity
    assert mine[0].place.file == "input.yaml"
    for language in LANGUAGES:
        told = render_problem(mine[0], language)
        assert mine[0].code in catalogue(language)
        assert not re.search(r"[{]\w*[}]|^\s|None", told.replace("{…}", "")), told


@pytest.mark.parametrize("case", [c for c in CASES if c.path], ids=lambda c: f"{c.code}: {c.new[:40]}".replace("\n", " "))
def test_the_line_is_that_of_the_mistake(case: Case) -> None:
    text = SOUND.replace(case.old, case.new, 1)
    problems, _ = found(text)
    mine = next(p for p in problems if p.code == case.code and p.place.path == case.path)
    assert mine.place.line is not None
    first = text.count("\n", 0, SOUND.index(case.old)) + 1
    assert abs(mine.place.line - first) <= case.new.count("\n") + 16, "near the change"
    stands = text.splitlines()[mine.place.line - 1]
    assert case.path is not None
    assert not case.new or any(part in stands for part in case.path.split("/")) or mine.place.line == first


def test_all_mistakes_of_a_file_come_at_once() -> None:
    text = (SOUND.replace("amount: 100 t,", "amount: 100,").replace("oxidation: 99.5 %", "oxidation: 99.5")
            .replace("kind: boiler", "kind: oven").replace("start: 2026-01-01", "start: yesterday")
            .replace("consumed: 500 MWh", "consumed: 1800 GJ"))
    problems, refused = found(text)
    assert refused
    assert {p.code for p in problems} >= {"typed.needs-unit", "cbam-input.share-over-one", "typed.not-in-list",
                                          "typed.not-a-date", "cbam-input.wrong-unit"}


def test_a_share_over_one_shows_both_spellings() -> None:
    problems, _ = found(SOUND.replace("oxidation: 99.5 %", "oxidation: 16"))
    assert problems[0].found == "16"
    assert problems[0].example == "16 %, 0.16"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_leftovers(language: str) -> None:
    for code, sentence in catalogue(language).items():
        if code.startswith(("cbam-input.", "cbam.")):
            assert sentence.strip()
            assert "TODO" not in sentence
            assert not re.search(r"\{(?!\w+\}|value: )", sentence), code
