"""ISO 14064-1:2018: the greenhouse-gas report of an organisation, from the inventory of one facility."""

from zerofactory_mappings.iso14064_1.commands import DISCLOSURE

__all__ = ["DISCLOSURE"]
