"""veraPDF accepts every report as PDF/A-3a and PDF/UA-1, in both languages; poppler and qpdf agree with us."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from zerofactory_mappings.publishing.case import Case
from zerofactory_mappings.publishing.document import render_pdf
from zerofactory_mappings.publishing.style import Style

VERAPDF = Path(__file__).with_name("verapdf.py")
CONFORMS: dict[str, list[str]] = {"3a": [], "ua1": []}


def _why_not() -> str | None:
    spec = importlib.util.spec_from_file_location("verapdf", VERAPDF)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    reason: str | None = module.why_not()
    return reason


pytestmark = pytest.mark.full


def verapdf(*files: Path) -> dict[str, dict[str, list[str]]]:
    """Failed rules by file name and flavour."""
    if reason := _why_not():
        pytest.skip(f"veraPDF cannot run: {reason}")
    run = subprocess.run([sys.executable, str(VERAPDF), *map(str, files)], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return {Path(name).name: found for name, found in json.loads(run.stdout).items()}


def test_reports_are_pdf_a_3a_and_pdf_ua_1(case: Case, body_style: Style, tmp_path: Path) -> None:
    files = []
    for language in ("zh", "en"):
        for name, style, public in (("plain", None, False), ("body", body_style, False), ("public", body_style, True)):
            made = Case(case.assessment, case.attachment, case.attachment_name, public=public, proof=case.proof)
            path = tmp_path / f"{name}-{language}.pdf"
            path.write_bytes(render_pdf(made, language, style))
            files.append(path)
    assert verapdf(*files) == {f.name: CONFORMS for f in files}


def test_verapdf_would_notice_a_missing_mark(case: Case, tmp_path: Path) -> None:
    good, no_mark, no_alt = tmp_path / "good.pdf", tmp_path / "no-mark.pdf", tmp_path / "no-alt.pdf"
    good.write_bytes(render_pdf(case, "en"))
    with pikepdf.open(good) as pdf:
        pdf.Root.Metadata.write(pdf.Root.Metadata.read_bytes().replace(b"pdfuaid:part>1<", b"pdfuaid:part>7<"))
        pdf.save(no_mark, preserve_pdfa=True, fix_metadata_version=False)
    with pikepdf.open(good) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
                del item["/Alt"]
        pdf.save(no_alt, preserve_pdfa=True, fix_metadata_version=False)
    found = verapdf(good, no_mark, no_alt)
    assert found["good.pdf"] == CONFORMS
    assert found["no-mark.pdf"]["ua1"]
    assert found["no-alt.pdf"]["ua1"]


def test_a_name_with_rare_characters_is_drawn(example: dict[str, Any], case_of: Callable[..., Case], tmp_path: Path) -> None:
    changed = json.loads(json.dumps(example))
    changed["subject"]["facility"]["name"] = {"zh": "㐂𠮷龘新材料（赣县）有限公司", "en": "㐂𠮷龘 New Materials"}
    path = tmp_path / "rare.pdf"
    path.write_bytes(render_pdf(case_of(changed), "zh"))
    assert verapdf(path) == {"rare.pdf": CONFORMS}
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
        assert "㐂𠮷龘新材料（赣县）有限公司" in text


@pytest.mark.skipif(shutil.which("qpdf") is None or shutil.which("pdffonts") is None,
                    reason="qpdf and poppler-utils are not installed (apt-get install qpdf poppler-utils)")
def test_structure_is_sound_and_every_font_is_embedded(case: Case, body_style: Style, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(case, "zh", body_style))
    check = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    for line in fonts:
        embedded, subset, unicode_map = line.split()[-5:-2]
        assert (embedded, subset, unicode_map) == ("yes", "yes", "yes"), line
