"""All checks of a lab."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from botlab.assessment import Request, assess
from botlab.live.cluster.access import ClusterError
from botlab.live.errors import CallTimedOutError, LiveError
from botlab.live.lab import Lab, lab_of
from botlab.live.results import ActionResult
from botlab.live.status.model import ModelStatus, StatusInfo
from botlab.live.time_limits import Deadline
from botlab.live.verify import Check, VerifyReport, verify_lab
from botlab.live.verify.balancers import Reach
from helpers.clusters import healthy_cluster
from helpers.kubeconfigs import kubeconfig_text
from helpers.live_models import FakeModel, ready_status, with_unit, without_units

SITE = Path(__file__).parents[4] / "examples" / "modern" / "site.yaml"
UNITS = (
    "nvidia-runtime/0",
    "nvidia-runtime/1",
    "nfs-server/0",
    "metallb/0",
    "kubeflow-installer/0",
)


@pytest.fixture(scope="module")
def lab() -> Lab:
    """Return the lab of today's example."""
    return lab_of(assess(Request(SITE)), "site")


def passed(unit: str) -> ActionResult:
    """Return an action whose only check passed."""
    checks = [{"name": "works", "ok": True, "message": f"{unit} works"}]
    results = {"ok": "true", "checks": json.dumps(checks), "failures": "[]"}
    return ActionResult(unit, "completed", "", results)


def model_of(status: ModelStatus, **kinds: Any) -> FakeModel:
    """Return a model in which the action verify of each unit passes."""
    actions: dict[tuple[str, str], ActionResult | LiveError] = {
        (unit, "verify"): passed(unit) for unit in UNITS
    }
    return FakeModel(statuses=[status], actions=actions, **kinds)


def verify(model: FakeModel, lab: Lab, seconds: float = 60) -> VerifyReport:
    """Verify a lab whose cluster is healthy."""
    cluster = healthy_cluster(lab, ready_status(lab))
    return verify_lab(model, lab, cluster, Deadline(seconds), lambda *_: Reach.ANSWERED)


def of_units(report: VerifyReport) -> list[Check]:
    """Return the checks of units."""
    return [check for check in report.checks if check.unit]


def test_each_unit_is_checked_and_then_the_cluster(lab: Lab) -> None:
    report = verify(model_of(ready_status(lab)), lab)

    assert of_units(report) == [Check("works", True, f"{unit} works", unit) for unit in UNITS]
    assert [check.name for check in report.checks[5:]] == [
        "api",
        "nodes",
        "node-versions",
        "gpus",
        "storage-class",
        "load-balancer",
        "pods",
    ]
    assert (report.is_ok, report.is_out_of_time) == (True, False)


def test_report_has_the_contract_of_the_action_and_the_unit(lab: Lab) -> None:
    model = model_of(ready_status(lab))
    model.actions["metallb/0", "verify"] = ActionResult("metallb/0", "failed", "no pool")

    document = verify(model, lab).as_json()

    assert sorted(document) == ["checks", "failures", "ok"]
    assert document["ok"] is False
    assert document["failures"] == ["verify of metallb/0: no pool"]
    assert document["checks"][3] == {
        "name": "verify",
        "ok": False,
        "message": "no pool",
        "unit": "metallb/0",
    }
    assert document["checks"][6]["unit"] is None


def test_leader_of_a_charm_for_the_cluster_is_asked(lab: Lab) -> None:
    status = with_unit(ready_status(lab), "metallb/0", is_leader=False)
    second = dataclasses.replace(status.units["metallb/0"], name="metallb/1", is_leader=True)
    model = model_of(dataclasses.replace(status, units={**status.units, "metallb/1": second}))

    verify(model, lab)

    assert ("run", "metallb/1", "verify") in model.calls
    assert ("run", "metallb/0", "verify") not in model.calls


@pytest.mark.parametrize("agent", ["lost", "failed", "allocating"])
def test_unit_whose_agent_is_silent_is_not_asked(lab: Lab, agent: str) -> None:
    status = with_unit(ready_status(lab), "nfs-server/0", agent=StatusInfo(agent))
    model = model_of(status)

    report = verify(model, lab)

    assert report.failures == (
        Check(
            "verify",
            False,
            f"the Juju agent of the unit is {agent}, so no action runs; see juju show-status-log"
            " nfs-server/0 -m ctrl:modern",
            "nfs-server/0",
        ),
    )
    assert ("run", "nfs-server/0", "verify") not in model.calls


def test_action_that_the_controller_refuses_is_a_failed_check(lab: Lab) -> None:
    model = model_of(ready_status(lab))
    model.actions["nfs-server/0", "verify"] = LiveError("action verify not defined")

    assert verify(model, lab).failures == (
        Check("verify", False, "action verify not defined", "nfs-server/0"),
    )


def test_missing_units_and_applications_are_failed_checks(lab: Lab) -> None:
    status = without_units(ready_status(lab), "nvidia-runtime/1", "metallb/0")

    assert verify(model_of(status), lab).failures == (
        Check(
            "units",
            False,
            "nvidia-runtime has 1 of 2 units; add the missing ones with botlab deploy SITE",
        ),
        Check(
            "units",
            False,
            "metallb has 0 of 1 units; add the missing ones with botlab deploy SITE",
        ),
    )


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [(60, 47, 57), (2, 1, 1), (1000, 900, 900), (902, 880, 899), (None, 900, 900)],
)
def test_action_ends_before_the_deadline(
    lab: Lab, seconds: float | None, least: float, most: float
) -> None:
    """Three seconds remain to report it, but each action has at least one."""
    model = model_of(ready_status(lab))

    verify_lab(
        model,
        lab,
        healthy_cluster(lab, ready_status(lab)),
        Deadline(seconds),
        lambda *_: Reach.ANSWERED,
    )

    assert all(least <= model.limits[unit, "verify"] <= most for unit in UNITS)


def test_action_that_takes_until_the_deadline_is_out_of_time(lab: Lab) -> None:
    model = model_of(ready_status(lab))
    model.actions["metallb/0", "verify"] = CallTimedOutError("juju run metallb/0 verify", 57)

    report = verify(model, lab)

    assert report.is_out_of_time
    assert [(check.unit, check.name) for check in report.failures] == [("metallb/0", "verify")]


def test_action_that_hangs_long_before_the_deadline_is_a_failed_check(lab: Lab) -> None:
    model = model_of(ready_status(lab))
    model.actions["metallb/0", "verify"] = CallTimedOutError("juju run metallb/0 verify", 900)

    report = verify(model, lab, 7200)

    assert (report.is_ok, report.is_out_of_time) == (False, False)


class HangingModel(FakeModel):
    """A model whose actions of one unit never end."""

    release: threading.Event

    def run_action(
        self,
        unit: str,
        action: str,
        parameters: Mapping[str, str] | None = None,
        *,
        seconds: float = 300,
    ) -> ActionResult:
        """Wait until the test ends."""
        if unit == "metallb/0":
            self.release.wait(30)
        return super().run_action(unit, action, parameters, seconds=seconds)


def test_action_that_never_ends_does_not_keep_the_others(lab: Lab) -> None:
    model = HangingModel(
        statuses=[ready_status(lab)],
        actions={(unit, "verify"): passed(unit) for unit in UNITS},
    )
    model.release = threading.Event()

    report = verify(model, lab, 2)
    model.release.set()

    assert report.is_out_of_time
    assert report.failures == (
        Check(
            "verify",
            False,
            "no result in the time allowed; allow more with --timeout",
            "metallb/0",
        ),
    )
    assert len(of_units(report)) == 5


def test_cluster_of_the_control_plane_is_used_without_a_kubeconfig(lab: Lab) -> None:
    """Nothing listens on the port, so its API is one failed check."""
    model = model_of(ready_status(lab))
    text = kubeconfig_text("https://127.0.0.1:1")
    unit = "kubernetes-control-plane/leader"
    model.actions[unit, "get-kubeconfig"] = ActionResult(
        unit, "completed", "", {"kubeconfig": text}
    )
    report = verify_lab(model, lab, None, Deadline(60))

    assert len(report.failures) == 1
    assert report.failures[0].name == "api"
    assert report.failures[0].unit == ""


def test_control_plane_without_a_kubeconfig_is_one_failed_check(lab: Lab) -> None:
    report = verify_lab(model_of(ready_status(lab)), lab, None, Deadline(60))

    assert report.failures == (
        Check(
            "api",
            False,
            "kubernetes-control-plane/leader: action get-kubeconfig has the status failed:"
            " kubernetes-control-plane/leader has no action get-kubeconfig; see juju status for"
            " the state of kubernetes-control-plane",
        ),
    )


@pytest.mark.parametrize(("seconds", "is_out_of_time"), [(60, True), (600, False)])
def test_control_plane_that_hangs_is_out_of_time_only_at_the_deadline(
    lab: Lab, seconds: float, is_out_of_time: bool
) -> None:
    model = model_of(ready_status(lab))
    unit = "kubernetes-control-plane/leader"
    model.actions[unit, "get-kubeconfig"] = CallTimedOutError("juju run", 57)

    report = verify_lab(model, lab, None, Deadline(seconds))

    assert [(check.unit, check.name) for check in report.failures] == [("", "api")]
    assert report.is_out_of_time == is_out_of_time


def test_api_that_is_not_reached_does_not_stop_the_checks_of_units(lab: Lab) -> None:
    cluster = healthy_cluster(lab, ready_status(lab))
    cluster.faults["version"] = ClusterError("https://x: cannot be reached")

    report = verify_lab(model_of(ready_status(lab)), lab, cluster, Deadline(60))

    assert report.failures == (Check("api", False, "https://x: cannot be reached"),)
    assert len(of_units(report)) == 5


def test_model_that_cannot_be_read_is_an_error(lab: Lab) -> None:
    model = FakeModel(statuses=[LiveError("no controller")])

    with pytest.raises(LiveError, match="no controller"):
        verify(model, lab)
