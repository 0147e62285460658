"""A MemoryApi behind TLS, for charms that run as processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from helpers.fake_apis.http_api import DictionaryApi
from helpers.fake_apis.memory_api import MemoryApi
from labkube.client.api import ApiError

Answer = tuple[int, Any]


class MemoryServer(DictionaryApi):
    """The server; it runs while its context lasts.

    Args:
        directory: Where its certificate is written.
        api: The objects. Paths have the kind in place of its plural.

    Attributes:
        after_write: Is called after each write with the number of writes so far.
    """

    def __init__(self, directory: Path, api: MemoryApi) -> None:
        super().__init__(directory)
        self.api = api
        self.after_write: Callable[[int], None] = lambda _: None

    def answer(self, method: str, path: str, body: Any) -> Answer:
        """Return status and document of the answer to a request."""
        if path == "/version":
            major, minor = self.api.version()
            return 200, {"major": str(major), "minor": str(minor)}
        parts = path.split("/")[2:]
        api_version = parts.pop(0) if path.startswith("/api/") else "/".join(parts[:2])
        parts = parts if path.startswith("/api/") else parts[2:]
        if not parts:
            return self._discovery(api_version)
        is_in_namespace = len(parts) > 2 and parts[0] == "namespaces"
        namespace, rest = (parts[1], parts[2:]) if is_in_namespace else ("", parts)
        names = {row[1].lower(): row[1] for row in self._rows(api_version)}
        kind = names[rest[0].removesuffix("s")]
        try:
            answer = self._answer(method, api_version, kind, namespace, rest[1:], body)
        except ApiError as error:
            return error.status, {"reason": error.reason, "message": str(error)}
        if method != "GET":
            self.writes.append(f"{method} {path}")
            self.after_write(len(self.writes))
        return answer

    def _answer(
        self, method: str, api_version: str, kind: str, namespace: str, rest: list[str], body: Any
    ) -> Answer:
        if not rest and method == "GET":
            selector = parse_qs(self.query).get("labelSelector", [""])[0]
            objects = self.api.list(api_version, kind, selector, namespace)
            return 200, {"items": objects, "metadata": {}}
        if not rest:
            return 201, self.api.create(body)
        metadata = {"name": rest[0], **({"namespace": namespace} if namespace else {})}
        named = {"apiVersion": api_version, "kind": kind, "metadata": metadata}
        if method == "DELETE":
            is_deleted = self.api.delete(named)
            return (200, {}) if is_deleted else (404, {"reason": "NotFound"})
        live = self.api.get(named)
        if live is None:
            return 404, {"reason": "NotFound", "message": f"no {kind} {rest[0]}"}
        if method == "PATCH":
            return 200, self.api.patch(named, body)
        return 200, self.api.replace(body) if method == "PUT" else live

    def _rows(self, api_version: str) -> list[tuple[str, str]]:
        return [row for row in self.api.kinds() if row[0] == api_version]

    def _discovery(self, api_version: str) -> Answer:
        resources = [
            {
                "name": f"{kind.lower()}s",
                "kind": kind,
                "namespaced": self.api.kind(version, kind).namespaced,
            }
            for version, kind in self._rows(api_version)
        ]
        return (200, {"resources": resources}) if resources else (404, {"reason": "NotFound"})
