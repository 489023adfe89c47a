"""Make the bundle of the worked site: ``python -m tests.bundles.make FILE``, once before a release."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from zerofactory_engine.bundle import write_bundle
from zerofactory_engine.dossier import read_dossier
from zerofactory_engine.evaluation import Request, evaluate
from zerofactory_engine.rulepack import find_pack


def main(target: Path) -> None:
    """Write the bundle to *target*."""
    dossier = read_dossier(Path(__file__).parents[1] / "engine/dossier/examples/worked-site.yaml").dossier
    for table in ("heat", "processes", "fugitive"):
        dossier = dossier.declared_complete(table)
    request = Request(date(2026, 8, 15), levels=("entry",), readings={"grid_factor_area": "national"})
    write_bundle(evaluate(dossier, find_pack("cn-miit-zcf-2026@0.1.0"), request), target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
