"""Serial numbers of certificates and credits that two cases claim; the register looks for them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from zerofactory_engine.problems import Place, Problem
from zerofactory_web.cases.model import Case, DossierVersion
from zerofactory_web.register import serials as register


@dataclass(frozen=True, slots=True)
class Claim:
    """Serials that a case claims in a row of its dossier: one, or ``first … last``; *kind*: certificates or credits."""

    row: str
    kind: str
    serials: str


def claims(session: Session, case: Case) -> list[Claim]:
    """What the newest dossier of *case* claims."""
    version = session.scalar(select(DossierVersion).where(DossierVersion.application_id == case.application_id)
                             .order_by(DossierVersion.number.desc()).limit(1))
    return [] if version is None else [Claim(each["row"], each["registry"], each["serial"])
                                       for each in register.claims_in(version.summary)]


def conflicts(session: Session, case: Case) -> list[Problem]:
    """``cases.serial-twice`` for each range of *case* that another case, which was not refused, claims as well, or that
    a certificate in force of another application rests on."""
    mine = claims(session, case)
    asked = [{"registry": each.kind, "serial": each.serials} for each in mine]
    return [Problem("cases.serial-twice", Place(path=mine[use.index].row), found=use.shared, args={"case": use.case})
            for use in register.elsewhere(session, case.id, asked)]
