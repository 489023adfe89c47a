"""Sealing PDFs: PAdES, no change allowed afterwards, with a time stamp where an authority is configured."""

from __future__ import annotations

import base64
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_web.register.seal_key import Seal
from zerofactory_web.settings import Settings

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

FIELD = "Seal"
#: Seconds that the time-stamp authority may take.
_WAIT = 20


def seal_pdf(data: bytes, seal: Seal, moment: datetime, settings: Settings, reason: str) -> bytes:
    """*data* with the seal at its end; what was there stays byte for byte.

    Raises:
        ProblemsError: ``register.timestamp-failed``: the authority did not answer, so nothing is sealed without it.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko.sign.timestamps import TimestampRequestError

    class At(signers.PdfSigner):
        """Signs at the store's time; pyHanko would take the machine's."""

        def init_signing_session(self, *given: Any, **named: Any) -> Any:
            session = super().init_signing_session(*given, **named)
            session.system_time = moment
            return session

    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES, reason=reason, name=seal.subject)
    out = io.BytesIO()
    try:
        At(meta, seal.signer, timestamper=time_stamper(settings)).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(data), strict=True), output=out)
    except (TimestampRequestError, TimeoutError) as error:
        raise ProblemsError([Problem("register.timestamp-failed", Place(path="ZEROFACTORY_TIMESTAMP_URL"),
                                     found=f"{type(error).__name__}: {error}"[:160])]) from None
    return out.getvalue()


def time_stamper(settings: Settings) -> TimeStamper | None:
    """The authority of the settings; ``timestamp_password`` is ``user:password``."""
    if not settings.timestamp_url:
        return None
    from pyhanko.sign.timestamps import HTTPTimeStamper

    word = base64.b64encode(settings.timestamp_password.encode("utf-8")).decode("ascii")
    return HTTPTimeStamper(settings.timestamp_url, https=settings.production, timeout=_WAIT,
                           headers={"Authorization": f"Basic {word}"} if settings.timestamp_password else None)


