"""What the charm kubeflow-installer looks at and takes away, on real API servers of both ends.

The charm's own modules are called here, and not the packed charm. What MetalLB and Kubeflow's
controllers would do (an address, a Profile's finalizer), a thread of the test does.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.kube.builds import UnavailableError
from helpers.kube.servers import ApiServer
from kubeflow_installer.preflight.checks import Preconditions, Problem
from kubeflow_installer.preflight.load_balancer import NAME as PROBE
from kubeflow_installer.preflight.nodes import quantity
from kubeflow_installer.reconcile.diagnosis import diagnose
from kubeflow_installer.uninstall.uninstall import Outcome, Uninstall
from labcharm.machine import Machine, Result
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import MERGE, Api, ApiError, UnknownKindError

APPLICATION = "kubeflow-installer.00000000"
Listing = set[tuple[str, str, str]]
SMALL = SimpleNamespace(
    name="1.0.2", cpu=4, memory=12, disk=50, whole=False, projection=True
)  # of releases.table.Release, what the preconditions read
CONTROLLERS = (
    "namespace,serviceaccount,garbagecollector,"
    "persistentvolume-binder,pv-protection,pvc-protection"
)


def inventory(**parts: Any) -> SimpleNamespace:
    """Return an inventory that names just this."""
    names = ("namespaces", "workloads", "claims", "definitions", "webhooks", "at_run_time")
    return SimpleNamespace(**{name: parts.get(name, ()) for name in names})


class Here(Machine):
    """A machine with these addresses, whose files are below a folder."""

    def __init__(self, root: Path, *addresses: str) -> None:
        super().__init__(str(root))
        self._addresses = addresses

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer the one command that is asked of it."""
        assert command == ["hostname", "-I"]
        return Result(0, " ".join(self._addresses) + " \n", "")


@pytest.fixture(scope="module")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age for all these tests, with what binds volumes and lets them go."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    start(server)
    with client_of(server) as api:
        # The garbage collector looks for new kinds twice a minute; one it knows from its start.
        install(api, definition("profiles", "Profile", namespaced=False))
        # One a namespace of the server's own.
        until(lambda: len(api.list("v1", "ServiceAccount")) == 4)
    yield server
    server.stop()


def start(server: ApiServer) -> None:
    """Start a server; skip where it does not."""
    try:
        server.start(CONTROLLERS)
    except UnavailableError as error:
        pytest.skip(str(error))


def until(seen: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until it is seen."""
    end = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.1)


@contextlib.contextmanager
def client_of(server: ApiServer, token: str = "") -> Iterator[Api]:
    """Return a client, an administrator's where no token is given."""
    client = Api(Access(server.url, server.ca, token or server.token), patience=2)
    yield client
    client.close()


@pytest.fixture
def api(control: ApiServer) -> Iterator[Api]:
    """Return an administrator's client."""
    with client_of(control) as client:
        yield client


@pytest.fixture
def powerless(control: ApiServer) -> Iterator[Api]:
    """Return a client of a user without rights."""
    with client_of(control, control.powerless_token) as client:
        yield client


def objects_of(api: Api) -> Objects:
    """Return the application's objects, among all kinds of the server."""
    return Objects(api, APPLICATION, "kubeflow-installer", api.kinds())


def listing(api: Api, ending: bool = True) -> Listing:
    """Return kind, namespace and name of everything that the server has, events left out.

    Args:
        api: The server.
        ending: Whether namespaces that are being deleted count, with what is in them.
    """
    found = [one for kind in api.kinds() if kind[1] != "Event" for one in _listed(api, *kind)]
    namespaces = [one for one in found if one["kind"] == "Namespace" and not ending]
    gone = {
        one["metadata"]["name"] for one in namespaces if "deletionTimestamp" in one["metadata"]
    }
    triples = [
        (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
        for one in found
    ]
    return {
        (kind, where, name)
        for kind, where, name in triples
        if where not in gone and not (kind == "Namespace" and name in gone)
    }


# What the server has from its start on, until a test uninstalls it.
PREPARED = {
    ("CustomResourceDefinition", "", "profiles.kubeflow.org"),
    ("APIService", "", "v1.kubeflow.org"), ("APIService", "", "v1beta1.kubeflow.org"),
    ("ConfigMap", "kube-system", "kubeflow-installer-state"),
}  # fmt: skip


def _listed(api: Api, version: str, kind: str) -> list[Any]:
    """Return a kind's objects; none where its definition went a moment ago."""
    try:
        return list(api.list(version, kind))
    except UnknownKindError:
        return []


@pytest.fixture
def before(api: Api) -> Iterator[Listing]:
    """Return what the server has before a test, and hold it to that afterwards.

    It waits for what the server does by itself after a while: a definition's APIService, a
    namespace's account. What the test itself deletes in the end may go after it.
    """
    found = listing(api, ending=False) - PREPARED
    yield found
    assert beyond(api, found, set(), ending=False) == set()


def beyond(api: Api, before: Listing, expected: set[str], ending: bool = True) -> set[str]:
    """Return what is there and was not before or the other way round, once it is as expected."""
    end = time.monotonic() + 30
    while True:
        differs = (listing(api, ending) - PREPARED) ^ before
        found = {"/".join(part for part in one if part) for one in differs}
        if found == expected or time.monotonic() > end:
            return found
        time.sleep(0.2)


def create(api: Api, *manifests: str | dict[str, Any]) -> None:
    """Make objects that are somebody else's."""
    for one in manifests:
        found = json.loads(one) if isinstance(one, str) else one
        until(lambda found=found: _is_served(api, found))
        api.create(found)


def _is_served(api: Api, found: Any) -> bool:
    """Tell whether the server serves a kind: it does so a moment after its definition stands."""
    try:
        api.kind(found["apiVersion"], found["kind"])
    except UnknownKindError:
        return False
    return True


def made(api_version: str, kind: str, name: str, namespace: str = "", **more: Any) -> Any:
    """Return an object."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata.update(more.pop("metadata", {}))
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def namespace_of(name: str) -> Any:
    """Return a namespace."""
    return made("v1", "Namespace", name)


@contextlib.contextmanager
def there(api: Api, *objects: Any) -> Iterator[None]:
    """Have objects of others there for a while."""
    create(api, *objects)
    try:
        yield
    finally:
        for one in reversed(objects):
            api.delete(one)


@contextlib.contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do something again and again in a thread while this lasts; its errors are the test's."""
    end, errors = threading.Event(), []

    def loop() -> None:
        while not end.wait(0.1):
            try:
                work()
            except ApiError as error:
                errors.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    assert [error for error in errors if not error.passes and error.status not in (404, 409)] == []


# Preconditions.


def default_class(name: str, key: str = "storageclass.kubernetes.io/is-default-class") -> Any:
    """Return a StorageClass that is the default."""
    notes = {"annotations": {key: "true"}}
    return made("storage.k8s.io/v1", "StorageClass", name, metadata=notes, provisioner="lab/none")


def add_node(api: Api, name: str, *, ready: bool = True, address: str = "", **has: str) -> None:
    """Make a node as its kubelet would; by patches, as controllers write to it too."""
    api.create(made("v1", "Node", name))
    # The server marks a node that says not yet that it is ready.
    api.patch(made("v1", "Node", name), {"spec": {"taints": None}})
    status = {
        "capacity": {key.replace("_", "-"): value for key, value in has.items()},
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "addresses": [{"type": "InternalIP", "address": address}] if address else [],
    }
    api.request("PATCH", f"/api/v1/nodes/{name}/status", {"status": status}, MERGE)


@pytest.fixture
def fitting(api: Api, before: Listing) -> Iterator[None]:
    """Bring everything that a release needs, but for addresses."""
    create(api, default_class("nfs"))
    add_node(api, "large", cpu="4", memory="12Gi", ephemeral_storage="60Gi")
    yield
    api.delete(default_class("nfs"))
    api.delete(made("v1", "Node", "large"))


@pytest.fixture
def addresses(api: Api) -> Iterator[None]:
    """Hand out addresses to services that ask for one, as MetalLB would."""
    with meanwhile(lambda: give_addresses(api)):
        yield


def give_addresses(api: Api) -> None:
    """Give each waiting service one."""
    for one in api.list("v1", "Service"):
        if one["spec"]["type"] == "LoadBalancer" and not one["status"]["loadBalancer"]:
            status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.10"}]}}}
            api.request("PATCH", api.path_of(one) + "/status", status, MERGE)


def problems(
    api: Api, machine: Machine | None = None, found: Any = None, skipped: Any = (), **options: Any
) -> list[Problem]:
    """Look at the preconditions."""
    release = SimpleNamespace(**{**vars(SMALL), **options.pop("release", {})})
    checks = Preconditions(
        api, objects_of(api), release, found or inventory(), machine or Here(Path("/nowhere")),
        patience=1,
    )  # fmt: skip
    return checks.problems(skipped, **options)


def probes(api: Api) -> list[str]:
    """Return the names of services that the checks made."""
    return [
        one["metadata"]["name"]
        for one in api.list("v1", "Service")
        if one["metadata"]["name"].startswith(PROBE)
    ]


def test_all_is_there(api: Api, fitting: None, addresses: None) -> None:
    """Nothing is missing, and nothing is left behind."""
    assert problems(api) == []
    assert problems(api, release={"cpu": 4.0, "whole": True}) == []


def test_nothing_is_there(api: Api, before: Listing) -> None:
    """All problems come together, in their order, each with its mend."""
    found = problems(api)

    assert [problem.name for problem in found] == ["storage-class", "load-balancer", "nodes"]
    assert [problem.told for problem in found] == [
        "there is no StorageClass; deploy nfs-server, or another provisioner with a default",
        "no LoadBalancer address within 1 s: nothing hands them out; deploy metallb, or look at"
        " its controller's pod",
        "no node takes pods: there is no node at all; add a worker, or make one ready",
    ]
    assert [one.name for one in problems(api, skipped=("nodes", "storage-class"))] == [
        "load-balancer"
    ]


def test_a_powerless_user(powerless: Api, before: Listing) -> None:
    """One problem, and not one for each request that is refused for it."""
    found = problems(powerless, skipped=("token-projection",))

    assert [problem.name for problem in found] == ["admin"]
    assert "the group system:masters" in found[0].told


def test_one_failing_check_hides_no_other(powerless: Api, before: Listing) -> None:
    """Who skips the first is told what each of the others could not do."""
    named = inventory(namespaces=["kubeflow"])
    found = {one.name: one.told for one in problems(powerless, found=named, skipped=("admin",))}

    assert list(found) == [
        "storage-class", "load-balancer", "privileged", "nodes", "node-limits", "foreign-objects",
    ]  # fmt: skip
    assert all(told.startswith("could not be looked at: ") for told in found.values())
    assert 'User "powerless" cannot list resource "storageclasses"' in found["storage-class"]


def test_a_server_that_does_not_let_in(control: ApiServer, before: Listing) -> None:
    """What says nothing about the cluster is no problem of it, but raised."""
    for access, status in (
        (Access(control.url, control.ca, "wrong"), 401),
        (Access("https://127.0.0.1:1", control.ca, control.token), 0),
    ):
        client = Api(access, patience=0.1)
        with pytest.raises(ApiError) as raised:
            Preconditions(
                client, Objects(client, APPLICATION, "kubeflow-installer", ()), SMALL, inventory(),
                Here(Path("/nowhere")),
            ).problems()  # fmt: skip
        client.close()
        assert raised.value.status == status


BETA = "storageclass.beta.kubernetes.io/is-default-class"


def test_default_classes(api: Api, before: Listing) -> None:
    """None, one by either annotation, and two; the commands that are told mend it."""
    plain = made("storage.k8s.io/v1", "StorageClass", "plain", provisioner="lab/none")

    def told() -> list[str]:
        return [one.told for one in problems(api, skipped=("nodes", "load-balancer"))]

    with there(api, plain):
        assert told() == [
            "no StorageClass is the default (there is plain): kubectl annotate storageclass plain"
            " storageclass.kubernetes.io/is-default-class=true"
        ]
        with there(api, default_class("old", BETA)):
            assert told() == []
            with there(api, default_class("nfs")):
                assert told()[0].startswith("2 default StorageClasses (nfs, old), and claims")
                mend = told()[0].partition(": make the others plain: ")[2].partition(", or")[0]
                run(api, mend.replace("NAME", "old"))
                assert told() == []


def run(api: Api, command: str) -> None:
    """Run a command that a message names."""
    words = shlex.split(command)
    assert words[0] == "kubectl"
    SERVERS[api.version()].kubectl(*words[1:])


SERVERS: dict[tuple[int, int], ApiServer] = {}


@pytest.fixture(autouse=True)
def known(control: ApiServer, api: Api) -> None:
    """Let `run` find the server."""
    SERVERS[api.version()] = control


def test_a_pool_that_is_used_up(api: Api, fitting: None) -> None:
    """MetalLB's own event about this very probe tells it; one about an earlier probe does not."""
    words = 'Failed to allocate IP for "default/probe": no available IPs'

    def tell(uid: str, name: str) -> None:
        about = {"kind": "Service", "namespace": "default", "name": PROBE, "uid": uid}
        event = made("v1", "Event", name, "default", involvedObject=about, message=words)
        if api.get(event) is None:
            api.create({**event, "lastTimestamp": "2020-01-01T00:00:00Z"})

    def metallb() -> None:
        live = api.get(made("v1", "Service", PROBE, "default"))
        if live:
            tell(live["metadata"]["uid"], "latest")

    tell("11111111-1111-1111-1111-111111111111", "earlier")
    assert "deploy metallb" in problems(api)[0].told
    with meanwhile(metallb):
        found = problems(api)
    api.request("DELETE", "/api/v1/namespaces/default/events")

    assert found == [
        Problem(
            "load-balancer",
            f"no LoadBalancer address within 1 s: the pool is used up ({words}); free one or"
            " widen the pool: juju config metallb addresses=FIRST-LAST",
        )
    ]


def test_a_probe_that_a_crash_left(api: Api, fitting: None) -> None:
    """It goes, and its old address counts for nothing."""
    service = made("v1", "Service", PROBE, "default", spec=SPEC)
    objects_of(api).apply([service], prune=False)
    give_addresses(api)

    assert [one.name for one in problems(api)] == ["load-balancer"]
    assert probes(api) == []


SPEC = {"type": "LoadBalancer", "ports": [{"port": 80}]}


def test_somebody_elses_in_the_probes_place(api: Api, fitting: None) -> None:
    """It is told and stays."""
    with there(api, made("v1", "Service", PROBE, "default", spec=SPEC)):
        assert [one.told for one in problems(api)] == [
            f"Service default/{PROBE} is not ours and stands where the probe would; remove it"
        ]
        assert probes(api) == [PROBE]


def test_the_probe_goes_when_the_wait_is_cut(api: Api, fitting: None) -> None:
    """Also by an error that no check expects."""

    def crash(_: float) -> None:
        raise KeyboardInterrupt

    checks = Preconditions(api, objects_of(api), SMALL, inventory(), Here(Path("/nowhere")), crash)
    with pytest.raises(KeyboardInterrupt):
        checks.problems()
    assert probes(api) == []


def test_privileged_containers(age: Path, tmp_path: Path) -> None:
    """A server without the flag refuses them, and nothing is stored for finding out."""
    server = ApiServer(age, tmp_path / "kube", privileged=False)
    start(server)
    with client_of(server) as client:
        found = problems(client, skipped=("storage-class", "load-balancer", "nodes"))
        application = "master" if client.version() < (1, 24) else "control-plane"
        stored = client.list("apps/v1", "Deployment")
    server.stop()
    assert (found, stored) == (
        [
            Problem(
                "privileged",
                "the API server refuses privileged containers, which Istio needs: juju config"
                f" kubernetes-{application} allow-privileged=true",
            )
        ],
        [],
    )


def test_nodes_that_do_not_do(api: Api, before: Listing) -> None:
    """The largest that takes pods counts, or all of them together."""
    add_node(api, "small", cpu="2", memory="7900000Ki", ephemeral_storage="30G")
    add_node(api, "middle", cpu="3900m", memory="11.5Gi", ephemeral_storage="6e10")
    add_node(api, "down", ready=False, cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    add_node(api, "tainted", cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    taint = [{"key": "lab", "effect": "NoExecute"}]
    api.patch(made("v1", "Node", "tainted"), {"spec": {"taints": taint}})
    add_node(api, "cordoned", cpu="64", memory="1Ti", ephemeral_storage="1Ti")
    api.patch(made("v1", "Node", "cordoned"), {"spec": {"unschedulable": True}})
    others = ("storage-class", "load-balancer")
    try:
        assert [one.told for one in problems(api, skipped=others)] == [
            "no node that takes pods has 4 CPUs, 12 GiB of memory and 50 GB of disk"
            " (middle: 3.9 CPUs, 11.5 GiB, 60 GB, small: 2 CPUs, 7.534 GiB, 30 GB);"
            " add a larger worker"
        ]
        assert problems(api, skipped=others, release={"cpu": 5.9, "whole": True}) == []
        found = problems(api, skipped=others, release={"disk": 100, "whole": True})
        assert "have not 4 CPUs, 12 GiB of memory and 100 GB of disk (all 2 tog" in found[0].told
        for name in ("small", "middle"):
            api.delete(made("v1", "Node", name))
        assert [one.told for one in problems(api, skipped=others)] == [
            "no node takes pods: cordoned is cordoned, down is not ready, tainted has the taint"
            " lab:NoExecute; add a worker, or make one ready"
        ]
    finally:
        api.request("DELETE", "/api/v1/nodes")


def test_quantities_are_read_as_the_server_reads_them(api: Api, before: Listing) -> None:
    """By a range that it takes where its minimum is not above its maximum."""
    for text in QUANTITIES:
        thousandths = quantity(text) * 1000
        assert thousandths.denominator == 1
        same = f"{thousandths}m"
        assert is_range(api, text, same), text
        assert is_range(api, same, text), text
        assert not is_range(api, f"{thousandths + 1}m", text), text
    for text in NO_QUANTITIES:
        with pytest.raises(ApiError):
            is_range(api, "0", text)
        with pytest.raises(ValueError, match="is no quantity"):
            quantity(text)


def is_range(api: Api, least: str, most: str) -> bool:
    """Tell whether the server takes a range of quantities; nothing is stored."""
    limit = {"type": "Container", "min": {"memory": least}, "max": {"memory": most}}
    body = made("v1", "LimitRange", "sizes", "default", spec={"limits": [limit]})
    path = api.path_of(body, with_name=False)
    try:
        api.request("POST", path, body, query={"dryRun": "All"})
    except ApiError as error:
        if "is greater than max value" not in str(error):
            raise
        return False
    return True


QUANTITIES = (
    "0", "5", "+5", "1.5Gi", ".5Mi", "5.", "500m", "7000000n", "2000u", "3k", "3M", "3G", "3T",
    "3P", "3E", "3Ki", "3Mi", "3Ti", "3Pi", "3Ei", "1e3", "1E3", "1.25e6", "1e-3", "12e+2",
)  # fmt: skip
NO_QUANTITIES = ("", "1 Gi", "1gi", "1K", "1e", "1.5.5", "1e3Ki", "0x10", "--1", "1_000", "٣")


def test_a_node_that_is_this_machine(
    api: Api, fitting: None, addresses: None, tmp_path: Path
) -> None:
    """Its limits are looked at where one of its addresses is the node's, and only there."""
    add_node(api, "here", address="192.0.2.7", cpu="1", memory="1Gi")
    folder = tmp_path / "proc/sys/fs/inotify"
    folder.mkdir(parents=True)
    (folder / "max_user_instances").write_text("128\n")
    (folder / "max_user_watches").write_text("1255360\n")
    try:
        assert problems(api, Here(tmp_path, "192.0.2.8", "fd00::1")) == []
        found = problems(api, Here(tmp_path, "192.0.2.8", "192.0.2.7"))
        assert [one.name for one in found] == ["node-limits"]
        assert found[0].told.startswith("node here: fs.inotify.max_user_instances is 128, less")
    finally:
        api.delete(made("v1", "Node", "here"))


def test_objects_of_others(api: Api, fitting: None, addresses: None) -> None:
    """Those of the inventory's names are told; ours, and what is taken over, are none."""
    named = inventory(
        namespaces=("kube-public", "istio-system"),
        workloads=(("Deployment", "default", "minio"), ("Deployment", "default", "ours")),
        claims=(("default", "mysql-pv-claim"),),
        definitions=("profiles.kubeflow.org", "notebooks.kubeflow.org"),
        webhooks=(("MutatingWebhookConfiguration", "istio-sidecar-injector"),),
        at_run_time=(("v1", "ConfigMap", "default", "leader"),),
    )
    objects = objects_of(api)
    with there(
        api,
        deployment("minio", "default"), deployment("other", "default"),
        claim("mysql-pv-claim", "default"), definition("notebooks", "Notebook"),
        webhook("Mutating", "istio-sidecar-injector", "kubeflow", "CONNECT"),
        made("v1", "ConfigMap", "leader", "default"),
    ):  # fmt: skip
        objects.apply([deployment("ours", "default")], prune=False)
        assert [one.told for one in problems(api, found=named)] == [
            "already there and not made by this application: CustomResourceDefinition"
            " notebooks.kubeflow.org, Deployment default/minio, MutatingWebhookConfiguration"
            " istio-sidecar-injector and 2 more; remove them, or run the action install with"
            " adopt=true, which takes them over"
        ]
        assert problems(api, found=named, adopt=True) == []
    api.delete(deployment("ours", "default"))


def test_what_controllers_made_of_ours(api: Api, fitting: None, addresses: None) -> None:
    """As a Profile's namespace: that is not in our way, and what they made of others' is."""
    mine, theirs = (made("v1", "ConfigMap", name, "default") for name in ("mine", "theirs"))
    objects_of(api).apply([mine], prune=False)
    with there(api, theirs):
        dependents = [
            owned(api, deployment(f"by-{one}", "default"), OWNERS[one]) for one in OWNERS
        ]
        with there(api, *dependents):
            named = [("Deployment", "default", f"by-{one}") for one in OWNERS]
            found = problems(api, found=inventory(workloads=named))
            assert [one.told.partition(": ")[2].partition(";")[0] for one in found] == [
                "Deployment default/by-theirs"
            ]
    api.delete(mine)


OWNERS = {
    name: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
    for name in ("mine", "theirs")
}


# What Kubeflow is made of, in small.


def deployment(name: str, namespace: str = "kubeflow") -> Any:
    """Return a Deployment."""
    labels = {"app": name}
    pod = {"containers": [{"name": "main", "image": "lab/none"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return made("apps/v1", "Deployment", name, namespace, spec=spec)


def claim(name: str, namespace: str, volume: str = "") -> Any:
    """Return a claim, of a volume where one is named."""
    spec: dict[str, Any] = {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
        "storageClassName": "",
    }  # fmt: skip
    if volume:
        spec["volumeName"] = volume
    return made("v1", "PersistentVolumeClaim", name, namespace, spec=spec)


def volume(name: str, namespace: str, of: str, policy: str = "Delete", **source: Any) -> Any:
    """Return a volume that is kept for a claim."""
    where = source or {"nfs": {"server": "10.0.0.10", "path": f"/nfsroot/{name}"}}
    spec = {
        "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, **where,
        "claimRef": {"namespace": namespace, "name": of}, "persistentVolumeReclaimPolicy": policy,
    }  # fmt: skip
    return made("v1", "PersistentVolume", name, spec=spec)


def definition(plural: str, kind: str, namespaced: bool = True) -> Any:
    """Return a definition of kubeflow.org with two versions."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": name, "served": True, "storage": name == "v1", "schema": schema}
        for name in ("v1", "v1beta1")
    ]
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {
        "group": "kubeflow.org", "names": names, "versions": versions,
        "scope": "Namespaced" if namespaced else "Cluster",
    }  # fmt: skip
    return made(
        "apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.kubeflow.org", spec=spec
    )


def webhook(which: str, name: str, namespace: str, *operations: str) -> Any:
    """Return a webhook that must be asked before operations on Kubeflow, and never answers."""
    service = {"namespace": namespace, "name": "webhook", "path": "/"}
    rule = {
        "apiGroups": ["", "apps", "kubeflow.org"], "apiVersions": ["*"], "resources": ["*/*"],
        "operations": operations or ["DELETE"],
    }  # fmt: skip
    hook = {
        "name": f"{name}.kubeflow.org", "clientConfig": {"service": service}, "rules": [rule],
        "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 1,
    }  # fmt: skip
    group = "admissionregistration.k8s.io/v1"
    return made(group, f"{which}WebhookConfiguration", name, webhooks=[hook])


def api_service(group: str, namespace: str) -> Any:
    """Return an APIService without a server."""
    spec = {
        "group": group, "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 10,
        "insecureSkipTLSVerify": True, "service": {"namespace": namespace, "name": "webhook"},
    }  # fmt: skip
    return made("apiregistration.k8s.io/v1", "APIService", f"v1beta1.{group}", spec=spec)


def owned(api: Api, found: Any, owner: Any) -> Any:
    """Return an object as a controller makes it for another one."""
    live = api.get(owner)
    assert live
    metadata = live["metadata"]
    reference = {
        "apiVersion": live["apiVersion"], "kind": live["kind"], "name": metadata["name"],
        "uid": metadata["uid"], "controller": True, "blockOwnerDeletion": True,
    }  # fmt: skip
    found["metadata"]["ownerReferences"] = [reference]
    return found


# Uninstall.

STATE = made("v1", "ConfigMap", "kubeflow-installer-state", "kube-system", data={"a": "b"})
CRD = "CustomResourceDefinition"


class Killed(BaseException):
    """The end of a hook's process."""


class Mortal(Api):
    """A client whose process is killed at one of its writes, before the server has it or after."""

    def __init__(self, server: ApiServer, lives: int, after: bool) -> None:
        super().__init__(Access(server.url, server.ca, server.token), patience=2)
        self._lives, self._after = lives, after

    def _send(self, method: str, *rest: Any) -> Any:
        self._lives -= method != "GET"
        if self._lives == 0 and not self._after:
            raise Killed
        answer = super()._send(method, *rest)
        if self._lives == 0:
            raise Killed
        return answer


def uninstalled(api: Api, named: Any = None, seconds: float = 60, **options: Any) -> Outcome:
    """Uninstall for a while, with the state that an installation keeps."""

    def sleep(pause: float) -> None:
        time.sleep(min(pause, 0.2))

    way = Uninstall(api, objects_of(api), named or inventory(), sleep, STATE)
    return way.run(seconds, **options)


def install(api: Api, *objects: Any, adopt: bool = False) -> None:
    """Apply objects as an installation does: its state first."""
    ours = Objects(api, APPLICATION, "kubeflow-installer", ())
    ours.apply([STATE], prune=False)
    ours.apply(objects, adopt, prune=False)


HELD = {"finalizers": ["profile-finalizer"]}
NAMED = inventory(
    namespaces=("kubeflow", "auth", "cert-manager"),
    at_run_time=(
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "katib"),
        ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "istio-galley"),
        ("v1", "Secret", "default", "istio.default"),
        ("v1", "ConfigMap", "default", "istio-ca-root-cert"),
        ("coordination.k8s.io/v1", "Lease", "kube-system", "cert-manager-controller"),
        ("apiextensions.k8s.io/v1", CRD, "", "studyjobs.kubeflow.org"),
        ("lab.example/v1", "Nothing", "", "that-the-server-has"),
    ),
)
PROFILE = made("kubeflow.org/v1", "Profile", "team", metadata=HELD)
GALLEY = webhook("Validating", "istio-galley", "kubeflow", "CONNECT")
LEASE = made("coordination.k8s.io/v1", "Lease", "cert-manager-controller", "kube-system")


def controllers(api: Api) -> Callable[[], None]:
    """Return what Kubeflow's controllers do.

    They take their finalizers off what is deleted; galley, while it runs, makes its webhook and
    custom resources anew as soon as they are gone.
    """
    remade = (GALLEY, made("kubeflow.org/v1", "StudyJob", "old", "default"))

    def work() -> None:
        for kind in ("Profile", "Notebook"):
            with contextlib.suppress(ApiError):  # its definition has gone
                for one in api.list("kubeflow.org/v1", kind):
                    if "deletionTimestamp" in one["metadata"]:
                        api.patch(one, {"metadata": {"finalizers": None}})
        for one in remade if api.get(deployment("galley")) else ():
            with contextlib.suppress(ApiError):
                if api.get(one) is None:
                    api.create(one)

    return work


@contextlib.contextmanager
def lab(api: Api) -> Iterator[None]:
    """Have what is others' there, which an uninstall must not touch."""
    with there(
        api, namespace_of("lab"), made("v1", "ConfigMap", "theirs", "lab"),
        made("v1", "Secret", "theirs", "lab"), volume("pv-lab", "lab", "data"),
        claim("data", "lab", "pv-lab"),
        webhook("Validating", "theirs", "lab", "CONNECT"),
    ):  # fmt: skip
        yield


THEIRS = {
    "Namespace/lab", "ServiceAccount/lab/default", "ConfigMap/lab/theirs", "Secret/lab/theirs",
    "PersistentVolume/pv-lab", "PersistentVolumeClaim/lab/data",
    "ValidatingWebhookConfiguration/theirs",
}  # fmt: skip


def kubeflow(api: Api) -> None:
    """Bring a Kubeflow in small, with all that its users and its workloads make."""
    rbac = "rbac.authorization.k8s.io"
    role = {"apiGroup": rbac, "kind": "ClusterRole", "name": "kubeflow-admin"}
    create(
        api, volume("pv-mysql", "kubeflow", "mysql"),
        volume("pv-minio", "kubeflow", "minio", "Retain", hostPath={"path": "/srv/minio"}),
        volume("pv-team", "team", "work", csi={"driver": "lab.example", "volumeHandle": "v1"}),
    )  # fmt: skip
    install(
        api, namespace_of("kubeflow"), namespace_of("auth"),
        definition("profiles", "Profile", namespaced=False), definition("notebooks", "Notebook"),
        made("v1", "ServiceAccount", "argo", "kubeflow"),
        made("v1", "Secret", "dex", "auth", data={"a": "Yg=="}),
        made("v1", "ConfigMap", "dex", "auth", data={"a": "b"}),
        made(f"{rbac}/v1", "ClusterRole", "kubeflow-admin", rules=[]),
        made(f"{rbac}/v1", "ClusterRoleBinding", "kubeflow-admin", roleRef=role),
        deployment("galley"), deployment("dex", "auth"), deployment("istio-cni", "kube-system"),
        claim("mysql", "kubeflow", "pv-mysql"), PROFILE,
        api_service("webhook.cert-manager.io", "cert-manager"),
    )  # fmt: skip
    at_run_time = definition("studyjobs", "StudyJob")
    create(
        api, owned(api, namespace_of("team"), PROFILE),
        made("kubeflow.org/v1beta1", "Notebook", "mine", "team"),
        made("kubeflow.org/v1", "Notebook", "stray", "default", metadata=HELD),
        made("v1", "ConfigMap", "users-own", "kubeflow"), at_run_time, LEASE,
        made("v1", "ConfigMap", "istio-ca-root-cert", "lab"),
        made("v1", "Secret", "istio.builder", "lab", type="istio.io/key-and-cert"),
    )  # fmt: skip
    objects_of(api).wait([at_run_time], 10)
    create(api, made("kubeflow.org/v1", "StudyJob", "old", "default"))
    bound(api, "pv-lab", "pv-mysql")
    install(api, webhook("Mutating", "admission", "kubeflow", "DELETE", "UPDATE"))
    create(api, webhook("Validating", "katib", "kubeflow", "DELETE", "UPDATE"))


def bound(api: Api, *volumes: str) -> None:
    """Wait until the server's own controller has bound volumes to their claims."""
    sought = [made("v1", "PersistentVolume", name) for name in volumes]
    until(lambda: all(api.get(one)["status"].get("phase") == "Bound" for one in sought))


KEPT = [
    "PV pv-minio (kubeflow/minio, 1Gi, hostPath /srv/minio)",
    "PV pv-mysql (kubeflow/mysql, 1Gi, nfs 10.0.0.10:/nfsroot/pv-mysql)",
    "PV pv-team (team/work, 1Gi, csi lab.example v1)",
]
VOLUMES = {"PersistentVolume/pv-minio", "PersistentVolume/pv-mysql", "PersistentVolume/pv-team"}


def policies(api: Api) -> dict[str, str]:
    """Return what becomes of volumes when their claims go."""
    found = api.list("v1", "PersistentVolume")
    key = "persistentVolumeReclaimPolicy"
    return {one["metadata"]["name"]: one["spec"][key] for one in found}


def test_killed_again_and_again(control: ApiServer, api: Api, before: Listing) -> None:
    """Each process dies at its third or fourth write, before the server has it or after it.

    In the end the server is as it was before Kubeflow, but for the volumes that are listed, and
    others' things are as they were; one more run writes nothing.
    """
    deaths = 0
    with lab(api):
        kubeflow(api)
        with meanwhile(controllers(api)):
            while deaths < 100:
                # Two are spent on what galley makes anew.
                mortal = Mortal(control, lives=3 + deaths % 2, after=deaths % 3 == 0)
                try:
                    found = uninstalled(mortal, NAMED)
                    break
                except Killed:
                    deaths += 1
                finally:
                    mortal.close()
        assert found == Outcome(True, [], KEPT)
        assert deaths > 8

        writes = api.writes
        assert uninstalled(api, NAMED) == found
        assert api.writes == writes

        api.delete(STATE)
        for one in PREPARED:
            assert one not in listing(api)
        assert beyond(api, before, THEIRS | VOLUMES) == THEIRS | VOLUMES
        assert policies(api) == {
            "pv-lab": "Delete", "pv-minio": "Retain", "pv-mysql": "Retain", "pv-team": "Retain",
        }  # fmt: skip
        for name in ("pv-minio", "pv-mysql", "pv-team"):
            api.delete(made("v1", "PersistentVolume", name))


@pytest.fixture
def installed(api: Api, before: Listing) -> Iterator[None]:
    """Take the state away after a test, as the charm does at the end."""
    yield
    api.delete(STATE)


def test_data_go_where_it_is_asked_for(api: Api, installed: None) -> None:
    """Volumes get back the policy that a run without it took from them; others keep theirs."""
    own, retained = claim("own", "kube-system", "pv-own"), claim("kept", "kube-system", "pv-kept")
    with there(
        api, volume("pv-own", "kube-system", "own"), volume("pv-theirs", "kube-system", "theirs"),
        volume("pv-kept", "kube-system", "kept", "Retain"),
    ):  # fmt: skip
        held = made("kubeflow.org/v1", "Profile", "held", metadata=HELD)
        kind = definition("profiles", "Profile", namespaced=False)
        install(api, own, retained, kind, held)
        bound(api, "pv-own", "pv-kept")

        first = uninstalled(api, seconds=0)
        listed = [
            f"PV pv-{name} (kube-system/{name}, 1Gi, nfs 10.0.0.10:/nfsroot/pv-{name})"
            for name in ("kept", "own")
        ]
        assert (first.done, first.kept) == (False, listed)
        assert policies(api) == {"pv-kept": "Retain", "pv-own": "Retain", "pv-theirs": "Delete"}

        with meanwhile(controllers(api)):
            second = uninstalled(api, delete_data=True)
        # The claim whose volume has its own policy again is gone; no provisioner is here.
        assert second == Outcome(True, [], listed[:1])
        assert policies(api) == {"pv-kept": "Retain", "pv-own": "Delete", "pv-theirs": "Delete"}


def test_without_controllers_it_waits_and_tells(api: Api, installed: None) -> None:
    """What their finalizers hold is named, nothing is forced, and the told command frees it."""
    controller = deployment("profiles", "default")
    install(
        api, controller, definition("profiles", "Profile", namespaced=False),
        definition("notebooks", "Notebook"), PROFILE,
    )  # fmt: skip
    create(api, made("kubeflow.org/v1", "Notebook", "mine", "default", metadata=HELD))

    found = uninstalled(api, seconds=0)
    command = (
        "kubectl patch profiles.kubeflow.org team --type=merge"
        """ -p '{"metadata":{"finalizers":null}}'"""
    )
    told = "Profile team is held by its finalizers profile-finalizer; where what removes them is"
    assert found == Outcome(False, [f"{told} gone: {command}"], [])
    assert api.get(controller), "it is still needed"

    run(api, command)
    found = uninstalled(api, seconds=0)
    assert found.left[0].startswith("Notebook default/mine is held by its finalizers")
    run(api, found.left[0].rpartition("is gone: ")[2])
    assert uninstalled(api).done


def test_what_keeps_a_namespace(api: Api, installed: None) -> None:
    """An APIService of others without a server; then a pod whose end no kubelet confirms."""
    install(api, namespace_of("kubeflow"))
    create(api, api_service("stale.example", "gone"))
    unserved = made("apiregistration.k8s.io/v1", "APIService", "v1beta1.stale.example")
    until(lambda: "ServiceNotFound" in json.dumps(api.get(unserved)))
    spec = {
        "nodeName": "gpu1", "automountServiceAccountToken": False,
        "containers": [{"name": "main", "image": "lab/none"}],
    }  # fmt: skip
    account = made("v1", "ServiceAccount", "default", "kubeflow")
    until(lambda: api.get(account))
    create(api, made("v1", "Pod", "mysql", "kubeflow", spec=spec))

    found = uninstalled(api, seconds=0)
    waits = "Namespace kubeflow waits for Pod kubeflow/mysql from node gpu1, which must be ready"
    assert (found.done, found.kept) == (False, [])
    assert found.left[0] == (
        "APIService v1beta1.stale.example has no server that answers (ServiceNotFound), and no"
        " namespace goes while it stands: kubectl delete apiservice v1beta1.stale.example"
    )
    run(api, found.left[0].rpartition(": ")[2])
    # The namespace's controller goes on.
    expected = Outcome(False, [f"{waits} for that"], [])
    until(lambda: uninstalled(api, seconds=0) == expected)
    run(api, "kubectl delete pod -n kubeflow mysql --force --grace-period=0")
    assert uninstalled(api) == Outcome(True, [], [])


def test_a_webhook_of_others_that_refuses(api: Api, installed: None) -> None:
    """It is told by the object that it keeps, and its configuration by name."""
    install(api, deployment("minio", "default"))
    create(api, webhook("Validating", "guard", "kubeflow", "DELETE"))
    until_asked(api, True)

    found = uninstalled(api, seconds=0)
    assert not found.done
    assert len(found.left) == 1
    assert found.left[0].startswith("Deployment default/minio: Internal error occurred: failed")
    run(api, found.left[0].rpartition("serves it any more: ")[2])
    until_asked(api, False)
    assert uninstalled(api).done


def until_asked(api: Api, asked: bool) -> None:
    """Wait until the server asks its webhooks before a deletion, or no longer does."""
    victim = made("v1", "ConfigMap", "victim", "default")

    def is_refused() -> bool:
        if api.get(victim) is None:
            api.create(victim)
        try:
            api.delete(victim)
        except ApiError as error:
            return error.by_webhook
        return False

    until(lambda: is_refused() == asked)


def test_a_webhook_of_others_that_is_left(api: Api, installed: None) -> None:
    """Its server went with our namespace, so it would refuse requests from now on."""
    install(api, made("v1", "ConfigMap", "ours", "default"))
    elsewhere = webhook("Validating", "lab", "lab", "CONNECT")
    with there(api, elsewhere):
        create(api, webhook("Mutating", "users", "auth", "CONNECT"))
        found = uninstalled(api, NAMED)
        assert found == Outcome(
            False,
            [
                "MutatingWebhookConfiguration users calls namespace auth, which is gone, and"
                " blocks requests: kubectl delete mutatingwebhookconfiguration users"
            ],
            [],
        )
        run(api, found.left[0].rpartition(": ")[2])
        assert uninstalled(api, NAMED).done


def test_what_was_there_before_stays(api: Api, before: Listing) -> None:
    """Namespaces and definitions that were taken over: with them others' things would go."""
    uninstalled(api)
    api.delete(STATE)  # what is there from now on is older than the next one
    shared = definition("studies", "Study")
    namespace, inside = namespace_of("istio-system"), made("v1", "ConfigMap", "a", "istio-system")
    theirs = made("kubeflow.org/v1", "Study", "theirs", "default")
    with there(api, namespace, inside, LEASE, shared):
        objects_of(api).wait([shared], 10)
        create(api, theirs)
        time.sleep(1.1)  # the times of objects are whole seconds
        ours = [deployment("istiod", "istio-system"), made("kubeflow.org/v1", "Study", "ours")]
        ours[1]["metadata"]["namespace"] = "default"
        install(api, namespace, shared, *ours, adopt=True)

        told = "%s, which was there before this installation, with what is in it"
        kept = [told % name for name in ("Namespace istio-system", f"{CRD} studies.kubeflow.org")]
        assert uninstalled(api, NAMED) == Outcome(True, [], kept)

        for one in (namespace, inside, shared, theirs, LEASE):
            live = api.get(one)
            assert live
            assert "lab-charms" not in json.dumps(live["metadata"].get("labels") or {})
        assert [api.get(one) for one in ours] == [None, None]
    api.delete(STATE)


def test_nothing_was_installed(api: Api, before: Listing) -> None:
    """Nothing is written, and what others made by the inventory's names stays."""
    api.delete(STATE)
    with there(api, LEASE, deployment("minio", "default")):
        writes = api.writes
        assert uninstalled(api, NAMED) == Outcome(True, [], [])
        assert api.writes == writes
        assert api.get(LEASE)


def test_objects_whose_conversion_has_no_server(api: Api, installed: None) -> None:
    """They are found and go in the version that they are stored in."""
    kind = definition("notebooks", "Notebook")
    service = {"namespace": "kubeflow", "name": "webhook", "path": "/convert"}
    converted = {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]}
    kind["spec"]["conversion"] = {"strategy": "Webhook", "webhook": converted}
    kind["spec"]["versions"][1]["name"] = "v2"  # which the server prefers
    install(api, kind)
    create(api, made("kubeflow.org/v1", "Notebook", "mine", "default"))
    with pytest.raises(ApiError, match="conversion webhook"):
        api.list("kubeflow.org/v2", "Notebook")

    assert uninstalled(api) == Outcome(True, [], [])


# Diagnosis.


def test_why_workloads_are_not_ready(api: Api, before: Listing) -> None:
    """By the pods that the selector finds, the conditions, and the events about them."""
    notebook, mysql = deployment("notebook", "default"), deployment("mysql", "default")
    container = {"name": "main", "image": "lab/none"}
    pod = {"automountServiceAccountToken": False, "containers": [container]}
    labels = {"labels": {"app": "notebook"}}
    started = made("v1", "Pod", "notebook-1", "default", metadata=labels, spec=pod)
    other = made("v1", "Pod", "other-1", "default", metadata={"labels": {"app": "x"}}, spec=pod)
    with there(api, notebook, mysql, started, other):
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
        state = {
            "name": "main", "state": {"waiting": waiting}, "image": "gcr.io/arrikto/main:1",
            "ready": False, "restartCount": 0, "imageID": "",
        }  # fmt: skip
        status = {"status": {"containerStatuses": [state], "phase": "Pending"}}
        for one in (started, other):
            api.request("PATCH", api.path_of(one) + "/status", status, MERGE)
        about = {"kind": "ReplicaSet", "name": "mysql-7f", "namespace": "default"}
        words = 'Error creating: pods "mysql-7f-" is forbidden: exceeded quota: lab'
        for number, kind in enumerate(("Normal", "Warning")):
            event = made("v1", "Event", f"mysql.{number}", "default", involvedObject=about)
            told = words if kind == "Warning" else "Scaled up"
            api.create({**event, "message": told, "type": kind})

        late = [("Deployment", "default", name) for name in ("notebook", "mysql", "gone")]
        found = diagnose(api, late)
        api.request("DELETE", "/api/v1/namespaces/default/events")

    assert found == [
        "Deployment default/notebook: pod notebook-1: container main: ImagePullBackOff of"
        " gcr.io/arrikto/main:1: Back-off pulling image; upstream serves it no longer: put it into"
        " a mirror (list-images) and set image-registry",
        f"Deployment default/mysql: {words}",
        "Deployment default/gone is missing",
    ]
