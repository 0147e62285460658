"""A gateway on loopback for the tests: real HTTPS, and stand-ins for the programs behind it.

HttpsServer and `gateway` do what Envoy does there: TLS, routes by prefix, and an authorization
service that is asked before the dashboard is (ext_authz). Dex, Authservice and OAuth2Proxy have
the paths, statuses, redirects, cookies and form fields of these programs, read from dex 2.9 to
2.45, oidc-authservice 28c59ef and e236439, and oauth2-proxy 7.7 to 7.15; not their looks.
"""

from __future__ import annotations

import html
import http.client
import secrets
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

USER, PASSWORD = "admin@kubeflow.org", "Zwölf&34=+ %x"
_FORWARDED_HEADERS = ("authorization", "cookie")


class Request(NamedTuple):
    """A request."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    port: int

    @property
    def path(self) -> str:
        """Return the path without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """Return the query's values."""
        return {key: texts[0] for key, texts in parse_qs(urlsplit(self.target).query).items()}

    @property
    def fields(self) -> dict[str, str]:
        """Return the form's values."""
        return {key: texts[0] for key, texts in parse_qs(self.body).items()}

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies' values."""
        cookies = SimpleCookie(self.headers.get("cookie", ""))
        return {key: morsel.value for key, morsel in cookies.items()}


class Response(NamedTuple):
    """An answer; `parts` are sent one by one, as they come, in place of a body."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    parts: Iterable[str] = ()


Backend = Callable[[Request], Response]


def redirect(location: str, *cookies: str, status: int = 302) -> Response:
    """Return a redirect."""
    set_cookies = [("Set-Cookie", cookie) for cookie in cookies]
    return Response(status, [("Location", location), *set_cookies])


def page(text: str, status: int = 200) -> Response:
    """Return a page."""
    return Response(status, [("Content-Type", "text/html; charset=utf-8")], text)


def dashboard(request: Request) -> Response:
    """Answer as the dashboard does, at any path."""
    return page("<title>Kubeflow Central Dashboard</title><main-page></main-page>")


def gateway(
    check: Backend, routes: Iterable[tuple[str, Backend]] = (), behind: Backend = dashboard
) -> Backend:
    """Return a backend that tries the routes, then the check, then the dashboard."""
    prefixes = list(routes)

    def answer(request: Request) -> Response:
        for prefix, backend in prefixes:
            if request.path.startswith(prefix):
                return backend(request)
        headers = {key: text for key, text in request.headers.items() if key in _FORWARDED_HEADERS}
        verdict = check(request._replace(headers=headers, body=""))
        return behind(request) if verdict.status == 200 else verdict

    return answer


def upstream(port: int) -> Backend:
    """Return a backend that forwards requests to a program on loopback."""

    def answer(request: Request) -> Response:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request(request.method, request.target, request.body or None, request.headers)
            answer = link.getresponse()
            headers = [
                (key, text)
                for key, text in answer.getheaders()
                if key.lower() in ("location", "set-cookie", "content-type")
            ]
            return Response(answer.status, headers, answer.read().decode())
        finally:
            link.close()

    return answer


class Dex:
    """A stand-in for dex: the redirect to the form, the form, and the redirect to the client.

    Args:
        base: What precedes /dex/ in redirects; empty for relative ones.
        newer: Whether it behaves as from 2.22 on: the form has its own path, and a wrong password
            the status 401.
        approves: Whether a page asks for approval.
    """

    def __init__(self, base: str = "", newer: bool = True, approves: bool = False) -> None:
        self._base, self._newer, self._approves = base, newer, approves
        self._authorizations: dict[str, dict[str, str]] = {}
        self.codes: set[str] = set()

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        steps = {
            "/dex/auth": self._auth,
            "/dex/auth/local": self._local if self._newer else self._form,
            "/dex/auth/local/login": self._form,
            "/dex/approval": self._approval,
        }
        step = steps.get(request.path)
        return page("Page not found", 404) if step is None else step(request)

    def _auth(self, request: Request) -> Response:
        name = secrets.token_hex(8)
        self._authorizations[name] = request.query
        return redirect(f"{self._base}/dex/auth/local?req={name}")

    def _local(self, request: Request) -> Response:
        query = urlencode({"back": "", "state": request.query["req"]})
        return redirect(f"/dex/auth/local/login?{query}")

    def _form(self, request: Request) -> Response:
        name = request.query["state" if self._newer else "req"]
        if request.method == "GET":
            return page(_form(request.target, False))
        if (request.fields.get("login"), request.fields.get("password")) != (USER, PASSWORD):
            return page(_form(request.target, True), 401 if self._newer else 200)
        if self._approves:
            return redirect(f"/dex/approval?req={name}", status=303)
        return self._back(name)

    def _approval(self, request: Request) -> Response:
        name = request.query["req"]
        if request.method == "POST":
            assert request.fields == {"req": name, "approval": "approve"}
            return self._back(name)
        forms = [
            f'<form method="post"><input type="hidden" name="req" value="{name}"/>'
            f'<input type="hidden" name="approval" value="{verdict}"><button>go</button></form>'
            for verdict in ("rejected", "approve")
        ]
        return page("".join(forms))

    def _back(self, name: str) -> Response:
        authorization = self._authorizations.pop(name)
        code = secrets.token_hex(8)
        self.codes.add(code)
        query = urlencode({"code": code, "state": authorization["state"]})
        return redirect(f"{authorization['redirect_uri']}?{query}", status=303)

    def redeem(self, code: str) -> bool:
        """Return whether a code is valid; it is valid once."""
        is_valid = code in self.codes
        self.codes.discard(code)
        return is_valid


def _form(target: str, invalid: bool) -> str:
    error = '<div id="login-error">Invalid Email Address and password.</div>' if invalid else ""
    return f"""<!DOCTYPE html><html><head><title>dex</title><style>p {{ }}</style></head><body>
    <form method="post" action="{html.escape(target)}">
    <input tabindex="1" required id="login" name="login" type="text" autofocus />
    <input tabindex="2" required id="password" name="password" type="password"/>
    {error}<button tabindex="3" id="submit-login" type="submit">Login</button></form>
    <script>document.querySelector('form').onsubmit = function(e) {{ }};</script></body></html>"""


class Authservice:
    """A stand-in for oidc-authservice: redirects to dex, takes the code, keeps a session.

    Args:
        auth: URL of dex's /auth, relative or not.
        redeem: Sends the code to dex.
        callback: Path or URL that dex redirects to.
        forgets: Whether sessions are lost, as when its volume is not writable.
    """

    def __init__(
        self,
        auth: str,
        redeem: Callable[[str], bool],
        callback: str = "/authservice/oidc/callback",
        forgets: bool = False,
    ) -> None:
        self._auth, self._redeem, self._callback = auth, redeem, callback
        self._forgets = forgets
        self._sessions: set[str] = set()
        self._targets: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        """Decide about a request, as ext_authz."""
        if request.path == urlsplit(self._callback).path:
            return self._callback_response(request)
        if request.cookies.get("authservice_session") in self._sessions:
            return Response(200)
        state = secrets.token_hex(8)
        self._targets[state] = request.target
        query = {
            "client_id": "kubeflow-oidc-authservice", "redirect_uri": self._callback,
            "response_type": "code", "scope": "openid profile email groups", "state": state,
        }  # fmt: skip
        cookie = f"oidc_state_csrf={state}; Path=/; Max-Age=1200; SameSite=Lax"
        return redirect(f"{self._auth}?{urlencode(query)}", cookie)

    def _callback_response(self, request: Request) -> Response:
        if request.cookies.get("oidc_state_csrf") != request.query["state"]:
            return page("CSRF check failed.", 400)
        if not self._redeem(request.query["code"]):
            return page("Failed to exchange authorization code with token.", 500)
        session = secrets.token_hex(8)
        if not self._forgets:
            self._sessions.add(session)
        cookie = f"authservice_session={session}; Path=/; Max-Age=86400"
        return redirect(self._targets.pop(request.query["state"]), cookie)


class OAuth2Proxy:
    """A stand-in for oauth2-proxy with its sign-in page, as in 1.9 and later.

    Args:
        redeem: Sends the code to dex.
    """

    def __init__(self, redeem: Callable[[str], bool]) -> None:
        self._redeem = redeem
        self._sessions: set[str] = set()

    def __call__(self, request: Request) -> Response:
        """Decide about a request as ext_authz, or answer below /oauth2/."""
        if request.path == "/oauth2/start":
            return self._start(request)
        if request.path == "/oauth2/callback":
            return self._callback_response(request)
        if request.cookies.get("oauth2_proxy_kubeflow") in self._sessions:
            return Response(200)
        if "/api/" in request.path:
            return Response(401, [("Content-Type", "application/json")], "{}")
        form = '<form method="GET" action="/oauth2/start"><input type="hidden" name="rd" value="'
        button = '"><button type="submit">Sign in with Dex</button></form>'
        return page(form + html.escape(request.target) + button, 403)

    def _start(self, request: Request) -> Response:
        nonce = secrets.token_hex(8)
        query = {
            "client_id": "kubeflow-oidc-authservice", "redirect_uri": "/oauth2/callback",
            "response_type": "code", "prompt": "none", "state": f"{nonce}:{request.query['rd']}",
        }  # fmt: skip
        cookie = f"oauth2_proxy_kubeflow_csrf={nonce}; Path=/; HttpOnly"
        return redirect(f"/dex/auth?{urlencode(query)}", cookie)

    def _callback_response(self, request: Request) -> Response:
        nonce, _, rd = request.query["state"].partition(":")
        if request.cookies.get("oauth2_proxy_kubeflow_csrf") != nonce:
            return page("Login Failed: Unable to find a valid CSRF token.", 403)
        if not self._redeem(request.query["code"]):
            return page("Internal Server Error", 500)
        session = secrets.token_hex(8)
        self._sessions.add(session)
        expired = "oauth2_proxy_kubeflow_csrf=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        return redirect(rd, f"oauth2_proxy_kubeflow={session}; Path=/; HttpOnly", expired)


class HttpsServer:
    """An HTTPS server on loopback; it runs while its context lasts.

    Args:
        certificate: PEM of its certificate.
        key: PEM of its key.
        port_count: On how many free ports it answers.
        host: Its address.
        ports: Its ports, instead of free ones.
    """

    def __init__(
        self,
        certificate: str,
        key: str,
        port_count: int = 1,
        host: str = "127.0.0.1",
        ports: Sequence[int] = (),
    ) -> None:
        self.requests: list[Request] = []
        self.answer: Backend = dashboard
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(certificate + key)
            file.flush()
            self._context.load_cert_chain(file.name)
        self._servers = [self._server(host, port) for port in ports or [0] * port_count]
        self.ports = [int(server.server_address[1]) for server in self._servers]

    def __enter__(self) -> HttpsServer:
        """Start it."""
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def url(self, host: str = "127.0.0.1") -> str:
        """Return its URL with the name of a host."""
        return f"https://{host}:{self.ports[0]}"

    def request_lines(self) -> list[str]:
        """Return method and path of each request."""
        return [f"{request.method} {request.path}" for request in self.requests]

    def _server(self, host: str, port: int) -> ThreadingHTTPServer:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def setup(self) -> None:
                # In the connection's thread: a silent client does not block another one.
                self.request = outer._context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                super().finish()
                self.request.close()

            def _handle(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {key.lower(): text for key, text in self.headers.items()}
                body = self.rfile.read(length).decode()
                port = int(self.server.server_address[1])
                request = Request(self.command, self.path, headers, body, port)
                outer.requests.append(request)
                response = outer.answer(request)
                content = response.body.encode()
                self.send_response(response.status)
                for key, text in response.headers:
                    self.send_header(key, text)
                if not response.parts:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                for part in response.parts:
                    self.wfile.write(part.encode())

            do_GET = do_POST = _handle  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Log nothing about clients that do not trust the certificate."""

        return Server((host, port), Handler)
