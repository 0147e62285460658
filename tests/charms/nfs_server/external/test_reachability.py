"""Whether another NFS server answers, by real connections."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from labcharm.errors import WaitingError
from nfs_server.external.export import ExternalExport
from nfs_server.external.reachability import check_reachable, reach_check

EXPORT = ExternalExport("127.0.0.1", "/tank")


@pytest.fixture
def port() -> Iterator[int]:
    """Return a port of this machine that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_server_that_accepts_a_connection_is_reachable(port: int) -> None:
    """At the port of the mount options."""
    check_reachable(EXPORT, ["hard", f"port={port}"])

    assert reach_check(EXPORT, [f"port={port}"]).ok


@pytest.mark.parametrize("mount_options", [["nfsvers=4.1"], ["port=0"], ["rdma", "port=20049"]])
def test_port_of_nfs_is_tried_by_default(mount_options: list[str]) -> None:
    """Also where the client asks rpcbind, or where the option names a port of RDMA."""
    tried: list[object] = []

    def connect(address: tuple[str, int], seconds: float) -> socket.socket:
        tried.append(address)
        return socket.socket()

    check_reachable(EXPORT, mount_options, connect)

    assert tried == [("127.0.0.1", 2049)]


def test_closed_port_waits_with_the_reason(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    with pytest.raises(WaitingError) as raised:
        check_reachable(EXPORT, [f"port={closed}"])

    assert str(raised.value) == (
        f"127.0.0.1 does not answer at port {closed}; check external-export and the firewall:"
        " Connection refused"
    )
    assert not reach_check(EXPORT, [f"port={closed}"]).ok


@pytest.mark.parametrize("server", ["nas.invalid", "a" * 64 + ".example"])
def test_name_that_does_not_resolve_waits(server: str) -> None:
    """Also a name that no DNS query can have."""
    with pytest.raises(WaitingError, match="does not answer at port 2049"):
        check_reachable(ExternalExport(server, "/tank"), [])
