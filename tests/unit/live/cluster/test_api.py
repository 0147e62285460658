"""Access to a cluster through the package kubernetes, and servers that answer badly."""

from __future__ import annotations

import base64
import contextlib
import gc
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from botlab.live.cluster.access import ClusterAccess, ClusterError
from botlab.live.cluster.api import open_cluster, proxy_of_environment
from botlab.live.cluster.model import Node, StorageClass
from helpers.fake_apis.scripted_api import ScriptedApi, make_certificate
from helpers.kubeconfigs import kubeconfig_of, kubeconfig_text

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "NO_PROXY")
SECRET = "-".join(("token", "of", "the", "admin"))


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the proxies of the environment."""
    for name in (*PROXIES, "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ScriptedApi]:
    """Run a server."""
    with ScriptedApi(tmp_path / "api") as server:
        yield server


@contextlib.contextmanager
def opened(api: ScriptedApi, seconds: float = 5, **user: str) -> Iterator[ClusterAccess]:
    """Open the cluster of a server."""
    text = kubeconfig_of(api.url, api.ca, **(user or {"token": SECRET}))
    with contextlib.closing(open_cluster(text, "the text", seconds=seconds)) as cluster:
        yield cluster


def failure(api: ScriptedApi, seconds: float = 5) -> str:
    """Return the message of a request for the version that fails, without the URL."""
    with opened(api, seconds) as cluster, pytest.raises(ClusterError) as raised:
        cluster.version()
    assert SECRET not in str(raised.value)
    return str(raised.value).removeprefix(api.url)


def test_token_is_sent(api: ScriptedApi) -> None:
    api.answers["/version"] = lambda _: (200, {"gitVersion": "v1.35.2"})

    with opened(api) as cluster:
        assert cluster.version() == "v1.35.2"
    assert api.authorizations == [f"Bearer {SECRET}"]


def test_name_and_password_are_sent(api: ScriptedApi) -> None:
    api.answers["/version"] = lambda _: (200, {"gitVersion": "v1.13.12"})

    with opened(api, username="admin", password="secret") as cluster:  # noqa: S106
        cluster.version()
    assert api.authorizations == ["Basic " + base64.b64encode(b"admin:secret").decode()]


def test_long_list_is_read_page_by_page(api: ScriptedApi) -> None:
    def page(handler: BaseHTTPRequestHandler) -> tuple[int, Any]:
        is_last = "continue=next" in handler.path
        names = ["a"] if is_last else ["c", "b"]
        items = [{"metadata": {"name": name}} for name in names]
        return 200, {"metadata": {"continue": "" if is_last else "next"}, "items": items}

    api.answers["/apis/storage.k8s.io/v1/storageclasses"] = page

    with opened(api) as cluster:
        assert cluster.storage_classes() == [StorageClass(name) for name in "abc"]
    assert api.requests == [
        "/apis/storage.k8s.io/v1/storageclasses?limit=500",
        "/apis/storage.k8s.io/v1/storageclasses?limit=500&continue=next",
    ]


def test_lists_are_sorted_by_namespace_and_name(api: ScriptedApi) -> None:
    """The API sorts them by other keys while a list is read page by page."""
    names = [("b", "a"), ("a", "z"), ("a", "b")]
    items = [
        {
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"type": "LoadBalancer"},
        }
        for namespace, name in names
    ]
    for path in ("/api/v1/pods", "/api/v1/services", "/api/v1/nodes"):
        api.answers[path] = lambda _: (200, {"items": items})

    with opened(api) as cluster:
        assert [(pod.namespace, pod.name) for pod in cluster.pods()] == sorted(names)
        services = cluster.load_balancers()
        assert [(service.namespace, service.name) for service in services] == sorted(names)
        assert [node.name for node in cluster.nodes()] == ["a", "b", "z"]


def test_list_without_an_end_is_an_error(api: ScriptedApi) -> None:
    api.answers["/api/v1/nodes"] = lambda _: (200, {"metadata": {"continue": "next"}})

    with opened(api) as cluster, pytest.raises(ClusterError, match="has more than 200000 objects"):
        cluster.nodes()


def test_strange_objects_have_defaults(api: ScriptedApi) -> None:
    items = [{"metadata": None, "status": {"conditions": [None, 1]}}, "text", None]
    api.answers["/api/v1/nodes"] = lambda _: (200, {"items": items})

    with opened(api) as cluster:
        assert cluster.nodes() == [Node("", message="its kubelet reports nothing")]


@pytest.mark.parametrize(
    ("status", "document", "message"),
    [
        (
            401,
            {"message": "Unauthorized"},
            ": answers with status 401 (Unauthorized); its token or certificate is wrong or has"
            " expired; fetch it anew with botlab kubeconfig",
        ),
        (
            403,
            {"message": "nodes is forbidden"},
            ": answers with status 403 (nodes is forbidden); use a kubeconfig of an administrator"
            " of the cluster",
        ),
        (
            429,
            {"message": ["not", "a", "text"]},
            ": answers with status 429; the API has too many requests; try again",
        ),
        (503, {}, ": answers with status 503; the API is not ready; try again in a minute"),
        (
            502,
            b"<html>Bad Gateway</html>",
            ": answers with status 502; check the address of the API and the proxies in between",
        ),
        (
            302,
            {},
            ": answers with status 302; check the address of the API and the proxies in between",
        ),
        (
            200,
            b'{"gitVersion": "v1.3',
            ": does not answer with JSON; check that it is the Kubernetes API",
        ),
        (200, b"[" * 100_000, ": does not answer with JSON; check that it is the Kubernetes API"),
        (200, [], ": does not answer with JSON; check that it is the Kubernetes API"),
        (200, {"gitVersion": 1}, ": names no version; check that it is Kubernetes"),
    ],
)
def test_bad_answer_is_explained(
    api: ScriptedApi, status: int, document: Any, message: str
) -> None:
    api.answers["/version"] = lambda _: (status, document)

    assert failure(api) == message


def test_redirection_gets_no_token(api: ScriptedApi) -> None:
    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{api.url}/elsewhere")
        handler.end_headers()

    api.answers["/version"] = redirect

    failure(api)
    assert api.requests == ["/version"]


def test_server_that_is_silent_ends_at_the_limit(api: ScriptedApi) -> None:
    release = threading.Event()
    api.answers["/version"] = lambda _: release.wait(30) and None

    start = time.monotonic()
    message = failure(api, 0.5)
    release.set()

    assert message == (
        ": no answer within 0.5 seconds; check that the API is up and that this machine reaches it"
    )
    assert time.monotonic() - start < 10


def test_server_that_sends_byte_by_byte_ends_at_the_limit(api: ScriptedApi) -> None:
    """Each byte begins a new time limit of the connection."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    api.answers["/version"] = drip

    start = time.monotonic()
    message = failure(api, 1)

    assert message.startswith(": no answer within 1 seconds")
    assert time.monotonic() - start < 8


def test_answer_that_ends_early_is_explained(api: ScriptedApi) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"gitVersion":')

    api.answers["/version"] = half

    assert failure(api).startswith(": cannot be reached from this machine (")


def test_certificate_of_another_authority_is_refused(api: ScriptedApi, tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path / "other")
    text = kubeconfig_of(api.url, certificate.read_text(), token=SECRET)
    cluster = open_cluster(text, "the text", seconds=5)

    with contextlib.closing(cluster), pytest.raises(ClusterError) as raised:
        cluster.version()
    message = str(raised.value)
    assert message.startswith(f"{api.url}: its certificate is not trusted ([SSL: CERTIFICATE_VERI")
    assert message.endswith(
        "if the cluster was deployed anew, fetch its kubeconfig with botlab kubeconfig"
    )
    assert api.requests == []


def test_certificate_for_another_host_is_refused(api: ScriptedApi) -> None:
    url = api.url.replace("127.0.0.1", "localhost")
    cluster = open_cluster(kubeconfig_of(url, api.ca, token=SECRET), "the text", seconds=5)

    with contextlib.closing(cluster), pytest.raises(ClusterError, match="is not trusted"):
        cluster.version()


def test_damaged_certificate_is_refused_before_a_request(api: ScriptedApi) -> None:
    with pytest.raises(ClusterError) as raised:
        open_cluster(kubeconfig_text(api.url), "the text")
    assert str(raised.value) == (
        f"{api.url}: a certificate or a key of the kubeconfig is damaged, or they do not belong"
        " together; fetch the kubeconfig anew with botlab kubeconfig"
    )


def test_server_that_is_not_there_is_explained(tmp_path: Path) -> None:
    certificate, _ = make_certificate(tmp_path / "other")
    text = kubeconfig_of("https://127.0.0.1:1", certificate.read_text(), token=SECRET)
    cluster = open_cluster(text, "the text", seconds=5)

    with contextlib.closing(cluster), pytest.raises(ClusterError) as raised:
        cluster.version()
    assert str(raised.value) == (
        "https://127.0.0.1:1: cannot be reached from this machine (Failed to establish a new"
        " connection: [Errno 111] Connection refused); run the command on a machine in the network"
        " of the lab, or give a kubeconfig with another address with --kubeconfig"
    )


def test_keys_are_in_private_files_until_the_cluster_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = make_certificate(tmp_path / "own")
    data = {
        name: base64.b64encode(path.read_bytes()).decode()
        for name, path in (("client_certificate_data", certificate), ("client_key_data", key))
    }
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = kubeconfig_of("https://127.0.0.1:1", certificate.read_text(), **data)

    cluster = open_cluster(text, "the text")
    files = sorted(tmp_path.glob("botlab-*/*"))
    modes = [(path.name, path.stat().st_mode & 0o777) for path in files]
    cluster.close()
    gc.collect()

    assert modes == [("ca", 0o600), ("certificate", 0o600), ("key", 0o600)]
    assert list(tmp_path.glob("botlab-*")) == []


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "http://p:3128"}, "http://p:3128"),
        ({"HTTP_PROXY": "http://p:3128"}, None),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "192.168.1.0/24"}, None),
        ({"HTTPS_PROXY": "http://p:3128", "no_proxy": "192.168.1.10"}, None),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "10.0.0.0/8"}, "http://p:3128"),
    ],
)
def test_proxy_of_the_environment_obeys_no_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], proxy: str | None
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)

    assert proxy_of_environment("https://192.168.1.10:6443") == proxy


@contextlib.contextmanager
def refusing_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """Run a proxy that refuses every connection; yield its URL and the requests that it gets."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    link, _ = server.accept()
                    with link:
                        requests.append(link.recv(65536))
                        link.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://user:hunter2@127.0.0.1:{server.getsockname()[1]}", requests
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("excluded", ["", "localhost"])
def test_proxy_of_the_environment_is_used_and_its_refusal_explained(
    api: ScriptedApi, monkeypatch: pytest.MonkeyPatch, excluded: str
) -> None:
    with refusing_proxy() as (url, requests):
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("NO_PROXY", excluded)
        message = failure(api)

    port = api.url.rpartition(":")[2]
    assert requests[0].startswith(f"CONNECT 127.0.0.1:{port} HTTP/1.".encode())
    assert SECRET.encode() not in b"".join(requests)
    assert "the proxy of HTTPS_PROXY does not connect to it" in message
    assert "hunter2" not in message


def test_no_proxy_excludes_the_api(api: ScriptedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself, the package kubernetes would use the proxy for every host."""
    api.answers["/version"] = lambda _: (200, {"gitVersion": "v1.35.2"})
    with refusing_proxy() as (url, requests):
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("HTTP_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
        with opened(api) as cluster:
            assert cluster.version() == "v1.35.2"
    assert requests == []


def test_proxy_that_cannot_be_used_is_an_error(
    api: ScriptedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:hunter2@127.0.0.1:1080")

    with pytest.raises(ClusterError) as raised:
        open_cluster(kubeconfig_of(api.url, api.ca, token=SECRET), "the text")
    assert str(raised.value) == (
        f"{api.url}: the proxy of the kubeconfig or of HTTPS_PROXY cannot be used; it must be a"
        " URL such as http://proxy.lab.example:3128"
    )
