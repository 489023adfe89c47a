"""The base wheel alone: built, installed in a clean environment without extras, imported and run away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.full

EXTRAS = ("weasyprint", "pikepdf", "pandas", "jinja2", "durable", "fontTools")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A clean environment that holds only the wheel and its base dependencies; gives its ``bin`` folder."""
    work = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", str(work), str(root)], check=True, capture_output=True)
    (wheel,) = work.glob("*.whl")
    venv.create(work / "env", with_pip=True)
    subprocess.run([work / "env/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                    "-c", str(root / "constraints.txt"), str(wheel)], check=True, capture_output=True)
    return work / "env/bin"


def run(installed: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV_", "ZEROFACTORY"))}
    return subprocess.run([installed / "zerofactory", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_extras_are_not_there(installed: Path, tmp_path: Path) -> None:
    found = subprocess.run([installed / "python", "-c",
                            f"import importlib.util as u; print([n for n in {EXTRAS!r} if u.find_spec(n)])"],
                           cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_module_of_the_engine_imports(installed: Path, tmp_path: Path) -> None:
    script = ("import pkgutil, importlib, zerofactory_engine as z\n"
              "names = [m.name for m in pkgutil.walk_packages(z.__path__, 'zerofactory_engine.')]\n"
              "[importlib.import_module(n) for n in names if not n.endswith('durable')]\n"
              "print(len(names), z.__file__)")
    found = subprocess.run([installed / "python", "-W", "error", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "site-packages" in found.stdout


def test_rules_and_standards_travel_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    found = run(installed, "pack", "list", "--json", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "cn-miit-zcf-2026" in found.stdout


def test_the_main_job_runs_without_extras(installed: Path, tmp_path: Path, root: Path) -> None:
    dossier = root / "examples/demo-battery-factory/dossier.yaml"
    found = run(installed, "evaluate", str(dossier), "--pack", "cn-miit-zcf-2026@0.1.0", "--valid-on", "2026-08-15",
                "--bundle", "bundle.json", "--json", cwd=tmp_path)
    assert found.returncode in {1, 5}, found.stderr
    assert json.loads(found.stdout)["levels"]
    again = run(installed, "verify", "bundle.json", "--json", cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_a_missing_extra_prints_the_command_that_installs_it(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text("{}", encoding="utf-8")
    found = run(installed, "report", "bundle.json", "--out", "report.pdf", "--lang", "en", cwd=tmp_path)
    assert found.returncode == 2
    assert "pip install 'zerofactory[report]'" in found.stderr
    assert "Traceback" not in found.stderr
    assert not (tmp_path / "report.pdf").exists()
