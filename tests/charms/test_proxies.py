"""Every charm reaches its cluster as the model's proxy settings say, through a real proxy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import CHARMS, load
from helpers.fake_apis.scripted_api import ScriptedApi
from helpers.kubeconfigs import kubeconfig_of
from helpers.kubeflow.gateway_standins import HttpsServer
from helpers.nfs.lab import Lab
from helpers.recording_proxy import RecordingProxy
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.https_client import HttpsClient
from kubeflow_installer.kfctl.proxy import ApiServerConnection
from labcharm.machine import Machine
from labcharm.proxies import ProxySettings
from labkube.client import kubeconfig
from labkube.client.access import Access
from nvidia_runtime.cluster.node import KUBECONFIG, Node

CLASSES = {
    "kubeflow-installer": "KubeflowInstallerCharm",
    "metallb": "MetallbCharm",
    "nfs-server": "NfsServerCharm",
    "nvidia-runtime": "NvidiaRuntimeCharm",
}
OPTIONS = {"metallb": {"addresses": "10.64.0.0/24"}}
# The files that a charm downloads for an empty cluster.
DOWNLOADS = {
    "kubeflow-installer": ["CONNECT github.com:443", "CONNECT codeload.github.com:443"],
    "metallb": ["CONNECT raw.githubusercontent.com:443"],
}
# The modules that may open connections: all others use them, with the settings passed in.
CLIENTS = {
    "shared/lib/labcharm/download.py",
    "shared/lib/labcharm/https_connection.py",
    "shared/lib/labkube/client/connection.py",
    "kubeflow-installer/src/kubeflow_installer/ingress/https_client.py",
    "kubeflow-installer/src/kubeflow_installer/kfctl/proxy.py",
}
LIBRARIES = ("http.client", "kubernetes", "requests", "urllib.request", "urllib3")
HOST = "192.0.2.1"  # reserved for documentation
ADMIN = "the-admin"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedApi]:
    """Run an API server that has nothing but a version."""
    answers = {"/version": lambda _: (200, {"major": "1", "minor": "35"})}
    directory = tmp_path_factory.mktemp("api")
    with ScriptedApi(directory, answers, names=f"IP:127.0.0.1,IP:{HOST}") as api:
        yield api


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingProxy]:
    """Run a proxy; the environment of the tests has no other."""
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with RecordingProxy() as recording:
        yield recording


def run_hook(name: str, url: str, ca: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a hook of a charm's leader, on a machine without programs, with this cluster."""
    monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", str(root))
    monkeypatch.setenv("PATH", str(root / "bin"))
    module = load(name)
    if name == "nfs-server":
        monkeypatch.setattr(module, "FileServer", lambda *_: Lab())
    context = testing.Context(getattr(module, CLASSES[name]), charm_root=CHARMS / name)
    text = kubeconfig_of(url, ca, token=ADMIN)
    config = {**OPTIONS.get(name, {}), "kubeconfig": text}
    context.run(context.on.update_status(), testing.State(leader=True, config=config))


@pytest.mark.parametrize("variables", [
    ("JUJU_CHARM_HTTPS_PROXY", "JUJU_CHARM_NO_PROXY"),
    ("HTTPS_PROXY", "NO_PROXY"),
    ("https_proxy", "no_proxy"),
])  # fmt: skip
@pytest.mark.parametrize("name", CLASSES)
def test_charm_reaches_its_cluster_through_the_models_proxy(
    name: str,
    variables: tuple[str, str],
    server: ScriptedApi,
    proxy: RecordingProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variables[0], proxy.url)
    monkeypatch.setenv(variables[1], "10.0.0.0/8")
    url = server.url.replace("127.0.0.1", HOST)
    run_hook(name, url, server.ca, tmp_path, monkeypatch)

    assert set(proxy.requests) == {f"CONNECT {url[8:]}", *DOWNLOADS.get(name, ())}
    assert server.authorizations[-1] == f"Bearer {ADMIN}"


@pytest.mark.parametrize("name", CLASSES)
def test_charm_reaches_a_cluster_on_its_own_machine_directly(
    name: str,
    server: ScriptedApi,
    proxy: RecordingProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Juju's legacy settings are in the environment of every hook, with a default of NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost,::1")
    before = len(server.requests)
    run_hook(name, server.url, server.ca, tmp_path, monkeypatch)

    assert len(server.requests) > before
    assert set(proxy.requests) == {*DOWNLOADS.get(name, ())}


def test_node_is_read_through_the_proxy(
    server: ScriptedApi, proxy: RecordingProxy, tmp_path: Path
) -> None:
    machine = Machine(str(tmp_path), proxies=ProxySettings("", proxy.url))
    url = server.url.replace("127.0.0.1", HOST)
    kubeconfig.write(machine, KUBECONFIG, Access(url, server.ca, ADMIN))

    assert Node(machine, "node-1").allocatable() == ""
    assert proxy.requests[0] == f"CONNECT {url[8:]}"


def test_kfctls_requests_go_through_the_proxy(server: ScriptedApi, proxy: RecordingProxy) -> None:
    url = server.url.replace("127.0.0.1", HOST)
    access = Access(url, server.ca, ADMIN)
    connection = ApiServerConnection(access, ProxySettings("", proxy.url))
    with connection.open("GET", "/version", {}, b"") as response:
        assert response.read() == b'{"major": "1", "minor": "35"}'
    connection.close()

    assert proxy.requests == [f"CONNECT {url[8:]}"]


@pytest.mark.parametrize(
    ("no_proxy", "is_direct"), [("", False), ("lab.example", True), ("192.0.2.0/24", True)]
)
def test_gateway_is_reached_through_the_proxy_unless_its_name_or_address_is_exempt(
    proxy: RecordingProxy, no_proxy: str, is_direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy is asked for the address, because it may not know the name."""
    pair = tls.self_signed(Machine(), ["kubeflow.lab.example"])
    with HttpsServer(*pair) as server:
        url, settings = server.url("kubeflow.lab.example"), ProxySettings("", proxy.url, no_proxy)
        client = HttpsClient(url, pair.certificate, HOST, proxies=settings, seconds=1)
        if is_direct:
            with pytest.raises(Exception, match="does not answer"):
                client.get(url + "/")
        else:
            assert client.get(url + "/").status == 200

    assert proxy.requests == ([] if is_direct else [f"CONNECT {HOST}:{server.ports[0]}"])


def imported(path: Path) -> set[str]:
    """Return the libraries that a module imports and that open connections."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    own = tuple(f"{library}." for library in LIBRARIES)
    return {name for name in names if f"{name}.".startswith(own)}


def test_only_the_clients_open_connections() -> None:
    """Another one would need the proxy settings as well; add its test here."""
    copies = {"lib/charms", "staged"}
    own = [path for path in CHARMS.rglob("*.py") if not any(name in str(path) for name in copies)]
    openers = {str(path.relative_to(CHARMS)) for path in own if imported(path)}
    unwanted = {name for name in openers - CLIENTS if not name.startswith("packing/")}

    assert unwanted == set()
