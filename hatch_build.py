"""Ship rules/ and standards/ inside wheels; an editable install reads the checkout."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShipData(BuildHookInterface[Any]):
    """Add the data folders to a wheel as package data of ``zerofactory_engine``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """*version* is ``"editable"`` or ``"standard"``."""
        if version == "standard":
            for folder in ("rules", "standards"):
                build_data["force_include"][folder] = f"zerofactory_engine/_data/{folder}"
