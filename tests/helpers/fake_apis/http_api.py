"""An API server behind TLS that keeps its objects in dictionaries, for tests of the client."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from labkube.client.access import Access

KINDS = {
    "/api/v1": [("namespaces", "Namespace", False), ("nodes", "Node", False),
                ("configmaps", "ConfigMap", True), ("secrets", "Secret", True),
                ("services", "Service", True)],
    "/apis/kubeflow.org/v1alpha1": [("profiles", "Profile", False)],
    "/apis/apiextensions.k8s.io/v1": [
        ("customresourcedefinitions", "CustomResourceDefinition", False),
    ],
}  # fmt: skip
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class DictionaryApi:
    """The server; it runs while its context lasts.

    Args:
        directory: Where its certificate is written.

    Attributes:
        requests: Method and path of each request.
        writes: Those of them that are not GET.
        faults: Status and reason with which a request is answered, by method and path.
        refused: Names of objects that the server refuses as invalid.
        late_requests: How many requests for a defined kind are answered 404 at first.
        query: The query of the request that is being answered.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.writes: list[str] = []
        self.faults: dict[str, tuple[int, str]] = {}
        self.refused: set[str] = set()
        self.late_requests = 0
        self.query = ""
        self._version = 0

    def __enter__(self) -> DictionaryApi:
        """Start it."""
        key, certificate = (str(self._directory / name) for name in ("key", "crt"))
        subject = ["-subj", "/CN=api", "-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
        command += ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
        files = ["-keyout", key, "-out", certificate]
        subprocess.run([*command, *files, *subject], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        api = self

        class Handler(_Handler):
            server_api = api

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"https://127.0.0.1:{self._server.server_port}"
        self.access = Access(url, Path(certificate).read_text(), "token-of-the-admin")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, manifest: dict[str, Any]) -> None:
        """Store an object, as another client would."""
        self._version += 1
        metadata = {**manifest["metadata"], "resourceVersion": str(self._version)}
        self.objects[path] = {**manifest, "metadata": metadata}

    def _defined(self) -> dict[str, list[tuple[str, str, bool]]]:
        """Return the kinds that are defined, in the form of KINDS."""
        specs = [live["spec"] for key, live in self.objects.items() if key.startswith(DEFINITIONS)]
        kinds: dict[str, list[tuple[str, str, bool]]] = {}
        for spec in specs:
            names, namespaced = spec["names"], spec["scope"] == "Namespaced"
            for version in spec["versions"]:
                row = (names["plural"], names["kind"], namespaced)
                kinds.setdefault(f"/apis/{spec['group']}/{version['name']}", []).append(row)
        return kinds

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return status and document of the answer to a request."""
        self.requests.append(f"{method} {path}")
        if f"{method} {path}" in self.faults:
            code, reason = self.faults[f"{method} {path}"]
            return code, {"kind": "Status", "reason": reason, "message": f"fault {reason}"}
        if path == "/version":
            return 200, {"major": "1", "minor": "20"}
        defined = self._defined()
        if self.late_requests and any(f"{path}/".startswith(f"{root}/") for root in defined):
            self.late_requests -= 1
            return 404, {}
        kinds = KINDS.get(path, []) + defined.get(path, [])
        if kinds:
            names = ("name", "kind", "namespaced")
            return 200, {"resources": [dict(zip(names, row, strict=True)) for row in kinds]}
        if method != "GET":
            self.writes.append(f"{method} {path}")
        if method == "POST" and body["metadata"]["name"] in self.refused:
            return 422, {"kind": "Status", "reason": "Invalid", "message": "it is invalid"}
        if method == "POST":
            path = f"{path}/{body['metadata']['name']}"
            if path in self.objects:
                return 409, {"kind": "Status", "reason": "AlreadyExists", "message": "is there"}
            self.put(path, body)
            return 201, self.objects[path]
        if path not in self.objects:
            return 404, {"kind": "Status", "reason": "NotFound", "message": f"no {path}"}
        if method == "PATCH":
            self.put(path, _merged(self.objects[path], body))
        return 200, self.objects[path]


def _merged(before: Any, patch: Any) -> Any:
    if not isinstance(before, dict) or not isinstance(patch, dict):
        return patch
    merged = dict(before)
    for key, change in patch.items():
        merged[key] = _merged(before.get(key), change)
        if change is None:
            del merged[key]
    return merged


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_api: DictionaryApi

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "null")
        if self.headers.get("Authorization") != "Bearer token-of-the-admin":
            self._send(401, {"message": "who are you"})
            return
        path, _, self.server_api.query = self.path.partition("?")
        if path == "/in-pieces":
            self._send_pieces()
        else:
            self._send(*self.server_api.answer(self.command, path, body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_pieces(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b"one ", b"two ", b"three"):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""
