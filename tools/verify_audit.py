"""Check an exported audit log without the portal: ``python verify_audit.py LOG [KEY]``.

Needs Python alone, and ``cryptography`` for the signatures of checkpoints. LOG is what ``zerofactory audit export``
writes; KEY (base64) is the public key that the body published. Exit code 0: everything holds; 1: something does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GENESIS = "sha256:" + "0" * 64


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of what a log holds: texts, whole numbers, null, objects and lists of them."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def faults(lines: Iterator[dict[str, Any]], key: str | None) -> Iterator[str]:
    """What does not hold, a sentence each."""
    number, previous, hashes = 0, GENESIS, {0: GENESIS}
    for line in lines:
        if "row" in line:
            row = line["row"]
            if row["seq"] != number + 1:
                yield f"row {row['seq']}: follows row {number}"
            if row["previous"] != previous:
                yield f"row {row['seq']}: does not continue row {number}"
            if line["hash"] != "sha256:" + hashlib.sha256(canonical(row)).hexdigest():
                yield f"row {row['seq']}: its content does not have its hash"
            number, previous = row["seq"], line["hash"]
            hashes[number] = previous
        else:
            yield from _checkpoint(line["checkpoint"], hashes, key)


def _checkpoint(point: dict[str, Any], hashes: dict[int, str], key: str | None) -> Iterator[str]:
    if hashes.get(point["seq"]) != point["hash"]:
        yield f"checkpoint {point['seq']}: the log does not continue it"
    if key is not None and point["key"] != key:
        yield f"checkpoint {point['seq']}: signed with another key"
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        yield f"checkpoint {point['seq']}: signature not checked, the package cryptography is not installed"
        return
    text = f"zerofactory/audit/1\n{point['seq']}\n{point['hash']}\n{point['at']}\n".encode()
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(point["key"])).verify(
            base64.b64decode(point["signature"]), text)
    except (InvalidSignature, ValueError):
        yield f"checkpoint {point['seq']}: its signature does not hold"


def main() -> int:
    """Check the file that the command line names."""
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    with Path(sys.argv[1]).open(encoding="utf-8") as file:
        found = list(faults(map(json.loads, file), sys.argv[2] if len(sys.argv) == 3 else None))
    print("\n".join(found) if found else "the log is whole")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
