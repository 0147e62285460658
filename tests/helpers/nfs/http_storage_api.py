"""A StorageApi behind HTTPS, for the packed charm in a process of its own."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from helpers.fake_apis.scripted_api import make_certificate
from helpers.nfs.storage_api import StorageApi
from labkube.client.api import APPLY, ApiError

Answer = tuple[int, Any]
_PLURALS = {
    "StorageClass": "storageclasses",
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
}


class HttpStorageApi:
    """The server; it runs while its context lasts.

    Args:
        directory: Where its certificate is written.
        api: The objects.
    """

    def __init__(self, directory: Path, api: StorageApi) -> None:
        self._certificate, self._key = make_certificate(directory)
        self._api = api
        self.url, self.ca = "", self._certificate.read_text()

    def __enter__(self) -> HttpStorageApi:
        """Start it."""
        server_api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                content = self.headers.get("Content-Type", "")
                body = json.loads(text or b"null")
                status, document = server_api.answer(self.command, self.path, content, body)
                encoded = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(encoded)))
                self.end_headers()
                self.wfile.write(encoded)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate, self._key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, target: str, content: str, body: Any) -> Answer:
        """Return status and document of the answer to a request."""
        parts = urlsplit(target)
        if parts.path == "/version":
            major, minor = self._api.version()
            return 200, {"major": str(major), "minor": str(minor)}
        _, root, *words = parts.path.split("/")
        length = 1 if root == "api" else 2  # of the group and the version
        version, rest = "/".join(words[:length]), words[length:]
        if not rest:
            return self._discovery(version)
        selector = parse_qs(parts.query).get("labelSelector", [""])[0]
        try:
            return self._answer_objects(method, version, rest, selector, content, body)
        except ApiError as error:
            return error.status, {"kind": "Status", "reason": error.reason, "message": str(error)}
        except KeyError:
            return 404, {"kind": "Status", "reason": "NotFound", "message": "not found"}

    def _discovery(self, version: str) -> Answer:
        kinds = [kind for each, kind in self._api.kinds() if each == version]
        served = [kind for kind in kinds if self._api.has(version, kind)]
        rows = [
            {
                "name": _plural(kind),
                "kind": kind,
                "namespaced": self._api.kind(version, kind).namespaced,
            }
            for kind in served
        ]
        return (200, {"resources": rows}) if rows else (404, {})

    def _answer_objects(
        self, method: str, version: str, words: list[str], selector: str, content: str, body: Any
    ) -> Answer:
        namespace = words[1] if words[0] == "namespaces" and len(words) > 2 else ""
        plural, *name = words[2:] if namespace else words
        if plural == "events":
            return 200, {"items": []}
        kinds = {_plural(kind): kind for each, kind in self._api.kinds() if each == version}
        kind = kinds[plural]
        if method == "POST":
            return 201, self._api.create(body)
        if not name:
            return 200, {"items": self._api.list(version, kind, selector)}
        metadata = {"name": name[0], **({"namespace": namespace} if namespace else {})}
        manifest = {"apiVersion": version, "kind": kind, "metadata": metadata}
        if content == APPLY:
            return 200, self._api.apply(body, "nfs-server")
        live = self._api.get(manifest)
        if live is None:
            raise KeyError(name[0])
        if method == "PATCH":
            live = self._api.patch(manifest, body)
        elif method == "DELETE":
            self._api.delete(manifest)
        return 200, live


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.lower()}s")
