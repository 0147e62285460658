"""The findings together: for the status and for `verify`."""

from __future__ import annotations

import pytest

from helpers.metallb_cluster import EMPTY, POOL, desired_on, healthy, service
from metallb.health.findings import BLOCKED, NOTE, OK, WAITING, Finding
from metallb.health.report import as_checks, findings, summary, worst

SECOND = "{name: public, protocol: layer2, addresses: [10.0.1.0/30]}"


def test_every_check_is_made() -> None:
    outcomes = findings(desired_on(), healthy(), ())
    assert [(entry.check, entry.severity) for entry in outcomes] == [
        ("announcers", OK), ("kube-proxy", OK), ("load balancers", OK), ("services", OK),
        ("subnets", OK),
    ]  # fmt: skip


def test_cluster_without_nodes_is_not_healthy() -> None:
    assert worst(findings(desired_on(), EMPTY, ())).severity == BLOCKED


def test_most_severe_finding_is_the_status() -> None:
    outcomes = [
        Finding(severity, severity, "") for severity in (OK, NOTE, WAITING, BLOCKED, WAITING)
    ]
    assert worst(outcomes).severity == BLOCKED
    assert worst(outcomes[:3]).severity == WAITING
    assert worst(outcomes[:2]).severity == NOTE


def test_note_does_not_fail_verify() -> None:
    outcomes = [Finding(severity, severity, "m") for severity in (OK, NOTE, WAITING, BLOCKED)]
    assert [check.ok for check in as_checks(outcomes)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("pools", "text"),
    [
        ((POOL,), "MetalLB v0.16.1, pool default, 2 of 4 addresses used"),
        ((POOL, SECOND), "MetalLB v0.16.1, 2 pools, 2 of 8 addresses used"),
    ],
)
def test_status_of_the_active_unit_counts_addresses(pools: tuple[str, ...], text: str) -> None:
    """Addresses of no pool do not count."""
    entries = [service("a", "10.0.0.10"), service("b", "10.0.0.11"), service("c", "10.9.0.1")]
    assert summary(desired_on(*pools), healthy(*entries)) == text
