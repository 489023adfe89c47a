"""Which opinion follows: one change to a settled package at a time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.mappings.verification.foundry import DOSSIER, filled, foundry, judged, reasons, row, state

from zerofactory_engine.dossier.read import read_dossier
from zerofactory_engine.problems import ProblemsError, Severity

Change = Callable[[dict[str, Any]], object]


def at(section: str, **values: Any) -> Change:
    """Set facts of a section; None takes one away."""
    return lambda p: [p[section].pop(k, None) if v is None else p[section].__setitem__(k, v) for k, v in values.items()]


def of(section: str, key: str, name: str, **values: Any) -> Change:
    """Set cells of a row."""
    def change(package: dict[str, Any]) -> None:
        found = row(package, section, key, name)
        for k, v in values.items():
            found.pop(k, None) if v is None else found.__setitem__(k, v)
    return change


def more(section: str, **values: Any) -> Change:
    """A further row."""
    return lambda p: p.setdefault(section, []).append(values)


def gone(section: str) -> Change:
    return lambda p: p.pop(section, None)


BIG = {"id": "X", "category": "1", "effect_tCO2e": Decimal(600)}
#: what changes, what follows, reasons for (against) or missing
CASES: list[tuple[str, list[Change], str, list[str]]] = [
    ("as it is", [], "unmodified", []),
    # material misstatements
    ("material, not pervasive", [more("misstatements", **BIG, pervasive=False)], "modified", ["material"]),
    ("material, pervasive", [more("misstatements", **BIG, pervasive=True)], "adverse", ["material"]),
    ("material, nobody says", [more("misstatements", **BIG)], "open", ["material"]),
    ("understated just as well", [more("misstatements", id="X", category="1", effect_tCO2e=Decimal(-600), pervasive=False)], "modified", ["material"]),
    ("material, but corrected by the client", [more("misstatements", **BIG, state="corrected")], "unmodified", []),
    ("material to its category alone", [of("materiality", "of", "category/2", tCO2e=Decimal(5))], "modified", ["material"]),
    ("material only together", [more("misstatements", id="X", category="1", effect_tCO2e=Decimal(-240), pervasive=False),
                                more("misstatements", id="Y", category="1", effect_tCO2e=Decimal(-240), pervasive=False),
                                of("items", "line", "heat/H1/CO2", verified_tCO2e=None, confirmed=True), of("heat", "row", "H1", verified_GJ=None, confirmed=True)],
     "modified", ["material-together"]),
    ("cancelling out, not judged", [more("misstatements", id="X", category="1", effect_tCO2e=Decimal(300)), more("misstatements", id="Y", category="1", effect_tCO2e=Decimal(-300))], "open", ["offsetting"]),
    ("cancelling out, judged immaterial", [more("misstatements", id="X", category="1", effect_tCO2e=Decimal(300)), more("misstatements", id="Y", category="1", effect_tCO2e=Decimal(-300)), at("opinion", offsetting="immaterial")], "unmodified", []),
    ("cancelling out, judged material", [more("misstatements", id="X", category="1", effect_tCO2e=Decimal(300), pervasive=True), more("misstatements", id="Y", category="1", effect_tCO2e=Decimal(-300)), at("opinion", offsetting="material")], "adverse", ["offsetting-material"]),
    ("without a figure", [more("misstatements", id="X", description="bills of May are missing")], "open", ["no-corrected-figure"]),
    ("intentional, not judged", [of("misstatements", "id", "M2", intentional=True, pervasive=None)], "open", ["intentional-unjudged"]),
    ("intentional", [of("misstatements", "id", "M2", intentional=True)], "modified", ["intentional"]),
    # nonconformities and limitations
    ("nonconformity not judged", [of("nonconformities", "id", "N1", material=None)], "open", ["nonconformity-unjudged"]),
    ("material nonconformity", [of("nonconformities", "id", "N1", material=True, pervasive=False)], "modified", ["nonconformity"]),
    ("pervasive nonconformity", [of("nonconformities", "id", "N1", material=True, pervasive=True)], "adverse", ["nonconformity"]),
    ("material nonconformity, corrected", [of("nonconformities", "id", "N1", material=True, state="corrected")], "unmodified", []),
    ("limitation", [more("limitations", id="L", description="log lost", pervasive=False)], "modified", ["limitation"]),
    ("pervasive limitation", [more("limitations", id="L", description="log lost", pervasive=True)], "disclaimed", ["limitation"]),
    ("pervasive limitation and adverse", [more("limitations", id="L", pervasive=True), more("misstatements", **BIG, pervasive=True)], "adverse", ["material", "limitation"]),
    ("evidence of a line cannot be had", [of("items", "line", "energy/G3/CO2", limitation=True)], "open", ["limitation-line"]),
    ("the same, judged", [of("items", "line", "energy/G3/CO2", limitation=True), more("limitations", id="L", line="energy/G3/CO2", pervasive=True)], "disclaimed", ["limitation"]),
    # the sample
    ("a line without a result", [of("items", "line", "energy/G3/CO2", confirmed=None)], "open", ["sample-open"]),
    ("a line not confirmed", [of("items", "line", "energy/G3/CO2", confirmed=False)], "open", ["not-confirmed"]),
    ("a line without evidence", [of("items", "line", "energy/G3/CO2", evidence=None, activities=None)], "open", ["no-evidence"]),
    ("an activity that there is not", [of("items", "line", "energy/G3/CO2", activities=["telepathy"])], "open", ["activity-unknown"]),
    ("a larger coverage", [at("sampling", coverage=Decimal("0.99"))], "open", ["sample-open", "sample-open", "meter-open"][:2]),
    # sheets
    ("a meter not answered", [of("metering", "meter", "M-G", calibrated=None)], "open", ["meter-open"]),
    ("a gap not answered", [of("gaps", "gap", "GP1", accepted=None)], "open", ["gap-open"]),
    ("a gap refused", [of("gaps", "gap", "GP1", accepted=False)], "open", ["gap-refused"]),
    ("a gap refused with its misstatement", [of("gaps", "gap", "GP1", accepted=False), more("misstatements", id="X", cell="energy/G2.Nm3", corrected="62000")], "unmodified", []),
    ("heat that differs", [of("items", "line", "heat/H1/CO2", verified_tCO2e=None, confirmed=True)], "open", ["heat-differs"]),
    ("heat not answered", [of("heat", "row", "H1", verified_GJ=None)], "open", ["heat-open"]),
    ("an invoice that differs", [of("cross_checks", "row", "energy/G3", invoice=Decimal(216000))], "open", ["check-beyond"]),
    ("an invoice that differs, explained", [of("cross_checks", "row", "energy/G3", invoice=Decimal(216000), explanation="closing day")], "unmodified", []),
    ("an invoice within the tolerance", [of("cross_checks", "row", "energy/G3", invoice=Decimal(215000))], "unmodified", []),
    ("an invoice that differs, no tolerance", [at("sampling", tolerance_percent=None), of("cross_checks", "row", "energy/G3", invoice=Decimal(214601))], "open", ["check-no-tolerance"]),
    ("a tolerance of the row", [of("cross_checks", "row", "energy/G3", invoice=Decimal(216000), tolerance_percent=Decimal(1))], "unmodified", []),
    # people
    ("no review", [gone("review")], "open", ["no-review"]),
    ("the reviewer is in the team", [at("review", reviewer=" a. auditor ")], "open", ["reviewer-in-team"]),
    ("the review is not finished", [at("review", resolved=None)], "open", ["review-unresolved"]),
    ("no team", [gone("team")], "open", ["no-team"]),
    ("no verifier", [gone("verifier")], "open", ["no-verifier"]),
    # what was agreed on
    ("no threshold", [gone("materiality")], "open", ["no-threshold"]),
    ("no level of assurance", [at("engagement", assurance=None)], "open", ["no-assurance"]),
    ("a validation", [at("engagement", kind="validation")], "open", ["kind-without-opinion"]),
    ("agreed-upon procedures", [at("engagement", kind="agreed_upon_procedures")], "open", ["kind-without-opinion"]),
    # afterwards
    ("a fact after the opinion", [more("facts_after", what="supplier corrected its factor")], "open", ["fact-after"]),
    ("a fact that was acted on", [more("facts_after", what="supplier corrected its factor", action="no effect, addressee informed")], "unmodified", []),
]


@pytest.mark.parametrize(("changes", "follows", "codes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_what_follows(changes: list[Change], follows: str, codes: list[str]) -> None:
    values = filled()
    for change in changes:
        change(values)
    made = judged(values)
    found = [*reasons(made, "against"), *reasons(made, "missing")]
    assert (made.opinion.follows, sorted(set(found))) == (follows, sorted(set(codes)))


def test_an_unmodified_opinion_is_derived_and_its_proof_reaches_the_reported_total() -> None:
    made = judged(filled())
    assert (made.opinion.basis, made.opinion.candidates) == ("derived", ("unmodified",))
    steps = {s.id: s for s in made.proof.below("opinion")}
    assert steps["opinion"].value == "unmodified"
    assert steps["reported:total"].value == foundry().totals["total"]
    assert steps["threshold:total/1"].value == (foundry().totals["total"] or Decimal(0)) / 20
    assert steps["material:total"].value is False
    assert steps["net:total"].value == made.total.net
    assert set(steps["net:total"].operands) == {"effect:M1/total", "effect:M2/total", "effect:heat/H1/CO2/total"}


def test_a_judgement_is_proposed_not_derived() -> None:
    values = filled()
    more("misstatements", **BIG, pervasive=False)(values)
    assert judged(values).opinion.basis == "proposed"


def test_something_material_excludes_unmodified_even_while_other_things_are_open() -> None:
    values = filled()
    more("misstatements", **BIG)(values)
    gone("review")(values)
    opinion = judged(values).opinion
    assert (opinion.follows, opinion.candidates) == ("open", ("modified", "adverse"))


@pytest.mark.parametrize(("stated", "changes", "severity"), [
    ("unmodified", [], None), ("modified", [], Severity.ERROR),
    ("unmodified", [more("misstatements", **BIG, pervasive=False)], Severity.ERROR),
    ("adverse", [more("misstatements", **BIG)], Severity.WARNING),
    ("unmodified", [gone("review")], Severity.ERROR)])
def test_an_opinion_that_does_not_go_with_what_follows(stated: str, changes: list[Change], severity: Severity | None) -> None:
    values = filled()
    for change in [*changes, at("opinion", type=stated)]:
        change(values)
    found = [p for p in judged(values).problems if p.code == "verification.opinion-differs"]
    assert [p.severity for p in found] == ([] if severity is None else [severity])


def test_a_misstatement_above_the_threshold_when_projected_asks_for_a_larger_sample() -> None:
    values = filled()
    values["sampling"] |= {"coverage": Decimal(0), "monetary_units": 4}
    values["misstatements"] = []
    for item in values["items"]:
        item["evidence"] = ["D1"]
    made = judged(values)
    drawn = [r for r in made.sampling.selected if r.of.emissions is not None and made.sampling.interval is not None and r.of.emissions < made.sampling.interval]
    assert drawn
    values["items"] = [{"line": r.of.id, "confirmed": True, "evidence": ["D"]} for r in made.sampling.selected]
    small = drawn[0]
    row(values, "items", "line", small.of.id).update(confirmed=None, verified_tCO2e=(small.of.emissions or Decimal(0)).quantize(Decimal(1)) - 460)
    made = judged(values)
    assert made.total.material is False
    assert made.projected is not None
    assert "projected" in reasons(made)


def test_a_changed_dossier_is_found_by_its_hash_and_the_line_is_named() -> None:
    changed = state(read_dossier(DOSSIER).dossier.replace_cell("electricity", "E3", "MWh", "3500"))
    made = judged(filled(), changed)
    assert made.opinion.follows == "open"
    assert [p.code.removeprefix("verification.") for p in made.changes] == ["dossier-changed", "lines-changed", "line-changed"]
    assert made.changes[2].args["line"] == "electricity/E3/CO2"
    assert (made.changes[2].accepted, made.changes[2].found) == ("2048.88974", "2039.45")


def test_a_change_that_moves_no_figure_is_found_as_well() -> None:
    changed = state(read_dossier(DOSSIER).dossier.replace_cell("electricity", "E3", "note", "read twice"))
    made = judged(filled(), changed)
    assert [p.code for p in made.changes] == ["verification.dossier-changed"]
    assert made.opinion.follows == "open"


def test_a_package_about_another_dossier_is_refused() -> None:
    values = filled()
    values["subject"] |= {"dossier": "another"}
    with pytest.raises(ProblemsError) as caught:
        judged(values)
    assert [p.code for p in caught.value.problems] == ["verification.other-dossier"]


def test_an_unknown_total_lets_nothing_pass() -> None:
    unknown = state(read_dossier(DOSSIER).dossier.replace_cell("electricity", "E3", "MWh", None))
    values = filled()
    values["subject"].pop("lines_sha256")
    made = judged(values, unknown)
    assert made.opinion.follows == "open"
    assert {"total-unknown", "no-threshold"} <= set(reasons(made))
    assert made.total.material is None


def test_only_the_categories_of_the_statement_count() -> None:
    values = filled()
    values["subject"]["categories"] = ["1"]
    narrow = state(read_dossier(DOSSIER).dossier, categories=("1",))
    values["items"] = [i for i in values["items"] if i["line"].startswith("energy")]
    values["misstatements"] = []
    made = judged(values, narrow)
    assert set(narrow.totals) == {"total", "category/1"}
    assert {r.of.category for r in made.sampling.rows} == {"1"}


def test_elements_of_the_opinion_that_are_missing() -> None:
    values = filled()
    at("engagement", addressee=None)(values)
    at("opinion", type="modified")(values)
    found = {e.id: e.missing for e in judged(values).elements}
    assert found["addressee"] == ("engagement/addressee",)
    assert found["modification"] == ("opinion/modification",)
    assert found["parts"] is None
    assert found["criteria"] == ()
