"""Sections on the organisation, on both boundaries, and on conformity and verification."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from zerofactory_mappings.disclosures.page import Block, Facts, Grid, Note, Paragraph
from zerofactory_mappings.iso14064_1.check_required import ACCOUNTED, activity
from zerofactory_mappings.iso14064_1.model import QUANTIFIED, Subcategory
from zerofactory_mappings.iso14064_1.shares import share_of
from zerofactory_mappings.iso14064_1.words import DASH, Words

if TYPE_CHECKING:
    from zerofactory_mappings.iso14064_1.model import IsoModel

#: Rows of a list that a page holds; the workbook holds all.
ROWS = 60


def organisation(model: IsoModel, words: Words) -> list[Block]:
    """Who reports, and the parts of the organisational boundary."""
    own, facility, said = model.dossier.organisation, model.dossier.facility, model.statement
    facts = [(words.t("fact.organisation"), words.text(own.get("name"))),
             (words.t("fact.code"), words.text(own.get("unified_social_credit_code"))),
             (words.t("fact.facility"), words.text(facility.get("name"))),
             (words.t("fact.address"), words.text(facility.get("address") or own.get("address"))),
             (words.t("fact.activity"), words.text(activity(model))),
             (words.t("fact.responsible"), _who(model, words)),
             (words.t("fact.period"), words.t("period", start=model.subject.start, end=model.subject.end))]
    facts += [(words.t(f"fact.{name}"), words.text(said.get(f"report.{name}")))
              for name in ("intended_use", "intended_users", "frequency") if said.get(f"report.{name}")]
    limit = model.dossier.boundary
    share = limit.get("share_percent")
    blocks: list[Block] = [Facts(words.t("facts.organisation"), facts)]
    limits = [(words.t("fact.approach"), words.named(limit.get("approach"), "approach"))]
    if isinstance(share, Decimal):
        limits.append((words.t("fact.share"), words.share(share)))
    if said.get("organisation_boundary"):
        limits.append((words.t("fact.description"), words.text(said.get("organisation_boundary"))))
    blocks.append(Facts(words.t("facts.boundary"), limits))
    parts = limit.get("parts") or ()
    if parts:
        rows = [(str(p.get("id") or ""), words.text(p.get("name")), words.named(p.get("kind"), "part_kind"),
                 words.text(p.get("inside")), words.text(p.get("reason"))) for p in parts[:ROWS]]
        blocks.append(Grid(words.t("grid.parts"), words.head("id", "part", "kind", "inside", "reason"),
                           rows, widths=(9, 28, 19, 12, 32), note=left_out(len(parts), words)))
    return blocks


def _who(model: IsoModel, words: Words) -> str:
    said = model.statement.get("responsible") or {}
    told = [words.text(said[n]) for n in ("name", "role", "unit", "contact") if said.get(n)]
    return words.join(told) if told else words.t("not-stated")


def left_out(count: int, words: Words) -> str:
    """That a list goes on in the workbook."""
    return words.t("rows-left", count=count - ROWS) if count > ROWS else ""


def boundary(model: IsoModel, words: Words) -> list[Block]:
    """Criteria of significance, decisions, what was left out."""
    said, blocks = model.statement, list[Block]()
    if said.get("reporting_boundary"):
        blocks.append(Paragraph(words.text(said.get("reporting_boundary"))))
    criteria = said.rows("significance.criteria")
    text = model.dossier.boundary.get("significance")
    if text:
        blocks.append(Facts("", [(words.t("fact.significance"), words.text(text))]))
    if criteria:
        blocks.append(Grid(words.t("grid.criteria"), words.head("id", "criterion", "threshold"),
                           [(c["id"], words.text(c["text"]), DASH if c.get("threshold_percent") is None
                             else f"{words.amount(c['threshold_percent'])} %") for c in criteria],
                           numeric=(2,), widths=(16, 62, 22)))
    elif not text:
        blocks.append(Note("warning", words.lacks("criteria")))
    blocks.append(_decisions(model, words))
    if model.exclusions:
        rows = [(e.id, words.text(e.what), e.category or DASH, words.amount(e.estimate), words.text(e.reason))
                for e in model.exclusions[:ROWS]]
        blocks.append(Grid(words.t("grid.exclusions"),
                           words.head("id", "what", "category", "estimate", "reason"), rows,
                           numeric=(3,), widths=(8, 30, 12, 16, 34), note=left_out(len(model.exclusions), words)))
    else:
        blocks.append(Paragraph(words.t("no-exclusions") if said.get("excluded") is not None
                                else words.lacks("exclusions")))
    return blocks


def _decisions(model: IsoModel, words: Words) -> Grid:
    """Every indirect subcategory: what it comes to, and what was decided."""
    rows = [(words.category(s.code), figure_or_state(s, words),
             words.share(share_of(s.total.value, model.indirect.value)) if s.state == QUANTIFIED else DASH,
             decision_text(s, words), words.text(s.decision.reason if s.decision is not None else s.reason))
            for c in model.categories[1:] for s in c.subcategories]
    head = words.head("category", "tCO2e", "share-indirect", "decision", "reason")
    return Grid(words.t("grid.decisions"), head, rows, numeric=(1, 2), widths=(28, 16, 12, 14, 30),
                note=words.t("decisions-note"))


def decision_text(found: Subcategory, words: Words) -> str:
    """What was decided; what does not occur needs no decision."""
    if found.decision is not None:
        return words.t("significant" if found.decision.significant else "not-significant")
    return DASH if found.state in ACCOUNTED else words.t("undecided")


def figure_or_state(found: Subcategory, words: Words) -> str:
    """A total, or how a subcategory without lines is accounted for."""
    return words.total(found.total) if found.state == QUANTIFIED else words.t(f"state.{found.state}")


def conformity(model: IsoModel, words: Words) -> list[Block]:
    """What the organisation states, and whether it was verified."""
    stated = (model.statement.get("report") or {}).get("conformity")
    said = model.statement.get("verification") or {}
    name = words.text(model.dossier.organisation.get("name"))
    blocks: list[Block] = [
        Note("warning", words.lacks("conformity")) if stated is None else
        Paragraph(words.t("states-conformity" if stated else "states-no-conformity", name=name))]
    verified = model.verified
    facts = [(words.t("fact.verified"), words.t("not-stated") if verified is None else words.text(verified))]
    if verified:
        facts += [(words.t("fact.verification-standard"), words.text(said.get("standard"))),
                  (words.t("fact.verification-kind"), words.label("verification", said.get("kind"))),
                  (words.t("fact.assurance"), words.label("assurance", said.get("assurance"))),
                  (words.t("fact.body"), words.text(said.get("body"))),
                  (words.t("fact.accreditation"), words.text(said.get("accreditation"))),
                  (words.t("fact.opinion"), words.label("opinion", said.get("opinion"))),
                  (words.t("fact.opinion-on"), words.text(said.get("on")))]
    return [*blocks, Facts(words.t("facts.verification"), facts)]
