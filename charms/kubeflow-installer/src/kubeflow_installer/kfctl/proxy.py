"""A proxy on loopback that kfctl takes for the API server; it serves the sources to it as well.

What kfctl asks and makes goes to `kfctl.interceptor`; what that does not answer goes through to
the API server, over verified TLS and with our credentials. kfctl itself gets none of them: it
knows a path that is made for one run. (A token would not do: client-go sends none over plain
HTTP.)
"""

import contextlib
import hmac
import http.client
import http.server
import json
import os
import secrets
import shutil
import socketserver
import ssl
import threading
from typing import Any, Iterator, Mapping, Optional
from urllib.parse import parse_qs, urlsplit

from kubeflow_installer.kfctl.interceptor import Answer, Intake, refused
from labkube.client import key_directories
from labkube.client.access import Access

_PASSED_ON = ("Accept", "Accept-Encoding", "Content-Type")
_BROUGHT_BACK = ("Content-Type", "Content-Encoding")
_PIECE = 2**16
# Seconds that the API server may be silent; kfctl watches nothing.
_SILENCE = 120.0


class Upstream:
    """The API server, for what goes through: verified TLS, and our credentials.

    Args:
        access: Where it is and who we are.
    """

    def __init__(self, access: Access) -> None:
        found = urlsplit(access.url)
        self._host, self._port = found.hostname or "", found.port or 443
        self._headers = {"Authorization": "Bearer " + access.token} if access.token else {}
        self._context = ssl.create_default_context(cadata=access.ca)
        if access.certificate:
            self._load(access)
        self._links = threading.local()

    def _load(self, access: Access) -> None:
        with key_directories.folder() as folder:
            for name, text in (("certificate", access.certificate), ("key", access.key)):
                handle = os.open(os.path.join(folder, name), os.O_CREAT | os.O_WRONLY, 0o600)
                with os.fdopen(handle, "w") as file:
                    file.write(text)
            self._context.load_cert_chain(
                os.path.join(folder, "certificate"), os.path.join(folder, "key")
            )

    @contextlib.contextmanager
    def open(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request over the thread's connection, and over a new one where that is stale.

        Raises:
            OSError: When the server is not reached.
            http.client.HTTPException: When it does not speak HTTP.
        """
        sent = dict(headers, **self._headers)
        link = getattr(self._links, "link", None)
        try:
            answer = self._send(link or self._new(), method, target, sent, body)
        except (OSError, http.client.HTTPException):
            if link is None:
                raise
            answer = self._send(self._new(), method, target, sent, body)
        try:
            yield answer
        finally:
            if not answer.isclosed():  # not read to its end: nothing else can be asked there
                self.close()

    def _new(self) -> http.client.HTTPSConnection:
        self.close()
        self._links.link = http.client.HTTPSConnection(
            self._host, self._port, timeout=_SILENCE, context=self._context
        )
        return self._links.link

    @staticmethod
    def _send(
        link: http.client.HTTPSConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> http.client.HTTPResponse:
        link.request(method, target, body or None, dict(headers))
        return link.getresponse()

    def close(self) -> None:
        """Close the thread's connection."""
        link = getattr(self._links, "link", None)
        if link is not None:
            link.close()
        self._links.link = None


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False


class Proxy:
    """Serves while its context lasts, on a free port of loopback, for who knows its path.

    Args:
        upstream: The API server.
        intake: Decides what becomes of a request.
        files: Files that are served to everybody on this machine, by their paths in a URL: the
            sources, which kfctl fetches without credentials.
    """

    def __init__(self, upstream: Upstream, intake: Intake, files: Mapping[str, str]) -> None:
        self.upstream, self.intake, self.files = upstream, intake, dict(files)
        self.secret = secrets.token_urlsafe(32)
        self.url = ""

    def __enter__(self) -> "Proxy":
        proxy = self

        class Handler(_Handler):
            pass

        Handler.proxy = proxy
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def api(self) -> str:
        """Return the URL that is the API server's for kfctl; it holds the secret."""
        return "%s/%s" % (self.url, self.secret)

    def inner(self, target: str) -> Optional[str]:
        """Return a request's target as the API server knows it; None without the secret."""
        _, _, rest = target.partition("/")
        first, slash, rest = rest.partition("/")
        known = hmac.compare_digest(first.encode("utf-8", "replace"), self.secret.encode())
        return slash + rest if known else None


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            http.server.BaseHTTPRequestHandler.handle(self)
        self.proxy.upstream.close()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command in ("GET", "HEAD") and self.path in self.proxy.files:
            self._send_file(self.proxy.files[self.path])
            return
        inner = self.proxy.inner(self.path)
        if inner is None:
            self._send(refused(401, "Unauthorized", "nothing is served here"))
            return
        found = urlsplit(inner)
        query = parse_qs(found.query, keep_blank_values=True)
        answer = self.proxy.intake.answer(self.command, found.path, query, body)
        if answer is None:
            self._pass(inner, body)
        else:
            self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.document).encode("utf-8")
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, path: str) -> None:
        with open(path, "rb") as file:
            self.send_response(200)
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            if self.command == "GET":
                shutil.copyfileobj(file, self.wfile)

    def _pass(self, target: str, body: bytes) -> None:
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        begun = False
        try:
            with self.proxy.upstream.open(self.command, target, headers, body) as answer:
                begun = True
                self._bring_back(answer)
        except (OSError, http.client.HTTPException) as error:
            if begun:  # one of both sides went in the middle
                self.close_connection = True
                return
            told = "the API cannot be reached: %s" % type(error).__name__
            self._send(refused(503, "ServiceUnavailable", told))

    def _bring_back(self, answer: http.client.HTTPResponse) -> None:
        self.send_response(answer.status)
        for name in _BROUGHT_BACK:
            if answer.headers.get(name):
                self.send_header(name, answer.headers[name])
        length = answer.headers.get("Content-Length")
        chunked = length is None
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        for piece in iter(lambda: answer.read1(_PIECE), b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base names it so
        """Say nothing: what happened is in the record."""
