"""PNG pictures from strangers: bounded, checked chunk by chunk, and rewritten without anything but the picture."""

from __future__ import annotations

import struct
import zlib

from zerofactory_engine.problems import Problem, ProblemsError

#: Largest file in bytes and largest side in pixels.
MAX_PICTURE = 512 * 1024
MAX_SIDE = 2000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
#: Samples per pixel by colour type (grey, RGB, palette, grey and alpha, RGBA).
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def checked_png(data: bytes) -> bytes:
    """*data* without metadata, colour profiles or animation.

    Raises:
        ProblemsError: no PNG, too large, damaged, or more pixel data than its size allows.
    """
    if len(data) > MAX_PICTURE:
        raise ProblemsError([Problem("report.logo-too-large", found=f"> {MAX_PICTURE:,} B", accepted="512 KiB")])
    try:
        return _rewritten(data)
    except (ValueError, struct.error, zlib.error) as error:
        raise ProblemsError([Problem("report.logo-unreadable", found=str(error)[:120], accepted="PNG")]) from error


def _rewritten(data: bytes) -> bytes:
    if not data.startswith(_SIGNATURE):
        raise ValueError("not a PNG")
    kept: dict[bytes, list[bytes]] = {}
    position = len(_SIGNATURE)
    while b"IEND" not in kept:
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8:position + 8 + length]
        (check,) = struct.unpack_from(">I", data, position + 8 + length)
        if len(body) != length or check != zlib.crc32(kind + body):
            raise ValueError("damaged chunk")
        if kind in _KEPT:
            kept.setdefault(kind, []).append(body)
        position += 12 + length
    if len(kept.get(b"IHDR", ())) != 1 or b"IDAT" not in kept:
        raise ValueError("no picture in it")
    _check_size(kept[b"IHDR"][0], b"".join(kept[b"IDAT"]))
    out = [_SIGNATURE]
    for kind in _KEPT:
        if kind in kept:
            body = b"".join(kept[kind])
            out.append(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return b"".join(out)


def _check_size(header: bytes, packed: bytes) -> None:
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ProblemsError([Problem("report.logo-too-large", found=f"{width} × {height}",
                                     accepted=f"{MAX_SIDE} × {MAX_SIDE}")])
    if colour not in _SAMPLES or depth not in {1, 2, 4, 8, 16} or compression or filtering or interlace > 1:
        raise ValueError("unknown kind of PNG")
    row = (width * depth * _SAMPLES[colour] + 7) // 8 + 1
    expected = row * height if not interlace else row * height + height * 8 + width * 8 + 64
    unpacker = zlib.decompressobj()
    pixels = unpacker.decompress(packed, expected + 1)
    if len(pixels) > expected or (not interlace and len(pixels) < expected):
        raise ValueError("pixel data does not fit the size")
