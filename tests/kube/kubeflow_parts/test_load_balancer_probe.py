"""The probe of the load balancer on the oldest and the newest API server."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.cluster_objects import (
    manifest_of,
)
from helpers.kubeflow.cluster_state import (
    existing,
    meanwhile,
    objects_of,
)
from helpers.kubeflow.preflight_runs import (
    RELEASE,
    FakeHost,
    give_addresses,
    inventory_of,
    probe_names,
    run_checks,
)
from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.load_balancer import NAME as PROBE
from kubeflow_installer.preflight.problems import Problem
from labkube.client.api import Api

SPEC = {"type": "LoadBalancer", "ports": [{"port": 80}]}


def test_exhausted_pool_is_reported_from_metallbs_event(
    api: Api, sufficient_cluster: None
) -> None:
    """An event about an earlier probe does not count."""
    message = 'Failed to allocate IP for "default/probe": no available IPs'

    def add_event(client: Api, uid: str, name: str) -> None:
        about = {"kind": "Service", "namespace": "default", "name": PROBE, "uid": uid}
        event = manifest_of("v1", "Event", name, "default", involvedObject=about, message=message)
        if client.get(event) is None:
            client.create({**event, "lastTimestamp": "2020-01-01T00:00:00Z"})

    def metallb(client: Api) -> None:
        live = client.get(manifest_of("v1", "Service", PROBE, "default"))
        if live:
            add_event(client, live["metadata"]["uid"], "latest")

    add_event(api, "11111111-1111-1111-1111-111111111111", "earlier")
    assert "deploy metallb" in run_checks(api)[0].message
    with meanwhile(api, metallb):
        failed = run_checks(api)
    api.request("DELETE", "/api/v1/namespaces/default/events")

    assert failed == [
        Problem(
            "load-balancer",
            f"no LoadBalancer address within 1 s: the pool has no free address ({message}); free"
            " one, or widen the pool: juju config metallb addresses=FIRST-LAST",
        )
    ]


def test_probe_that_a_crash_left_is_deleted(api: Api, sufficient_cluster: None) -> None:
    """Its old address does not count."""
    service = manifest_of("v1", "Service", PROBE, "default", spec=SPEC)
    objects_of(api).apply([service], prune=False)
    give_addresses(api)

    assert [problem.name for problem in run_checks(api)] == ["load-balancer"]
    assert probe_names(api) == []


def test_foreign_service_with_the_probes_name_is_reported(
    api: Api, sufficient_cluster: None
) -> None:
    """It stays."""
    with existing(api, manifest_of("v1", "Service", PROBE, "default", spec=SPEC)):
        assert [problem.message for problem in run_checks(api)] == [
            f"Service default/{PROBE} exists and was not made by this application; remove it"
        ]
        assert probe_names(api) == [PROBE]


def test_probe_is_deleted_when_the_wait_is_interrupted(api: Api, sufficient_cluster: None) -> None:
    """Also by an error that no check expects."""

    def crash(_: float) -> None:
        raise KeyboardInterrupt

    checks = ClusterChecks(
        api, objects_of(api), RELEASE, inventory_of(), FakeHost(Path("/nowhere")), crash
    )
    with pytest.raises(KeyboardInterrupt):
        checks.problems()
    assert probe_names(api) == []
