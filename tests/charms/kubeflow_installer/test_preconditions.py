"""What a release needs: figures, this machine's limits, flags and an API that refuses."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kubeflow_installer.preflight import nodes as nodes_module
from kubeflow_installer.preflight.checks import NAMES, Preconditions, Problem
from kubeflow_installer.preflight.load_balancer import Probe
from kubeflow_installer.preflight.nodes import quantity
from kubeflow_installer.releases import table
from labcharm.machine import Machine, Result
from labkube.apply.objects import Objects
from labkube.client.api import ApiError


def release(**figures: Any) -> Any:
    """Return what is asked of a release."""
    known = {"name": "1.0.2", "cpu": 4, "memory": 12, "disk": 50, "whole": False}
    return SimpleNamespace(**{**known, "projection": True, **figures})


NOTHING = SimpleNamespace(
    namespaces=(), workloads=(), claims=(), definitions=(), webhooks=(), at_run_time=()
)


class Here(Machine):
    """A machine with these addresses, whose files are below a folder."""

    def __init__(self, root: Path, *addresses: str) -> None:
        super().__init__(str(root))
        self._addresses = addresses

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer the one command that is asked of it."""
        assert command == ["hostname", "-I"]
        return Result(0, " ".join(self._addresses) + " \n", "")


def with_files(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for path, text in files.items():
        (root / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (root / path.lstrip("/")).write_text(text, encoding="utf-8")
    return root


# Quantities, as apimachinery's own table of tests has them.


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0), ("100", 100), ("+7", 7), ("-7", -7), ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)), ("5.", 5),
        ("100m", Fraction(1, 10)), ("1u", Fraction(1, 10**6)), ("1n", Fraction(1, 10**9)),
        ("1k", 1000), ("1M", 10**6), ("1G", 10**9), ("1T", 10**12), ("1P", 10**15), ("1E", 10**18),
        ("1Ki", 1024), ("1Mi", 1024**2), ("1.5Gi", 3 * 1024**3 // 2), ("1Ti", 1024**4),
        ("1Pi", 1024**5), ("1Ei", 1024**6),
        ("1e3", 1000), ("1E3", 1000), ("1.25e2", 125), ("5e-1", Fraction(1, 2)), ("2e+2", 200),
        ("16388176Ki", 16388176 * 1024),
    ],
)  # fmt: skip
def test_quantities(text: str, amount: Fraction) -> None:
    assert quantity(text) == amount


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1 Gi", "1gi", "1K", "1ki", "1e", "e3", "1e3Ki", "1.5.5", "0x10",
             "1_000", "--1", "1e99999", "٣", "1\n", "Infinity", "nan"],
)  # fmt: skip
def test_no_quantities(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no quantity; 1\.5Gi, 500m and 2e3 are"):
        quantity(text)


# Nodes.


def node(
    name: str, cpu: str = "4", memory: str = "16Gi", disk: str | None = "100Gi", **more: Any
) -> Any:
    """Return a node that is ready."""
    capacity = {"cpu": cpu, "memory": memory}
    if disk is not None:
        capacity["ephemeral-storage"] = disk
    addresses = [{"type": "InternalIP", "address": more.pop("address", "192.0.2.1")}]
    conditions = [{"type": "Ready", "status": more.pop("ready", "True")}]
    status = {"capacity": capacity, "conditions": conditions, "addresses": addresses}
    return {"metadata": {"name": name}, "spec": more, "status": status}


ONE = nodes_module.need_of(release())
ALL = nodes_module.need_of(release(cpu=4.4, memory=12.3, disk=65, whole=True))
LATER = nodes_module.need_of(table.find("1.10.2"))


@pytest.mark.parametrize(
    "nodes",
    [
        [node("a")],
        [node("a", cpu="1"), node("b")],
        # What firmware, kernel and file system keep of 12 GiB and of 50 GB.
        [node("a", memory="11.45Gi", disk="47.6G")],
        [node("a", disk=None)],
        [node("a", disk="unreadable")],
        [node("a", taints=[{"key": "gpu", "effect": "PreferNoSchedule"}])],
    ],
)
def test_a_node_that_does(nodes: list[Any]) -> None:
    assert nodes_module.short_of(nodes, ONE) == ""


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([node("a", cpu="3999m")], "(a: 3.999 CPUs, 16 GiB, 107.4 GB)"),
        ([node("a", memory="11.3Gi")], "(a: 4 CPUs, 11.3 GiB, 107.4 GB)"),
        ([node("a", disk="47G")], "(a: 4 CPUs, 16 GiB, 47 GB)"),
        ([node("a", cpu="2"), node("b", disk="1G")],
         "(a: 2 CPUs, 16 GiB, 107.4 GB, b: 4 CPUs, 16 GiB, 1 GB)"),
        ([node("a", cpu="2", disk=None)], "(a: 2 CPUs, 16 GiB, ? GB)"),
    ],
)  # fmt: skip
def test_nodes_that_do_not_do(nodes: list[Any], told: str) -> None:
    """No node has all three, though two have them together."""
    wanted = "no node that takes pods has 4 CPUs, 12 GiB of memory and 50 GB of disk"
    assert nodes_module.short_of(nodes, ONE) == f"{wanted} {told}; add a larger worker"


def test_all_nodes_together() -> None:
    """Figures for the whole cluster are met by the sum of the nodes that take pods."""
    two = [node("a", cpu="2200m", memory="6.2Gi", disk="35Gi") for _ in range(2)]
    assert nodes_module.short_of(two, ALL) == ""
    assert nodes_module.short_of([*two[:1], node("b", cpu="64", ready="Unknown")], ALL) == (
        "the nodes that take pods have not 4.4 CPUs, 12.3 GiB of memory and 65 GB of disk"
        " (all 1 together: 2.2 CPUs, 6.2 GiB, 37.58 GB); add a larger worker"
    )
    assert nodes_module.short_of([two[0], node("b", disk=None)], ALL) == ""


def test_claims_are_no_disk_of_nodes() -> None:
    """The 65 GB of the manifests' releases are claims, which lie on the storage's server."""
    three = [node(name, cpu="8", memory="32Gi", disk="20G") for name in "abc"]
    assert nodes_module.short_of(three, LATER) == ""
    assert nodes_module.short_of([node("a", memory="8Gi", disk="20G")], LATER) == (
        "the nodes that take pods have not 4.4 CPUs and 12.3 GiB of memory"
        " (all 1 together: 4 CPUs, 8 GiB); add a larger worker"
    )


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        (node("a", ready="False"), "a is not ready"),
        (node("a", unschedulable=True), "a is cordoned"),
        (node("a", taints=[{"key": "gpu", "effect": "NoSchedule"}]),
         "a has the taint gpu:NoSchedule"),
        ({"metadata": {"name": "a"}}, "a is not ready"),
    ],
)  # fmt: skip
def test_nodes_that_take_no_pods(closed: Any, why: str) -> None:
    told = "no node takes pods: %s; add a worker, or make one ready"
    assert nodes_module.short_of([closed], ONE) == told % why
    assert nodes_module.short_of([], ONE) == told % "there is no node at all"


# This machine's limits.

ENOUGH = {
    "/proc/sys/fs/inotify/max_user_instances": "2280\n",
    "/proc/sys/fs/inotify/max_user_watches": "1255360\n",
    "/sys/kernel/security/apparmor/profiles": "docker-default (enforce)\n"
    "mysqld-akonadi (enforce)\n/usr/sbin/mysqld (complain)\n",
}


def test_limits_that_do(tmp_path: Path) -> None:
    assert nodes_module.limits(Machine(str(with_files(tmp_path, ENOUGH)))) == []
    assert nodes_module.limits(Machine(str(tmp_path / "nothing"))) == []


def test_inotify_limits_are_mended_by_the_told_command(tmp_path: Path) -> None:
    """What it writes is what sysctl reads; it runs here with its own file and no sysctl."""
    low = {
        "/proc/sys/fs/inotify/max_user_instances": "128\n",
        "/proc/sys/fs/inotify/max_user_watches": "65536\n",
    }
    (told,) = nodes_module.limits(Machine(str(with_files(tmp_path, low))))

    assert told.startswith(
        "fs.inotify.max_user_instances is 128, less than 2280 and fs.inotify.max_user_watches is"
        " 65536, less than 1255360 (pods end with 'too many open files'): on every worker: printf"
    )
    command = told.partition("every worker: ")[2]
    written = tmp_path / "written"
    command = command.replace("/etc/sysctl.d/90-kubeflow.conf", str(written), 1)
    subprocess.run(["sh", "-c", command.partition(" && ")[0]], check=True)
    assert written.read_text().splitlines() == [
        "fs.inotify.max_user_instances=2280",
        "fs.inotify.max_user_watches=1255360",
    ]
    assert command.partition(" && ")[2] == "sysctl -p /etc/sysctl.d/90-kubeflow.conf"


@pytest.mark.parametrize("profile", ["/usr/sbin/mysqld", "mysqld"])
def test_the_databases_profile(tmp_path: Path, profile: str) -> None:
    """By the path, as Ubuntu's package has it, and by the name of later ones."""
    text = f"lxc-container-default (enforce)\n{profile} (enforce)\n"
    files = {**ENOUGH, "/sys/kernel/security/apparmor/profiles": text}
    (told,) = nodes_module.limits(Machine(str(with_files(tmp_path, files))))

    assert f"the host's profile {profile}, and they end" in told
    file = "/etc/apparmor.d/usr.sbin.mysqld"
    assert shlex.split(told.partition("has it: ")[2]) == [
        "apparmor_parser", "-R", file, "&&", "ln", "-s", file, "/etc/apparmor.d/disable/",
    ]  # fmt: skip


def test_the_node_that_this_machine_is() -> None:
    nodes = [node("a", address="192.0.2.1"), node("b", address="192.0.2.2")]
    assert nodes_module.node_here(Here(Path("/"), "fd00::1", "192.0.2.2"), nodes) == "b"
    assert nodes_module.node_here(Here(Path("/"), "192.0.2.22"), nodes) == ""
    assert nodes_module.node_here(Here(Path("/")), [{"metadata": {"name": "a"}}]) == ""


# The API.


class Cluster:
    """An API of dictionaries; what is not in it is refused.

    Args:
        version: The server's.
        resources: Names in the discovery of v1.
        failing: Kinds that cannot be listed, and the status.
    """

    def __init__(
        self, version: tuple[int, int] = (1, 13), resources: Any = (), failing: Any = None
    ) -> None:
        self._version, self._resources = version, resources
        self._failing = failing or {}

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return self._version

    def create(self, _: Any) -> Any:
        """Allow everything."""
        return {"status": {"allowed": True}}

    def path_of(self, *_: Any, **__: Any) -> str:
        """Return a path."""
        return "/apis/apps/v1/namespaces/default/deployments"

    def list(self, _: str, kind: str) -> list[Any]:
        """Return no objects, or fail."""
        if kind in self._failing:
            raise ApiError(self._failing[kind], "", f"{kind} broke")
        return []

    def request(self, method: str, path: str, *_: Any, **options: Any) -> Any:
        """Answer discovery and a dry run."""
        if path == "/api/v1":
            return {"resources": [{"name": name} for name in self._resources]}
        assert (method, options["query"]) == ("POST", {"dryRun": "All"})
        return {}


def problems(cluster: Any, looked_at: Any, **figures: Any) -> list[Problem]:
    """Look at some of the preconditions."""
    objects = Objects(cluster, "kubeflow-installer.0", "kubeflow-installer", ())
    checks = Preconditions(cluster, objects, release(**figures), NOTHING, Here(Path("/nowhere")))
    return checks.problems([name for name in NAMES if name not in looked_at])


@pytest.mark.parametrize(
    ("version", "application"),
    [((1, 13), "kubernetes-master"), ((1, 23), "kubernetes-master"),
     ((1, 24), "kubernetes-control-plane")],
)  # fmt: skip
def test_token_projection(version: tuple[int, int], application: str) -> None:
    """By discovery, and just where a release needs it; the mend is the line of the guide."""
    without = Cluster(version, ["pods", "serviceaccounts"])
    assert problems(without, ["token-projection"]) == [
        Problem(
            "token-projection",
            "the API server issues no service account tokens, which Istio needs in Kubeflow 1.0.2:"
            f' juju config {application} api-extra-args="service-account-issuer='
            "kubernetes.default.svc service-account-signing-key-file=/root/cdk/serviceaccount.key"
            ' service-account-api-audiences=api,istio-ca" (after what the option holds already)',
        )
    ]
    assert problems(without, ["token-projection"], projection=False) == []
    with_it = Cluster(version, ["serviceaccounts", "serviceaccounts/token"])
    assert problems(with_it, ["token-projection"]) == []


def test_a_check_that_fails_hides_no_other() -> None:
    """In the order of the names, whatever fails."""
    failing = {"StorageClass": 500, "Node": 403, "Namespace": 429}
    looked_at = [name for name in NAMES if name != "load-balancer"]
    assert [tuple(one) for one in problems(Cluster(failing=failing), looked_at)] == [
        ("storage-class", "could not be looked at: StorageClass broke"),
        ("token-projection", ANY),
        ("nodes", "could not be looked at: Node broke"),
        ("node-limits", "could not be looked at: Node broke"),
    ]


class _Any:
    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


ANY = _Any()


@pytest.mark.parametrize("status", [0, 401])
def test_what_says_nothing_about_the_cluster_is_raised(status: int) -> None:
    with pytest.raises(ApiError, match="StorageClass broke"):
        problems(Cluster(failing={"StorageClass": status}), NAMES)


class Services:
    """An API with one service, which is given what a test says at its Nth reading."""

    def __init__(self, give: Callable[[int], Any]) -> None:
        self._give, self._live, self.reads = give, None, 0

    def version(self) -> tuple[int, int]:
        """Return the server's version."""
        return (1, 13)

    def get(self, _: Any) -> Any:
        """Return the service, with what it was given."""
        if self._live is None:
            return None
        self.reads += 1
        return {**self._live, "status": {"loadBalancer": self._give(self.reads)}}

    def create(self, found: Any) -> Any:
        """Keep the service."""
        self._live = {**found, "metadata": {**found["metadata"], "uid": "1"}}
        return self._live

    def delete(self, _: Any) -> bool:
        """Forget it."""
        self._live = None
        return True

    def request(self, *_: Any, **__: Any) -> Any:
        """Return what MetalLB of 0.8 writes about it, the latest first."""
        words = ["no available IPs", "controller starts"]
        times = ("2019-08-01T00:00:09Z", "2019-08-01T00:00:01Z")
        events = [{"message": m, "lastTimestamp": t} for m, t in zip(words, times, strict=True)]
        return {"items": events}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (lambda read: {"ingress": [{"ip": "192.0.2.9"}]} if read > 3 else {}, ""),
        (lambda _: {"ingress": [{"hostname": "lb.example"}]}, ""),
        (lambda _: {}, "no LoadBalancer address within 15 s: the pool is used up (no available"
         " IPs); free one or widen the pool: juju config metallb addresses=FIRST-LAST"),
        (lambda _: {"ingress": [{}]}, "no LoadBalancer address within 15 s: the pool is used up"),
    ],
)  # fmt: skip
def test_an_address(given: Callable[[int], Any], told: str) -> None:
    """Waited for as long as patience lasts; the last event by time says why there is none."""
    cluster: Any = Services(given)
    slept: list[float] = []
    objects = Objects(cluster, "kubeflow-installer.0", "kubeflow-installer", ())
    found = Probe(cluster, objects, slept.append, 15.0).problems()

    assert len(found) == bool(told)
    assert "".join(found).startswith(told)
    assert sum(slept) <= 15
    assert (sum(slept) == 15) == bool(told)
    assert cluster.get({}) is None
