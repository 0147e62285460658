"""An API server that refuses the credentials, fails now and then, or stops during a hook."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.metallb import connect_through, is_old, owned_objects
from helpers.kube.related import relate, run


def test_changed_credentials_are_followed(cluster: ApiServer, unit: Unit) -> None:
    """A token that is no longer valid is reported without the token, until the new one comes."""
    bags = unit.get("relations")
    control = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    valid = control["creds"]
    control["creds"] = valid.replace(cluster.token, "0123456789abcdef")
    unit.put("relations", bags)
    status = run(unit, "install")
    assert status == "waiting: the API refuses our credentials (Unauthorized)", status
    assert "0123456789abcdef" not in status + unit.log()

    control["creds"] = valid
    unit.put("relations", bags)
    assert run(unit, "kube-control-relation-changed").startswith("waiting: MetalLB")


def test_next_hook_continues_after_the_server_stopped(cluster: ApiServer, unit: Unit) -> None:
    """The hook during which the server stops ends without an error, and the unit waits."""

    def stop_at_the_tenth_write(_: int) -> int:
        if proxy.writes == 10:
            cluster.stop()
        return 0

    with FaultProxy(cluster, stop_at_the_tenth_write) as proxy:
        connect_through(unit, proxy)
        status = run(unit, "install")
    assert status.startswith("waiting: the API cannot be reached"), status

    cluster.start()
    relate(unit, cluster, "today")
    objects = owned_objects(cluster)
    assert objects, "the server stopped after some writes, not before"
    assert run(unit, "kube-control-relation-changed").startswith("waiting: MetalLB")
    assert len(owned_objects(cluster)) > len(objects)
    assert unit.action("list-objects")["results"]["ok"] == "true"


def answer_slowly() -> int:
    """Hold a request back before it is passed on."""
    time.sleep(2)
    return 0


FAULTS: dict[str, Callable[[], int]] = {
    "busy": lambda: 429, "broken": lambda: 500, "away": lambda: 503, "slow": answer_slowly,
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_install_succeeds_while_requests_fail_now_and_then(
    cluster: ApiServer, unit: Unit, fault: str
) -> None:
    """Every ninth request fails or is slow."""
    if is_old(cluster) and fault != "broken" and not os.environ.get("BOTLAB_LONG"):
        pytest.skip("faults do not depend on the release: on one server (tox -e long: all)")
    answer = FAULTS[fault]
    with FaultProxy(cluster, lambda number: 0 if number % 9 else answer()) as proxy:
        connect_through(unit, proxy)
        assert run(unit, "install").startswith("waiting: MetalLB"), unit.log()
        assert unit.action("list-objects")["results"]["ok"] == "true"
