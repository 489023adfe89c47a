"""Bundles: what they hold, their ids, verification, released ones, public extracts, damaged and foreign files."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from zerofactory_engine import bundle as bundles
from zerofactory_engine.bundle import documents
from zerofactory_engine.bundle.documents import sealed, unhashed
from zerofactory_engine.canonical import content_hash
from zerofactory_engine.dossier import Dossier, read_dossier
from zerofactory_engine.evaluation import Assessment, Request, evaluate, read_judgements
from zerofactory_engine.problems import ProblemsError
from zerofactory_engine.rulepack.load import find_pack

EQUAL, HASHES, DIFFERENT = bundles.Outcome.RECOMPUTED_EQUAL, bundles.Outcome.HASHES_ONLY, bundles.Outcome.DIFFERENT


@pytest.fixture(scope="module")
def site() -> Dossier:
    """The worked site, with the tables declared complete for which it has no rows."""
    path = Path(__file__).parent / "dossier/examples/worked-site.yaml"
    dossier = read_dossier(path).dossier
    for table in ("heat", "processes", "fugitive"):
        dossier = dossier.declared_complete(table)
    return dossier


@pytest.fixture(scope="module")
def assessment(site: Dossier) -> Assessment:
    """The worked site under the national pack with national factors."""
    request = Request(date(2026, 8, 15), levels=("entry",), readings={"grid_factor_area": "national"})
    return evaluate(site, find_pack("cn-miit-zcf-2026@0.1.0"), request)


@pytest.fixture(scope="module")
def full(assessment: Assessment) -> dict[str, Any]:
    """Its bundle, as read back from a file."""
    return bundles.parse_document(bundles.bundle_bytes(bundles.build_bundle(assessment)))


def resealed(bundle: dict[str, Any]) -> dict[str, Any]:
    """The same with an id that fits its content again."""
    inner = bundle["assessment"]
    inner = {**inner, "id": content_hash(unhashed(inner))}
    return sealed(unhashed({**bundle, "assessment": inner}))


def test_the_worked_site_comes_out_as_published(assessment: Assessment) -> None:
    """3.494 tCO2/tce, 29.2 % and 10.7 %; 110 certificates meet 1.2 (facts of the worked site)."""
    levels = {(c.id, n): o for c in assessment.criteria for n, o in c.levels.items()}

    def value(criterion: str) -> Decimal:
        found = levels[criterion, "entry"].value
        assert found is not None
        assert isinstance(found.value, Decimal)
        return found.value

    quantities = {q.id: q.value for q in assessment.quantities}
    assert (quantities["total_emissions"], quantities["comprehensive_energy"]) == (Decimal("5738.4377618"), Decimal("1642.48"))
    assert value("ZCF-1.1").quantize(Decimal("0.001")) == Decimal("3.494")
    assert value("ZCF-1.2") == Decimal("29.18209049729677073693439189518289")
    assert value("ZCF-1.3").quantize(Decimal("0.1")) == Decimal("10.7")
    margin = levels["ZCF-1.2", "entry"].margin
    assert margin is not None
    assert margin.value == Decimal("-0.81790950270322926306560810481711")
    lever = next(r for r in levels["ZCF-1.2", "entry"].levers if r.lever == "buy_certificates")
    assert (lever.state, lever.method, lever.exact, lever.smallest) == (
        "works", "exact", Decimal("109.3083807973962571196094385679414"), Decimal(110))
    entry = assessment.level("entry")
    assert (str(entry.verdict), str(entry.known_part), entry.not_met) == ("not_met", "not_met", ("ZCF-1.1", "ZCF-1.2"))
    assert entry.by_cause["limit"] == 8
    assert entry.by_settler["issuer"] == 8
    flips = {(f.reading, f.alternative): str(f.verdict) for f in assessment.criterion("ZCF-1.2").sensitivity.single_flips
             if f.level == "entry"}
    assert flips["tce_of_electricity", "equivalent_tbea"] == "met"
    assert flips["tce_of_electricity", "equivalent_2024"] == "met"
    with pytest.raises(KeyError):
        assessment.level("gold")
    with pytest.raises(KeyError):
        assessment.criterion("ZCF-9")


def test_the_same_inputs_give_the_same_bytes(assessment: Assessment, site: Dossier) -> None:
    again = evaluate(site, assessment.run.pack, assessment.run.request)
    assert bundles.bundle_bytes(bundles.build_bundle(again)) == bundles.bundle_bytes(bundles.build_bundle(assessment))
    assert again.content() == assessment.content()


def test_assessment_and_bundle_are_as_their_schemas_say(full: dict[str, Any], root: Path) -> None:
    schemas = {n: json.loads((root / f"standards/schemas/{n}.schema.json").read_text(encoding="utf-8"))
               for n in ("assessment", "bundle", "judgements", "inventory", "dossier")}
    registry: Registry[Any] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas.values()])
    for name, document in (("bundle", full), ("assessment", full["assessment"]), ("inventory", full["assessment"]["inventory"]),
                           ("bundle", bundles.public_extract(full))):
        errors = [f"{e.json_path}: {e.message[:200]}" for e in Draft202012Validator(schemas[name], registry=registry).iter_errors(document)]
        assert errors == [], name


def test_the_ids_are_hashes_of_the_content_without_id_and_maker(full: dict[str, Any]) -> None:
    for document in (full, full["assessment"]):
        content = {k: v for k, v in document.items() if k not in ("id", "produced_by")}
        assert document["id"] == content_hash(content)


def test_a_bundle_is_recomputed_from_nothing_but_itself(full: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(bundles.bundle_bytes(full))
    found = bundles.verify(path)
    assert (found.outcome, found.differences, found.total, found.why, found.id) == (EQUAL, (), 0, None, full["id"])


def test_write_bundle_leaves_one_file(assessment: Assessment, tmp_path: Path) -> None:
    written = bundles.write_bundle(assessment, tmp_path / "b.json")
    assert [p.name for p in tmp_path.iterdir()] == ["b.json"]
    assert bundles.read_document(tmp_path / "b.json") == written


def test_an_assessment_alone_and_an_extract_have_only_hashes(full: dict[str, Any]) -> None:
    alone = bundles.verify_document(full["assessment"])
    assert (alone.outcome, alone.why) == (HASHES, "verify.assessment-alone")
    extract = bundles.verify_document(bundles.public_extract(full))
    assert (extract.outcome, extract.why) == (HASHES, "verify.public-extract")
    forged = {**full["assessment"], "outcome_kind": "certification"}
    assert [d.path for d in bundles.verify_document(forged).differences] == ["id"]


def test_a_changed_verdict_is_found_though_its_hashes_fit(full: dict[str, Any]) -> None:
    forged = copy.deepcopy(full)
    forged["assessment"]["levels"][0]["verdict"] = "met"
    found = bundles.verify_document(resealed(forged))
    assert found.outcome is DIFFERENT
    assert [(d.path, d.found, d.expected) for d in found.differences] == [("assessment/levels/0/verdict", "met", "not_met")]
    plain = bundles.verify_document(forged)
    assert [d.path for d in plain.differences] == ["id", "assessment/id", "assessment/levels/0/verdict"]


def test_a_changed_input_is_found(full: dict[str, Any]) -> None:
    forged = copy.deepcopy(full)
    row = next(r for r in forged["dossier"]["electricity"] if r["id"] == "E2")
    row["MWh"] = "9000"
    found = bundles.verify_document(resealed(forged))
    paths = [d.path for d in found.differences]
    assert found.outcome is DIFFERENT
    assert "assessment/pins/dossier/sha256" in paths
    assert found.total == len(paths) or (len(paths) == 200 and found.total > 200)


def test_hashes_that_do_not_belong_to_their_parts(full: dict[str, Any]) -> None:
    forged = copy.deepcopy(full)
    wrong = "sha256:" + "0" * 64
    forged["pack"]["sha256"] = wrong
    forged["factor_sets"][0]["sha256"] = wrong
    found = bundles.verify_document(resealed(forged))
    assert {d.path for d in found.differences} == {"pack/sha256", f"factor_sets/{forged['factor_sets'][0]['id']}/sha256"}


def test_what_cannot_be_computed_again_says_why(full: dict[str, Any]) -> None:
    broken = copy.deepcopy(full)
    broken["pack"]["files"]["pack.yaml"] = "format: zerofactory/pack/9\n"
    found = bundles.verify_document(resealed(broken))
    assert (found.outcome, found.why) == (HASHES, "verify.cannot-compute")
    assert found.problems
    assert found.as_json()["problems"]


def test_made_by_another_version_with_the_same_result(full: dict[str, Any]) -> None:
    older = copy.deepcopy(full)
    older["assessment"]["pins"]["engine"] = "0.0.9"
    found = bundles.verify_document(resealed(older))
    assert (found.outcome, found.why) == (EQUAL, "verify.other-maker")


def test_overlay_judgements_and_other_bytes_travel_along(root: Path, site: Dossier, tmp_path: Path) -> None:
    pack = find_pack("cn-miit-zcf-2026@0.1.0", root / "docs/examples/overlay")
    judgements = tmp_path / "j.yaml"
    judgements.write_text(
        "format: zerofactory/judgements/1\ndossier: worked-site-2025\npack: cn-miit-zcf-2026@0.1.0\njudgements:\n"
        "  - {checklist: miit-supply-chain, item: clean_logistics, answer: conforms, because: seen, by: a-7, on: 2026-04-02}\n",
        encoding="utf-8")
    found = evaluate(site, pack, Request(date(2026, 8, 15), levers=False), None, read_judgements(judgements))
    made = bundles.build_bundle(found)
    assert made["overlay"]["id"] == pack.overlay.id if pack.overlay else False
    assert made["judgements"]["judgements"][0]["answer"] == "conforms"
    read = bundles.parse_document(bundles.bundle_bytes(made))
    assert bundles.verify_document(read).outcome is EQUAL
    assert documents._files({"a": b"\xff\x00", "b": b"x"}) == {"a": {"base64": "/wA="}, "b": "x"}
    assert documents._bytes({"a": {"base64": "/wA="}, "b": "x"}) == {"a": b"\xff\x00", "b": b"x"}
    with pytest.raises(ProblemsError) as caught:
        documents._bytes({"a": {"base64": "?"}})
    assert caught.value.problems[0].code == "bundle.not-base64"


def test_a_what_if_has_no_bundle(site: Dossier, assessment: Assessment) -> None:
    what_if = evaluate(site, assessment.run.pack, Request(date(2026, 8, 15), quantities={"consumed": Decimal(1)}, levers=False)) \
        if "consumed" in assessment.run.pack.quantities else evaluate(
            site, assessment.run.pack, Request(date(2026, 8, 15), quantities={"total_emissions": Decimal(1)}, levers=False))
    with pytest.raises(ProblemsError) as caught:
        bundles.build_bundle(what_if)
    assert caught.value.problems[0].code == "bundle.what-if"


def test_the_public_extract_keeps_production_and_operands_back(full: dict[str, Any]) -> None:
    extract = bundles.public_extract(full)
    assert extract["extract_of"] == full["id"]
    a = extract["assessment"]
    assert a["id"] == full["assessment"]["id"]
    assert {"inventory", "quantities", "parameters", "estimates", "gaps", "crosschecks", "findings", "boundary"} & set(a) == set()
    assert set(extract) == {"format", "id", "produced_by", "kind", "extract_of", "assessment"}
    outcome = next(c for c in a["criteria"] if c["id"] == "ZCF-1.2")["levels"]["entry"]
    assert outcome["value"]["value"] == "29.18209049729677073693439189518289"
    assert "levers" not in outcome
    assert a["subject"]["facility"]["id"] == "F1"
    assert set(a["documents"][0]) <= {"id", "kind", "sha256"}
    text = json.dumps(extract)
    for secret in ("10 GWh", "11200", "21000", "unified_social_credit_code"):
        assert secret not in text


def test_masked_limits_show_only_their_side(full: dict[str, Any]) -> None:
    private = copy.deepcopy(full)
    for parameter in private["assessment"]["parameters"]:
        parameter["masked"] = parameter["id"] == "ZCF-1.2/entry_share"
    criteria = {c["id"]: c["levels"] for c in bundles.public_extract(private)["assessment"]["criteria"]}
    assert criteria["ZCF-1.2"]["entry"]["side"] == "below"
    assert {"value", "threshold", "margin"} & set(criteria["ZCF-1.2"]["entry"]) == set()
    assert "value" in criteria["ZCF-1.1"]["entry"]
    for sign, side in (("0", "on"), ("3", "above")):
        outcome = {"verdict": "met", "margin": {"value": sign, "on_threshold": sign == "0"}}
        from zerofactory_engine.bundle.extract import _outcome

        assert _outcome(outcome, True) == {"verdict": "met", "side": side}
    assert _outcome({"verdict": "indeterminate"}, True) == {"verdict": "indeterminate"}


@pytest.mark.parametrize(("data", "code"), [
    (b"{", "bundle.not-json"),
    (b"\xff\xfe", "bundle.not-json"),
    (b'{"format": "zerofactory/bundle/1", "x": 1.5}', "bundle.not-json"),
    (b'{"format": "zerofactory/bundle/1", "x": NaN}', "bundle.not-json"),
    (b"[" * 100_000, "bundle.not-json"),
    (b"[]", "bundle.unknown-format"),
    (b'{"format": "zerofactory/bundle/9"}', "bundle.unknown-format"),
    (b'{"format": "zerofactory/bundle/1"}', "bundle.not-as-schema"),
    (b'{"format": "zerofactory/assessment/1"}', "bundle.not-as-schema"),
    (b"%PDF-1.7 nothing", "bundle.pdf-broken"),
])
def test_files_that_are_none(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(ProblemsError) as caught:
        bundles.read_document(path)
    assert {p.code for p in caught.value.problems} == {code}
    assert len(caught.value.problems) <= 20


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"{}    ")
    monkeypatch.setattr(documents, "LIMIT", 5)
    with pytest.raises(ProblemsError) as caught:
        bundles.read_document(path)
    assert caught.value.problems[0].code == "bundle.too-large"


def test_the_bundle_of_a_pdf(full: dict[str, Any], tmp_path: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf", reason="needs the extra report")
    path, plain = tmp_path / "r.pdf", tmp_path / "plain.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(plain)
        pdf.attachments["notes.txt"] = b"notes"
        pdf.attachments["bundle.json"] = bundles.bundle_bytes(full)
        pdf.save(path)
    assert bundles.read_document(path)["id"] == full["id"]
    with pytest.raises(ProblemsError) as caught:
        bundles.read_document(plain)
    assert caught.value.problems[0].code == "bundle.pdf-without"


def test_without_the_extra_a_pdf_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pikepdf", None)
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(ProblemsError) as caught:
        bundles.read_document(path)
    assert (caught.value.problems[0].code, caught.value.problems[0].example) == (
        "bundle.pdf-extra", "pip install 'zerofactory[report]'")


RELEASED = sorted((Path(__file__).parents[1] / "bundles").glob("*.json"))


def test_there_is_a_released_bundle() -> None:
    assert RELEASED


@pytest.mark.parametrize("path", RELEASED, ids=lambda p: p.stem)
def test_released_bundles_stay_verifiable(path: Path) -> None:
    """Once released, a bundle is never changed; what computes it may."""
    found = bundles.verify(path)
    assert (found.outcome, [d.as_json() for d in found.differences]) == (EQUAL, [])


