"""The check `notebook`: a notebook is created, watched and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.verify_api import VerifyApi, live
from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.verify.notebook import Notebook, Trial

USER = "admin@kubeflow.org"
GPU = "nvidia.com/gpu"
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def profile(user: str = USER) -> dict[str, Any]:
    """Return a user's profile."""
    return live("Profile", "admin", spec={"owner": {"kind": "User", "name": user}})


def run(api: Any, gpu: str = GPU, *tolerations: Toleration) -> tuple[bool, str]:
    """Run the check; no notebook may remain."""
    trial = Trial("jupyter:1", gpu, tolerations, 0.02)
    check = Notebook(api, trial, lambda _: None).check(USER)
    assert [entry for entry in api.objects if entry["kind"] != "Profile"] == []
    return check.ok, check.message


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha1"])
def test_notebook_runs_in_the_servers_version(version: str) -> None:
    """It has one GPU, and is in the user's namespace."""
    api = VerifyApi([profile()], version, READY)
    assert run(api) == (True, "a notebook with one nvidia.com/gpu ran")
    body = api.created[0]
    assert (body["apiVersion"], body["kind"]) == (f"kubeflow.org/{version}", "Notebook")
    assert body["metadata"] == {"generateName": "kubeflow-verify-", "namespace": "admin"}
    assert body["spec"]["template"]["spec"]["containers"] == [
        {"name": "notebook", "image": "jupyter:1", "resources": {"limits": {GPU: "1"}}}
    ]


def test_notebook_has_the_tolerations_that_users_may_select() -> None:
    """Machines with GPUs often have a taint; without a toleration the notebook would wait."""
    api = VerifyApi([profile()], pod=READY)
    taints = (Toleration("gpu", "yes", "NoSchedule"), Toleration("big", "", "NoExecute"))
    assert run(api, GPU, *taints)[0]
    assert api.created[0]["spec"]["template"]["spec"]["tolerations"] == [
        {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
        {"key": "big", "operator": "Exists", "effect": "NoExecute"},
    ]
    run(api)
    assert "tolerations" not in api.created[1]["spec"]["template"]["spec"]


def test_notebook_without_a_gpu() -> None:
    api = VerifyApi([profile()], pod=READY)
    assert run(api, "") == (True, "a notebook without a GPU ran")
    assert "resources" not in api.created[0]["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (None, "the last event about kubeflow-verify-x"),
        ({}, "the last event about kubeflow-verify-x-0"),
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "no GPU"}]},
            "no GPU",
        ),
        (
            {"containerStatuses": [{"state": {"running": {}}}, {"state": {"waiting": {
                "reason": "ImagePullBackOff", "message": "no such image"}}}]},
            "ImagePullBackOff: no such image",
        ),
    ],
)  # fmt: skip
def test_notebook_that_does_not_run_is_diagnosed(pod: dict[str, Any] | None, reason: str) -> None:
    assert run(VerifyApi([profile()], pod=pod)) == (
        False,
        f"a notebook with one nvidia.com/gpu does not run after 0 s: {reason}",
    )


def test_notebook_needs_the_users_profile() -> None:
    """There is none, it is another user's, or the server does not know the kind."""
    for objects, version in (([], "v1"), ([profile("other@x")], "v1"), ([profile()], "v9")):
        expected = (False, f"the user {USER} has no profile yet")
        assert run(VerifyApi(objects, version)) == expected


def test_refused_notebook_is_reported() -> None:
    api = VerifyApi([profile()])
    api.refusal = "a webhook denied it"
    assert run(api) == (False, "the server refuses the notebook: a webhook denied it")
