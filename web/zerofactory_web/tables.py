"""Every table of the portal: importing this makes the metadata whole, for migrations and backups."""

from __future__ import annotations

from zerofactory_web.accounts import model as accounts
from zerofactory_web.api import model as api
from zerofactory_web.cases import model as cases
from zerofactory_web.cases import model_after as after_cases
from zerofactory_web.exporter import model as exporter
from zerofactory_web.jobs import model as jobs
from zerofactory_web.register import model as register
from zerofactory_web.store import audit, checkpoints
from zerofactory_web.store.model import Base

MODULES = (audit, checkpoints, accounts, cases, after_cases, register, jobs, exporter, api)
metadata = Base.metadata
