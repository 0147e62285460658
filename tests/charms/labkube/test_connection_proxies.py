"""Requests to an API server through a real proxy, and without it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from helpers.fake_apis.scripted_api import ScriptedApi
from helpers.recording_proxy import RecordingProxy
from labcharm.proxies import DIRECT, ProxyError, ProxySettings
from labkube.client.access import Access
from labkube.client.api import Api, ApiError

VERSION = {"major": "1", "minor": "35"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedApi]:
    """Run an API server whose certificate is for names that do not exist, too."""
    directory = tmp_path_factory.mktemp("api")
    names = "IP:127.0.0.1,IP:192.0.2.1,IP:fd00::1,DNS:api.lab.example"
    with ScriptedApi(directory, {"/version": lambda _: (200, VERSION)}, names=names) as api:
        yield api


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    """Run a proxy."""
    with RecordingProxy() as recording:
        yield recording


def port_of(server: ScriptedApi) -> str:
    return server.url.rpartition(":")[2]


def version(server: ScriptedApi, host: str, proxies: ProxySettings) -> tuple[int, int]:
    """Request the version of a server under a name."""
    access = Access(f"https://{host}:{port_of(server)}", server.ca, "token-of-the-admin")
    with closing(Api(access, 0.0, proxies=proxies)) as api:
        return api.version()


@pytest.mark.parametrize("host", ["api.lab.example", "192.0.2.1", "[fd00::1]"])
def test_api_is_reached_through_the_proxy(
    server: ScriptedApi, proxy: RecordingProxy, host: str
) -> None:
    """TLS is between the charm and the API server, so the proxy does not see the token."""
    assert version(server, host, ProxySettings("", proxy.url, "10.0.0.0/8")) == (1, 35)
    assert proxy.requests == [f"CONNECT {host}:{port_of(server)}"]
    assert server.authorizations[-1] == "Bearer token-of-the-admin"


@pytest.mark.parametrize("no_proxy", ["", "lab.example", "127.0.0.0/8"])
def test_local_machine_is_reached_directly(
    server: ScriptedApi, proxy: RecordingProxy, no_proxy: str
) -> None:
    assert version(server, "127.0.0.1", ProxySettings("", proxy.url, no_proxy)) == (1, 35)
    assert proxy.requests == []


@pytest.mark.parametrize("no_proxy", ["192.0.2.0/24", "10.0.0.0/8, 192.0.2.1", "*"])
def test_exempt_address_is_reached_directly(
    server: ScriptedApi, proxy: RecordingProxy, no_proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets: list[object] = []

    def connect(address: tuple[str, int], *_: object) -> socket.socket:
        targets.append(address)
        return real_connect(("127.0.0.1", address[1]), 10)

    real_connect = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", connect)

    assert version(server, "192.0.2.1", ProxySettings("", proxy.url, no_proxy)) == (1, 35)
    assert targets == [("192.0.2.1", int(port_of(server)))]
    assert proxy.requests == []


@pytest.mark.parametrize("names", [("HTTPS_PROXY", "NO_PROXY"), ("https_proxy", "no_proxy")])
def test_environment_is_not_read(
    server: ScriptedApi, proxy: RecordingProxy, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    """The settings are read in one place, with all exceptions."""
    monkeypatch.setenv(names[0], proxy.url)
    monkeypatch.setenv(names[1], "")

    assert version(server, "127.0.0.1", DIRECT) == (1, 35)
    assert proxy.requests == []


def test_password_of_the_proxy_is_sent_to_the_proxy_alone(
    server: ScriptedApi, proxy: RecordingProxy
) -> None:
    settings = ProxySettings("", proxy.url.replace("://", "://jo:geheim@"))

    assert version(server, "api.lab.example", settings) == (1, 35)
    assert proxy.authorizations == ["Basic am86Z2VoZWlt"]
    assert server.authorizations[-1] == "Bearer token-of-the-admin"


def test_refusal_of_the_proxy_names_it_and_the_setting(
    server: ScriptedApi, proxy: RecordingProxy
) -> None:
    proxy.refusal = 403
    with pytest.raises(ApiError) as raised:
        version(server, "192.0.2.1", ProxySettings("", proxy.url.replace("://", "://jo:geheim@")))

    assert str(raised.value) == (
        f"the API cannot be reached: proxy {proxy.url[7:]}: 403 Forbidden; fix it or add 192.0.2.1"
        " to juju-no-proxy"
    )


def test_proxy_that_does_not_answer_is_named(server: ScriptedApi) -> None:
    with pytest.raises(ApiError, match=r"proxy 127\.0\.0\.1:1: Connection refused"):
        version(server, "api.lab.example", ProxySettings("", "http://127.0.0.1:1"))


def test_proxy_that_cannot_be_used_blocks(server: ScriptedApi) -> None:
    with pytest.raises(ProxyError):
        version(server, "api.lab.example", ProxySettings("", "socks5://127.0.0.1:1"))


def test_certificate_is_verified_behind_the_proxy(
    server: ScriptedApi, proxy: RecordingProxy
) -> None:
    with pytest.raises(ApiError, match=r"(?i)certificate"):
        version(server, "other.lab.example", ProxySettings("", proxy.url))
