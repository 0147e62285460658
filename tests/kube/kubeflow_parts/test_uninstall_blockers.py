"""What blocks an uninstall is reported, on the oldest and the newest API server."""

from __future__ import annotations

import json

from helpers.kubeflow.cluster_objects import (
    api_service,
    definition,
    deployment,
    manifest_of,
    namespace_of,
    webhook,
)
from helpers.kubeflow.cluster_state import (
    create,
    existing,
    install,
    run_command,
)
from helpers.kubeflow.uninstall_runs import (
    FINALIZER,
    INVENTORY,
    PROFILE,
    run_uninstall,
    wait_for_webhook,
)
from helpers.processes import until
from kubeflow_installer.uninstall.steps import Outcome
from labkube.client.api import Api


def test_objects_held_by_finalizers_are_reported(api: Api, removed_state: None) -> None:
    """Nothing is forced, and the command in the message removes the finalizers."""
    controller = deployment("profiles", "default")
    install(
        api, controller, definition("profiles", "Profile", namespaced=False),
        definition("notebooks", "Notebook"), PROFILE,
    )  # fmt: skip
    create(api, manifest_of("kubeflow.org/v1", "Notebook", "mine", "default", metadata=FINALIZER))

    outcome = run_uninstall(api, seconds=0)
    command = (
        "kubectl patch profiles.kubeflow.org team --type=merge"
        """ -p '{"metadata":{"finalizers":null}}'"""
    )
    message = (
        "Profile team is held by its finalizers profile-finalizer; if the controller that removes"
        f" them is gone: {command}"
    )
    assert outcome == Outcome(False, [message], [])
    assert api.get(controller), "the controller is still needed"

    run_command(api, command)
    outcome = run_uninstall(api, seconds=0)
    assert outcome.remaining[0].startswith("Notebook default/mine is held by its finalizers")
    run_command(api, outcome.remaining[0].rpartition("is gone: ")[2])
    assert run_uninstall(api).done


def test_blockers_of_a_namespace_are_reported(api: Api, removed_state: None) -> None:
    """A foreign APIService without a server; then a pod whose end no kubelet confirms."""
    install(api, namespace_of("kubeflow"))
    create(api, api_service("stale.example", "gone"))
    unserved = manifest_of("apiregistration.k8s.io/v1", "APIService", "v1beta1.stale.example")
    until(lambda: "ServiceNotFound" in json.dumps(api.get(unserved)), 60)
    spec = {
        "nodeName": "gpu1", "automountServiceAccountToken": False,
        "containers": [{"name": "main", "image": "lab/none"}],
    }  # fmt: skip
    account = manifest_of("v1", "ServiceAccount", "default", "kubeflow")
    until(lambda: api.get(account), 60)
    create(api, manifest_of("v1", "Pod", "mysql", "kubeflow", spec=spec))

    outcome = run_uninstall(api, seconds=0)
    waits = "Namespace kubeflow waits for Pod kubeflow/mysql on node gpu1, which must be ready"
    assert (outcome.done, outcome.retained) == (False, [])
    assert outcome.remaining[0] == (
        "APIService v1beta1.stale.example has no server that answers (ServiceNotFound), and no"
        " namespace can be deleted while it exists: kubectl delete apiservice"
        " v1beta1.stale.example"
    )
    run_command(api, outcome.remaining[0].rpartition(": ")[2])
    # The namespace's controller continues.
    expected = Outcome(False, [f"{waits} to confirm that"], [])
    until(lambda: run_uninstall(api, seconds=0) == expected, 60)
    run_command(api, "kubectl delete pod -n kubeflow mysql --force --grace-period=0")
    assert run_uninstall(api) == Outcome(True, [], [])


def test_foreign_webhook_that_refuses_a_deletion_is_reported(
    api: Api, removed_state: None
) -> None:
    """With the object that it blocks, and the name of its configuration."""
    install(api, deployment("minio", "default"))
    create(api, webhook("Validating", "guard", "kubeflow", "DELETE"))
    wait_for_webhook(api, True)

    outcome = run_uninstall(api, seconds=0)
    assert not outcome.done
    assert len(outcome.remaining) == 1
    assert outcome.remaining[0].startswith(
        "Deployment default/minio: Internal error occurred: failed"
    )
    run_command(api, outcome.remaining[0].rpartition("serves this webhook any more: ")[2])
    wait_for_webhook(api, False)
    assert run_uninstall(api).done


def test_foreign_webhook_into_a_deleted_namespace_is_reported(
    api: Api, removed_state: None
) -> None:
    """Its server was in a deleted namespace, so it would refuse requests from now on."""
    install(api, manifest_of("v1", "ConfigMap", "own", "default"))
    elsewhere = webhook("Validating", "lab", "lab", "CONNECT")
    with existing(api, elsewhere):
        create(api, webhook("Mutating", "users", "auth", "CONNECT"))
        outcome = run_uninstall(api, INVENTORY)
        assert outcome == Outcome(
            False,
            [
                "MutatingWebhookConfiguration users calls the deleted namespace auth and blocks"
                " requests: kubectl delete mutatingwebhookconfiguration users"
            ],
            [],
            is_final=True,
        )
        run_command(api, outcome.remaining[0].rpartition(": ")[2])
        assert run_uninstall(api, INVENTORY).done
