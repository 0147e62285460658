"""The kubeconfig of a lab, from the control plane of each profile."""

from __future__ import annotations

import pytest

from botlab.bundle.model import Application, Bundle
from botlab.juju import Juju
from botlab.live.errors import LiveError
from botlab.live.kubeconfig import fetch_kubeconfig
from botlab.live.lab import Lab
from botlab.live.results import ActionResult
from helpers.kubeconfigs import kubeconfig_text
from helpers.live_models import FakeModel


def lab_with(charm: str) -> Lab:
    """Return a lab with one application."""
    name = charm.rpartition("/")[2].partition("-542")[0]
    return Lab("lab", Juju.V3_6, Bundle(applications={name: Application(charm, num_units=1)}))


def model_with(
    unit: str, status: str = "completed", message: str = "", **results: object
) -> FakeModel:
    """Return a model in which the action get-kubeconfig of a unit has a result."""
    action = ActionResult(unit, status, message, results)
    return FakeModel(actions={(unit, "get-kubeconfig"): action})


def test_control_plane_of_2019_has_a_file() -> None:
    model = FakeModel(files={("kubernetes-master/leader", "/home/ubuntu/config"): "text"})

    assert fetch_kubeconfig(model, lab_with("cs:~containers/kubernetes-master-542")) == "text"


@pytest.mark.parametrize("charm", ["kubernetes-control-plane", "k8s"])
def test_control_plane_of_today_has_an_action(charm: str) -> None:
    model = model_with(f"{charm}/leader", kubeconfig=kubeconfig_text())

    assert fetch_kubeconfig(model, lab_with(charm)) == kubeconfig_text()


@pytest.mark.parametrize("status", ["failed", "error", "cancelled", "aborted"])
def test_action_that_does_not_complete_is_an_error(status: str) -> None:
    model = model_with("k8s/leader", status, "not\nready", kubeconfig="text")

    with pytest.raises(LiveError) as raised:
        fetch_kubeconfig(model, lab_with("k8s"))
    assert str(raised.value) == (
        f"k8s/leader: action get-kubeconfig has the status {status}: not ready; see juju status"
        " for the state of k8s"
    )


@pytest.mark.parametrize("results", [{}, {"kubeconfig": {"a": 1}}])
def test_action_without_a_text_is_an_error(results: dict[str, object]) -> None:
    with pytest.raises(LiveError, match="returned no text in the result kubeconfig"):
        fetch_kubeconfig(model_with("k8s/leader", **results), lab_with("k8s"))


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_kubeconfig_is_an_error(text: str) -> None:
    with pytest.raises(LiveError) as raised:
        fetch_kubeconfig(model_with("k8s/leader", kubeconfig=text), lab_with("k8s"))
    assert str(raised.value) == (
        "action get-kubeconfig of k8s/leader: is empty; wait until the control plane is active"
        " (botlab wait)"
    )


def test_huge_kubeconfig_is_an_error() -> None:
    model = model_with("k8s/leader", kubeconfig="x" * (2**20 + 1))

    with pytest.raises(LiveError, match="is larger than 1 MiB"):
        fetch_kubeconfig(model, lab_with("k8s"))


def test_bundle_without_a_control_plane_is_an_error() -> None:
    with pytest.raises(LiveError) as raised:
        fetch_kubeconfig(FakeModel(), lab_with("etcd"))
    assert str(raised.value) == (
        "lab: the bundle has no application of the charms kubernetes-control-plane, k8s,"
        " kubernetes-master, from which botlab gets the kubeconfig; use --kubeconfig FILE where a"
        " command has it"
    )
