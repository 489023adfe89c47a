"""Whom a disclosure is about: one dossier, or a group file that names several with the interest held in each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerofactory_engine.dossier.archive import Archive
from zerofactory_engine.dossier.bind import Files, Folder
from zerofactory_engine.problems import Place, Problem, ProblemsError, system_problem
from zerofactory_engine.typed import Typed, read_typed, shipped_schema
from zerofactory_engine.yaml_text import read_yaml
from zerofactory_mappings.disclosures.statement import EMPTY, Statement, read_statement

if TYPE_CHECKING:
    from zerofactory_engine.accounting.inventory import Inventory
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.dossier.model import Document, Dossier

GROUP_FORMAT = "zerofactory/group/1"
_GROUP_BYTES = 2_000_000
_IS_GROUP = re.compile(rb"""^\s*\{?\s*["']?format["']?\s*:\s*["']?zerofactory/group/""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Holding:
    """How the reporting organisation holds a facility (GHG Protocol Corporate Standard, chapter 3, table 1).

    *relationship*: subsidiary, joint_venture, associate, fixed_asset_investment, franchise; *interest*: economic
    interest as a share (0.4); *operated*: it has operational control; *controlled*: it has financial control.
    """

    relationship: str
    interest: Decimal
    operated: bool
    controlled: bool


@dataclass(frozen=True, eq=False)
class Member:
    """One dossier with its inventory: of the facility as a whole in a group, as the dossier states when alone."""

    dossier: Dossier
    inventory: Inventory
    holding: Holding | None = None
    sha256: str = ""
    source: Path | None = None

    def file_of(self, document: Document) -> bytes | None:
        """The file of a document, from the dossier's zip or folder; None when it is not there."""
        if self.source is None or document.file is None:
            return None
        try:
            if self.source.suffix.lower() == ".zip":
                with Archive(self.source.read_bytes(), self.source.name) as archive:
                    return _whole(archive, document.file)
            return _whole(Folder(self.source.parent), document.file)
        except (OSError, ProblemsError):
            return None


def _whole(files: Files, name: str) -> bytes | None:
    return None if files.size(name) is None else b"".join(files.chunks(name))


@dataclass(frozen=True, eq=False)
class Subject:
    """What is reported on. *approach*: of a group, else None. *bases*: dossiers of the base year, oldest first."""

    members: tuple[Member, ...]
    name: Mapping[str, str]
    start: date
    end: date
    approach: str | None
    statement: Statement
    bases: tuple[Member, ...]
    options: Options
    library: FactorLibrary

    @property
    def alone(self) -> Member:
        """The only member.

        Raises:
            ProblemsError: ``disclosure.group-not-taken`` when there are several.
        """
        if len(self.members) != 1 or self.approach is not None:
            raise ProblemsError([Problem("disclosure.group-not-taken", found=str(len(self.members)))])
        return self.members[0]

    @property
    def issued(self) -> date:
        """The date of the report: as the statement has it, else the day up to which factors were known, else the
        period's last day. Never the clock's."""
        return self.statement.date or self.options.known_on or self.end


def load_subject(path: Path, *, options: Options, library: FactorLibrary, statement: Path | None = None,
                 bases: Sequence[Path] = ()) -> Subject:
    """The subject at *path*, a dossier of any format or a group file.

    Raises:
        ProblemsError: everything that is wrong in any of the files.
    """
    problems: list[Problem] = []
    said, group = EMPTY, None
    try:
        group = _group_at(path)
        said = _statement(statement if statement is not None else group.statement if group is not None else None)
    except ProblemsError as error:
        problems += error.problems
    members: list[Member] = []
    base_members: list[Member] = []
    parts = [] if problems and group is None else group.parts if group is not None else [(path, None)]
    as_whole = options if group is None else replace(
        options, options={**options.options, "consolidation": "facility"})
    for file, holding in parts:
        _collect(members, problems, file, holding, as_whole, library)
    for file in bases:
        _collect(base_members, problems, file, None, as_whole, library)
    problems += _agreement(group, members)
    if problems:
        raise ProblemsError(problems)
    base_members.sort(key=lambda m: (m.dossier.period.start, m.dossier.id))
    if group is not None:
        return Subject(tuple(members), group.name, group.start, group.end, group.approach, said, tuple(base_members),
                       options, library)
    only = members[0]
    period = only.dossier.period
    return Subject((only,), name_of_dossier(only.dossier), period.start, period.end, None, said, tuple(base_members),
                   options, library)


def name_of_dossier(dossier: Dossier) -> Mapping[str, str]:
    """What a facility is called in zh and en: its name, else its organisation's, else its identifier."""
    for given in (dossier.facility.get("name"), dossier.organisation.get("name")):
        if isinstance(given, Mapping) and any(given.values()):
            zh, en = given.get("zh"), given.get("en")
            return {"zh": str(zh or en), "en": str(en or zh)}
        if isinstance(given, str) and given:
            return {"zh": given, "en": given}
    return {"zh": dossier.id, "en": dossier.id}


# --- files -----------------------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class _Group:
    """A group file as read: *parts* are dossiers with their holdings."""

    file: str
    name: Mapping[str, str]
    start: date
    end: date
    approach: str
    parts: list[tuple[Path, Holding | None]]
    statement: Path | None
    typed: Typed


def _bytes_of(path: Path, limit: int = _GROUP_BYTES) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise ProblemsError([system_problem(error, path.name)]) from None


def _statement(path: Path | None) -> Statement:
    return EMPTY if path is None else read_statement(_bytes_of(path), path.name)


def _group_at(path: Path) -> _Group | None:
    """The group file at *path*, or None when it holds something else."""
    if path.suffix.lower() not in {".yaml", ".yml", ".json"}:
        return None
    data = _bytes_of(path)
    if not _IS_GROUP.search(data[:65_536]):
        return None
    typed = read_typed(read_yaml(data, path.name, _GROUP_BYTES), shipped_schema("group"))
    values: dict[str, Any] = typed.unwrap()
    problems: list[Problem] = []
    parts: list[tuple[Path, Holding | None]] = []
    for number, entry in enumerate(values["members"]):
        file = _beside(path, entry["dossier"], typed.place("members", number, "dossier"), problems)
        if file is not None:
            parts.append((file, Holding(entry["relationship"], entry["interest"], entry["operated"],
                                        entry["controlled"])))
    statement = None
    if values.get("statement"):
        statement = _beside(path, values["statement"], typed.place("statement"), problems)
    if problems:
        raise ProblemsError(problems)
    period = values["period"]
    return _Group(path.name, values["name"], period["from"], period["to"], values["approach"], parts, statement, typed)


def _beside(path: Path, name: str, place: Place, problems: list[Problem]) -> Path | None:
    """A file that a group file names: below its own folder, or nothing."""
    folder = path.parent.resolve()
    file = (path.parent / name).resolve()
    if not file.is_relative_to(folder):
        problems.append(Problem("disclosure.outside-folder", place, found=name[:120]))
        return None
    return file


def _collect(members: list[Member], problems: list[Problem], file: Path, holding: Holding | None, options: Options,
             library: FactorLibrary) -> None:
    """Read and compute one dossier; what is wrong with it joins *problems*."""
    from zerofactory_engine.accounting.compute import compute_inventory
    from zerofactory_engine.dossier.read import read_dossier

    try:
        read = read_dossier(file)
        members.append(Member(read.dossier, compute_inventory(read.dossier, options, library), holding, read.sha256,
                              file))
    except ProblemsError as error:
        problems.extend(error.problems)


def _agreement(group: _Group | None, members: Sequence[Member]) -> Iterator[Problem]:
    """What members of a group have to share: the period; no dossier twice."""
    if group is None or len(members) != len(group.parts):
        return
    seen: set[str] = set()
    for number, member in enumerate(members):
        place, period = group.typed.place("members", number, "dossier"), member.dossier.period
        if (period.start, period.end) != (group.start, group.end):
            yield Problem("disclosure.group-period", place, found=f"{member.dossier.id}: {period.start} – {period.end}",
                          accepted=f"{group.start} – {group.end}")
        if member.dossier.id in seen:
            yield Problem("disclosure.group-twice", place, found=member.dossier.id)
        seen.add(member.dossier.id)
