"""What is done with a stranger's file in a guarded process: read it, compute it, make files of it, cost over the years.

An order is plain values and bytes: ``do``, ``file`` (``{name, data}``), ``beside`` (the same, several), ``folder`` (an
empty one of this order), and what each kind of work needs. The process is :mod:`zerofactory_web.readiness.guard`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerofactory_engine import __version__
from zerofactory_engine.canonical import canonical_bytes, jsonable, sha256
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.compute import compute
from zerofactory_mappings.cbam.defaults.store import default_sets
from zerofactory_mappings.cbam.exact_json import exact_json
from zerofactory_mappings.cbam.input.write import installation_tree
from zerofactory_mappings.cbam.model import Basis, Installation
from zerofactory_mappings.cbam.obligation.readings import reading_problems
from zerofactory_mappings.cbam.read import parse_installation
from zerofactory_mappings.cbam.table_reader import TABLES_FOLDER
from zerofactory_web.exporter import cost, made
from zerofactory_web.exporter.shaped import summary
from zerofactory_web.readiness.guard import Done

if TYPE_CHECKING:
    from zerofactory_mappings.cbam.result import CbamResult

#: Problems of a file that are given back; of a file with more, the first ones.
MOST_PROBLEMS = 500
#: Files beside an input: how many, and how their names end.
MOST_BESIDE, BESIDE = 12, ".csv"


def work(order: Mapping[str, Any]) -> Done:
    """Do *order*.

    Raises:
        ProblemsError: every problem of the file or of what was asked for.
    """
    try:
        return _KINDS[order["do"]](order)
    except ProblemsError as error:
        raise ProblemsError(error.problems[:MOST_PROBLEMS]) from None


def installation_of(order: Mapping[str, Any]) -> Installation:
    """The installation in the order's file; the tables beside it are laid into the order's folder.

    Raises:
        ProblemsError: the file cannot be read, with every problem; a table beside it that is none.
    """
    folder = Path(order["folder"])
    beside = order.get("beside") or ()
    wrong = [Problem("exporter.beside-kind", Place(path="beside"), found=b["name"], accepted=BESIDE) for b in beside
             if not b["name"].lower().endswith(BESIDE) or Path(b["name"]).name != b["name"]]
    if len(beside) > MOST_BESIDE:
        wrong.append(Problem("exporter.beside-many", Place(path="beside"), found=str(len(beside)),
                             accepted=f"≤ {MOST_BESIDE}"))
    if wrong:
        raise ProblemsError(wrong)
    for b in beside:
        (folder / b["name"]).write_bytes(b["data"])
    return parse_installation(order["file"]["data"], order["file"]["name"], folder)


def computed(order: Mapping[str, Any]) -> CbamResult:
    """The calculation that the order asks for, with its proof.

    Raises:
        ProblemsError: as :func:`installation_of`; a reading that there is not.
    """
    readings: Mapping[str, str] = order.get("readings") or {}
    if problems := reading_problems([(r, a, Place(path="readings")) for r, a in readings.items()]):
        raise ProblemsError(problems)
    return compute(installation_of(order), Basis(order["method"]), proof=True, import_year=order.get("import_year"),
                   readings=readings)


def proof_bytes(result: CbamResult, name: str, data: bytes) -> bytes:
    """The steps with what they rest on: hashes of input and tables, sets of default values; decimals are texts."""
    tables = {p.name: sha256(p.read_bytes()) for p in sorted(TABLES_FOLDER.glob("*.csv"))}
    pins = {"input": {"file": name, "sha256": sha256(data)}, "tables": tables,
            "default_values": [s.version for s in default_sets()]}
    return canonical_bytes(jsonable({
        "format": "zerofactory/cbam-proof/1", "basis": result.basis, "pins": pins,
        "provisional": list(result.provisional), "sources": list(result.sources),
        "steps": {} if result.proof is None else result.proof.as_json()}))


def result_bytes(result: CbamResult) -> bytes:
    """The result as programs read it, with exact numbers (``zerofactory/cbam-result/1``)."""
    return (exact_json(result) + "\n").encode()


def _read(order: Mapping[str, Any]) -> Done:
    found = installation_of(order)
    return Done({"tree": jsonable(installation_tree(found)), "name": found.name or "",
                 "problems": [p.as_json() for p in found.problems[:MOST_PROBLEMS]]})


def _compute(order: Mapping[str, Any]) -> Done:
    result = computed(order)
    proof = proof_bytes(result, order["file"]["name"], order["file"]["data"])
    return Done({"summary": summary(result), "engine": __version__, "document": result_bytes(result).decode()}, proof)


def _file(order: Mapping[str, Any]) -> Done:
    """A file of the kind asked for; only of the very result that was recorded."""
    result = computed(order)
    digest = f"sha256:{hashlib.sha256(result_bytes(result)).hexdigest()}"
    if digest != order["expected"]:
        raise ProblemsError([Problem("exporter.result-differs", found=digest, accepted=order["expected"])])
    data, told = made.made(result, order)
    return Done({"problems": [p.as_json() for p in told[:MOST_PROBLEMS]]}, data)


def _cost(order: Mapping[str, Any]) -> Done:
    return Done(cost.cost(installation_of(order), order))


def _blank(order: Mapping[str, Any]) -> Done:
    from zerofactory_mappings.cbam.input.template import starter_workbook, starter_yaml

    sector, language = order.get("sector"), order["language"]
    return Done({}, starter_workbook(sector, language) if order["kind"] == "xlsx"
                else starter_yaml(sector, language).encode())


def _texts(order: Mapping[str, Any]) -> Done:
    """What the form of an input begins with: a tree that is there, or the rows of a sector."""
    from zerofactory_mappings.cbam.input.template import starter_tree
    from zerofactory_web.exporter.sheets import texts_of

    tree = order["tree"] if "tree" in order else starter_tree(order["sector"], order["language"])
    return Done(texts_of(tree, order["language"]))


_KINDS = {"read": _read, "compute": _compute, "file": _file, "cost": _cost, "blank": _blank,
          "texts": _texts}
