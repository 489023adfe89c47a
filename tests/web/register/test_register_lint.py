"""Every check of the lint can fail: one draft is right, and each row below makes one thing wrong."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest
from tests.web.register.register_world import EXAMPLE, opinion, statement

from zerofactory_engine.messages import LANGUAGES, render_problem
from zerofactory_engine.problems import Place, Problem
from zerofactory_web.cases.model import OPINIONS
from zerofactory_web.register.lint import CHECKS, Draft, Known, lint

TODAY = date(2026, 11, 2)
KNOWN = Known("certification")
BOTH = {"zh": "名称", "en": "Name"}
E = EXAMPLE


def stated(kind: str, decided: str = "", **changes: Any) -> dict[str, Any]:
    """A right statement of an opinion of that type, and what is wrong in it; *decided*: another one that was decided."""
    return {**statement(kind), "known": Known("verification", opinion=decided or kind), **changes}


#: what is changed, where the fault is, its code, the check that finds it
FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"scope": {"zh": "范围", "en": " "}}, "scope.en", "missing", "texts"),
    ({"scope": {"zh": "范" * 2001, "en": "x"}}, "scope.zh", "long", "texts"),
    ({"scope": {"zh": "范围", "en": "a\u202eb"}}, "scope.en", "form", "texts"),
    ({"not_covered": {"zh": "通勤", "en": ""}}, "not_covered.en", "missing", "texts"),
    ({"client": {"name": {"zh": "甲"}}}, "client.name.en", "missing", "texts"),
    ({"signatory": {"name": "", "role": BOTH}}, "signatory.name", "missing", "texts"),
    ({"signatory": {"name": "王", "role": {"zh": "决定人"}}}, "signatory.role.en", "missing", "texts"),
    ({"pack": {**E.pack, "title": {}}}, "standard.title.zh standard.title.en", "missing", "texts"),
    ({"pack": {**E.pack, "edition": ""}}, "standard.edition", "missing", "texts"),
    ({"case_number": ""}, "case", "missing", "texts"),
    ({"sites": []}, "sites", "missing", "places"),
    ({"sites": [{"name": {"zh": "一厂"}}]}, "sites.0.name.en", "missing", "places"),
    ({"levels": []}, "levels", "missing", "levels"),
    ({"levels": [{"id": "zcf", "title": {"en": "Level"}}]}, "levels.0.title.zh", "missing", "levels"),
    ({"decided_on": date(2026, 11, 3)}, "decided_on", "dates", "dates"),
    ({"valid_from": date(2026, 11, 1)}, "valid_from", "dates", "dates"),
    ({"valid_until": date(2026, 11, 2), "surveillance_due": None}, "valid_until", "dates", "dates"),
    ({"surveillance_due": date(2029, 11, 2)}, "surveillance_due", "dates", "dates"),
    ({"period": {"start": "2025-01-01", "end": "2026-12-31"}}, "period.end", "dates", "period"),
    ({"period": {"start": "2025-12-31", "end": "2025-01-01"}}, "period.start", "dates", "period"),
    ({"period": {"start": "2025", "end": "2025-12-31"}}, "period.start", "form", "period"),
    ({"people": {"evaluators": [], "reviewer": "r", "decider": "d"}}, "people.evaluators", "missing", "duties"),
    ({"people": {"evaluators": ["a"], "reviewer": "a", "decider": "d"}}, "people.reviewer", "duty", "duties"),
    ({"people": {"evaluators": ["a"], "reviewer": "r", "decider": "a"}}, "people.decider", "duty", "duties"),
    ({"people": {"evaluators": ["a"], "reviewer": "", "decider": "d"}}, "people.reviewer", "missing", "duties"),
    ({"bundle": "sha256:xyz"}, "bundle", "form", "hashes"),
    ({"pack": {**E.pack, "sha256": "A" * 64}}, "standard.sha256", "form", "hashes"),
    ({**statement(), "known": dataclasses.replace(KNOWN, opinion="unmodified")}, "kind", "kind", "kinds"),
    ({"kind": "self-assessment"}, "kind", "form", "kinds"),
    ({"certificate_class": "person"}, "class", "form", "kinds"),
    ({"number": "ZC-2025-00001"}, "number", "form", "number"),
    ({"number": "ZC-2026-1"}, "number", "form", "number"),
    ({"known": dataclasses.replace(KNOWN, number_taken=True)}, "number", "number", "number"),
    ({"client": {**E.client, "credit_code": "91350100M000100Y44"}}, "client.credit_code", "form", "client"),
    ({"client": {**E.client, "credit_code": "9135"}}, "client.credit_code", "form", "client"),
    ({"client": {**E.client, "lei": "529900T8BM49AURSDO56"}}, "client.lei", "form", "client"),
    ({"values": [{"title": BOTH, "value": "1e5", "unit": "t"}]}, "values.0.value", "form", "values"),
    ({"values": [{"title": {"zh": "量"}, "value": "1", "unit": "t"}]}, "values.0.title.en", "missing", "values"),
    ({"values": [{"title": BOTH, "value": "1", "unit": ""}]}, "values.0.unit", "missing", "values"),
    ({"conditions": [{"clause": "1", "text": "x", "due": ""}]}, "conditions.0.due", "missing", "conditions"),
    ({"conditions": [{"clause": "1", "text": "", "due": "2027-01-01"}]}, "conditions.0.text", "missing", "conditions"),
    ({"conditions": [{"clause": "1", "text": "x", "due": "2030-01-01"}]}, "conditions.0.due", "dates", "conditions"),
    ({"conditions": [{"clause": "1", "text": "x", "due": "2026-01-01"}]}, "conditions.0.due", "dates", "conditions"),
    ({"known": dataclasses.replace(KNOWN, conflicts=(Problem("register.lint-serial", Place(path="serials.0"),
                                                             args={"number": "ZC-2026-00009"}),))},
     "serials.0", "serial", "serials"),
    ({"supersedes": "x"}, "supersedes", "supersedes", "supersedes"),
    ({"supersedes": "x", "known": dataclasses.replace(KNOWN, replaced=("active", "another"))},
     "supersedes", "supersedes", "supersedes"),
    ({"supersedes": "x", "known": dataclasses.replace(KNOWN, replaced=("withdrawn", "o"))},
     "supersedes", "supersedes", "supersedes"),
    ({"opinion": opinion()}, "opinion", "opinion", "opinion"),
    ({"known": dataclasses.replace(KNOWN, opinion="adverse")}, "opinion", "opinion", "opinion"),
    (stated("unmodified", opinion=None), "opinion", "missing", "opinion"),
    (stated("unmodified", surveillance_due=date(2027, 11, 1)), "surveillance_due", "opinion", "opinion"),
    (stated("adverse", decided="unmodified"), "opinion.type", "opinion", "opinion"),
    (stated("unmodified", decided="adverse"), "opinion.type", "opinion", "opinion"),
    (stated("unmodified", opinion=opinion(type="clean"), decided="clean"), "opinion.type opinion.basis.zh opinion.basis.en",
     "opinion missing missing", "opinion"),
    (stated("adverse", opinion=opinion("adverse", basis={"zh": "原因", "en": " "})), "opinion.basis.en", "missing", "opinion"),
    (stated("modified", opinion=opinion("modified", basis={})), "opinion.basis.zh opinion.basis.en", "missing", "opinion"),
    (stated("unmodified", opinion=opinion(title={"zh": "意见"})), "opinion.title.en", "missing", "opinion"),
    (stated("unmodified", opinion=opinion(addressee={"en": "x"})), "opinion.addressee.zh", "missing", "opinion"),
    (stated("unmodified", opinion=opinion(responsibilities={"client": BOTH})),
     "opinion.responsibilities.body.zh opinion.responsibilities.body.en", "missing", "opinion"),
    (stated("unmodified", opinion=opinion(assurance={})), "opinion.assurance.title.zh opinion.assurance.title.en", "missing",
     "opinion"),
    (stated("unmodified", opinion=opinion(method="")), "opinion.method", "missing", "opinion"),
    (stated("disclaimed", opinion=opinion("disclaimed", verdicts=[])), "opinion.verdicts", "missing", "opinion"),
    (stated("modified", opinion=opinion("modified", verdicts=[{"verdict": "not_met"}])), "opinion.verdicts.0", "opinion", "opinion"),
    (stated("unmodified", opinion=opinion(verdicts=[{"verdict": "met"}, {"verdict": "indeterminate"}])), "opinion.verdicts.1", "opinion",
     "opinion"),
    (stated("adverse", levels=E.levels), "levels", "opinion", "opinion"),
    (stated("disclaimed", serials=[{"registry": "CCER", "serial": "1"}]), "serials", "opinion", "opinion"),
    (stated("modified", levels=[]), "levels", "missing", "levels"),
]


def draft(number: str = "ZC-2026-00001", known: Known = KNOWN, **changes: Any) -> Draft:
    return Draft(dataclasses.replace(EXAMPLE, **changes), number, TODAY, known)


def test_the_example_is_right() -> None:
    assert lint(draft()) == []
    assert lint(draft(supersedes="x", known=dataclasses.replace(KNOWN, replaced=("active", "o")))) == []


@pytest.mark.parametrize("kind", OPINIONS)
def test_a_statement_of_every_opinion_is_right(kind: str) -> None:
    assert lint(draft(**stated(kind))) == []


@pytest.mark.parametrize(("changes", "path", "code", "check"), FAULTS, ids=[f"{f[3]}-{f[1].split()[0]}-{f[2]}-{n}"
                                                                           for n, f in enumerate(FAULTS)])
def test_one_thing_wrong_is_one_fault(changes: dict[str, Any], path: str, code: str, check: str) -> None:
    found = lint(draft(**changes))
    paths = path.split()
    codes = code.split() if " " in code else [code] * len(paths)
    assert [(p.code, p.place.path) for p in found] == [(f"register.lint-{c}", at) for c, at in zip(codes, paths, strict=True)]
    wrong = next(c for c in CHECKS if c.__name__ == check)
    assert list(wrong(draft(**changes))) == found
    assert all(render_problem(p, lang) for p in found for lang in LANGUAGES)


def test_every_check_of_the_table_is_tried() -> None:
    assert {f[3] for f in FAULTS} == {c.__name__ for c in CHECKS}


def test_a_draft_with_nothing_in_it_is_told_all_of_it() -> None:
    empty = draft(client={}, sites=[{}], scope={}, not_covered={"zh": "x"}, pack={}, levels=[{}], values=[{}],
                  conditions=[{}], people={}, signatory={}, period={}, bundle="", case_number="")
    found = {p.place.path for p in lint(empty)}
    assert {"client.name.zh", "scope.zh", "standard.id", "standard.title.en", "signatory.name", "sites.0.name.zh",
            "levels.0.id", "values.0.value", "conditions.0.due", "people.decider", "period.start", "bundle",
            "not_covered.en", "case"} <= found
