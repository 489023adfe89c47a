"""A dossier filled in in the browser: pasted tables, round trips, every problem with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerofactory_engine.dossier import layout, read_dossier
from zerofactory_engine.dossier.workbook_out import cell_text, filled_cells
from zerofactory_engine.problems import ProblemsError
from zerofactory_web.cases import access, applications, dossiers, draft_files, drafts
from zerofactory_web.demo import life
from zerofactory_web.demo.people import Cast

HEADINGS = "id\tflow\tsource\tMWh\tfrom\tto"


@pytest.fixture
def number(cast: Cast) -> str:
    made = applications.start(cast.store, cast.actor("qingyan"), cast.organisations["qingyan"])
    applications.save(cast.store, cast.actor("qingyan"), made, {"facility_zh": "厂", "facility_en": "Plant", "sector": "C3841"}, 1)
    return made


def test_a_table_pasted_from_a_spreadsheet_becomes_a_version(cast: Cast, number: str) -> None:
    store, who = cast.store, cast.actor("qingyan")
    drafts.save_main(store, who, number, {"id": "typed-2025", "facility.id": "F1", "facility.name.zh": "厂", "facility.kind": "factory",
                                          "period.from": "2025-01-01", "period.to": "2025-12-31", "complete": "electricity"})
    pasted = f"{HEADINGS}\r\nE1\tconsumed\tgrid\t1200.5\t2025-01-01\t2025-12-31\r\n"
    assert drafts.save_table(store, who, number, "electricity", pasted) == 1
    reading = draft_files.read(store, who, number, "zh")
    dossiers.add(store, who, number, reading)
    with store.read() as session:
        row = access.application(session, who, number)
        version = dossiers.newest(session, row.id)
        assert version is not None
        assert version.summary["rows"] == {"electricity": 1}
        assert version.summary["id"] == "typed-2025"
        assert str(dossiers.tree_of(store, version)["electricity"][0]["MWh"]) == "1200.5"


def test_headings_may_be_keys_titles_or_those_of_our_workbook() -> None:
    rows = drafts.parse("electricity", "行号\t电量（MWh）\tTo\t来源\nE1\t5\t2025-12-31\tgrid")
    assert rows == [{"id": "E1", "MWh": "5", "to": "2025-12-31", "source": "grid"}]
    assert drafts.parse("electricity", '"行号\nid"\t"电量（MWh）\nMWh"\nE1\t5') == [{"id": "E1", "MWh": "5"}]


@pytest.mark.parametrize(("text", "places"), [
    ("id\tkWh\nE1\t5", ["table:1:2"]),
    ("id\tMWh\nE1\t5\t7\nE2\t6\t8", ["table:2", "table:3"]),
    ("id\tMWh\nE1\t" + "9" * 2_001, ["table:2:MWh"]),
    ("id\tMWh\nE1\t5\x07", ["table:2:MWh"])])
def test_what_is_wrong_with_a_pasted_table_is_said_with_its_place(text: str, places: list[str]) -> None:
    with pytest.raises(ProblemsError) as caught:
        drafts.parse("electricity", text)
    assert [p.place.path for p in caught.value.problems] == places


def test_nothing_is_kept_of_a_table_that_is_wrong(cast: Cast, number: str) -> None:
    who = cast.actor("qingyan")
    drafts.save_table(cast.store, who, number, "electricity", f"{HEADINGS}\nE1\tconsumed\tgrid\t1\t2025-01-01\t2025-12-31")
    with pytest.raises(ProblemsError):
        drafts.save_table(cast.store, who, number, "electricity", "nothing\nE1")
    assert len(drafts.cells_of(cast.store, who, number)[1]["rows"]["electricity"]) == 1


@pytest.mark.parametrize("file", ["demo-body/dossiers/qingyan.yaml", "demo-battery-factory/dossier.yaml", "demo-group/plant-b.yaml"])
def test_a_draft_of_a_version_reads_back_as_the_version(file: str) -> None:
    before = read_dossier(life.FILES / file).dossier
    main, rows = filled_cells(before)
    texts = {key: drafts.parse(key, drafts.shown(layout.sheets()[key], [{c: cell_text(v) for c, v in r.items()} for r in given]))
             for key, given in rows.items() if given}
    from zerofactory_engine.dossier.read import read_bytes

    after = read_bytes(drafts.workbook({"main": main, "rows": texts}, "en"), "dossier.xlsx").dossier
    stated = {k: v for k, v in before.canonical().items() if k != "reading"}      # what of the files was read is not typed in
    assert after.canonical() == stated


@given(st.lists(st.fixed_dictionaries({}, optional={name: st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20)
                                                   .map(str.strip).filter(bool) for name in ("id", "note", "contract", "supplier")}).filter(bool),
                max_size=6))
def test_text_of_a_table_and_back(rows: list[dict[str, str]]) -> None:
    text = drafts.shown(layout.sheets()["electricity"], rows)
    assert drafts.parse("electricity", text) == rows


def test_a_draft_is_not_for_others(cast: Cast, number: str) -> None:
    for name in ("haiyu", "lin", "anna"):
        with pytest.raises(ProblemsError) as caught:
            drafts.save_table(cast.store, cast.actor(name), number, "electricity", HEADINGS)
        assert {p.code for p in caught.value.problems} <= {"cases.not-found", "cases.not-yours"}


def test_two_who_edit_the_same_draft(cast: Cast, number: str, tmp_path: Path) -> None:
    who = cast.actor("qingyan")
    row, cells = drafts.cells_of(cast.store, who, number)
    drafts.save_main(cast.store, who, number, {"id": "a"})
    with pytest.raises(ProblemsError) as caught, drafts.keeping(cast.store, who, row, cells, ""):
        pass
    assert [p.code for p in caught.value.problems] == ["store.stale"]
