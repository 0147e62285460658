"""A file server on loopback, for tests of downloads."""

from __future__ import annotations

import http.server
import threading
from typing import Any


class Server:
    """Serves files over HTTP, also as a proxy; a context manager.

    Attributes:
        files: The content of each file, by name.
        statuses: The status of an answer that is not a file, by the path without the query.
        redirects: The URLs to which requests are redirected, by the name of the requested file.
        requests: The paths or URLs that were requested, in order.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        self.redirects: dict[str, str] = {}
        self.requests: list[str] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Server:
        """Start the server."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Send the file with the last part of the path as its name, a redirect, or 404."""
                served.requests.append(self.path)
                name = self.path.rpartition("/")[2]
                if name in served.redirects:
                    self.send_response(302)
                    self.send_header("Location", served.redirects[name])
                    self.end_headers()
                    return
                body = served.files.get(name)
                status = served.statuses.get(self.path.partition("?")[0], 0)
                body = None if status else body
                self.send_response(status or (200 if body is not None else 404))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        return Handler
