"""Pages of lists: how many at once, and where the next one begins."""

from __future__ import annotations

from zerofactory_web.api.operation import Parameter

LIMIT = Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                  "api.parameter-limit")
CURSOR = Parameter("cursor", "query", {"type": "string", "maxLength": 60, "pattern": "^[A-Za-z0-9~-]+$"},
                   "api.parameter-cursor")
