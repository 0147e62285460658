"""The login over real HTTPS, through stand-ins for dex, authservice and oauth2-proxy.

With the real dex and the real oauth2-proxy it runs in tests/kube.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from helpers.interpreters import find_python, missing
from helpers.kubeflow.charm_path import python_path
from helpers.kubeflow.gateway_standins import (
    PASSWORD,
    USER,
    Authservice,
    Backend,
    Dex,
    HttpsServer,
    OAuth2Proxy,
    Request,
    Response,
    dashboard,
    gateway,
    page,
    redirect,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.forms import forms
from kubeflow_installer.ingress.https_client import Page
from kubeflow_installer.ingress.login import asks_for_login, login
from kubeflow_installer.ingress.tls import Pair
from labcharm.machine import Machine

HOST = "kubeflow.lab.example"


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Make one certificate for all tests."""
    return tls.self_signed(Machine(), [HOST, "127.0.0.1"])


@pytest.fixture
def server(pair: Pair) -> Iterator[HttpsServer]:
    """Start a gateway with a second port for dex."""
    with HttpsServer(*pair, port_count=2) as server:
        yield server


def as_062(server: HttpsServer, **kind: bool) -> Backend:
    """Return a backend as of 0.6.2: dex has its own port, and all URLs are absolute."""
    base = f"https://127.0.0.1:{server.ports[1]}"
    dex = Dex(base, newer=False)
    guard = Authservice(f"{base}/dex/auth", dex.redeem, server.url() + "/login/oidc", **kind)
    first = gateway(guard)
    return lambda request: dex(request) if request.port == server.ports[1] else first(request)


def as_102(server: HttpsServer, **kind: bool) -> Backend:
    """Return a backend as of 0.7.1 to 1.2.0: dex is below /dex, its URLs are relative."""
    dex = Dex(newer=False)
    return gateway(Authservice("/dex/auth", dex.redeem, "/login/oidc", **kind), [("/dex/", dex)])


def as_181(server: HttpsServer, approves: bool = False, **kind: bool) -> Backend:
    """Return a backend as of 1.3 to 1.8."""
    dex = Dex(approves=approves)
    return gateway(Authservice("/dex/auth", dex.redeem, **kind), [("/dex/", dex)])


def as_1102(server: HttpsServer) -> Backend:
    """Return a backend as of 1.9 and later."""
    dex = Dex()
    guard = OAuth2Proxy(dex.redeem)
    return gateway(guard, [("/dex/", dex), ("/oauth2/", guard)])


BACKENDS: dict[str, Callable[[HttpsServer], Backend]] = {
    "0.6.2": as_062, "1.0.2": as_102, "1.8.1": as_181, "1.10.2": as_1102,
}  # fmt: skip


def log_in(server: HttpsServer, pair: Pair, password: str = PASSWORD) -> str:
    """Log in; return why that failed."""
    ports = (server.ports[1],)
    return login(server.url(), USER, password, pair.certificate, ports=ports, seconds=20)


@pytest.mark.parametrize("release", BACKENDS)
def test_login_through_stand_ins(server: HttpsServer, pair: Pair, release: str) -> None:
    """The dashboard is reached; the password, with special characters, is sent once."""
    server.answer = BACKENDS[release](server)
    assert log_in(server, pair) == ""
    assert server.requests[-1].path == "/"
    posts = [request for request in server.requests if request.method == "POST"]
    assert [request.fields for request in posts] == [{"login": USER, "password": PASSWORD}]
    assert posts[0].path.startswith("/dex/auth/local")


@pytest.mark.parametrize("release", BACKENDS)
def test_wrong_password_is_refused_once(server: HttpsServer, pair: Pair, release: str) -> None:
    """The message names the user and does not quote the password."""
    server.answer = BACKENDS[release](server)
    reason = log_in(server, pair, password="guess&work")  # noqa: S106
    assert reason.endswith(f"refuses the user {USER} with this password")
    assert "guess" not in reason
    assert len([request for request in server.requests if request.method == "POST"]) == 1


@pytest.mark.parametrize("version", ["3.6", "3.13"])
@pytest.mark.parametrize("release", ["0.6.2", "1.10.2"])
def test_login_on_other_python_versions(
    server: HttpsServer, pair: Pair, release: str, version: str
) -> None:
    """The oldest that the charm supports, and one with strict verification."""
    python = find_python(version)
    if not python:
        pytest.skip(missing(version))
    server.answer = BACKENDS[release](server)
    script = (
        "import sys\n"
        "from kubeflow_installer.ingress.login import login\n"
        "url, user, port = sys.argv[1:]\n"
        "password, _, ca = sys.stdin.buffer.read().decode().partition('\\0')\n"
        "print(login(url, user, password, ca, ports=(int(port),)) or 'in')\n"
    )
    done = subprocess.run(
        [python, "-W", "error", "-c", script, server.url(), USER, str(server.ports[1])],
        env={**os.environ, "PYTHONPATH": python_path()},
        input=f"{PASSWORD}\0{pair.certificate}".encode(),
        capture_output=True,
    )
    assert (done.stdout.decode(), done.stderr.decode()) == ("in\n", "")


def test_approval_is_given(server: HttpsServer, pair: Pair) -> None:
    """Dex's page also has a form that rejects."""
    server.answer = as_181(server, approves=True)
    assert log_in(server, pair) == ""
    assert "POST /dex/approval" in server.request_lines()


def test_host_name_without_dns_record(server: HttpsServer, pair: Pair) -> None:
    """The connection goes to the address; the certificate must be the name's."""
    server.answer = as_1102(server)
    url = server.url(HOST)
    assert login(url, USER, PASSWORD, pair.certificate, "127.0.0.1", seconds=20) == ""
    assert {request.headers["host"] for request in server.requests} == {
        f"{HOST}:{server.ports[0]}"
    }
    reason = login(server.url("other.example"), USER, PASSWORD, pair.certificate, "127.0.0.1")
    assert "has an invalid certificate, or not the expected one" in reason


def test_ipv6_address(server: HttpsServer) -> None:
    """It has brackets in URLs, and none in the certificate."""
    own = tls.self_signed(Machine(), ["::1"])
    with HttpsServer(*own) as ipv6_server:
        ipv6_server.answer = as_1102(ipv6_server)
        url = ipv6_server.url("[::1]")
        assert login(url, USER, PASSWORD, own.certificate, "127.0.0.1", seconds=20) == ""
        assert {request.headers["host"] for request in ipv6_server.requests} == {
            f"[::1]:{ipv6_server.ports[0]}"
        }


def test_nothing_is_sent_to_another_certificate(server: HttpsServer, pair: Pair) -> None:
    """No request is made, and so no password is sent."""
    server.answer = as_1102(server)
    other_pair = tls.self_signed(Machine(), ["127.0.0.1"])
    reason = login(server.url(), USER, PASSWORD, other_pair.certificate)
    assert "has an invalid certificate, or not the expected one" in reason
    assert server.requests == []
    assert login(server.url(), USER, PASSWORD, "") == (
        "there is no certificate to verify the gateway with"
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example:{port}/dex/auth?x=1",
        "https://localhost:{port}/dex/auth",
        "http://127.0.0.1:{port}/dex/auth",
        "//evil.example:{port}/dex/auth",
        "https://127.0.0.1@evil.example:{port}/dex/auth",
        "https://127.0.0.1.evil.example/dex/auth",
        "https://127.0.0.1:22/dex/auth",
        "https://127.0.0.1:99999/dex/auth",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
    ],
)
def test_redirect_to_another_host_is_not_followed(
    server: HttpsServer, pair: Pair, target: str
) -> None:
    """Nor to another port or scheme. The message omits the query, which may contain a token."""
    server.answer = lambda request: redirect(target.format(port=server.ports[0]))
    reason = log_in(server, pair)
    assert reason.startswith("redirects to ")
    assert reason.endswith(", away from https://127.0.0.1")
    assert "x=1" not in reason
    assert server.request_lines() == ["GET /"]


@pytest.mark.parametrize("action", ["https://evil:{port}/", "http://127.0.0.1:{port}/", "//evil"])
def test_form_to_another_host_is_not_sent(server: HttpsServer, pair: Pair, action: str) -> None:
    """It would receive the password."""
    action = action.format(port=server.ports[0])
    form = f'<form method="post" action="{action}"><input name="login" type="text">'
    form += '<input name="password" type="password"></form>'
    server.answer = lambda request: page(form)
    assert log_in(server, pair).startswith("redirects to ")
    assert server.request_lines() == ["GET /"]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (redirect("https://[x"), "leads to an invalid URL"),
        (page('<form action="https://[x">'), "leads to an invalid URL"),
        (redirect("/a b\0c"), "does not answer: "),
    ],
)
def test_invalid_links_end_the_login(
    server: HttpsServer, pair: Pair, response: Response, reason: str
) -> None:
    """No further request is made."""
    server.answer = lambda request: response
    assert reason in log_in(server, pair)
    assert server.request_lines() == ["GET /"]


def test_form_with_method_get_is_posted(server: HttpsServer, pair: Pair) -> None:
    """A password in a URL would be logged on the way."""
    form = '<form><input name="login"><input name="password" type="password"></form>'
    server.answer = lambda request: page(form) if request.method == "GET" else page("no", 500)
    assert "answers with status 500: no" in log_in(server, pair)
    assert [request.target for request in server.requests] == ["/", "/"]


def test_redirect_does_not_send_a_form_again(server: HttpsServer, pair: Pair) -> None:
    """Not even if the status asks for it (307)."""
    form = '<form method="post"><input name="login"><input name="p" type="password"></form>'

    def answer(request: Request) -> Response:
        if request.path == "/next":
            return dashboard(request)
        return page(form) if request.method == "GET" else redirect("/next", status=307)

    server.answer = answer
    assert log_in(server, pair) == ""
    assert server.request_lines() == ["GET /", "POST /", "GET /next"]


def test_lost_session_is_not_a_wrong_password(server: HttpsServer, pair: Pair) -> None:
    """The form comes back after the login, and is not filled in again."""
    server.answer = as_102(server, forgets=True)
    reason = log_in(server, pair)
    assert reason.endswith("/dex/auth/local?*** asks for the login again after a login")
    assert len([request for request in server.requests if request.method == "POST"]) == 1


def test_open_dashboard_is_not_a_login(server: HttpsServer, pair: Pair) -> None:
    """It answers without asking for a login."""
    assert log_in(server, pair).endswith("/ answers without asking for a login")


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (
            Response(503, body="no healthy upstream"),
            "answers with status 503: no healthy upstream",
        ),
        (Response(404), "answers with status 404: no text"),
        (
            page("<title>x</title><h2>Bad Request</h2><p>Unregistered redirect_uri</p>", 400),
            "answers with status 400: Bad Request Unregistered redirect_uri",
        ),
        (page("<![broken <p>words", 500), "answers with status 500: "),
        (Response(500, body="long " * 200), "answers with status 500: " + ("long " * 200)[:160]),
    ],
)
def test_other_answer_is_described(
    server: HttpsServer, pair: Pair, response: Response, reason: str
) -> None:
    """By its status and the beginning of its text."""
    server.answer = lambda request: response
    assert reason in log_in(server, pair)


def test_redirects_end_after_twenty_pages(server: HttpsServer, pair: Pair) -> None:
    server.answer = lambda request: redirect("/" + str(len(server.requests)))
    assert log_in(server, pair).endswith("not finished after 20 pages")
    assert len(server.requests) == 21


def test_closed_port_is_described(server: HttpsServer, pair: Pair) -> None:
    """By the system's reason."""
    url = f"https://127.0.0.1:{server.ports[0]}"
    server.__exit__()
    assert login(url, USER, PASSWORD, pair.certificate) == (
        f"{url}/ does not answer: Connection refused"
    )


def test_slow_answer_ends_with_the_time_limit(server: HttpsServer, pair: Pair) -> None:
    """Even if a part of it arrives again and again."""
    release = threading.Event()

    def parts() -> Iterator[str]:
        for _ in range(300):
            yield "<p>"
            if release.wait(0.1):
                return

    server.answer = lambda request: Response(200, parts=parts())
    start = time.monotonic()
    reason = login(server.url(), USER, PASSWORD, pair.certificate, seconds=0.5)
    release.set()
    assert time.monotonic() - start < 15
    assert "timed out" in reason


def test_slow_page_uses_up_the_time_limit(server: HttpsServer, pair: Pair) -> None:
    release = threading.Event()

    def slow(request: Request) -> Response:
        release.wait(30)
        return redirect("/")

    server.answer = slow
    start = time.monotonic()
    reason = login(server.url(), USER, PASSWORD, pair.certificate, seconds=0.5)
    release.set()
    assert time.monotonic() - start < 15
    assert "timed out" in reason


def html_page(text: str, status: int = 200, location: str = "") -> Page:
    """Return a page."""
    return Page("https://host/a/b?c=d", status, location, text)


def test_forms_are_parsed() -> None:
    """With entities, relative actions, no action, and inputs outside of forms."""
    text = (
        '<input name="stray"><form method=POST action="/x?a=1&amp;b=2"><input NAME=login>'
        '<input type=hidden name=t value="&quot;&lt;"><button name=x>go</button></form>'
        '<form action="c"></form><form></form>'
    )
    first, second, third = forms(html_page(text))
    assert (first.action, first.method) == ("https://host/x?a=1&b=2", "post")
    assert [tuple(field) for field in first.fields] == [("login", "", ""), ("t", '"<', "hidden")]
    assert (second.action, second.method) == ("https://host/a/c", "get")
    assert third.action == "https://host/a/b?c=d"


@pytest.mark.parametrize(
    ("first_page", "leads"),
    [
        (html_page("", 302, "https://host/dex/auth?client_id=a"), True),
        (html_page("", 302, "https://host:5556/dex/auth?client_id=a"), True),
        (html_page("", 302, "https://host/?to=/dex/auth"), False),
        (html_page('<form action="/oauth2/start">', 403), True),
        (html_page('<form action="/oauth2/start">', 200), False),
        (html_page('<form action="/other">', 403), False),
        (html_page("RBAC: access denied", 403), False),
        (html_page("{}", 401), False),
        (html_page("dashboard"), False),
    ],
)
def test_page_that_leads_to_the_login(first_page: Page, leads: bool) -> None:
    """There are two kinds; the others are near misses."""
    assert asks_for_login(first_page) is leads
