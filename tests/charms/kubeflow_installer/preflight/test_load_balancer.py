"""The check `load-balancer`: a service that asks for an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from kubeflow_installer.preflight.load_balancer import Probe
from labkube.apply.objects import Objects


class ServiceApi:
    """An API with one service; `status` returns its load balancer at the Nth read."""

    def __init__(self, status: Callable[[int], Any]) -> None:
        self._status, self._live, self.reads = status, None, 0

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return (1, 13)

    def get(self, _: Any) -> Any:
        """Return the service with its status."""
        if self._live is None:
            return None
        self.reads += 1
        return {**self._live, "status": {"loadBalancer": self._status(self.reads)}}

    def create(self, manifest: Any) -> Any:
        """Create the service."""
        self._live = {**manifest, "metadata": {**manifest["metadata"], "uid": "1"}}
        return self._live

    def delete(self, _: Any) -> bool:
        """Delete the service."""
        self._live = None
        return True

    def request(self, *_: Any, **__: Any) -> Any:
        """Return the events of MetalLB 0.8 about the service, the latest first."""
        messages = ("no available IPs", "controller starts")
        times = ("2019-08-01T00:00:09Z", "2019-08-01T00:00:01Z")
        return {
            "items": [
                {"message": message, "lastTimestamp": time}
                for message, time in zip(messages, times, strict=True)
            ]
        }


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (lambda read: {"ingress": [{"ip": "192.0.2.9"}]} if read > 3 else {}, ""),
        (lambda _: {"ingress": [{"hostname": "lb.example"}]}, ""),
        (lambda _: {}, "no LoadBalancer address within 15 s: the pool has no free address (no"
         " available IPs); free one, or widen the pool: juju config metallb"
         " addresses=FIRST-LAST"),
        (lambda _: {"ingress": [{}]}, "no LoadBalancer address within 15 s: the pool has no free"),
    ],
)  # fmt: skip
def test_address_is_awaited_and_the_latest_event_explains_its_absence(
    status: Callable[[int], Any], problem: str
) -> None:
    api: Any = ServiceApi(status)
    pauses: list[float] = []
    objects = Objects(api, "kubeflow-installer.0", "kubeflow-installer", ())
    problems = Probe(api, objects, pauses.append, 15.0).problems()

    assert len(problems) == bool(problem)
    assert "".join(problems).startswith(problem)
    assert sum(pauses) <= 15


def test_other_objects_of_the_application_stay() -> None:
    """Only the service of the check is created and deleted."""
    api: Any = MemoryApi((1, 28))
    kinds = [("v1", "Service"), ("v1", "ConfigMap")]
    objects = Objects(api, "app", "lab", kinds, lambda _: None)
    metadata = {"name": "settings", "namespace": "n"}
    objects.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}])
    problems = Probe(api, objects, lambda _: None, 0).problems()

    assert len(problems) == 1
    assert [key[3] for key in api.objects] == ["settings"]
    assert [text.split()[:2] for text in api.writes[1:]] == [
        ["PUT", "Service"],
        ["DELETE", "Service"],
    ]


def test_service_that_an_earlier_check_left_is_replaced() -> None:
    """Its events say nothing about the current state."""
    api: Any = MemoryApi((1, 28))
    objects = Objects(api, "app", "lab", [("v1", "Service")], lambda _: None)
    probe = Probe(api, objects, lambda _: None, 0)
    probe.problems()
    left = api.writes[0].split()[-1]
    objects.apply([{
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": left, "namespace": "default"},
    }])  # fmt: skip
    api.writes.clear()

    probe.problems()

    assert api.writes == [
        f"DELETE Service {left}",
        f"PUT Service {left}",
        f"DELETE Service {left}",
    ]


def test_foreign_service_of_the_name_stays() -> None:
    api: Any = MemoryApi((1, 28))
    objects = Objects(api, "app", "lab", [("v1", "Service")], lambda _: None)
    probe = Probe(api, objects, lambda _: None, 0)
    probe.problems()
    name = api.writes[0].split()[-1]
    metadata = {"name": name, "namespace": "default"}
    api.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata})
    api.writes.clear()

    assert probe.problems() == [
        f"Service default/{name} exists and was not made by this application; remove it"
    ]
    assert api.writes == []
