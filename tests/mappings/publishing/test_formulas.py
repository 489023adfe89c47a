"""Gas formulas in running text."""

from __future__ import annotations

import pytest

from zerofactory_mappings.publishing.formulas import flat, marked_up


@pytest.mark.parametrize(("text", "html"), [
    ("tCO2e", "tCO<sub>2</sub>e"), ("CO2", "CO<sub>2</sub>"), ("CO₂", "CO<sub>2</sub>"), ("CH4 与 N2O", "CH<sub>4</sub> 与 N<sub>2</sub>O"),
    ("SF6/NF3", "SF<sub>6</sub>/NF<sub>3</sub>"), ("tCO2/tce", "tCO<sub>2</sub>/tce"),
    ("ZCF-2.1", "ZCF-2.1"), ("R410A, HFC23", "R410A, HFC23"), ("EN4", "EN4"), ("D-N2, X-CO2, N2", "D-N2, X-CO2, N2"), ("<b>&", "&lt;b&gt;&amp;"), (None, ""), (12, "12"),
])
def test_digits_of_formulas_stand_lower_and_nothing_else_does(text: object, html: str) -> None:
    assert str(marked_up(text)) == html


def test_attributes_and_titles_stay_flat() -> None:
    assert str(flat("CO₂ <x>")) == "CO2 &lt;x&gt;"
