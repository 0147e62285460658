"""A forward proxy that records its requests, and connects every host to loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class RecordingProxy:
    """The proxy; it runs while its context lasts.

    Whatever host a client asks for, the proxy connects to that port of 127.0.0.1. So tests can use
    names and addresses that do not exist.

    Attributes:
        requests: "CONNECT HOST:PORT" or "GET URL" of each request.
        authorizations: The header Proxy-Authorization of each request.
        refusal: A status with which every request is refused; 0 for none.
        url: The proxy's URL.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.authorizations: list[str] = []
        self.refusal = 0
        proxy = self

        class Handler(_Handler):
            recording = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> RecordingProxy:
        """Start it."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    recording: RecordingProxy

    def _is_refused(self) -> bool:
        self.recording.requests.append(f"{self.command} {self.path}")
        self.recording.authorizations.append(self.headers.get("Proxy-Authorization", ""))
        if self.recording.refusal:
            self.send_error(self.recording.refusal)
        return bool(self.recording.refusal)

    def do_CONNECT(self) -> None:
        """Open a tunnel."""
        if self._is_refused():
            return
        try:
            server = socket.create_connection(("127.0.0.1", int(self.path.rpartition(":")[2])))
        except OSError:
            self.send_error(502)
            return
        with server:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_copy, args=(server, self.connection), daemon=True)
            back.start()
            _copy(self.connection, server)
            back.join(5)

    def do_GET(self) -> None:
        """Forward a request whose target is a whole URL."""
        if self._is_refused():
            return
        url = urlsplit(self.path)
        with socket.create_connection(("127.0.0.1", url.port or 80)) as server:
            request = f"GET {url.path} HTTP/1.0\r\nHost: {url.netloc}\r\n\r\n"
            server.sendall(request.encode())
            _copy(server, self.connection)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(2**16):
            target.sendall(block)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
