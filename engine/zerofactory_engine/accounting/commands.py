"""``zerofactory inventory``: the greenhouse-gas inventory of a dossier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from zerofactory_engine.console import common_options, print_json, print_problems, reporting, write_aside

if TYPE_CHECKING:
    from zerofactory_engine.accounting.options import Options


@click.command()
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option("--pack", metavar="ID[@VERSION]", help="Compute the inventory that a rule pack wants, under its default "
              "readings.")
@click.option("--overlay", type=click.Path(path_type=Path), help="Overlay that is applied to the pack.")
@click.option("--reading", "readings", multiple=True, metavar="READING=ALTERNATIVE",
              help="Settle a reading of the pack; may be repeated.")
@click.option("--option", "choices", multiple=True, metavar="NAME=VALUE",
              help="Set an option of the accounting, such as grid_area=national; may be repeated.")
@click.option("--factor-set", "factor_sets", multiple=True, metavar="ROLE=ID",
              help="Use another factor set for a role, such as gwp=ipcc-ar5; may be repeated.")
@click.option("--factors", "folders", multiple=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Further folder with factor sets (ID/VERSION/factors.yaml); may be repeated.")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]),
              help="Compute as it could have been known on that day: factors published later are not used.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the inventory as JSON to a file.")
@common_options
def inventory(dossier: Path, pack: str | None, overlay: Path | None, readings: tuple[str, ...],
              choices: tuple[str, ...], factor_sets: tuple[str, ...], folders: tuple[Path, ...], known_on: object,
              out: Path | None, lang: str, as_json: bool) -> None:
    """Compute the greenhouse-gas inventory of DOSSIER: line items, totals both ways, factors, what is missing."""
    import json

    from zerofactory_engine.accounting.compute import compute_inventory
    from zerofactory_engine.accounting.library import FactorLibrary
    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.dossier.read import read_dossier

    with reporting(lang, as_json):
        options = Options()
        if pack is not None:
            options = _of_pack(pack, overlay, _pairs(readings, "--reading"))
        elif readings or overlay is not None:
            raise click.UsageError("--reading and --overlay need --pack")
        day = known_on.date() if hasattr(known_on, "date") else None
        asked = Options({**options.factor_sets, **_pairs(factor_sets, "--factor-set")},
                        {**options.options, **_pairs(choices, "--option")}, day)
        asked.settled()
        found = compute_inventory(read_dossier(dossier).dossier, asked, FactorLibrary.shipped(folders))
        content = found.as_json()
        if out is not None:
            write_aside(out, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
        if as_json:
            print_json(content)
            return
        from zerofactory_engine.accounting.show import show

        show(found, lang)
        print_problems(found.problems, lang)


def _pairs(given: tuple[str, ...], what: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint=what)
        out[name.strip()] = value.strip()
    return out


def _of_pack(reference: str, overlay: Path | None, asked: dict[str, str]) -> Options:
    """What a pack's ``accounting.yaml`` wants under its readings."""
    from zerofactory_engine.accounting.options import Options
    from zerofactory_engine.problems import Problem, ProblemsError
    from zerofactory_engine.rulepack.load import find_pack
    from zerofactory_engine.rulepack.model import settle

    pack = find_pack(reference, overlay=overlay)
    wrong = [Problem("accounting.unknown-reading", found=f"{name}={value}", accepted=", ".join(
        pack.readings[name].alternatives if name in pack.readings else pack.readings))
        for name, value in asked.items()
        if name not in pack.readings or value not in pack.readings[name].alternatives]
    if wrong:
        raise ProblemsError(wrong)
    readings = {name: asked.get(name, reading.settled or reading.default) for name, reading in pack.readings.items()}
    return Options({role: settle(choice, readings) for role, choice in pack.accounting.factor_sets.items()},
                   {name: settle(choice, readings) for name, choice in pack.accounting.options.items()})
