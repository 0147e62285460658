"""The check of the load balancers: each has an address, and an address answers this machine."""

from __future__ import annotations

import enum
import functools
import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence

from ..cluster.access import ClusterAccess
from ..cluster.model import LoadBalancer, Node
from ..parallel import call_all
from ..time_limits import Deadline
from .report import Check

_NAME = "load-balancer"
_MOST_PROBES = 20
_KUBELET_PORT = 10250
_SSH_PORT = 22
PROBE_SECONDS = 3.0


class Reach(enum.Enum):
    """What came of an attempt to connect."""

    ANSWERED = enum.auto()
    REFUSED = enum.auto()
    SILENT = enum.auto()


Probe = Callable[[str, int], Reach]


def tcp_probe(address: str, port: int) -> Reach:
    """Connect to an address from this machine, and close the connection."""
    try:
        with socket.create_connection((address, port), timeout=PROBE_SECONDS):
            return Reach.ANSWERED
    except ConnectionRefusedError:
        return Reach.REFUSED
    except OSError:
        return Reach.SILENT


def balancer_check(cluster: ClusterAccess, probe: Probe) -> Check:
    """Return the check that load balancers have addresses, and that an address answers.

    Args:
        cluster: The cluster.
        probe: Connects to an address.
    """
    services = cluster.load_balancers()
    without = [_title(service) for service in services if not service.addresses]
    if without:
        return Check(
            _NAME,
            False,
            f"without an address: {', '.join(without)}; see the status of metallb, and the free"
            " addresses with botlab status",
        )
    targets = [service for service in services if service.tcp_ports][:_MOST_PROBES]
    if not targets:
        return Check(
            _NAME,
            True,
            "the cluster has no service of the type LoadBalancer with a TCP port; the checks of"
            " metallb create one of their own",
        )
    return _reach_check(targets, cluster, probe)


def _reach_check(targets: Sequence[LoadBalancer], cluster: ClusterAccess, probe: Probe) -> Check:
    pairs = [(service.addresses[0], service.tcp_ports[0]) for service in targets]
    titles = [_with_address(service) for service in targets]
    reaches = dict(zip(titles, _probe_all(pairs, probe), strict=True))
    answering = [title for title in titles if reaches[title] is Reach.ANSWERED]
    silent = [title for title in titles if reaches[title] is not Reach.ANSWERED]
    if answering:
        more = f"; without an answer: {', '.join(silent)}" if silent else ""
        return Check(_NAME, True, f"{answering[0]} answers{more}")
    if Reach.REFUSED in reaches.values():
        return Check(
            _NAME,
            False,
            f"no connection is accepted: {', '.join(silent)}; check that a ready pod is behind the"
            " service (kubectl get endpoints -A)",
        )
    return _silence_check(silent, cluster.nodes(), probe)


def _silence_check(silent: Sequence[str], nodes: Sequence[Node], probe: Probe) -> Check:
    """Return the check for addresses that do not answer: the lab's fault, or this machine's."""
    pairs = [
        (address, port)
        for node in nodes[:_MOST_PROBES]
        for address in node.addresses
        if _is_address(address)
        for port in (_KUBELET_PORT, _SSH_PORT)
    ]
    if all(reach is Reach.SILENT for reach in _probe_all(pairs, probe)):
        return Check(
            _NAME,
            True,
            f"not tested: this machine reaches neither {silent[0]} nor the nodes, so it is not in"
            " the network of the lab; run the command on a machine that is",
        )
    return Check(
        _NAME,
        False,
        f"no answer from {', '.join(silent)}, although this machine reaches the nodes; check that"
        " the pool is in the network of the nodes, and see the checks of metallb",
    )


def _probe_all(pairs: Iterable[tuple[str, int]], probe: Probe) -> list[Reach]:
    """Probe all addresses at the same time. The search for a host name may take too long."""
    calls = [functools.partial(probe, address, port) for address, port in pairs]
    outcomes = call_all(calls, Deadline(3 * PROBE_SECONDS), limit=_MOST_PROBES)
    return [outcome.value() if outcome else Reach.SILENT for outcome in outcomes]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _title(service: LoadBalancer) -> str:
    return f"{service.namespace}/{service.name}"


def _with_address(service: LoadBalancer) -> str:
    address = service.addresses[0]
    host = f"[{address}]" if ":" in address else address
    return f"{_title(service)} at {host}:{service.tcp_ports[0]}"
