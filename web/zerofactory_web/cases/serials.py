"""Serial numbers of certificates and credits that two cases claim: found whatever ranges they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from zerofactory_engine.dossier.serials import SerialRange, overlapping, serial_range
from zerofactory_engine.problems import Place, Problem
from zerofactory_web.cases.model import Case, DossierVersion


@dataclass(frozen=True, slots=True)
class Claim:
    """A range of serials that a case claims in a row of its dossier; *kind*: certificates or credits."""

    case: str
    row: str
    kind: str
    serials: SerialRange


def claims(session: Session, case: Case) -> list[Claim]:
    """What the newest dossier of *case* claims."""
    version = session.scalar(select(DossierVersion).where(DossierVersion.application_id == case.application_id)
                             .order_by(DossierVersion.number.desc()).limit(1))
    return [] if version is None else list(_claims(case.number, version))


def _claims(number: str, version: DossierVersion) -> Iterator[Claim]:
    for each in version.summary.get("serials", ()):
        found = serial_range(each["first"], each["last"])
        if found is not None and found.low <= found.high:
            yield Claim(number, each["row"], each["row"].partition("/")[0], found)


def conflicts(session: Session, case: Case) -> list[Problem]:
    """``cases.serial-twice`` for each range of *case* that another case, which was not refused, claims as well.

    Cases of the same application (an appeal, a changed scope) are one claim.
    """
    mine = claims(session, case)
    if not mine:
        return []
    version = aliased(DossierVersion)
    newest = select(func.max(version.number)).where(
        version.application_id == Case.application_id).correlate(Case).scalar_subquery()
    others = session.execute(
        select(Case.number, DossierVersion)
        .join(DossierVersion, DossierVersion.application_id == Case.application_id)
        .where(Case.application_id != case.application_id, Case.state != "refused", DossierVersion.number == newest))
    theirs = [claim for number, version in others for claim in _claims(number, version)]
    everything = [*mine, *theirs]
    found = []
    for later, earlier, shared in overlapping([c.serials for c in everything]):
        a, b = everything[earlier], everything[later]
        if earlier < len(mine) <= later and a.kind == b.kind:
            found.append(Problem("cases.serial-twice", Place(path=a.row), found=str(shared), args={"case": b.case}))
    return found
