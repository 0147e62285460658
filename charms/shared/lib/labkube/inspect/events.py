"""Events: what the parts of a cluster report about an object."""

from typing import Iterable, List, Optional

from labcharm.json_types import JsonObject
from labkube.client.api import Api


def list_events(
    api: Api, namespace: str, selector: str = "", limit: Optional[int] = None
) -> List[JsonObject]:
    """Return the events of a namespace, the oldest first.

    Args:
        api: The cluster.
        namespace: The namespace.
        selector: A field selector, such as "type=Warning".
        limit: The largest number of events to ask for.

    Raises:
        ApiError: When the request fails.
    """
    query = {"fieldSelector": selector} if selector else {}
    if limit is not None:
        query["limit"] = str(limit)
    path = f"/api/v1/namespaces/{namespace}/events"
    events: List[JsonObject] = api.request("GET", path, query=query).get("items", [])
    return sorted(events, key=last_seen)


def last_seen(event: JsonObject) -> str:
    """Return when an event was last seen; the server lists events by name, not by time."""
    created = event.get("metadata", {}).get("creationTimestamp")
    return str(event.get("lastTimestamp") or event.get("eventTime") or created or "")


def messages_about(
    events: Iterable[JsonObject], names: Iterable[str] = (), prefix: str = ""
) -> List[str]:
    """Return the messages of the events about some objects, each on one line, in their order.

    Args:
        events: The events.
        names: The objects' names.
        prefix: Objects whose names begin with this text are included; empty for none.
    """
    exact = set(names)
    messages: List[str] = []
    for event in events:
        name = str(event.get("involvedObject", {}).get("name", ""))
        if name in exact or (prefix and name.startswith(prefix)):
            messages.append(_message(event))
    return messages


def latest_message(api: Api, live: JsonObject, default: str = "") -> str:
    """Return the message of the latest event about an object.

    An object that carries its `uid` is matched by it, so that the events of an earlier object of
    the same name do not count.

    Args:
        api: The cluster.
        live: The object, or at least its metadata.
        default: What to return where there is no event.

    Raises:
        ApiError: When the request fails.
    """
    events = _events_about(api, live)
    return _message(events[-1]) if events else default


def latest_warning(api: Api, live: JsonObject, default: str = "") -> str:
    """Return the message of the latest warning about an object, or else of its latest event.

    A controller that only waits, such as that of claims, reports so again and again.

    Args:
        api: The cluster.
        live: The object, or at least its metadata (see `latest_message`).
        default: What to return where there is no event.

    Raises:
        ApiError: When the request fails.
    """
    events = _events_about(api, live)
    warnings = [event for event in events if event.get("type") == "Warning"]
    return _message((warnings or events)[-1]) if events else default


def _events_about(api: Api, live: JsonObject) -> List[JsonObject]:
    metadata = live["metadata"]
    field = "uid" if metadata.get("uid") else "name"
    return list_events(api, metadata["namespace"], f"involvedObject.{field}={metadata[field]}")


def _message(event: JsonObject) -> str:
    return " ".join(str(event.get("message", "")).split())
