"""What the trials of `verify` share: objects that are made, watched for a while and taken away."""

from typing import Any, Callable

from labkube.client.api import Api, ApiError


def last_words(api: Api, made: Any, otherwise: str) -> str:
    """Return the latest event about an object, or what to say where there is none."""
    metadata = made["metadata"]
    path = "/api/v1/namespaces/%s/events" % metadata["namespace"]
    query = {"fieldSelector": "involvedObject.name=%s" % metadata["name"]}
    found = api.request("GET", path, query=query).get("items", [])
    words = [str(one.get("message", "")) for one in found]
    return words[-1] if words else otherwise


def take_away(api: Api, made: Any, sleep: Callable[[float], None]) -> None:
    """Delete an object, and try a second time: a trial should leave nothing.

    Raises:
        ApiError: When it cannot be deleted the second time either.
    """
    try:
        api.delete(made)
    except ApiError:
        sleep(1)
        api.delete(made)
