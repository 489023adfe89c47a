"""HTML to one PDF that is PDF/A-3a and PDF/UA-1 at once, with attachments, and the same bytes for the same input.

WeasyPrint writes PDF/A-3a with a structure tree; the mark of PDF/UA-1 and the description of its namespace, which
PDF/A wants to see, are merged into the XMP packet afterwards (one ``rdf:RDF``: readers ignore a second one).
Nothing is loaded from outside: only ``data:`` URLs are served, anything else refuses the report.
"""

from __future__ import annotations

import gc
import hashlib
import io
import logging
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from zerofactory_engine.problems import Problem, ProblemsError
from zerofactory_mappings.publishing.fonts import FontSet, check_glyphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: More pages than this are refused: the memory and time of a layout grow with them.
MAX_PAGES = 250
#: Largest HTML text and attachment, in bytes.
MAX_HTML = 8_000_000
MAX_ATTACHMENT = 64_000_000

_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA that the file keeps to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF. *relationship* as ISO 32000 names it; *media_type* follows from the name's ending."""

    name: str
    data: bytes
    description: str
    relationship: str = "Data"


def write_pdf(html: str, css: str, fonts: FontSet, *, issued: date, seed: bytes,
              attachments: Sequence[Attached] = ()) -> bytes:
    """*html* laid out under *css* as PDF/A-3a and PDF/UA-1.

    *issued* fixes every date in the file, *seed* its identifier; with the same input and fonts the bytes are the same.

    Raises:
        ProblemsError: a character without glyph, something to be loaded from outside, too many pages or bytes.
    """
    if len(html.encode("utf-8")) > MAX_HTML or any(len(a.data) > MAX_ATTACHMENT for a in attachments):
        raise ProblemsError([Problem("report.too-large", accepted=f"≤ {MAX_HTML} / {MAX_ATTACHMENT} B")])
    check_glyphs(html, fonts)
    with _collector_paused():
        return _mark_accessible(_lay_out(html, css, issued, seed, attachments))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A layout makes millions of objects and drops few: without the collector it takes a fifth less time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _lay_out(html: str, css: str, issued: date, seed: bytes, attachments: Sequence[Attached]) -> bytes:
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.urls import URLFetcher

    refused: list[str] = []

    class NoNetwork(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        """Serves ``data:`` URLs and remembers anything else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url.startswith("data:"):
                return super().fetch(url, headers)
            refused.append(url)
            raise ValueError("reports load nothing from outside")

    fetcher = NoNetwork(allowed_protocols=("data",))
    moment = datetime.combine(issued, time(), UTC)
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    document = HTML(string=html, base_url=None, url_fetcher=fetcher).render(
        stylesheets=[CSS(string=css, base_url=None, url_fetcher=fetcher)], pdf_variant="pdf/a-3a", pdf_tags=True)
    if len(document.pages) > MAX_PAGES:
        raise ProblemsError([Problem("report.too-many-pages", found=str(len(document.pages)),
                                     accepted=f"≤ {MAX_PAGES}")])
    document.metadata.attachments = [
        Attachment(string=a.data, name=a.name, description=a.description, relationship=a.relationship,
                   created=moment, modified=moment, url_fetcher=fetcher) for a in attachments]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)      # WeasyPrint leaves its colour profile to the collector
        data: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True,
                                         pdf_identifier=hashlib.sha256(seed).hexdigest()[:32].encode("ascii"))
    if refused:
        raise ProblemsError([Problem("report.outside-resource", found=url[:200], accepted="data:")
                             for url in dict.fromkeys(refused)])
    return data


def _mark_accessible(data: bytes) -> bytes:
    """Add the PDF/UA-1 mark to the XMP packet and check that every font is in the file."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        _check_fonts(pdf)
        packet = pdf.Root.Metadata.read_bytes()
        merged = re.sub(rb"</rdf:RDF>", _UA + b"</rdf:RDF>", packet, count=1)
        stream = pikepdf.Stream(pdf, merged)
        stream.Type, stream.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
        pdf.Root.Metadata = stream
        if "/AF" in pdf.Root:                                   # WeasyPrint lists each attachment twice
            pdf.Root.AF = pikepdf.Array({spec.objgen: spec for spec in pdf.Root.AF}.values())
        pdf.save(out, preserve_pdfa=True, fix_metadata_version=False, deterministic_id=True,
                 object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    return out.getvalue()


def _check_fonts(pdf: Any) -> None:
    """A font that is only named, not embedded, would be drawn differently elsewhere."""
    outside = []
    for item in pdf.objects:
        kind = item.get("/Type") if isinstance(item, _dictionary()) else None
        if kind == "/FontDescriptor" and not any(k in item for k in ("/FontFile", "/FontFile2", "/FontFile3")):
            outside.append(str(item.get("/FontName")))
    if outside:
        raise ProblemsError([Problem("report.font-not-embedded", found=", ".join(sorted(outside)))])


def _dictionary() -> Any:
    import pikepdf

    return pikepdf.Dictionary


def attached_files(data: bytes) -> dict[str, bytes]:
    """Files inside a PDF by name, in the order of the file; bounded.

    Raises:
        ProblemsError: the file is no PDF, or an attachment is too large.
    """
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            found = {}
            for name, spec in pdf.attachments.items():
                content = spec.get_file().read_bytes()
                if len(content) > MAX_ATTACHMENT:
                    raise ProblemsError([Problem("report.too-large", found=name)])
                found[name] = content
            return found
    except pikepdf.PdfError as error:
        raise ProblemsError([Problem("report.no-pdf", found=str(error)[:200])]) from error
