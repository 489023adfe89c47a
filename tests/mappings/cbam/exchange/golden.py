"""The golden files of exchange, and how they are made anew: ``python -m tests.mappings.cbam.exchange.golden``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tests.mappings.cbam.exchange.dossiers import GOLDEN, demo, fasteners, works_manager

from zerofactory_mappings.cbam.exchange.letter import letter
from zerofactory_mappings.cbam.exchange.prefill import prefill
from zerofactory_mappings.cbam.exchange.request import form_yaml, requests
from zerofactory_mappings.cbam.exchange.write import input_yaml, questions_yaml, report_text


def _letter(language: str) -> bytes:
    installation = prefill(fasteners(), answers=works_manager()).installation
    return letter(requests(installation, ["purchased.W1"], date(2027, 2, 28))[0], language, ("form.xlsx", "form.yaml"))


def _form() -> bytes:
    installation = prefill(fasteners(), answers=works_manager()).installation
    return form_yaml(requests(installation, ["purchased.W1"], date(2027, 2, 28))[0])


#: Golden file → what makes it.
MADE: dict[str, Callable[[], bytes]] = {
    "demo-input.yaml": lambda: input_yaml(prefill(demo(), language="zh"), "zh"),
    "fasteners-open.yaml": lambda: input_yaml(prefill(fasteners()), "en"),
    "fasteners-questions-zh.yaml": lambda: questions_yaml(prefill(fasteners(), language="zh"), "zh"),
    "fasteners-report-en.txt": lambda: report_text(prefill(fasteners()), "en").encode() + b"\n",
    "fasteners-answered.yaml": lambda: input_yaml(prefill(fasteners(), answers=works_manager()), "en"),
    "letter-zh.html": lambda: _letter("zh"),
    "letter-en.html": lambda: _letter("en"),
    "form.yaml": _form,
}

if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, make in MADE.items():
        (GOLDEN / name).write_bytes(make())
