"""Pools that a release accepts and cannot serve."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from metallb.config import validate
from metallb.config.decode import decode
from metallb.config.pools import read_pools, unserved_ranges

TEXTS = {
    name: text
    for entry in yaml.safe_load(
        (Path(__file__).parent / "verdicts_texts.yaml").read_text(encoding="utf-8")
    )
    for name, text in entry.items()
}


@pytest.mark.parametrize("name", ["start after end", "two families in a range"])
def test_range_without_addresses_is_a_problem_of_this_charm(name: str) -> None:
    """MetalLB 0.8 accepts such a range. The charm does not, and says that the rule is its own."""
    number = (0, 8, 1)
    configuration = decode(TEXTS[name], number)

    assert validate.problems(configuration, number) == []
    (message,) = unserved_ranges(configuration, number)
    assert "this charm's rule" in message
    assert read_pools(configuration, number)[0].networks == ()
