"""Real factories as partial dossiers: published figures that the engine reproduces, and gaps that made data close."""

from __future__ import annotations

import copy
import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from zerofactory_engine import feel
from zerofactory_engine.accounting import FactorLibrary, Options, compute_inventory
from zerofactory_engine.dossier import Dossier, dossier_from_tree, read_dossier
from zerofactory_engine.evaluation import Request, Verdict
from zerofactory_engine.evaluation.assess import Assessor
from zerofactory_engine.evaluation.request import settle_request
from zerofactory_engine.evaluation.verdicts import Judged
from zerofactory_engine.reasons import Cause
from zerofactory_engine.rulepack.commands import pack as pack_commands
from zerofactory_engine.rulepack.load import find_pack
from zerofactory_engine.rulepack.model import Pack

FOLDER = Path(__file__).parents[2] / "examples" / "factories"
NAMES = sorted(path.stem for path in FOLDER.glob("CN*.yaml"))
LAW = date(2026, 8, 15)
GAPS = {Cause.VALUE, Cause.DOCUMENT, Cause.TABLE}


def text_of(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader))


PUBLISHED: Mapping[str, list[dict[str, Any]]] = text_of(FOLDER / "published.yaml")["factories"]
FIGURES = [(name, figure) for name, figures in PUBLISHED.items() for figure in figures]


@pytest.fixture(scope="module")
def library() -> FactorLibrary:
    return FactorLibrary.shipped()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Pack:
    """The national scheme with every limit that we do not know filled by the made-up overlay of the documentation."""
    base = find_pack("cn-miit-zcf-2026@0.1.0")
    text = (root / "docs/examples/overlay/overlay.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("overlay") / "overlay.yaml"
    path.write_text(re.sub(r"sha256:[0-9a-f]{64}", base.pin.sha256, text), encoding="utf-8")
    return find_pack("cn-miit-zcf-2026@0.1.0", overlay=path)


def test_there_are_at_least_ten_and_each_has_published_figures() -> None:
    assert len(NAMES) >= 10
    assert sorted(PUBLISHED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_dossier_that_reads_without_a_problem(name: str) -> None:
    assert [p.code for p in read_dossier(FOLDER / f"{name}.yaml").problems if p.severity.value == "error"] == []


@pytest.mark.parametrize(("name", "figure"), FIGURES, ids=lambda v: v if isinstance(v, str) else v["figure"])
def test_each_figure_names_source_and_basis_and_what_the_engine_makes_of_it(name: str, figure: dict[str, Any]) -> None:
    assert figure["source"].startswith("http")
    assert figure["basis"] in {"claimed", "expected", "planned", "target", "commitment", "derived"}
    assert ("engine" in figure) != ("not_reproduced" in figure)
    if "not_reproduced" in figure:
        assert figure["not_reproduced"]["because"]
        assert figure["not_reproduced"]["missing"]
    if "in" in figure:
        assert stands_in(text_of(FOLDER / f"{name}.yaml"), figure["in"].split("/")), figure["in"]


def stands_in(node: Any, path: list[str]) -> bool:
    """Whether the dossier has this path; rows by their id."""
    if not path:
        return True
    if isinstance(node, list):
        return any(row["id"] == path[0] and stands_in(row, path[1:]) for row in node)
    return isinstance(node, dict) and path[0] in node and stands_in(node[path[0]], path[1:])


@pytest.mark.parametrize(("name", "figure"), [f for f in FIGURES if "engine" in f[1]],
                         ids=lambda v: v if isinstance(v, str) else v["figure"])
def test_the_engine_reproduces_what_is_said_to_be_reproduced(name: str, figure: dict[str, Any], library: FactorLibrary) -> None:
    how = figure["engine"]
    found = inventory_of(name, how, library) if "inventory" in how else value_of(name, how["expression"])
    assert found == Decimal(how["gives"])
    published = Decimal(figure["value"]) / (100 if figure["unit"] == "%" else 1)
    within = Decimal(how.get("within", "0 %").removesuffix(" %")) / 100
    assert abs(found - published) <= within * abs(published)


def inventory_of(name: str, how: dict[str, Any], library: FactorLibrary) -> Decimal:
    tree = merged(text_of(FOLDER / f"{name}.yaml"), how["rows"])
    tree["complete"] = list(how["rows"])
    lines = compute_inventory(dossier_from_tree(tree), Options(), library).table().columns
    assert how["inventory"] == "CO2 of these rows"
    total = sum((v for table, gas, v in zip(lines["table"], lines["gas"], lines["tCO2_location"], strict=True)
                 if table in how["rows"] and gas == "CO2"), Decimal(0))
    return total.normalize()


def value_of(name: str, expression: str) -> Decimal:
    """The expression over the dossier, by the command that standards researchers use."""
    result = CliRunner().invoke(pack_commands, ["try", "cn-miit-zcf-2026@0.1.0", expression, "--dossier",
                                                str(FOLDER / f"{name}.yaml"), "--json"])
    assert result.exit_code == 0, result.output
    return Decimal(json.loads(result.stdout)["value"])


def test_the_figures_are_those_of_the_given_table(shared_data: Path) -> None:
    """Each figure of ours that bears a value of the table bears it unchanged, with the same page."""
    with (shared_data / "standards" / "factory_figures_given.csv").open(encoding="utf-8", newline="") as file:
        given = {(row["factory_id"], row["value"].lstrip("-"), row["source_url"]) for row in csv.DictReader(file)}
    told = {(n, f["value"].lstrip("-"), f["source"]) for n, f in FIGURES if f["unit"] not in ("months",)}
    assert told - given == set()


# --- gaps ---------------------------------------------------------------------------------------------------------


def merged(partial: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """*partial* with the rows and fields of *more*; what the factory states itself stays."""
    out = copy.deepcopy(partial)
    for key, value in more.items():
        if isinstance(value, list):
            out[key] = [*out.get(key, []), *value]
        elif isinstance(value, dict):
            out[key] = {**value, **out.get(key, {})}
        else:
            out.setdefault(key, value)
    return out


def filled(name: str) -> dict[str, Any]:
    partial = text_of(FOLDER / f"{name}.yaml")
    text = (FOLDER / "made-data.yaml").read_text(encoding="utf-8")
    text = text.replace("@from", partial["period"]["from"]).replace("@to", partial["period"]["to"])
    return merged(partial, yaml.load(text, Loader=yaml.BaseLoader))


def judged(dossier: Dossier, pack: Pack, library: FactorLibrary) -> Iterator[tuple[str, str, Judged]]:
    readings = {"part_year": "operating_months"} if dossier.period.months != 12 else {}
    request = Request(valid_on=LAW, readings=readings)
    assessor = Assessor(dossier, pack, request, library, None)
    settled = settle_request(request, pack).readings
    with feel.decimal_context():
        for criterion in pack.criteria.values():
            for level in criterion.levels:
                yield criterion.id, level, assessor.judge.judge(criterion, level, settled)


@pytest.mark.parametrize("name", NAMES)
def test_made_data_settle_everything_that_only_gaps_left_open(name: str, pack: Pack, library: FactorLibrary) -> None:
    before = {(c, level): j for c, level, j in judged(read_dossier(FOLDER / f"{name}.yaml").dossier, pack, library)}
    after = {(c, level): j for c, level, j in judged(dossier_from_tree(filled(name)), pack, library)}
    gap_only = {key for key, j in before.items() if j.verdict is Verdict.INDETERMINATE and set(j.causes) <= GAPS}
    assert len(gap_only) == 22                                         # eleven indicators, two levels
    assert {key: after[key].reasons for key in gap_only if after[key].verdict not in (Verdict.MET, Verdict.NOT_MET)} == {}
    assert {j.verdict for j in after.values()} == {Verdict.MET, Verdict.NOT_MET}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_missing_is_named(name: str, pack: Pack, library: FactorLibrary) -> None:
    named = {r.subject for _, _, j in judged(read_dossier(FOLDER / f"{name}.yaml").dossier, pack, library) for r in j.reasons}
    assert {"electricity", "energy", "certificates", "meters", "products", "equipment"} <= named
    assert any("industrial_value_added" in subject for subject in named)
    assert any("ccus" in subject for subject in named)


def test_without_the_overlay_what_the_issuer_did_not_publish_stays_open(library: FactorLibrary) -> None:
    bare = find_pack("cn-miit-zcf-2026@0.1.0")
    after = {(c, level): j for c, level, j in judged(dossier_from_tree(filled("CN24")), bare, library)}
    still = {key for key, j in after.items() if j.verdict is Verdict.INDETERMINATE}
    assert still
    assert {cause for key in still for cause in after[key].causes} == {Cause.LIMIT}


def test_a_rounding_that_is_too_generous_would_be_noticed() -> None:
    """The tolerance of a reproduced figure is no larger than what the digits of the page leave open."""
    for _, figure in FIGURES:
        if "engine" in figure:
            assert Decimal(figure["engine"].get("within", "0 %").removesuffix(" %")) <= Decimal("0.1")


