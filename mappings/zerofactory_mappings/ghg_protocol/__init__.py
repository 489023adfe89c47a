"""GHG Protocol: the inventory of one facility or of a group, scopes 1 to 3, scope 2 both ways."""

from zerofactory_mappings.ghg_protocol.commands import DISCLOSURE

__all__ = ["DISCLOSURE"]
