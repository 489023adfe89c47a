"""From verdicts to nonconformities, requests, observations and actions: forward chaining over symbols."""

from zerofactory_engine.findings.chainer import derive
from zerofactory_engine.findings.facts import Derived, Fact, check_rules

__all__ = ["Derived", "Fact", "check_rules", "derive"]
