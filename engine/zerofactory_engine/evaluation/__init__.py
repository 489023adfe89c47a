"""From a dossier and a rule pack to verdicts, levels, findings and what they rest on (``evaluate``)."""

from zerofactory_engine.evaluation.model import Assessment, Verdict

__all__ = ["Assessment", "Verdict"]
