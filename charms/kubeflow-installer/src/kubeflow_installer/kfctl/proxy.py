"""A proxy on loopback that kfctl takes for the API server; it serves the source archives as well.

The requests of kfctl go to `kfctl.interceptor`. A request that the interceptor does not answer is
passed through to the API server, over verified TLS and with the charm's credentials. kfctl itself
has no credentials: it has a URL with a secret path that is made for one run. (A token would not
work, because client-go sends none over plain HTTP.)
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
import threading
from typing import Iterator, Mapping, Optional
from urllib.parse import parse_qs, urlsplit

from kubeflow_installer.kfctl.interceptor import RequestInterceptor
from kubeflow_installer.kfctl.requests import Answer, refusal
from labcharm.https_connection import FAILURES, HttpsConnection
from labcharm.proxies import DIRECT, ProxySettings
from labkube.client.access import Access
from labkube.client.tls import tls_context

_REQUEST_HEADERS = ("Accept", "Accept-Encoding", "Content-Type")
_RESPONSE_HEADERS = ("Content-Type", "Content-Encoding")
_BLOCK = 2**16
# Seconds that the API server may be silent; kfctl sends no watch requests.
_TIMEOUT = 120.0


class ApiServerConnection:
    """The connection to the API server: verified TLS, and the charm's credentials.

    Args:
        access: The server's address and the credentials.
        proxies: The model's proxy settings.
    """

    def __init__(self, access: Access, proxies: ProxySettings = DIRECT) -> None:
        url = urlsplit(access.url)
        self._host, self._port = url.hostname or "", url.port or 443
        self._credentials = {"Authorization": "Bearer " + access.token} if access.token else {}
        self._access, self._proxies = access, proxies
        self._thread = threading.local()

    @contextlib.contextmanager
    def open(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request over the thread's connection, or over a new one when that is stale.

        Raises:
            OSError: When the server cannot be reached.
            http.client.HTTPException: When it does not speak HTTP.
        """
        all_headers = dict(headers, **self._credentials)
        connection = getattr(self._thread, "connection", None)
        try:
            response = self._send(connection or self._connect(), method, target, all_headers, body)
        except FAILURES:
            if connection is None:
                raise
            response = self._send(self._connect(), method, target, all_headers, body)
        try:
            yield response
        finally:
            if not response.isclosed():  # not read to its end: the connection cannot be reused
                self.close()

    def _connect(self) -> HttpsConnection:
        self.close()
        self._thread.connection = HttpsConnection(
            self._host, self._port, tls_context(self._access), _TIMEOUT, self._proxies
        )
        return self._thread.connection

    @staticmethod
    def _send(
        connection: HttpsConnection,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> http.client.HTTPResponse:
        connection.request(method, target, body or None, dict(headers))
        return connection.getresponse()

    def close(self) -> None:
        """Close the thread's connection."""
        connection = getattr(self._thread, "connection", None)
        if connection is not None:
            connection.close()
        self._thread.connection = None


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False


class Proxy:
    """A server on a free port of loopback, for clients that have its secret path.

    It serves while its context lasts.

    Args:
        api_server: The API server.
        interceptor: Decides how a request is answered.
        files: Files that are served to everybody on this machine, by their paths in a URL: the
            source archives, which kfctl downloads without credentials.
    """

    def __init__(
        self,
        api_server: ApiServerConnection,
        interceptor: RequestInterceptor,
        files: Mapping[str, str],
    ) -> None:
        self.api_server, self.interceptor, self.files = api_server, interceptor, dict(files)
        self.secret = secrets.token_urlsafe(32)
        self.url = ""

    def __enter__(self) -> "Proxy":
        proxy = self

        class Handler(_Handler):
            pass

        Handler.proxy = proxy
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def api_url(self) -> str:
        """The URL that is the API server's for kfctl; it contains the secret."""
        return f"{self.url}/{self.secret}"

    def api_path(self, target: str) -> Optional[str]:
        """Return a request's path on the API server; None when it lacks the secret."""
        secret, slash, path = target.partition("/")[2].partition("/")
        is_known = hmac.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())
        return slash + path if is_known else None


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            http.server.BaseHTTPRequestHandler.handle(self)
        self.proxy.api_server.close()

    def handle_expect_100(self) -> bool:
        """Ask for the body of a request only if it has the secret."""
        if self.proxy.api_path(self.path) is None:
            self._refuse()
            return False
        return http.server.BaseHTTPRequestHandler.handle_expect_100(self)

    def _serve(self) -> None:
        if self.command in ("GET", "HEAD") and self.path in self.proxy.files:
            self.close_connection = True  # a body would be taken for the next request
            self._send_file(self.proxy.files[self.path])
            return
        target = self.proxy.api_path(self.path)
        length = self.headers.get("Content-Length") or "0"
        if target is None:
            self._refuse()
            return
        if not length.isdecimal():
            self._refuse(400, "BadRequest", "Content-Length is not a number")
            return
        body = self.rfile.read(int(length))
        url = urlsplit(target)
        query = parse_qs(url.query, keep_blank_values=True)
        answer = self.proxy.interceptor.answer(self.command, url.path, query, body)
        if answer is None:
            self._pass_through(target, body)
        else:
            self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _refuse(
        self,
        status: int = 401,
        reason: str = "Unauthorized",
        message: str = "this path is not served",
    ) -> None:
        """Answer without reading the body of the request, and close the connection."""
        self.close_connection = True
        self._send(refusal(status, reason, message))

    def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.document).encode("utf-8")
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _send_file(self, path: str) -> None:
        with open(path, "rb") as file:
            self.send_response(200)
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command == "GET":
                shutil.copyfileobj(file, self.wfile)

    def _pass_through(self, target: str, body: bytes) -> None:
        headers = {name: self.headers[name] for name in _REQUEST_HEADERS if name in self.headers}
        has_begun = False
        try:
            with self.proxy.api_server.open(self.command, target, headers, body) as response:
                has_begun = True
                self._return_response(response)
        except FAILURES as error:
            if has_begun:  # one side closed the connection in the middle
                self.close_connection = True
                return
            message = f"the API cannot be reached: {type(error).__name__}"
            self._send(refusal(503, "ServiceUnavailable", message))

    def _return_response(self, response: http.client.HTTPResponse) -> None:
        self.send_response(response.status)
        for name in _RESPONSE_HEADERS:
            if response.headers.get(name):
                self.send_header(name, response.headers[name])
        length = response.headers.get("Content-Length")
        if length is None:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", length)
        self.end_headers()
        self._copy_body(response, is_chunked=length is None)

    def _copy_body(self, response: http.client.HTTPResponse, is_chunked: bool) -> None:
        for block in iter(lambda: response.read1(_BLOCK), b""):
            if is_chunked:
                block = f"{len(block):x}\r\n".encode("ascii") + block + b"\r\n"
            self.wfile.write(block)
            self.wfile.flush()
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Log nothing: the recording and kfctl's own log show what happened."""
