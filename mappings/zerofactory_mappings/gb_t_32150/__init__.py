"""GB/T 32150-2015: the report of an industrial enterprise outside the trading scheme."""

from zerofactory_mappings.gb_t_32150.commands import DISCLOSURE

__all__ = ["DISCLOSURE"]
