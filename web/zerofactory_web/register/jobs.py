"""What the register has done in the background: the files of certificates, and the end of their validity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zerofactory_web.register import files, service
from zerofactory_web.store.unit import Store

Beat = Callable[[int], None]


def make_files(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
    """Make the signed files of the certificate that *payload* names."""
    return {"made": files.make(store, payload["certificate"], beat)}


def expire(store: Store, payload: Mapping[str, Any], beat: Beat) -> Mapping[str, Any]:
    """Mark certificates whose validity is over."""
    return {"expired": service.expire_due(store, beat=beat)}


HANDLERS = {"certificate/files": make_files, "certificate/expire": expire}
