"""The login through the real dex and the real oauth2-proxy, built as Go modules.

In front of them is the tests' own gateway instead of Envoy. oidc-authservice, which Go's module
proxy does not serve, is replaced by a stand-in that takes dex's real code to its token endpoint.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from helpers.kube.api_server import free_ports
from helpers.kube.builds import UnavailableError, bound, of_module, program
from helpers.kubeflow.gateway_standins import (
    PASSWORD,
    USER,
    Authservice,
    Backend,
    HttpsServer,
    Request,
    gateway,
    upstream,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import check
from kubeflow_installer.ingress.login import login
from labcharm.machine import Machine

HOST = "kubeflow.lab.example"
CLIENT, SECRET = "kubeflow-oidc-authservice", secrets.token_hex(16)


@pytest.fixture(scope="module")
def programs() -> tuple[Path, Path]:
    """Return dex and oauth2-proxy."""
    try:
        return (
            program("dex") / "dex",
            of_module("oauth2-proxy", "github.com/oauth2-proxy/oauth2-proxy/v7") / "oauth2-proxy",
        )
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def digest() -> str:
    """Return the charm's hash of the password."""
    pytest.importorskip("passlib")
    from kubeflow_installer.state.credentials import bcrypt_hash

    return bcrypt_hash(PASSWORD)


@pytest.fixture(scope="module")
def pair() -> tls.Pair:
    """Make a certificate."""
    return tls.self_signed(Machine(), [HOST, "127.0.0.1"])


@pytest.fixture
def server(pair: tls.Pair) -> Iterator[HttpsServer]:
    """Start a gateway with a second port for dex."""
    with HttpsServer(*pair, port_count=2) as server:
        yield server


Start = Callable[[list[str], str, int, str], None]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start programs that end with the test."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(command: list[str], stdin: str, port: int, ready: str) -> None:
        with (tmp_path / f"{port}.log").open("wb") as log:
            process = subprocess.Popen(
                [*bound(), *command], stdin=subprocess.PIPE, stdout=log, stderr=log
            )
        running.append(process)
        assert process.stdin
        process.stdin.write(stdin.encode())
        process.stdin.close()
        end = time.monotonic() + 20
        while not answers(port, ready):
            assert process.poll() is None, (tmp_path / f"{port}.log").read_text()
            assert time.monotonic() < end, (tmp_path / f"{port}.log").read_text()
            time.sleep(0.05)

    yield begin
    for process in running:
        process.terminate()
        process.wait(10)


def answers(port: int, path: str) -> bool:
    """Return whether a program is ready."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", path)
        return link.getresponse().status == 200
    except OSError:
        return False
    finally:
        link.close()


class Dex:
    """dex's own server.

    Args:
        start: Starts a program.
        binary: The program.
        digest: The hash of the user's password.
        redirect: The URL of the client that it redirects to.
        issuer: Its URL for browsers; empty for the one within the cluster.
        approval: Whether it asks the user for approval.

    Attributes:
        users: The users whose codes were redeemed.
    """

    def __init__(
        self,
        start: Start,
        binary: Path,
        digest: str,
        redirect: str,
        issuer: str = "",
        approval: bool = False,
    ) -> None:
        self.port = free_ports(1)[0]
        self.issuer = issuer or f"http://127.0.0.1:{self.port}/dex"
        self._redirect = redirect
        settings = {
            "listen": f"127.0.0.1:{self.port}", "issuer": self.issuer, "client": CLIENT,
            "secret": SECRET, "redirect": redirect, "email": USER, "hash": digest,
            "approval": approval,
        }  # fmt: skip
        start([str(binary)], json.dumps(settings), self.port, "/dex/keys")
        self.users: list[str] = []

    def redeem(self, code: str) -> bool:
        """Redeem a code as authservice does, and record its user."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect}
        client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"Basic {client}",
        }
        with contextlib.closing(link):
            link.request("POST", "/dex/token", urlencode(form), headers)
            answer = link.getresponse()
            tokens = json.loads(answer.read())
        if answer.status != 200:
            return False
        claims = tokens["id_token"].split(".")[1]
        self.users.append(json.loads(base64.urlsafe_b64decode(claims + "=="))["email"])
        return True


def through_oauth2_proxy(
    start: Start, programs: tuple[Path, Path], digest: str, directory: Path, approval: bool = False
) -> Backend:
    """Return a backend as of 1.9 and later, with Kubeflow's settings of oauth2-proxy."""
    dex = Dex(start, programs[0], digest, "/oauth2/callback", approval=approval)
    port = free_ports(1)[0]
    settings = {
        "provider": "oidc", "oidc_issuer_url": dex.issuer, "skip_oidc_discovery": True,
        "login_url": "/dex/auth", "redeem_url": dex.issuer + "/token",
        "oidc_jwks_url": dex.issuer + "/keys", "scope": "profile email groups openid",
        "email_domains": ["*"], "upstreams": ["static://200"], "skip_auth_routes": ["^/dex/"],
        "api_routes": ["/api/", "/apis/", "^/ml_metadata"], "skip_provider_button": False,
        "prompt": "none", "set_authorization_header": True, "set_xauthrequest": True,
        "cookie_name": "oauth2_proxy_kubeflow", "cookie_expire": "24h",
        "code_challenge_method": "S256", "redirect_url": "/oauth2/callback",
        "relative_redirect_url": True, "http_address": f"127.0.0.1:{port}", "client_id": CLIENT,
        "client_secret": SECRET, "cookie_secret": secrets.token_hex(16), "cookie_secure": False,
    }  # fmt: skip
    path = directory / "oauth2_proxy.cfg"
    path.write_text(
        "".join(f"{key} = {json.dumps(setting)}\n" for key, setting in settings.items())
    )
    start([str(programs[1]), f"--config={path}"], "", port, "/ping")
    guard = upstream(port)
    return gateway(guard, [("/dex/", upstream(dex.port)), ("/oauth2/", guard)])


def log_in(server: HttpsServer, pair: tls.Pair, password: str = PASSWORD) -> str:
    """Log in; return why that failed."""
    ports = (server.ports[1],)
    return login(server.url(), USER, password, pair.certificate, ports=ports, seconds=30)


@pytest.mark.parametrize("approval", [False, True])
def test_login_through_real_dex_and_oauth2_proxy(
    server: HttpsServer,
    pair: tls.Pair,
    start: Start,
    programs: tuple[Path, Path],
    digest: str,
    tmp_path: Path,
    approval: bool,
) -> None:
    """As in 1.9 and later; the charm's hash accepts the password and no other one."""
    server.answer = through_oauth2_proxy(start, programs, digest, tmp_path, approval)
    assert check(server.url(), pair.certificate) == ""
    assert log_in(server, pair) == ""
    assert ("POST /dex/approval" in server.request_lines()) is approval
    server.requests.clear()
    assert log_in(server, pair, PASSWORD + "x").endswith(
        f"refuses the user {USER} with this password"
    )
    assert not any(request.path == "/oauth2/callback" for request in server.requests)


def test_answers_of_real_oauth2_proxy_without_a_session(
    server: HttpsServer,
    pair: tls.Pair,
    start: Start,
    programs: tuple[Path, Path],
    digest: str,
    tmp_path: Path,
) -> None:
    """The gateway removes the header Accept, so every client gets the page that is checked."""
    server.answer = through_oauth2_proxy(start, programs, digest, tmp_path)
    trust = ssl.create_default_context(cadata=pair.certificate)

    def request(path: str, **headers: str) -> tuple[int, str]:
        link = http.client.HTTPSConnection("127.0.0.1", server.ports[0], context=trust, timeout=10)
        with contextlib.closing(link):
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            return answer.status, answer.headers.get_content_type()

    assert request("/", Accept="text/html") == (403, "text/html")
    assert request("/", Accept="application/json") == (403, "text/html")
    assert request("/", Cookie="oauth2_proxy_kubeflow=old") == (403, "text/html")
    assert request("/pipeline/apis/x") == (401, "application/json")


def test_login_through_real_dex_and_an_authservice_stand_in(
    server: HttpsServer, pair: tls.Pair, start: Start, programs: tuple[Path, Path], digest: str
) -> None:
    """As in 0.7 to 1.8: dex is below /dex, and redirects have no host."""
    callback = "/authservice/oidc/callback"
    dex = Dex(start, programs[0], digest, callback)
    guard = Authservice("/dex/auth", dex.redeem, callback)
    server.answer = gateway(guard, [("/dex/", upstream(dex.port))])
    assert check(server.url(), pair.certificate) == ""
    assert log_in(server, pair) == ""
    assert dex.users == [USER]
    assert "refuses the user" in log_in(server, pair, "x")


def test_login_through_real_dex_on_its_own_port_and_an_authservice_stand_in(
    server: HttpsServer, pair: tls.Pair, start: Start, programs: tuple[Path, Path], digest: str
) -> None:
    """As in 0.6.2: dex is behind TLS on another port, and all URLs have the host."""
    base = f"https://127.0.0.1:{server.ports[1]}/dex"
    dex = Dex(start, programs[0], digest, server.url() + "/login/oidc", base)
    first = gateway(Authservice(f"{base}/auth", dex.redeem, server.url() + "/login/oidc"))
    dex_backend = upstream(dex.port)

    def answer(request: Request) -> Any:
        return dex_backend(request) if request.port == server.ports[1] else first(request)

    server.answer = answer
    assert check(server.url(), pair.certificate, port=server.ports[1]) == ""
    assert log_in(server, pair) == ""
    assert dex.users == [USER]
