"""The packed charm kubeflow-installer as Juju runs it, on a real API server of today.

A generated set of Kubeflow's size stands for a release's objects (600, some too large for an
annotation). No kubelet runs here: what pods would report is patched into the workloads' status, an
address is handed out as MetalLB would, and behind it a stand-in for the gateway answers over HTTPS
with the certificate that the charm made. The tests build on each other, in this order.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.juju.unit import Unit
from helpers.kube.builds import UnavailableError, newest
from helpers.kube.fault_proxy import FaultProxy
from helpers.kube.network_namespace import in_a_network_of_its_own
from helpers.kube.related import make_unit, pack, run
from helpers.kube.servers import CONTROLLERS, ApiServer
from helpers.kubeflow.builds import kustomize
from helpers.kubeflow.lab import ADDRESS, Balancer, Lab, attach, results, until

from helpers.kubeflow import generated  # isort: skip - on the path by kubeflow_lab
from kubeflow_installer.ingress import tls  # isort: skip
from labcharm.machine import Machine  # isort: skip
from labkube.client.api import MERGE  # isort: skip
from helpers.kubeflow.lab_gateway import Door, redirect  # isort: skip

RELEASE, EARLIER = "26.03", "1.11.0"
# The state, the Secret with the release's objects, and the certificate.
BESIDE = 3
KEPT = "blocked: uninstalled by the action; bring it back with install"


@pytest.fixture(scope="session")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("kubeflow-installer", tmp_path_factory.mktemp("charms"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the generated sets of two releases as the YAML that would be attached."""
    folder = tmp_path_factory.mktemp("built")
    found = {}
    for name in (EARLIER, RELEASE):
        found[name] = folder / f"{name}.yaml.gz"
        text = generated.as_yaml(generated.objects(name))
        found[name].write_bytes(gzip.compress(text.encode()))
    return found


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of today, with what empties namespaces, collects garbage, frees volumes."""
    try:
        server = ApiServer(newest(), tmp_path_factory.mktemp("kube"), manager=True)
        server.start(CONTROLLERS + ",pvc-protection,pv-protection")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


def unit_of(cluster: ApiServer, charms: Path, folder: Path, name: str, age: str = "today") -> Unit:
    """Put a unit on a machine of its own."""
    environment = {"KUBEFLOW_INSTALLER_ROOT": str(folder / "root")}
    return make_unit(age, charms, "kubeflow-installer", name, folder, environment)


@pytest.fixture(scope="module")
def lab(
    cluster: ApiServer,
    charms: Path,
    built: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """Put a unit there, with the earlier release's objects attached."""
    unit = unit_of(cluster, charms, tmp_path_factory.mktemp("unit"), "kubeflow-installer/0")
    unit.configure({"version": EARLIER})
    attach(unit, manifests=built[EARLIER])
    found = Lab(cluster, unit)
    found.before = found.listing()
    yield found
    found.api.close()


@contextlib.contextmanager
def gateway(lab: Lab) -> Iterator[Door]:
    """Answer at the address as the gateway would, with its certificate; dex is asked first."""
    certificate, key = lab.certificate("kubeflow-gateway-tls")
    with Door(certificate, key, host=ADDRESS, ports=(443,)) as door:
        door.answer = lambda ask: redirect("/dex/auth?client_id=kubeflow-oidc-authservice")
        yield door


def test_waits_for_relations(lab: Lab) -> None:
    """The first status names what is not related."""
    assert run(lab.unit, "install").startswith("waiting: kube-control is not related")


def test_everything_that_is_missing_is_named_together(lab: Lab) -> None:
    """Each with its mend; nothing is written but the probe, which is gone again."""
    lab.relate(lab.unit, "today")
    status = run(lab.unit, "kube-control-relation-changed")

    assert status.startswith("blocked: ")
    for told in (
        "storage-class: there is no StorageClass; deploy nfs-server",
        "load-balancer: no LoadBalancer address within 15 s: nothing hands them out; deploy",
        "nodes: ",
    ):
        assert told in status, status
    assert lab.ours() == {}
    assert lab.listing() == lab.before


def test_objects_of_others_are_in_the_way(lab: Lab) -> None:
    """Named, and not touched."""
    lab.node()
    lab.storage()
    lab.before = lab.listing()
    lab.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "istio-system"}})
    with Balancer(lab.server):
        status = lab.hook()
    assert status.startswith("blocked: foreign-objects: ")
    assert "Namespace istio-system" in status
    assert "install with adopt=true" in status
    assert lab.ours() == {}
    lab.server.kubectl("delete", "ns", "istio-system")


def test_waits_for_its_peers(lab: Lab) -> None:
    """Before them no secret is made; one whose id was never kept is found by its label."""
    relations, secrets = lab.unit.get("relations"), lab.unit.get("secrets")
    alone = {key: one for key, one in relations.items() if one["name"] != "installers"}
    lab.unit.put("relations", alone)
    with Balancer(lab.server):
        assert lab.hook() == "waiting: the peer relation installers does not exist yet"
    assert lab.unit.get("secrets") == secrets
    lab.unit.put("secrets", {**secrets, "left": {"password": "x"}})
    lab.unit.put("secret-labels", {"credentials": "left"})
    lab.unit.put("relations", relations)
    with Balancer(lab.server):
        lab.hook()
    kept = lab.unit.get("relations")["installers:9"]["local-app"]
    assert kept["credentials"].startswith("secret:")
    assert kept["credentials"].endswith("left")
    assert sorted(lab.unit.get("secrets")) == sorted([*secrets, "left"])


def test_installs_until_the_pods_are_awaited(lab: Lab) -> None:
    """All objects, the gateway's address, its certificate; then the workloads, with a count."""
    with Balancer(lab.server):
        status = until(lambda: _waits_for_pods(lab.unit), lab.hook)
    assert status.startswith(f"waiting: Kubeflow {EARLIER}: 0 of "), lab.unit.status()
    wanted = generated.objects(EARLIER)
    assert len(wanted) > 550
    assert len(lab.ours()) == len(wanted) + BESIDE
    service = lab.get("Service", "istio-ingressgateway", "istio-system")
    assert service["spec"]["type"] == "LoadBalancer"


def _waits_for_pods(unit: Unit) -> str:
    return unit.status() if " workloads ready; " in unit.status() else ""


def test_answers_at_an_address(lab: Lab) -> None:
    """Active, with the URL, once pods run and the gateway leads to dex."""
    assert lab.settle() >= 40
    assert "waiting: " in lab.hook()  # nobody answers yet
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}" + _doubt(lab)
        answer = lab.unit.action("get-url")
    assert answer["results"] == {"url": f"https://{ADDRESS}"}


def test_a_name_and_a_certificate_of_the_site(lab: Lab) -> None:
    """Both in the URL at once, and checked over HTTPS; without them it is as before."""
    host = "kubeflow.lab.example"
    pair = tls.self_signed(Machine(), [host])
    texts = {"tls.crt": pair.certificate, "tls.key": pair.key}
    given = {
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": {"name": "dashboard", "namespace": "default"},
        "data": {key: base64.b64encode(one.encode()).decode() for key, one in texts.items()},
    }  # fmt: skip
    lab.api.create(given)
    lab.unit.configure({"version": EARLIER, "hostname": host, "tls-secret": "default/dashboard"})
    lab.hook("config-changed")
    assert lab.certificate("kubeflow-gateway-tls") == (pair.certificate, pair.key)
    with gateway(lab):
        assert lab.hook() == f"active: https://{host}" + _doubt(lab)
        assert lab.unit.action("get-url")["results"] == {"url": f"https://{host}"}
        checks = results(lab.unit.action("verify", login=False))["checks"]
    found = {one["name"]: one for one in checks}
    assert all(found[name]["ok"] for name in ("certificate", "url", "hostname", "objects"))
    assert found["certificate"]["message"].startswith(f"the certificate is for {host}, ")
    assert found["hostname"]["message"].endswith(f"let it lead to {ADDRESS}")
    lab.api.delete(given)
    told = "option tls-secret: default/dashboard is not there; make it, or empty the option"
    assert lab.hook() == f"blocked: {told}"
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    assert lab.certificate("kubeflow-gateway-tls")[0] != pair.certificate
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}" + _doubt(lab)


def _doubt(lab: Lab) -> str:
    major, minor = lab.api.version()
    told = "; upstream names Kubernetes 1.32 to 1.34 for Kubeflow 1.11.0, not %d.%d"
    return told % (major, minor)


def test_what_follows_a_service_is_none_of_ours(lab: Lab) -> None:
    """Endpoints bear its labels; they are neither extra nor missing."""
    services = [name for name in lab.ours() if name.startswith("Service ")]
    assert len(services) > 30
    assert len(lab.followers()) >= 2 * len(services)
    found = results(lab.unit.action("list-objects"))
    assert found == {**found, "ok": True, "changed": [], "missing": [], "extra": []}


def test_a_second_run_writes_nothing(lab: Lab) -> None:
    """Not one object has another version."""
    before = lab.ours()
    with gateway(lab), FaultProxy(lab.server, lambda number: 0) as proxy:
        _through(lab, proxy.url, proxy.ca)
        assert lab.hook().startswith("active")
        assert proxy.writes == 0
    assert lab.ours() == before
    lab.relate(lab.unit, "today")


def test_no_secret_is_told(lab: Lab) -> None:
    """The password is shown by its action, and found nowhere else."""
    shown = lab.unit.action("get-credentials")["results"]
    assert shown["user"] == "admin@kubeflow.org"
    password = shown["password"]
    assert password not in lab.unit.log()
    assert password not in lab.unit.status()
    assert password not in json.dumps(lab.unit.get("relations"))
    root = Path(lab.unit.environment["KUBEFLOW_INSTALLER_ROOT"])
    for path in root.rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes(), path
    live = lab.get("Secret", "dex-passwords", "auth")
    assert password not in json.dumps(live)


def test_what_was_changed_by_hand_is_put_right(lab: Lab) -> None:
    """Deleted or changed; what others added stays."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.server.kubectl("-n", "istio-system", "patch", "svc", "istio-ingressgateway", "-p",
                       '{"spec": {"type": "ClusterIP"}}')  # fmt: skip
    lab.server.kubectl("-n", "kubeflow", "label", "deploy", "jupyter-web-app-deployment", "a=b")
    found = results(lab.unit.action("list-objects"))
    assert found["ok"] is False
    assert found["missing"] == ["Deployment kubeflow/centraldashboard"]
    assert found["changed"] == ["Service istio-system/istio-ingressgateway"]

    assert lab.hook().endswith("the gateway has no address yet")
    with Balancer(lab.server):
        time.sleep(1)
    lab.settle()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    live = lab.get("Deployment", "jupyter-web-app-deployment", "kubeflow", "apps/v1")
    assert live["metadata"]["labels"]["a"] == "b"


def test_a_webhook_without_a_pod_refuses(lab: Lab) -> None:
    """What it covers is told and tried again; the rest is put right meanwhile."""
    lab.api.create(REFUSING)
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.server.kubectl("-n", "kubeflow", "delete", "svc", "centraldashboard")
    try:
        status = until(lambda: _refused(lab), lab.hook, 10)
    finally:
        lab.server.kubectl("delete", "validatingwebhookconfiguration", "lab-refuses")
    total = len(generated.objects(EARLIER))
    assert f"{total - 1} of {total} objects applied; not taken yet: Deployment kubeflow/" in status
    assert "failed calling webhook" in status
    assert lab.get("Service", "centraldashboard", "kubeflow")

    lab.hook()
    lab.settle()
    with gateway(lab):
        assert lab.hook().startswith("active")


def _refused(lab: Lab) -> str:
    return lab.unit.status() if "not taken yet" in lab.unit.status() else ""


REFUSING = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "lab-refuses"},
    "webhooks": [
        {
            "name": "refuses.lab.example",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:9/nobody"},
            "rules": [
                {
                    "apiGroups": ["apps"],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["deployments"],
                }
            ],
        }
    ],
}


def test_verify_looks_at_the_inventory(lab: Lab) -> None:
    """Unbound claims are told; the rest is right."""
    with gateway(lab):
        answer = results(lab.unit.action("verify", login=False))
    checks = {one["name"]: one for one in answer["checks"]}
    assert checks["release"]["ok"]
    assert checks["namespaces"]["ok"]
    assert checks["workloads"]["ok"]
    assert checks["objects"]["ok"]
    assert checks["url"]["ok"]
    assert not checks["claims"]["ok"]
    assert "kubeflow/mysql-pv-claim is Pending" in checks["claims"]["message"]


def test_another_leader_goes_on(
    lab: Lab, cluster: ApiServer, charms: Path, tmp_path: Path, built: dict[str, Path]
) -> None:
    """With the same password and nothing written, on a machine that knows nothing."""
    other = unit_of(cluster, charms, tmp_path, "kubeflow-installer/1")
    other.configure({"version": EARLIER})
    attach(other, manifests=built[EARLIER])
    lab.relate(other, "today")
    shared = lab.unit.get("relations")["installers:9"]
    other.put("relations", {**other.get("relations"), "installers:9": shared})
    other.put("secrets", lab.unit.get("secrets"))
    lab.unit.put("leader", False)
    assert lab.hook() == "active: the leader looks after Kubeflow"

    before = lab.ours()
    with gateway(lab):
        assert run(other, "leader-elected").startswith("active: https://")
    assert lab.ours() == before
    shown = [unit.action("get-credentials") for unit in (lab.unit, other)]
    assert "only the leader" in shown[0]["failed"]
    # Any unit knows the address.
    assert lab.unit.action("get-url")["results"] == {"url": f"https://{ADDRESS}"}
    lab.unit.put("leader", True)
    assert lab.unit.action("get-credentials")["results"] == shown[1]["results"]


def test_a_new_password_reaches_dex(lab: Lab) -> None:
    """Its hash is applied, and dex starts anew; the old one is gone."""
    before = lab.get("Secret", "dex-passwords", "auth")["data"]
    dex = lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"]
    old = lab.unit.action("get-credentials")["results"]["password"]

    answer = lab.unit.action("rotate-credentials")
    assert "failed" not in answer
    new = lab.unit.action("get-credentials")["results"]["password"]
    assert new != old
    assert new not in json.dumps(answer)
    assert lab.get("Secret", "dex-passwords", "auth")["data"] != before
    assert lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"] != dex
    lab.settle()


def test_another_user_owns_the_profile(lab: Lab) -> None:
    """The Profile and the namespace that its controller made of it; and back."""
    profile = next(one for one in generated.objects(EARLIER) if one["kind"] == "Profile")
    name, version = profile["metadata"]["name"], profile["apiVersion"]
    metadata = {"name": name, "annotations": {"owner": "admin@kubeflow.org"}}
    lab.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    lab.unit.configure({"version": EARLIER, "user": "jo@lab.example"})
    lab.hook("config-changed")
    live = lab.get("Profile", name, version=version)
    assert live["spec"]["owner"]["name"] == "jo@lab.example"
    assert lab.get("Namespace", name)["metadata"]["annotations"]["owner"] == "jo@lab.example"
    assert lab.unit.action("get-credentials")["results"]["user"] == "jo@lab.example"
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    lab.server.kubectl("delete", "ns", name)


def test_options_change_what_stands(lab: Lab) -> None:
    """Registry and spawner; and back. The services' endpoints are left alone all the while."""
    before = lab.followers()
    lab.unit.configure({"version": EARLIER, "image-registry": "reg.lab:5000/kf"})
    lab.hook("config-changed")
    pods = [one["spec"]["template"]["spec"] for one in lab.api.list("apps/v1", "Deployment")]
    images = [one["image"] for pod in pods for one in pod["containers"]]
    assert images
    assert all(image.startswith("reg.lab:5000/kf/") for image in images)
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    lab.settle()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert before
    assert lab.followers() == before


def test_an_upgrade_is_planned_first(lab: Lab, built: dict[str, Path]) -> None:
    """The option alone moves nothing; the plan is shown, then made, and what is over goes."""
    lab.unit.configure({"version": RELEASE})
    refused = lab.unit.action("upgrade", version="1.10.2")
    assert "upstream has no way back from 1.11.0 to 1.10.2" in refused["failed"]
    refused = lab.unit.action("upgrade", apply=True)
    assert "load-balancer: no LoadBalancer address within 15 s" in refused["failed"]
    assert "; manifests: those at hand lack of Kubeflow 26.03: " in refused["failed"]
    assert lab.get("ConfigMap", STATE, "kube-system")["data"]["release"] == EARLIER

    attach(lab.unit, manifests=built[RELEASE])
    with Balancer(lab.server):
        planned = lab.unit.action("upgrade")
    assert "failed" not in planned
    plan = results(planned)
    assert (plan["from"], plan["to"]) == (EARLIER, RELEASE)
    assert plan["created"]
    assert plan["pruned"]
    assert len(plan["created"]) + len(plan["changed"]) < 600
    assert not [name for name in plan["pruned"] if name.startswith("Endpoint")]
    endpoints = lab.followers()
    assert lab.get("ConfigMap", STATE, "kube-system")["data"]["release"] == EARLIER
    before = lab.ours()
    with gateway(lab):
        assert lab.hook("upgrade-charm").endswith(
            "run upgrade for version 26.03; other files are at hand than Kubeflow 1.11.0 was made"
            " from; upgrade takes them"
        )
    assert lab.ours() == before
    _rotate_meanwhile(lab)

    with Balancer(lab.server):
        done = lab.unit.action("upgrade", apply=True)
    assert "failed" not in done
    lab.settle()
    with gateway(lab):
        status = until(
            lambda: lab.unit.status() if "active" in lab.unit.status() else "", lab.hook
        )
    assert status.startswith(f"active: https://{ADDRESS}")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    assert plan["left"] == []
    assert len(lab.ours()) == len(generated.objects(RELEASE)) + BESIDE
    for name in plan["pruned"]:
        assert name not in lab.ours()
    after = lab.followers()
    stay = {name: uid for name, uid in endpoints.items() if name in after}
    assert len(stay) > 60
    assert stay == {name: uid for name, uid in after.items() if name in endpoints}


def _rotate_meanwhile(lab: Lab) -> None:
    """A new password and other options reach the objects of the release that is installed."""
    before = lab.get("Secret", "dex-passwords", "auth")["data"]
    lab.unit.configure({"version": RELEASE, "image-registry": "reg.lab:5000/kf"})
    assert "failed" not in lab.unit.action("rotate-credentials")
    assert lab.get("Secret", "dex-passwords", "auth")["data"] != before
    dashboard = lab.get("Deployment", "centraldashboard", "kubeflow", "apps/v1")
    (container,) = dashboard["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("reg.lab:5000/kf/")
    assert lab.get("ConfigMap", STATE, "kube-system")["data"]["release"] == EARLIER
    lab.unit.configure({"version": RELEASE})


STATE = "kubeflow-installer-state-kubeflow-installer.00000000"


def test_the_api_fails_now_and_then(lab: Lab) -> None:
    """429, 500 and 503 in between change nothing of the end."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy,svc", "--all")
    faults = {5: 429, 17: 503, 40: 500, 41: 500, 90: 429}
    with FaultProxy(lab.server, lambda number: faults.get(number, 0)) as proxy:
        _through(lab, proxy.url, proxy.ca)
        lab.hook()
        assert len(proxy.seen) > 90
    lab.relate(lab.unit, "today")
    until(lambda: results(lab.unit.action("list-objects"))["ok"], lab.hook)
    assert results(lab.unit.action("list-objects"))["ok"] is True


def _through(lab: Lab, url: str, ca: str) -> None:
    relations = lab.unit.get("relations")
    relations["kube-control:1"]["units"]["kubernetes-master/0"]["api-endpoints"] = json.dumps(
        [url]
    )
    relations["certificates:2"]["units"]["easyrsa/0"]["ca"] = ca
    lab.unit.put("relations", relations)


def test_uninstall_leaves_the_cluster_as_it_was(lab: Lab) -> None:
    """But for the volumes that it kept and names."""
    volume = bind(lab, "mysql-pv-claim", "kubeflow")
    answer = results(until(lambda: _gone(lab), lambda: None, 5))

    assert answer["ok"] is True
    assert answer["left"] == []
    (kept,) = answer["kept"]
    assert kept.startswith(f"PersistentVolume {volume}") or volume in kept
    assert lab.get("PersistentVolume", volume)["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert lab.unit.status() == KEPT
    assert lab.listing() - {f"PersistentVolume {volume}"} == lab.before
    assert lab.hook() == KEPT
    finalizers = {"metadata": {"finalizers": None}}
    lab.server.kubectl("delete", "pv", volume, "--wait=false")
    lab.api.request("PATCH", f"/api/v1/persistentvolumes/{volume}", finalizers, MERGE)


def _gone(lab: Lab) -> Any:
    answer = lab.unit.action("uninstall", timeout=120)
    return answer if results(answer)["ok"] else None


def bind(lab: Lab, claim: str, namespace: str) -> str:
    """Bind a claim to a volume, as a provisioner and the binder would."""
    name = f"pvc-{claim}"
    spec = {
        "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "20Gi"},
        "storageClassName": "nfs", "persistentVolumeReclaimPolicy": "Delete",
        "nfs": {"server": "10.0.0.10", "path": f"/nfsroot/{namespace}-{claim}"},
        "claimRef": {"namespace": namespace, "name": claim},
    }  # fmt: skip
    volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}}
    lab.api.create({**volume, "spec": spec})
    where = f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{claim}"
    lab.api.request("PATCH", where, {"spec": {"volumeName": name}}, MERGE)
    lab.api.request("PATCH", where + "/status", {"status": {"phase": "Bound"}}, MERGE)
    status = {"status": {"phase": "Bound"}}
    lab.api.request("PATCH", f"/api/v1/persistentvolumes/{name}/status", status, MERGE)
    return name


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the release's archive as GitHub makes it, and a real kustomize to build it."""
    try:
        program = kustomize()
    except UnavailableError as error:
        pytest.skip(str(error))
    path = tmp_path_factory.mktemp("archive") / "manifests.tar.gz"
    generated.as_archive(path, generated.objects(RELEASE))
    return {"manifests": path, "kustomize_amd64": program, "kustomize_arm64": program}


def test_killed_at_any_point_it_ends_in_the_same(lab: Lab, archive: dict[str, Path]) -> None:
    """Install again, by kustomize now, the agent's process killed over and over on the way."""
    attach(lab.unit, **archive)
    lab.unit.action("install")
    root = Path(lab.unit.environment["KUBEFLOW_INSTALLER_ROOT"])
    shutil.rmtree(root)
    with Balancer(lab.server):
        for seconds in ("1.2", "2", "3", "4", "6", "9"):
            code, _ = lab.unit.run("update-status", prefix=("timeout", "-s", "KILL", seconds))
            if code == 0:
                break
        assert code != 0 or seconds != "1.2", "no hook was killed"
        until(lambda: _waits_for_pods(lab.unit), lab.hook)
    lab.settle()
    with gateway(lab):
        assert lab.hook().startswith(f"active: https://{ADDRESS}")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    assert len(lab.ours()) == len(generated.objects(RELEASE)) + BESIDE


def test_a_component_is_left_out(lab: Lab, archive: dict[str, Path]) -> None:
    """Built without it anew; it goes, but for the claim that holds its data, which is told."""
    assert archive
    lab.unit.configure({"version": RELEASE, "excluded-components": "katib"})
    assert "failed" not in lab.unit.action("install")
    assert lab.get("Deployment", "katib-controller", "kubeflow", "apps/v1") is None
    assert lab.get("PersistentVolumeClaim", "katib-mysql", "kubeflow") is not None
    found = results(lab.unit.action("list-objects"))
    left = "PersistentVolumeClaim kubeflow/katib-mysql"
    assert (found["ok"], left in found["left"]) == (True, True)
    assert f"no longer wanted, left as it may hold users' data: {left}" in lab.unit.log()
    lab.unit.configure({"version": RELEASE})
    lab.hook("config-changed")
    assert lab.get("Deployment", "katib-controller", "kubeflow", "apps/v1") is not None
    assert results(lab.unit.action("list-objects"))["left"] == []


def test_removal_of_the_application_takes_all_along(lab: Lab) -> None:
    """By the credentials that were last written."""
    lab.unit.put("leaving", True)
    run(lab.unit, "stop")
    assert lab.listing() == lab.before, lab.unit.log()
    assert not Path(lab.unit.environment["KUBEFLOW_INSTALLER_ROOT"], "var").exists() or not list(
        Path(lab.unit.environment["KUBEFLOW_INSTALLER_ROOT"]).rglob("kubeconfig")
    )


def test_by_manifests_without_a_way_out(
    charms: Path, archive: dict[str, Path], tmp_path: Path
) -> None:
    """All over again where server, unit and gateway see loopback alone: nothing else is asked."""
    in_a_network_of_its_own(lambda: install_cut_off(charms, archive, tmp_path))


def install_cut_off(charms: Path, archive: dict[str, Path], folder: Path) -> None:
    """Install what is attached, by kustomize; without that, what cannot be fetched is named."""
    server = ApiServer(newest(), folder / "kube", manager=True)
    try:
        server.start("namespace,serviceaccount")
        unit = unit_of(server, charms, folder, "kubeflow-installer/0")
        unit.configure({"version": RELEASE})
        found = Lab(server, unit)
        found.relate(unit, "today")
        found.node()
        found.storage()
        with Balancer(server):
            assert "files: manifests: https://codeload.github.com/" in found.hook()
            attach(unit, **archive)
            until(lambda: _waits_for_pods(unit), found.hook)
        found.settle()
        with gateway(found):
            assert found.hook().startswith(f"active: https://{ADDRESS}")
            answer = results(unit.action("verify", login=False))
        assert {one["name"] for one in answer["checks"] if not one["ok"]} == {"claims"}
        found.api.close()
    finally:
        server.stop()
