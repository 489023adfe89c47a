"""Tables of what comes after decisions: who took which step of a complaint, and why a case follows another.

Both are written before the thing that they allow, so that the database can look at them when it comes.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from zerofactory_web.cases.states import COMPLAINT
from zerofactory_web.store.model import ID_LENGTH, Identified

#: Why a case follows another one.
WHYS = ("extend", "reduce", "reissue", "appeal")
#: States of a complaint that somebody brought it to.
HANDLED = COMPLAINT.states[1:]


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


class ComplaintStep(Identified):
    """Who brought a complaint or an appeal to *state*; never changed. No complaint comes to a state twice."""

    __tablename__ = "complaint_step"
    __table_args__ = (CheckConstraint(_one_of("state", HANDLED), name="state"),
                      UniqueConstraint("complaint_id", "state"))

    complaint_id: Mapped[str] = mapped_column(ForeignKey("complaint.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))


class Reopening(Identified):
    """Why case *case_id*, which is made right after this, follows the case *follows*; never changed. *complaint_id*:
    the appeal that was upheld; each leads to one case."""

    __tablename__ = "reopening"
    __table_args__ = (CheckConstraint(_one_of("why", WHYS), name="why"),
                      CheckConstraint("(why = 'appeal') = (complaint_id IS NOT NULL)", name="appeal"))

    case_id: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    follows: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    why: Mapped[str] = mapped_column(String(20))
    complaint_id: Mapped[str | None] = mapped_column(ForeignKey("complaint.id"), unique=True)
    by_person: Mapped[str] = mapped_column(ForeignKey("person.id"))
