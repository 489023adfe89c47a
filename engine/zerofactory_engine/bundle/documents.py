"""Making, writing and reading bundles, and computing one again.

The id of a bundle is the SHA-256 of the RFC 8785 JSON of its content without ``id`` and ``produced_by``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerofactory_engine import __version__
from zerofactory_engine.canonical import canonical_bytes, content_hash, jsonable
from zerofactory_engine.console import write_aside
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError

if TYPE_CHECKING:
    from zerofactory_engine.evaluation.model import Assessment
    from zerofactory_engine.rulepack.model import Pack

FORMAT = "zerofactory/bundle/1"
FULL, EXTRACT = "full", "public_extract"
#: Largest bundle that is read, in bytes.
LIMIT = 256_000_000
#: Places at which a document is not as its schema says that are listed.
_LISTED = 20
#: What stands outside the hash.
_UNHASHED = ("id", "produced_by")


def build_bundle(assessment: Assessment) -> dict[str, Any]:
    """The bundle of an assessment that :func:`zerofactory_engine.evaluation.evaluate` made in this process.

    Raises:
        ProblemsError: the evaluation was a what-if with given quantities; only the dossier's own values are evidence.
    """
    assessor = assessment.run
    request, pack = assessor.request, assessor.pack
    if request.quantities:
        raise ProblemsError([Problem("bundle.what-if", found=", ".join(sorted(request.quantities)))])
    base = pack.base or pack.pin
    sets = {s.pin: s for s in assessor.inventory.sets.values()}
    content: dict[str, Any] = jsonable({
        "format": FORMAT,
        "kind": FULL,
        "assessment": assessment.as_json(),
        "request": {"levels": request.levels, "valid_on": request.valid_on, "known_on": request.known_on,
                    "readings": request.readings, "documents_assumed": request.documents_assumed,
                    "levers": request.levers},
        "dossier": assessor.dossier.canonical(),
        "pack": {"id": base.id, "version": base.version, "sha256": base.sha256, "files": _files(pack.files)},
        "overlay": None if pack.overlay is None else {
            "id": pack.overlay.id, "version": pack.overlay.version, "sha256": pack.overlay.sha256,
            "files": _files(pack.overlay_files)},
        "judgements": None if assessor.judgements is None else assessor.judgements.content,
        "factor_sets": [{**pin.as_json(), "content": s.data.decode("utf-8")} for pin, s in sorted(sets.items())],
        "code_lists": [{"id": n, "sha256": h} for n, h in sorted(pack.question_pins.items())],
    })
    return sealed(content)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """*content* with its id and the program that made it."""
    return {"format": content["format"], "id": content_hash(content),
            "produced_by": {"program": "zerofactory", "version": __version__},
            **{k: v for k, v in content.items() if k != "format"}}


def _files(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Files as text; what is no UTF-8 in base64."""
    made: dict[str, Any] = {}
    for name, data in sorted(files.items()):
        try:
            made[name] = data.decode("utf-8")
        except UnicodeDecodeError:
            made[name] = {"base64": base64.b64encode(data).decode("ascii")}
    return made


def bundle_bytes(bundle: Mapping[str, Any]) -> bytes:
    """A bundle as the bytes of its file: canonical JSON, the same for the same bundle."""
    return canonical_bytes(bundle)


def write_bundle(assessment: Assessment, path: Path) -> dict[str, Any]:
    """Write the bundle of *assessment* to *path* and give it back."""
    bundle = build_bundle(assessment)
    write_aside(path, bundle_bytes(bundle))
    return bundle


# --- reading -------------------------------------------------------------------------------------------------------


def read_document(path: Path) -> dict[str, Any]:
    """The JSON of a bundle, an extract or an assessment; of a PDF the one that it carries.

    Raises:
        ProblemsError: it is none of these, too large, or not what its schema says.
    """
    if path.stat().st_size > LIMIT:
        raise ProblemsError([Problem("bundle.too-large", Place(file=path.name), accepted=f"{LIMIT} B")])
    data = path.read_bytes()
    if data[:5] == b"%PDF-":
        data = attached(data, path.name)
    return parse_document(data, path.name)


def parse_document(data: bytes, file: str = "bundle.json") -> dict[str, Any]:
    """:func:`read_document` of the bytes of a JSON file."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise ProblemsError([Problem("bundle.not-json", Place(file=file, line=error.lineno, column=error.colno),
                                     found=error.doc[error.pos:error.pos + 20] or None)]) from error
    except UnicodeDecodeError as error:
        raise ProblemsError([Problem("bundle.not-json", Place(file=file), found=f"0x{data[error.start]:02x}",
                                     accepted="UTF-8")]) from error
    except _NotExactError as error:
        raise ProblemsError([Problem("bundle.not-json", Place(file=file), found=str(error)[:200])]) from error
    except (ValueError, RecursionError) as error:
        raise ProblemsError([Problem("bundle.not-json", Place(file=file))]) from error
    found = value.get("format", "") if isinstance(value, dict) else "[…]" if isinstance(value, list) else str(value)
    kind = {"zerofactory/bundle/1": "bundle", "zerofactory/assessment/1": "assessment"}.get(str(found))
    if kind is None:
        raise ProblemsError([Problem("bundle.unknown-format", Place(file=file), found=str(found)[:200] or None,
                                     accepted="zerofactory/bundle/1, zerofactory/assessment/1")])
    errors = [Problem("bundle.not-as-schema", Place(file=file, path="/".join(map(str, e.absolute_path))),
                      found=e.message[:200]) for e in islice(_validator(kind).iter_errors(value), _LISTED)]
    if errors:
        raise ProblemsError(errors)
    return value  # type: ignore[no-any-return]


class _NotExactError(ValueError):
    """A number that is not exact, as it is written."""


def _refuse(text: str) -> Any:
    raise _NotExactError(text)


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    folder = STANDARDS_ROOT / "schemas"
    schemas = {n: json.loads((folder / f"{n}.schema.json").read_text(encoding="utf-8"))
               for n in ("assessment", "bundle", "judgements")}
    registry = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas.values()])
    return Draft202012Validator(schemas[kind], registry=registry)


def attached(data: bytes, file: str) -> bytes:
    """The bundle that a PDF carries; needs the extra ``report``."""
    try:
        import pikepdf
    except ImportError as error:
        raise ProblemsError([Problem("bundle.pdf-extra", Place(file=file),
                                     example="pip install 'zerofactory[report]'")]) from error
    from io import BytesIO

    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            for name in sorted(pdf.attachments):
                found = bytes(pdf.attachments[name].get_file().read_bytes())
                if b'"zerofactory/bundle/' in found[:LIMIT] and len(found) <= LIMIT:
                    return found
    except pikepdf.PdfError as error:
        raise ProblemsError([Problem("bundle.pdf-broken", Place(file=file))]) from error
    raise ProblemsError([Problem("bundle.pdf-without", Place(file=file))])


def recomputed(bundle: Mapping[str, Any]) -> Assessment:
    """The assessment of a full bundle, computed again from nothing but what the bundle holds.

    Raises:
        ProblemsError: the bundle's dossier, pack, overlay, judgements or factor sets cannot be used.
    """
    from zerofactory_engine.accounting import FactorLibrary
    from zerofactory_engine.accounting.factor_reader import read_factor_set
    from zerofactory_engine.dossier import dossier_from_tree
    from zerofactory_engine.evaluation import Request, evaluate
    from zerofactory_engine.evaluation.judgements import parse_judgements

    judgements, asked = bundle["judgements"], bundle["request"]
    pack = pack_of(bundle)
    sets = [read_factor_set(s["content"].encode("utf-8"), s["id"]) for s in bundle["factor_sets"]]
    request = Request(
        valid_on=date.fromisoformat(asked["valid_on"]), levels=tuple(asked["levels"]),
        known_on=date.fromisoformat(asked["known_on"]) if asked["known_on"] else None,
        readings=asked["readings"], documents_assumed=asked["documents_assumed"], levers=asked["levers"])
    return evaluate(dossier_from_tree(bundle["dossier"]), pack, request, FactorLibrary((), sets),
                    parse_judgements(canonical_bytes(judgements)) if judgements else None)


def pack_of(bundle: Mapping[str, Any]) -> Pack:
    """The pack that a full bundle holds, with its overlay.

    Raises:
        ProblemsError: it cannot be used.
    """
    from zerofactory_engine.rulepack.load import load_files

    overlay = bundle["overlay"]
    return load_files(_bytes(bundle["pack"]["files"]), None, _bytes(overlay["files"]) if overlay else None)


def _bytes(files: Mapping[str, Any]) -> dict[str, bytes]:
    try:
        return {name: text.encode("utf-8") if isinstance(text, str) else base64.b64decode(text["base64"], validate=True)
                for name, text in files.items()}
    except binascii.Error as error:
        raise ProblemsError([Problem("bundle.not-base64", found=str(error))]) from error


def unhashed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The content that the id of a bundle or assessment is the hash of."""
    return {k: v for k, v in document.items() if k not in _UNHASHED}
