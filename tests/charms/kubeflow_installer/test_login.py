"""The login over real HTTPS, through stand-ins for dex, authservice and oauth2-proxy.

With the real dex and the real oauth2-proxy it runs in tests/kube/test_kubeflow_gateway.py.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers.interpreters import find_python, missing
from helpers.kubeflow.lab_gateway import (
    PASSWORD,
    USER,
    Ask,
    Authservice,
    Backend,
    Dex,
    Door,
    OAuth2Proxy,
    Reply,
    dashboard,
    gateway,
    page,
    redirect,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.browser import Page
from kubeflow_installer.ingress.login import asks_for_login, forms, login
from kubeflow_installer.ingress.tls import Pair
from labcharm.machine import Machine

HOST = "kubeflow.lab.example"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Make one certificate for all tests."""
    return tls.self_signed(Machine(), [HOST, "127.0.0.1"])


@pytest.fixture
def door(pair: Pair) -> Iterator[Door]:
    """Open a gateway with a second port for dex."""
    with Door(*pair, doors=2) as door:
        yield door


def as_062(door: Door, **kind: bool) -> Backend:
    """Do as 0.6.2: dex on a port of its own, all URLs absolute."""
    base = f"https://127.0.0.1:{door.ports[1]}"
    dex = Dex(base, newer=False)
    guard = Authservice(f"{base}/dex/auth", dex.redeem, door.url() + "/login/oidc", **kind)
    first = gateway(guard)
    return lambda ask: dex(ask) if ask.port == door.ports[1] else first(ask)


def as_102(door: Door, **kind: bool) -> Backend:
    """Do as 0.7.1 to 1.2.0: dex below /dex, its URLs relative."""
    dex = Dex(newer=False)
    return gateway(Authservice("/dex/auth", dex.redeem, "/login/oidc", **kind), [("/dex/", dex)])


def as_181(door: Door, approves: bool = False, **kind: bool) -> Backend:
    """Do as 1.3 to 1.8."""
    dex = Dex(approves=approves)
    return gateway(Authservice("/dex/auth", dex.redeem, **kind), [("/dex/", dex)])


def as_1102(door: Door) -> Backend:
    """Do as 1.9 and later."""
    dex = Dex()
    guard = OAuth2Proxy(dex.redeem)
    return gateway(guard, [("/dex/", dex), ("/oauth2/", guard)])


AGES: dict[str, Callable[[Door], Backend]] = {
    "0.6.2": as_062, "1.0.2": as_102, "1.8.1": as_181, "1.10.2": as_1102,
}  # fmt: skip


def tried(door: Door, pair: Pair, password: str = PASSWORD, **more: float) -> str:
    """Log in there."""
    return login(
        door.url(), USER, password, pair.certificate, ports=(door.ports[1],), seconds=20, **more
    )


@pytest.mark.parametrize("age", AGES)
def test_login_through_stand_ins(door: Door, pair: Pair, age: str) -> None:
    """The dashboard is reached; the password, with all its characters, is sent once."""
    door.answer = AGES[age](door)
    assert tried(door, pair) == ""
    assert door.seen[-1].path == "/"
    posts = [ask for ask in door.seen if ask.method == "POST"]
    assert [ask.fields for ask in posts] == [{"login": USER, "password": PASSWORD}]
    assert posts[0].path.startswith("/dex/auth/local")


@pytest.mark.parametrize("age", AGES)
def test_wrong_password(door: Door, pair: Pair, age: str) -> None:
    """Told by the user's name, tried once, never quoted."""
    door.answer = AGES[age](door)
    told = tried(door, pair, password="guess&work")  # noqa: S106
    assert told.endswith(f"refuses the user {USER} with this password")
    assert "guess" not in told
    assert len([ask for ask in door.seen if ask.method == "POST"]) == 1


@pytest.mark.parametrize("version", ["3.6", "3.13"])
@pytest.mark.parametrize("age", ["0.6.2", "1.10.2"])
def test_login_on_other_pythons(door: Door, pair: Pair, age: str, version: str) -> None:
    """The oldest that the charm runs on, and a strict one."""
    python = find_python(version)
    if not python:
        pytest.skip(missing(version))
    door.answer = AGES[age](door)
    script = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from ingress.login import login\n"
        "url, user, port = sys.argv[3:]\n"
        "password, _, ca = sys.stdin.buffer.read().decode().partition('\\0')\n"
        "print(login(url, user, password, ca, ports=(int(port),)) or 'in')\n"
    )
    folders = [str(ROOT / "charms" / one) for one in ("kubeflow-installer/src", "shared/lib")]
    done = subprocess.run(
        [python, "-W", "error", "-c", script, *folders, door.url(), USER, str(door.ports[1])],
        input=f"{PASSWORD}\0{pair.certificate}".encode(),
        capture_output=True,
    )
    assert (done.stdout.decode(), done.stderr.decode()) == ("in\n", "")


def test_an_approval_is_given(door: Door, pair: Pair) -> None:
    """Where dex asks for it: not the form that rejects."""
    door.answer = as_181(door, approves=True)
    assert tried(door, pair) == ""
    assert "POST /dex/approval" in door.asked()


def test_a_host_name_that_leads_nowhere_yet(door: Door, pair: Pair) -> None:
    """The address is told apart from the name; the certificate must be the name's."""
    door.answer = as_1102(door)
    url = door.url(HOST)
    assert login(url, USER, PASSWORD, pair.certificate, "127.0.0.1", seconds=20) == ""
    assert {ask.headers["host"] for ask in door.seen} == {f"{HOST}:{door.ports[0]}"}
    told = login(door.url("other.example"), USER, PASSWORD, pair.certificate, "127.0.0.1")
    assert "shows another certificate than it should" in told


def test_an_ipv6_address(door: Door) -> None:
    """In brackets in URLs, and without in the certificate."""
    own = tls.self_signed(Machine(), ["::1"])
    with Door(*own) as other:
        other.answer = as_1102(other)
        url = other.url("[::1]")
        assert login(url, USER, PASSWORD, own.certificate, "127.0.0.1", seconds=20) == ""
        assert {ask.headers["host"] for ask in other.seen} == {f"[::1]:{other.ports[0]}"}


def test_another_certificate(door: Door, pair: Pair) -> None:
    """Nothing is asked for, and so nothing is sent."""
    door.answer = as_1102(door)
    other = tls.self_signed(Machine(), ["127.0.0.1"])
    told = login(door.url(), USER, PASSWORD, other.certificate)
    assert "shows another certificate than it should, or one that does not hold" in told
    assert door.seen == []
    assert login(door.url(), USER, PASSWORD, "") == (
        "there is no certificate to verify the gateway's by"
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
def test_a_redirect_to_others_is_told_and_not_followed(
    door: Door, pair: Pair, target: str
) -> None:
    """Another host, port or scheme; the query, which may let somebody in, is not repeated."""
    door.answer = lambda ask: redirect(target.format(port=door.ports[0]))
    told = tried(door, pair)
    assert told.startswith("leads to ")
    assert told.endswith(", away from https://127.0.0.1")
    assert "?" not in told
    assert door.asked() == ["GET /"]


@pytest.mark.parametrize("action", ["https://evil:{port}/", "http://127.0.0.1:{port}/", "//evil"])
def test_a_form_to_others_gets_nothing(door: Door, pair: Pair, action: str) -> None:
    """The password stays here."""
    action = action.format(port=door.ports[0])
    form = f'<form method="post" action="{action}"><input name="login" type="text">'
    form += '<input name="password" type="password"></form>'
    door.answer = lambda ask: page(form)
    assert tried(door, pair).startswith("leads to ")
    assert door.asked() == ["GET /"]


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (redirect("https://[x"), "leads to what is no URL"),
        (page('<form action="https://[x">'), "leads to what is no URL"),
        (redirect("/a b\0c"), "does not answer: "),
    ],
)
def test_links_that_are_none(door: Door, pair: Pair, reply: Reply, told: str) -> None:
    """Told, and nothing else happens."""
    door.answer = lambda ask: reply
    assert told in tried(door, pair)
    assert door.asked() == ["GET /"]


def test_a_form_that_would_send_a_query_is_posted(door: Door, pair: Pair) -> None:
    """A password in a URL would be logged on the way."""
    form = '<form><input name="login"><input name="password" type="password"></form>'
    door.answer = lambda ask: page(form) if ask.method == "GET" else page("no", 500)
    assert "answers 500: no" in tried(door, pair)
    assert [ask.target for ask in door.seen] == ["/", "/"]


def test_no_redirect_sends_a_form_again(door: Door, pair: Pair) -> None:
    """Also where the status asks for it (307)."""
    form = '<form method="post"><input name="login"><input name="p" type="password"></form>'

    def answer(ask: Ask) -> Reply:
        if ask.path == "/next":
            return dashboard(ask)
        return page(form) if ask.method == "GET" else redirect("/next", status=307)

    door.answer = answer
    assert tried(door, pair) == ""
    assert door.asked() == ["GET /", "POST /", "GET /next"]


def test_a_session_that_is_not_kept(door: Door, pair: Pair) -> None:
    """No wrong password, but a broken guard: the form comes back, and is not filled in again."""
    door.answer = as_102(door, forgets=True)
    told = tried(door, pair)
    assert told.endswith("/dex/auth/local asks for the login again after it was made")
    assert len([ask for ask in door.seen if ask.method == "POST"]) == 1


def test_no_login_at_all(door: Door, pair: Pair) -> None:
    """An open dashboard is no success."""
    assert tried(door, pair).endswith("/ answers without asking for a login")


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(503, body="no healthy upstream"), "answers 503: no healthy upstream"),
        (Reply(404), "answers 404: no word"),
        (
            page("<title>x</title><h2>Bad Request</h2><p>Unregistered redirect_uri</p>", 400),
            "answers 400: Bad Request Unregistered redirect_uri",
        ),
        (page("<![broken <p>words", 500), "answers 500: "),
        (Reply(500, body="long " * 200), "answers 500: " + ("long " * 200)[:160]),
    ],
)
def test_what_else_may_come(door: Door, pair: Pair, reply: Reply, told: str) -> None:
    """Status and first words."""
    door.answer = lambda ask: reply
    assert told in tried(door, pair)


def test_a_circle(door: Door, pair: Pair) -> None:
    """It ends after twenty pages."""
    door.answer = lambda ask: redirect("/" + str(len(door.seen)))
    assert tried(door, pair).endswith("no end after 20 pages")
    assert len(door.seen) == 21


def test_nobody_answers(door: Door, pair: Pair) -> None:
    """With the system's reason."""
    url = f"https://127.0.0.1:{door.ports[0]}"
    door.__exit__()
    assert login(url, USER, PASSWORD, pair.certificate) == (
        f"{url}/ does not answer: Connection refused"
    )


def test_an_answer_in_drops_ends_with_the_time(door: Door, pair: Pair) -> None:
    """However often something comes."""

    def drops() -> Iterator[str]:
        for _ in range(40):
            time.sleep(0.1)
            yield "<p>"

    door.answer = lambda ask: Reply(200, parts=drops())
    start = time.monotonic()
    told = login(door.url(), USER, PASSWORD, pair.certificate, seconds=0.5)
    assert time.monotonic() - start < 2
    assert "timed out" in told


def test_time_is_limited(door: Door, pair: Pair) -> None:
    """One slow page uses it up."""

    def slow(ask: Ask) -> Reply:
        time.sleep(1.5)
        return redirect("/")

    door.answer = slow
    start = time.monotonic()
    told = login(door.url(), USER, PASSWORD, pair.certificate, seconds=0.5)
    assert time.monotonic() - start < 1.4
    assert "timed out" in told


def read(text: str, status: int = 200, location: str = "") -> Page:
    """Make a page."""
    return Page("https://host/a/b?c=d", status, location, text)


def test_forms_are_read() -> None:
    """Entities, relative actions, no action, what stands outside of forms."""
    text = (
        '<input name="stray"><form method=POST action="/x?a=1&amp;b=2"><input NAME=login>'
        '<input type=hidden name=t value="&quot;&lt;"><button name=x>go</button></form>'
        '<form action="c"></form><form></form>'
    )
    first, second, third = forms(read(text))
    assert (first.action, first.method) == ("https://host/x?a=1&b=2", "post")
    assert [tuple(one) for one in first.fields] == [("login", "", ""), ("t", '"<', "hidden")]
    assert (second.action, second.method) == ("https://host/a/c", "get")
    assert third.action == "https://host/a/b?c=d"


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (read("", 302, "https://host/dex/auth?client_id=a"), True),
        (read("", 302, "https://host:5556/dex/auth?client_id=a"), True),
        (read("", 302, "https://host/?to=/dex/auth"), False),
        (read('<form action="/oauth2/start">', 403), True),
        (read('<form action="/oauth2/start">', 200), False),
        (read('<form action="/other">', 403), False),
        (read("RBAC: access denied", 403), False),
        (read("{}", 401), False),
        (read("dashboard"), False),
    ],
)
def test_what_leads_to_the_login(found: Page, right: bool) -> None:
    """The two forms of it, and near misses."""
    assert asks_for_login(found) is right
