"""Put the demo dossier together: text by hand, rows from figures, documents with their hashes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tools.demo_factory import rows
from tools.demo_factory.documents import documents
from tools.demo_factory.figures import CODE_BASE

from zerofactory_mappings.sources.yaml_rows import table

HERE = Path(__file__).parent
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def check_character(code: str) -> str:
    """Check character of a unified social credit code (GB 32100-2015: weights are powers of 3 modulo 31)."""
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return _ALPHABET[-total % 31]


def build() -> dict[str, bytes]:
    """File → bytes of the demo folder: the dossier and every document."""
    papers = documents()
    head = (HERE / "head.yaml").read_text(encoding="utf-8")
    lines = [head.replace("@USCC@", CODE_BASE + check_character(CODE_BASE)).rstrip()]
    made = {"meters": rows.meters(), "electricity": rows.electricity(), "energy": rows.energy(), "heat": rows.heat(),
            "processes": rows.processes(), "fugitive": rows.fugitive(), "certificates": rows.certificates(),
            "credits": rows.voluntary_credits(), "economics": rows.economics(), "products": rows.products(),
            "equipment": rows.equipment(), **rows.scope_3()}
    for name, content in made.items():
        lines += table(name, content)
    lines.append((HERE / "tail.yaml").read_text(encoding="utf-8").rstrip())
    lines += table("documents", [
        {"id": d.id, "kind": d.kind, "title": f"{d.title['zh']} / {d.title['en']}", "file": d.file, "sha256": d.sha256,
         "issued_on": d.issued, "covers_from": d.covers[0], "covers_to": d.covers[1], "issuer": d.issuer,
         "language": d.language} for d in papers])
    files = {"dossier.yaml": ("\n".join(lines) + "\n").encode()}
    return files | {d.file: d.data for d in papers}


def pack(files: dict[str, bytes]) -> bytes:
    """One zip of *files*: names in order, no time of day, so that its bytes depend on the content alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()
