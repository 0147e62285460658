"""An HTTPS server with prepared answers, for tests of clients that meet a bad server."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

# Writes an answer by itself, or returns its status and its document or bytes.
Answer = Callable[[BaseHTTPRequestHandler], tuple[int, Any] | None]


def make_certificate(directory: Path, names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """Create a certificate that is its own authority; return it and its key.

    Args:
        directory: Where both are written.
        names: The names that it is for, in the form of openssl's `subjectAltName`.
    """
    directory.mkdir(exist_ok=True)
    certificate, key = directory / "crt", directory / "key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=api"]
    command += ["-addext", f"subjectAltName={names}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return certificate, key


@dataclass
class ScriptedApi:
    """The server; it runs while its context lasts.

    Attributes:
        directory: Where its certificate is written.
        answers: The answers by path. Any other path gets an answer with the status 404.
        requests: The path of each request, with its query.
        authorizations: The header Authorization of each request.
        names: The names that its certificate is for, in the form of openssl's `subjectAltName`.
    """

    directory: Path
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    requests: list[str] = field(default_factory=list[str])
    authorizations: list[str] = field(default_factory=list[str])
    url: str = ""
    ca: str = ""
    names: str = "IP:127.0.0.1"

    def __enter__(self) -> ScriptedApi:
        """Start it."""
        certificate, key = make_certificate(self.directory, self.names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                api.requests.append(self.path)
                api.authorizations.append(self.headers.get("Authorization", ""))
                answer = api.answers.get(self.path.partition("?")[0], lambda _: (404, {}))(self)
                if answer is not None:
                    _send(self, *answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that leaves is part of the tests
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self.ca = certificate.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()


def _send(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
