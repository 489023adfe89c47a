"""Sums per meter and unit of an account, straight from its JSON: imports nothing of the project, on purpose."""

import json
import sys
from collections import defaultdict
from decimal import Decimal


def sums(text: str) -> dict[tuple[str, str], tuple[int, Decimal]]:
    account = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    units = {m["guid"]: m["energyUnit"] for m in account["meters"]}
    found: dict[tuple[str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for bill in account["meterData"]:
        key = (bill["meterId"], units.get(bill["meterId"], "?"))
        found[key] = (found[key][0] + 1, found[key][1] + bill["totalEnergyUse"])
    return dict(found)


if __name__ == "__main__":
    print(sums(sys.stdin.read()))
