"""The packed charm metallb as Juju runs it, on real API servers of both ends.

No kubelet runs here, so MetalLB's pods do not: what they would report is patched into the
workloads' status. Where an address is handed out, MetalLB's own controller runs beside the server.
A server of an age serves all of these tests; what one leaves on it is taken away before the next.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.juju.unit import Unit
from helpers.kube.builds import UnavailableError, metallb
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.related import leave, make_unit, pack, relate, run
from helpers.kube.servers import ApiServer, KubectlError

HOOKS = ("install", "kube-control-relation-joined", "kube-control-relation-changed")
GUIDE = "10.64.0.100-10.64.0.110"
MANAGER = "app.lab-charms/charm=metallb"
KINDS = (
    "ns,cm,secret,sa,deploy,ds,svc,role,rolebinding,clusterrole,clusterrolebinding,"
    "validatingwebhookconfiguration,crd"
)
CUSTOM = "ipaddresspools.metallb.io,l2advertisements.metallb.io"
LONG = bool(os.environ.get("BOTLAB_LONG"))


@pytest.fixture
def cluster(control: ApiServer) -> Iterator[ApiServer]:
    """Return the server as it came up, and take away what a test leaves on it."""
    if not control.pids:
        control.start()  # a test that stopped it did not come to its end
    yield control
    kinds = "clusterrole,clusterrolebinding" + (",psp" if is_old(control) else "")
    # First what would be asked about the rest, then the rest.
    control.kubectl("delete", "validatingwebhookconfiguration,crd,nodes", "--all")
    control.kubectl("delete", kinds, "-l", MANAGER, "--wait=false")
    others = "--field-selector=metadata.name!=kubernetes,metadata.name!=kube-root-ca.crt"
    control.kubectl("delete", "svc,cm", "-n", "default", others, "--wait=false")
    control.kubectl("delete", "ns", "metallb-system", "--ignore-not-found")
    assert (ours(control), [one["metadata"]["name"] for one in get(control, "svc")]) == (
        {}, ["kubernetes"]
    )  # fmt: skip


@pytest.fixture(scope="session")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("metallb", tmp_path_factory.mktemp("charms"))


@pytest.fixture(scope="session")
def later() -> Path:
    """Return the folder with MetalLB v0.13.5: controller and manifest."""
    try:
        return metallb("metallb-0.13")
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["2019", "today", "secrets"])
def unit(request: pytest.FixtureRequest, cluster: ApiServer, charms: Path, tmp_path: Path) -> Unit:
    """Put a unit on a machine, related to the control plane of an age."""
    if is_old(cluster) and request.param == "secrets" and not LONG:
        pytest.skip("no control plane of 1.20 grants secrets (tox -e long: all the same)")
    return new_unit(request.param, cluster, charms, tmp_path)


@pytest.fixture
def one(cluster: ApiServer, charms: Path, tmp_path: Path) -> Unit:
    """Put a unit there where the age of relations makes no difference."""
    return new_unit("today", cluster, charms, tmp_path)


def new_unit(age: str, cluster: ApiServer, charms: Path, folder: Path) -> Unit:
    """Make a unit with the guide's pool; on the newest server with a manifest attached."""
    environment = {"METALLB_ROOT": str(folder / "root")}
    unit = make_unit(age, charms, "metallb", "metallb/0", folder, environment)
    unit.configure({"addresses": GUIDE})
    relate(unit, cluster, age)
    if not is_old(cluster):
        attach(unit)
    return unit


def attach(unit: Unit) -> None:
    """Attach v0.13.5's manifest as the resource."""
    try:
        unit.put("resources", {"manifest": str(metallb("metallb-0.13") / "manifest.yaml")})
    except UnavailableError as error:
        pytest.skip(str(error))


def is_old(cluster: ApiServer) -> bool:
    """Tell whether this is 1.20."""
    return bool(json.loads(cluster.kubectl("get", "--raw", "/version"))["minor"] == "20")


def release(cluster: ApiServer) -> str:
    """Return the release that comes by itself here."""
    return "v0.12.1" if is_old(cluster) else "v0.13.5"


def get(cluster: ApiServer, *args: str) -> list[dict[str, Any]]:
    """Return objects."""
    return list(json.loads(cluster.kubectl("get", *args, "-o", "json"))["items"])


def ours(cluster: ApiServer) -> dict[str, str]:
    """Return the resource version of every object of the charm's."""
    kinds = KINDS + (",psp" if is_old(cluster) else "")
    found = get(cluster, kinds, "-A", "-l", MANAGER)
    with contextlib.suppress(KubectlError):  # they are defined from 0.13 on
        found += get(cluster, CUSTOM, "-A", "-l", MANAGER)
    return {
        f"{one['kind']} {one['metadata']['name']}": one["metadata"]["resourceVersion"]
        for one in found
    }


def settle(cluster: ApiServer) -> None:
    """Report the pods as ready, as kubelets would."""
    scheduled = {"currentNumberScheduled": 2, "desiredNumberScheduled": 2, "numberMisscheduled": 0}
    for kind, name, status in (
        ("deployments", "controller", {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}),
        ("daemonsets", "speaker", {**scheduled, "numberReady": 2}),
    ):
        path = f"/apis/apps/v1/namespaces/metallb-system/{kind}/{name}"
        live = json.loads(cluster.kubectl("get", "--raw", path))
        live["status"] = {"observedGeneration": live["metadata"]["generation"], **status}
        cluster.kubectl("replace", "--raw", f"{path}/status", "-f", "-", stdin=json.dumps(live))


def service(cluster: ApiServer, name: str, address: str = "", **notes: str) -> None:
    """Make a LoadBalancer service, with an address as MetalLB would write it."""
    body: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": name, "namespace": "default", "annotations": notes},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
    }  # fmt: skip
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    if address:
        path = f"/api/v1/namespaces/default/services/{name}"
        live = json.loads(cluster.kubectl("get", "--raw", path))
        live["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}
        cluster.kubectl("replace", "--raw", f"{path}/status", "-f", "-", stdin=json.dumps(live))


def address_of(cluster: ApiServer, name: str) -> str:
    """Return a service's address."""
    live = json.loads(cluster.kubectl("get", "svc", name, "-o", "json"))
    entries = live["status"]["loadBalancer"].get("ingress") or [{}]
    return str(entries[0].get("ip", ""))


def gone(cluster: ApiServer) -> bool:
    """Tell whether the namespace is gone, giving its controller time."""
    for _ in range(100):
        names = [one["metadata"]["name"] for one in get(cluster, "ns")]
        if "metallb-system" not in names:
            return True
        time.sleep(0.2)
    return False


def test_a_life(cluster: ApiServer, unit: Unit) -> None:
    """Comes in, is kept, and goes, with nothing of others touched."""
    cluster.kubectl("create", "configmap", "theirs", "--from-literal=a=b")
    before = cluster.kubectl("get", "cm", "theirs", "-o", "json")
    told = run(unit, *HOOKS)
    assert told.startswith(f"waiting: MetalLB {release(cluster)}: "), told + unit.log()

    settle(cluster)
    service(cluster, "web", "10.64.0.100")
    told = run(unit, "update-status")
    wanted = f"active: MetalLB {release(cluster)}, pool default, 1 of 11 addresses used"
    assert told == wanted
    assert unit.get("version") == release(cluster)
    assert cluster.token not in unit.log() + told

    kept = ours(cluster)
    run(unit, "config-changed", "update-status")
    assert ours(cluster) == kept, "a second run writes nothing"
    found = unit.action("list-objects")["results"]
    assert (found["ok"], found["extra"]) == ("true", "[]")

    leave(unit)
    assert gone(cluster)
    assert ours(cluster) == {}
    assert cluster.kubectl("get", "cm", "theirs", "-o", "json") == before
    assert not (Path(unit.folder).parent / "root/var/lib/metallb-charm/kubeconfig").exists()


def test_drift_is_repaired(cluster: ApiServer, one: Unit) -> None:
    """What was deleted or changed by hand is put back, by the next hook; list-objects names it."""
    run(one, "install")
    cluster.kubectl("delete", "role", "-n", "metallb-system", "pod-lister")
    cluster.kubectl(
        "set", "image", "-n", "metallb-system", "deploy/controller", "controller=evil:1"
    )
    found = one.action("list-objects")["results"]
    assert json.loads(found["missing"]) == ["Role metallb-system/pod-lister"]
    assert json.loads(found["changed"]) == ["Deployment metallb-system/controller"]
    assert found["ok"] == "false"

    run(one, "update-status")

    found = one.action("list-objects")["results"]
    assert (found["ok"], found["missing"], found["changed"]) == ("true", "[]", "[]")


def test_upgrades_keep_addresses(cluster: ApiServer, one: Unit, later: Path) -> None:
    """v0.8.1 to v0.9.3 to v0.12.1 to custom resources: a service keeps what it has."""
    if not is_old(cluster):
        pytest.skip("Kubernetes of today runs no release with a ConfigMap")
    service(cluster, "web", "10.64.0.100")
    secrets = []
    for version in ("v0.8.1", "v0.9.3", "v0.12.1"):
        one.configure({"addresses": GUIDE, "version": version})
        assert f"MetalLB {version}" in run(one, "config-changed")
        image = get(cluster, "deploy", "-n", "metallb-system")[0]["spec"]["template"]["spec"]
        assert image["containers"][0]["image"].endswith(f"controller:{version}")
        secrets.append([s["data"] for s in get(cluster, "secret", "-n", "metallb-system")
                        if s["metadata"]["name"] == "memberlist"])  # fmt: skip
    assert not secrets[0]
    assert secrets[1] == secrets[2], "the speakers' secret is made once"
    assert len(base64.b64decode(base64.b64decode(secrets[1][0]["secretkey"]))) == 128

    one.configure({"addresses": GUIDE, "version": "v0.13.5"})
    attach(one)
    assert "MetalLB v0.13.5" in run(one, "config-changed")
    settle(cluster)
    # No webhook answers here, and none is asked: nothing changes any more.
    assert run(one, "update-status").endswith("pool default, 1 of 11 addresses used")
    assert "ConfigMap config" not in ours(cluster)
    assert get(cluster, CUSTOM.split(",")[0], "-A")[0]["spec"]["addresses"] == [GUIDE]
    assert address_of(cluster, "web") == "10.64.0.100"


BAD_POOLS = {
    "{name: a, protocol: layer2, addresses: [10.0.0.9-10.0.0.1]}": "after",
    "{name: a, addresses: [10.64.9.0/24]}": "address pool is missing the protocol field",
    "{name: a, protocol: layer2}": "pool has no prefixes defined",
    "{name: a, protocol: layer2, adresses: []}": "field adresses not found",
    "{name: a, protocol: layer2, addresses: [10.152.183.1/32]}": "the service default/kubernetes",
    "{name: a, protocol: layer2, addresses: [10.152.183.64/28]}": "the services' network",
    "{name: a, protocol: layer2, addresses: [10.77.0.0/24]}": "the node n1 10.77.0.5/32",
    "{name: a, protocol: layer2, addresses: [10.88.0.0/24]}": "the network 10.88.0.0/16",
}


def test_bad_pools_are_refused_before_anything_is_applied(cluster: ApiServer, one: Unit) -> None:
    """With MetalLB's own words, or ours marked as ours."""
    path = "/api/v1/nodes"
    node: dict[str, Any] = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    node["status"] = {"addresses": [{"type": "InternalIP", "address": "10.77.0.5"}]}
    cluster.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(node))
    cluster.kubectl("replace", "--raw", f"{path}/n1/status", "-f", "-", stdin=json.dumps(node))
    common = {"version": "v0.8.1" if is_old(cluster) else "", "reserved-networks": "10.88.0.0/16"}
    for pool, words in BAD_POOLS.items():
        one.configure({"pools": f"- {pool}", **common})

        told = run(one, "config-changed")

        assert told.startswith("blocked: "), told
        if words == "after":
            words = "lower address first" if is_old(cluster) else "is after the end IP"
        assert words in told
    assert ours(cluster) == {}


def test_an_unfit_release_is_refused(cluster: ApiServer, one: Unit) -> None:
    """With those that fit."""
    one.configure({"addresses": GUIDE, "version": "v0.16.1" if is_old(cluster) else "v0.12.1"})

    told = run(one, "install")

    assert told.startswith("blocked: version v0.1"), told
    assert "those that do are" in told


def test_a_change_that_strands_services_needs_a_word(cluster: ApiServer, one: Unit) -> None:
    """Refused with their names; nothing changes until sync-objects force=true."""
    run(one, "install")
    service(cluster, "web", "10.64.0.101")
    service(cluster, "others", "172.16.0.9")  # of another load balancer
    before = ours(cluster)
    if not is_old(cluster):
        # No webhook answers on this server; it would refuse each change of a pool.
        cluster.kubectl("delete", "validatingwebhookconfiguration", "--all")
        before.pop("ValidatingWebhookConfiguration metallb-webhook-configuration")
    one.configure({"addresses": "10.64.0.200-10.64.0.210"})

    told = run(one, "config-changed")

    assert told.startswith("blocked: these services would lose their address: default/web"), told
    assert "others" not in told
    assert ours(cluster) == before
    assert "default/web" in one.action("sync-objects")["failed"]

    done = one.action("sync-objects", force=True)
    assert not done.get("failed"), done
    assert json.loads(done["results"]["changed"])
    assert run(one, "update-status").startswith("waiting: MetalLB")


def test_a_metallb_of_others_is_not_touched(cluster: ApiServer, one: Unit) -> None:
    """One applied by hand, as in the guide, is named; adopt=true takes it over."""
    cluster.kubectl("create", "namespace", "metallb-system")
    cluster.kubectl("create", "sa", "-n", "metallb-system", "speaker")

    told = run(one, "install")

    assert told.startswith("blocked: not made by this application: "), told
    assert "adopt=true" in told
    assert ours(cluster) == {}
    done = one.action("sync-objects", adopt=True)
    assert not done.get("failed"), done
    assert run(one, "update-status").startswith("waiting: MetalLB")


def test_what_others_have_in_the_namespace_stays(cluster: ApiServer, one: Unit) -> None:
    """Removal takes ours; the namespace stays for theirs, and the log says so."""
    run(one, "install")
    cluster.kubectl("create", "cm", "-n", "metallb-system", "theirs", "--from-literal=a=b")

    leave(one)

    assert "Namespace metallb-system stays: it holds ConfigMap theirs" in one.log()
    assert set(ours(cluster)) == {"Namespace metallb-system"}
    cluster.kubectl("get", "cm", "-n", "metallb-system", "theirs")


def test_another_models_metallb_is_not_ours(cluster: ApiServer, one: Unit, tmp_path: Path) -> None:
    """Two models with an application of the same name share a cluster."""
    run(one, "install")
    before = ours(cluster)
    one.environment["JUJU_MODEL_UUID"] = "11111111-0000-0000-0000-000000000000"

    told = run(one, "config-changed")

    assert told.startswith("blocked: not made by this application: "), told
    assert ours(cluster) == before


def test_removed_objects_stay_away(cluster: ApiServer, one: Unit) -> None:
    """remove-objects is not undone by the next hook, but by sync-objects."""
    run(one, "install")
    done = one.action("remove-objects")
    assert done["results"] == {"ok": "true", "left": "[]"}, done
    assert run(one, "update-status").startswith("blocked: removed by the action")
    assert ours(cluster) == {}

    assert gone(cluster)
    assert not one.action("sync-objects").get("failed")
    assert run(one, "update-status").startswith("waiting: MetalLB")


def test_credentials_that_change_are_followed(cluster: ApiServer, one: Unit) -> None:
    """A token that no longer counts is told without it; the new one goes on."""
    bags = one.get("relations")
    control = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    right = control["creds"]
    control["creds"] = right.replace(cluster.token, "0123456789abcdef")
    one.put("relations", bags)
    told = run(one, "install")
    assert told == "waiting: the API refuses our credentials (Unauthorized)", told
    assert "0123456789abcdef" not in told + one.log()

    control["creds"] = right
    one.put("relations", bags)
    assert run(one, "kube-control-relation-changed").startswith("waiting: MetalLB")


def through(unit: Unit, proxy: FaultProxy) -> None:
    """Put a proxy between a unit and its server."""
    bags = unit.get("relations")
    control = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    control["api-endpoints"] = json.dumps([proxy.url])
    bags["certificates:2"]["units"]["easyrsa/0"]["ca"] = proxy.ca
    unit.put("relations", bags)


def test_a_server_that_dies_in_the_middle(cluster: ApiServer, one: Unit) -> None:
    """The hook ends well and says so; the next one goes on where it was."""

    def dies_at_the_tenth_write(_: int) -> int:
        if proxy.writes == 10:
            cluster.stop()
        return 0

    with FaultProxy(cluster, dies_at_the_tenth_write) as proxy:
        through(one, proxy)
        told = run(one, "install")
    assert told.startswith("waiting: the API cannot be reached"), told

    cluster.start()
    relate(one, cluster, "today")
    there = ours(cluster)
    assert there, "it died in the middle, not before"
    assert run(one, "kube-control-relation-changed").startswith("waiting: MetalLB")
    assert len(ours(cluster)) > len(there)
    assert one.action("list-objects")["results"]["ok"] == "true"


def slowly() -> int:
    """Hold an answer back, and hand it through then."""
    time.sleep(2)
    return 0


FAULTS: dict[str, Callable[[], int]] = {
    "busy": lambda: 429, "broken": lambda: 500, "away": lambda: 503, "slow": slowly,
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_fails_now_and_then(cluster: ApiServer, one: Unit, fault: str) -> None:
    """Every ninth request fails or is slow; all comes all the same."""
    if is_old(cluster) and fault != "broken" and not LONG:
        pytest.skip("what fails is looked at before the release: on one server (tox -e long: all)")
    answer = FAULTS[fault]
    with FaultProxy(cluster, lambda number: 0 if number % 9 else answer()) as proxy:
        through(one, proxy)
        assert run(one, "install").startswith("waiting: MetalLB"), one.log()
        assert one.action("list-objects")["results"]["ok"] == "true"


def test_a_hook_that_changes_nothing_only_reads(cluster: ApiServer, one: Unit) -> None:
    """Counted on the wire."""
    with FaultProxy(cluster, lambda _: 0) as proxy:
        through(one, proxy)
        run(one, "install")
        assert proxy.writes > 10
        proxy.seen.clear()
        proxy.writes = 0
        run(one, "update-status")
        assert proxy.writes == 0
        assert len(proxy.seen) > 10


def test_missing_pieces_are_named(cluster: ApiServer, one: Unit) -> None:
    """Without relations, and without pools."""
    one.put("relations", {})
    told = run(one, "install")
    assert told.startswith("waiting: kube-control is not related to the control plane"), told
    one.configure({})
    assert run(one, "config-changed").startswith("blocked: no address pool; set addresses")


@contextlib.contextmanager
def controller(cluster: ApiServer, name: str, folder: Path) -> Iterator[Path]:
    """Run MetalLB's own controller on what the charm applied; return its log."""
    try:
        program = metallb(name) / "controller"
    except UnavailableError as error:
        pytest.skip(str(error))
    args = [str(program), f"--kubeconfig={cluster.kubeconfig}", "--namespace=metallb-system"]
    args += ["--port=0"] if name == "metallb-0.11" else ["--port=0", "--webhook-mode=disabled"]
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(args, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield log
    finally:
        process.kill()
        process.wait()


def test_a_service_gets_an_address(cluster: ApiServer, one: Unit, tmp_path: Path) -> None:
    """From the pool, by MetalLB's own controller, in both forms of configuration."""
    if is_old(cluster):
        one.configure({"addresses": GUIDE, "version": "v0.11.0"})
    run(one, "install")
    settle(cluster)

    name = "metallb-0.11" if is_old(cluster) else "metallb-0.13"
    with controller(cluster, name, tmp_path) as log:
        done = one.action("verify", timeout=30)

    checks = {check["name"]: check for check in json.loads(done["results"]["checks"])}
    assert checks["address"]["ok"], (checks, log.read_text()[-2000:])
    assert checks["address"]["message"] == "the service was given 10.64.0.100"
    assert done["results"]["ok"] == "true", checks
    assert [s["metadata"]["name"] for s in get(cluster, "svc")] == ["kubernetes"]


def test_an_address_survives_the_move_to_custom_resources(
    cluster: ApiServer, one: Unit, tmp_path: Path
) -> None:
    """Given by the controller of v0.11.0, kept by the one of v0.13.5, which gives the next."""
    if not is_old(cluster):
        pytest.skip("Kubernetes of today runs no release with a ConfigMap")
    one.configure({"addresses": GUIDE, "version": "v0.11.0"})
    run(one, "install")
    service(cluster, "web")
    with controller(cluster, "metallb-0.11", tmp_path):
        given = wait_for_address(cluster, "web")

    attach(one)
    one.configure({"addresses": GUIDE, "version": "v0.13.5"})
    run(one, "config-changed")
    with controller(cluster, "metallb-0.13", tmp_path) as log:
        # A controller of this release that starts may hand another's address to a service that
        # waits for one: it looks at services in any order. So the next one comes afterwards.
        for _ in range(60):
            if '"end reconcile":"default/web"' in log.read_text():
                break
            time.sleep(0.5)
        service(cluster, "next")
        assert wait_for_address(cluster, "next") not in ("", given)
        assert address_of(cluster, "web") == given


def wait_for_address(cluster: ApiServer, name: str) -> str:
    """Return a service's address as soon as it has one."""
    for _ in range(60):
        found = address_of(cluster, name)
        if found:
            return found
        time.sleep(0.5)
    return ""


def test_verify_says_why_no_address_comes(cluster: ApiServer, one: Unit) -> None:
    """Without a controller, within its time, and with the service taken away again."""
    run(one, "install")
    done = one.action("verify", timeout=1)

    assert "no address after 1 s" in done["failed"], done
    assert json.loads(done["results"]["failures"])
    with pytest.raises(KubectlError):
        cluster.kubectl("get", "svc", "metallb-verify")
