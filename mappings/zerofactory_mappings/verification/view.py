"""Words and figures of one language for the workbook and the report of a verification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from zerofactory_engine.accounting.classification import classification
from zerofactory_engine.dossier import structure
from zerofactory_engine.dossier.model import Row
from zerofactory_engine.messages import render, render_problem, render_reason
from zerofactory_engine.problems import Problem
from zerofactory_mappings.disclosures.subject import name_of_dossier
from zerofactory_mappings.disclosures.tables import table_of
from zerofactory_mappings.publishing.codes import name_of
from zerofactory_mappings.publishing.numbers import percent, shown, signed, unit_text
from zerofactory_mappings.verification import layout
from zerofactory_mappings.verification.evidence import Check, Gap
from zerofactory_mappings.verification.model import Evaluation
from zerofactory_mappings.verification.sampling import Contribution

DASH = "—"
UNIT = "tCO2e"
#: The standard whose categories the statement is split by.
_CATEGORIES = "iso-14064-1-2018"
#: Beginning of the codes of reasons, which name their thing in the sentence.
REASON = "verification.reason."
#: Things that one sentence names.
NAMED = 8


class Words:
    """Everything that is said in *language* (zh, en)."""

    def __init__(self, language: str) -> None:
        self.language = language

    def t(self, code: str, **args: object) -> str:
        """The sentence of ``verification.<code>``."""
        return render(f"verification.{code}", self.language, args)

    def word(self, area: str, code: str | None) -> str:
        """What a code of an area is called; a dash for none."""
        return layout.word(area, code, self.language) if code else DASH

    def named(self, code: object, *lists: str) -> str:
        """A code of the project's lists by its name."""
        return name_of(str(code), self.language, *lists) or str(code) if code else DASH

    def answer(self, answer: bool | None) -> str:
        """Yes, no, or not known."""
        return self.t("answer.unknown" if answer is None else "answer.yes" if answer else "answer.no")

    def of(self, group: str) -> str:
        """``total`` or ``category/2`` in words."""
        if group == "total":
            return self.t("whole")
        code = group.rpartition("/")[2]
        title = table_of(_CATEGORIES, "categories")["categories"].get(code)
        return f"{code} {title[self.language]}" if title is not None else group

    def line(self, line: Contribution) -> str:
        """Source and carrier of a line item."""
        found = classification().sources.get(line.source)
        title = found.title[self.language] if found is not None else line.source
        carrier = name_of(line.carrier, self.language, "carriers") if line.carrier else None
        return f"{title} · {carrier}" if carrier else title

    def tonnes(self, value: Decimal | None) -> str:
        """tCO2e by the display rule, or that it is not known."""
        return self.t("answer.unknown") if value is None else shown(value)

    def with_unit(self, value: Decimal | None) -> str:
        """``12.3 tCO2e``, or that it is not known."""
        return self.tonnes(value) if value is None else f"{shown(value)} {UNIT}"

    def signed(self, value: Decimal | None) -> str:
        """A difference with its sign."""
        return self.t("answer.unknown") if value is None else signed(value) if value else "0"

    def share(self, value: Decimal | None) -> str:
        """A share as a percentage; a dash for none."""
        return DASH if value is None else percent(value)

    def problem(self, problem: Problem) -> str:
        """A reason or problem in one sentence, groups and codes in words."""
        args = dict(problem.args)
        if "of" in args:
            args["of"] = self.of(args["of"])
        told = Problem(problem.code, problem.place, problem.severity, problem.found, problem.accepted, problem.example,
                       args)
        if not problem.code.startswith(REASON):
            return render_problem(told, self.language)
        text = render(problem.code, self.language, args)
        if problem.found:
            text = self.t("with-found", text=text, found=self._code(problem.found))
        return self.t("with-accepted", text=text, accepted=problem.accepted) if problem.accepted else text

    def _code(self, found: str) -> str:
        """A kind of engagement in words; anything else as it is."""
        return layout.word("engagement_kind", found, self.language) if found in layout.codes_of("engagement_kind") \
            else found

    def grouped(self, problems: Sequence[Problem]) -> list[str]:
        """Sentences, one for all that say the same of many things: the first of them by name and the number."""
        groups: dict[tuple[object, ...], list[Problem]] = {}
        for p in problems:
            alike = p.code.startswith(REASON) and p.found is not None and p.accepted is None
            key = (p.code, tuple(sorted(p.args.items()))) if alike else (id(p),)
            groups.setdefault(key, []).append(p)
        return [self.problem(found[0]) if len(found) == 1 else self._many(found) for found in groups.values()]

    def _many(self, found: Sequence[Problem]) -> str:
        names = self.t("comma").join(str(p.found) for p in found[:NAMED])
        more = self.t("of-these", count=len(found)) if len(found) > NAMED else ""
        return self.problem(Problem(found[0].code, found[0].place, found[0].severity, names + more,
                                    args=found[0].args))

    def opinion(self, code: str) -> str:
        """A type of opinion, or that none follows yet."""
        return self.t("open") if code == "open" else layout.word("opinion", code, self.language)

    def opinions(self, codes: Iterable[str]) -> str:
        """Several types."""
        return self.t("comma").join(self.opinion(c) for c in codes)

    def documents(self, row: Row | None) -> str | None:
        """The documents of a row."""
        return "; ".join(str(e) for e in row.documents) or None if row is not None else None

    def period(self, row: Row | None) -> str | None:
        """First and last day of a row."""
        return None if row is None or row.start is None else f"{row.start} – {row.end}"

    def gap_reason(self, gap: Gap) -> str | None:
        """Why there is a gap."""
        if gap.reason is not None:
            return render_reason(gap.reason, self.language)
        return None if gap.row is None else gap.row.get("reason") or gap.row.get("note")

    def quantity(self, check: Check) -> str:
        """What a cross-check is about: as the dossier names it, or what its table is called."""
        if check.row.table == "crosschecks":
            return check.quantity
        return structure.tables()[check.row.table].title[self.language]

    def unit(self, unit: str | None) -> str | None:
        """A unit as people write it."""
        return unit_text(unit, self.language) if unit else None

    def stated(self, check: Check) -> str | None:
        """What the dossier's own cross-check states, source by source."""
        row = check.row
        parts = [f"{row.get(f'source_{n}') or n}: {shown(v)}" for n in "abc"
                 if isinstance(v := row.get(f"value_{n}"), Decimal)]
        parts += [f"{r.get('what')}: {shown(r['amount'])}" for r in row.get("reconciling") or ()
                  if isinstance(r.get("amount"), Decimal)]
        return "; ".join(parts) or None


def facility(made: Evaluation, words: Words) -> str:
    """What the dossier calls the facility in the language of the document."""
    return name_of_dossier(made.statement.dossier)[words.language]


def organisation(made: Evaluation, words: Words) -> str:
    """What the dossier calls the organisation."""
    found = made.statement.dossier.organisation.get("name")
    if isinstance(found, Mapping):
        found = found.get(words.language) or next(iter(found.values()), None)
    return str(found) if found else DASH


def title(made: Evaluation, words: Words, findings: bool) -> str:
    """The title of a document."""
    return words.t("title.findings" if findings else "title.plan", facility=facility(made, words))
