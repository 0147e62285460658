"""The uninstall on the oldest and the newest API server."""

from __future__ import annotations

import json
import time

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kubeflow.cluster_objects import (
    claim,
    definition,
    deployment,
    manifest_of,
    namespace_of,
    volume,
)
from helpers.kubeflow.cluster_state import (
    PREPARED,
    STATE,
    Listing,
    create,
    difference,
    existing,
    install,
    listing,
    meanwhile,
    objects_of,
)
from helpers.kubeflow.uninstall_runs import (
    CRD,
    FINALIZER,
    FOREIGN,
    INVENTORY,
    KEPT,
    LEASE,
    VOLUMES,
    DyingApi,
    Killed,
    controllers,
    foreign_objects,
    install_kubeflow,
    reclaim_policies,
    run_uninstall,
    wait_until_bound,
)
from kubeflow_installer.uninstall.steps import Outcome
from labkube.client.api import Api, ApiError


def test_uninstall_completes_though_it_is_killed_again_and_again(
    control: ApiServer, api: Api, before: Listing
) -> None:
    """Each process dies at its third or fourth write, before or after the server has it.

    In the end the server is as before Kubeflow, except for the retained volumes, and foreign
    objects are as they were. One more run writes nothing.
    """
    deaths = 0
    with foreign_objects(api):
        install_kubeflow(api)
        with meanwhile(api, controllers):
            while deaths < 100:
                # Two writes go to what galley recreates.
                dying_api = DyingApi(control, 3 + deaths % 2, is_after=deaths % 3 == 0)
                try:
                    outcome = run_uninstall(dying_api, INVENTORY)
                    break
                except Killed:
                    deaths += 1
                finally:
                    dying_api.close()
        assert outcome == Outcome(True, [], KEPT)
        assert deaths > 8

        writes = api.writes
        assert run_uninstall(api, INVENTORY) == outcome
        assert api.writes == writes

        api.delete(STATE)
        assert not PREPARED & listing(api)
        assert difference(api, before, FOREIGN | VOLUMES) == FOREIGN | VOLUMES
        assert reclaim_policies(api) == {
            "pv-lab": "Delete", "pv-minio": "Retain", "pv-mysql": "Retain", "pv-team": "Retain",
        }  # fmt: skip
        for name in ("pv-minio", "pv-mysql", "pv-team"):
            api.delete(manifest_of("v1", "PersistentVolume", name))


def test_volumes_are_deleted_only_on_request(api: Api, removed_state: None) -> None:
    """They get back the policy that a run without the request changed; others keep theirs."""
    own, retained = claim("own", "kube-system", "pv-own"), claim("kept", "kube-system", "pv-kept")
    with existing(
        api,
        volume("pv-own", "kube-system", "own"),
        volume("pv-foreign", "kube-system", "foreign"),
        volume("pv-kept", "kube-system", "kept", "Retain"),
    ):
        held = manifest_of("kubeflow.org/v1", "Profile", "held", metadata=FINALIZER)
        kind = definition("profiles", "Profile", namespaced=False)
        install(api, own, retained, kind, held)
        wait_until_bound(api, "pv-own", "pv-kept")

        first = run_uninstall(api, seconds=0)
        listed = [
            f"PV pv-{name} (kube-system/{name}, 1Gi, nfs 10.0.0.10:/nfsroot/pv-{name})"
            for name in ("kept", "own")
        ]
        assert (first.done, first.retained) == (False, listed)
        assert reclaim_policies(api) == {
            "pv-kept": "Retain",
            "pv-own": "Retain",
            "pv-foreign": "Delete",
        }

        with meanwhile(api, controllers):
            second = run_uninstall(api, delete_data=True)
        # The claim is gone, and its volume has its own policy again; there is no provisioner.
        assert second == Outcome(True, [], listed[:1])
        assert reclaim_policies(api) == {
            "pv-kept": "Retain",
            "pv-own": "Delete",
            "pv-foreign": "Delete",
        }


def test_adopted_namespaces_and_definitions_stay(api: Api, before: Listing) -> None:
    """Foreign objects would be deleted with them."""
    run_uninstall(api)
    api.delete(STATE)  # what is created from now on is older than the next state
    shared = definition("studies", "Study")
    namespace, content = (
        namespace_of("istio-system"),
        manifest_of("v1", "ConfigMap", "a", "istio-system"),
    )
    foreign = manifest_of("kubeflow.org/v1", "Study", "foreign", "default")
    with existing(api, namespace, content, LEASE, shared):
        objects_of(api).wait_until_ready([shared], 10)
        create(api, foreign)
        time.sleep(1.1)  # the times of objects are whole seconds
        own = [
            deployment("istiod", "istio-system"),
            manifest_of("kubeflow.org/v1", "Study", "own", "default"),
        ]
        install(api, namespace, shared, *own, adopt=True)

        kept = [
            f"{name} with its content, which is older than this installation"
            for name in ("Namespace istio-system", f"{CRD} studies.kubeflow.org")
        ]
        assert run_uninstall(api, INVENTORY) == Outcome(True, [], kept)

        for manifest in (namespace, content, shared, foreign, LEASE):
            live = api.get(manifest)
            assert live
            assert "lab-charms" not in json.dumps(live["metadata"].get("labels") or {})
        assert [api.get(manifest) for manifest in own] == [None, None]
    api.delete(STATE)


def test_uninstall_without_an_installation_writes_nothing(api: Api, before: Listing) -> None:
    """Foreign objects with the inventory's names stay."""
    api.delete(STATE)
    with existing(api, LEASE, deployment("minio", "default")):
        writes = api.writes
        assert run_uninstall(api, INVENTORY) == Outcome(True, [], [])
        assert api.writes == writes
        assert api.get(LEASE)


def test_objects_without_a_conversion_server_are_deleted(api: Api, removed_state: None) -> None:
    """They are listed and deleted in the version that they are stored in."""
    kind = definition("notebooks", "Notebook")
    service = {"namespace": "kubeflow", "name": "webhook", "path": "/convert"}
    converted = {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]}
    kind["spec"]["conversion"] = {"strategy": "Webhook", "webhook": converted}
    kind["spec"]["versions"][1]["name"] = "v2"  # which the server prefers
    install(api, kind)
    create(api, manifest_of("kubeflow.org/v1", "Notebook", "mine", "default"))
    with pytest.raises(ApiError, match="conversion webhook"):
        api.list("kubeflow.org/v2", "Notebook")

    assert run_uninstall(api) == Outcome(True, [], [])
