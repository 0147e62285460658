"""The packed charm kubeflow-installer of 2019, with kfctl, on a real API server of 1.20.

It runs on Python 3.6, with Juju 2.6 and its relations. A stand-in that sends the same requests
takes kfctl's place (test_kfctl runs upstream's own programs where they are provided), and its
sources are small. The tests build on each other, in this order.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError, binaries
from helpers.kube.related import make_unit, pack, run
from helpers.kubeflow import small_release
from helpers.kubeflow.gateway_standins import HttpsServer, redirect
from helpers.kubeflow.kfctl_program import COMPONENTS, program
from helpers.kubeflow.lab import ADDRESS, Lab, LoadBalancer, attach, repeat_until, results
from kubeflow_installer.kfctl import kfdef

RELEASE = "1.0.2"
REMARK = f"; upstream documents Kubernetes 1.14 to 1.18 for Kubeflow {RELEASE}, not 1.20"
OPTIONS = {
    "version": RELEASE,
    "excluded-components": " ".join(set(kfdef.components(RELEASE)) - set(COMPONENTS)),
    # No image is pulled here, and no registry serves those of this release.
    "skipped-checks": "images",
}


@pytest.fixture(scope="module")
def charms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charm."""
    return pack("kubeflow-installer", tmp_path_factory.mktemp("charms"))


@pytest.fixture(scope="module")
def lab(charms: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start a server of 1.20 and a unit, with kfctl and its sources attached."""
    try:
        server = ApiServer(binaries(), tmp_path_factory.mktemp("kube"), manager=True).start()
    except UnavailableError as error:
        pytest.skip(str(error))
    unit = unit_of(charms, tmp_path_factory.mktemp("unit"), "kubeflow-installer/0")
    kubeflow_lab = Lab(server, unit)
    kubeflow_lab.relate(unit, "2019")
    yield kubeflow_lab
    kubeflow_lab.api.close()
    server.stop()


def unit_of(charms: Path, directory: Path, name: str) -> Unit:
    """Create a unit on a machine of 18.04, with its resources attached."""
    environment = {"KUBEFLOW_INSTALLER_ROOT": str(directory / "root")}
    unit = make_unit("2019", charms, "kubeflow-installer", name, directory, environment)
    unit.configure(OPTIONS)
    sources = small_release.pack(RELEASE, directory)
    kfctl = Path(program("standin", RELEASE, directory))
    attach(unit, kfctl=kfctl, manifests=Path(sources["manifests"]))
    return unit


@contextlib.contextmanager
def gateway(lab: Lab) -> Iterator[HttpsServer]:
    """Answer at the address as authservice does, with the charm's certificate."""
    certificate, key = lab.certificate("istio-ingressgateway-certs")
    with HttpsServer(certificate, key, host=ADDRESS, ports=(443,)) as server:
        server.answer = lambda request: redirect("/dex/auth?client_id=kubeflow-oidc-authservice")
        yield server


def test_all_failed_checks_are_reported_together(lab: Lab) -> None:
    """Also on a server of that age."""
    status = run(lab.unit, "install")
    assert status.startswith("blocked: 3 checks failed: storage-class, load-balancer, nodes")
    for problem in ("storage-class: there is no", "load-balancer: no", "nodes: "):
        assert problem in lab.unit.log(), lab.unit.log()
    assert lab.owned_versions() == {}
    lab.create_node()
    lab.create_storage_class()
    lab.before = lab.names()


def test_kfctl_runs_in_the_background(lab: Lab) -> None:
    """One hook starts it, later ones report its progress, and the last one applies its objects."""
    with LoadBalancer(lab.server):
        assert lab.hook() == f"waiting: Kubeflow {RELEASE}: kfctl is starting"
        statuses = set()

        def run_hook() -> None:
            time.sleep(0.5)
            statuses.add(lab.hook().partition(",")[0])

        status = repeat_until(lambda: " workloads ready; " in lab.unit.status(), run_hook, 60)
    assert status, lab.unit.status()
    assert f"waiting: Kubeflow {RELEASE}: kfctl: apply" in statuses
    assert lab.get("Service", "istio-ingressgateway", "istio-system")["spec"]["type"] == (
        "LoadBalancer"
    )


def test_dashboard_answers_at_an_address(lab: Lab) -> None:
    """The status has the remark about the undocumented server."""
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}{REMARK}"
    assert lab.endpoint_uids()  # they have the labels of the application's services
    listed = results(lab.unit.action("list-objects"))
    assert (listed["ok"], listed["extra"]) == (True, [])


def test_later_hook_writes_nothing(lab: Lab) -> None:
    """No object has another version, and kfctl does not run."""
    before = lab.owned_versions()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert lab.owned_versions() == before


def test_password_is_in_the_leader_settings(lab: Lab) -> None:
    """Juju 2.6 has neither secrets nor application data bags."""
    shown = lab.unit.action("get-credentials")["results"]
    stored = json.loads(lab.unit.get("leader-settings")["credentials"])
    assert stored["password"] == shown["password"]
    assert shown["password"] not in lab.unit.log()


def test_another_leader_continues_from_the_objects(lab: Lab, charms: Path, tmp_path: Path) -> None:
    """Kfctl does not run there, and nothing is written."""
    second = unit_of(charms, tmp_path, "kubeflow-installer/1")
    lab.relate(second, "2019")
    second.put("leader-settings", lab.unit.get("leader-settings"))
    before = lab.owned_versions()
    with gateway(lab):
        assert run(second, "install", "leader-elected").startswith("active: https://")
        checks = results(second.action("verify", login=False))["checks"]
    assert lab.owned_versions() == before
    assert not list((tmp_path / "root").rglob("objects.jsonl"))
    # Excluded components have namespaces of their own, which are not missing.
    assert [check["name"] for check in checks if not check["ok"]] == []
    listed = results(second.action("list-objects"))
    assert (listed["ok"], listed["extra"]) == (True, [])
    assert "Secret kubeflow/katib-mysql-secrets" in listed["correct"]

    lab.server.kubectl("-n", "kubeflow", "delete", "secret", "katib-mysql-secrets")
    listed = results(second.action("list-objects"))
    assert listed["missing"] == ["Secret kubeflow/katib-mysql-secrets"]
    with gateway(lab):
        assert run(second, "update-status").startswith("active: https://")
    assert lab.get("Secret", "katib-mysql-secrets", "kubeflow")["data"]


def test_deleted_object_is_restored(lab: Lab) -> None:
    """Without kfctl, which would not notice."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.hook()
    assert lab.get("Deployment", "centraldashboard", "kubeflow", "apps/v1")
    lab.report_pods_ready()


def test_new_password_reaches_dex(lab: Lab) -> None:
    """Its hash is in dex's settings, and dex restarts."""
    before = lab.get("ConfigMap", "dex", "auth")["data"]
    dex = lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"]
    assert "failed" not in lab.unit.action("rotate-credentials")
    assert lab.get("ConfigMap", "dex", "auth")["data"] != before
    assert lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"] != dex


def test_unsupported_moves_are_refused(lab: Lab) -> None:
    """Only an uninstall leads out of kfctl's releases; the later release checks the options."""
    with LoadBalancer(lab.server):
        refused = lab.unit.action("upgrade", version="1.2.0")
        assert "excluded-components: Kubeflow 1.2.0 has no " in refused["failed"]
        lab.unit.configure({**OPTIONS, "excluded-components": ""})
        planned = lab.unit.action("upgrade", version="1.2.0")
        lab.unit.configure(OPTIONS)
    assert "failed" not in planned
    assert "not known before it runs" in planned["results"]["note"]
    assert "does not fit Kubernetes 1.20" in lab.unit.action("upgrade", version="1.8.1")["failed"]


def test_kfctl_ends_when_its_unit_loses_the_leadership(lab: Lab) -> None:
    """A unit that does not lead removes the job; as the leader again, it starts another one."""
    options = {**OPTIONS, "excluded-components": OPTIONS["excluded-components"] + " argo"}
    lab.unit.configure(options)
    assert lab.hook() == f"waiting: Kubeflow {RELEASE}: kfctl is starting"
    lab.unit.put("leader", False)
    assert lab.hook() == "active: the leader unit manages Kubeflow"
    lab.unit.put("leader", True)
    assert lab.hook() == f"waiting: Kubeflow {RELEASE}: kfctl is starting"
    lab.unit.configure(OPTIONS)


def test_uninstall_leaves_the_cluster_as_before(lab: Lab) -> None:
    """By labels; kfctl's own delete is never called."""
    answer = repeat_until(lambda: _is_uninstalled(lab), lambda: None, 5)
    assert answer, lab.unit.status()
    assert lab.names() == lab.before


def test_objects_made_by_hand_are_adopted(lab: Lab) -> None:
    """Run by hand, kfctl leaves a certificate that no inventory has; older objects stay."""
    names = ("Namespace", "istio-system", ""), (
        "Secret", "istio-ingressgateway-certs", "istio-system",
    )  # fmt: skip
    for kind, name, namespace in names:
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        lab.api.create({"apiVersion": "v1", "kind": kind, "metadata": metadata})
    with LoadBalancer(lab.server):
        message = lab.unit.action("install")["failed"]
        assert "foreign-objects: " in message
        assert " exist and were not made by this application; " in message
        assert lab.owned_versions() == {}
        assert "failed" not in lab.unit.action("install", adopt=True)

        def run_hook() -> None:
            time.sleep(0.5)
            lab.hook()

        assert repeat_until(lambda: " workloads ready; " in lab.unit.status(), run_hook, 60)
    assert "Secret istio-system/istio-ingressgateway-certs" in lab.owned_versions()
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook() == f"active: https://{ADDRESS}{REMARK}"
        assert results(lab.unit.action("list-objects"))["ok"] is True

    assert repeat_until(lambda: _is_uninstalled(lab), lambda: None, 5), lab.unit.status()
    assert "Namespace istio-system" in lab.names()
    assert lab.owned_versions() == {}


def _is_uninstalled(lab: Lab) -> bool:
    return bool(results(lab.unit.action("uninstall", timeout=100)).get("ok"))
