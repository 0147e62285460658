"""Events: their order, and the latest message about an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from labkube.inspect.events import latest_message, latest_warning, list_events, messages_about


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
    """Its uid distinguishes it from an earlier object of the same name."""
    api = Events(
        event("web", "new\n  words", lastTimestamp="2"), event("web", "old", lastTimestamp="1")
    )
    live = {"metadata": metadata}

    assert latest_message(api, live, "silent") == "new words"  # type: ignore[arg-type]
    assert api.queries == [{"fieldSelector": selector}]
    assert latest_message(Events(), live, "silent") == "silent"  # type: ignore[arg-type]


def test_warning_outranks_later_events_of_other_types() -> None:
    """A controller that only waits reports that again and again."""
    waits = event("c", "waiting for a volume", lastTimestamp="3", type="Normal")
    faults = [
        event("c", "timed out", lastTimestamp="1", type="Warning"),
        event("c", "permission denied", lastTimestamp="2", type="Warning"),
    ]
    live = {"metadata": {"name": "c", "namespace": "lab"}}

    assert latest_warning(Events(waits, *faults), live) == "permission denied"  # type: ignore[arg-type]
    assert latest_warning(Events(waits), live) == "waiting for a volume"  # type: ignore[arg-type]
    assert latest_warning(Events(), live, "silent") == "silent"  # type: ignore[arg-type]


def test_messages_are_chosen_by_name_or_prefix() -> None:
    events = [event("web", "1"), event("web-5f", "2"), event("webber", "3"), event("db", "4")]
    assert messages_about(events, ["web", "db"]) == ["1", "4"]
    assert messages_about(events, ["db"], "web-") == ["2", "4"]
    assert messages_about(events) == []
