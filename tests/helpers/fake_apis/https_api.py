"""An API server behind TLS, with discovery, whose objects are those of a MemoryApi."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from helpers.fake_apis.memory_api import MemoryApi
from helpers.fake_apis.scripted_api import make_certificate
from labkube.client.api import ApiError, Resource, UnknownKindError

# The kinds that every cluster has, as far as the charms use them. A kind with a star has no
# namespace.
_RBAC = ("ClusterRole*", "ClusterRoleBinding*", "Role", "RoleBinding")
KINDS = {
    "v1": ("Namespace*", "Node*", "PersistentVolume*", "ConfigMap", "Event", "Secret", "Service",
           "ServiceAccount", "PersistentVolumeClaim", "Pod"),
    "apps/v1": ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"),
    "rbac.authorization.k8s.io/v1": _RBAC,
    "storage.k8s.io/v1": ("StorageClass*",),
    "policy/v1beta1": ("PodSecurityPolicy*",),
    "apiextensions.k8s.io/v1": ("CustomResourceDefinition*",),
    "admissionregistration.k8s.io/v1": (
        "ValidatingWebhookConfiguration*", "MutatingWebhookConfiguration*",
    ),
}  # fmt: skip
_READY = {
    "Deployment": {"observedGeneration": 1},
    "StatefulSet": {"observedGeneration": 1},
    "DaemonSet": {"desiredNumberScheduled": 1, "numberReady": 1, "observedGeneration": 1},
}


class Server(MemoryApi):
    """The objects. Workloads are ready, and gateways have an address, as soon as they exist.

    Args:
        version: The server's version.
        rows: The kinds of each API version, in the form of KINDS.
    """

    def __init__(self, version: tuple[int, int], rows: dict[str, tuple[str, ...]]) -> None:
        super().__init__(version)
        self.rows = rows

    def kinds(self) -> list[tuple[str, str]]:
        """Return every kind, with its API version."""
        return [(version, kind.rstrip("*")) for version, row in self.rows.items() for kind in row]

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where a kind's objects are."""
        for entry in self.rows.get(api_version, ()):
            if entry.rstrip("*") == kind:
                return Resource("/", plural(kind), not entry.endswith("*"))
        raise UnknownKindError(f"the server has no {kind} of {api_version}")

    def _put(self, key: Any, live: Any) -> Any:
        if live["kind"] in _READY:
            replicas = live.get("spec", {}).get("replicas", 1)
            live["status"] = {**_READY[live["kind"]], "readyReplicas": replicas}
        if live.get("spec", {}).get("type") == "LoadBalancer":
            live["status"] = {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}
        return super()._put(key, live)


class Target(NamedTuple):
    """What a path names: an API version, and within it perhaps a kind, a namespace and a name."""

    api_version: str
    kind: str = ""
    namespace: str = ""
    name: str = ""

    def reference(self) -> dict[str, Any]:
        """Return the object's reference."""
        metadata = {"name": self.name, **({"namespace": self.namespace} if self.namespace else {})}
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata}


class HttpsApi:
    """The server; it runs while its context lasts.

    Args:
        directory: Where its certificate is written.
        version: The server's version.
        kinds: More kinds than those of KINDS, in the same form.

    Attributes:
        objects: Its objects.
        requests: Method and path of each request.
        token: The token of its administrator.
    """

    def __init__(
        self,
        directory: Path,
        version: tuple[int, int] = (1, 20),
        kinds: dict[str, tuple[str, ...]] | None = None,
    ) -> None:
        self._directory, self._version = directory, version
        self._rows = {**KINDS, **(kinds or {})}
        self.token = secrets.token_hex()
        self.objects = Server(version, self._rows)
        self.requests: list[str] = []
        self.url = self.ca = ""

    def token_of(self, user: str, group: str) -> str:
        """Return the token of any user of any group: the server lets all of them do everything."""
        del user, group
        return self.token

    def __enter__(self) -> HttpsApi:
        """Start it."""
        certificate, key = make_certificate(self._directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        api = self

        class Handler(_Handler):
            server_api = api

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self.ca = certificate.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        """Return the document of the answer to a request.

        Raises:
            ApiError: With the status of the answer.
        """
        self.requests.append(f"{method} {path}")
        if path == "/version":
            return {"major": str(self._version[0]), "minor": str(self._version[1])}
        if path == "/apis":
            versions = [version for version in self._rows if "/" in version]
            return {"groups": [{"preferredVersion": {"groupVersion": v}} for v in versions]}
        target = read_path(path, self._rows)
        if target is None or target.api_version not in self._rows:
            raise ApiError(404, "", "404 page not found")
        if not target.kind:
            return {"resources": _resources(self._rows[target.api_version])}
        if method == "GET" and not target.name:
            return {"items": self._list(target, query.get("labelSelector", [""])[0])}
        return self._change(method, target, body)

    def _list(self, target: Target, selector: str) -> list[Any]:
        return [
            live
            for live in self.objects.list(target.api_version, target.kind, selector)
            if target.namespace in ("", live["metadata"].get("namespace"))
        ]

    def _change(self, method: str, target: Target, body: Any) -> Any:
        if method == "POST" and "generateName" in body["metadata"]:
            # As a server does that gets a service with an address outside of its network.
            raise ApiError(422, "Invalid", "The range of valid IPs is 10.152.183.0/24")
        if method == "POST":
            return self.objects.create({**body, "apiVersion": target.api_version})
        live = self.objects.get(target.reference())
        if live is None and method != "PATCH":
            raise ApiError(404, "NotFound", f"no {target.kind} {target.name}")
        if method == "PATCH":
            return self.objects.apply({**target.reference(), **body}, "")
        if method == "PUT":
            return self.objects.replace(body)
        if method == "DELETE":
            self.objects.delete(target.reference())
        return live


def plural(kind: str) -> str:
    """Return a kind's name in paths."""
    return kind.lower() + ("es" if kind.endswith("s") else "s")


def read_path(path: str, rows: dict[str, tuple[str, ...]]) -> Target | None:
    """Return what a path names; None for a path that is not of an API.

    Args:
        path: The path.
        rows: The kinds of each API version, in the form of KINDS.
    """
    root, *words = [unquote(word) for word in path.strip("/").split("/")]
    count = {"api": 1, "apis": 2}.get(root, 0)
    if not count or len(words) < count:
        return None
    version, rest = "/".join(words[:count]), words[count:]
    namespace = ""
    if rest[:1] == ["namespaces"] and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    if not rest:
        return Target(version)
    kinds = {plural(kind.rstrip("*")): kind.rstrip("*") for kind in rows.get(version, ())}
    if rest[0] not in kinds:
        return None
    return Target(version, kinds[rest[0]], namespace, rest[1] if rest[1:] else "")


def _resources(row: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": plural(kind.rstrip("*")),
            "kind": kind.rstrip("*"),
            "namespaced": not kind.endswith("*"),
            "verbs": ["get", "list", "delete"],
        }
        for kind in row
    ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_api: HttpsApi

    def _serve(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        url = urlsplit(self.path)
        try:
            if self.headers.get("Authorization") != f"Bearer {self.server_api.token}":
                raise ApiError(401, "Unauthorized", "who are you")
            document = self.server_api.answer(self.command, url.path, parse_qs(url.query), body)
            status = 200
        except ApiError as error:
            status = error.status
            document = {"kind": "Status", "reason": error.reason, "message": str(error)}
        self._send(status, json.dumps(document).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
