"""Question sets: ``standards/<standard>/codes/<set>.yaml``, or ``questions/<set>.yaml`` of a pack.

    >>> len(question_set("miit-supply-chain").items)
    6
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from zerofactory_engine.canonical import content_hash
from zerofactory_engine.locate import STANDARDS_ROOT
from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_engine.rulepack.files import QUESTIONS, plain_tree
from zerofactory_engine.rulepack.model import Confidence, Item, QuestionSet
from zerofactory_engine.rulepack.parts import Leaves, Spot, frozen, text_of
from zerofactory_engine.rulepack.schemas import other_schema
from zerofactory_engine.yaml_text import PACK_BYTES, scan_yaml


def question_folders() -> tuple[Path, ...]:
    """Folders of shipped question sets."""
    return tuple(sorted(STANDARDS_ROOT.glob("*/codes")))


@cache
def shipped() -> Mapping[str, Path]:
    """Shipped question sets by id: files of ``codes`` folders that say that they are one."""
    found: dict[str, Path] = {}
    for folder in question_folders():
        for path in sorted(folder.glob("*.yaml")):
            with path.open("rb") as file:
                if b"zerofactory/question-set/" in file.read(2000):
                    found.setdefault(path.stem, path)
    return found


@cache
def question_set(set_id: str) -> QuestionSet:
    """A shipped question set; :class:`ProblemsError` when there is none or it is broken."""
    path = shipped().get(set_id)
    if path is None:
        raise ProblemsError([Problem("pack.question-set-unknown", found=set_id, accepted=", ".join(shipped()))])
    made, problems = read_question_set(path.read_bytes(), str(path))
    if made is None or any(p.severity is Severity.ERROR for p in problems):
        raise ProblemsError(problems)
    return made


def read_question_set(data: bytes, file: str) -> tuple[QuestionSet | None, list[Problem]]:
    """A question set from a file's bytes, with every problem."""
    scanned = scan_yaml(data, file, PACK_BYTES)
    problems = list(scanned.problems)
    if scanned.tree is None:
        return None, problems
    typed = other_schema("question-set").read(scanned.tree)
    problems.extend(typed.problems)
    spot = Spot(typed.value, scanned.tree)
    if not spot.has("id", "title", "clause", "source", "confidence", "last_confirmed", "items"):
        return None, problems
    raw = typed.value
    if raw["id"] != Path(file).stem:
        problems.append(Problem("pack.folder-name", (spot / "id").place, found=raw["id"], accepted=Path(file).stem))
    items = {name: Item(id=name, text=text_of(v), source=v.get("source"),
                        confidence=Confidence(v["confidence"]) if v.get("confidence") else None,
                        note=text_of(v["note"]) if v.get("note") else None)
             for name, v in raw["items"].items() if isinstance(v, dict)}
    return QuestionSet(id=raw["id"], title=text_of(raw["title"]), source=Leaves({}).source(spot), items=frozen(items),
                       per=raw.get("per"), sha256=content_hash(plain_tree(scanned.tree)), data=data,
                       place=Place(file=file)), problems


def collect(names: Iterable[tuple[str, Place]],
            files: Mapping[str, bytes]) -> tuple[dict[str, QuestionSet], list[Problem]]:
    """The sets called *names* (with the place that names each): a pack's own first, else the shipped ones."""
    found: dict[str, QuestionSet] = {}
    problems: list[Problem] = []
    wanted = dict(names)
    for path, data in files.items():
        if not path.startswith(QUESTIONS) or Path(path).stem not in wanted:
            continue
        made, wrong = read_question_set(data, path)
        problems.extend(wrong)
        if made is not None:
            found[made.id] = made
    for name, place in wanted.items():
        if name in found:
            continue
        try:
            found[name] = question_set(name)
        except ProblemsError as error:
            problems.extend(p if p.place.file else replace(p, place=place) for p in error.problems)
    return {name: found[name] for name in sorted(found)}, problems
