"""The constraints of applications."""

from __future__ import annotations

from typing import Any

from botlab.bundle.model import Application
from botlab.live.comparison.constraints import constraint_differences
from botlab.live.status.model import MachineStatus, ModelStatus, UnitStatus
from helpers.live_differences import summary


def _compare(constraints: str, current: dict[str, Any]) -> tuple[list[str], list[str]]:
    status = ModelStatus(
        "lab",
        machines={"0": MachineStatus("0", hardware={"arch": "amd64"})},
        units={"web/0": UnitStatus("web/0", "web", machine="0")},
    )
    application = Application(constraints=constraints)
    details = {"constraints": current}
    return summary(constraint_differences("web", application, details, status))


def test_same_amount_in_another_unit_does_not_differ() -> None:
    assert _compare("mem=4G cores=2", {"cores": 2, "mem": 4096}) == ([], [])


def test_architecture_that_juju_sets_by_it_does_not_differ() -> None:
    assert _compare("", {"arch": "amd64"}) == ([], [])
    assert _compare("", {"arch": "arm64"}) == (
        ["application web: constraints arch=arm64 -> (none)"],
        ["juju set-constraints web"],
    )


def test_lists_are_compared_and_printed() -> None:
    assert _compare("tags=a,b", {"tags": ["a"]}) == (
        ["application web: constraints tags=a -> tags=a,b"],
        ["juju set-constraints web tags=a,b"],
    )
