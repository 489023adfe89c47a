"""Work that misbehaves, for the guard: it runs in a process of its own, by the name of these functions."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zerofactory_engine.problems import Place, Problem, ProblemsError, Severity
from zerofactory_web.readiness.guard import Done


def work(order: Mapping[str, Any]) -> Done:
    """Do what ``do`` names."""
    return ACTS[order["do"]](order)


def echo(order: Mapping[str, Any]) -> Done:
    return Done({"pid": os.getpid(), "was": order["was"]}, b"\x00\xff" * order.get("bytes", 0))


def sleep(order: Mapping[str, Any]) -> Done:
    time.sleep(600)
    return Done({})


def compute(order: Mapping[str, Any]) -> Done:
    while True:
        pass


def eat(order: Mapping[str, Any]) -> Done:
    held = []
    while True:
        held.append(bytearray(50_000_000))


def recurse(order: Mapping[str, Any]) -> Done:
    return recurse(order)


def die(order: Mapping[str, Any]) -> Done:
    os._exit(3)


def fail(order: Mapping[str, Any]) -> Done:
    raise ZeroDivisionError("of Wang's factory")


def refuse(order: Mapping[str, Any]) -> Done:
    raise ProblemsError([
        Problem("precheck.busy", Place(file="a.yaml", path="x", line=3, column=7), Severity.WARNING, found="f", accepted="a",
                example="e", args={"n": "1"}),
        Problem("precheck.too-much")])


def meet(order: Mapping[str, Any]) -> Done:
    """Say that it is here, and end when told."""
    Path(order["here"]).touch()
    while not Path(order["go"]).exists():
        time.sleep(0.01)
    return Done({})


ACTS = {f.__name__: f for f in (echo, sleep, compute, eat, recurse, die, fail, refuse, meet)}
