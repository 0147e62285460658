"""The preflight checks on the oldest and the newest API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kubeflow.cluster_objects import (
    claim,
    default_class,
    definition,
    deployment,
    manifest_of,
    owned,
    webhook,
)
from helpers.kubeflow.cluster_state import (
    APPLICATION,
    Listing,
    client_of,
    existing,
    objects_of,
    run_command,
    start,
)
from helpers.kubeflow.preflight_runs import (
    RELEASE,
    FakeHost,
    inventory_of,
    run_checks,
)
from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.problems import Problem
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api, ApiError


def test_sufficient_cluster_has_no_problems(
    api: Api, sufficient_cluster: None, assigned_addresses: None
) -> None:
    """Nothing is left behind."""
    assert run_checks(api) == []
    assert run_checks(api, needs={"cpu": 4.0, "per_node": False}) == []


def test_all_problems_are_reported_together(api: Api, before: Listing) -> None:
    """In their order, each with its fix."""
    failed = run_checks(api)

    assert [problem.name for problem in failed] == ["storage-class", "load-balancer", "nodes"]
    assert [problem.message for problem in failed] == [
        "there is no StorageClass; deploy nfs-server, or another provisioner with a default",
        "no LoadBalancer address within 1 s: nothing assigns addresses; deploy metallb, or check"
        " its controller",
        "no node accepts pods: there is no node at all; add a worker, or make a node ready",
    ]
    assert [problem.name for problem in run_checks(api, skipped=("nodes", "storage-class"))] == [
        "load-balancer"
    ]


def test_user_without_rights_is_reported_once(powerless: Api, before: Listing) -> None:
    """Not once for each request that is refused."""
    failed = run_checks(powerless, skipped=("token-projection",))

    assert [problem.name for problem in failed] == ["admin"]
    assert "relate kube-control" in failed[0].message


def test_failing_check_does_not_hide_others(powerless: Api, before: Listing) -> None:
    """Without the check of the rights, each other check reports what it could not do."""
    inventory = inventory_of(namespaces=["kubeflow"])
    failed = {
        problem.name: problem.message
        for problem in run_checks(powerless, inventory=inventory, skipped=("admin",))
    }

    assert list(failed) == [
        "storage-class", "load-balancer", "privileged", "nodes", "architecture", "node-limits",
        "foreign-objects",
    ]  # fmt: skip
    assert all(message.startswith("the check failed: ") for message in failed.values())
    assert 'User "powerless" cannot list resource "storageclasses"' in failed["storage-class"]


def test_unreachable_or_unauthorized_server_is_raised(control: ApiServer, before: Listing) -> None:
    """It is not a problem of the cluster."""
    for access, status in (
        (Access(control.url, control.ca, "wrong"), 401),
        (Access("https://127.0.0.1:1", control.ca, control.token), 0),
    ):
        client = Api(access, patience=0.1)
        with pytest.raises(ApiError) as raised:
            ClusterChecks(
                client,
                Objects(client, APPLICATION, "kubeflow-installer", ()),
                RELEASE,
                inventory_of(),
                FakeHost(Path("/nowhere")),
            ).problems()
        client.close()
        assert raised.value.status == status


BETA = "storageclass.beta.kubernetes.io/is-default-class"


def test_exactly_one_default_storage_class_is_needed(api: Api, before: Listing) -> None:
    """Either annotation counts, and the commands in the messages fix the problem."""
    plain = manifest_of("storage.k8s.io/v1", "StorageClass", "plain", provisioner="lab/none")

    def messages() -> list[str]:
        return [problem.message for problem in run_checks(api, skipped=("nodes", "load-balancer"))]

    with existing(api, plain):
        assert messages() == [
            "no StorageClass is the default (there is plain): kubectl annotate storageclass plain"
            " storageclass.kubernetes.io/is-default-class=true"
        ]
        with existing(api, default_class("old", BETA)):
            assert messages() == []
            with existing(api, default_class("nfs")):
                assert messages()[0].startswith(
                    "there are 2 default StorageClasses (nfs, old), but claims"
                )
                command = messages()[0].partition("for each other class: ")[2].partition("; or")[0]
                run_command(api, command.replace("NAME", "old"))
                assert messages() == []


def test_server_without_privileged_containers_is_reported(age: Path, tmp_path: Path) -> None:
    """Nothing is stored to find that out."""
    server = ApiServer(age, tmp_path / "kube", privileged=False)
    start(server)
    with client_of(server) as client:
        failed = run_checks(client, skipped=("storage-class", "load-balancer", "nodes"))
        application = "master" if client.version() < (1, 24) else "control-plane"
        stored = client.list("apps/v1", "Deployment")
    server.stop()
    assert (failed, stored) == (
        [
            Problem(
                "privileged",
                "the API server refuses privileged containers, which Istio needs: juju config"
                f" kubernetes-{application} allow-privileged=true",
            )
        ],
        [],
    )


def test_foreign_objects_of_the_release_are_reported(
    api: Api, sufficient_cluster: None, assigned_addresses: None
) -> None:
    """The application's own objects, and those to be adopted, are not."""
    inventory = inventory_of(
        namespaces=("kube-public", "istio-system"),
        workloads=(("Deployment", "default", "minio"), ("Deployment", "default", "own")),
        claims=(("default", "mysql-pv-claim"),),
        definitions=("profiles.kubeflow.org", "notebooks.kubeflow.org"),
        webhooks=(("MutatingWebhookConfiguration", "istio-sidecar-injector"),),
        at_run_time=(("v1", "ConfigMap", "default", "leader"),),
    )
    objects = objects_of(api)
    with existing(
        api,
        deployment("minio", "default"), deployment("other", "default"),
        claim("mysql-pv-claim", "default"), definition("notebooks", "Notebook"),
        webhook("Mutating", "istio-sidecar-injector", "kubeflow", "CONNECT"),
        manifest_of("v1", "ConfigMap", "leader", "default"),
    ):  # fmt: skip
        objects.apply([deployment("own", "default")], prune=False)
        assert [problem.message for problem in run_checks(api, inventory=inventory)] == [
            "CustomResourceDefinition notebooks.kubeflow.org, Deployment default/minio,"
            " MutatingWebhookConfiguration istio-sidecar-injector and 2 more exist and were not"
            " made by this application; remove them, or run the action install with adopt=true,"
            " which adopts them"
        ]
        assert run_checks(api, inventory=inventory, adopt=True) == []
    api.delete(deployment("own", "default"))


def test_objects_that_controllers_made_for_own_objects_are_not_foreign(
    api: Api, sufficient_cluster: None, assigned_addresses: None
) -> None:
    """Such as a Profile's namespace. Those made for foreign objects are."""
    own, foreign = (manifest_of("v1", "ConfigMap", name, "default") for name in ("own", "foreign"))
    objects_of(api).apply([own], prune=False)
    with existing(api, foreign):
        dependents = [
            owned(api, deployment(f"by-{name}", "default"), OWNERS[name]) for name in OWNERS
        ]
        with existing(api, *dependents):
            keys = [("Deployment", "default", f"by-{name}") for name in OWNERS]
            failed = run_checks(api, inventory=inventory_of(workloads=keys))
            assert [problem.message.partition(" exist")[0] for problem in failed] == [
                "Deployment default/by-foreign"
            ]
    api.delete(own)


OWNERS = {
    name: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    for name in ("own", "foreign")
}
