"""What a certificate or statement is issued from: everything that stands on it, settled by the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

#: A text in both languages.
Both = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IssueOrder:
    """One certificate to be issued.

    *kind*: ``certificate``, ``statement`` (the pack's ``outcome_kind`` says which); *certificate_class*: ``product``,
    ``service``, ``management-system``; *scheme_filing*: number under which the scheme is filed (CNCA), may be empty.
    *client*: ``name`` and ``address`` (zh, en), ``credit_code``, ``lei``. *sites*: ``name``, ``address`` (zh, en).
    *pack*: ``id``, ``version``, ``sha256``, ``edition``, ``title`` (zh, en). *levels*: ``id`` and ``title`` of the
    levels that are met. *period*: ``start``, ``end``. *values*: declared values with ``title`` (zh, en), ``value``
    (decimal text), ``unit``. *conditions*: open minor nonconformities with ``clause``, ``text``, ``due``.
    *people*: ids by duty (``evaluators`` a list, ``reviewer``, ``decider``), for the lint; *signatory*: ``name`` and
    ``role`` (zh, en). *bundle*: the document of the store with the full bundle of the frozen evaluation.
    *serials*: serial numbers of certificates and credits that the verdicts rest on, ``registry`` and ``serial``.
    *supersedes*: id of the certificate that this one replaces.
    *opinion*: of a statement, and of nothing else: ``type``, ``title``, ``basis``, ``addressee`` (zh, en),
    ``assurance`` (``id``, ``title``), ``materiality_percent``, ``method``, ``responsibilities`` of ``client`` and
    ``body``, ``claim`` (``version``, ``submitted_on``, ``sha256`` of what it is about), computed ``verdicts`` of the
    levels asked for, ``open`` findings (``kind``, ``clause``).
    """

    case_id: str
    case_number: str
    organisation_id: str
    decision_id: str
    decided_on: date
    kind: str
    certificate_class: str
    scheme_filing: str
    client: Mapping[str, Any]
    sites: Sequence[Mapping[str, Any]]
    scope: Both
    not_covered: Both
    pack: Mapping[str, Any]
    levels: Sequence[Mapping[str, Any]]
    period: Mapping[str, str]
    values: Sequence[Mapping[str, Any]]
    conditions: Sequence[Mapping[str, Any]]
    people: Mapping[str, Any]
    signatory: Mapping[str, Any]
    bundle: str
    serials: Sequence[Mapping[str, str]]
    valid_from: date
    valid_until: date
    surveillance_due: date | None
    supersedes: str | None = None
    opinion: Mapping[str, Any] | None = None
