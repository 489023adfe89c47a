"""``zerofactory map``: one evidence base in the forms of several standards; which there are; how they correspond."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zerofactory_engine.console import common_options, print_json, print_problems, progress, reporting, write_aside
from zerofactory_mappings.crosswalk.commands import crosswalk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.problems import Problem
    from zerofactory_mappings.disclosures.completeness import Completeness
    from zerofactory_mappings.disclosures.registry import Disclosure
    from zerofactory_mappings.disclosures.subject import Subject


@click.group("map")
def map_() -> None:
    """State one evidence base in the forms of other standards."""


map_.add_command(crosswalk)


@map_.command("list")
@common_options
def list_(as_json: bool, lang: str) -> None:
    """List the disclosures with the standard that each follows and how many items it asks for."""
    with reporting(lang, as_json):
        from zerofactory_engine.messages import render
        from zerofactory_mappings.disclosures.completeness import KINDS, items_of
        from zerofactory_mappings.disclosures.registry import FORMATS, find, names

        rows: list[dict[str, Any]] = []
        for each in map(find, names()):
            items = items_of(each.standard)
            rows.append({"name": each.name, "title": dict(each.title), "standard": each.standard,
                         "edition": items.edition, "confidence": items.confidence, "formats": list(FORMATS),
                         "groups": each.groups,
                         "items": {kind: sum(i.kind == kind for i in items.items) for kind in KINDS}})
        if as_json:
            print_json(rows)
            return
        for row in rows:
            click.echo(render("disclosure.listed", lang, {
                "name": row["name"], "title": row["title"][lang], "standard": row["standard"], **row["items"],
                "formats": " ".join(row["formats"])}))


@map_.command()
@click.argument("subject", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "name", required=True, help="Disclosure to write, as `zerofactory map list` calls it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="File to write; its ending says what: .pdf, .html, .xlsx or .json.")
@click.option("--statement", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="What the report says and no dossier states (zerofactory/report-statement/1).")
@click.option("--base", "bases", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Dossier of the base year or an earlier year; may be repeated.")
@click.option("--option", "choices", multiple=True, metavar="NAME=VALUE",
              help="Set an option of the accounting, such as grid_area=national; may be repeated.")
@click.option("--factor-set", "factor_sets", multiple=True, metavar="ROLE=ID",
              help="Use another factor set for a role, such as gwp=ipcc-ar5; may be repeated.")
@click.option("--factors", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Further folder with factor sets (ID/VERSION/factors.yaml); may be repeated.")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]),
              help="Compute as it could have been known on that day: factors published later are not used.")
@common_options
def run(subject: Path, name: str, out: Path, statement: Path | None, bases: tuple[Path, ...],
        choices: tuple[str, ...], factor_sets: tuple[str, ...], folders: tuple[Path, ...], known_on: object,
        as_json: bool, lang: str) -> None:
    """Write SUBJECT, a dossier or a group of them, as the disclosure NAME; say which items it still lacks."""
    kind = _ending(out, lang)
    from zerofactory_mappings.publishing.commands import require_installed

    if kind in (".pdf", ".html"):
        require_installed(kind, lang, as_json)
    with reporting(lang, as_json), progress(str(out), total=3) as advance:
        from zerofactory_mappings.disclosures.registry import find

        disclosure = find(name)
        loaded = _load(subject, statement, bases, _options(choices, factor_sets, known_on), folders)
        _may_be_group(disclosure, loaded)
        advance(1)
        model = disclosure.build(loaded)
        found = disclosure.check(model)
        advance(1)
        data = written(disclosure, model, found, kind, lang, loaded)
        write_aside(out, data)
    _tell(out, data, disclosure, found, [*getattr(model, "problems", ()), *_problems(loaded)], as_json, lang)


def _ending(out: Path, lang: str) -> str:
    from zerofactory_engine.messages import render
    from zerofactory_mappings.disclosures.registry import FORMATS

    kind = out.suffix.lower()
    if kind not in FORMATS:
        raise click.BadParameter(render("disclosure.unknown-ending", lang, {"endings": ", ".join(FORMATS)}),
                                 param_hint="--out")
    return kind


def _options(choices: tuple[str, ...], factor_sets: tuple[str, ...], known_on: object) -> Options:
    from zerofactory_engine.accounting.options import Options

    asked = Options(_pairs(factor_sets, "--factor-set"), _pairs(choices, "--option"),
                    known_on.date() if hasattr(known_on, "date") else None)
    asked.settled()
    return asked


def _pairs(given: tuple[str, ...], what: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name.strip() and sign and value.strip()):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=what)
        out[name.strip()] = value.strip()
    return out


def _load(subject: Path, statement: Path | None, bases: tuple[Path, ...], options: Options,
          folders: tuple[Path, ...]) -> Subject:
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_mappings.disclosures.subject import load_subject

    return load_subject(subject, options=options, library=FactorLibrary.shipped(folders), statement=statement,
                        bases=bases)


def _may_be_group(disclosure: Disclosure, subject: Subject) -> None:
    if not disclosure.groups:
        _ = subject.alone


def written(disclosure: Disclosure, model: Any, found: Completeness, kind: str, lang: str, subject: Subject) -> bytes:
    """The disclosure as bytes of the *kind* of file that an ending names."""
    if kind == ".json":
        return _json_bytes(disclosure.as_json(model, found))
    if kind == ".xlsx":
        from zerofactory_mappings.publishing.workbook import write_workbook

        return write_workbook(disclosure.sheets(model, found, lang), issued=subject.issued,
                              title=disclosure.title[lang])
    from zerofactory_mappings.disclosures.page import html_of, pdf_of

    document = disclosure.document(model, found, lang, subject.issued)
    return pdf_of(document) if kind == ".pdf" else html_of(document)


def _json_bytes(content: Mapping[str, Any]) -> bytes:
    """The JSON text of *content*, written piece by piece: a large inventory is not held in three copies."""
    import io
    import json

    from zerofactory_engine.canonical import jsonable

    out = io.BytesIO()
    with io.TextIOWrapper(out, "utf-8", newline="\n") as text:
        json.dump(content, text, ensure_ascii=False, indent=1, default=jsonable)
        text.write("\n")
        text.flush()
        return out.getvalue()


def _problems(subject: Subject) -> list[Problem]:
    """What the inventories of *subject* have to say."""
    return [p for member in subject.members for p in member.inventory.problems]


def _tell(out: Path, data: bytes, disclosure: Disclosure, found: Completeness, told: Sequence[Problem], as_json: bool,
          lang: str) -> None:
    """What was written and what the report still lacks; a warning of an inventory or a model is never lost."""
    from zerofactory_engine.canonical import sha256
    from zerofactory_engine.messages import render_problem

    problems = list({render_problem(p, lang): p for p in told}.values())
    if as_json:
        print_json({"file": str(out), "bytes": len(data), "sha256": sha256(data), "disclosure": disclosure.name,
                    "completeness": found.as_json(), "problems": problems})
        return
    from zerofactory_engine.messages import render

    click.echo(f"{out}  {len(data):,} B  {sha256(data)}")
    click.echo(render("disclosure.is-complete" if found.complete else "disclosure.is-incomplete", lang))
    for result in found.results:
        if result.item.kind == "required" and result.key in ("missing", "partly", "NE"):
            why = "; ".join(m.text(lang) for m in result.missing)
            click.echo(f"  {result.item.clause}  {render(f'disclosure.key.{result.key}', lang)}  "
                       f"{result.item.title[lang]}" + (f": {why}" if why else ""))
    print_problems(problems, lang)
