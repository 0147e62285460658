"""Durations are read as Go reads them."""

from __future__ import annotations

import pytest

from metallb.config.durations import parse_duration
from metallb.config.errors import RefusedError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("1m30s", 90), ("1.5h", 5400), ("-2s", -2), ("+3ms", 0.003), ("0", 0)],
)
def test_duration_is_parsed(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "s", "1", "1y", "1s2", "--1s"])
def test_text_that_go_refuses_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        parse_duration(text)
