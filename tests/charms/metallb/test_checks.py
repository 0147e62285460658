"""What `verify` tries, with an API that is a few dictionaries and a real port."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from labkube.apply.objects import Comparison
from metallb.verify import Trial, read_selector, run_checks


class FakeApi:
    """Gives each service an address, and remembers what is there."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.there: list[dict[str, Any]] = []

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep the service."""
        metadata = {**body["metadata"], "name": "metallb-verify-x"}
        entries = [{"ip": self.address}] if self.address else []
        made = {**body, "metadata": metadata, "status": {"loadBalancer": {"ingress": entries}}}
        self.there.append(made)
        return made

    def get(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return the service."""
        return self.there[0]

    def delete(self, found: dict[str, Any]) -> bool:
        """Take the service away."""
        self.there.clear()
        return True

    def request(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Return what MetalLB said of it."""
        return {"items": [{"message": 'Failed to allocate IP for "x": no available IPs'}]}


class FakeMetallb:
    """All objects there, all pods ready."""

    def __init__(self, api: FakeApi, changed: list[str]) -> None:
        self.api, self._changed = api, changed

    def compare(self, _: Any) -> Comparison:
        """Return what differs."""
        return Comparison(["a", "b"], self._changed, [], [])

    def not_ready(self, _: Any) -> list[str]:
        """Return nothing."""
        return []


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def tried(
    address: str, port: int, selector: str = "app=web", changed: tuple[str, ...] = ()
) -> Any:
    """Run the checks; return them by name, and what is left on the cluster."""
    api = FakeApi(address)
    trial = Trial(read_selector(selector), "default", port, 0.2)
    metallb: Any = FakeMetallb(api, list(changed))
    wish: Any = None
    checks = run_checks(metallb, wish, trial, lambda _: None)
    assert api.there == [], "the service is taken away, whatever happened"
    return {check.name: (check.ok, check.message) for check in checks}


def test_a_port_that_answers(port: int) -> None:
    """Objects, pods, address and connection."""
    assert tried("127.0.0.1", port) == {
        "objects": (True, "2 as wanted"),
        "pods": (True, "ready"),
        "address": (True, "the service was given 127.0.0.1"),
        "port": (True, f"127.0.0.1 port {port} answers"),
    }


def test_a_port_that_does_not(port: int) -> None:
    """With the reason."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        number = closed.getsockname()[1]
    ok, message = tried("127.0.0.1", number)["port"]
    assert not ok
    assert "does not answer: " in message
    assert "refused" in message


def test_no_backend_is_no_connection(port: int) -> None:
    """An address is all that can be seen then."""
    assert "port" not in tried("127.0.0.1", port, selector="")


def test_no_address(port: int) -> None:
    """With MetalLB's last word."""
    ok, message = tried("", port)["address"]
    assert not ok
    assert message == 'no address after 0 s; Failed to allocate IP for "x": no available IPs'


def test_objects_that_differ(port: int) -> None:
    """Three are named, the rest counted."""
    ok, message = tried("127.0.0.1", port, changed=("a", "b", "c", "d"))["objects"]
    assert (ok, message) == (False, "not as wanted: a, b, c and 1 more")


@pytest.mark.parametrize("text", ["app", "=x"])
def test_no_selector(text: str) -> None:
    """Named, with the form."""
    with pytest.raises(ValueError, match="write KEY=VALUE"):
        read_selector(text)
