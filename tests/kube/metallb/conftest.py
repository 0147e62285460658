"""One API server of each age for all tests of this directory, and units related to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError
from helpers.kube.metallb import CHARM_LABEL, get, is_old, new_unit, owned_objects
from helpers.kube.related import pack


@pytest.fixture(scope="package")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age, with a controller manager."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    try:
        server.start()
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def cluster(control: ApiServer) -> Iterator[ApiServer]:
    """Return the server as it was started, and delete what a test leaves on it."""
    if not control.pids:
        control.start()  # a test that stopped it did not come to its end
    yield control
    kinds = "clusterrole,clusterrolebinding" + (",psp" if is_old(control) else "")
    # First the objects that the server asks about others, then the others.
    control.kubectl("delete", "validatingwebhookconfiguration,crd,nodes", "--all")
    control.kubectl("delete", kinds, "-l", CHARM_LABEL, "--wait=false")
    left_by_tests = "--field-selector=metadata.name!=kubernetes,metadata.name!=kube-root-ca.crt"
    control.kubectl("delete", "svc,cm", "-n", "default", left_by_tests, "--wait=false")
    control.kubectl("delete", "ns", "metallb-system", "--ignore-not-found")
    services = [service["metadata"]["name"] for service in get(control, "svc")]
    assert (owned_objects(control), services) == ({}, ["kubernetes"])


@pytest.fixture(scope="session")
def metallb_archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm and return the directory."""
    return pack("metallb", tmp_path_factory.mktemp("charms"))


@pytest.fixture(params=["2019", "today", "secrets"])
def unit_of_each_age(
    request: pytest.FixtureRequest, cluster: ApiServer, metallb_archives: Path, tmp_path: Path
) -> Unit:
    """Return a unit that is related to the control plane of an age."""
    if is_old(cluster) and request.param == "secrets" and not os.environ.get("BOTLAB_LONG"):
        pytest.skip("no control plane of 1.20 grants secrets (tox -e long: all the same)")
    return new_unit(request.param, cluster, metallb_archives, tmp_path)


@pytest.fixture
def unit(cluster: ApiServer, metallb_archives: Path, tmp_path: Path) -> Unit:
    """Return a unit for tests in which the age of the relations makes no difference."""
    return new_unit("today", cluster, metallb_archives, tmp_path)
