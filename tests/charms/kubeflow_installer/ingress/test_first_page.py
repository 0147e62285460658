"""The gateway's first page over real HTTPS, through stand-ins for authservice and oauth2-proxy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.kubeflow.gateway_objects import HOST, GatewayApi, release, secret, service
from helpers.kubeflow.gateway_standins import (
    PASSWORD,
    USER,
    Authservice,
    Dex,
    HttpsServer,
    OAuth2Proxy,
    Request,
    Response,
    gateway,
    page,
    redirect,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import CREDENTIAL_SECRET, Gateway, check
from kubeflow_installer.ingress.tls import Pair
from labcharm.machine import Machine


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Make one certificate for all tests."""
    return tls.self_signed(Machine(), [HOST, "127.0.0.1"])


@pytest.fixture
def server(pair: Pair) -> Iterator[HttpsServer]:
    """Start a gateway with a second port for dex."""
    with HttpsServer(*pair, port_count=2) as server:
        yield server


def check_page(server: HttpsServer, pair: Pair) -> str:
    """Return what is wrong with the first page."""
    return check(server.url(), pair.certificate, port=server.ports[1])


def test_redirect_of_authservice_is_right(server: HttpsServer, pair: Pair) -> None:
    """It leads to dex, on this port or dex's own; dex itself is not requested."""
    dex = Dex()
    for auth in ("/dex/auth", f"https://127.0.0.1:{server.ports[1]}/dex/auth"):
        server.answer = gateway(Authservice(auth, dex.redeem), [("/dex/", dex)])
        assert check_page(server, pair) == ""
    assert server.request_lines() == ["GET /", "GET /"]


def test_sign_in_page_of_oauth2_proxy_is_right(server: HttpsServer, pair: Pair) -> None:
    """It has the status 403."""
    server.answer = gateway(OAuth2Proxy(Dex().redeem))
    assert check_page(server, pair) == ""
    assert "cookie" not in server.requests[0].headers


def test_other_pages_are_described(server: HttpsServer, pair: Pair) -> None:
    url = server.url()
    for response, problem in (
        (page("dashboard"), f"{url} answers without asking for a login"),
        (Response(404), f"{url} answers with status 404 instead of the login"),
        (
            Response(503, body="OIDC Setup is not complete yet."),
            f"{url} answers with status 503 instead of the login; the service behind the gateway"
            " does not answer yet",
        ),
        (page("RBAC: access denied", 403), f"{url} answers with status 403 instead of the login"),
        (redirect("/login?next=/"), f"{url} redirects to {url}/login?*** instead of dex's login"),
        (
            redirect("https://10.64.0.9:5556/dex/auth?client_id=x"),
            "redirects to https://10.64.0.9:5556/dex/auth?***, away from https://127.0.0.1",
        ),
    ):

        def answer(_: Request, response: Response = response) -> Response:
            return response

        server.answer = answer
        assert check_page(server, pair) == problem


def test_other_certificate_than_the_stored_one_is_refused(server: HttpsServer) -> None:
    """The gateway may not have read the new one yet."""
    other_pair = tls.self_signed(Machine(), ["other.lab.example"])
    reason = check(server.url(), other_pair.certificate)
    assert "has an invalid certificate, or not the expected one" in reason
    assert server.requests == []


def test_certificate_of_an_unknown_authority_is_trusted_alone(tmp_path: Path) -> None:
    """Other certificates that this authority signed are not trusted."""
    signed = [_signed(tmp_path, name) for name in ("127.0.0.1", "127.0.0.1")]
    with HttpsServer(*signed[0]) as server:
        server.answer = gateway(OAuth2Proxy(Dex().redeem))
        assert check(server.url(), signed[0].certificate) == ""
        assert "has an invalid certificate" in check(server.url(), signed[1].certificate)
        assert check(server.url(), (tmp_path / "ca.crt").read_text()) == ""


def _signed(directory: Path, address: str) -> Pair:
    """Return a certificate that an authority signed."""
    if not (directory / "ca.crt").exists():
        _openssl(
            directory, "req -x509 -newkey rsa:2048 -nodes -subj /CN=lab -days 2 -keyout ca.key"
            " -out ca.crt -addext keyUsage=critical,keyCertSign",
        )  # fmt: skip
    extensions = f"subjectAltName=IP:{address}\nauthorityKeyIdentifier=keyid\n"
    (directory / "ext").write_text(extensions)
    _openssl(directory, "req -newkey rsa:2048 -nodes -subj /CN=x -keyout key -out csr")
    _openssl(
        directory, "x509 -req -in csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2"
        " -extfile ext -out crt",
    )  # fmt: skip
    return Pair((directory / "crt").read_text(), (directory / "key").read_text())


def _openssl(directory: Path, line: str) -> None:
    subprocess.run(["openssl", *line.split()], cwd=directory, check=True, capture_output=True)


def test_check_and_login_use_the_address(server: HttpsServer, pair: Pair) -> None:
    """The resolver of this machine need not know the host name."""
    certificate = secret("istio-system", CREDENTIAL_SECRET, crt=pair.certificate, key=pair.key)
    api: Any = GatewayApi(service({"ip": "127.0.0.1"}), certificate)

    class LocalGateway(Gateway):
        """A gateway at the test server's port."""

        def url(self) -> str:
            return server.url(HOST)

    local = LocalGateway(api, release("1.10.2"), HOST)
    dex = Dex()
    guard = OAuth2Proxy(dex.redeem)
    server.answer = gateway(guard, [("/dex/", dex), ("/oauth2/", guard)])
    assert local.check() == ""
    assert local.login(USER, PASSWORD) == ""
    assert "refuses the user" in local.login(USER, "other")
