"""Ask the Commission's own schema, when the user names it by ``--xsd`` or by a setting; it is not part of this project.

The schema is read without network and without entities; parts that it includes must lie beside it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from zerofactory_engine.problems import Place, Problem, ProblemsError
from zerofactory_mappings.cbam.defaults.store import data_folders
from zerofactory_mappings.cbam.qreport.elements import table
from zerofactory_mappings.cbam.qreport.rules import GOOD

#: Setting: the file ``QReport_ver23.00.xsd`` of the Commission, or the folder that holds it.
SETTING = "ZEROFACTORY_CBAM_XSD"
#: Its name as the Commission published it.
FILE_NAME = "QReport_ver23.00.xsd"

_XS = "{http://www.w3.org/2001/XMLSchema}"
#: Largest schema file, how many files it may consist of, and how many of its complaints are listed.
_BYTES = 5_000_000
_FILES = 20
_LISTED = 50


@dataclass(frozen=True, slots=True, eq=False)
class Official:
    """The compiled schema with the file that it came from and that file's hash."""

    schema: etree.XMLSchema
    path: Path
    sha256: str

    def as_json(self) -> dict[str, str]:
        """File and hash."""
        return {"file": str(self.path), "sha256": self.sha256}


def find_official(asked: Path | None) -> Official | None:
    """The schema that the user points to, by *asked* or by the setting, or that lies in a data folder; else None.

    Raises:
        ProblemsError: the file is not there or is no schema that can be used.
    """
    named = asked if asked is not None else Path(value) if (value := os.environ.get(SETTING, "")) else None
    if named is None:
        lying = [folder / FILE_NAME for folder in data_folders() if (folder / FILE_NAME).is_file()]
        return read_official(lying[0]) if lying else None
    return read_official(named / FILE_NAME if named.is_dir() else named)


def read_official(path: Path) -> Official:
    """The schema in *path*.

    Raises:
        ProblemsError: ``qreport.xsd-…`` with the reason.
    """
    if not path.is_file():
        raise ProblemsError([Problem("qreport.xsd-missing", Place(file=str(path)), accepted=FILE_NAME)])
    data = _checked_parts(path)
    try:
        schema = etree.XMLSchema(etree.parse(str(path), _parser()))
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError, OSError) as error:
        raise _unusable(path, str(error)) from None
    return Official(schema, path, f"sha256:{hashlib.sha256(data).hexdigest()}")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _unusable(path: Path, found: str) -> ProblemsError:
    return ProblemsError([Problem("qreport.xsd-unusable", Place(file=str(path)), found=" ".join(found.split())[:200],
                                  accepted=FILE_NAME)])


def _checked_parts(path: Path) -> bytes:
    """The bytes of the schema, after looking that it and everything it includes are small files of the same folder."""
    waiting, seen, first = [path], {path}, b""
    while waiting:
        part = waiting.pop()
        try:
            size = part.stat().st_size
            data = part.read_bytes() if size <= _BYTES else b""
            root = etree.fromstring(data, _parser())
        except (OSError, etree.XMLSyntaxError) as error:
            raise _unusable(part, str(error)) from None
        first = first or data
        for element in root:
            location = element.get("schemaLocation") if isinstance(element.tag, str) else None
            if element.tag not in (f"{_XS}include", f"{_XS}import", f"{_XS}redefine") or location is None:
                continue
            beside = path.parent / str(location)
            if "/" in location or "\\" in location or not beside.is_file() or len(seen) > _FILES:
                raise _unusable(part, str(location))
            if beside not in seen:
                seen.add(beside)
                waiting.append(beside)
    return first


def official_problems(path: Path, official: Official, file: str | None = None) -> tuple[Problem, ...]:
    """What the Commission's schema has against the document at *path*, as a stream; nothing when it accepts it."""
    namespace = table().namespace
    place = Place(file=file if file is not None else str(path))
    with path.open("rb") as stream:
        reading = etree.iterparse(stream, events=("end",), tag=f"{{{namespace}}}{GOOD}", schema=official.schema,
                                  resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            for _, element in reading:
                _free(element)
                if len(reading.error_log) >= _LISTED:
                    break
        except etree.XMLSyntaxError as error:
            if not len(reading.error_log):
                return (Problem("qreport.xsd-invalid", place, found=str(error)[:300]),)
        return tuple(Problem("qreport.xsd-invalid", place, found=entry.message.replace(f"{{{namespace}}}", "")[:300])
                     for entry in list(reading.error_log)[:_LISTED])


def _free(element: etree._Element) -> None:
    """Take what is read out of the tree: a child of the root, when it is complete, with those before it."""
    parent = element.getparent()
    if parent is None or parent.getparent() is not None:
        return
    element.clear()
    while (before := element.getprevious()) is not None:
        parent.remove(before)
