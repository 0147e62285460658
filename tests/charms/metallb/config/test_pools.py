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


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("start after end", "ends before it starts; write the lower address first"),
        ("two families in a range", "mixes IPv4 and IPv6; write an entry for each"),
    ],
)
def test_range_without_addresses_is_a_problem_of_this_charm(name: str, problem: str) -> None:
    """MetalLB 0.8 accepts such a range, and assigns none of its addresses."""
    number = (0, 8, 1)
    configuration = decode(TEXTS[name], number)

    assert validate.problems(configuration, number) == []
    (message,) = unserved_ranges(configuration, number)
    assert message.endswith(problem)
    assert read_pools(configuration, number)[0].networks == ()
