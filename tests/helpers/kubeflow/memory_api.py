"""An API server in this process: what `labkube.client.api.Api` does, on objects in memory."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from labkube.client.api import ApiError, Kind, UnknownKindError

Object = dict[str, Any]
_APPS = ("Deployment", "StatefulSet", "DaemonSet")
_CORE = ("Namespace", "ConfigMap", "Secret", "Service", "PersistentVolume",
         "PersistentVolumeClaim")  # fmt: skip
_DEFINITIONS = "apiextensions.k8s.io/v1"
_WIDE = ("Namespace", "PersistentVolume", "CustomResourceDefinition")
_DEFINITION = "CustomResourceDefinition"
Place = tuple[str, str, str, str]


class MemoryApi:
    """A server without controllers.

    Args:
        version: The server's; from 1.22 on objects are applied on its side.
    """

    def __init__(self, version: tuple[int, int]) -> None:
        self._version, self._count = version, 0
        self.objects: dict[Place, Object] = {}
        self.writes: list[str] = []

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return self._version

    def set_version(self, major: int, minor: int) -> None:
        """Upgrade it, or take it back."""
        self._version = (major, minor)

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind; custom ones while they are defined."""
        custom = [
            (f"{one['spec']['group']}/{one['spec']['versions'][0]['name']}",
             one["spec"]["names"]["kind"])
            for one in self.objects.values() if one["kind"] == _DEFINITION
        ]  # fmt: skip
        own = [("v1", kind) for kind in _CORE] + [("apps/v1", kind) for kind in _APPS]
        return [*own, (_DEFINITIONS, _DEFINITION), *custom]

    def kind(self, api_version: str, kind: str) -> Kind:
        """Return where a kind's objects are."""
        if (api_version, kind) not in self.kinds():
            raise UnknownKindError(f"the server has no {kind} of {api_version}")
        return Kind("/", kind.lower() + "s", not self._is_wide(api_version, kind))

    def serves(self, api_version: str, kind: str) -> bool:
        """Tell whether a kind is served; here it is as soon as it is defined."""
        return (api_version, kind) in self.kinds()

    def _is_wide(self, api_version: str, kind: str) -> bool:
        group = api_version.rpartition("/")[0]
        defined = [
            one["spec"]["scope"] for one in self.objects.values()
            if one["kind"] == _DEFINITION
            and (one["spec"]["group"], one["spec"]["names"]["kind"]) == (group, kind)
        ]  # fmt: skip
        return kind in _WIDE or defined == ["Cluster"]

    def _place(self, found: Mapping[str, Any]) -> Place:
        api_version, kind = found["apiVersion"], found["kind"]
        metadata = found["metadata"]
        wide = not self.kind(api_version, kind).namespaced
        namespace = "" if wide else metadata.get("namespace", "default")
        return api_version.rpartition("/")[0], kind, namespace, metadata["name"]

    def get(self, found: Mapping[str, Any]) -> Object | None:
        """Return an object."""
        try:
            return copy.deepcopy(self.objects.get(self._place(found)))
        except UnknownKindError:
            return None

    def list(self, api_version: str, kind: str, selector: str = "") -> list[Object]:
        """Return a kind's objects, of some labels where these are asked for."""
        self.kind(api_version, kind)
        pairs = {tuple(one.split("=")) for one in selector.split(",") if one}
        return [
            copy.deepcopy(one) for one in self.objects.values()
            if one["kind"] == kind and one["apiVersion"] == api_version
            and pairs <= set((one["metadata"].get("labels") or {}).items())
        ]  # fmt: skip

    def request(self, method: str, path: str, query: Any = None) -> Object:
        """Return the events of a namespace: none."""
        assert (method, path.rpartition("/")[2]) == ("GET", "events")
        return {"items": []}

    def create(self, found: Mapping[str, Any]) -> Object:
        """Create an object; a definition is served at once."""
        place = self._place(found)
        if place in self.objects:
            raise ApiError(409, "AlreadyExists", f"{place[3]} is there")
        return self._put(place, copy.deepcopy(dict(found)))

    def patch(self, found: Mapping[str, Any], body: Any) -> Object:
        """Change parts of an object (RFC 7386)."""
        place = self._place(found)
        return self._put(place, _merged(self.objects[place], body))

    def apply(self, found: Mapping[str, Any], manager: str) -> Object:
        """Apply an object: what it names is set, and the rest stays."""
        place = self._place(found)
        return self._put(place, _merged(self.objects.get(place, {}), found))

    def replace(self, found: Mapping[str, Any]) -> Object:
        """Replace an object."""
        return self._put(self._place(found), copy.deepcopy(dict(found)))

    def delete(self, found: Mapping[str, Any]) -> bool:
        """Delete an object, and what is within a namespace or of a definition's kind."""
        gone = self.objects.pop(self._place(found), None)
        if gone is None:
            return False
        self.writes.append(f"DELETE {gone['kind']} {gone['metadata']['name']}")
        if gone["kind"] == "Namespace":
            name = gone["metadata"]["name"]
            self.objects = {key: one for key, one in self.objects.items() if key[2] != name}
        return True

    def _put(self, place: Place, found: Object) -> Object:
        self._count += 1
        before = self.objects.get(place, {}).get("metadata", {})
        given = {
            "uid": before.get("uid", f"uid-{self._count}"),
            "resourceVersion": str(self._count),
        }
        found["metadata"] = {**found["metadata"], **given}
        if found["kind"] == _DEFINITION:
            found["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
        self.writes.append(f"PUT {found['kind']} {place[3]}")
        self.objects[place] = found
        return copy.deepcopy(found)


def _merged(before: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    found = dict(before) if isinstance(before, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = _merged(found.get(key), value)
    return found
