"""What actions return."""

from __future__ import annotations

import pytest

from botlab.live.results import ActionResult, charm_results


def test_results_of_juju_are_not_those_of_the_charm() -> None:
    """In the spelling of each release: 2.6 to 2.8, 2.9, and 3 and later."""
    own = {"kubeconfig": "text", "checks": {"a": 1}}
    of_juju = [
        "return-code", "stdout", "stderr", "Code", "ReturnCode", "Stdout", "Stderr",
        "StdoutEncoding", "StderrEncoding", "stdout-encoding", "stderr-encoding",
    ]  # fmt: skip

    assert charm_results({**own, **dict.fromkeys(of_juju, "x")}) == own
    assert charm_results(None) == {}
    assert charm_results("text") == {}


@pytest.mark.parametrize(
    ("status", "is_successful"),
    [("completed", True), ("failed", False), ("error", False), ("cancelled", False)],
)
def test_action_is_judged_by_its_status(status: str, is_successful: bool) -> None:
    assert ActionResult("a/0", status).is_successful is is_successful
