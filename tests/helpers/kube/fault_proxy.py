"""A TLS proxy in front of an API server that answers chosen requests with an error."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helpers.kube.api_server import ApiServer


class FaultProxy:
    """The proxy, as a context manager.

    Args:
        server: The API server.
        answers: Returns the HTTP status for the Nth request; 0 forwards the request.

    Attributes:
        requests: The number of requests.
        writes: The number of requests other than GET.
    """

    def __init__(self, server: ApiServer, answers: Callable[[int], int]) -> None:
        self._server, self._answers = server, answers
        self.requests = self.writes = 0
        self.url = self.ca = ""

    def __enter__(self) -> FaultProxy:
        """Start the proxy with a new certificate."""
        self._folder = tempfile.TemporaryDirectory()
        key, certificate = (str(Path(self._folder.name) / name) for name in ("key", "crt"))
        subject = ["-subj", "/CN=proxy", "-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        subprocess.run(
            [*command, "-keyout", key, "-out", certificate, *subject],
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._httpd.socket = context.wrap_socket(self._httpd.socket, server_side=True)
        threading.Thread(target=self._httpd.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self._httpd.server_port}"
        self.ca = Path(certificate).read_text()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the proxy."""
        self._httpd.shutdown()
        self._httpd.server_close()
        self._folder.cleanup()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.requests += 1
                proxy.writes += self.command != "GET"
                status = proxy._answers(proxy.requests)
                answer = b"{}"
                if not status:
                    status, answer = proxy._forward(self, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        return Handler

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        context = ssl.create_default_context(cadata=self._server.ca)
        host = urlsplit(self._server.url)
        connection = http.client.HTTPSConnection(
            host.hostname or "", host.port, context=context, timeout=20
        )
        names = ("Authorization", "Content-Type", "Accept")
        headers = {name: request.headers[name] for name in names if request.headers.get(name)}
        connection.request(request.command, request.path, body or None, headers)
        answer = connection.getresponse()
        status, content = answer.status, answer.read()
        connection.close()
        return status, content
