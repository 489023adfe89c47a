"""``zerofactory import NAME FILE --out FOLDER``: another system's file becomes dossiers, every record accounted for."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import click

from zerofactory_engine.console import (
    common_options,
    print_json,
    print_problems,
    progress,
    reporting,
    stop,
    write_aside,
)

GROUP = "zerofactory.sources"

#: Largest file that is read into memory, in bytes; each source bounds its own kind further.
FILE_BYTES = 50_000_000


def source_names() -> list[str]:
    """Names of the sources that are installed."""
    return sorted(point.name for point in metadata.entry_points(group=GROUP))


@click.command("import")
@click.argument("name", type=click.Choice(source_names()))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the dossiers, the copied file and the report; made when it is not there.")
@click.option("--facility", help="Only this facility, by its name or identifier in the file; otherwise all of them.")
@click.option("--year", type=click.IntRange(1950, 2100),
              help="Only this calendar year; a bill across its ends is apportioned by days and says so.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="File that says which column holds what, for sources whose tables differ (`meter_csv`).")
@common_options
def import_(name: str, file: Path, out: Path, facility: str | None, year: int | None, mapping: Path | None,
            as_json: bool, lang: str) -> None:
    """Make dossiers of FILE, kept by another system; list every record as used, kept or refused.

    NAME is the kind of file, for example `verifi`. Nothing is declared complete on the applicant's behalf.
    """
    with reporting(lang, as_json), progress(str(file), total=3) as advance:
        data = _read(file, lang, as_json)
        advance(1)
        options: dict[str, Any] = {"facility": facility, "year": year}
        if mapping is not None:
            options |= {"mapping": _read(mapping, lang, as_json), "mapping_file": mapping.name}
        imported = _import(name, data, file.name, options)
        advance(1)
        _write(out, imported.dossiers, imported.report)
        advance(1)
        if as_json:
            print_json(imported.report)
        else:
            print_problems(imported.report.problems, lang)
            click.echo(imported.report.as_text(lang))


def _read(file: Path, lang: str, as_json: bool) -> bytes:
    """The bytes of *file*, or stop when it is too large."""
    from zerofactory_engine.problems import Place, Problem

    size = file.stat().st_size
    if size > FILE_BYTES:
        stop([Problem("text.too-large", Place(file=file.name), found=f"{size:,} bytes",
                      accepted=f"{FILE_BYTES:,} bytes")], lang, as_json)
    return file.read_bytes()


def _import(name: str, data: bytes, file: str, options: dict[str, Any]) -> Any:
    """What source *name* makes of the file; when it cannot use it and others look right, they are named."""
    from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity

    try:
        return _source(name).import_bytes(data, file, options)
    except ProblemsError as error:
        others = [other for other in source_names() if other != name and _source(other).detect(data)]
        hint = Problem("import.looks-like", Place(file=file), Severity.NOTE, accepted=", ".join(others))
        raise ProblemsError([*error.problems, *([hint] if others else [])]) from None


def _source(name: str) -> Any:
    """The module of a source (:class:`zerofactory_mappings.sources.Source`)."""
    (point,) = metadata.entry_points(group=GROUP, name=name)
    return point.load()


def _write(out: Path, files: Any, report: Any) -> None:
    """All files of an import, the report last, each written aside and renamed."""
    import json

    from zerofactory_engine.canonical import jsonable

    out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_aside(out / name, data)
    text = json.dumps(jsonable(report.as_json()), ensure_ascii=False, indent=1) + "\n"
    write_aside(out / "import-report.json", text.encode())
