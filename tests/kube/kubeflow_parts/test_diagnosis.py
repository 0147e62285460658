"""The diagnosis of workloads on the oldest and the newest API server."""

from __future__ import annotations

from helpers.kubeflow.cluster_objects import (
    deployment,
    manifest_of,
)
from helpers.kubeflow.cluster_state import (
    Listing,
    existing,
)
from kubeflow_installer.reconcile.diagnosis import diagnose
from labkube.client.api import MERGE, Api


def test_reasons_of_workloads_that_are_not_ready(api: Api, before: Listing) -> None:
    """From the pods that the selector matches, the conditions, and the events about them."""
    notebook, mysql = deployment("notebook", "default"), deployment("mysql", "default")
    container = {"name": "main", "image": "lab/none"}
    pod = {"automountServiceAccountToken": False, "containers": [container]}
    labels = {"labels": {"app": "notebook"}}
    started = manifest_of("v1", "Pod", "notebook-1", "default", metadata=labels, spec=pod)
    unrelated = manifest_of(
        "v1", "Pod", "other-1", "default", metadata={"labels": {"app": "x"}}, spec=pod
    )
    with existing(api, notebook, mysql, started, unrelated):
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
        state = {
            "name": "main", "state": {"waiting": waiting}, "image": "gcr.io/arrikto/main:1",
            "ready": False, "restartCount": 0, "imageID": "",
        }  # fmt: skip
        status = {"status": {"containerStatuses": [state], "phase": "Pending"}}
        for manifest in (started, unrelated):
            api.request("PATCH", api.path_of(manifest) + "/status", status, MERGE)
        about = {"kind": "ReplicaSet", "name": "mysql-7f", "namespace": "default"}
        quota = 'Error creating: pods "mysql-7f-" is forbidden: exceeded quota: lab'
        for number, kind in enumerate(("Normal", "Warning")):
            event = manifest_of("v1", "Event", f"mysql.{number}", "default", involvedObject=about)
            message = quota if kind == "Warning" else "Scaled up"
            api.create({**event, "message": message, "type": kind})

        late = [("Deployment", "default", name) for name in ("notebook", "mysql", "gone")]
        reasons = diagnose(api, late)
        api.request("DELETE", "/api/v1/namespaces/default/events")

    assert reasons == [
        "Deployment default/notebook: pod notebook-1: container main: ImagePullBackOff of"
        " gcr.io/arrikto/main:1: Back-off pulling image; upstream deleted this image: set"
        " image-registry to a mirror that has it, or image-overrides",
        f"Deployment default/mysql: {quota}",
        "Deployment default/gone is missing",
    ]
