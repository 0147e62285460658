"""A gateway on loopback for the tests: real HTTPS, and what stands behind Kubeflow's in small.

Door does what Envoy does there: TLS, routes by prefix, and an authorization service that is asked
before the dashboard is (ext_authz). Dex, Authservice and OAuth2Proxy are stand-ins for these
programs: their paths, statuses, redirects, cookies and form fields, read from dex 2.9 to 2.45,
oidc-authservice 28c59ef and e236439, and oauth2-proxy 7.7 to 7.15; not their looks.
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
_PASSED_ON = ("authorization", "cookie")


class Ask(NamedTuple):
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
        return {key: value[0] for key, value in parse_qs(urlsplit(self.target).query).items()}

    @property
    def fields(self) -> dict[str, str]:
        """Return the form's values."""
        return {key: value[0] for key, value in parse_qs(self.body).items()}

    @property
    def cookies(self) -> dict[str, str]:
        """Return the cookies' values."""
        found = SimpleCookie(self.headers.get("cookie", ""))
        return {key: one.value for key, one in found.items()}


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: str = ""
    # What is sent part by part in place of a body, as it comes.
    parts: Iterable[str] = ()


Backend = Callable[[Ask], Reply]


def redirect(location: str, *cookies: str, status: int = 302) -> Reply:
    """Answer by a redirect."""
    set_cookies = [("Set-Cookie", one) for one in cookies]
    return Reply(status, [("Location", location), *set_cookies])


def page(text: str, status: int = 200) -> Reply:
    """Answer by a page."""
    return Reply(status, [("Content-Type", "text/html; charset=utf-8")], text)


def dashboard(ask: Ask) -> Reply:
    """Answer as the dashboard does, from any path."""
    return page("<title>Kubeflow Central Dashboard</title><main-page></main-page>")


def gateway(
    check: Backend, routes: Iterable[tuple[str, Backend]] = (), behind: Backend = dashboard
) -> Backend:
    """Return what the gateway does: routes first, then the check, then the dashboard."""
    known = list(routes)

    def answer(ask: Ask) -> Reply:
        for prefix, backend in known:
            if ask.path.startswith(prefix):
                return backend(ask)
        passed = {key: value for key, value in ask.headers.items() if key in _PASSED_ON}
        judged = check(ask._replace(headers=passed, body=""))
        return behind(ask) if judged.status == 200 else judged

    return answer


def upstream(port: int) -> Backend:
    """Return what hands requests to a program on loopback."""

    def answer(ask: Ask) -> Reply:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request(ask.method, ask.target, ask.body or None, ask.headers)
            found = link.getresponse()
            kept = [
                (key, value)
                for key, value in found.getheaders()
                if key.lower() in ("location", "set-cookie", "content-type")
            ]
            return Reply(found.status, kept, found.read().decode())
        finally:
            link.close()

    return answer


class Dex:
    """A stand-in for dex: the way to the form, the form, and the way back to the client.

    Args:
        base: What stands before /dex/ in redirects; empty for relative ones.
        newer: Whether as from 2.22 on, with a path of its own for the form and the status 401.
        approves: Whether a page asks for approval.
    """

    def __init__(self, base: str = "", newer: bool = True, approves: bool = False) -> None:
        self._base, self._newer, self._approves = base, newer, approves
        self._asked: dict[str, dict[str, str]] = {}
        self.codes: set[str] = set()

    def __call__(self, ask: Ask) -> Reply:
        """Answer a request."""
        steps = {
            "/dex/auth": self._auth,
            "/dex/auth/local": self._local if self._newer else self._form,
            "/dex/auth/local/login": self._form,
            "/dex/approval": self._approval,
        }
        step = steps.get(ask.path)
        return page("Page not found", 404) if step is None else step(ask)

    def _auth(self, ask: Ask) -> Reply:
        name = secrets.token_hex(8)
        self._asked[name] = ask.query
        return redirect(f"{self._base}/dex/auth/local?req={name}")

    def _local(self, ask: Ask) -> Reply:
        query = urlencode({"back": "", "state": ask.query["req"]})
        return redirect(f"/dex/auth/local/login?{query}")

    def _form(self, ask: Ask) -> Reply:
        name = ask.query["state" if self._newer else "req"]
        if ask.method == "GET":
            return page(_form(ask.target, False))
        if (ask.fields.get("login"), ask.fields.get("password")) != (USER, PASSWORD):
            return page(_form(ask.target, True), 401 if self._newer else 200)
        if self._approves:
            return redirect(f"/dex/approval?req={name}", status=303)
        return self._back(name)

    def _approval(self, ask: Ask) -> Reply:
        name = ask.query["req"]
        if ask.method == "POST":
            assert ask.fields == {"req": name, "approval": "approve"}
            return self._back(name)
        one = '<form method="post"><input type="hidden" name="req" value="%s"/>'
        one += '<input type="hidden" name="approval" value="%s"><button>go</button></form>'
        return page(one % (name, "rejected") + one % (name, "approve"))

    def _back(self, name: str) -> Reply:
        asked = self._asked.pop(name)
        code = secrets.token_hex(8)
        self.codes.add(code)
        query = urlencode({"code": code, "state": asked["state"]})
        return redirect(f"{asked['redirect_uri']}?{query}", status=303)

    def redeem(self, code: str) -> bool:
        """Take a code back, once."""
        known = code in self.codes
        self.codes.discard(code)
        return known


def _form(target: str, invalid: bool) -> str:
    told = '<div id="login-error">Invalid Email Address and password.</div>' if invalid else ""
    return f"""<!DOCTYPE html><html><head><title>dex</title><style>p {{ }}</style></head><body>
    <form method="post" action="{html.escape(target)}">
    <input tabindex="1" required id="login" name="login" type="text" autofocus />
    <input tabindex="2" required id="password" name="password" type="password"/>
    {told}<button tabindex="3" id="submit-login" type="submit">Login</button></form>
    <script>document.querySelector('form').onsubmit = function(e) {{ }};</script></body></html>"""


class Authservice:
    """A stand-in for oidc-authservice: redirects to dex, takes the code, keeps a session.

    Args:
        auth: URL of dex's /auth, relative or not.
        redeem: Takes the code to dex.
        callback: Path or URL that dex sends the browser back to.
        forgets: Whether no session is kept, as where its volume cannot be written.
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
        self._visited: dict[str, str] = {}

    def __call__(self, ask: Ask) -> Reply:
        """Judge a request, as ext_authz."""
        if ask.path == urlsplit(self._callback).path:
            return self._called_back(ask)
        if ask.cookies.get("authservice_session") in self._sessions:
            return Reply(200)
        state = secrets.token_hex(8)
        self._visited[state] = ask.target
        wish = {
            "client_id": "kubeflow-oidc-authservice", "redirect_uri": self._callback,
            "response_type": "code", "scope": "openid profile email groups", "state": state,
        }  # fmt: skip
        cookie = f"oidc_state_csrf={state}; Path=/; Max-Age=1200; SameSite=Lax"
        return redirect(f"{self._auth}?{urlencode(wish)}", cookie)

    def _called_back(self, ask: Ask) -> Reply:
        if ask.cookies.get("oidc_state_csrf") != ask.query["state"]:
            return page("CSRF check failed.", 400)
        if not self._redeem(ask.query["code"]):
            return page("Failed to exchange authorization code with token.", 500)
        session = secrets.token_hex(8)
        if not self._forgets:
            self._sessions.add(session)
        cookie = f"authservice_session={session}; Path=/; Max-Age=86400"
        return redirect(self._visited.pop(ask.query["state"]), cookie)


class OAuth2Proxy:
    """A stand-in for oauth2-proxy with its sign-in page, as in 1.9 and later.

    Args:
        redeem: Takes the code to dex.
    """

    def __init__(self, redeem: Callable[[str], bool]) -> None:
        self._redeem = redeem
        self._sessions: set[str] = set()

    def __call__(self, ask: Ask) -> Reply:
        """Judge a request as ext_authz, or answer below /oauth2/."""
        if ask.path == "/oauth2/start":
            return self._start(ask)
        if ask.path == "/oauth2/callback":
            return self._called_back(ask)
        if ask.cookies.get("oauth2_proxy_kubeflow") in self._sessions:
            return Reply(200)
        if "/api/" in ask.path:
            return Reply(401, [("Content-Type", "application/json")], "{}")
        form = '<form method="GET" action="/oauth2/start"><input type="hidden" name="rd" value="'
        button = '"><button type="submit">Sign in with Dex</button></form>'
        return page(form + html.escape(ask.target) + button, 403)

    def _start(self, ask: Ask) -> Reply:
        nonce = secrets.token_hex(8)
        wish = {
            "client_id": "kubeflow-oidc-authservice", "redirect_uri": "/oauth2/callback",
            "response_type": "code", "prompt": "none", "state": f"{nonce}:{ask.query['rd']}",
        }  # fmt: skip
        cookie = f"oauth2_proxy_kubeflow_csrf={nonce}; Path=/; HttpOnly"
        return redirect(f"/dex/auth?{urlencode(wish)}", cookie)

    def _called_back(self, ask: Ask) -> Reply:
        nonce, _, rd = ask.query["state"].partition(":")
        if ask.cookies.get("oauth2_proxy_kubeflow_csrf") != nonce:
            return page("Login Failed: Unable to find a valid CSRF token.", 403)
        if not self._redeem(ask.query["code"]):
            return page("Internal Server Error", 500)
        session = secrets.token_hex(8)
        self._sessions.add(session)
        gone = "oauth2_proxy_kubeflow_csrf=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        return redirect(rd, f"oauth2_proxy_kubeflow={session}; Path=/; HttpOnly", gone)


class Door:
    """An HTTPS server on loopback; runs while its context lasts.

    Args:
        certificate: PEM of its certificate.
        key: PEM of its key.
        doors: On how many free ports it answers.
        host: The address that it answers at.
        ports: Its ports, in place of free ones.
    """

    def __init__(
        self,
        certificate: str,
        key: str,
        doors: int = 1,
        host: str = "127.0.0.1",
        ports: Sequence[int] = (),
    ) -> None:
        self.seen: list[Ask] = []
        self.answer: Backend = dashboard
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(certificate + key)
            file.flush()
            self._context.load_cert_chain(file.name)
        self._servers = [self._server(host, port) for port in ports or [0] * doors]
        self.ports = [int(one.server_address[1]) for one in self._servers]

    def __enter__(self) -> Door:
        """Start it."""
        for one in self._servers:
            threading.Thread(target=one.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        for one in self._servers:
            one.shutdown()
            one.server_close()

    def url(self, host: str = "127.0.0.1") -> str:
        """Return its URL by the name of a host."""
        return f"https://{host}:{self.ports[0]}"

    def asked(self) -> list[str]:
        """Return what it was asked for: method and path."""
        return [f"{ask.method} {ask.path}" for ask in self.seen]

    def _server(self, host: str, port: int) -> ThreadingHTTPServer:
        door = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def setup(self) -> None:
                # In the thread of the connection: one that says nothing holds no other up.
                self.request = door._context.wrap_socket(self.request, server_side=True)
                super().setup()

            def finish(self) -> None:
                super().finish()
                self.request.close()

            def _handle(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {key.lower(): value for key, value in self.headers.items()}
                body = self.rfile.read(length).decode()
                port = int(self.server.server_address[1])
                ask = Ask(self.command, self.path, headers, body, port)
                door.seen.append(ask)
                reply = door.answer(ask)
                content = reply.body.encode()
                self.send_response(reply.status)
                for key, value in reply.headers:
                    self.send_header(key, value)
                if not reply.parts:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                for part in reply.parts:
                    self.wfile.write(part.encode())

            do_GET = do_POST = _handle  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                """Say nothing of clients that do not trust us."""

        return Server((host, port), Handler)
