"""A demonstration body with its people and three cases, made through the same services that the portal uses."""
