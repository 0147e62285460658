"""What is read from live objects: events, conditions, phases and quantities."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from labkube.client.references import api_group
from labkube.inspect.events import latest_message, list_events, messages_about
from labkube.inspect.quantity import canonical_quantity, parse_quantity
from labkube.inspect.readiness import (
    condition,
    has_condition,
    is_ready,
    load_balancer_entries,
    not_ready_reason,
    phase_of,
)


def event(name: str, message: str, **times: str) -> dict[str, Any]:
    """Return an event about an object."""
    return {"involvedObject": {"name": name}, "message": message, **times}


class Events:
    """An API that has only events."""

    def __init__(self, *events: dict[str, Any]) -> None:
        self.events = list(events)
        self.queries: list[Mapping[str, str]] = []

    def request(self, method: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the events, whatever the selector says."""
        assert (method, path) == ("GET", "/api/v1/namespaces/lab/events")
        self.queries.append(query)
        return {"items": self.events}


def test_events_are_sorted_by_the_time_that_each_has() -> None:
    api = Events(
        event("a", "third", lastTimestamp="2024-01-01T03:00:00Z"),
        event("b", "second", eventTime="2024-01-01T02:00:00Z"),
        {**event("c", "first"), "metadata": {"creationTimestamp": "2024-01-01T01:00:00Z"}},
    )
    events = list_events(api, "lab", "type=Warning", limit=500)  # type: ignore[arg-type]

    assert [entry["message"] for entry in events] == ["first", "second", "third"]
    assert api.queries == [{"fieldSelector": "type=Warning", "limit": "500"}]


@pytest.mark.parametrize(
    ("metadata", "selector"),
    [
        ({"name": "web", "namespace": "lab"}, "involvedObject.name=web"),
        ({"name": "web", "namespace": "lab", "uid": "u1"}, "involvedObject.uid=u1"),
    ],
)
def test_latest_message_is_about_this_very_object(metadata: dict[str, str], selector: str) -> None:
    """Its uid tells it from an earlier one of the same name."""
    api = Events(
        event("web", "new\n  words", lastTimestamp="2"), event("web", "old", lastTimestamp="1")
    )
    live = {"metadata": metadata}

    assert latest_message(api, live, "silent") == "new words"  # type: ignore[arg-type]
    assert api.queries == [{"fieldSelector": selector}]
    assert latest_message(Events(), live, "silent") == "silent"  # type: ignore[arg-type]


def test_messages_are_chosen_by_name_or_prefix() -> None:
    events = [event("web", "1"), event("web-5f", "2"), event("webber", "3"), event("db", "4")]
    assert messages_about(events, ["web", "db"]) == ["1", "4"]
    assert messages_about(events, ["db"], "web-") == ["2", "4"]
    assert messages_about(events) == []


def test_pod_is_ready_by_its_condition() -> None:
    def pod(status: str) -> dict[str, Any]:
        return {"status": {"conditions": [{"type": "Ready", "status": status}]}}

    assert is_ready(pod("True"))
    assert not is_ready(pod("False"))
    assert has_condition(pod("False"), "Ready", "False")
    assert condition(pod("True"), "PodScheduled") == {}


@pytest.mark.parametrize("live", [None, {}, {"status": None}, {"status": {"conditions": None}}])
def test_object_without_a_status_is_not_ready_and_has_no_phase(live: dict[str, Any]) -> None:
    assert not is_ready(live)
    assert phase_of(live, "missing") == "missing"
    assert load_balancer_entries(live) == []


def test_phase_and_addresses_are_read() -> None:
    service = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}}
    assert load_balancer_entries(service) == [{"ip": "10.0.0.9"}]
    assert phase_of({"status": {"phase": "Bound"}}) == "Bound"


def workload(kind: str, status: dict[str, Any], replicas: int = 2) -> dict[str, Any]:
    """Return a workload of the second generation."""
    metadata = {"name": "w", "generation": 2}
    return {"kind": kind, "metadata": metadata, "spec": {"replicas": replicas}, "status": status}


@pytest.mark.parametrize(
    ("live", "reason"),
    [
        (
            workload("Deployment", {"observedGeneration": 1, "readyReplicas": 2}),
            "is not observed by its controller yet",
        ),
        (workload("Deployment", {"observedGeneration": 2}), "has 0 of 2 ready"),
        (workload("StatefulSet", {"observedGeneration": 2, "readyReplicas": 2}), ""),
        (workload("DaemonSet", {}), "is not scheduled yet"),
        (
            workload("DaemonSet", {"observedGeneration": 2, "desiredNumberScheduled": 3}),
            "has 0 of 3 ready",
        ),
        ({"kind": "CustomResourceDefinition", "metadata": {}}, "is not established yet"),
        ({"kind": "ConfigMap", "metadata": {}}, ""),
    ],
)
def test_workload_says_why_it_is_not_ready(live: dict[str, Any], reason: str) -> None:
    assert not_ready_reason(live) == reason


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5Gi", Fraction(3 * 2**29)),
        ("100m", Fraction(1, 10)),
        ("2E", Fraction(2 * 10**18)),
        ("2E3", Fraction(2000)),
        ("-1k", Fraction(-1000)),
        (".5", Fraction(1, 2)),
        ("5.", Fraction(5)),
    ],
)
def test_quantity_is_a_number(text: str, number: Fraction) -> None:
    assert parse_quantity(text) == number


@pytest.mark.parametrize("text", ["", "1 Gi", "Gi", "1gi", "1e", "1\n", "१"])
def test_text_that_is_not_a_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("amount", "canonical"),
    [
        ("1000m", "1"),
        ("0.5Gi", "512Mi"),
        (2, "2"),
        (1.5, "1500m"),
        ("0Gi", "0"),
        ("0.3Ki", "307200m"),
        ("1e3", "1e3"),
        ("much", "much"),
        (True, True),
        (None, None),
    ],
)
def test_quantity_is_written_as_the_server_does(amount: object, canonical: object) -> None:
    assert canonical_quantity(amount) == canonical


def test_api_group_of_the_core_is_empty() -> None:
    assert (api_group("v1"), api_group("apps/v1")) == ("", "apps")
