"""An API that is a dictionary, for the checks of the action `verify`."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from labcharm.verify import Check
from labkube.client.api import ApiError, UnknownKindError


def live(kind: str, name: str, namespace: str = "", **fields: Any) -> dict[str, Any]:
    """Return an object as a server lists it."""
    metadata = {"name": name, "generation": 1} | ({"namespace": namespace} if namespace else {})
    return {"kind": kind, "metadata": metadata, **fields}


def by_name(checks: Iterable[Check]) -> dict[str, tuple[bool, str]]:
    """Return the outcome and the message of checks, by their names."""
    return {check.name: (check.ok, check.message) for check in checks}


class VerifyApi:
    """Lists objects by kind; creates notebooks, and a pod for each.

    Args:
        objects: The existing objects.
        version: The one version of kubeflow.org that is served.
        pod: The status of a notebook's pod; without one there is no pod.

    Attributes:
        lists: The kinds that were listed.
        created: The objects that were created.
        refusal: Why the server refuses a new object; empty if it accepts it.
    """

    def __init__(
        self, objects: list[dict[str, Any]], version: str = "v1", pod: dict[str, Any] | None = None
    ) -> None:
        self.objects = copy.deepcopy(objects)
        self._version, self._pod = f"kubeflow.org/{version}", pod
        self.lists: list[str] = []
        self.created: list[dict[str, Any]] = []
        self.refusal = ""

    def kind(self, api_version: str, kind: str) -> None:
        """Fail for other versions of kubeflow.org."""
        if api_version.startswith("kubeflow.org/") and api_version != self._version:
            raise UnknownKindError(f"the server has no {kind} of {api_version}")

    def list(self, api_version: str, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        self.kind(api_version, kind)
        self.lists.append(kind)
        return [entry for entry in self.objects if entry["kind"] == kind]

    def get(self, reference: dict[str, Any]) -> Any:
        """Return the notebook's pod, which exists as long as the notebook."""
        assert reference["kind"] == "Pod"
        assert reference["metadata"]["name"] == "kubeflow-verify-x-0"
        has_notebook = any(entry["kind"] == "Notebook" for entry in self.objects)
        if not has_notebook or self._pod is None:
            return None
        return {"kind": "Pod", "status": self._pod}

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create a notebook."""
        if self.refusal:
            raise ApiError(403, "Forbidden", self.refusal)
        self.created.append(body)
        notebook = {**body, "metadata": {**body["metadata"], "name": "kubeflow-verify-x"}}
        self.objects.append(notebook)
        return notebook

    def delete(self, reference: dict[str, Any]) -> bool:
        """Delete a notebook."""
        kind = reference["kind"]
        self.objects = [entry for entry in self.objects if entry["kind"] != kind]
        return True

    def request(self, *_: Any, query: dict[str, str]) -> dict[str, Any]:
        """Return the events about an object, the latest last."""
        name = query["fieldSelector"].partition("=")[2]
        messages = ["an early event", f"the last event about {name}"]
        return {
            "items": [
                {"message": message, "lastTimestamp": str(number)}
                for number, message in enumerate(messages)
            ]
        }
