"""Versions of Juju."""

from __future__ import annotations

import pytest

from botlab.juju import Juju
from botlab.live.client.versions import major, release_line
from botlab.live.errors import UnsupportedError


@pytest.mark.parametrize(
    ("version", "line"),
    [
        ("2.6.10", Juju.V2_6),
        ("2.8.14", Juju.V2_6),
        ("2.9.51", Juju.V2_9),
        ("3.1.10", Juju.V3_6),
        ("3.6.11", Juju.V3_6),
        ("4.0-beta1", Juju.V4_0),
        ("4.0.15.1", Juju.V4_0),
        ("4.1.0", Juju.V4_0),
    ],
)
def test_release_line_of_a_version_is_the_nearest_one(version: str, line: Juju) -> None:
    assert release_line(version) is line


@pytest.mark.parametrize("version", ["2.5.8", "1.25.13", "5.0.0", "", "unknown"])
def test_version_of_another_major_release_is_refused(version: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        release_line(version)
    assert str(caught.value) == (
        f"Juju {version} is not supported; botlab works with controllers of Juju 2.6, 2.9, 3.6,"
        " 4.0"
    )


def test_major_version_of_a_text_that_is_no_version_is_zero() -> None:
    assert [major(text) for text in ("3.6.11", "10.0", "x", "")] == [3, 10, 0, 0]
