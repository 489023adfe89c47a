"""Why a value is not known, and who can settle it. Unknown never passes, and never loses its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Cause(StrEnum):
    """Why something is indeterminate (design §6)."""

    VALUE = "value"                # a value is missing in the dossier
    DOCUMENT = "document"          # the value is there, its evidence is not
    TABLE = "table"                # a table is not declared complete, or a metered series has a hole
    LIMIT = "limit"                # the standard sets a limit that we do not know
    ARITHMETIC = "arithmetic"      # division by zero, overflow, wrong kind of value
    JUDGEMENT = "judgement"        # a person's answer is needed
    NOT_YET_DUE = "not_yet_due"    # the time for it is still running
    IMPLAUSIBLE = "implausible"    # the value lies outside what is possible


class Settler(StrEnum):
    """Who can settle an indeterminate verdict."""

    APPLICANT = "applicant"
    BODY = "body"
    ISSUER = "issuer"


SETTLED_BY: Mapping[Cause, Settler] = {
    Cause.VALUE: Settler.APPLICANT,
    Cause.DOCUMENT: Settler.APPLICANT,
    Cause.TABLE: Settler.APPLICANT,
    Cause.LIMIT: Settler.ISSUER,
    Cause.ARITHMETIC: Settler.APPLICANT,
    Cause.JUDGEMENT: Settler.BODY,
    Cause.NOT_YET_DUE: Settler.APPLICANT,
    Cause.IMPLAUSIBLE: Settler.APPLICANT,
}


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """One reason: its cause, the thing concerned and a message code with arguments.

    *subject* names the thing: ``electricity/E2.MWh``, ``electricity``, ``parameter:ZCF-2.1/entry_limit``,
    ``question:I68-4/additional@K1``. *code* is a message code (``reason.cell-missing``).
    """

    cause: Cause
    subject: str
    code: str
    args: tuple[tuple[str, str], ...] = field(default=())

    def __hash__(self) -> int:
        """Cheap: reasons are gathered and told apart by the thousand."""
        return hash((self.subject, self.code))

    @property
    def settled_by(self) -> Settler:
        """Who can settle it."""
        return SETTLED_BY[self.cause]

    def as_json(self) -> dict[str, object]:
        """Stable JSON shape."""
        out: dict[str, object] = {
            "cause": str(self.cause),
            "subject": self.subject,
            "code": self.code,
            "settled_by": str(self.settled_by),
        }
        if self.args:
            out["args"] = dict(self.args)
        return out


class Unknown:
    """The value of something not known. Carries its reasons, in the order in which they were met, each once.

    Two unknowns are equal when their reasons are; an unknown is never equal to a known value, and asking for its
    truth is a mistake of the program, not false.
    """

    __slots__ = ("reasons",)
    reasons: tuple[Reason, ...]

    def __init__(self, *reasons: Reason) -> None:
        distinct = len(reasons) == len({r.subject for r in reasons})    # the usual case, found without comparing
        self.reasons = reasons if distinct else tuple(dict.fromkeys(reasons))

    def merge(self, *others: object) -> Unknown:
        """This unknown with the reasons of the unknowns among *others* behind its own."""
        more = [r for o in others if isinstance(o, Unknown) for r in o.reasons]
        return Unknown(*self.reasons, *more) if more else self

    def __bool__(self) -> bool:
        raise TypeError("an unknown is neither true nor false")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and self.reasons == other.reasons

    def __hash__(self) -> int:
        return hash((Unknown, self.reasons))

    def __repr__(self) -> str:
        return f"Unknown({', '.join(f'{r.cause}:{r.subject}' for r in self.reasons)})"
