"""The action `verify` with MetalLB's own controller, and without any."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer, KubectlError
from helpers.kube.metallb import POOL, get, is_old, report_ready, running_controller
from helpers.kube.related import run


def test_service_gets_an_address_of_the_pool(
    cluster: ApiServer, unit: Unit, tmp_path: Path
) -> None:
    """From MetalLB's own controller, in both forms of the configuration."""
    if is_old(cluster):
        unit.configure({"addresses": POOL, "version": "v0.11.0"})
    run(unit, "install")
    report_ready(cluster)

    build = "metallb-0.11" if is_old(cluster) else "metallb-0.13"
    with running_controller(cluster, build, tmp_path) as log:
        action = unit.action("verify", timeout=30)

    checks = {check["name"]: check for check in json.loads(action["results"]["checks"])}
    assert checks["address"]["ok"], (checks, log.read_text()[-2000:])
    assert checks["address"]["message"] == "the service has the address 10.64.0.100"
    assert action["results"]["ok"] == "true", checks
    assert [service["metadata"]["name"] for service in get(cluster, "svc")] == ["kubernetes"]


def test_missing_address_fails_within_the_timeout(cluster: ApiServer, unit: Unit) -> None:
    """Without a controller; the service is deleted again."""
    run(unit, "install")
    action = unit.action("verify", timeout=1)

    assert "no address after 1 s" in action["failed"], action
    assert json.loads(action["results"]["failures"])
    with pytest.raises(KubectlError):
        cluster.kubectl("get", "svc", "metallb-verify")
