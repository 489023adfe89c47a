"""Which cells of a protected sheet are open for entries: the ``locked`` flag of each cell format."""

from __future__ import annotations

from zerofactory_engine.problems import Place
from zerofactory_mappings.cbam.communication.package import Package, texts


def unlocked_styles(package: Package) -> frozenset[int]:
    """Indexes of the cell formats (``cellXfs``) whose cells may be changed while the sheet is protected."""
    if package.style_part is None or not package.has(package.style_part):
        return frozenset()
    place = Place(file=package.file, path=package.style_part)
    found: set[int] = set()
    inside, number = False, -1
    for tag, attributes, _ in texts(package.part(package.style_part), place):
        if tag == "cellXfs":
            inside = True
        elif tag == "cellStyles":
            break
        elif inside and tag == "xf":
            number += 1
        elif inside and tag == "protection" and attributes.get("locked") in ("0", "false"):
            found.add(number)
    return frozenset(found)
