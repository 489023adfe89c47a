"""The desk's way to the guarded process: orders are made here, with a folder of their own that is gone afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask, current_app

from zerofactory_engine.problems import ProblemsError
from zerofactory_web.exporter import work
from zerofactory_web.exporter.inputs import Given, Piece
from zerofactory_web.exporter.model import CbamResult
from zerofactory_web.exporter.results import Computed, Made
from zerofactory_web.readiness.guard import Done, Guard
from zerofactory_web.site.context import portal
from zerofactory_web.site.language import language

_KEY = "zerofactory.exporter-guard"
#: How this subject says that a piece of work was not done.
_CODES = {"precheck.busy": "exporter.busy", "precheck.too-long": "exporter.too-long",
          "precheck.too-much": "exporter.too-much"}
#: What a file is called that a customer gets, and its media type.
ENDINGS = {"result": "json", "proof": "json", "goods": "csv", "summary": "pdf", "workbook": "xlsx", "xml": "xml"}
#: Files that have words in the language of the page; the others are the same in every language.
SPOKEN = ("goods",)


def install(app: Flask, guard: Guard | None = None) -> None:
    """Have the desk's work done by *guard*."""
    app.extensions[_KEY] = guard or Guard(work.work)


def run(order: Mapping[str, Any]) -> Done:
    """What the work gives back.

    Raises:
        ProblemsError: those of the work; ``exporter.busy``, ``exporter.too-long``, ``exporter.too-much``.
    """
    guard: Guard = current_app.extensions[_KEY]
    with TemporaryDirectory(prefix="zf-cbam-") as folder:
        try:
            return guard.run({**order, "folder": folder, "language": language(),
                              "now": portal().store.clock().isoformat()})
        except ProblemsError as error:
            raise ProblemsError([replace(p, code=_CODES.get(p.code, p.code)) for p in error.problems]) from None


def _files(file: Piece, beside: Sequence[Piece]) -> dict[str, Any]:
    return {"file": {"name": file.name, "data": file.data},
            "beside": [{"name": b.name, "data": b.data} for b in beside]}


def read(file: Piece, beside: Sequence[Piece], source: str = "upload") -> Given:
    """What a file says.

    Raises:
        ProblemsError: it cannot be read; every problem of it.
    """
    told = run({"do": "read", **_files(file, beside)}).told
    return Given(file, tuple(beside), told["tree"], told["problems"], source)


def compute(file: Piece, beside: Sequence[Piece], method: str, import_year: int | None,
            readings: Mapping[str, str]) -> Computed:
    """The calculation of a file; raises as :func:`read`."""
    done = run({"do": "compute", **_files(file, beside), "method": method, "import_year": import_year,
                "readings": dict(readings)})
    return Computed(method, import_year, dict(readings), done.told["engine"], done.told["document"].encode(),
                    done.data, done.told["summary"])


def make(result: CbamResult, file: Piece, beside: Sequence[Piece], kind: str, **more: Any) -> Made:
    """A file of a result; raises as :func:`read`, and what keeps it from being made."""
    done = run({"do": "file", **_files(file, beside), "kind": kind, "method": result.method,
                "import_year": result.import_year, "readings": result.readings, "expected": result.document, **more})
    return Made(kind, language(), name_of(result, kind, language()), done.data, done.told["problems"])


def kept(result: CbamResult, kind: str) -> Made:
    """The file that a result is itself: what was computed, or its proof, as it was written down."""
    data = portal().store.documents.read(result.document if kind == "result" else result.proof)
    return Made(kind, language(), name_of(result, kind), data)


def cost(file: Piece, beside: Sequence[Piece], product: int, prices: Mapping[str, str], tonnes: str,
         readings: Mapping[str, str]) -> dict[str, Any]:
    """Cost of a product over the years; raises as :func:`read`."""
    return run({"do": "cost", **_files(file, beside), "product": product, "prices": dict(prices),
                "tonnes": tonnes, "readings": dict(readings)}).told


def blank(kind: str, sector: str | None) -> bytes:
    """A file to fill in."""
    return run({"do": "blank", "kind": kind, "sector": sector}).data


def begun(sector: str | None) -> dict[str, Any]:
    """Fields and tables that an input written in the browser begins with."""
    return run({"do": "texts", "sector": sector}).told


def texts(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Fields and tables of what a version says."""
    return run({"do": "texts", "tree": tree}).told


def name_of(result: CbamResult, kind: str, lang: str = "") -> str:
    """The name of a file of a result: what it is, of which record, and in which language where that makes another."""
    spoken = f"-{lang}" if lang and kind in SPOKEN else ""
    return f"cbam-{kind}-{result.document.removeprefix('sha256:')[:12]}{spoken}.{ENDINGS[kind]}"
