"""Rules about networks and the proxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.assessments import assess_layer, of_rule


@pytest.mark.parametrize(
    ("exceptions", "is_reported"),
    [
        (["10.0.0.0/24"], False),
        (["localhost", "10.0.0.0/8"], False),
        (["*"], False),
        (["10.0.0.0/25"], True),
        (["10.0.1.0/24", ".lab.example", "::/0"], True),
        ([], True),
    ],
)
def test_proxy_exceptions_must_include_the_whole_lan(
    tmp_path: Path, exceptions: list[str], is_reported: bool
) -> None:
    """A network around the LAN is as good as the LAN."""
    proxy = {"http": "http://proxy.lab.example:3128", "no-proxy": exceptions}
    findings = assess_layer(tmp_path, {"proxy": proxy}).findings

    assert bool(of_rule(findings, "BL069")) is is_reported
