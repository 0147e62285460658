"""A server's reviews of tokens, answered as the webhook of a control plane's charm does."""

from __future__ import annotations

import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class TokenReviews:
    """A webhook for tokens; users are added at any time, also while the server runs."""

    def __init__(self) -> None:
        self._users: dict[str, tuple[str, str]] = {}
        self._server: ThreadingHTTPServer | None = None

    def token_of(self, user: str, group: str) -> str:
        """Return the token of a user, which is made at the first call."""
        for token, identity in self._users.items():
            if identity == (user, group):
                return token
        token = secrets.token_hex(16)
        self._users[token] = (user, group)
        return token

    def start(self) -> str:
        """Listen on loopback, and return the kubeconfig that names the webhook to a server."""
        reviews = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                review["status"] = reviews._status(review["spec"]["token"])
                body = json.dumps(review).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Keep the tests' output free of requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "reviews", "cluster": {"server": url}}],
                "users": [{"name": "server", "user": {}}],
                "contexts": [{"name": "c", "context": {"cluster": "reviews", "user": "server"}}],
                "current-context": "c",
            }
        )

    def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _status(self, token: str) -> dict[str, object]:
        if token not in self._users:
            return {"authenticated": False}
        user, group = self._users[token]
        return {"authenticated": True, "user": {"username": user, "groups": [group]}}
