"""The rule about the release of MetalLB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule, paths_of

POOLS = {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}
FOR_1_13 = "v0.8.1, v0.8.3, v0.9.3"


def metallb_layer(version: str, channel: str = "1.13", /, **options: str) -> dict[str, Any]:
    """Return a layer with a version of MetalLB, a Kubernetes release, and raw options."""
    return {
        "kubernetes": {"channel": f"{channel}/stable"},
        "metallb": {"version": version, "pools": POOLS},
        "applications": {"metallb": {"options": options}},
    }


@pytest.mark.parametrize(
    ("version", "channel", "message", "names"),
    [
        (
            "v0.17.0",
            "1.13",
            "MetalLB v0.17.0 runs on Kubernetes 1.23 and later, but the site has 1.13",
            FOR_1_13,
        ),
        (
            "v0.9.6",
            "1.13",
            "MetalLB v0.9.6 runs on Kubernetes 1.14 to 1.24, but the site has 1.13",
            FOR_1_13,
        ),
        (
            "v0.13",
            "1.22",
            "v0.13 is not a release of MetalLB, whose names have three numbers",
            "v0.8.1, v0.8.3, v0.9.3, v0.9.6, v0.9.8, v0.10.3, v0.11.0, v0.12.1, v0.13.12",
        ),
        (
            "v1.0",
            "1.30",
            "v1.0 is not a release of MetalLB, whose names have three numbers",
            "v0.13.12, v0.14.9, v0.15.3, v0.16.1",
        ),
        ("0.8.2", "1.13", "the charm metallb cannot install MetalLB 0.8.2", FOR_1_13),
    ],
)
def test_release_that_does_not_fit_is_reported_with_those_that_do(
    tmp_path: Path, version: str, channel: str, message: str, names: str
) -> None:
    """The message gives the reason, and the fix the releases for the cluster."""
    (finding,) = of_rule(assess_layer(tmp_path, metallb_layer(version, channel)).findings, "BL065")

    assert path_text(finding.path) == "metallb.version"
    assert finding.message == message
    meant = "did you mean v0.13.12? Otherwise, " if version == "v0.13" else ""
    assert finding.fix == f"{meant}remove the version, or use one of {names}"


@pytest.mark.parametrize("version", ["v0.15", "0.15", "0.15."])
def test_beginning_of_a_release_is_answered_with_the_newest(version: str, tmp_path: Path) -> None:
    (finding,) = of_rule(assess_layer(tmp_path, metallb_layer(version, "1.30")).findings, "BL065")

    assert finding.fix.startswith("did you mean v0.15.3? Otherwise, remove the version, or ")


@pytest.mark.parametrize(
    ("version", "channel"), [("v0.8.1", "1.13"), ("0.17.0", "1.23"), ("v0.13.1", "1.19")]
)
def test_release_of_the_table_or_a_later_one_is_accepted(
    tmp_path: Path, version: str, channel: str
) -> None:
    """With or without the letter v."""
    findings = assess_layer(tmp_path, metallb_layer(version, channel)).findings

    assert of_rule(findings, "BL065") == []


def test_raw_option_version_is_checked_instead_of_the_section(tmp_path: Path) -> None:
    """The finding is at the option."""
    findings = assess_layer(tmp_path, metallb_layer("v9", version="v0.8.1")).findings
    assert of_rule(findings, "BL065") == []

    findings = assess_layer(tmp_path, metallb_layer("v0.8.1", version="v9")).findings
    assert paths_of(findings, "BL065") == ["applications.metallb.options.version"]
