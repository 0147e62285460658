"""The checks of `verify`, with an API of a few dictionaries and a real port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from labcharm.errors import BlockedError
from labkube.apply.objects import Comparison
from metallb.verify import VerifyParams, read_selector, run_checks


class FakeApi:
    """An API that gives each service an address, and keeps the objects that exist."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.objects: list[dict[str, Any]] = []
        self.created: list[dict[str, Any]] = []

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep the service."""
        self.created.append(body)
        metadata = {**body["metadata"], "name": "metallb-verify-x"}
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
        """Return MetalLB's event about the service."""
        return {"items": [{"message": 'Failed to allocate IP for "x": no available IPs'}]}


class FakeDeployment:
    """A deployment whose pods are ready."""

    def __init__(self, api: FakeApi, changed: list[str]) -> None:
        self.api, self._changed = api, changed

    def compare(self, _: Any) -> Comparison:
        """Return the objects that differ."""
        return Comparison(["a", "b"], self._changed, [], [])

    def not_ready(self, _: Any) -> list[str]:
        """Return nothing."""
        return []


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on a port of the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def checks(
    address: str, port: int, selector: str = "app=web", changed: tuple[str, ...] = ()
) -> dict[str, tuple[bool, str]]:
    """Run the checks and return their results by name."""
    api = FakeApi(address)
    params = VerifyParams(read_selector(selector), "default", port, 0.2)
    deployment: Any = FakeDeployment(api, list(changed))
    desired: Any = None
    results = run_checks(deployment, desired, params, lambda _: None)
    assert api.objects == [], "the service is deleted, whatever happened"
    return {check.name: (check.ok, check.message) for check in results}


def test_port_that_answers_passes(port: int) -> None:
    """Objects, pods, address and connection."""
    assert checks("127.0.0.1", port) == {
        "objects": (True, "2 as desired"),
        "pods": (True, "ready"),
        "address": (True, "the service has the address 127.0.0.1"),
        "port": (True, f"127.0.0.1 port {port} answers"),
    }


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


def test_missing_address_fails_with_the_latest_event(port: int) -> None:
    """MetalLB's own message."""
    ok, message = checks("", port)["address"]
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
    api = FakeApi("127.0.0.1")
    params = VerifyParams(read_selector(selector), "other", 1, 0.2)
    deployment: Any = FakeDeployment(api, [])
    desired: Any = None
    names = [check.name for check in run_checks(deployment, desired, params, lambda _: None)]

    spec: dict[str, Any] = {"type": "LoadBalancer", "ports": [{"port": 1}]}
    if selector:
        spec["selector"] = {"app": "web", "tier": "a"}
    assert api.created == [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"generateName": "metallb-verify-", "namespace": "other"},
            "spec": spec,
        }
    ]
    assert names == ["objects", "pods", "address", *(["port"] if selector else [])]
