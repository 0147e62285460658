"""Servers of the oldest and the newest release, for parts of kubeflow-installer.

The parts are called without the charm.

What MetalLB and Kubeflow's controllers would do (an address, a Profile's finalizer) is done by a
thread of the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kubeflow.cluster_objects import (
    default_class,
    definition,
    manifest_of,
)
from helpers.kubeflow.cluster_state import (
    PREPARED,
    SERVERS,
    STATE,
    Listing,
    client_of,
    create,
    difference,
    install,
    listing,
    meanwhile,
    start,
)
from helpers.kubeflow.preflight_runs import (
    add_node,
    give_addresses,
)
from helpers.processes import until
from labkube.client.api import Api


@pytest.fixture(scope="package")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of each age for all these tests, with the controllers of volumes."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    start(server)
    with client_of(server) as api:
        # The garbage collector looks for new kinds only twice a minute, so this one exists early.
        install(api, definition("profiles", "Profile", namespaced=False))
        # One for each of the server's own namespaces.
        until(lambda: len(api.list("v1", "ServiceAccount")) == 4, 60)
    yield server
    server.stop()


@pytest.fixture
def api(control: ApiServer) -> Iterator[Api]:
    """Return an administrator's client."""
    with client_of(control) as client:
        yield client


@pytest.fixture
def powerless(control: ApiServer) -> Iterator[Api]:
    """Return a client of a user without rights."""
    with client_of(control, control.powerless_token) as client:
        yield client


@pytest.fixture
def before(api: Api) -> Iterator[Listing]:
    """Return what the server has before a test, and compare it with what it has afterwards.

    It waits for what the server does by itself after a while: a definition's APIService, a
    namespace's account. What the test deletes at its end may disappear after it.
    """
    state = listing(api, ending=False) - PREPARED
    yield state
    assert difference(api, state, set(), ending=False) == set()


@pytest.fixture
def sufficient_cluster(api: Api, before: Listing) -> Iterator[None]:
    """Give the cluster everything that a release needs, except addresses."""
    create(api, default_class("nfs"))
    add_node(api, "large", cpu="4", memory="12Gi", ephemeral_storage="60Gi")
    yield
    api.delete(default_class("nfs"))
    api.delete(manifest_of("v1", "Node", "large"))


@pytest.fixture
def assigned_addresses(api: Api) -> Iterator[None]:
    """Assign addresses to services that request one, as MetalLB would."""
    with meanwhile(api, give_addresses):
        yield


@pytest.fixture(autouse=True)
def registered_server(control: ApiServer, api: Api) -> None:
    """Let `run_command` find the server."""
    SERVERS[api.version()] = control


@pytest.fixture
def removed_state(api: Api, before: Listing) -> Iterator[None]:
    """Delete the state after a test, as the charm does at the end."""
    yield
    api.delete(STATE)
