"""A case from a bundle: read, checked, evaluated again and proved. A report is made only of what computes to itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerofactory_engine.bundle import bundle_bytes, public_extract, read_document, recomputed
from zerofactory_engine.bundle.documents import FULL, pack_of, unhashed
from zerofactory_engine.canonical import content_hash, jsonable
from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.publishing.case import Case, Offset
from zerofactory_mappings.publishing.supply import supply_of

if TYPE_CHECKING:
    from zerofactory_engine.dossier import Dossier
    from zerofactory_engine.evaluation.model import Assessment
    from zerofactory_engine.rulepack.model import Pack

#: Names of the attached files.
BUNDLE_NAME, EXTRACT_NAME = "bundle.json", "public-extract.json"
#: Pins that say with what something was made; another version may well compute the same.
_MAKERS = ("engine", "units")
_NOT_TOLD: Mapping[str, Any] = {"readings": [], "combinations": 0, "exhaustive": True, "refused": 0, "outcomes": {},
                                "single_flips": [], "stable": {}}


def read_case(path: Path, *, public: bool = False) -> Case:
    """The case of the bundle, or of the PDF that carries one, at *path*; *public* for the public version.

    Raises:
        ProblemsError: it is no bundle (``bundle.…``), it does not give its own assessment back (``report.differs``), or
            it is a public extract and the full report is asked for (``report.extract-only``).
    """
    return case_of(read_document(path), public=public, file=path.name)


def case_of(document: Mapping[str, Any], *, public: bool = False, file: str = BUNDLE_NAME) -> Case:
    """:func:`read_case` of a document that was read already."""
    if "kind" not in document:
        raise ProblemsError([Problem("report.assessment-alone", Place(file=file))])
    _check_hash(document, file)
    if document["kind"] != FULL:
        if not public:
            raise ProblemsError([Problem("report.extract-only", Place(file=file), example="--public")])
        return Case(_completed(document["assessment"]), bundle_bytes(document), EXTRACT_NAME, public=True)
    again = recomputed(document)
    _check_equal(document["assessment"], jsonable(again.as_json()), file)
    if public:
        extract = public_extract(document)
        return Case(_completed(extract["assessment"]), bundle_bytes(extract), EXTRACT_NAME, public=True)
    return _full_case(document, again)


def case_made(assessment: Assessment, document: Mapping[str, Any]) -> Case:
    """The case of a bundle whose *assessment* was made in this process a moment ago: nothing is computed again."""
    return _full_case(document, assessment)


def case_shown(document: Mapping[str, Any], file: str = BUNDLE_NAME) -> Case:
    """The case of a full bundle to be looked at on a page: its hash is checked, nothing is computed again, and there
    are no proofs. A report is made of :func:`case_of`.

    Raises:
        ProblemsError: ``report.differs``: the content is not what its id says.
    """
    _check_hash(document, file)
    return Case(document["assessment"], bundle_bytes(document), BUNDLE_NAME, questions=_questions(pack_of(document)))


def _full_case(document: Mapping[str, Any], again: Assessment) -> Case:
    from zerofactory_engine.evaluation.proof import proof_json, prove

    assessment = document["assessment"]
    dossier: Dossier = again.run.dossier
    return Case(assessment, bundle_bytes(document), BUNDLE_NAME,
                proof=jsonable(proof_json(prove(again), assessment["id"])),
                supply=supply_of(dossier, assessment["inventory"].get("instruments", ())), offsets=_offsets(dossier),
                questions=_questions(again.run.pack))


def _offsets(dossier: Dossier) -> tuple[Offset, ...]:
    """Credits of the dossier, row by row; they stand beside the inventory and are never netted."""
    rows = dossier.rows.get("credits", ())
    return tuple(Offset(" ".join(str(row.values[k]) for k in ("programme", "project") if row.values.get(k)),
                        row.values["quantity"]) for row in rows if isinstance(row.values.get("quantity"), Decimal))


def _questions(pack: Pack) -> dict[str, Mapping[str, str]]:
    """Texts of the questions of a pack and of the items of its checklists, by the subjects that reasons name."""
    texts = {f"question:{c.id}/{q.id}": q.text for c in pack.criteria.values() for q in c.questions.values()}
    return texts | {f"checklists/{name}/{item.id}": item.text for name, found in pack.checklists.items()
                    for item in found.items.values()}


def _check_hash(document: Mapping[str, Any], file: str) -> None:
    if document["id"] != (expected := content_hash(unhashed(document))):
        raise ProblemsError([Problem("report.differs", Place(file=file, path="id"), found=document["id"],
                                     accepted=expected)])


def _check_equal(told: Mapping[str, Any], made: Mapping[str, Any], file: str) -> None:
    """Refuse a bundle whose assessment is not the one that its content gives."""
    one, other = _comparable(told), _comparable(made)
    if one != other:
        paths = [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
        raise ProblemsError([Problem("report.differs", Place(file=file, path=f"assessment/{key}")) for key in paths])


def _comparable(assessment: Mapping[str, Any]) -> dict[str, Any]:
    content = unhashed(assessment)
    return {**content, "pins": {k: v for k, v in content["pins"].items() if k not in _MAKERS}}


def _completed(extract: Mapping[str, Any]) -> dict[str, Any]:
    """The assessment of an extract with empty parts in place of those that it does not tell."""
    empty: dict[str, Any] = {"boundary": {}, "readings": [], "quantities": [], "parameters": [], "inventory": {},
                             "findings": [], "crosschecks": [], "estimates": [], "gaps": [], "documents": []}
    required = {"pack", "pins", "subject", "levels", "criteria", "outcome_kind", "valid_on", "asked"}
    if missing := required - set(extract):
        raise ProblemsError([Problem("report.extract-incomplete", found=", ".join(sorted(missing)))])
    outcome: dict[str, Any] = {"reasons": [], "rests_on": [], "levers": [], "proof": [], "causes": []}
    criterion: dict[str, Any] = {"evidence": [], "sensitivity": _NOT_TOLD, "quantities": [], "parameters": [],
                                 "judgements": []}
    return {
        **empty, **extract, "documents_assumed": extract.get("documents_assumed", False),
        "levels": [{"sensitivity": _NOT_TOLD, "rests_on": [], **level} for level in extract["levels"]],
        "criteria": [{**criterion, **c, "levels": {n: {**outcome, **o} for n, o in c["levels"].items()}}
                     for c in extract["criteria"]],
        "documents": [{"state": "present", "used_by": [], **d} for d in extract.get("documents", ())],
    }
