"""When Juju refuses a bundle that needs ``--trust``, among its other refusals."""

from __future__ import annotations

import pytest

from botlab.findings import Finding, Severity
from botlab.juju import Juju
from botlab.plan.trust import precedes_trust

LATER = [Juju.V2_9, Juju.V3_6, Juju.V4_0]


def refusal(rule: str) -> Finding:
    """Return a refusal of Juju."""
    return Finding(rule, Severity.ERROR, "juju", ("applications", "a"), "message", "fix")


@pytest.mark.parametrize(
    ("rule", "releases"),
    [
        ("J001", list(Juju)),
        ("J002", list(Juju)),
        ("J032", LATER),
        ("J044", []),
        ("J045", []),
        ("J048", []),
    ],
)
def test_refusals_that_come_before_the_check_of_trust(rule: str, releases: list[Juju]) -> None:
    """2.6 checks the trust after reading, and later releases after the verification."""
    assert [juju for juju in Juju if precedes_trust([refusal(rule)], juju)] == releases
    assert [
        juju for juju in Juju if precedes_trust([refusal("J044"), refusal(rule)], juju)
    ] == releases


def test_no_refusal_precedes_the_check_of_trust() -> None:
    """It is the first one then."""
    assert [juju for juju in Juju if precedes_trust([], juju)] == []
