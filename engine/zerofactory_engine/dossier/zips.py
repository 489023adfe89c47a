"""Zip files of strangers: names, counts, sizes and ratios are checked before anything is unpacked, and nothing is ever
written to disk under a name that the file chose. Workbooks are zip files too."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_engine.yaml_text import CONTROL

_DRIVE = re.compile(r"[A-Za-z]:")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: What may go wrong while a damaged member is unpacked.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Most members, bytes after unpacking (of one, of all), how many times larger they may get, bytes of the index."""

    members: int
    one: int
    total: int
    ratio: int
    index: int = 4_000_000


#: A submission with its documents: scans and exports, so large, but hardly compressible.
SUBMISSION = Limits(members=5_000, one=200_000_000, total=800_000_000, ratio=150)
#: A workbook: XML, so small but very compressible.
WORKBOOK = Limits(members=2_000, one=60_000_000, total=80_000_000, ratio=400)
#: Below this many bytes no ratio is suspicious.
_SMALL = 1_000_000


def open_zip(data: bytes, file: str, limits: Limits) -> zipfile.ZipFile:
    """The zip in *data*, checked against *limits*; :class:`ProblemsError` with every problem otherwise."""
    _check_index(data, file, limits)
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        raise ProblemsError([Problem("zip.damaged", Place(file=file), found=_said(error))]) from None
    problems = list(_problems(opened, len(data), file, limits))
    if problems:
        opened.close()
        raise ProblemsError(problems)
    return opened


def member_bytes(opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> bytes:
    """The content of one member; :class:`ProblemsError` when it is damaged."""
    return b"".join(member_chunks(opened, info, file))


def member_chunks(opened: zipfile.ZipFile, info: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """The content of one member in pieces, never more than its checked size."""
    try:
        with opened.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except DAMAGED as error:
        raise ProblemsError([Problem("zip.damaged", Place(file=file, path=shown(info.filename)),
                                     found=_said(error))]) from None


def shown(name: str) -> str:
    """A member's name as it may be printed."""
    return CONTROL.sub("�", name)[:200]


def _said(error: BaseException) -> str:
    return CONTROL.sub("�", str(error))[:200] or type(error).__name__


def _check_index(data: bytes, file: str, limits: Limits) -> None:
    """Read the end record before Python's reader goes through an index of any length."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + 22 > len(data):
        raise ProblemsError([Problem("zip.damaged", Place(file=file), found="no end record")])
    members = int.from_bytes(data[at + 10:at + 12], "little")
    size = int.from_bytes(data[at + 12:at + 16], "little")
    if members > limits.members or size > limits.index:
        raise ProblemsError([Problem("zip.too-many", Place(file=file), found=f"{members:,}",
                                     accepted=f"{limits.members:,}")])


def _problems(opened: zipfile.ZipFile, size: int, file: str, limits: Limits) -> Iterator[Problem]:
    infos = opened.infolist()
    place = Place(file=file)
    if len(infos) > limits.members:
        yield Problem("zip.too-many", place, found=f"{len(infos):,}", accepted=f"{limits.members:,}")
        return
    total = sum(i.file_size for i in infos)
    if total > limits.total:
        yield Problem("zip.too-large", place, found=f"{total:,} bytes", accepted=f"{limits.total:,} bytes")
    if total > _SMALL and total > size * limits.ratio:
        yield Problem("zip.bomb", place, found=f"1 : {total // max(1, size):,}", accepted=f"1 : {limits.ratio}")
    if sum(i.compress_size for i in infos) > size:
        yield Problem("zip.bomb", place, found="overlapping members")
    seen: dict[str, str] = {}
    for info in infos:
        yield from _member_problems(info, Place(file=file, path=shown(info.filename)), limits)
        key = info.filename.casefold()
        if key in seen:
            yield Problem("zip.name-twice", Place(file=file, path=shown(info.filename)))
        seen[key] = info.filename


def _member_problems(info: zipfile.ZipInfo, place: Place, limits: Limits) -> Iterator[Problem]:
    if unsafe_name(info.filename):
        yield Problem("zip.unsafe-name", place, found=shown(info.filename), example="bills/2025-01.pdf")
    if info.file_size > limits.one:
        yield Problem("zip.too-large", place, found=f"{info.file_size:,} bytes", accepted=f"{limits.one:,} bytes")
    elif info.file_size > _SMALL and info.file_size > max(1, info.compress_size) * limits.ratio:
        yield Problem("zip.bomb", place, found=f"1 : {info.file_size // max(1, info.compress_size):,}",
                      accepted=f"1 : {limits.ratio}")
    if info.flag_bits & 0x1:
        yield Problem("zip.encrypted", place)
    elif info.compress_type not in _METHODS:
        yield Problem("zip.method", place, found=str(info.compress_type), accepted="stored, deflated")
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        yield Problem("zip.link", place)


def unsafe_name(name: str) -> bool:
    """Whether a member's name leads outside, hides something or cannot be a name everywhere."""
    parts = name.rstrip("/").split("/")
    return (not name or len(name) > 400 or name.startswith("/") or "\\" in name or CONTROL.search(name) is not None
            or _DRIVE.match(name) is not None or any(p in ("", ".", "..") for p in parts))
