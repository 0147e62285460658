"""The model's proxy settings, and downloads through a real proxy."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from helpers.file_server import Server
from helpers.recording_proxy import RecordingProxy
from labcharm.download import DownloadError, download
from labcharm.machine import Machine
from labcharm.proxies import DIRECT, Proxy, ProxyError, ProxySettings, read_settings


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    """Run a proxy."""
    with RecordingProxy() as recording:
        yield recording


@pytest.fixture
def server() -> Iterator[Server]:
    """Run a file server on loopback."""
    with Server() as files:
        files.files["x"] = b"content"
        yield files


OF_CHARMS = {
    "JUJU_CHARM_HTTP_PROXY": "http://a:1",
    "JUJU_CHARM_HTTPS_PROXY": "http://a:2",
    "JUJU_CHARM_NO_PROXY": "lab.example",
}
LEGACY = {"HTTP_PROXY": "http://b:1", "HTTPS_PROXY": "http://b:2", "NO_PROXY": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, DIRECT),
        (OF_CHARMS, ProxySettings("http://a:1", "http://a:2", "lab.example")),
        (LEGACY, ProxySettings("http://b:1", "http://b:2", "10.0.0.0/8")),
        ({name.lower(): text for name, text in LEGACY.items()},
         ProxySettings("http://b:1", "http://b:2", "10.0.0.0/8")),
        ({**LEGACY, **OF_CHARMS}, ProxySettings("http://a:1", "http://a:2", "lab.example")),
        # Juju always sets all three variables, and juju-no-proxy has a default.
        ({"JUJU_CHARM_HTTP_PROXY": "", "JUJU_CHARM_HTTPS_PROXY": "",
          "JUJU_CHARM_NO_PROXY": "127.0.0.1,localhost,::1", **LEGACY},
         ProxySettings("http://b:1", "http://b:2", "10.0.0.0/8")),
    ],
)  # fmt: skip
def test_settings_of_both_kinds_are_read(
    environment: dict[str, str], settings: ProxySettings
) -> None:
    assert read_settings(environment) == settings


def test_proxy_depends_on_the_scheme() -> None:
    settings = ProxySettings("http://a:1", "b:2")

    assert settings.proxy_for("http://x.example/") == Proxy("a", 1)
    assert settings.proxy_for("https://x.example/") == Proxy("b", 2)
    assert ProxySettings("http://a:1").proxy_for("https://x.example/") is None


@pytest.mark.parametrize(
    ("setting", "host", "port"),
    [
        ("http://proxy.example:3128/", "proxy.example", 3128),
        ("proxy.example:3128", "proxy.example", 3128),
        ("http://proxy.example", "proxy.example", 80),
        ("http://[fd00::1]:3128", "fd00::1", 3128),
    ],
)
def test_proxy_is_read_in_the_forms_that_people_write(setting: str, host: str, port: int) -> None:
    assert ProxySettings(setting).proxy_for("http://x.example") == Proxy(host, port)


@pytest.mark.parametrize("setting", ["https://p:1", "socks5://p:1", "http://p:port", "http://:1"])
def test_proxy_that_cannot_be_used_is_named_without_its_password(setting: str) -> None:
    secret = setting.replace("://", "://jo:geheim@")
    with pytest.raises(ProxyError) as raised:
        ProxySettings("", secret).proxy_for("https://x.example")

    assert str(raised.value).startswith("model setting juju-https-proxy: ")
    assert "is not http://HOST:PORT; correct it with juju model-config" in str(raised.value)
    assert "geheim" not in str(raised.value)
    assert raised.value.scheme == "https"


def test_representations_hold_no_password() -> None:
    settings = ProxySettings("http://jo:geheim@p:1", "http://jo:geheim@p:1", "lab.example")
    proxy = settings.proxy_for("http://x.example")

    assert repr(settings) == "ProxySettings(no_proxy='lab.example')"
    assert repr(proxy) == "Proxy('p:1')"


def test_programs_get_the_settings_in_lower_and_in_upper_case() -> None:
    """Settings that are empty are left out. Not every program accepts spaces in no_proxy."""
    assert ProxySettings("http://p:1", "", "10.0.0.0/8, lab.example").environment() == {
        "http_proxy": "http://p:1",
        "HTTP_PROXY": "http://p:1",
        "no_proxy": "10.0.0.0/8,lab.example",
        "NO_PROXY": "10.0.0.0/8,lab.example",
    }
    assert DIRECT.environment() == {}


def test_programs_do_not_inherit_other_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "no_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://inherited:1")
    machine = Machine(proxies=ProxySettings("", "http://p:1", "lab.example"))

    lines = machine.check(["env"]).splitlines()
    assert sorted(line for line in lines if "proxy" in line.lower().partition("=")[0]) == [
        "HTTPS_PROXY=http://p:1",
        "NO_PROXY=lab.example",
        "https_proxy=http://p:1",
        "no_proxy=lab.example",
    ]


@pytest.mark.parametrize(
    ("host", "no_proxy", "is_direct"),
    [
        ("127.0.0.1", "", True),
        ("127.0.0.1", "lab.example", True),
        ("files.lab.example", "", False),
        ("192.0.2.1", "10.0.0.0/8", False),
    ],
)
def test_download_uses_the_proxy_except_for_the_local_machine(
    proxy: RecordingProxy, server: Server, host: str, no_proxy: str, is_direct: bool
) -> None:
    url = server.url.replace("127.0.0.1", host) + "/x"
    target = io.BytesIO()
    download(url, target, ProxySettings(proxy.url, "", no_proxy), 100)

    assert target.getvalue() == b"content"
    assert proxy.requests == ([] if is_direct else [f"GET {url}"])


@pytest.mark.parametrize("no_proxy", ["192.0.2.0/24", ".192.0.2.1, 192.0.2.1", "*"])
def test_download_of_an_exempt_host_is_direct(
    proxy: RecordingProxy, server: Server, no_proxy: str
) -> None:
    """The address is reserved for documentation, so a direct connection ends in an error."""
    url = server.url.replace("127.0.0.1", "192.0.2.1") + "/x"
    with pytest.raises(DownloadError):
        download(url, io.BytesIO(), ProxySettings(proxy.url, "", no_proxy), 100, timeout=0.2)

    assert proxy.requests == []


def test_download_ignores_the_environment(
    proxy: RecordingProxy, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    url = server.url.replace("127.0.0.1", "files.lab.example") + "/x"
    download(url, io.BytesIO(), ProxySettings(proxy.url), 100)

    assert proxy.requests == [f"GET {url}"]


def test_password_of_the_proxy_is_sent_to_the_proxy(proxy: RecordingProxy, server: Server) -> None:
    """A password may contain characters that are encoded in a URL."""
    setting = proxy.url.replace("://", "://jo:a%40b@")
    url = server.url.replace("127.0.0.1", "files.lab.example") + "/x"
    download(url, io.BytesIO(), ProxySettings(setting), 100)

    assert proxy.authorizations == ["Basic am86YUBi"]


def test_redirect_to_an_exempt_host_leaves_the_proxy(
    proxy: RecordingProxy, server: Server
) -> None:
    """The way is chosen anew for each request."""
    server.redirects["moved"] = f"{server.url}/x"
    url = server.url.replace("127.0.0.1", "files.lab.example") + "/moved"
    target = io.BytesIO()
    download(url, target, ProxySettings(proxy.url), 100)

    assert target.getvalue() == b"content"
    assert proxy.requests == [f"GET {url}"]
    assert server.requests == ["/moved", "/x"]


def test_refusal_of_the_proxy_is_a_download_error(proxy: RecordingProxy, server: Server) -> None:
    proxy.refusal = 407
    url = server.url.replace("127.0.0.1", "files.lab.example") + "/x"
    with pytest.raises(DownloadError, match="407: Proxy Authentication Required"):
        download(url, io.BytesIO(), ProxySettings(proxy.url), 100)
