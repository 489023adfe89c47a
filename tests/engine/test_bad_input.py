"""Bad input at the command line: a clear message, the right exit code, nothing half-written, in both languages.

Each case is one change of the worked site. *Refused* cases cannot be read safely; *found* cases load, and what is
wrong in substance becomes a finding of the assessment.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zerofactory_engine.cli import group

ROOT = Path(__file__).parents[2]
WORKED = (ROOT / "tests/engine/dossier/examples/worked-site.yaml").read_text(encoding="utf-8")
PACK = "cn-miit-zcf-2026@0.1.0"


def run(*words: str, lang: str = "en") -> Result:
    return CliRunner().invoke(group, [*words, "--lang", lang])


def evaluated(dossier: Path, out: Path, *words: str, lang: str = "en") -> Result:
    return run("evaluate", str(dossier), "--pack", PACK, "--valid-on", "2026-08-15", "--bundle", str(out), *words, lang=lang)


def change(old: str, new: str) -> Callable[[], bytes]:
    def made() -> bytes:
        assert old in WORKED, old
        return WORKED.replace(old, new, 1).encode()

    return made


def alias_bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return (WORKED + "\n".join(lines)).encode()


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "not UTF-8": (lambda: WORKED.encode() + b"\nnote: \xff\xfe\xfa", "UTF-8", "UTF-8"),
    "alias bomb": (alias_bomb, "alias", "别名"),
    "unknown unit": (change("unit: GWh", "unit: kilowatt"), "kilowatt", "kilowatt"),
    "NaN": (change("Nm3: 200000", "Nm3: NaN"), "NaN", "NaN"),
    "1e400": (change("Nm3: 200000", "Nm3: 1e400"), "1e400", "1e400"),
    "unknown column": (change("Nm3: 200000", "nm3: 200000"), "Nm3", "Nm3"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_with_a_sentence_and_a_place(name: str, lang: str, tmp_path: Path) -> None:
    made, english, chinese = REFUSED[name]
    dossier, out = tmp_path / "dossier.yaml", tmp_path / "bundle.json"
    dossier.write_bytes(made())
    found = evaluated(dossier, out, lang=lang)
    assert found.exit_code == 3, found.output
    assert (english if lang == "en" else chinese) in found.stderr
    assert re.search(r"dossier\.yaml(:\d+)?", found.stderr)
    assert "Traceback" not in found.output
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dossier.yaml"]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_as_json_with_code_place_and_exit_code(name: str, tmp_path: Path) -> None:
    dossier = tmp_path / "dossier.yaml"
    dossier.write_bytes(REFUSED[name][0]())
    found = run("dossier", "check", str(dossier), "--json")
    assert found.exit_code == 3
    told = json.loads(found.stdout)
    assert all(p["code"] and p["place"] for p in told["problems"] if p["severity"] == "error")
    assert [p for p in told["problems"] if p["severity"] == "error"]


def test_a_zip_that_would_unpack_to_a_gigabyte(tmp_path: Path) -> None:
    bomb, out = tmp_path / "dossier.zip", tmp_path / "bundle.json"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dossier.yaml", WORKED)
        with archive.open("bills/2025.pdf", "w", force_zip64=True) as member:
            block = bytes(1 << 20)
            for _ in range(1 << 10):
                member.write(block)
    assert bomb.stat().st_size < 2 << 20
    found = evaluated(bomb, out)
    assert found.exit_code == 3, found.output
    assert "bills/2025.pdf" in found.stderr
    assert not out.exists()


def test_a_zip_whose_names_lead_out_of_it(tmp_path: Path) -> None:
    slip, out = tmp_path / "dossier.zip", tmp_path / "bundle.json"
    with zipfile.ZipFile(slip, "w") as archive:
        archive.writestr("dossier.yaml", WORKED)
        archive.writestr("../../escaped.txt", "x")
    found = evaluated(slip, out)
    assert found.exit_code == 3, found.output
    assert "escaped.txt" in found.stderr
    assert not (tmp_path.parent / "escaped.txt").exists()
    assert not out.exists()


#: What loads and becomes a finding: the change, and a word of the code of the finding.
FOUND: dict[str, tuple[str, str, str]] = {
    "serial range backwards": ('"11010123456789012202503000002700"}', '"11010123456789012202503000000000"}', "serial"),
    "two rows of one meter that overlap": (
        "  - {id: E2,", "  - {id: E9, flow: consumed, source: grid, MWh: 5, meter: M1, from: 2025-06-01, to: 2025-06-30, obtained: invoiced, documents: [D1]}\n  - {id: E2,", "overlap"),
    "an expired certificate": ("generated_from: 2025-03-01, generated_to: 2025-03-31", "generated_from: 2022-03-01, generated_to: 2022-03-31", "expired"),
}


@pytest.mark.parametrize("name", sorted(FOUND))
def test_loads_and_becomes_a_finding(name: str, tmp_path: Path) -> None:
    old, new, word = FOUND[name]
    dossier, out = tmp_path / "dossier.yaml", tmp_path / "bundle.json"
    dossier.write_bytes(change(old, new)())
    found = evaluated(dossier, out, "--json")
    assert found.exit_code in {1, 5}, found.output
    findings = json.loads(found.stdout)["findings"]
    assert [f for f in findings if word in json.dumps(f, ensure_ascii=False)], [json.dumps(f, ensure_ascii=False)[:120] for f in findings]
    assert out.exists()


def test_feedstock_declared_as_fuel_loads_and_becomes_a_finding(tmp_path: Path) -> None:
    dossier, out = tmp_path / "dossier.yaml", tmp_path / "bundle.json"
    chemicals = change("gb_t_4754: C3841", "gb_t_4754: C2614")().decode()
    dossier.write_text(chemicals.replace("carrier: natural_gas, use: fuel, direction: consumed, origin: purchased, mobile: no, Nm3: 200000",
                                         "carrier: naphtha, use: fuel, direction: consumed, origin: purchased, mobile: no, t: 200"), encoding="utf-8")
    found = evaluated(dossier, out, "--json")
    assert found.exit_code in {1, 5}, found.output
    assert [f for f in json.loads(found.stdout)["findings"] if "feedstock-as-fuel" in json.dumps(f)]


def test_a_document_whose_hash_differs_loads_and_becomes_a_finding(tmp_path: Path) -> None:
    dossier, out = tmp_path / "dossier.zip", tmp_path / "bundle.json"
    with zipfile.ZipFile(dossier, "w") as archive:
        archive.writestr("dossier.yaml", change("file: bills/2025.pdf,", f"file: bills/2025.pdf, sha256: {'ab' * 32},")())
        archive.writestr("bills/2025.pdf", b"another file than the one that was hashed")
    found = evaluated(dossier, out, "--json")
    assert found.exit_code in {1, 5}, found.output
    assert [f for f in json.loads(found.stdout)["findings"] if "hash" in json.dumps(f)]


def pack_folder(tmp_path: Path, edit: Callable[[Path], None]) -> Path:
    import shutil

    folder = tmp_path / "rules/cn-miit-zcf-2026/0.1.0"
    shutil.copytree(ROOT / "rules/cn-miit-zcf-2026/0.1.0", folder)
    edit(folder)
    return folder


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text, (name, old)
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


QUANTITY = "\nmade_up:\n  title: {zh: 试验, en: Trial}\n  clause: indicator 1.1\n  unit: MWh\n  value: "


def appended(name: str, text: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


BAD_PACKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a cycle": (appended("quantities.yaml", QUANTITY + "made_up + 1\n"), "made_up"),
    "an unknown key": (appended("pack.yaml", "\nlicense: MIT\n"), "licence"),
    "a dimension error": (appended("quantities.yaml", QUANTITY + "electricity_consumed + total(energy.tce)\n"), "made_up"),
    "a regular expression that explodes": (
        appended("quantities.yaml", QUANTITY + "if matches(facility.id, \"((a{900}){900}){900}\") then electricity_consumed else electricity_consumed\n"), "a{900}"),
    "the clock": (appended("quantities.yaml", QUANTITY + "if today() > period.end then electricity_consumed else electricity_consumed\n"), "today"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(BAD_PACKS))
def test_bad_pack_is_refused_with_file_and_line(name: str, lang: str, tmp_path: Path) -> None:
    edit, word = BAD_PACKS[name]
    folder = pack_folder(tmp_path, edit)
    found = run("pack", "lint", str(folder), lang=lang)
    assert found.exit_code == 4, found.output
    assert word in found.stderr
    assert re.search(r"\.yaml:\d+", found.stderr)
    assert "Traceback" not in found.output


def test_two_packs_of_one_id_and_version_with_different_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pack_folder(tmp_path, replaced("pack.yaml", "published: ", "published:  "))
    parameters = folder / "criteria/1.1.yaml"
    text = parameters.read_text(encoding="utf-8")
    assert "value: 1.8" in text
    parameters.write_text(text.replace("value: 1.8", "value: 18", 1), encoding="utf-8")
    (folder / "pack.lock").unlink(missing_ok=True)
    monkeypatch.setenv("ZEROFACTORY_RULES", str(tmp_path / "rules"))
    dossier, out = tmp_path / "dossier.yaml", tmp_path / "bundle.json"
    dossier.write_text(WORKED, encoding="utf-8")
    found = evaluated(dossier, out)
    assert found.exit_code == 4, found.output
    assert "cn-miit-zcf-2026" in found.stderr
    assert not out.exists()


def test_pack_problem_goes_before_dossier_problem(tmp_path: Path) -> None:
    dossier = tmp_path / "dossier.yaml"
    dossier.write_bytes(b"\xff")
    found = run("evaluate", str(dossier), "--pack", "no-such-pack@0.1.0", "--valid-on", "2026-08-15")
    assert found.exit_code == 4
    assert "cn-miit-zcf-2026" in found.stderr, "the packs that there are should be named"


@pytest.mark.parametrize("words", [
    ("evaluate", "missing.yaml", "--pack", PACK), ("evaluate", "--pack", PACK), ("inventory", "missing.yaml"), ("verify", "missing.json"),
    ("evaluate", "missing.yaml", "--pack", PACK, "--valid-on", "2026-13-01"), ("report", "missing.json", "--out", "x.pdf"),
])
def test_usage_errors_are_sentences(words: tuple[str, ...]) -> None:
    found = CliRunner().invoke(group, list(words))
    assert found.exit_code in {2, 3}, found.output
    assert "Traceback" not in found.output
    assert found.stderr.strip()


def test_a_reading_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    dossier, out = tmp_path / "dossier.yaml", tmp_path / "bundle.json"
    dossier.write_text(WORKED, encoding="utf-8")
    for words, word in ((("--reading", "tce_of_power=calorific"), "tce_of_electricity"), (("--reading", "tce_of_electricity=caloric"), "calorific"),
                        (("--level", "gold"), "entry")):
        found = evaluated(dossier, out, *words)
        assert found.exit_code in {2, 4}, found.output
        assert word in found.stderr
        assert not out.exists()
