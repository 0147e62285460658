"""An API server in this process: the methods of `labkube.client.api.Api`, on objects in memory."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from labkube.client.api import ApiError, Resource, UnknownKindError

Object = dict[str, Any]
_APPS = ("Deployment", "StatefulSet", "DaemonSet")
_CORE = ("Namespace", "ConfigMap", "Secret", "Service", "PersistentVolume",
         "PersistentVolumeClaim")  # fmt: skip
_DEFINITIONS = "apiextensions.k8s.io/v1"
_RBAC = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
_WIDE = ("Namespace", "PersistentVolume", "CustomResourceDefinition", *_RBAC[:2])
_DEFINITION = "CustomResourceDefinition"
_Key = tuple[str, str, str, str]


class MemoryApi:
    """A server without controllers.

    Args:
        version: The server's version; from 1.22 on it supports server-side apply.
        wide_kinds: Further kinds without a namespace.

    Attributes:
        is_reached: Whether the last request was answered.
        objects: The objects by group, kind, namespace and name.
        writes: The writes: PUT or DELETE, kind and name.
    """

    def __init__(
        self, version: tuple[int, int], wide_kinds: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._version, self._count, self._wide_kinds = version, 0, wide_kinds
        self.is_reached = True
        self.objects: dict[_Key, Object] = {}
        self.writes: list[str] = []

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return self._version

    def set_version(self, major: int, minor: int) -> None:
        """Upgrade or downgrade the server."""
        self._version = (major, minor)

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind, custom ones as long as they are defined."""
        custom = [
            (f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["kind"])
            for spec in self._specs()
        ]  # fmt: skip
        built_in = [("v1", kind) for kind in _CORE] + [("apps/v1", kind) for kind in _APPS]
        built_in += [("rbac.authorization.k8s.io/v1", kind) for kind in _RBAC]
        return [*built_in, (_DEFINITIONS, _DEFINITION), *self._wide_kinds, *custom]

    def _specs(self) -> list[Object]:
        """Return the specs of all definitions."""
        return [live["spec"] for live in self.objects.values() if live["kind"] == _DEFINITION]

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        if (api_version, kind) not in self.kinds():
            raise UnknownKindError(f"the server has no {kind} of {api_version}")
        return Resource("/", kind.lower() + "s", not self._is_wide(api_version, kind))

    def serves(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served, which it is as soon as it is defined."""
        return (api_version, kind) in self.kinds()

    def _is_wide(self, api_version: str, kind: str) -> bool:
        group = api_version.rpartition("/")[0]
        scopes = [
            spec["scope"]
            for spec in self._specs()
            if (spec["group"], spec["names"]["kind"]) == (group, kind)
        ]
        is_built_in = kind in _WIDE or (api_version, kind) in self._wide_kinds
        return is_built_in or scopes == ["Cluster"]

    def _key(self, manifest: Mapping[str, Any]) -> _Key:
        api_version, kind = manifest["apiVersion"], manifest["kind"]
        metadata = manifest["metadata"]
        is_wide = not self.kind(api_version, kind).namespaced
        namespace = "" if is_wide else metadata.get("namespace", "default")
        return api_version.rpartition("/")[0], kind, namespace, metadata["name"]

    def get(self, manifest: Mapping[str, Any]) -> Object | None:
        """Return an object."""
        try:
            return copy.deepcopy(self.objects.get(self._key(manifest)))
        except UnknownKindError:
            return None

    def list(
        self, api_version: str, kind: str, selector: str = "", namespace: str = ""
    ) -> list[Object]:
        """Return a kind's objects, only those with some labels if a selector is given."""
        place = namespace if self.kind(api_version, kind).namespaced else ""
        pairs = {tuple(pair.split("=")) for pair in selector.split(",") if pair}
        return [
            copy.deepcopy(live) for key, live in self.objects.items()
            if live["kind"] == kind and live["apiVersion"] == api_version
            and place in ("", key[2])
            and pairs <= set((live["metadata"].get("labels") or {}).items())
        ]  # fmt: skip

    def request(self, method: str, path: str, query: Any = None) -> Object:
        """Return the events of a namespace: none."""
        assert (method, path.rpartition("/")[2]) == ("GET", "events")
        return {"items": []}

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """Create an object; a definition is served at once."""
        key = self._key(manifest)
        if key in self.objects:
            raise ApiError(409, "AlreadyExists", f"{key[3]} exists")
        return self._put(key, copy.deepcopy(dict(manifest)))

    def patch(self, manifest: Mapping[str, Any], body: Any) -> Object:
        """Change parts of an object (RFC 7386)."""
        key = self._key(manifest)
        return self._put(key, _merged(self.objects[key], body))

    def apply(self, manifest: Mapping[str, Any], manager: str) -> Object:
        """Apply an object: its fields are set, and other fields stay."""
        key = self._key(manifest)
        return self._put(key, _merged(self.objects.get(key, {}), manifest))

    def replace(self, manifest: Mapping[str, Any]) -> Object:
        """Replace an object."""
        return self._put(self._key(manifest), copy.deepcopy(dict(manifest)))

    def delete(self, manifest: Mapping[str, Any]) -> bool:
        """Delete an object, and with a namespace the objects in it."""
        deleted = self.objects.pop(self._key(manifest), None)
        if deleted is None:
            return False
        self.writes.append(f"DELETE {deleted['kind']} {deleted['metadata']['name']}")
        if deleted["kind"] == "Namespace":
            name = deleted["metadata"]["name"]
            self.objects = {key: live for key, live in self.objects.items() if key[2] != name}
        return True

    def _put(self, key: _Key, live: Object) -> Object:
        self._count += 1
        before = self.objects.get(key, {}).get("metadata", {})
        server_fields = {
            "uid": before.get("uid", f"uid-{self._count}"),
            "resourceVersion": str(self._count),
        }
        live["metadata"] = {**live["metadata"], **server_fields}
        if live["kind"] == _DEFINITION:
            live["status"] = {"conditions": [{"type": "Established", "status": "True"}]}
        self.writes.append(f"PUT {live['kind']} {key[3]}")
        self.objects[key] = live
        return copy.deepcopy(live)


def _merged(before: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    merged = dict(before) if isinstance(before, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key), change)
    return merged
