"""Which of several ranges of addresses overlap."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from botlab.address_spans import overlapping, read_span

_NETWORKS = [f"10.0.{part}.0/{length}" for part in range(4) for length in (22, 23, 24, 25)]


@given(st.lists(st.sampled_from([*_NETWORKS, "fd00::/64", "::/0", "10.0.0.9-10.0.2.1"])))
def test_all_pairs_that_overlap_are_returned(texts: list[str]) -> None:
    spans = [read_span(text) for text in texts]

    assert overlapping(spans, len(spans)) == [
        (first, second)
        for first, second in itertools.combinations(range(len(spans)), 2)
        if spans[first].overlaps(spans[second])
    ]


def test_number_of_pairs_is_bounded() -> None:
    spans = [read_span("10.0.0.0/8")] * 5

    assert overlapping(spans, 2) == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4)]
