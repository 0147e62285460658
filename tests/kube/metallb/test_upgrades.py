"""Changes of MetalLB's release, and the move from a ConfigMap to custom resources."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.metallb import (
    CUSTOM_RESOURCES,
    POOL,
    address_of,
    attach_manifest,
    create_service,
    get,
    is_old,
    owned_objects,
    report_ready,
    running_controller,
    wait_for_address,
)
from helpers.kube.related import run
from labcharm.polling import wait_until


@pytest.fixture(autouse=True)
def old_server(cluster: ApiServer) -> None:
    """Skip the tests where the server runs no release with a ConfigMap."""
    if not is_old(cluster):
        pytest.skip("Kubernetes of today runs no release with a ConfigMap")


def test_services_keep_their_addresses_over_upgrades(cluster: ApiServer, unit: Unit) -> None:
    """From v0.8.1 over v0.9.3 and v0.12.1 to custom resources."""
    create_service(cluster, "web", "10.64.0.100")
    secrets = []
    for version in ("v0.8.1", "v0.9.3", "v0.12.1"):
        unit.configure({"addresses": POOL, "version": version})
        assert f"MetalLB {version}" in run(unit, "config-changed")
        pod = get(cluster, "deploy", "-n", "metallb-system")[0]["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"].endswith(f"controller:{version}")
        secrets.append(
            [
                secret["data"]
                for secret in get(cluster, "secret", "-n", "metallb-system")
                if secret["metadata"]["name"] == "memberlist"
            ]
        )
    assert not secrets[0]
    assert secrets[1] == secrets[2], "the speakers' secret is made once"
    assert len(base64.b64decode(base64.b64decode(secrets[1][0]["secretkey"]))) == 128

    unit.configure({"addresses": POOL, "version": "v0.13.5"})
    attach_manifest(unit)
    assert "MetalLB v0.13.5" in run(unit, "config-changed")
    report_ready(cluster)
    # No webhook answers on this server, and none is asked, because nothing changes any more.
    assert run(unit, "update-status").endswith("pool default, 1 of 11 addresses used")
    assert "ConfigMap config" not in owned_objects(cluster)
    assert get(cluster, CUSTOM_RESOURCES.split(",")[0], "-A")[0]["spec"]["addresses"] == [POOL]
    assert address_of(cluster, "web") == "10.64.0.100"


def test_controller_with_custom_resources_keeps_an_address(
    cluster: ApiServer, unit: Unit, tmp_path: Path
) -> None:
    """The controller of v0.11.0 assigns it; that of v0.13.5 keeps it and assigns the next."""
    unit.configure({"addresses": POOL, "version": "v0.11.0"})
    run(unit, "install")
    create_service(cluster, "web")
    with running_controller(cluster, "metallb-0.11", tmp_path):
        address = wait_for_address(cluster, "web")

    attach_manifest(unit)
    unit.configure({"addresses": POOL, "version": "v0.13.5"})
    run(unit, "config-changed")
    with running_controller(cluster, "metallb-0.13", tmp_path) as log:
        # A controller of this release that starts looks at the services in any order, so it may
        # assign a service's address to one that waits. The next service therefore comes later.
        wait_until(lambda: '"end reconcile":"default/web"' in log.read_text(), 30)
        create_service(cluster, "next")
        assert wait_for_address(cluster, "next") not in ("", address)
        assert address_of(cluster, "web") == address
