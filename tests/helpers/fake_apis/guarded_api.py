"""A client of a server in memory that authorizes requests by the roles that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from helpers.fake_apis.memory_api import MemoryApi, Object
from labkube.client.api import ApiError, Resource
from labkube.client.identity import Identity

_GROUP = "rbac.authorization.k8s.io"


class GuardedApi:
    """The client of one user.

    Args:
        server: The server, with its roles and bindings.
        identity: The user and its group; None for credentials that the server does not know.

    Attributes:
        is_reached: Whether the last request was answered.
    """

    def __init__(self, server: MemoryApi, identity: Identity | None) -> None:
        self._server, self._identity = server, identity
        self.is_reached = True

    def close(self) -> None:
        """Do nothing: no file is open."""

    def version(self) -> tuple[int, int]:
        """Return the server's version, which everybody may read."""
        return self._server.version()

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are, which everybody may read."""
        return self._server.kind(api_version, kind)

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether a kind is served, which everybody may read."""
        return (api_version, kind) in self._server.kinds()

    def request(self, method: str, path: str, query: Any = None) -> Object:
        """Return the objects of a kind in a namespace."""
        before, _, rest = path.partition("/namespaces/")
        api_version, _, kind = before.partition(" ")
        metadata = {"namespace": rest.partition("/")[0]}
        if not kind:  # the path of events
            api_version, kind = "v1", "Event"
        self._authorize("list", {"apiVersion": api_version, "kind": kind, "metadata": metadata})
        return self._server.request(method, path, query)

    def get(self, manifest: Mapping[str, Any]) -> Object | None:
        """Return an object."""
        self._authorize("get", manifest)
        return self._server.get(manifest)

    def list(
        self, api_version: str, kind: str, selector: str = "", namespace: str = ""
    ) -> list[Object]:
        """Return a kind's objects."""
        place = namespace if self.kind(api_version, kind).namespaced else ""
        metadata = {"namespace": place}
        self._authorize("list", {"apiVersion": api_version, "kind": kind, "metadata": metadata})
        return self._server.list(api_version, kind, selector, namespace)

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """Create an object; everybody may ask what they may do."""
        if manifest["kind"] == "SelfSubjectAccessReview":
            is_admin = self._identity is not None and self._identity.group == "system:masters"
            return {"status": {"allowed": is_admin}}
        self._authorize("create", manifest)
        return self._server.create(manifest)

    def patch(self, manifest: Mapping[str, Any], body: Any) -> Object:
        """Change parts of an object."""
        self._authorize("patch", manifest)
        return self._server.patch(manifest, body)

    def apply(self, manifest: Mapping[str, Any], manager: str) -> Object:
        """Apply an object."""
        self._authorize("patch", manifest)
        if self._server.get(manifest) is None:
            self._authorize("create", manifest)
        return self._server.apply(manifest, manager)

    def replace(self, manifest: Mapping[str, Any]) -> Object:
        """Replace an object."""
        self._authorize("update", manifest)
        return self._server.replace(manifest)

    def delete(self, manifest: Mapping[str, Any]) -> bool:
        """Delete an object."""
        self._authorize("delete", manifest)
        return self._server.delete(manifest)

    def _authorize(self, verb: str, manifest: Mapping[str, Any]) -> None:
        if self._identity is None:
            raise ApiError(401, "Unauthorized", "the API refuses our credentials (Unauthorized)")
        group = str(manifest["apiVersion"]).rpartition("/")[0]
        plural = _plural(str(manifest["kind"]).lower())
        metadata = manifest["metadata"]
        name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
        if self._identity.group == "system:masters":
            return
        for rule in self._rules(namespace):
            if (
                group in rule["apiGroups"]
                and {plural, "*"} & set(rule["resources"])
                and verb in rule["verbs"]
                and name in rule.get("resourceNames", [name])
            ):
                return
        raise ApiError(
            403, "Forbidden",
            f'{plural}.{group} "{name}" is forbidden: User "{self._identity.user}" cannot {verb}'
            f' resource "{plural}" in API group "{group}"',
        )  # fmt: skip

    def _rules(self, namespace: str) -> Iterator[Object]:
        """Return the rules of the roles that are bound to the user in a namespace."""
        assert self._identity
        for (_, kind, place, _), binding in list(self._server.objects.items()):
            is_local = kind == "RoleBinding" and place == namespace
            if not (is_local or kind == "ClusterRoleBinding"):
                continue
            if not any(subject["name"] in self._identity for subject in binding["subjects"]):
                continue
            role = self._server.objects.get(
                (_GROUP, "ClusterRole", "", binding["roleRef"]["name"])
            )
            yield from (role or {}).get("rules", [])


def _plural(kind: str) -> str:
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"
