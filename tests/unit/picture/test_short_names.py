"""Many names in one short text, with the ranges of the site file."""

from __future__ import annotations

import pytest

from botlab.picture.short_names import short_names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["node0"], "node0"),
        (["node0", "node1"], "node0, node1"),
        (["node2", "node0", "node1"], "node[0-2]"),
        (["gpu10", "gpu9", "gpu8", "cpu1"], "cpu1, gpu[8-10]"),
        (["node0", "node20", "node40"], "node[0,20,40]"),
        (["a01", "a02", "a03", "b01"], "a[01-03], b01"),
        (["a9", "a10", "a011"], "a9, a10, a011"),
        (["10.0.0.11", "10.0.0.12", "10.0.0.13"], "10.0.0.[11-13]"),
        (["x", "y", "z"], "x, y, z"),
        (["etcd/0", "etcd/1", "etcd/2", "etcd/0"], "etcd/[0-2]"),
        (["fd00::a", "fd00::b", "fd00::c"], "fd00::a, fd00::b, fd00::c"),
    ],
)
def test_names(names: list[str], expected: str) -> None:
    assert short_names(names) == expected
