"""The checks of `verify`, with an API of a few dictionaries and a real port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.metallb_cluster import CLOUD_FINALIZER, desired_on, healthy, node
from labcharm.errors import BlockedError
from labcharm.verify import Check
from labkube.apply.objects import Comparison
from metallb.verify import VerifyParams, read_selector, run_checks

POOL = "{name: loopback, protocol: layer2, addresses: [127.0.0.1/32]}"
ON_REQUEST = POOL.replace("layer2,", "layer2, auto-assign: false,")


def event(reason: str, message: str, component: str = "metallb-controller") -> dict[str, Any]:
    """Return an event about the service."""
    return {"reason": reason, "message": message, "source": {"component": component}}


ASSIGNED = event("IPAllocated", 'Assigned IP ["127.0.0.1"]')
ANNOUNCED = event("nodeAssigned", 'announcing from node "n1"', "metallb-speaker")
FAILED = event("AllocationFailed", 'Failed to allocate IP for "x": no available IPs')


class FakeApi:
    """An API that gives each service an address, and keeps the objects that exist."""

    def __init__(self, address: str, *events: dict[str, Any], **metadata: Any) -> None:
        self.address, self.events, self.metadata = address, list(events), metadata
        self.objects: list[dict[str, Any]] = []
        self.created: list[dict[str, Any]] = []

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep the service."""
        self.created.append(body)
        metadata = {**body["metadata"], "name": "metallb-verify-x", "uid": "u", **self.metadata}
        entries = [{"ip": self.address}] if self.address else []
        service = {**body, "metadata": metadata, "status": {"loadBalancer": {"ingress": entries}}}
        self.objects.append(service)
        return service

    def get(self, _: dict[str, Any]) -> dict[str, Any]:
        """Return the service."""
        return self.objects[0]

    def delete(self, _: dict[str, Any]) -> bool:
        """Delete the service."""
        self.objects.clear()
        return True

    def request(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return the events about the service."""
        return {"items": self.events}


class FakeDeployment:
    """A deployment whose pods are ready, on a healthy cluster."""

    def __init__(self, api: FakeApi, changed: list[str]) -> None:
        self.api, self._changed = api, changed

    def compare(self, _: Any) -> Comparison:
        """Return the objects that differ."""
        return Comparison(["a", "b"], self._changed, [], [])

    def not_ready(self, _: Any) -> list[str]:
        """Return nothing."""
        return []

    def observe(self) -> Any:
        """Return the cluster."""
        return healthy(nodes=[node("n1", "127.0.0.9")])


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on a port of the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def run(api: FakeApi, selector: str = "app=web", port: int = 1, **options: Any) -> list[Check]:
    """Run the checks; `options` are those of the desired state, and the changed objects."""
    params = VerifyParams(read_selector(selector), "default", port, 0.2)
    deployment: Any = FakeDeployment(api, list(options.pop("changed", ())))
    desired = desired_on(options.pop("pool", POOL), **options)
    results = run_checks(deployment, desired, params, sleep=lambda _: None)
    assert api.objects == [], "the service is deleted, whatever happened"
    return results


def checks(
    address: str, port: int, selector: str = "app=web", changed: tuple[str, ...] = ()
) -> dict[str, tuple[bool, str]]:
    """Return the results by name, for a service that MetalLB gives this address."""
    api = FakeApi(address, ASSIGNED, ANNOUNCED)
    results = run(api, selector, port, changed=changed)
    return {check.name: (check.ok, check.message) for check in results}


def address_check(api: FakeApi, **options: Any) -> tuple[bool, str]:
    """Return the result of the check of the address."""
    (check,) = [check for check in run(api, "", **options) if check.name == "address"]
    return check.ok, check.message


def test_port_that_answers_passes(port: int) -> None:
    """Objects, pods, the health of the cluster, address, announcement and connection."""
    assert checks("127.0.0.1", port) == {
        "objects": (True, "2 as desired"),
        "pods": (True, "ready"),
        "announcers": (True, "1 of 1 nodes can announce"),
        "kube-proxy": (
            True,
            "mode not known, because no ConfigMap kube-system/kube-proxy can be read; IPVS mode"
            " needs strictARP",
        ),
        "load balancers": (True, "no other load balancer"),
        "services": (True, "0 have an address"),
        "subnets": (True, "no pool is outside of the nodes' subnets"),
        "address": (True, "the service has the address 127.0.0.1"),
        "announcement": (True, 'announcing from node "n1"'),
        "port": (True, f"127.0.0.1 port {port} answers"),
    }


def test_address_of_no_pool_fails() -> None:
    """Another load balancer assigned it."""
    assert address_check(FakeApi("10.9.9.9", ASSIGNED)) == (
        False,
        "the address 10.9.9.9 is in none of the pools; remove the other load balancer",
    )
    hostname = FakeApi("", ASSIGNED)
    hostname.address = "lb.example"
    assert not address_check(hostname)[0]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event("IPAllocated", 'Assigned IP "127.0.0.1"', "other-controller")],
        [event("IPAllocated", 'Assigned IP "127.0.0.11"')],
        [event("nodeAssigned", 'announcing "127.0.0.1"')],
    ],
)
def test_address_that_metallb_does_not_report_fails(events: list[dict[str, Any]]) -> None:
    """An address in a pool may come from another load balancer with the same addresses."""
    assert address_check(FakeApi("127.0.0.1", *events)) == (
        False,
        "MetalLB does not report that it assigned 127.0.0.1; find who did",
    )


@pytest.mark.parametrize(
    ("prefix", "version"), [("metallb.universe.tf", "v0.13.12"), ("metallb.io", "v0.16.1")]
)
def test_annotation_of_the_controller_is_enough(prefix: str, version: str) -> None:
    """Events may be lost; from 0.13.8 on, the controller annotates the service."""
    annotations = {f"{prefix}/ip-allocated-from-pool": "loopback"}
    assert address_check(FakeApi("127.0.0.1", annotations=annotations), version=version)[0]
    annotations = {f"{prefix}/ip-allocated-from-pool": "another"}
    assert not address_check(FakeApi("127.0.0.1", annotations=annotations), version=version)[0]


@pytest.mark.parametrize("version", ["v0.8.1", "v0.9.8", "v0.12.1"])
def test_event_of_the_controller_proves_the_assignment(version: str) -> None:
    """Up to 0.12 the event has one address, and later a list."""
    api = FakeApi("127.0.0.1", event("IPAllocated", 'Assigned IP "127.0.0.1"'))
    assert address_check(api, version=version)[0]


def test_cloud_provider_that_serves_the_service_as_well_fails() -> None:
    api = FakeApi("127.0.0.1", ASSIGNED, finalizers=[CLOUD_FINALIZER])
    assert address_check(api) == (
        False, "a cloud provider also serves 127.0.0.1; disable its load balancer",
    )  # fmt: skip


def test_address_that_no_speaker_announces_fails(port: int) -> None:
    """The port may answer on the node where the unit is, and nowhere else."""
    results = run(FakeApi("127.0.0.1", ASSIGNED), "app=web", port)
    (check,) = [check for check in results if check.name == "announcement"]
    assert not check.ok
    assert check.message.startswith("no speaker reported that it announces the service")


@pytest.mark.parametrize(
    ("version", "key"),
    [("v0.13.12", "metallb.universe.tf/address-pool"), ("v0.16.1", "metallb.io/address-pool")],
)
def test_service_asks_for_a_pool_where_none_is_assigned_by_itself(version: str, key: str) -> None:
    api = FakeApi("127.0.0.1", ASSIGNED)
    assert address_check(api, pool=ON_REQUEST, version=version)[0]
    assert api.created[0]["metadata"]["annotations"] == {key: "loopback"}


def test_service_has_the_class_of_the_controller() -> None:
    api = FakeApi("127.0.0.1", ASSIGNED)
    assert address_check(api, controller="--lb-class=lab/metallb")[0]
    assert api.created[0]["spec"]["loadBalancerClass"] == "lab/metallb"


def test_port_that_does_not_answer_fails() -> None:
    """The message holds the reason."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    ok, message = checks("127.0.0.1", number)["port"]
    assert not ok
    assert "does not answer: " in message
    assert "refused" in message


def test_without_a_selector_nothing_is_connected_to(port: int) -> None:
    """The address is all that can be checked then."""
    assert "port" not in checks("127.0.0.1", port, selector="")


def test_missing_address_fails_with_the_latest_event() -> None:
    """MetalLB's own message."""
    ok, message = address_check(FakeApi("", FAILED))
    assert not ok
    assert message == 'no address after 0 s; Failed to allocate IP for "x": no available IPs'


def test_changed_objects_fail(port: int) -> None:
    """Three are named, the rest is counted."""
    ok, message = checks("127.0.0.1", port, changed=("a", "b", "c", "d"))["objects"]
    assert (ok, message) == (False, "not as desired: a, b, c and 1 more")


@pytest.mark.parametrize("text", ["app", "=x"])
def test_selector_of_another_form_is_refused(text: str) -> None:
    """The message shows the form."""
    with pytest.raises(BlockedError, match="write KEY=VALUE"):
        read_selector(text)


@pytest.mark.parametrize("selector", ["app=web,tier=a", ""])
def test_service_leads_to_the_selected_pods(selector: str) -> None:
    """Without a selector it leads nowhere, and the port is not tried."""
    api = FakeApi("127.0.0.1", ASSIGNED, ANNOUNCED)
    names = [check.name for check in run(api, selector)]

    spec: dict[str, Any] = {"type": "LoadBalancer", "ports": [{"port": 1}]}
    if selector:
        spec["selector"] = {"app": "web", "tier": "a"}
    assert api.created == [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"generateName": "metallb-verify-", "namespace": "default"},
            "spec": spec,
        }
    ]
    assert names[-1] == ("port" if selector else "address")
