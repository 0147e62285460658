"""How long hooks try to reach an API server that is down, on real ports."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.fake_apis.http_api import DictionaryApi
from helpers.fake_apis.scripted_api import make_certificate
from labcharm.machine import Machine
from labkube.charm.attempts import LastAttempt
from labkube.charm.cluster import Cluster
from labkube.client.access import Access
from labkube.client.api import PATIENCE, ApiError
from labkube.client.kubeconfig import write

KUBECONFIG = "/var/lib/lab-charm/kubeconfig"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(str(tmp_path / "root"))


@pytest.fixture
def ca(tmp_path: Path) -> str:
    """Return the certificate of an authority."""
    return make_certificate(tmp_path / "authority")[0].read_text()


@pytest.fixture
def closing_port() -> Iterator[tuple[int, list[int]]]:
    """Return a port whose server closes each connection at once, and a list that counts them."""
    connections: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    listener.accept()[0].close()
                    connections.append(1)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield port, connections
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that does not answer: its queue is full, so Linux drops new connections."""
    with socket.socket() as listener, contextlib.ExitStack() as queue:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            client = queue.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        yield int(listener.getsockname()[1])


def make_cluster(machine: Machine) -> Cluster:
    """Return the cluster of a charm as a new hook sees it."""
    charm: Any = SimpleNamespace()
    return Cluster(charm, machine, KUBECONFIG, lambda _: None)


def request_version(machine: Machine, access: Access) -> float:
    """Request the server's version in a hook; return how many seconds that took."""
    start = time.monotonic()
    with contextlib.suppress(ApiError), make_cluster(machine).connect(access) as api:
        api.version()
    return time.monotonic() - start


def test_only_the_first_hook_repeats_its_request(
    machine: Machine, ca: str, closing_port: tuple[int, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment runs five hooks, one after the other."""
    monkeypatch.setattr("labkube.charm.attempts.PATIENCE", 1.0)
    port, connections = closing_port
    access = Access(f"https://127.0.0.1:{port}", ca, "token")
    counts: list[int] = []
    for _ in range(5):
        before = len(connections)
        request_version(machine, access)
        counts.append(len(connections) - before)

    assert counts[0] > 1
    assert counts[1:] == [1, 1, 1, 1]


def test_hook_gives_up_soon_on_a_server_that_does_not_answer(
    machine: Machine, ca: str, silent_port: int
) -> None:
    """Packets to a machine that is switched off, or to a firewall, get no answer."""
    LastAttempt(machine, f"{KUBECONFIG}.unreachable").record(False)

    assert request_version(machine, Access(f"https://127.0.0.1:{silent_port}", ca, "t")) < 8


def test_hook_that_reaches_the_server_restores_the_patience(
    machine: Machine, ca: str, tmp_path: Path
) -> None:
    last = LastAttempt(machine, f"{KUBECONFIG}.unreachable")
    assert last.patience() == PATIENCE
    last.record(False)
    assert last.patience() == 0

    with DictionaryApi(tmp_path) as server:
        request_version(machine, server.access)
    assert last.patience() == PATIENCE


def test_refused_credentials_are_an_answer(machine: Machine, tmp_path: Path) -> None:
    with DictionaryApi(tmp_path) as server:
        request_version(machine, Access(server.access.url, server.access.ca, "another"))

    assert LastAttempt(machine, f"{KUBECONFIG}.unreachable").patience() == PATIENCE


def test_removal_repeats_its_requests_again(machine: Machine, tmp_path: Path) -> None:
    """It is the last hook that can clean up."""
    last = LastAttempt(machine, f"{KUBECONFIG}.unreachable")
    last.record(False)
    patience: list[float] = []

    def remove(_: Access) -> list[str]:
        patience.append(last.patience())
        return []

    charm: Any = SimpleNamespace(unit=SimpleNamespace(is_leader=lambda: True))
    cluster = Cluster(charm, machine, KUBECONFIG, json.loads)
    with DictionaryApi(tmp_path) as server:
        write(machine, KUBECONFIG, server.access)
        cluster.remove_objects(remove)

    assert patience == [PATIENCE]


def test_marker_is_removed_with_the_kubeconfig(machine: Machine) -> None:
    """A charm that is removed leaves nothing on its machine."""
    LastAttempt(machine, f"{KUBECONFIG}.unreachable").record(False)
    write(machine, KUBECONFIG, Access("https://127.0.0.1:1", "", "token"))
    make_cluster(machine).remove_kubeconfig()

    assert list(Path(machine.path("/var/lib/lab-charm")).iterdir()) == []
